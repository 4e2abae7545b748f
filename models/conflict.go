package models

import (
	"slices"
	"strings"
	"time"
)

// Conflict is a conflict of interest of one person with one application. While it
// stands, the person takes no part in the review: not in charge, no item checked,
// nothing drafted or signed (Law on Combating Corruption 410-V, Art. 15).
type Conflict struct {
	ID              string
	Application     string // application id
	Person          string // user id
	Reason          string
	DeclaredBy      string // user id: the person, or a head for them
	DeclaredAt      time.Time
	WithdrawnBy     string // user id of a head; never the person; "" while it stands
	WithdrawnReason string
	WithdrawnAt     time.Time
	Version         int64
}

// Stands tells whether the conflict has not been withdrawn.
func (c Conflict) Stands() bool { return c.WithdrawnBy == "" }

const maxConflictReason = 2000

// DeclareConflict makes a conflict of interest. Whoever does not head the office
// declares their own only.
func DeclareConflict(c Conflict, actor Actor, at time.Time) (Conflict, error) {
	var v Invalid
	if c.Person == "" {
		c.Person = actor.ID
	}
	if c.Person != actor.ID && !actor.Is(RoleHead) {
		v.Add("/person", "not_allowed", "Only a head declares a conflict for somebody else.")
	}
	if reason := strings.TrimSpace(c.Reason); reason == "" || len(reason) > maxConflictReason {
		v.Add("/reason", "required", "Say what the conflict is, in at most %d bytes.", maxConflictReason)
	}
	if err := v.Err(); err != nil {
		return Conflict{}, err
	}
	c.DeclaredBy, c.DeclaredAt, c.Version = actor.ID, at, 1
	return c, nil
}

// Withdraw ends a conflict that stands. The person concerned may not.
func (c Conflict) Withdraw(reason string, actor Actor, at time.Time) (Conflict, error) {
	if !c.Stands() {
		return Conflict{}, Errorf(CodeConflict, "This declaration was withdrawn before.")
	}
	if c.Person == actor.ID {
		return Conflict{}, Errorf(CodeFourEyes, "Nobody withdraws a conflict of their own. Another head has to do it.")
	}
	if text := strings.TrimSpace(reason); text == "" || len(text) > maxConflictReason {
		var v Invalid
		v.Add("/reason", "required", "Say why there is no conflict any more, in at most %d bytes.", maxConflictReason)
		return Conflict{}, v.Err()
	}
	c.WithdrawnBy, c.WithdrawnReason, c.WithdrawnAt = actor.ID, reason, at
	c.Version++
	return c, nil
}

// Unbiased refuses somebody who has a conflict of interest with the application:
// one that was declared and stands, or that the register shows, because they belong
// to the party that applies.
func (a Application) Unbiased(actor Actor, conflicts []Conflict) error {
	if actor.Party != "" && actor.Party == a.Applicant {
		return Errorf(CodeForbidden, "You belong to the party that applies, so you take no part in the review of %s.", a.Number)
	}
	if slices.ContainsFunc(conflicts, func(c Conflict) bool { return c.Person == actor.ID && c.Stands() }) {
		return Errorf(CodeForbidden, "A conflict of interest of yours is declared on %s, so you take no part in its review. A head can withdraw it.", a.Number)
	}
	return nil
}

// Disinterested refuses somebody who belongs to the party that an act or a decision
// is about.
func Disinterested(actor Actor, party string) error {
	if actor.Party != "" && actor.Party == party {
		return Errorf(CodeForbidden, "You belong to the party that this is about, so you take no part in it. A colleague has to decide.")
	}
	return nil
}

// StepBack takes somebody with a conflict of interest off the application: not in
// charge any more, and what they drafted falls.
func (a Application) StepBack(person string, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, a.State, ApplicationSubmitted, ApplicationRegistered, ApplicationInReview, ApplicationDrafted)
	if err != nil {
		return Application{}, err
	}
	if n.Officer == person {
		n.Officer = ""
	}
	if n.Decision != nil && n.Decision.Drafter == person {
		n.State = ApplicationInReview
		n.dropDraft(actor, at, VoidedByConflict)
	}
	return n, nil
}
