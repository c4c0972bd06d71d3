// Package race finds data races in a trace: two accesses to one ordinary
// variable by different actors, at least one of them a write, that nothing
// orders. Whether they did any harm in this run does not matter.
//
// The detector is FastTrack (Flanagan and Freund, "FastTrack: efficient and
// precise dynamic race detection", PLDI 2009). It reports nothing that is
// ordered in this trace, and of each variable the first access that is not.
package race
