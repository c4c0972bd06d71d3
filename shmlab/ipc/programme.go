package ipc

// demonstrations is the programme of the lecture, in its order.
var demonstrations = []Demonstration{
	separateMemory,
	sharedFile,
	seekFile,
	fileChannel,
	anonymousPipe,
	twoPipes,
	pipeAtomicity,
	fifo,
	queueOutlives,
	queueBlocking,
	queueBinary,
	signalTable,
	signalInWrite,
	signalsNoQueue,
	sharedMemory,
	howMuchMemory,
	severalWriters,
	whichValue,
	mappedFile,
	sockets,
	passDescriptor,
	deathOfPartner,
	finalTable,
}
