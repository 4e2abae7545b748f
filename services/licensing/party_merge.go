package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// MergePreview is what a merge would move and what stands in its way.
type MergePreview struct {
	Survivor  models.Party
	Duplicate models.Party
	Moves     models.Moved
	Kept      int64 // persons who stand at the survivor already and are not moved
	Obstacles []models.Obstacle
}

// MergeFound is a merge with what it moved, its parties, and the names of people by
// user id.
type MergeFound struct {
	models.Merge
	Moved     models.Moved
	Parties   map[string]models.Party
	People    map[string]string
	Obstacles []models.Obstacle // in the way of undoing a merge that stands
}

// PreviewMerge tells what a merge of the second party into the first would do.
func (s *Service) PreviewMerge(ctx context.Context, actor models.Actor, into, from string) (out MergePreview, err error) {
	err = s.view(ctx, actor, models.ActDuplicateRead, func(tx *store.Tx) error {
		out, _, err = previewMerge(tx, into, from)
		return err
	})
	return out, err
}

func previewMerge(tx *store.Tx, into, from string) (out MergePreview, moving []models.PartyPerson, err error) {
	if out.Survivor, err = partyByKey(tx, into); err != nil {
		return out, nil, unknownField("/into", "There is no such party.", err)
	}
	if out.Duplicate, err = partyByKey(tx, from); err != nil {
		return out, nil, unknownField("/from", "There is no such party.", err)
	}
	for _, p := range []models.Party{out.Survivor, out.Duplicate} {
		if p.MergedInto != "" {
			out.Obstacles = append(out.Obstacles, models.NewObstacle("merged", p.BinOrIin, "Party %s was merged already."))
		}
	}
	numbers, err := tx.LicensesInForce(out.Duplicate.ID)
	if err != nil {
		return out, nil, err
	}
	for _, n := range numbers {
		out.Obstacles = append(out.Obstacles, models.NewObstacle("license_in_force", n,
			"License %s of the duplicate is in force, and a license never changes hands by a merge. Re-issue it to the survivor or end it first, or merge the other way round."))
	}
	if out.Moves, err = tx.Movable(out.Duplicate.ID); err != nil {
		return out, nil, err
	}
	there, err := tx.Persons(out.Survivor.ID, tx.Now)
	if err != nil {
		return out, nil, err
	}
	theirs, err := tx.Persons(out.Duplicate.ID, tx.Now)
	if err != nil {
		return out, nil, err
	}
	for _, p := range theirs {
		known := slices.ContainsFunc(there, func(q models.PartyPerson) bool { return q.Role == p.Role && q.Key() == p.Key() && q.Overlaps(p) })
		if known {
			out.Kept++
		} else {
			moving = append(moving, p)
		}
	}
	out.Moves.Persons = int64(len(moving))
	if err := models.CheckPersons(append(slices.Clone(there), moving...)); err != nil {
		out.Obstacles = append(out.Obstacles, models.Obstacle{Code: "shares",
			Detail: "Together the owners would hold more than 100 %. End or correct the lines of owners that are wrong first."})
	}
	return out, moving, nil
}

// ProposeMerge proposes to merge one party into another. Somebody else confirms.
func (s *Service) ProposeMerge(ctx context.Context, actor models.Actor, into, from, reason string) (out models.Merge, err error) {
	err = s.update(ctx, actor, models.ActMergePropose, func(tx *store.Tx) error {
		preview, _, err := previewMerge(tx, into, from)
		if err != nil {
			return err
		}
		out, err = models.ProposeMerge(models.Merge{ID: tx.NewID(), Survivor: preview.Survivor.ID, Duplicate: preview.Duplicate.ID, Reason: reason}, actor, tx.Now)
		if err == nil {
			err = models.Refused("These parties cannot be merged now. Nothing was proposed.", preview.Obstacles)
		}
		if err != nil {
			return err
		}
		if err := tx.InsertMerge(out); err != nil {
			if models.CodeOf(err) == models.CodeConflict {
				return models.Errorf(models.CodeConflict, "A merge of this party is proposed already. Decide that one first.")
			}
			return err
		}
		return mergeFact(tx, actor, "party.merge_proposed", out, nil)
	})
	return out, err
}

