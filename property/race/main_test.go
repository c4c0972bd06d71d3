package race_test

import (
	"os"
	"testing"

	"shmrace/property/workload"
	"shmrace/shmlab"
)

func TestMain(m *testing.M) {
	shmlab.Serve(workload.Catalog...)
	os.Exit(m.Run())
}
