package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PaperState is where a numbered form for a check by phone is.
type PaperState string

// The states. Matched, settled and spoiled are final.
const (
	PaperIssued   PaperState = "issued"   // the number is on a sheet and not used
	PaperAnswered PaperState = "answered" // the registry entered its side
	PaperReported PaperState = "reported" // the utility entered its side
	PaperMatched  PaperState = "matched"  // both sides and the gate say the same
	PaperDiffers  PaperState = "differs"  // they do not: an officer looks at it
	PaperSettled  PaperState = "settled"  // an officer decided what the difference means
	PaperSpoiled  PaperState = "spoiled"  // too many wrong codes: nobody can use the number any more
)

// PaperDifference is what does not agree about a check by phone.
type PaperDifference string

// The differences. Late is told and is no reason to look by itself.
const (
	PaperQuestionDiffers PaperDifference = "question_differs"         // the sides wrote different questions
	PaperAnswerDiffers   PaperDifference = "answer_differs"           // the sides wrote different answers
	PaperTimeDiffers     PaperDifference = "time_differs"             // the sides wrote instants more than 15 minutes apart
	PaperGateDiffers     PaperDifference = "gate_differs"             // the phone permitted what the gate would not have
	PaperGateStricter    PaperDifference = "phone_stricter"           // the phone did not permit what the gate would have
	PaperNoPermit        PaperDifference = "energised_without_permit" // the connection was energised on another answer than a permit
	PaperCapExceeded     PaperDifference = "cap_exceeded"             // more was energised than the permit was for
	PaperLoadRefused     PaperDifference = "load_refused"             // the gate, asked for the load when the form was entered, did not permit
	PaperLate            PaperDifference = "late"                     // a side was entered more than a day after the call
)

// What the forms are held to.
const (
	MaxPaperBlock   = 200              // numbers of one block
	maxWrongCodes   = 5                // a number is spoiled after so many wrong codes
	paperSameTime   = 15 * time.Minute // between the instants of the two sides
	paperInTime     = 24 * time.Hour   // from the call to the entry of a side
	paperOldestCall = 90 * 24 * time.Hour
)

// PaperNumber writes the n-th number of the forms with its check digit (Luhn), so that
// a slip of the pen is seen at once: PC-000123-0.
func PaperNumber(n int64) string {
	digits := fmt.Sprintf("%06d", n)
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprintf("PC-%s-%d", digits, (10-sum%10)%10)
}

// CheckPaperNumber brings a number into its written form, and refuses one whose check
// digit is wrong.
func CheckPaperNumber(text string) (string, error) {
	plain := strings.TrimPrefix(NormalizeIdentifier(text), "PC")
	if len(plain) < 7 || len(plain) > 13 || !allDigits(plain) {
		return "", Errorf(CodeInvalid, "A number of a paper check looks like PC-000123-0.")
	}
	var n int64
	for i := range len(plain) - 1 {
		n = n*10 + int64(plain[i]-'0')
	}
	number := PaperNumber(n)
	if number[len(number)-1] != plain[len(plain)-1] {
		return "", Errorf(CodeInvalid, "The last digit of %q does not fit the others. Look for a wrong or swapped digit.", text)
	}
	return number, nil
}

// PaperBlock is a run of numbers that the registry gave a utility on a sheet. Secret
// makes the codes of its numbers and leaves the database in no other way.
type PaperBlock struct {
	ID       string
	Utility  string // id
	First    int64
	Last     int64 // included
	Secret   string
	IssuedBy string // user id
	Issued   time.Time
}

// PaperAnswer is the registry's side: what the duty officer heard, and answered.
type PaperAnswer struct {
	Question CheckRequest // its reference is the number of the form
	Outcome  Outcome
	Max      Watts     // of a permit
	At       time.Time // of the call
}

// PaperReport is the utility's side: what the dispatcher asked and heard, and what was
// done. EnergisedAt is zero when nothing was energised.
type PaperReport struct {
	Question       CheckRequest
	Outcome        Outcome
	At             time.Time
	Person         string // at the utility who called
	EnergisedAt    time.Time
	Power          Watts
	MeterSerial    string
	SwitchingOrder string
}

