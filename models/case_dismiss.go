package models

import (
	"slices"
	"strings"
	"time"
)

// SecondLook are the rules by which a dismissal needs a second person: what is at
// stake, and by lot one in so many, so that nobody can tell before which.
type SecondLook struct {
	From    Watts // from here on always
	Percent int64 // of the others, 0..100
}

// Dismiss ends the case, or drafts its dismissal for a second person: when the power
// at stake is large, or lot, drawn from 0 to 99 by the caller, falls below the share.
func (c Case) Dismiss(why CaseDismissal, note string, rule SecondLook, lot int64, actor Actor, at time.Time) (Case, error) {
	if err := c.over(); err != nil {
		return c, err
	}
	if c.State == CaseDismissalDrafted {
		return c, Errorf(CodeConflict, "A dismissal waits for its second look already.")
	}
	if err := c.mayLead(actor); err != nil {
		return c, err
	}
	note = strings.TrimSpace(note)
	var v Invalid
	if !slices.Contains(CaseDismissals(), why) {
		v.Add("/reason_code", "unknown", "The reason is one of %v.", CaseDismissals())
	}
	if note == "" || len(note) > maxCaseText {
		v.Add("/note", "required", "Say what the dismissal rests on, in at most %d bytes.", maxCaseText)
	}
	if err := v.Err(); err != nil {
		return c, err
	}
	c = c.step(at)
	c.Dismissal, c.Note, c.DraftedBy = why, note, actor.ID
	if c.Estimated >= rule.From || lot < rule.Percent {
		c.State = CaseDismissalDrafted
		return c, nil
	}
	c.State, c.Due, c.Ended = CaseDismissed, "", at
	return c, nil
}

// ConfirmDismissal is the second look that agrees: the case has ended. Who drafted
// the dismissal may not.
func (c Case) ConfirmDismissal(actor Actor, at time.Time) (Case, error) {
	if err := c.awaitsLook(); err != nil {
		return c, err
	}
	if actor.ID == c.DraftedBy {
		return c, Errorf(CodeFourEyes, "You drafted this dismissal. A colleague has to look at it.")
	}
	c = c.step(at)
	c.State, c.Due, c.Ended = CaseDismissed, "", at
	return c, nil
}

// ReturnDismissal is the second look that does not agree, or who drafted it taking it
// back: the case goes on.
func (c Case) ReturnDismissal(reason string, at time.Time) (Case, error) {
	if err := c.awaitsLook(); err != nil {
		return c, err
	}
	if strings.TrimSpace(reason) == "" {
		var v Invalid
		v.Add("/reason", "required", "Say what has to be looked at again.")
		return c, v.Err()
	}
	c = c.step(at)
	c.State, c.Dismissal, c.Note, c.DraftedBy = CaseInvestigating, "", "", ""
	return c, nil
}

func (c Case) awaitsLook() error {
	if c.State != CaseDismissalDrafted {
		return Errorf(CodeConflict, "No dismissal of case %s waits for a second look.", c.Number)
	}
	return nil
}
