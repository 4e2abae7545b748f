// Package enforcement owns cases: what raised a matter, whom it is about, who leads
// it, what was done and how it ended. Words about people stay in its tables; the
// ledger holds ids, codes and salted digests, and detection learns from the entries
// case.dismissed and case.closed.
//
// It imports models and services/store only.
package enforcement
