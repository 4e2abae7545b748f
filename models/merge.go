package models

import (
	"strings"
	"time"
)

// PartyMerged is a party that was merged into another, whose id is MergedInto.
const PartyMerged PartyState = "merged"

// MergeState is the state of a merge of two parties.
type MergeState string

// The states: one person proposes, another merges or rejects, anybody of the two
// roles undoes.
const (
	MergeProposed MergeState = "proposed"
	MergeRejected MergeState = "rejected"
	MergeDone     MergeState = "merged"
	MergeUndone   MergeState = "undone"
)

// Merge is a merge of one party into another, with how it went.
type Merge struct {
	ID         string
	Survivor   string // party id
	Duplicate  string // party id
	State      MergeState
	Reason     string
	Drafter    string // user id
	ProposedAt time.Time
	Signer     string // user id of who merged or rejected; never the drafter's, when merged
	DecidedAt  time.Time
	UndoneBy   string // user id
	UndoneAt   time.Time
	UndoReason string
	Version    int64
}

// Moved counts what a merge moves, or moved.
type Moved struct {
	Sites, Equipment, Applications, Users, Persons int64
}

// ProposeMerge makes a proposed merge, or says what is wrong with it.
func ProposeMerge(m Merge, actor Actor, at time.Time) (Merge, error) {
	var v Invalid
	if m.Survivor == m.Duplicate {
		v.Add("/from", "duplicate", "This is the party itself. Name the other one.")
	}
	checkReason(&v, m.Reason)
	if err := v.Err(); err != nil {
		return Merge{}, err
	}
	return Merge{ID: m.ID, Survivor: m.Survivor, Duplicate: m.Duplicate, State: MergeProposed, Reason: strings.TrimSpace(m.Reason),
		Drafter: actor.ID, ProposedAt: at, Version: 1}, nil
}

func checkReason(v *Invalid, reason string) {
	if strings.TrimSpace(reason) == "" || len(reason) > maxText {
		v.Add("/reason", "required", "Say why, in at most %d bytes.", maxText)
	}
}

// Decide merges or rejects what was proposed. Whoever proposed it may take it back
// and may not carry it out.
func (m Merge) Decide(to MergeState, actor Actor, at time.Time) (Merge, error) {
	if m.State != MergeProposed {
		return Merge{}, Errorf(CodeConflict, "The merge is %s already.", m.State)
	}
	if to == MergeDone {
		if err := fourEyes(m.Drafter, actor.ID); err != nil {
			return Merge{}, err
		}
	}
	m.State, m.Signer, m.DecidedAt = to, actor.ID, at
	m.Version++
	return m, nil
}

// Undo takes a merge back.
func (m Merge) Undo(reason string, actor Actor, at time.Time) (Merge, error) {
	if m.State != MergeDone {
		return Merge{}, Errorf(CodeConflict, "The merge is %s: there is nothing to undo.", m.State)
	}
	var v Invalid
	checkReason(&v, reason)
	if err := v.Err(); err != nil {
		return Merge{}, err
	}
	m.State, m.UndoneBy, m.UndoneAt, m.UndoReason = MergeUndone, actor.ID, at, strings.TrimSpace(reason)
	m.Version++
	return m, nil
}

// Obstacle says in one word and one sentence why something cannot be done, and
// names the thing.
type Obstacle struct {
	Code   string // license_in_force, shares, merged, decided, moved, licensed_site
	Thing  string // number or code
	Detail string
}

// Refused makes a conflict of obstacles, nil when there are none.
func Refused(what string, obstacles []Obstacle) error {
	if len(obstacles) == 0 {
		return nil
	}
	e := Errorf(CodeConflict, "%s", what)
	for _, o := range obstacles {
		e.Fields = append(e.Fields, FieldError{Code: o.Code, Detail: o.Detail})
	}
	return e
}

// NewObstacle makes an obstacle of a sentence with one %s for the thing.
func NewObstacle(code, thing, sentence string) Obstacle {
	return Obstacle{Code: code, Thing: thing, Detail: strings.ReplaceAll(sentence, "%s", thing)}
}
