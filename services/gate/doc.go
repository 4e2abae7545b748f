// Package gate answers the one question that utilities live with: may this
// connection be energised. It owns the grid, what is permitted, held and energised
// on it, the answers, and the orders to switch off.
//
// It hides where facts come from, how load is summed under locks, how a permit is
// written and signed. It promises: an answer is recorded, with its facts, its
// reservation and its ledger entry, before it is given; the same key and request
// give the same answer for ever; energised and held power never exceed a limit
// that was in force, whoever asks at the same time; a permit is checkable with
// public keys alone; a fault gives an error and never a permit; a deny switches
// nothing off.
//
// The record of an answer is its batch: all that one commit decided, with one
// signature. Its rows, which lists and reservations are read from, follow: in the
// commit itself for few, else after a quiet moment or when many wait, and always
// before anything else changes the load. Who records a batch remembers enough of it to
// write the rows; any other process reads the batch. Until then an answer is found by
// its key in memory, on other replicas by following the batches, and a commit fails
// when somebody else's came between. What a batch is written in is the leader's and is
// written over by the next: nothing that outlives a commit may point into it.
package gate
