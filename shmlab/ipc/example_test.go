package ipc_test

import (
	"context"
	"fmt"

	"shmrace/shmlab/ipc"
)

// The first demonstration: an open file is shared, with its position.
func ExampleDemonstration_Run() {
	d, err := ipc.Find("file")
	if err != nil {
		fmt.Println(err)
		return
	}
	r := d.Run(context.Background(), ipc.Watcher{})
	fmt.Println(d.Claim)
	fmt.Println(r.Facts)
	fmt.Println(d.Check(r))
	// Output:
	// Memory is not shared, but an open file is: and so is its position.
	// [{written 5} {n 0} {size 5} {offset 5}]
	// <nil>
}
