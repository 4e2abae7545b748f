package models

import (
	"fmt"
	"strings"
	"time"
)

// Codes of the kinds of obligation that the program makes by itself.
const (
	ObligationReport       = "QUARTERLY_REPORT"
	ObligationMiningFee    = "DIGITAL_MINING_FEE"
	ObligationLicenseFee   = "LICENSE_FEE"
	ObligationVerification = "METER_VERIFICATION"
	ObligationStopNotice   = "STOPPING_NOTICE"
)

// ValueVerificationYears is the legal value that bounds a certificate of verification.
const ValueVerificationYears = "meter_verification_years"

// GroundWaive is the act of letting an obligation go.
const GroundWaive GroundKind = "waive"

// ObligationPeriod says what an obligation repeats with.
type ObligationPeriod string

// The periods.
const (
	PeriodQuarter      ObligationPeriod = "quarter"      // each quarter of the year
	PeriodIssue        ObligationPeriod = "issue"        // once, with the license
	PeriodVerification ObligationPeriod = "verification" // each term of a meter's verification
	PeriodEnd          ObligationPeriod = "end"          // once, when the license ends
)

// What happens when a due date is a day off.
const (
	DayOffNext = "next_working_day"
	DayOffSame = "same_day"
)

// ObligationRule is a kind of obligation between two legal dates: dated data with
// its legal source.
type ObligationRule struct {
	Code           string
	Period         ObligationPeriod
	DueDay         int     // day of the month after a quarter, or days after the event
	DayOff         string  // DayOffNext or DayOffSame
	SubType        SubType // "" for both
	WhileSuspended bool    // also asked of a license that is suspended
	BlocksGate     bool    // overdue, it makes the gate refer
	Outlives       bool    // stays when the license ends
	LegalRef       string
	Grade          string // S read in a source, R recalled and to be confirmed
	Text           Text
	ValidFrom      string // legal date
	ValidUntil     string // legal date, not included; "" is open
}

// Holds tells whether the rule is law on a date.
func (r ObligationRule) Holds(date string) bool {
	return r.ValidFrom <= date && (r.ValidUntil == "" || date < r.ValidUntil)
}

// Quarter is a quarter of legal dates with its name; Until is not included.
type Quarter struct{ Name, From, Until string }

// QuarterOf gives the quarter of a legal date: 2026-Q1, from 1 January.
func QuarterOf(date string) (Quarter, error) {
	d, err := time.Parse(dateLayout, date)
	if err != nil {
		return Quarter{}, Errorf(CodeInvalid, "%q is not a date. Write it as YYYY-MM-DD.", date)
	}
	q := (int(d.Month()) - 1) / 3
	from := time.Date(d.Year(), time.Month(3*q+1), 1, 0, 0, 0, 0, time.UTC)
	return Quarter{Name: fmt.Sprintf("%d-Q%d", d.Year(), q+1), From: from.Format(dateLayout), Until: from.AddDate(0, 3, 0).Format(dateLayout)}, nil
}

// ParseQuarter reads the name of a quarter, 2026-Q1.
func ParseQuarter(name string) (Quarter, error) {
	var year, q int
	if n, err := fmt.Sscanf(name, "%4d-Q%1d", &year, &q); err != nil || n != 2 || q < 1 || q > 4 || year < 2000 || len(name) != 7 {
		var v Invalid
		v.Add("/period", "format", "Write the quarter as 2026-Q1.")
		return Quarter{}, v.Err()
	}
	return QuarterOf(fmt.Sprintf("%04d-%02d-01", year, 3*q-2))
}

// DueOn moves a due date of the law by the rule for days off.
func (c Calendar) DueOn(law, dayOff string) string {
	if dayOff == DayOffNext {
		return c.AddWorkingDays(law, 0)
	}
	return law
}

// ObligationState is what an obligation is on a date. Only open, fulfilled,
// accepted, waived and ended are kept; open shows as upcoming, due or overdue.
type ObligationState string

// The states.
const (
	ObligationOpen      ObligationState = "open"
	ObligationUpcoming  ObligationState = "upcoming"  // its period is not over yet
	ObligationDue       ObligationState = "due"       // it can be fulfilled, and the due date is not over
	ObligationOverdue   ObligationState = "overdue"   // the due date is over
	ObligationFulfilled ObligationState = "fulfilled" // handed in; an officer looks at it
	ObligationAccepted  ObligationState = "accepted"
	ObligationWaived    ObligationState = "waived"
	ObligationEnded     ObligationState = "ended" // the license ended before it fell due
)

