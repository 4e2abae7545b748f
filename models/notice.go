package models

import (
	"fmt"
	"time"
)

// NoticeKind says what a party is told. The portal has a text for each.
type NoticeKind string

// The kinds of notice.
const (
	NoticeObligationReminder NoticeKind = "obligation_reminder"
	NoticeObligationOverdue  NoticeKind = "obligation_overdue"
	NoticeObligationReturned NoticeKind = "obligation_returned"
	NoticeObligationAccepted NoticeKind = "obligation_accepted"
	NoticeObligationWaived   NoticeKind = "obligation_waived"
	NoticeLicenseExpires     NoticeKind = "license_expires"
	NoticeCorrection         NoticeKind = "correction_requested"
	NoticeReturned           NoticeKind = "application_returned"
	NoticeGranted            NoticeKind = "decision_granted"
	NoticeRefused            NoticeKind = "decision_refused"
	NoticeSuspended          NoticeKind = "license_suspended"
	NoticeLifted             NoticeKind = "license_lifted"
	NoticeRevoked            NoticeKind = "license_revoked"
	NoticeTerminated         NoticeKind = "license_terminated"
	NoticeExpired            NoticeKind = "license_expired"
)

// Notice is one thing that a party is told, as a letter would: once for its kind,
// subject and occasion.
type Notice struct {
	ID       string
	Party    string // id
	Kind     NoticeKind
	Subject  Ref
	Occasion string // tells one from another of the same kind and subject
	License  string // number, "" when none is concerned
	Due      string // legal date by which something has to be done, ""
	Data     NoticeData
	At       time.Time
	ReadAt   time.Time // zero while nobody of the party has read it
	ReadBy   string    // user id
}

// NoticeData is what the text of a notice needs beside its subject.
type NoticeData struct {
	Number     string // of an application
	Obligation string // code of the kind of obligation
	Period     string // of the obligation
	Days       int    // until the due date, of a reminder
	Note       string // words of an officer
}

// Reminders are the days before a due date on which the holder is reminded.
func Reminders() []int { return []int{90, 30, 7} }

// ReminderDue tells whether the reminder of so many days before a due date is to be
// sent on a legal date, about a thing that is there since a legal date: from its own
// day on until the due date, so that nothing is lost when the program was not
// running, and not at all when its day was before the thing.
func ReminderDue(days int, due, since, today string) bool {
	day := AddDays(due, -days)
	return since <= day && day <= today && today <= due
}

// LastDay is the last legal date of a term that ends at an instant, not included.
func LastDay(until time.Time) string { return LegalDate(until.Add(-time.Microsecond)) }

// TermRef names the term of a license for its reminders.
func TermRef(number string, until time.Time) Ref {
	return Ref{Kind: "license_term", ID: fmt.Sprintf("%s/%d", number, until.UnixMicro())}
}
