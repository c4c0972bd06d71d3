// Package property says what must hold, searches for a schedule in which it does
// not, and tells what happened there.
//
// [Explore] runs a lab under a strategy until a schedule fails or the search is
// over; [Check] does so in a test. A failure is shrunk to fewer actors, fewer
// operations, fewer steps and fewer preemptions, and explained: the two accesses
// whose order decides, and the line that replays it.
package property
