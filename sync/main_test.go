package shmsync_test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if spec, ok := os.LookupEnv(childEnv); ok {
		childMain(spec)
	}
	os.Exit(m.Run())
}
