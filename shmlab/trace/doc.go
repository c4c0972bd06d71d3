// Package trace is what happened in a run, and what to do in one, as text.
//
// A [Schedule] is one line that tells a scheduler who goes next; a [Trace] is
// the schedule that was taken and one line for each [Event] that came of it.
// Both are legible, versioned and complete: whoever has the text needs nothing
// else. Every view and every checker is computed from a Trace and from nothing
// else. The package imports nothing of this module.
package trace