// mergeFact leaves an entry about a merge. Its reasons are no part of the ledger,
// because they can name people.
func mergeFact(tx *store.Tx, actor models.Actor, kind string, m models.Merge, more map[string]any) error {
	body := map[string]any{"merge": m.ID, "survivor": m.Survivor, "duplicate": m.Duplicate, "drafter": m.Drafter}
	for k, v := range more {
		body[k] = v
	}
	return fact(tx, actor, kind, models.Ref{Kind: "party", ID: m.Survivor}, m.Version, body)
}

// RejectMerge ends what was proposed; its proposer may take it back.
func (s *Service) RejectMerge(ctx context.Context, actor models.Actor, id string, version int64) (out models.Merge, err error) {
	err = s.update(ctx, actor, models.ActDuplicateRead, func(tx *store.Tx) error {
		m, err := tx.Merge(id)
		if err != nil {
			return err
		}
		if m.Drafter != actor.ID {
			if err := models.Can(actor, models.ActMergeDecide, models.Scope{}); err != nil {
				return err
			}
		}
		if err := sameVersion(version, m.Version); err != nil {
			return err
		}
		if out, err = m.Decide(models.MergeRejected, actor, tx.Now); err != nil {
			return err
		}
		if err := tx.UpdateMerge(out); err != nil {
			return err
		}
		return mergeFact(tx, actor, "party.merge_rejected", out, nil)
	})
	return out, err
}

// ConfirmMerge merges what somebody else proposed: sites, rigs, open applications,
// accounts and persons go to the survivor in one transaction, and the duplicate
// leads there.
func (s *Service) ConfirmMerge(ctx context.Context, actor models.Actor, id string, version int64) (out models.Merge, err error) {
	err = s.update(ctx, actor, models.ActMergeDecide, func(tx *store.Tx) error {
		m, err := tx.Merge(id)
		if err == nil {
			err = sameVersion(version, m.Version)
		}
		if err != nil {
			return err
		}
		if out, err = m.Decide(models.MergeDone, actor, tx.Now); err != nil {
			return err
		}
		for _, party := range []string{min(m.Survivor, m.Duplicate), max(m.Survivor, m.Duplicate)} {
			if err := tx.LockParty(party); err != nil {
				return err
			}
		}
		preview, moving, err := previewMerge(tx, m.Survivor, m.Duplicate)
		if err == nil {
			err = models.Refused("These parties cannot be merged now. Nothing was moved.", preview.Obstacles)
		}
		if err != nil {
			return err
		}
		if err := tx.UpdateMerge(out); err != nil {
			return err
		}
		for _, p := range moving {
			if err := movePerson(tx, actor, out.ID, p, m.Survivor); err != nil {
				return err
			}
		}
		if err := tx.MoveToSurvivor(out, preview.Survivor); err != nil {
			return err
		}
		if err := movedApplications(tx, actor, out.ID); err != nil {
			return err
		}
		moved, err := movedBody(tx, out.ID)
		if err != nil {
			return err
		}
		return mergeFact(tx, actor, "party.merged", out, moved)
	})
	return out, err
}

