package models

import (
	"slices"
	"strings"
	"time"
)

// SerialFold makes serial numbers that people mistake for one another one: beside
// what Equipment.Key leaves out, O and 0, I, L and 1 are the same, and Cyrillic
// letters are the Latin ones that look like them.
func SerialFold(serial string) string { return serialLookalikes.Replace(equipmentKey(serial)) }

var serialLookalikes = strings.NewReplacer("O", "0", "О", "0", "I", "1", "L", "1", "І", "1",
	"А", "A", "В", "B", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X", "У", "Y")

// AlarmKind tells how near the claim is to the rig of the register.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmSame    AlarmKind = "same"    // manufacturer and serial number are the same
	AlarmSimilar AlarmKind = "similar" // the serial numbers are easily mistaken for one another
)

// AlarmSource is where the claim came from.
type AlarmSource string

// The sources.
const (
	AlarmFromImport       AlarmSource = "import"
	AlarmFromRegistration AlarmSource = "registration"
	AlarmFromMove         AlarmSource = "move"
)

// AlarmOutcome is what an alarm turned out to be.
type AlarmOutcome string

// The outcomes.
const (
	OutcomeFirstRight  AlarmOutcome = "first_right"        // the register stands; the claim falls
	OutcomeSecondRight AlarmOutcome = "second_right"       // the rig goes to who claimed it
	OutcomeDifferent   AlarmOutcome = "different_machines" // two rigs; the second is registered
	OutcomeTypingError AlarmOutcome = "typing_error"       // the claim had a wrong number
)

// AlarmOutcomes lists the outcomes.
func AlarmOutcomes() []AlarmOutcome {
	return []AlarmOutcome{OutcomeFirstRight, OutcomeSecondRight, OutcomeDifferent, OutcomeTypingError}
}

// EquipmentAlarm is one rig claimed at two places: what the register has, and a
// claim that does not go with it. The claim is parked in it, not taken.
type EquipmentAlarm struct {
	ID         string
	Kind       AlarmKind
	Rig        string            // id of the rig of the register
	First      EquipmentPosition // of that rig when the alarm was raised
	Claim      Equipment         // what was claimed, as it would have been registered
	Source     AlarmSource
	SourceRef  string // import job and row, "" otherwise
	State      string // open or resolved
	Outcome    AlarmOutcome
	Note       string
	OpenedAt   time.Time
	OpenedBy   string
	ResolvedAt time.Time
	ResolvedBy string
	Registered string // id of the rig that a resolution registered, "" when none
	Version    int64
}

// The states of an alarm.
const (
	AlarmOpen     = "open"
	AlarmResolved = "resolved"
)

// ClaimConflict says whether a claim contradicts the rig of the register: another
// owner, or another site, or a rig that has left the register. A claim without a
// site says nothing about the place.
func (e Equipment) ClaimConflict(claim Equipment) bool {
	gone := slices.Contains([]EquipmentState{EquipmentSold, EquipmentExported, EquipmentScrapped}, e.State) && claim.State != e.State
	return gone || claim.Owner != e.Owner || claim.Site != "" && e.Site != claim.Site
}

// Resolution is what somebody decides about an alarm. Manufacturer and Serial
// correct the claim, where the outcome registers it.
type Resolution struct {
	Outcome      AlarmOutcome
	Note         string
	Manufacturer string
	Serial       string
}

// Resolve closes the alarm. It gives the claim to register, if the outcome asks for
// one: different machines always, a typing error when the right number is given.
// Whoever entered the claim can only give it up (CodeFourEyes).
func (a EquipmentAlarm) Resolve(r Resolution, actor Actor, now time.Time) (EquipmentAlarm, *Equipment, error) {
	if a.State != AlarmOpen {
		return a, nil, Errorf(CodeConflict, "The alarm was resolved already. Load it again.")
	}
	var v Invalid
	if !slices.Contains(AlarmOutcomes(), r.Outcome) {
		v.Add("/outcome", "unknown", "The outcome is one of %v.", AlarmOutcomes())
	}
	r.Note = strings.TrimSpace(r.Note)
	if r.Note == "" {
		v.Add("/note", "required", "Say what the outcome rests on.")
	}
	if len(r.Note) > maxText {
		v.Add("/note", "length", "This is longer than %d bytes.", maxText)
	}
	claim := a.Claim
	if r.Manufacturer = strings.TrimSpace(r.Manufacturer); r.Manufacturer != "" {
		claim.Manufacturer = r.Manufacturer
	}
	if r.Serial = strings.TrimSpace(r.Serial); r.Serial != "" {
		claim.Serial = r.Serial
	}
	registers := r.Outcome == OutcomeDifferent || r.Outcome == OutcomeTypingError && r.Serial != ""
	if sameKey(claim, a.Claim) && a.Kind == AlarmSame && registers {
		v.Add("/manufacturer", "same", "Give the right manufacturer or serial number of the second machine: with the same ones it would be the first.")
	}
	if err := v.Err(); err != nil {
		return a, nil, err
	}
	if actor.ID == a.OpenedBy && (registers || r.Outcome == OutcomeSecondRight) {
		return a, nil, Errorf(CodeFourEyes, "You entered this claim. You can give it up; a colleague decides anything in its favour.")
	}
	a.State, a.Outcome, a.Note, a.ResolvedAt, a.ResolvedBy, a.Version = AlarmResolved, r.Outcome, r.Note, now, actor.ID, a.Version+1
	if !registers {
		return a, nil, nil
	}
	return a, &claim, nil
}

func sameKey(a, b Equipment) bool {
	am, as := a.Key()
	bm, bs := b.Key()
	return am == bm && as == bs
}
