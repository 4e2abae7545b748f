package models

import (
	"slices"
	"strings"
	"time"
)

// PenaltySubject is the kind of subject that the amount of a fine depends on.
type PenaltySubject string

// The kinds of subjects of the Code of administrative offences.
const (
	PenaltyPerson   PenaltySubject = "person"
	PenaltyOfficial PenaltySubject = "official" // also non-profit bodies, which pay the same
	PenaltySmall    PenaltySubject = "small"
	PenaltyMedium   PenaltySubject = "medium"
	PenaltyLarge    PenaltySubject = "large"
)

// PenaltySubjects lists the kinds of subjects.
func PenaltySubjects() []PenaltySubject {
	return []PenaltySubject{PenaltyPerson, PenaltyOfficial, PenaltySmall, PenaltyMedium, PenaltyLarge}
}

// PenaltyRule is what an article sets for a kind of subject from a legal date on. It is
// reference data, which two people change.
type PenaltyRule struct {
	Article, Part string
	Subject       PenaltySubject
	MCI           int64 // fine, in monthly calculation indexes; 0 is a warning
	Confiscation  bool  // of the things with which it was done
	EarlyPercent  int64 // of the fine that is due when it is paid early; 100 where the law has no discount
	EarlyDays     int64 // days from the protocol within which that holds
	PayDays       int64 // days from the day the decision is final
	LegalRef      string
	Grade         string // S or R
	ValidFrom     string
	ValidUntil    string
}

// ViolationState is where a violation is.
type ViolationState string

// The states. A protocol is drawn up, then a penalty imposed; what is paid in full, or
// cancelled on appeal, has ended.
const (
	ViolationProtocol  ViolationState = "protocol"
	ViolationImposed   ViolationState = "imposed"
	ViolationAppealed  ViolationState = "appealed"
	ViolationPaid      ViolationState = "paid"
	ViolationCancelled ViolationState = "cancelled"
)

// ViolationStates lists the states in their order.
func ViolationStates() []ViolationState {
	return []ViolationState{ViolationProtocol, ViolationImposed, ViolationAppealed, ViolationPaid, ViolationCancelled}
}

// Violation is one administrative offence of a case, by a protocol, with its penalty.
type Violation struct {
	ID         string
	Case       string
	Article    string
	Part       string
	Subject    PenaltySubject
	Name       string // of who did it; stays out of the ledger
	Party      string // id, "" for one outside the register
	OffenceOn  string // legal date: which law and which index apply
	Protocol   string // number
	ProtocolOn string // legal date
	State      ViolationState
	MCI        int64 // units of the fine by the rule of OffenceOn
	Index      Tiyn  // value of the index on OffenceOn
	Fine       Tiyn
	Early      Tiyn   // what suffices until EarlyBy
	EarlyBy    string // legal date, last day
	Confiscate bool
	RuleFrom   string // first day of the rule that was applied
	LegalRef   string
	Decision   string // number of the decision, "" before it
	DecidedOn  string
	DecidedBy  string // user id
	Due        string // legal date by which the fine is to be paid, "" before the decision
	Paid       Tiyn
	PaidOn     string // of the last payment
	Appeal     string // number, "" for none
	AppealOn   string
	AppealEnd  string // upheld, changed, cancelled; "" while it is open
	DrawnBy    string // user id
	Salt       string // of the digest in the ledger
	Recorded   time.Time
	Updated    time.Time
	Version    int64
}

// ViolationPayment is money that came for a fine.
type ViolationPayment struct {
	ID, Violation string
	On            string // legal date
	Amount        Tiyn
	Number        string // of the payment
	At            time.Time
	By            string
}

// AppealEnds lists how an appeal against a penalty ends.
func AppealEnds() []string { return []string{"upheld", "changed", "cancelled"} }

const maxPenaltyName = 300

// DrawViolation makes a violation by the rule and the index of the day of the offence.
func DrawViolation(x Violation, rule PenaltyRule, index Tiyn, actor Actor, at time.Time) (Violation, error) {
	x.Name, x.Protocol = strings.TrimSpace(x.Name), strings.TrimSpace(x.Protocol)
	var v Invalid
	today := LegalDate(at)
	if x.Name == "" || len(x.Name) > maxPenaltyName {
		v.Add("/name", "required", "Name who did it, in at most %d bytes.", maxPenaltyName)
	}
	if x.Protocol == "" || len(x.Protocol) > maxCaseNumber {
		v.Add("/protocol", "required", "Give the number of the protocol, in at most %d bytes.", maxCaseNumber)
	}
	pastDay(&v, "/offence_on", x.OffenceOn, "", today)
	pastDay(&v, "/protocol_on", x.ProtocolOn, x.OffenceOn, today)
	if err := v.Err(); err != nil {
		return Violation{}, err
	}
	x.State, x.MCI, x.Index, x.Fine, x.Confiscate = ViolationProtocol, rule.MCI, index, Tiyn(rule.MCI)*index, rule.Confiscation
	x.Early = Tiyn(int64(x.Fine) * rule.EarlyPercent / 100)
	if rule.EarlyPercent < 100 {
		x.EarlyBy = AddDays(x.ProtocolOn, int(rule.EarlyDays))
	}
	x.RuleFrom, x.LegalRef, x.DrawnBy, x.Recorded, x.Updated, x.Version = rule.ValidFrom, rule.LegalRef, actor.ID, at, at, 1
	x.Decision, x.DecidedOn, x.DecidedBy, x.Due, x.Paid, x.PaidOn, x.Appeal, x.AppealOn, x.AppealEnd = "", "", "", "", 0, "", "", "", ""
	return x, nil
}