// movedApplications leaves an entry on each application that a merge, or undoing it,
// gave another applicant: each has its next version.
func movedApplications(tx *store.Tx, actor models.Actor, merge string) error {
	ids, err := tx.MovedItems(merge, "application")
	if err != nil {
		return err
	}
	for _, id := range ids {
		a, err := tx.Application(id)
		if err == nil {
			err = applicationFact(tx, actor, "application.applicant_changed", a, map[string]any{"merge": merge})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func movePerson(tx *store.Tx, actor models.Actor, merge string, p models.PartyPerson, to string) error {
	if err := tx.KeepMovedPerson(merge, p.ID); err != nil {
		return err
	}
	p.Party = to
	return keepPerson(tx, actor, "party.person_moved", &p)
}

// movedBody names what a merge moved; of rigs, of which there may be very many, it
// gives the number and a digest of their ids, sorted, a line each.
func movedBody(tx *store.Tx, merge string) (map[string]any, error) {
	body := map[string]any{}
	for _, kind := range []string{"site", "application", "user", "person", "equipment"} {
		ids, err := tx.MovedItems(merge, kind)
		if err != nil {
			return nil, err
		}
		if kind == "equipment" {
			sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
			body["equipment"], body["equipment_digest"] = len(ids), "sha256:"+hex.EncodeToString(sum[:])
		} else if len(ids) > 0 {
			body[kind+"s"] = ids
		}
	}
	return body, nil
}

// UndoMerge takes a merge back: everything that it moved returns. It is refused,
// with every reason, where something that was moved cannot return.
func (s *Service) UndoMerge(ctx context.Context, actor models.Actor, id string, version int64, reason string) (out models.Merge, err error) {
	err = s.update(ctx, actor, models.ActMergeDecide, func(tx *store.Tx) error {
		m, err := tx.Merge(id)
		if err == nil {
			err = sameVersion(version, m.Version)
		}
		if err != nil {
			return err
		}
		if out, err = m.Undo(reason, actor, tx.Now); err != nil {
			return err
		}
		obstacles, lines, err := undoObstacles(tx, m)
		if err == nil {
			err = models.Refused("The merge cannot be undone as things are. Nothing was moved.", obstacles)
		}
		if err != nil {
			return err
		}
		if err := tx.UpdateMerge(out); err != nil {
			return err
		}
		for _, p := range lines {
			p.Party = m.Duplicate
			if err := keepPerson(tx, actor, "party.person_moved", &p); err != nil {
				return err
			}
		}
		if err := tx.MoveBack(out); err != nil {
			return err
		}
		if err := movedApplications(tx, actor, out.ID); err != nil {
			return err
		}
		return mergeFact(tx, actor, "party.merge_undone", out, nil)
	})
	return out, err
}

// undoObstacles gives what stands in the way of undoing a merge, and the lines of
// persons that would return.
func undoObstacles(tx *store.Tx, m models.Merge) (out []models.Obstacle, lines []models.PartyPerson, err error) {
	survivor, err := tx.Party(m.Survivor)
	if err != nil {
		return nil, nil, err
	}
	if survivor.MergedInto != "" {
		out = append(out, models.NewObstacle("merged", survivor.BinOrIin, "The survivor %s was itself merged since. Undo that merge first."))
	}
	more, err := tx.UndoObstacles(m)
	if err != nil {
		return nil, nil, err
	}
	out = append(out, more...)
	ids, err := tx.MovedItems(m.ID, "person")
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		p, err := tx.Person(id)
		if err != nil {
			return nil, nil, err
		}
		if p.Party == m.Survivor {
			lines = append(lines, p)
		}
	}
	if len(lines) < len(ids) && survivor.MergedInto == "" {
		out = append(out, models.Obstacle{Code: "moved", Detail: "A person who was moved belongs to another party now."})
	}
	return out, lines, nil
}

// Merges lists merges, the newest first, with what each moved.
func (s *Service) Merges(ctx context.Context, actor models.Actor, f store.MergeFilter, page store.Page) (out []MergeFound, cursor string, err error) {
	var found []models.Merge
	err = s.view(ctx, actor, models.ActDuplicateRead, func(tx *store.Tx) error {
		if f.Party != "" {
			p, err := partyByKey(tx, f.Party)
			if err != nil {
				return err
			}
			f.Party = p.ID
		}
		if found, err = tx.Merges(f, page); err != nil {
			return err
		}
		out = make([]MergeFound, 0, len(found))
		known := people{}
		for _, m := range found {
			d, err := describeMerge(tx, m, known)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	return out, next(found, page, func(m models.Merge) string { return m.ID }), err
}

// Merge gives one merge; where it stands, with what is in the way of undoing it.
func (s *Service) Merge(ctx context.Context, actor models.Actor, id string) (out MergeFound, err error) {
	err = s.view(ctx, actor, models.ActDuplicateRead, func(tx *store.Tx) error {
		m, err := tx.Merge(id)
		if err != nil {
			return err
		}
		if out, err = describeMerge(tx, m, people{}); err != nil || m.State != models.MergeDone {
			return err
		}
		out.Obstacles, _, err = undoObstacles(tx, m)
		return err
	})
	return out, err
}

func describeMerge(tx *store.Tx, m models.Merge, known people) (out MergeFound, err error) {
	out = MergeFound{Merge: m, People: map[string]string{}}
	if out.Moved, err = tx.CountMoved(m.ID); err != nil {
		return out, err
	}
	if out.Parties, err = tx.PartiesByID([]string{m.Survivor, m.Duplicate}); err != nil {
		return out, err
	}
	for _, id := range []string{m.Drafter, m.Signer, m.UndoneBy} {
		if out.People[id], err = known.name(tx, id); err != nil {
			return out, err
		}
	}
	return out, nil
}