// Obligation is one duty of a license for one period.
type Obligation struct {
	ID         string
	Kind       string // code of an ObligationRule
	License    string // number
	Party      string // id of the holder
	Subject    string // meter id of a verification, else ""
	Period     string // 2026-Q1, or the legal date of the event
	From       string // legal date
	Until      string // legal date, not included; from it on it can be fulfilled
	LawDue     string // the due date by the law's count
	Due        string // the last day, after the rule for days off
	LegalRef   string
	Grade      string
	BlocksGate bool
	Outlives   bool
	DayOff     string
	Amount     Tiyn // what is to be paid where it is known from the start, else 0
	State      ObligationState
	Handed     Handed
	HandedOn   string // legal date on which it was handed in, ""
	HandedAt   time.Time
	HandedBy   string // actor id
	Note       string // why it was returned, ended or not waived, in words
	Waiver     Waiver
	DecidedBy  string // who accepted, waived or ended it
	DecidedAt  time.Time
	OverdueAt  time.Time // when it was recorded as overdue, zero before
	Created    time.Time
	Updated    time.Time
	Version    int64
}

// Waiver is a proposal to let an obligation go, on a ground of the catalogue.
type Waiver struct {
	Ground string
	Note   string
	By     string // user id
	At     time.Time
}

// Handed is what a holder hands in. Which fields count depends on the kind.
type Handed struct {
	Energy     []SourceEnergy // report and fee: by source of supply
	Amount     Tiyn           // fee: what was paid
	Document   string         // number of the report or of the payment
	Certified  string         // verification: legal date of the certificate
	ValidUntil string         // verification: legal date, the last day it holds
	Note       string
}

// SourceEnergy is the energy that one source of supply gave.
type SourceEnergy struct {
	Source string // of SupplyBases
	Energy WattHours
}

// StateOn gives the state as people see it on a legal date.
func (o Obligation) StateOn(date string) ObligationState {
	switch {
	case o.State != ObligationOpen:
		return o.State
	case date > o.Due:
		return ObligationOverdue
	case date < o.Until:
		return ObligationUpcoming
	}
	return ObligationDue
}

// Blocks tells whether the gate refers because of it on a legal date: it is overdue,
// or was handed in late and nobody has accepted it yet.
func (o Obligation) Blocks(date string) bool {
	late := o.State == ObligationFulfilled && o.HandedOn > o.Due
	return o.BlocksGate && (late || o.StateOn(date) == ObligationOverdue)
}

func (o Obligation) step(at time.Time, from ...ObligationState) (Obligation, error) {
	for _, s := range from {
		if o.State == s {
			o.Updated = at
			o.Version++
			return o, nil
		}
	}
	return Obligation{}, Errorf(CodeConflict, "The obligation is %s on this day; nothing can be done about it in this way.", o.StateOn(LegalDate(at)))
}

// Hand hands in what the obligation asks for. maxYears bounds a certificate of
// verification.
func (o Obligation) Hand(h Handed, maxYears int, actor Actor, at time.Time) (Obligation, error) {
	today := LegalDate(at)
	n, err := o.step(at, ObligationOpen)
	if err != nil {
		return Obligation{}, err
	}
	if o.StateOn(today) == ObligationUpcoming && o.Kind != ObligationVerification {
		return Obligation{}, Errorf(CodeConflict, "The period ends on %s; it can be handed in from %s on.", AddDays(o.Until, -1), o.Until)
	}
	if err := h.check(o.Kind, maxYears, today); err != nil {
		return Obligation{}, err
	}
	n.State, n.Handed, n.HandedOn, n.HandedAt, n.HandedBy, n.Note = ObligationFulfilled, h, today, at, actor.ID, ""
	n.Waiver = Waiver{}
	return n, nil
}

func (h Handed) check(kind string, maxYears int, today string) error {
	var v Invalid
	switch kind {
	case ObligationReport, ObligationMiningFee:
		h.checkEnergy(&v)
	case ObligationVerification:
		switch {
		case AddDays(h.Certified, 0) != h.Certified || h.Certified == "" || h.Certified > today:
			v.Add("/certified_on", "range", "Give the date of the certificate as YYYY-MM-DD; it is not after today.")
		case h.ValidUntil <= today || h.ValidUntil > AddMonths(h.Certified, 12*maxYears) || AddDays(h.ValidUntil, 0) != h.ValidUntil:
			v.Add("/valid_until", "range", "The certificate holds after today and for at most %d years from its date.", maxYears)
		}
	}
	if kind == ObligationMiningFee || kind == ObligationLicenseFee {
		if h.Amount <= 0 {
			v.Add("/amount_kzt", "range", "Give what was paid, in tenge.")
		}
	}
	if strings.TrimSpace(h.Document) == "" {
		v.Add("/document", "required", "Give the number of the document that shows it.")
	}
	return v.Err()
}

func (h Handed) checkEnergy(v *Invalid) {
	if len(h.Energy) == 0 {
		v.Add("/energy", "required", "Give the energy by source of supply; 0 kWh where nothing was used.")
	}
	seen := map[string]bool{}
	for i, e := range h.Energy {
		at := fmt.Sprintf("/energy/%d", i)
		switch {
		case !knownBasis(e.Source):
			v.Add(at+"/source", "unknown", "The source is one of %s.", strings.Join(SupplyBases(), ", "))
		case seen[e.Source]:
			v.Add(at+"/source", "duplicate", "Each source is given once.")
		case e.Energy < 0 || e.Energy > 1e15:
			v.Add(at+"/kwh", "range", "The energy is 0 kWh or more.")
		}
		seen[e.Source] = true
	}
}

