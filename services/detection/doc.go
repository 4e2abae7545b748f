// Package detection turns readings into findings: a load that no license covers,
// a license that is overdrawn, a draw that goes on while suspended, more than the rigs
// of a site can draw, PDUs that do not agree with the meter before them, power that
// leaves a feeder and reaches no meter, and a meter that hides a part of it.
//
// It promises: there is one set of rules for recorded and for live readings, package
// stream, which goes through the quarter hours of a substation in order and looks at
// nothing after them; documented limits are pure functions of a window of quarter
// hours and of the licenses as they were in each. All compare with one dated table of
// parameters. One process at a time works on a substation. Its position, its
// checkpoint of each day and its findings are saved in one transaction; readings that
// come late or are corrected are played again from the checkpoint before them, so
// that the findings are the same in the end whatever order, repetition or restart the
// readings came with, back to four weeks. There is one finding for a rule and a node,
// updated and never doubled, and closed when corrected readings do not bear it.
// Suspicion from the shape of a load or from a balance is raised only while the
// readings come live; a documented limit that was passed is raised from history too.
// An allowance by two people and the outcomes of cases lower the tier of a suspicion,
// with the reason; they silence no balance and no documented limit.
package detection
