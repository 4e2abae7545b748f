package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// CaseActKind is what was done in a case.
type CaseActKind string

// The kinds. What is written is never changed; a mistake is put right by a note.
const (
	CaseNoted    CaseActKind = "note"
	CaseReferred CaseActKind = "referral" // handed to another agency, with its number
	CaseSeized   CaseActKind = "seizure"  // rigs or money taken by a record of seizure
	CaseReleased CaseActKind = "release"  // rigs given back by a decision without a court
	CaseJudged   CaseActKind = "court"    // what a court decided
)

// CaseActKinds lists the kinds of acts.
func CaseActKinds() []CaseActKind {
	return []CaseActKind{CaseNoted, CaseReferred, CaseSeized, CaseReleased, CaseJudged}
}

// CaseAgencies lists whom a case can be handed to: the financial monitoring agency,
// the police, the prosecutor, the energy supervision and the tax office.
func CaseAgencies() []string {
	return []string{"financial_monitoring", "police", "prosecutor", "energy_supervision", "tax"}
}

// CaseRulings lists what a court can decide.
func CaseRulings() []string { return []string{"convicted", "acquitted", "returned", "settled"} }

// CaseAct is one thing that was done in a case. Its words and numbers stay out of the
// ledger, which holds their salted digest.
type CaseAct struct {
	ID           string
	Case         string // case id
	Kind         CaseActKind
	On           string // legal date of the referral, seizure or ruling
	Agency       string // of a referral; of a seizure, who took the machines
	Number       string // of the referral, the record of seizure or the ruling
	CriminalCase string // number in the register of pre-trial investigations, "" for none
	Serials      []string
	Rigs         int64 // number of machines seized
	Money        Tiyn  // seized, or fined
	Ruling       string
	Text         string
	At           time.Time
	By           string  // user id
	Place        string  // where what was seized is stored
	Fate         RigFate // of the machines that are held, by a ruling or a release; "" when it says nothing of them
}

const (
	maxSeized       = 5000
	maxCaseNumber   = 100
	maxSeizedRigs   = 1_000_000
	maxCaseMoney    = 1_000_000_000_000_00 // tiyn
	maxSerialLength = 100
)

// NewCaseAct checks an act and dates it. Fields that the kind does not have are
// refused, so that nothing is written where nobody reads it.
func NewCaseAct(a CaseAct, actor Actor, at time.Time) (CaseAct, error) {
	a.Text, a.Number, a.CriminalCase = strings.TrimSpace(a.Text), strings.TrimSpace(a.Number), strings.TrimSpace(a.CriminalCase)
	a.Place = strings.TrimSpace(a.Place)
	var v Invalid
	switch a.Kind {
	case CaseNoted:
		if a.Text == "" {
			v.Add("/text", "required", "Write the note.")
		}
	case CaseReferred:
		if !slices.Contains(CaseAgencies(), a.Agency) {
			v.Add("/agency", "unknown", "The agency is one of %v.", CaseAgencies())
		}
	case CaseSeized:
		if a.Rigs == 0 && len(a.Serials) == 0 && a.Money == 0 {
			v.Add("/rigs", "required", "Say what was seized: a number of machines, their serial numbers, or money.")
		}
		if a.Rigs < int64(len(a.Serials)) && a.Rigs != 0 {
			v.Add("/rigs", "range", "There are %d serial numbers, and fewer machines.", len(a.Serials))
		}
		a.Rigs = max(a.Rigs, int64(len(a.Serials)))
		a.seizure(&v)
	case CaseReleased:
		a.Fate = RigReturned
	case CaseJudged:
		if !slices.Contains(CaseRulings(), a.Ruling) {
			v.Add("/ruling", "unknown", "A ruling is one of %v.", CaseRulings())
		}
		if a.Fate != "" && !slices.Contains(RigFates(), a.Fate) {
			v.Add("/fate", "unknown", "What becomes of the machines is one of %v.", RigFates())
		}
		if a.Fate == "" && len(a.Serials) > 0 {
			v.Add("/fate", "required", "Say what becomes of the machines that you list.")
		}
	default:
		v.Add("/kind", "unknown", "An act is one of %v.", CaseActKinds())
	}
	a.form(&v, at)
	a.belongs(&v)
	if err := v.Err(); err != nil {
		return CaseAct{}, err
	}
	a.At, a.By = at, actor.ID
	return a, nil
}

