//go:build !race

package race_test

const underRace = false
