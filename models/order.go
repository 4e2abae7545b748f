package models

import (
	"slices"
	"strings"
	"time"
)

// OrderState is the state of an order to a utility.
type OrderState string

// The states in their order. Closed is reached from every other one when the
// license has its right again, when the window of a restriction is over, and from
// verified.
const (
	OrderIssued       OrderState = "issued"
	OrderDelivered    OrderState = "delivered"
	OrderAcknowledged OrderState = "acknowledged"
	OrderExecuted     OrderState = "executed"
	OrderVerified     OrderState = "verified"
	OrderClosed       OrderState = "closed"
)

// OrderKind is what an order is for.
type OrderKind string

// The kinds. A reconnection authorises and does not order: the point is switched on
// by a permit of the gate that is confirmed.
const (
	OrderDisconnect OrderKind = "disconnection"
	OrderLimit      OrderKind = "limitation"
	OrderReconnect  OrderKind = "reconnection"
)

// The grounds of orders that are no entries about a license.
const (
	GroundHostFell     = "license.host_suspended"
	GroundDropped      = "license.points_dropped"
	GroundHold         = "standing.legal_hold"
	GroundCurtailment  = "standing.curtailment"
	GroundReconnection = "order.reconnection"
)

// ObjectionCode says why a utility objects.
type ObjectionCode string

// ObjectionCodes are the reasons of an objection.
const (
	ObjectionSafety   ObjectionCode = "safety"        // switching off endangers people or equipment
	ObjectionCritical ObjectionCode = "critical_load" // what hangs on the point may not be without supply
	ObjectionMixed    ObjectionCode = "mixed_supply"  // others are fed through the same point
	ObjectionAccess   ObjectionCode = "access_denied" // the crew was not let in
	ObjectionPoint    ObjectionCode = "wrong_point"   // the order names the wrong point, or it is off already
	ObjectionOther    ObjectionCode = "other"
)

// ObjectionCodes lists the reasons.
func ObjectionCodes() []ObjectionCode {
	return []ObjectionCode{ObjectionSafety, ObjectionCritical, ObjectionMixed, ObjectionAccess, ObjectionPoint, ObjectionOther}
}

// Objection is why a utility does not do what an order says, and what became of it.
// Zero At: there was none.
type Objection struct {
	At        time.Time
	By        string // actor id
	Code      ObjectionCode
	Text      string
	Decision  string // accepted or refused, "" while it waits
	DecidedAt time.Time
	DecidedBy string // actor id, never By
	Reply     string
}

// The decisions on an objection.
const (
	ObjectionAccepted = "accepted"
	ObjectionRefused  = "refused"
)

// Waits tells whether the objection has to be decided.
func (o Objection) Waits() bool { return !o.At.IsZero() && o.Decision == "" }

// Execution is what a utility reports about a switching.
type Execution struct {
	At      time.Time // of the switching
	By      string    // person at the utility
	Crew    string
	Reading WattHours // of the revenue meter; -1 when nobody read it
	Photo   string    // SHA-256 of a photograph in hexadecimal, "" for none
}

// DisconnectionOrder tells a utility to take a load off the grid or to limit it, with
// a ground and a deadline, or authorises it to connect the load again. Only the meter
// makes it verified, or a named person where no meter can.
type DisconnectionOrder struct {
	ID             string
	Number         string // DO-000123; LO- of a limitation, RA- of a reconnection
	Kind           OrderKind
	Utility        string
	Point          string // connection point id
	PointCode      string
	License        string // number, "" when the ground is no license
	LicenseVersion int64
	Ground         string // kind of the ledger entry it is based on: license.suspended, …
	Source         string // what it was made from, once for a point and kind
	Limit          Watts  // of a limitation: what may still be drawn
	WindowFrom     time.Time
	WindowUntil    time.Time // half-open; zero while open, or without a window
	LegalRef       string    // where the deadline stands
	Grade          string    // S: read at its source; R: to be confirmed
	State          OrderState
	Issued         time.Time
	Deadline       time.Time
	Delivered      time.Time // when the utility first read it
	DeliveredBy    string    // read, feed or webhook
	Acknowledged   time.Time
	AcknowledgedBy string
	Scheduled      time.Time // when the utility means to switch, zero when it did not say
	Executed       time.Time
	ExecutedBy     string
	Crew           string
	Reading        WattHours // -1 when nobody read the meter
	Photo          string
	Verified       time.Time
	VerifiedBy     string // user id, "" when the meters did
	VerifiedNote   string
	Closed         time.Time
	Objection      Objection
	Escalations    int64 // how often it was raised as overdue
	Escalated      time.Time
	Contradicted   time.Time // since when the meters contradict the execution, zero while they do not
	ContradictedBy Watts     // what they read then
	Note           string
	Version        int64
}

// Waits tells whether the order waits for the utility to do what it says.
func (o DisconnectionOrder) Waits() bool {
	return slices.Contains([]OrderState{OrderIssued, OrderDelivered, OrderAcknowledged}, o.State)
}

