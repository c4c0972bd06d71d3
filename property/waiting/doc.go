// Package waiting says of a trace who waits for what, and whether that is as it
// should be: deadlock, a wake-up that was lost, busy waiting, being overtaken
// again and again, and locks taken in an order that can deadlock though it did
// not in this run. All of it is counted in events; no time is in a trace.
package waiting
