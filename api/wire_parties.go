package api

import (
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// PersonInput is a person in a role at a party.
type PersonInput struct {
	Role         string  `json:"role" enum:"director,beneficial_owner"`
	Name         string  `json:"name" minLength:"1" maxLength:"300" doc:"Full name"`
	IIN          string  `json:"iin,omitempty" maxLength:"20" doc:"Twelve digits with check digit; absent only for a foreigner"`
	Citizenship  string  `json:"citizenship" minLength:"2" maxLength:"2" example:"KZ" doc:"ISO 3166-1 alpha-2"`
	SharePercent float64 `json:"share_percent,omitempty" minimum:"0" maximum:"100" doc:"Of a beneficial owner, in steps of 0.01"`
	ValidFrom    string  `json:"valid_from" maxLength:"10" example:"2026-03-02" doc:"Legal date: the first day"`
	ValidUntil   string  `json:"valid_until,omitempty" maxLength:"10" doc:"Legal date: the first day on which it is not so any more"`
	Note         string  `json:"note,omitempty" maxLength:"500" doc:"Where it is from, or why it is corrected"`
}

// PersonEndInput ends a role.
type PersonEndInput struct {
	ValidUntil string `json:"valid_until" maxLength:"10" example:"2026-03-02" doc:"Legal date: the first day on which it is not so any more; the first day of the role says that it never was"`
	Note       string `json:"note,omitempty" maxLength:"500"`
}

// PersonWire is a line of a party's persons as it was known.
type PersonWire struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	PersonInput
	RecordedAt time.Time       `json:"recorded_at" doc:"When this became known"`
	AlsoAt     []ElsewhereWire `json:"also_at" nullable:"false" doc:"Other parties where the same human being has a role at the same time; for officers"`
}

// ElsewhereWire is a role of the same human being at another party.
type ElsewhereWire struct {
	Party      string `json:"party"`
	NameKk     string `json:"name_kk"`
	NameRu     string `json:"name_ru"`
	Role       string `json:"role" enum:"director,beneficial_owner"`
	ValidFrom  string `json:"valid_from"`
	ValidUntil string `json:"valid_until,omitempty"`
}

func personOf(in PersonInput) models.PartyPerson {
	return models.PartyPerson{Role: models.PersonRole(in.Role), Name: in.Name, IIN: in.IIN, Citizenship: in.Citizenship,
		ShareBP: int64(math.Round(in.SharePercent * 100)), ValidFrom: in.ValidFrom, ValidUntil: in.ValidUntil, Note: in.Note}
}

func personWire(p models.PartyPerson) PersonWire {
	return PersonWire{ID: p.ID, Version: p.Version, PersonInput: PersonInput{Role: string(p.Role), Name: p.Name, IIN: p.IIN, Citizenship: p.Citizenship,
		SharePercent: float64(p.ShareBP) / 100, ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Note: p.Note}, RecordedAt: p.RecordedAt, AlsoAt: []ElsewhereWire{}}
}

func personFoundWire(f licensing.PersonFound) PersonWire {
	w := personWire(f.PartyPerson)
	for _, e := range f.Elsewhere {
		w.AlsoAt = append(w.AlsoAt, ElsewhereWire{Party: e.Party.ID, NameKk: e.Party.NameKk, NameRu: e.Party.NameRu, Role: string(e.Person.Role),
			ValidFrom: e.Person.ValidFrom, ValidUntil: e.Person.ValidUntil})
	}
	return w
}

// PartyObstacleWire is a rule of the law that a party does not meet.
type PartyObstacleWire struct {
	Code      string   `json:"code" enum:"residency,size,state"`
	Is        string   `json:"is" doc:"What the party is"`
	Allowed   []string `json:"allowed" nullable:"false" doc:"What it may be"`
	LegalRef  string   `json:"legal_ref"`
	Grade     string   `json:"grade" enum:"S,R" doc:"S read in a source, R recalled and to be confirmed"`
	ValidFrom string   `json:"valid_from"`
}

// DuplicateWire is a pair of parties that look like one.
type DuplicateWire struct {
	A           PartyWire  `json:"a"`
	B           PartyWire  `json:"b"`
	Score       int64      `json:"score" doc:"40 to 100"`
	Signs       []string   `json:"signs" nullable:"false" doc:"What agrees: name, similar_name, number, phone, email, address, person"`
	Reason      string     `json:"reason,omitempty" doc:"Of who found them to be two"`
	DismissedBy string     `json:"dismissed_by_name,omitempty"`
	DismissedAt *time.Time `json:"dismissed_at,omitempty"`
}

func duplicateWire(d licensing.DuplicateFound) DuplicateWire {
	w := DuplicateWire{A: partyWire(d.First), B: partyWire(d.Second), Score: d.Score, Signs: orEmpty(d.Signs)}
	if d.Dismissal != nil {
		w.Reason, w.DismissedBy, w.DismissedAt = d.Dismissal.Reason, d.By, optionalTime(d.Dismissal.At)
	}
	return w
}

