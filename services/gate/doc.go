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
package gate
