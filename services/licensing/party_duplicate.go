package licensing

import (
	"context"
	"strconv"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// DuplicateFound is a pair of parties that look like one, with both of them and who
// found it to be two before.
type DuplicateFound struct {
	store.DuplicatePair
	First, Second models.Party // of the ids A and B
	By            string       // name of who dismissed it, ""
}

// Duplicates lists pairs of parties that look like one, the likeliest first.
func (s *Service) Duplicates(ctx context.Context, actor models.Actor, f store.DuplicateFilter, page store.Page) (out []DuplicateFound, cursor string, err error) {
	after, err := duplicateCursor(page.After)
	if err != nil {
		return nil, "", err
	}
	err = s.view(ctx, actor, models.ActDuplicateRead, func(tx *store.Tx) error {
		if f.Party != "" {
			p, err := partyByKey(tx, f.Party)
			if err != nil {
				return err
			}
			f.Party = p.ID
		}
		pairs, err := tx.Duplicates(f, after, page.Size())
		if err != nil {
			return err
		}
		out, err = describePairs(tx, pairs)
		return err
	})
	return out, next(out, page, func(d DuplicateFound) string { return strconv.FormatInt(d.Score, 10) + "." + d.A + "." + d.B }), err
}

// duplicateCursor reads score, first and second id with dots between.
func duplicateCursor(text string) (*store.DuplicateCursor, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.SplitN(text, ".", 3)
	if len(parts) == 3 {
		if score, err := strconv.ParseInt(parts[0], 10, 64); err == nil {
			return &store.DuplicateCursor{Score: score, A: parts[1], B: parts[2]}, nil
		}
	}
	var v models.Invalid
	v.Add("?after", "format", "Use the value of next from the page before.")
	return nil, v.Err()
}

func describePairs(tx *store.Tx, pairs []store.DuplicatePair) ([]DuplicateFound, error) {
	ids := make([]string, 0, 2*len(pairs))
	for _, p := range pairs {
		ids = append(ids, p.A, p.B)
	}
	parties, err := tx.PartiesByID(distinct(ids))
	if err != nil {
		return nil, err
	}
	known := people{}
	out := make([]DuplicateFound, 0, len(pairs))
	for _, p := range pairs {
		d := DuplicateFound{DuplicatePair: p, First: parties[p.A], Second: parties[p.B]}
		if p.Dismissal != nil {
			if d.By, err = known.name(tx, p.Dismissal.By); err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// DismissDuplicate keeps that two parties that look like one are two, and why. The
// pair comes back when more of it agrees than did. The reason is no part of the
// ledger, because it can name people.
func (s *Service) DismissDuplicate(ctx context.Context, actor models.Actor, a, b, reason string) (out DuplicateFound, err error) {
	err = s.update(ctx, actor, models.ActMergePropose, func(tx *store.Tx) error {
		var v models.Invalid
		if reason = strings.TrimSpace(reason); reason == "" {
			v.Add("/reason", "required", "Say how you know that they are two.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		found, err := tx.Duplicates(store.DuplicateFilter{A: min(a, b), B: max(a, b)}, nil, 1)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return models.Errorf(models.CodeConflict, "This pair is not among those to look at: it was dismissed, merged or changed. Load the list again.")
		}
		d := store.Dismissal{A: found[0].A, B: found[0].B, Score: found[0].Score, Reason: reason, By: actor.ID, At: tx.Now}
		if err := tx.Dismiss(d); err != nil {
			return err
		}
		found[0].Dismissal = &d
		described, err := describePairs(tx, found)
		if err != nil {
			return err
		}
		out = described[0]
		return fact(tx, actor, "party.duplicate_dismissed", models.Ref{Kind: "party", ID: d.A}, 0,
			map[string]any{"other": d.B, "score": d.Score, "signs": found[0].Signs})
	})
	return out, err
}