// Overdue tells whether the deadline passed before the order was executed. Nobody has
// to be connected again, so a reconnection is never overdue.
func (o DisconnectionOrder) Overdue(at time.Time) bool {
	return o.Kind != OrderReconnect && o.Waits() && !at.Before(o.Deadline)
}

// EscalationsDue is how often an order has to have been raised by an instant: once at
// its deadline and again on each working day after the day of the deadline.
func (o DisconnectionOrder) EscalationsDue(cal Calendar, at time.Time) int64 {
	if !o.Overdue(at) {
		return 0
	}
	return 1 + int64(cal.WorkingDaysBetween(LegalDate(o.Deadline), LegalDate(at)))
}

// Escalate records that an overdue order was raised.
func (o DisconnectionOrder) Escalate(times int64, at time.Time) DisconnectionOrder {
	o.Escalations, o.Escalated = times, at
	return o
}

// Contradict records that the meters draw after the execution was reported. It stands
// until a new execution is reported.
func (o DisconnectionOrder) Contradict(power Watts, at time.Time) DisconnectionOrder {
	o.Contradicted, o.ContradictedBy = at, power
	return o
}

// Deliver is what the first sight by the utility does, by the way it came; later ones
// change nothing.
func (o DisconnectionOrder) Deliver(by string, at time.Time) DisconnectionOrder {
	if o.State == OrderIssued {
		o.State, o.Delivered, o.DeliveredBy = OrderDelivered, at, by
	}
	return o
}

// Acknowledge records that a person at the utility has taken the order, and when it
// means to switch, zero when it does not say.
func (o DisconnectionOrder) Acknowledge(person string, scheduled, at time.Time) (DisconnectionOrder, error) {
	if person == "" {
		return DisconnectionOrder{}, missingPerson()
	}
	o = o.Deliver("read", at)
	if o.State != OrderDelivered {
		return DisconnectionOrder{}, o.refuse("acknowledged")
	}
	if !scheduled.IsZero() && scheduled.Before(at) {
		var v Invalid
		v.Add("/scheduled_at", "range", "The planned switching lies ahead.")
		return DisconnectionOrder{}, v.Err()
	}
	o.State, o.Acknowledged, o.AcknowledgedBy, o.Scheduled = OrderAcknowledged, at, person, scheduled
	return o, nil
}

// Execute records that a person at the utility has switched the load off, or limited
// it, at an instant that is neither before the order nor after now. An execution that
// the meters contradict is reported anew.
func (o DisconnectionOrder) Execute(e Execution, now time.Time) (DisconnectionOrder, error) {
	var v Invalid
	if e.By == "" {
		return DisconnectionOrder{}, missingPerson()
	}
	again := !o.Contradicted.IsZero() && (o.State == OrderExecuted || o.State == OrderVerified)
	switch {
	case o.Kind == OrderReconnect:
		return DisconnectionOrder{}, Errorf(CodeConflict, "A reconnection is executed by the confirmation of a gate permit for %s: ask the gate, switch on, confirm.", o.PointCode)
	case o.State != OrderAcknowledged && !again:
		return DisconnectionOrder{}, o.refuse("executed")
	}
	earliest := o.Issued
	if again {
		earliest = o.Contradicted
	}
	if e.At.Before(earliest) || e.At.After(now) {
		v.Add("/at", "range", "The instant of switching lies between the order and now; after a contradiction, after it.")
	}
	if len(e.Crew) > 200 {
		v.Add("/crew", "length", "The crew is named in at most 200 characters.")
	}
	if e.Photo != "" && !isDigest(e.Photo) {
		v.Add("/photo_sha256", "format", "Give the SHA-256 of the photograph: 64 hexadecimal digits.")
	}
	if err := v.Err(); err != nil {
		return DisconnectionOrder{}, err
	}
	o.State, o.Executed, o.ExecutedBy, o.Crew, o.Reading, o.Photo = OrderExecuted, e.At, e.By, e.Crew, e.Reading, strings.ToLower(e.Photo)
	o.Contradicted, o.ContradictedBy, o.Verified, o.VerifiedBy, o.VerifiedNote = time.Time{}, 0, time.Time{}, "", ""
	return o, nil
}

// ExecuteWith records that an order was carried out by the execution of another one
// at the same point.
func (o DisconnectionOrder) ExecuteWith(other DisconnectionOrder, now time.Time) DisconnectionOrder {
	o = o.Deliver("read", now)
	if o.Acknowledged.IsZero() {
		o.Acknowledged, o.AcknowledgedBy = now, other.ExecutedBy
	}
	o.State, o.Executed, o.ExecutedBy, o.Crew, o.Reading, o.Photo = OrderExecuted, other.Executed, other.ExecutedBy, other.Crew, other.Reading, other.Photo
	o.Note = other.Number
	return o
}

