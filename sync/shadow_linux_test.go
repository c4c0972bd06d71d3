package shmsync_test

import (
	"runtime"
	"testing"

	"shmrace/shmlab"
)

// What a goroutine writes to the heap under a lock in shared memory is no race:
// under the race detector this test fails if a lock does not tell it so.
func TestNoRaceOnTheHeap(t *testing.T) {
	st := newStage(t)
	st.sem.Init(1)
	locks := map[string][2]func(p *shmlab.Proc){
		"Mutex":       {st.mutex.Lock, st.mutex.Unlock},
		"RobustMutex": {func(p *shmlab.Proc) { st.robust.Lock(p) }, st.robust.Unlock},
		"RWMutex":     {func(p *shmlab.Proc) { st.rw.Lock(p) }, st.rw.Unlock},
		"permits":     {st.sem.Acquire, st.sem.Release},
		"signals":     {st.sem.Wait, st.sem.Post},
		"SpinLock":    {st.spin.Lock, st.spin.Unlock},
		"TicketLock":  {st.ticket.Lock, st.ticket.Unlock},
		"MCSLock":     {st.mcs.Lock, st.mcs.Unlock},
		"Peterson":    {st.peterson.Lock, st.peterson.Unlock},
		"Dekker":      {st.dekker.Lock, st.dekker.Unlock},
		"Bakery":      {st.bakery.Lock, st.bakery.Unlock},
		"MPMC":        {func(p *shmlab.Proc) { st.queue.Pop(p) }, func(p *shmlab.Proc) { st.queue.Push(p, 1) }},
	}
	st.queue.Push(st.p, 1)
	for name, lock := range locks {
		t.Run(name, func(t *testing.T) {
			const n = 200
			heap := new(int)
			inParallel(func(p *shmlab.Proc) {
				for range n {
					lock[0](p)
					*heap++
					lock[1](p)
				}
			})
			if *heap != 2*n {
				t.Errorf("the count is %d, expected %d", *heap, 2*n)
			}
		})
	}
}

// inParallel runs f by two actors of this process.
func inParallel(f func(p *shmlab.Proc)) {
	done := make(chan bool)
	for i := range 2 {
		go func() {
			runtime.LockOSThread() // not given back: the thread ends with the goroutine
			f(shmlab.NewProc(i))
			done <- true
		}()
	}
	<-done
	<-done
}

// As TestNoRaceOnTheHeap, for what lets others go on.
func TestNoRaceAfterwards(t *testing.T) {
	st := newStage(t)
	st.barrier.Init(2)
	st.group.Init(1)
	var came [2]int
	var done, begun, pushed int
	inParallel(func(p *shmlab.Proc) {
		came[p.Index()] = 1
		if _, err := st.barrier.Wait(p); err != nil || came[1-p.Index()] != 1 {
			t.Errorf("past the barrier: %v, the other has written %d", err, came[1-p.Index()])
		}
		st.once.Do(p, func() { begun = 1 })
		if begun != 1 {
			t.Error("Do returned before it was done")
		}
		if p.Index() == 0 {
			done, pushed = 1, 1
			st.group.Done(p)
			st.spsc.Push(p, 1)
			return
		}
		if err := st.group.Wait(p); err != nil || done != 1 {
			t.Errorf("Wait: %v, done is %d", err, done)
		}
		if st.spsc.Pop(p); pushed != 1 {
			t.Error("popped before it was pushed")
		}
	})
}
