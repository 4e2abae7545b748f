package models

import (
	"strings"
	"time"
)

// LicenseActKind says what an act does to a license.
type LicenseActKind string

// The kinds of act.
const (
	SuspensionAct  LicenseActKind = "suspension"
	ExtensionAct   LicenseActKind = "extension"
	LiftAct        LicenseActKind = "lift"
	RevocationAct  LicenseActKind = "revocation"
	TerminationAct LicenseActKind = "termination"
	CorrectionAct  LicenseActKind = "correction"
)

// LicenseActKinds lists every kind.
func LicenseActKinds() []LicenseActKind {
	return []LicenseActKind{SuspensionAct, ExtensionAct, LiftAct, RevocationAct, TerminationAct, CorrectionAct}
}

// Grounds gives the kind of grounds the catalogue holds for the act; "" for a
// correction, which says in its note what was wrong.
func (k LicenseActKind) Grounds() GroundKind {
	switch k {
	case SuspensionAct, ExtensionAct:
		return GroundSuspend
	case LiftAct:
		return GroundLift
	case RevocationAct:
		return GroundRevoke
	case TerminationAct:
		return GroundTerminate
	}
	return ""
}

// LicenseActState is where an act is.
type LicenseActState string

// The states. Provisional is an urgent suspension that holds and waits for its
// confirmation; lapsed is one that nobody confirmed; void is a draft whose license
// changed before it was signed. Drafted and provisional wait for somebody.
const (
	LicenseActDrafted     LicenseActState = "drafted"
	LicenseActProvisional LicenseActState = "provisional"
	LicenseActSigned      LicenseActState = "signed"
	LicenseActRejected    LicenseActState = "rejected"
	LicenseActVoid        LicenseActState = "void"
	LicenseActLapsed      LicenseActState = "lapsed"
)

// GroundUnconfirmed is the ground on which an urgent suspension falls that nobody
// confirmed in time, or that another person rejected.
const GroundUnconfirmed = "UNCONFIRMED"

// ValueUrgentConfirmDays is the code of the legal value for how many working days
// after its day an urgent suspension can be confirmed.
const ValueUrgentConfirmDays = "urgent_confirm_days"

// LicenseAct is an act on a license by two people: one drafts it with what it will
// do in view, another signs. Signer is never the drafter, nor of the drafter's unit
// where both have one.
type LicenseAct struct {
	ID            string
	Number        string // LA-2026-00001
	License       string // number
	Base          int64  // version of the license that the drafter saw
	Kind          LicenseActKind
	Ground        string // code of the catalogue; "" for a correction
	Months        int    // of a suspension, or added by an extension
	Note          string
	Since         time.Time // of a correction: from when it holds
	Correction    *Correction
	Impact        string // what the drafter was shown, JSON of the service
	ImpactDigest  string // of Impact, hexadecimal SHA-256
	State         LicenseActState
	Drafter       string // user id
	DrafterUnit   string
	DraftedAt     time.Time
	ConfirmBy     time.Time // provisional: falls at this instant
	Signer        string    // user id
	SignerUnit    string
	SignedAt      time.Time
	Order         string // number of the order, from its signature on
	ResultVersion int64  // version of the license that it made, 0 for none
	Reason        string // why it was rejected or is void
	ClosedBy      string // user id, or the program
	ClosedAt      time.Time
	Version       int64
}

// Open tells whether the act waits for somebody.
func (a LicenseAct) Open() bool {
	return a.State == LicenseActDrafted || a.State == LicenseActProvisional
}

// DraftAct begins an act on the newest version of a license and refuses what could
// not be done now. versions are all of the license in the order of their numbers.
func DraftAct(a LicenseAct, versions []License, actor Actor, at time.Time) (LicenseAct, error) {
	newest := versions[len(versions)-1]
	a.License, a.Base, a.State, a.Version = newest.Number, newest.Version, LicenseActDrafted, 1
	a.Drafter, a.DrafterUnit, a.DraftedAt = actor.ID, actor.Unit, at
	if a.Kind == CorrectionAct && strings.TrimSpace(a.Note) == "" {
		var v Invalid
		v.Add("/note", "required", "Say what was recorded wrongly and what shows it.")
		return LicenseAct{}, v.Err()
	}
	if a.Kind != CorrectionAct {
		a.Correction, a.Since = nil, time.Time{}
	} else {
		if a.Correction == nil {
			a.Correction = &Correction{}
		}
		if timeline := LicenseTimeline(versions, at); a.Since.IsZero() && len(timeline) > 0 {
			a.Since = timeline[0].EffectiveAt
		}
	}
	if a.Kind != SuspensionAct && a.Kind != ExtensionAct {
		a.Months = 0
	}
	const somebody = "somebody else" // the signer is not known yet
	if _, err := a.Apply(versions, Act{Drafter: actor.ID, Signer: somebody}, at); err != nil {
		return LicenseAct{}, err
	}
	return a, nil
}

