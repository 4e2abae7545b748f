// Package client asks a Rigistry gate whether a connection may be energised, from a
// program of a utility. It fails closed: whatever goes wrong on the way (no network,
// no answer in time, an answer that is damaged, for another request, signed by nobody
// known, out of its time or older than one seen before) ends in an *Error and an
// Answer whose Outcome is NoAnswer. The zero Answer permits nothing, and an Answer
// that a program made up itself permits nothing either: only Answer.Permits says yes,
// and only for an answer whose signed permit this package checked itself with keys
// that were pinned.
//
// No answer means: do not energise. It never means: disconnect what is live.
//
// A retry sends the same Idempotency-Key, so that the gate holds power once however
// often it is asked. The package uses the standard library alone and starts no
// goroutine that outlives a call.
package client
