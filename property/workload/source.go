package workload

import "embed"

// source is what the labs' lines are shown from, wherever the binary runs.
//
//go:embed *.go
var source embed.FS