// Apply gives the versions that the act makes of a license at an instant: one, or
// several for a correction. The paper gets its ground and note from the act.
func (a LicenseAct) Apply(versions []License, paper Act, at time.Time) ([]License, error) {
	l := versions[len(versions)-1]
	paper.ID, paper.Ground, paper.Note = a.ID, a.Ground, a.Note
	var n License
	var err error
	switch a.Kind {
	case SuspensionAct:
		n, err = l.Suspend(paper, a.Months, at)
	case ExtensionAct:
		n, err = l.Extend(paper, a.Months, at)
	case LiftAct:
		n, err = l.Lift(paper, at)
	case RevocationAct:
		n, err = l.Revoke(paper, at)
	case TerminationAct:
		n, err = l.Terminate(paper, at)
	case CorrectionAct:
		return CorrectLicense(versions, *a.Correction, paper, a.Since, at)
	default:
		var v Invalid
		v.Add("/kind", "unknown", "An act is one of %v.", LicenseActKinds())
		err = v.Err()
	}
	if err != nil {
		return nil, err
	}
	return []License{n}, nil
}

// EntryKind names the ledger entry of a license that the act changed.
func (a LicenseAct) EntryKind() string {
	switch a.Kind {
	case SuspensionAct:
		return "license.suspended"
	case ExtensionAct:
		return "license.suspension_extended"
	case LiftAct:
		return "license.lifted"
	case RevocationAct:
		return "license.revoked"
	case TerminationAct:
		return "license.terminated"
	}
	return "license.corrected"
}

// otherPerson refuses the drafter, and a colleague of the drafter's own unit.
func (a LicenseAct) otherPerson(actor Actor) error {
	return SecondHand(a.Drafter, a.DrafterUnit, actor)
}

func (a LicenseAct) in(state LicenseActState) error {
	if a.State != state {
		return Errorf(CodeConflict, "Act %s is %s; this can be done only while it is %s.", a.Number, a.State, state)
	}
	return nil
}

// Sign signs a draft. The caller gives the order its number and the license its
// next version.
func (a LicenseAct) Sign(actor Actor, at time.Time) (LicenseAct, error) {
	if err := a.in(LicenseActDrafted); err != nil {
		return LicenseAct{}, err
	}
	return a.signed(actor, at)
}

// Confirm signs an urgent suspension that holds already.
func (a LicenseAct) Confirm(actor Actor, at time.Time) (LicenseAct, error) {
	if err := a.in(LicenseActProvisional); err != nil {
		return LicenseAct{}, err
	}
	if !at.Before(a.ConfirmBy) {
		return LicenseAct{}, Errorf(CodeConflict, "The time for confirming act %s ended at %s; the suspension has fallen.", a.Number, a.ConfirmBy.Format(time.RFC3339))
	}
	return a.signed(actor, at)
}

func (a LicenseAct) signed(actor Actor, at time.Time) (LicenseAct, error) {
	if err := a.otherPerson(actor); err != nil {
		return LicenseAct{}, err
	}
	a.Signer, a.SignerUnit, a.SignedAt = actor.ID, actor.Unit, at
	return a.closed(LicenseActSigned, actor.ID, "", at), nil
}

// Reject ends an act that waits, with a reason: another person refuses it, or the
// drafter takes a draft back. An urgent suspension is rejected by another person
// only, and falls.
func (a LicenseAct) Reject(actor Actor, reason string, at time.Time) (LicenseAct, error) {
	if !a.Open() {
		return LicenseAct{}, Errorf(CodeConflict, "Act %s is %s; only one that waits can be rejected.", a.Number, a.State)
	}
	if strings.TrimSpace(reason) == "" {
		var v Invalid
		v.Add("/reason", "required", "Say why, so that its drafter can mend it.")
		return LicenseAct{}, v.Err()
	}
	if a.State == LicenseActProvisional {
		if err := a.otherPerson(actor); err != nil {
			return LicenseAct{}, err
		}
	}
	return a.closed(LicenseActRejected, actor.ID, reason, at), nil
}

// Void ends a draft whose license has another version by now.
func (a LicenseAct) Void(reason string, actor Actor, at time.Time) LicenseAct {
	return a.closed(LicenseActVoid, actor.ID, reason, at)
}

// Lapse ends an urgent suspension that nobody confirmed in time.
func (a LicenseAct) Lapse(at time.Time) (LicenseAct, error) {
	if a.State != LicenseActProvisional || at.Before(a.ConfirmBy) {
		return LicenseAct{}, Errorf(CodeConflict, "Act %s is %s and can be confirmed until %s.", a.Number, a.State, a.ConfirmBy.Format(time.RFC3339))
	}
	return a.closed(LicenseActLapsed, System().ID, "", at), nil
}

func (a LicenseAct) closed(to LicenseActState, by, reason string, at time.Time) LicenseAct {
	a.State, a.ClosedBy, a.Reason, a.ClosedAt = to, by, reason, at
	a.Version++
	return a
}

// Allowed names what the actor may do with the act as it stands: sign, confirm,
// reject, take_back. It is for screens; the commands ask again.
func (a LicenseAct) Allowed(actor Actor) []string {
	out := []string{}
	may := func(name string, action Action) {
		if Can(actor, action, Scope{}) == nil && a.otherPerson(actor) == nil {
			out = append(out, name)
		}
	}
	switch a.State {
	case LicenseActDrafted:
		may("sign", ActLicenseSign)
		may("reject", ActLicenseSign)
		if actor.ID == a.Drafter {
			out = append(out, "take_back")
		}
	case LicenseActProvisional:
		may("confirm", ActLicenseConfirm)
		may("reject", ActLicenseConfirm)
	}
	return out
}