// DismissalInput says that two parties are two.
type DismissalInput struct {
	A      string `json:"a" maxLength:"64" doc:"Party id"`
	B      string `json:"b" maxLength:"64" doc:"Party id"`
	Reason string `json:"reason" maxLength:"500"`
}

// MergeFromInput names the party that is merged, and why.
type MergeFromInput struct {
	From   string `json:"from" maxLength:"64" doc:"The duplicate: id, BIN or IIN"`
	Reason string `json:"reason" maxLength:"500"`
}

// MergeInput proposes a merge.
type MergeInput struct {
	Into string `json:"into" maxLength:"64" doc:"The survivor: id, BIN or IIN"`
	MergeFromInput
}

// UndoInput says why a merge is undone.
type UndoInput struct {
	Reason string `json:"reason" maxLength:"500"`
}

// MovedWire counts what a merge moves.
type MovedWire struct {
	Sites        int64 `json:"sites"`
	Equipment    int64 `json:"equipment"`
	Applications int64 `json:"applications" doc:"Those not decided"`
	Users        int64 `json:"users" doc:"Accounts of the portal"`
	Persons      int64 `json:"persons"`
}

// ObstacleWire is a reason why something cannot be done.
type ObstacleWire struct {
	Code   string `json:"code" enum:"merged,license_in_force,shares,moved,decided,licensed_site,licensed_rig"`
	Thing  string `json:"thing,omitempty"`
	Detail string `json:"detail"`
}

// MergePreviewWire is what a merge would do.
type MergePreviewWire struct {
	Into      PartyWire      `json:"into"`
	From      PartyWire      `json:"from"`
	Moves     MovedWire      `json:"moves"`
	Kept      int64          `json:"persons_known" doc:"Persons who stand at the survivor already and are not moved"`
	Obstacles []ObstacleWire `json:"obstacles" nullable:"false" doc:"Empty when the merge can be proposed"`
}

func movedWire(m models.Moved) MovedWire { return MovedWire(m) }

func obstacleWires(list []models.Obstacle) []ObstacleWire {
	out := make([]ObstacleWire, 0, len(list))
	for _, o := range list {
		out = append(out, ObstacleWire(o))
	}
	return out
}

func mergePreviewWire(p licensing.MergePreview) MergePreviewWire {
	return MergePreviewWire{Into: partyWire(p.Survivor), From: partyWire(p.Duplicate), Moves: movedWire(p.Moves), Kept: p.Kept, Obstacles: obstacleWires(p.Obstacles)}
}

// MergeWire is a merge of one party into another.
type MergeWire struct {
	ID         string         `json:"id"`
	Into       PartyWire      `json:"into"`
	From       PartyWire      `json:"from"`
	State      string         `json:"state" enum:"proposed,rejected,merged,undone"`
	Reason     string         `json:"reason"`
	ProposedBy string         `json:"proposed_by_name"`
	ProposedAt time.Time      `json:"proposed_at"`
	DecidedBy  string         `json:"decided_by_name,omitempty"`
	DecidedAt  *time.Time     `json:"decided_at,omitempty"`
	UndoneBy   string         `json:"undone_by_name,omitempty"`
	UndoneAt   *time.Time     `json:"undone_at,omitempty"`
	UndoReason string         `json:"undo_reason,omitempty"`
	Moved      MovedWire      `json:"moved" doc:"What it moved"`
	Obstacles  []ObstacleWire `json:"obstacles" nullable:"false" doc:"What stands in the way of undoing it; of one merge only"`
	Allowed    []string       `json:"allowed" nullable:"false" doc:"What the caller may do now: confirm reject undo"`
	Version    int64          `json:"version"`
}

func mergeWireFor(actor models.Actor) func(licensing.MergeFound) MergeWire {
	return func(m licensing.MergeFound) MergeWire { return mergeWire(actor, m) }
}

func mergeWire(actor models.Actor, m licensing.MergeFound) MergeWire {
	w := MergeWire{ID: m.ID, Into: partyWire(m.Parties[m.Survivor]), From: partyWire(m.Parties[m.Duplicate]), State: string(m.State), Reason: m.Reason,
		ProposedBy: m.People[m.Drafter], ProposedAt: m.ProposedAt, DecidedBy: m.People[m.Signer], DecidedAt: optionalTime(m.DecidedAt),
		UndoneBy: m.People[m.UndoneBy], UndoneAt: optionalTime(m.UndoneAt), UndoReason: m.UndoReason, Moved: movedWire(m.Moved),
		Obstacles: obstacleWires(m.Obstacles), Allowed: []string{}, Version: m.Version}
	decides := models.Can(actor, models.ActMergeDecide, models.Scope{}) == nil
	switch {
	case m.State == models.MergeProposed && decides && m.Drafter != actor.ID:
		w.Allowed = append(w.Allowed, "confirm", "reject")
	case m.State == models.MergeProposed && (decides || m.Drafter == actor.ID):
		w.Allowed = append(w.Allowed, "reject")
	case m.State == models.MergeDone && decides && len(m.Obstacles) == 0:
		w.Allowed = append(w.Allowed, "undo")
	}
	return w
}