func knownBasis(s string) bool {
	for _, b := range SupplyBases() {
		if b == s {
			return true
		}
	}
	return false
}

// Accept ends the obligation as fulfilled; whoever handed it in may not.
func (o Obligation) Accept(actor Actor, at time.Time) (Obligation, error) {
	n, err := o.step(at, ObligationFulfilled)
	if err != nil {
		return Obligation{}, err
	}
	if err := fourEyes(o.HandedBy, actor.ID); err != nil {
		return Obligation{}, err
	}
	n.State, n.DecidedBy, n.DecidedAt = ObligationAccepted, actor.ID, at
	return n, nil
}

// Return gives what was handed in back, with a word on what is wrong. The due date
// stays.
func (o Obligation) Return(why string, actor Actor, at time.Time) (Obligation, error) {
	n, err := o.step(at, ObligationFulfilled)
	if err != nil {
		return Obligation{}, err
	}
	if strings.TrimSpace(why) == "" {
		var v Invalid
		v.Add("/note", "required", "Say what is wrong and what the holder is to do.")
		return Obligation{}, v.Err()
	}
	n.State, n.Note = ObligationOpen, why
	return n, nil
}

// ProposeWaiver asks a second person to let the obligation go.
func (o Obligation) ProposeWaiver(w Waiver, actor Actor, at time.Time) (Obligation, error) {
	n, err := o.step(at, ObligationOpen, ObligationFulfilled)
	if err != nil {
		return Obligation{}, err
	}
	if strings.TrimSpace(w.Note) == "" {
		var v Invalid
		v.Add("/note", "required", "Say why, so that the second person can judge it.")
		return Obligation{}, v.Err()
	}
	if o.Waiver.By != "" {
		return Obligation{}, Errorf(CodeConflict, "A waiver is proposed already and waits for a second person.")
	}
	w.By, w.At = actor.ID, at
	n.Waiver = w
	return n, nil
}

// ConfirmWaiver lets the obligation go; its proposer may not.
func (o Obligation) ConfirmWaiver(actor Actor, at time.Time) (Obligation, error) {
	n, err := o.stepWaiver(at)
	if err != nil {
		return Obligation{}, err
	}
	if err := fourEyes(o.Waiver.By, actor.ID); err != nil {
		return Obligation{}, err
	}
	n.State, n.DecidedBy, n.DecidedAt = ObligationWaived, actor.ID, at
	return n, nil
}

// RejectWaiver puts a proposed waiver to rest; its proposer may take it back.
func (o Obligation) RejectWaiver(why string, at time.Time) (Obligation, error) {
	n, err := o.stepWaiver(at)
	n.Waiver, n.Note = Waiver{}, why
	return n, err
}

func (o Obligation) stepWaiver(at time.Time) (Obligation, error) {
	if o.Waiver.By == "" {
		return Obligation{}, Errorf(CodeConflict, "No waiver is proposed.")
	}
	return o.step(at, ObligationOpen, ObligationFulfilled)
}

// End puts an open obligation to rest because its license ended.
func (o Obligation) End(why string, actor Actor, at time.Time) (Obligation, error) {
	n, err := o.step(at, ObligationOpen)
	n.State, n.Note, n.DecidedBy, n.DecidedAt, n.Waiver = ObligationEnded, why, actor.ID, at, Waiver{}
	return n, err
}

// EndsWith tells whether the obligation ends with its license on the legal date of
// the license's end: what outlives it stays for every period that had begun.
func (o Obligation) EndsWith(end string) bool {
	return o.State == ObligationOpen && !(o.Outlives && o.From <= end)
}

// Allowed names what the actor may do with the obligation on a legal date: fulfil,
// accept, return, propose_waiver, confirm_waiver, reject_waiver. It is for screens;
// the commands ask again.
func (o Obligation) Allowed(actor Actor, date string) []string {
	out, state := []string{}, o.StateOn(date)
	can := func(a Action) bool { return Can(actor, a, Scope{Party: o.Party}) == nil }
	if can(ActObligationFulfil) && (state == ObligationDue || state == ObligationOverdue || state == ObligationUpcoming && o.Kind == ObligationVerification) {
		out = append(out, "fulfil")
	}
	if !can(ActObligationDecide) || o.State != ObligationOpen && o.State != ObligationFulfilled {
		return out
	}
	if o.State == ObligationFulfilled {
		if o.HandedBy != actor.ID {
			out = append(out, "accept")
		}
		out = append(out, "return")
	}
	switch {
	case o.Waiver.By == "":
		return append(out, "propose_waiver")
	case o.Waiver.By != actor.ID:
		out = append(out, "confirm_waiver")
	}
	return append(out, "reject_waiver")
}