// PaperCheck is one numbered form.
type PaperCheck struct {
	Number      string
	Block       string
	Utility     string
	State       PaperState
	Answer      *PaperAnswer // nil until the registry entered it
	AnsweredBy  string
	Answered    time.Time // when it was entered
	Report      *PaperReport
	ReportedBy  string
	Reported    time.Time
	Gate        Outcome // what the gate would have said at the instant of the call, "" until both sides are in
	GateReasons []ReasonCode
	Check       string // id of the check that asked the gate for the load when the form was entered, ""
	Differences []PaperDifference
	WrongCodes  int64
	SettledBy   string
	Settled     time.Time
	Reason      string
	Version     int64
}

// Misspelled counts a wrong code against the number.
func (c PaperCheck) Misspelled() PaperCheck {
	c.WrongCodes++
	c.Version++
	if c.WrongCodes >= maxWrongCodes {
		c.State = PaperSpoiled
	}
	return c
}

// Usable refuses a number that was used by this side, or that nobody can use.
func (c PaperCheck) Usable(used bool) error {
	switch {
	case c.State == PaperSpoiled:
		return Errorf(CodeConflict, "Number %s is spoiled: its code was wrong %d times. Take another number.", c.Number, c.WrongCodes)
	case used:
		return Errorf(CodeConflict, "Number %s was entered already. A number is used once.", c.Number)
	}
	return nil
}

// WithAnswer records the registry's side.
func (c PaperCheck) WithAnswer(actor Actor, a PaperAnswer, now time.Time) (PaperCheck, error) {
	if err := c.Usable(c.Answer != nil); err != nil {
		return PaperCheck{}, err
	}
	v := checkCall(a.Question, a.Outcome, a.At, now)
	if a.Max < 0 || a.Outcome == OutcomePermit && a.Max == 0 || a.Outcome != OutcomePermit && a.Max != 0 {
		v.Add("/max_kw", "range", "A permit, and nothing else, is for a power of more than 0 kW.")
	}
	if err := v.Err(); err != nil {
		return PaperCheck{}, err
	}
	c.Answer, c.AnsweredBy, c.Answered = &a, actor.ID, now
	c.State = PaperAnswered
	c.Version++
	return c, nil
}

// WithReport records the utility's side.
func (c PaperCheck) WithReport(actor Actor, r PaperReport, now time.Time) (PaperCheck, error) {
	if err := c.Usable(c.Report != nil); err != nil {
		return PaperCheck{}, err
	}
	v := checkCall(r.Question, r.Outcome, r.At, now)
	if strings.TrimSpace(r.Person) == "" || len(r.Person) > 200 {
		v.Add("/person", "required", "Name the person at the utility who called.")
	}
	if r.EnergisedAt.IsZero() {
		if r.Power != 0 {
			v.Add("/kw", "range", "Give the instant of energisation too.")
		}
	} else {
		if r.EnergisedAt.Before(r.At.Add(-paperSameTime)) || r.EnergisedAt.After(now) {
			v.Add("/energised_at", "range", "The instant lies between the call and now.")
		}
		if r.Power <= 0 {
			v.Add("/kw", "range", "Give the power that was energised.")
		}
		if strings.TrimSpace(r.MeterSerial) == "" || strings.TrimSpace(r.SwitchingOrder) == "" {
			v.Add("/meter_serial", "required", "Give the serial number of the meter and the number of the switching order.")
		}
	}
	if err := v.Err(); err != nil {
		return PaperCheck{}, err
	}
	c.Report, c.ReportedBy, c.Reported = &r, actor.ID, now
	c.State = PaperReported
	c.Version++
	return c, nil
}