// seizure checks what a record of seizure says beside numbers.
func (a CaseAct) seizure(v *Invalid) {
	if a.Agency != "" && !slices.Contains(CaseAgencies(), a.Agency) {
		v.Add("/agency", "unknown", "The agency is one of %v.", CaseAgencies())
	}
	if a.Agency == "" && len(a.Serials) > 0 {
		v.Add("/agency", "required", "Say who took the machines: the register of equipment names the authority.")
	}
	if a.Place == "" && len(a.Serials) > 0 {
		v.Add("/place", "required", "Say where the machines are stored.")
	}
	seen := map[string]bool{}
	for i, s := range a.Serials {
		key := equipmentKey(s)
		if seen[key] {
			v.Add("/serials/"+strconv.Itoa(i), "twice", "This serial number stands here twice.")
		}
		seen[key] = true
	}
}

// form checks what any act can have wrong.
func (a CaseAct) form(v *Invalid, at time.Time) {
	if a.Kind != CaseNoted {
		if _, err := time.Parse(time.DateOnly, a.On); err != nil || a.On > LegalDate(at) {
			v.Add("/on", "date", "Give the date, not later than today, as 2026-03-31.")
		}
		if a.Number == "" {
			v.Add("/number", "required", "Give the number of the paper.")
		}
	}
	for _, f := range []struct{ at, text string }{{"/number", a.Number}, {"/criminal_case", a.CriminalCase}, {"/place", a.Place}} {
		if len(f.text) > maxCaseNumber {
			v.Add(f.at, "length", "This is longer than %d bytes.", maxCaseNumber)
		}
	}
	if len(a.Text) > maxCaseText {
		v.Add("/text", "length", "This is longer than %d bytes.", maxCaseText)
	}
	if len(a.Serials) > maxSeized {
		v.Add("/serials", "length", "At most %d serial numbers in one record.", maxSeized)
	}
	for _, s := range a.Serials {
		if strings.TrimSpace(s) == "" || len(s) > maxSerialLength {
			v.Add("/serials", "format", "A serial number has 1 to %d bytes.", maxSerialLength)
			break
		}
	}
	if a.Rigs < 0 || a.Rigs > maxSeizedRigs {
		v.Add("/rigs", "range", "A number of machines lies between 0 and %d.", maxSeizedRigs)
	}
	if a.Money < 0 || a.Money > maxCaseMoney {
		v.Add("/money_kzt", "range", "An amount is not negative and has at most 14 digits.")
	}
}

// belongs refuses fields of other kinds.
func (a CaseAct) belongs(v *Invalid) {
	papers := []CaseActKind{CaseReferred, CaseSeized, CaseReleased, CaseJudged}
	for _, f := range []struct {
		pointer string
		given   bool
		kinds   []CaseActKind
	}{
		{"/agency", a.Agency != "", []CaseActKind{CaseReferred, CaseSeized}},
		{"/number", a.Number != "", papers},
		{"/on", a.On != "", papers},
		{"/criminal_case", a.CriminalCase != "", papers},
		{"/serials", len(a.Serials) > 0, []CaseActKind{CaseSeized, CaseReleased, CaseJudged}},
		{"/place", a.Place != "", []CaseActKind{CaseSeized}},
		{"/fate", a.Fate != "", []CaseActKind{CaseReleased, CaseJudged}},
		{"/rigs", a.Rigs != 0, []CaseActKind{CaseSeized}},
		{"/money_kzt", a.Money != 0, []CaseActKind{CaseSeized, CaseJudged}},
		{"/ruling", a.Ruling != "", []CaseActKind{CaseJudged}},
	} {
		if f.given && slices.Contains(CaseActKinds(), a.Kind) && !slices.Contains(f.kinds, a.Kind) {
			v.Add(f.pointer, "not_here", "A %s has no such field.", a.Kind)
		}
	}
}
