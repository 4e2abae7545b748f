package models

import "time"

// Why a drafted decision fell.
const (
	VoidedByHand       = "taken_back"        // an officer took it back
	VoidedByChecklist  = "item_checked"      // a requirement was looked at again
	VoidedByCorrection = "correction_asked"  // the applicant was asked for a correction
	VoidedByQuestion   = "agency_asked"      // an agency was asked
	VoidedByAgency     = "agency_objected"   // an agency objects
	VoidedByConflict   = "conflict_declared" // its drafter has a conflict of interest
)

// VoidedDraft is the last drafted decision of an application that fell before it
// was signed.
type VoidedDraft struct {
	Outcome   string
	Drafter   string // user id
	DraftedAt time.Time
	By        string // user id of who made it fall
	At        time.Time
	Why       string // one of the Voided… constants
}

// dropDraft lets a drafted decision fall and keeps who did it and why. Without one
// it changes nothing.
func (a *Application) dropDraft(actor Actor, at time.Time, why string) {
	if a.Decision == nil {
		return
	}
	a.Voided = &VoidedDraft{Outcome: a.Decision.Outcome, Drafter: a.Decision.Drafter, DraftedAt: a.Decision.DraftedAt, By: actor.ID, At: at, Why: why}
	a.Decision = nil
}

// Object takes a drafted decision back to review because an agency objects; before
// one is drafted it only counts the version up.
func (a Application) Object(actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationInReview, ApplicationDrafted)
	if err != nil {
		return Application{}, err
	}
	n.dropDraft(actor, at, VoidedByAgency)
	return n, nil
}

// SecondHand refuses a signer who is the drafter, or who sits in the drafter's unit
// when both have one (Law 202-V Art. 25: drafter and signer are different people of
// different units). Somebody without a unit is told apart as a person only.
func SecondHand(drafter, drafterUnit string, signer Actor) error {
	if err := fourEyes(drafter, signer.ID); err != nil {
		return err
	}
	if drafterUnit != "" && drafterUnit == signer.Unit {
		return Errorf(CodeFourEyes, "The draft comes from your own unit (%s). Somebody of another unit has to sign.", drafterUnit)
	}
	return nil
}