func checkCall(q CheckRequest, o Outcome, at, now time.Time) *Invalid {
	v := &Invalid{}
	if err := q.Validate(); err != nil {
		if e, ok := err.(*Error); ok {
			v.fields = append(v.fields, e.Fields...)
		}
	}
	if o != OutcomePermit && o != OutcomeDeny && o != OutcomeRefer {
		v.Add("/outcome", "unknown", "The answer is permit, deny or refer.")
	}
	if at.After(now) || at.Before(now.Add(-paperOldestCall)) {
		v.Add("/at", "range", "The call was in the last 90 days.")
	}
	return v
}

// Compare says what does not agree once both sides are in. gate is what the gate would
// have said at the instant of the call; load is what it said when the load was asked
// for as the form was entered, "" when nothing was.
func (c PaperCheck) Compare(gate Outcome, reasons []ReasonCode, load Outcome) PaperCheck {
	a, r := c.Answer, c.Report
	c.Gate, c.GateReasons, c.Differences = gate, reasons, nil
	add := func(holds bool, d PaperDifference) {
		if holds {
			c.Differences = append(c.Differences, d)
		}
	}
	add(!sameQuestion(a.Question, r.Question), PaperQuestionDiffers)
	add(a.Outcome != r.Outcome, PaperAnswerDiffers)
	add(a.At.Sub(r.At).Abs() > paperSameTime, PaperTimeDiffers)
	add(a.Outcome == OutcomePermit && gate != OutcomePermit, PaperGateDiffers)
	add(a.Outcome != OutcomePermit && gate == OutcomePermit, PaperGateStricter)
	add(!r.EnergisedAt.IsZero() && a.Outcome != OutcomePermit, PaperNoPermit)
	add(!r.EnergisedAt.IsZero() && a.Outcome == OutcomePermit && r.Power > a.Max, PaperCapExceeded)
	add(load != "" && load != OutcomePermit, PaperLoadRefused)
	c.State = PaperMatched
	if len(c.Differences) > 0 {
		c.State = PaperDiffers
	}
	add(c.Answered.Sub(a.At) > paperInTime || c.Reported.Sub(r.At) > paperInTime, PaperLate)
	return c
}

func sameQuestion(a, b CheckRequest) bool {
	return a.ConnectionPoint == b.ConnectionPoint && a.Applicant == b.Applicant && a.License == b.License && a.Requested == b.Requested &&
		a.Purpose == b.Purpose && a.Event == b.Event
}

// Settle records what an officer decided about a difference: another person than who
// gave the answer.
func (c PaperCheck) Settle(actor Actor, reason string, now time.Time) (PaperCheck, error) {
	if c.State != PaperDiffers {
		return PaperCheck{}, Errorf(CodeConflict, "Number %s is %s. Only a difference is settled.", c.Number, c.State)
	}
	if strings.TrimSpace(reason) == "" || len(reason) > 1000 {
		var v Invalid
		v.Add("/reason", "required", "Say what the difference is and what was done, in at most 1,000 characters.")
		return PaperCheck{}, v.Err()
	}
	if actor.ID == c.AnsweredBy {
		return PaperCheck{}, Errorf(CodeFourEyes, "You gave this answer by phone. Another person settles the difference.")
	}
	c.State, c.SettledBy, c.Settled, c.Reason = PaperSettled, actor.ID, now, reason
	c.Version++
	return c, nil
}

// Allowed names what the actor may do with the form now: answer, report, settle. It is
// for screens; the commands ask again.
func (c PaperCheck) Allowed(actor Actor) []string {
	out := []string{}
	open := slices.Contains([]PaperState{PaperIssued, PaperAnswered, PaperReported}, c.State)
	if open && c.Answer == nil && Can(actor, ActPaperAnswer, Scope{}) == nil {
		out = append(out, "answer")
	}
	if open && c.Report == nil && Can(actor, ActPaperEnter, Scope{Utility: c.Utility}) == nil {
		out = append(out, "report")
	}
	if c.State == PaperDiffers && actor.ID != c.AnsweredBy && Can(actor, ActPaperSettle, Scope{}) == nil {
		out = append(out, "settle")
	}
	return out
}
