package race_test

import (
	"os"
	"slices"
	"testing"

	"shmrace/property/workload"
	"shmrace/shmlab"
)

func TestMain(m *testing.M) {
	shmlab.Serve(append(slices.Clone(workload.Catalog), onTheHeap)...)
	os.Exit(m.Run())
}
