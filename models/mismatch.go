package models

import (
	"strings"
	"time"
)

// MismatchState is what became of a mismatch.
type MismatchState string

// The states. A mismatch that is found again goes back to open from corrected and
// from gone, and from accepted when its power grew by more than a fifth.
const (
	MismatchOpen      MismatchState = "open"
	MismatchAccepted  MismatchState = "accepted"  // somebody explained it
	MismatchCorrected MismatchState = "corrected" // somebody says that it was put right; the next list shows
	MismatchGone      MismatchState = "gone"      // the newest list does not show it any more
)

// MismatchOutcome is what a person decides about a mismatch.
type MismatchOutcome string

// The outcomes. A task leaves the mismatch open.
const (
	OutcomeAccepted  MismatchOutcome = "accepted"
	OutcomeCorrected MismatchOutcome = "corrected"
	OutcomeTask      MismatchOutcome = "task"
)

// growthBeyond is the permille of the accepted power from which an accepted mismatch
// is open again.
const growthBeyond = 1200

// FollowedMismatch is a mismatch of one utility through its lists: the same kind at
// the same point keeps its id, and its age while it is there.
type FollowedMismatch struct {
	ID       string
	Utility  string // id
	Mismatch        // as the newest list that shows it
	State    MismatchState
	Since    time.Time // found without a break since
	Seen     time.Time // of the newest list that shows it
	Run      string    // id of that reconciliation
	Times    int64     // how many lists have shown it
	Accepted Watts     // the power at which it was accepted, 0 while it was not

	DecidedBy string // user id, "" while nobody decided
	Decided   time.Time
	Reason    string
	Task      string // id of the task that was made of it, ""
	Version   int64
}

// NewMismatch begins to follow a mismatch.
func NewMismatch(id, utility, run string, m Mismatch, at time.Time) FollowedMismatch {
	return FollowedMismatch{ID: id, Utility: utility, Mismatch: m, State: MismatchOpen, Since: at, Seen: at, Run: run, Times: 1, Version: 1}
}

// Found follows the mismatch through another list that shows it. It tells whether it
// is open again.
func (f FollowedMismatch) Found(m Mismatch, run string, at time.Time) (next FollowedMismatch, reopened bool) {
	next = f
	next.Mismatch, next.Seen, next.Run, next.Times = m, at, run, f.Times+1
	next.Version++
	switch {
	case f.State == MismatchGone:
		next.Since, reopened = at, true
	case f.State == MismatchCorrected:
		reopened = true
	case f.State == MismatchAccepted && int64(m.Stake)*1000 > int64(f.Accepted)*growthBeyond:
		reopened = true
	}
	if reopened {
		next.State, next.Accepted, next.DecidedBy, next.Decided, next.Reason, next.Task = MismatchOpen, 0, "", time.Time{}, "", ""
	}
	return next, reopened
}

// Leave follows the mismatch through a list that does not show it.
func (f FollowedMismatch) Leave() FollowedMismatch {
	f.State = MismatchGone
	f.Version++
	return f
}

// Decide records what a person says of an open mismatch, with the reason.
func (f FollowedMismatch) Decide(actor Actor, outcome MismatchOutcome, reason string, at time.Time) (FollowedMismatch, error) {
	if f.State != MismatchOpen {
		return FollowedMismatch{}, Errorf(CodeConflict, "This mismatch is %s. Only an open one is decided.", f.State)
	}
	var v Invalid
	if strings.TrimSpace(reason) == "" || len(reason) > 1000 {
		v.Add("/reason", "required", "Say why, in at most 1,000 characters, so that a colleague can follow it later.")
	}
	switch outcome {
	case OutcomeAccepted:
		f.State, f.Accepted = MismatchAccepted, max(f.Stake, 1)
	case OutcomeCorrected:
		f.State = MismatchCorrected
	case OutcomeTask:
		if f.Task != "" {
			return FollowedMismatch{}, Errorf(CodeConflict, "There is a task for this mismatch already.")
		}
	default:
		v.Add("/outcome", "unknown", "The outcome is accepted, corrected or task.")
	}
	if err := v.Err(); err != nil {
		return FollowedMismatch{}, err
	}
	f.DecidedBy, f.Decided, f.Reason = actor.ID, at, reason
	f.Version++
	return f, nil
}

// Allowed names what the actor may do with the mismatch now. It is for screens; the
// commands ask again.
func (f FollowedMismatch) Allowed(actor Actor) []string {
	if f.State != MismatchOpen || Can(actor, ActMismatchDecide, Scope{Utility: f.Utility}) != nil {
		return []string{}
	}
	out := []string{string(OutcomeAccepted), string(OutcomeCorrected)}
	if f.Task == "" {
		out = append(out, string(OutcomeTask))
	}
	return out
}