// pastDay refuses what is no legal date, after today, or before another.
func pastDay(v *Invalid, pointer, day, notBefore, today string) {
	if AddDays(day, 0) != day || day == "" || day > today || day < notBefore {
		v.Add(pointer, "date", "Give a date as 2026-03-31, not later than today and not before what it follows.")
	}
}

func (x Violation) step(at time.Time) Violation {
	x.Updated, x.Version = at, x.Version+1
	return x
}

// Impose decides the penalty. Who drew up the protocol does not decide on it.
func (x Violation) Impose(number, on string, payDays int64, actor Actor, at time.Time) (Violation, error) {
	if x.State != ViolationProtocol {
		return x, Errorf(CodeConflict, "The penalty for protocol %s was decided: %s.", x.Protocol, x.State)
	}
	if actor.ID == x.DrawnBy {
		return x, Errorf(CodeFourEyes, "You drew up this protocol. A colleague has to decide on it.")
	}
	number = strings.TrimSpace(number)
	var v Invalid
	if number == "" || len(number) > maxCaseNumber {
		v.Add("/number", "required", "Give the number of the decision, in at most %d bytes.", maxCaseNumber)
	}
	pastDay(&v, "/on", on, x.ProtocolOn, LegalDate(at))
	if err := v.Err(); err != nil {
		return x, err
	}
	x = x.step(at)
	x.State, x.Decision, x.DecidedOn, x.DecidedBy, x.Due = ViolationImposed, number, on, actor.ID, AddDays(on, int(payDays))
	return x.settled(), nil
}

// settled ends a violation whose fine is paid: in full, or the lesser amount in time.
func (x Violation) settled() Violation {
	early := x.EarlyBy != "" && x.Paid >= x.Early && x.Paid > 0 && x.PaidOn <= x.EarlyBy
	if x.State == ViolationImposed && (x.Paid >= x.Fine || early) {
		x.State = ViolationPaid
	}
	return x
}

// Pay adds money that came. Early payment needs no decision to have been made.
func (x Violation) Pay(p ViolationPayment, actor Actor, at time.Time) (Violation, ViolationPayment, error) {
	if x.State == ViolationPaid || x.State == ViolationCancelled {
		return x, p, Errorf(CodeConflict, "Nothing is due for protocol %s: it is %s.", x.Protocol, x.State)
	}
	p.Number = strings.TrimSpace(p.Number)
	var v Invalid
	if p.Amount <= 0 || p.Amount > x.Fine-x.Paid {
		v.Add("/amount_kzt", "range", "An amount is more than nothing and at most the rest, %s.", x.Fine-x.Paid)
	}
	if p.Number == "" || len(p.Number) > maxCaseNumber {
		v.Add("/number", "required", "Give the number of the payment, in at most %d bytes.", maxCaseNumber)
	}
	pastDay(&v, "/on", p.On, x.ProtocolOn, LegalDate(at))
	if err := v.Err(); err != nil {
		return x, p, err
	}
	x = x.step(at)
	x.Paid, x.PaidOn = x.Paid+p.Amount, max(x.PaidOn, p.On)
	p.Violation, p.At, p.By = x.ID, at, actor.ID
	return x.settled(), p, nil
}

// FileAppeal notes that the penalty was appealed. While that is open nothing is overdue.
func (x Violation) FileAppeal(number, on string, at time.Time) (Violation, error) {
	if x.State != ViolationImposed && x.State != ViolationPaid || x.AppealEnd != "" {
		return x, Errorf(CodeConflict, "Only a penalty that was imposed is appealed, and once. Protocol %s is %s.", x.Protocol, x.State)
	}
	number = strings.TrimSpace(number)
	var v Invalid
	if number == "" || len(number) > maxCaseNumber {
		v.Add("/number", "required", "Give the number of the appeal, in at most %d bytes.", maxCaseNumber)
	}
	pastDay(&v, "/on", on, x.DecidedOn, LegalDate(at))
	if err := v.Err(); err != nil {
		return x, err
	}
	x = x.step(at)
	x.State, x.Appeal, x.AppealOn = ViolationAppealed, number, on
	return x, nil
}

// EndAppeal notes what became of the appeal; fine is the new amount where it was changed.
func (x Violation) EndAppeal(end string, fine Tiyn, at time.Time) (Violation, error) {
	if x.State != ViolationAppealed {
		return x, Errorf(CodeConflict, "No appeal against protocol %s is open.", x.Protocol)
	}
	var v Invalid
	if !slices.Contains(AppealEnds(), end) {
		v.Add("/result", "unknown", "An appeal ends as one of %v.", AppealEnds())
	}
	if end == "changed" && (fine <= 0 || fine > x.Fine) {
		v.Add("/fine_kzt", "range", "An appeal does not raise the fine of %s, and what is not cancelled is more than nothing.", x.Fine)
	}
	if end != "changed" && fine != 0 {
		v.Add("/fine_kzt", "not_here", "Only a penalty that was changed has another amount.")
	}
	if err := v.Err(); err != nil {
		return x, err
	}
	x = x.step(at)
	x.AppealEnd, x.State = end, ViolationImposed
	switch end {
	case "cancelled":
		x.State = ViolationCancelled
	case "changed":
		x.Fine, x.Early = fine, min(x.Early, fine)
	}
	return x.settled(), nil
}

// Overdue tells whether a fine was due before the legal date and is not paid.
func (x Violation) Overdue(today string) bool {
	return x.State == ViolationImposed && x.Due != "" && x.Due < today && x.Paid < x.Fine
}
