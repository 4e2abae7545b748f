package client

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what kind of fault an Error is.
type Kind string

// The faults. Each of them means: do not energise.
const (
	KindConfig      Kind = "config"      // what the caller gave cannot be used; nothing was sent
	KindTransport   Kind = "transport"   // no connection, or it broke before the whole answer was here
	KindTLS         Kind = "tls"         // the other side is not proven to be the registry
	KindTimeout     Kind = "timeout"     // no answer in time
	KindCanceled    Kind = "canceled"    // the caller gave up
	KindRefused     Kind = "refused"     // the registry refused the request: 3xx or 4xx
	KindUnavailable Kind = "unavailable" // the registry cannot answer now: 429 or 5xx
	KindMalformed   Kind = "malformed"   // the answer is not of the form of an answer
	KindSignature   Kind = "signature"   // the permit is not what a pinned key signed
	KindMismatch    Kind = "mismatch"    // the answer is for another request, or contradicts its permit
	KindExpired     Kind = "expired"     // the permit's time is over
	KindClock       Kind = "clock"       // the registry's clock and this one are too far apart
	KindReplayed    Kind = "replayed"    // the answer is older than one seen before
	KindMemory      Kind = "memory"      // what was seen before cannot be read or kept
)

// Error says why there is no answer.
type Error struct {
	Kind       Kind
	Status     int           // HTTP status, 0 when there was none
	Code       string        // the registry's word for a refusal, where it gave one
	Detail     string        // what happened and what to do
	RequestID  string        // to give to the registry's operator
	RetryAfter time.Duration // how long the registry asks to wait, 0 for not said
	Err        error         // the cause, where there is one
}

// Error gives the text.
func (e *Error) Error() string {
	text := "no answer of the gate (" + string(e.Kind) + "): " + e.Detail
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of an error of this package, "" for another.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func fault(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Detail: err.Error(), Err: errors.Unwrap(err)}
}
