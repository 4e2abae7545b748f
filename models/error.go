package models

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the closed set of reasons for which Rigistry refuses a request. The
// HTTP layer maps each to one status and one problem type; anything that is not
// an *Error is a fault of ours and is reported without text.
type Code string

// The codes, with the HTTP status they become.
const (
	CodeInvalid         Code = "invalid"           // 422: the request is well formed and wrong
	CodeUnauthenticated Code = "unauthenticated"   // 401: nobody is signed in
	CodeForbidden       Code = "forbidden"         // 403: somebody is, and may not
	CodeNotFound        Code = "not_found"         // 404: no such thing, or none the caller may see
	CodeConflict        Code = "conflict"          // 409: the thing is not in a state that allows this
	CodeVersionConflict Code = "version_conflict"  // 412: somebody changed it in between
	CodeIdempotency     Code = "idempotency_reuse" // 409: the key was used with another body
	CodeFourEyes        Code = "four_eyes"         // 409: the same person may not do both
	CodeTooLarge        Code = "too_large"         // 413
	CodeTooMany         Code = "too_many_requests" // 429
	CodeUnavailable     Code = "unavailable"       // 503: a part we need is not there; try again
	CodeStepUp          Code = "step_up_required"  // 403: sign in again on the spot, then repeat

	// Of the field and its evidence.
	CodeDeviceLocked  Code = "device_locked"        // 423: the device was locked by the office
	CodeEventsMissing Code = "events_missing"       // 409: fields name the events and files that have not come in
	CodeLegalMissing  Code = "legal_fields_missing" // 409: fields name what the law demands of an inspection
	CodeStorageFull   Code = "storage_full"         // 507: there is no room for the file; nothing was kept of it

	// The error words of OAuth 2.0 (RFC 6749 section 5.2) at the token endpoint.
	CodeInvalidClient        Code = "invalid_client"         // 401
	CodeInvalidRequest       Code = "invalid_request"        // 400
	CodeUnsupportedGrantType Code = "unsupported_grant_type" // 400
)

// FieldError names one field of a request by JSON Pointer (RFC 6901) and says
// what to do about it.
type FieldError struct {
	Pointer string // "/equipment/3/serial"; "" is the whole body
	Code    string // a stable word: required, checksum, range, unknown, …
	Detail  string // a sentence in English; screens translate by Code
}

// Error is a refusal: a code, a sentence that says what happened and what to do,
// and the fields concerned.
type Error struct {
	Code   Code
	Detail string
	Fields []FieldError
	// RetryAfter is how long to wait before trying again (header Retry-After), 0
	// where waiting does not help.
	RetryAfter time.Duration
}

// Error gives the sentence and, where there are fields, their details.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Detail
	}
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		parts = append(parts, f.Pointer+": "+f.Detail)
	}
	return e.Detail + " (" + strings.Join(parts, "; ") + ")"
}

// Errorf makes an *Error with a formatted sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// NotFound says that no noun with that name exists for the caller. It is the
// same answer for what does not exist and for what the caller may not see.
func NotFound(noun, name string) *Error {
	return Errorf(CodeNotFound, "There is no %s %q that you can see. Check the identifier, or ask its owner.", noun, name)
}

// Invalid collects field errors while a request is checked.
type Invalid struct{ fields []FieldError }

// Add records one field error.
func (v *Invalid) Add(pointer, code, format string, args ...any) {
	v.fields = append(v.fields, FieldError{Pointer: pointer, Code: code, Detail: fmt.Sprintf(format, args...)})
}

// Err is nil when nothing was added, else an *Error with CodeInvalid and every field.
func (v *Invalid) Err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, Detail: "Some fields need a correction. Nothing was saved.", Fields: v.fields}
}

// CodeOf gives the code of an *Error anywhere in the chain of err, or "".
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
