//go:build !race

package shmsync

// raced is whether the race detector is there and every way through a lock must
// pass its shadow.
const raced = false

// shadowAcquire and shadowRelease tell the race detector what order a lock makes,
// when there is one; see shadow_race_unsafe.go.
func shadowAcquire[L any](*L) {}
func shadowRelease[L any](*L) {}
