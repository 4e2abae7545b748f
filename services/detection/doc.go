// Package detection turns readings into findings: a load that no license covers,
// a license that is overdrawn, a draw that goes on while suspended, and power
// that leaves a feeder and reaches no meter.
//
// It promises: rules are pure functions of a window of 15-minute intervals, of
// licenses as they were in each of them, and of one dated table of parameters;
// nothing after the window is looked at. There is one finding for a rule and a
// node, updated and never doubled, whatever order, repetition or restart the
// readings come with. Suspicion from the shape of a load is raised only while the
// readings come live; a documented limit that was passed is raised from history
// too. Each finding names its readings, its coefficients, the innocent
// explanations that were tested and what would refute it.
package detection
