// Package trace is what happened in a run, and what to do in one, as text.
//
// A [Schedule] is one line that tells a scheduler who goes next; a [Trace] is
// the schedule that was taken and one line for each [Event] that came of it.
// Both are legible, versioned and complete: whoever has the text needs nothing
// else. Every view and every checker is computed from a Trace and from nothing
// else. The package imports nothing of this module.
//
//	schedule = "shmrace/1" lab [ "#" hash ] { setting } ":" { decision }
//	setting  = "actors=" number | "ops=" number
//	         | "start=" ( "barrier" | "staggered" ) | "inside-locks=" ( "yes" | "no" )
//	decision = actor [ number ] | fault "(" actor ")"
//
//	trace    = schedule { kind { field } } [ "Verdict" { field } ]
//	field    = key "=" ( plain | quoted )
//
// A trace has one of these a line; empty lines and lines that begin with "#"
// are skipped. What is printed is canonical: equal values have equal texts, and
// a text that was read and printed is read as the same.
package trace