func isDigest(text string) bool {
	return len(text) == 64 && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// Reconnected records that the point of a reconnection was energised on a permit.
func (o DisconnectionOrder) Reconnected(by string, energised, at time.Time) (DisconnectionOrder, error) {
	if o.Kind != OrderReconnect || !o.Waits() {
		return DisconnectionOrder{}, o.refuse("reconnected")
	}
	o = o.Deliver("read", at)
	o.State, o.Executed, o.ExecutedBy = OrderExecuted, energised, by
	return o, nil
}

// Object records an objection; the order goes on until somebody decides it.
func (o DisconnectionOrder) Object(by string, code ObjectionCode, text string, at time.Time) (DisconnectionOrder, error) {
	var v Invalid
	if text == "" {
		v.Add("/note", "required", "Say what the objection is.")
	}
	if !slices.Contains(ObjectionCodes(), code) {
		v.Add("/code", "unknown", "The reason is one of %v.", ObjectionCodes())
	}
	if err := v.Err(); err != nil {
		return DisconnectionOrder{}, err
	}
	if o.State == OrderVerified || o.State == OrderClosed {
		return DisconnectionOrder{}, o.refuse("objected to")
	}
	o.Objection = Objection{At: at, By: by, Code: code, Text: text}
	return o, nil
}

// ObjectionDecision is what a second person says about an objection. A deadline with
// an acceptance gives the order a new one; without, the order is closed.
type ObjectionDecision struct {
	Decision string // accepted or refused
	Reply    string
	Deadline time.Time
}

// DecideObjection accepts or refuses the objection that waits.
func (o DisconnectionOrder) DecideObjection(d ObjectionDecision, by string, at time.Time) (DisconnectionOrder, error) {
	if !o.Objection.Waits() || o.State == OrderClosed {
		return DisconnectionOrder{}, Errorf(CodeConflict, "No objection to order %s waits for a decision.", o.Number)
	}
	if err := fourEyes(o.Objection.By, by); err != nil {
		return DisconnectionOrder{}, err
	}
	var v Invalid
	if d.Decision != ObjectionAccepted && d.Decision != ObjectionRefused {
		v.Add("/decision", "choice", "An objection is accepted or refused.")
	}
	if d.Reply == "" {
		v.Add("/reply", "required", "Say why; the utility reads it.")
	}
	switch {
	case d.Deadline.IsZero():
	case d.Decision == ObjectionRefused:
		v.Add("/deadline", "range", "The deadline stays when an objection is refused.")
	case !d.Deadline.After(at):
		v.Add("/deadline", "range", "The new deadline lies ahead.")
	case !o.Waits():
		v.Add("/deadline", "range", "The order is %s and has no deadline any more.", o.State)
	}
	if err := v.Err(); err != nil {
		return DisconnectionOrder{}, err
	}
	o.Objection.Decision, o.Objection.DecidedAt, o.Objection.DecidedBy, o.Objection.Reply = d.Decision, at, by, d.Reply
	switch {
	case d.Decision == ObjectionRefused:
		return o, nil
	case !d.Deadline.IsZero():
		o.Deadline, o.Escalations, o.Escalated = d.Deadline, 0, time.Time{}
		return o, nil
	}
	return o.Close("order.objection_accepted", at)
}

// Verify is what the meters do when they read for long enough what the order is for.
func (o DisconnectionOrder) Verify(at time.Time) (DisconnectionOrder, error) {
	if o.State != OrderExecuted {
		return DisconnectionOrder{}, o.refuse("verified")
	}
	o.State, o.Verified = OrderVerified, at
	return o, nil
}

// VerifyByHand is what a named person does, with a reason, where the meters cannot
// tell. What they do tell nobody can overrule.
func (o DisconnectionOrder) VerifyByHand(by, reason string, seen OrderEvidence, at time.Time) (DisconnectionOrder, error) {
	if reason == "" {
		var v Invalid
		v.Add("/reason", "required", "Say what you saw and where.")
		return DisconnectionOrder{}, v.Err()
	}
	if o.State != OrderExecuted {
		return DisconnectionOrder{}, o.refuse("verified")
	}
	if !seen.Verdict.NeedsPerson() {
		return DisconnectionOrder{}, Errorf(CodeConflict, "The meters of %s can tell and say %q. A person verifies only where no good data come.", o.PointCode, seen.Verdict)
	}
	o.State, o.Verified, o.VerifiedBy, o.VerifiedNote = OrderVerified, at, by, reason
	return o, nil
}

// Close ends an order, whatever its state.
func (o DisconnectionOrder) Close(note string, at time.Time) (DisconnectionOrder, error) {
	if o.State == OrderClosed {
		return DisconnectionOrder{}, o.refuse("closed")
	}
	o.State, o.Closed, o.Note = OrderClosed, at, note
	return o, nil
}

// CloseVerified is the end that the registry gives an order that is verified, unless
// the meters contradict it.
func (o DisconnectionOrder) CloseVerified(at time.Time) (DisconnectionOrder, error) {
	if o.State != OrderVerified || !o.Contradicted.IsZero() {
		return DisconnectionOrder{}, Errorf(CodeConflict, "Order %s is closed when it is verified and nothing contradicts it.", o.Number)
	}
	return o.Close("order.verified", at)
}

func (o DisconnectionOrder) refuse(verb string) *Error {
	return Errorf(CodeConflict, "Order %s is %s and cannot be %s now.", o.Number, o.State, verb)
}

func missingPerson() error {
	var v Invalid
	v.Add("/person", "required", "Name the person at the utility who does this.")
	return v.Err()
}
