package gate

import (
	"context"
	"fmt"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// maxTurnsBehind is how many turns of others are followed one by one; an index that is
// further behind is read anew.
const maxTurnsBehind = 2000

// follow brings the index up to a snapshot, by the changes since it was read or, when
// those cannot be told, anew. batches are those of other replicas, and of this one
// when it did not keep them itself. On an error the index must be thrown away.
func (x *index) follow(ctx context.Context, s *store.Store, batch func(store.GateBatch)) (*index, error) {
	out := x
	err := s.View(ctx, func(tx *store.Tx) error {
		out = x
		changes, next, known, err := tx.GateChanges(x.at)
		if err != nil {
			return err
		}
		if !known || next.Turn-x.taken > maxTurnsBehind {
			out = newIndex()
			out.taken = x.taken
			if err := out.fill(tx); err != nil {
				return err
			}
		} else if err := out.reread(tx, changes); err != nil {
			return err
		}
		if err := out.take(tx, batch); err != nil {
			return err
		}
		out.at, out.read, out.taken = next, tx.Now, next.Turn
		out.head, out.oldest, err = tx.LedgerHeads()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("follow what the gate reads: %w", err)
	}
	return out, nil
}

// take puts what the permits of batches that are new to the index hold into it.
func (x *index) take(tx *store.Tx, seen func(store.GateBatch)) error {
	const some = 32
	for {
		batches, err := tx.GateBatches(x.taken, some)
		if err != nil {
			return err
		}
		for _, b := range batches {
			settled := map[string]bool{}
			for _, a := range b.Answers {
				if a.Holds != nil {
					settled[a.Check.ID] = true
				}
			}
			if err := x.unsettled(tx, b, settled); err != nil {
				return err
			}
			x.taken = b.Seq
			if seen != nil {
				seen(b)
			}
		}
		if len(batches) < some {
			return nil
		}
	}
}

// unsettled puts what a batch holds into the index, as far as nothing else is known of
// it by now: a permit may have been confirmed or written off since.
func (x *index) unsettled(tx *store.Tx, b store.GateBatch, holds map[string]bool) error {
	if len(holds) == 0 {
		return nil
	}
	ids := make([]string, 0, len(holds))
	for id := range holds {
		ids = append(ids, id)
	}
	rows, err := tx.Reservations(ids)
	if err != nil {
		return err
	}
	for _, a := range b.Answers {
		if a.Holds == nil {
			continue
		}
		if r, found := rows[a.Check.ID]; found {
			x.setHold(r)
		} else {
			x.setHold(*a.Holds)
		}
	}
	return nil
}

// fill reads everything. Batches that have their rows are not read again.
func (x *index) fill(tx *store.Tx) error {
	settled, err := tx.GateSettled()
	if err != nil {
		return err
	}
	x.now, x.taken = tx.Now, settled
	for _, kind := range indexKinds {
		if err := x.readers(tx)[kind](nil); err != nil {
			return fmt.Errorf("read every %s: %w", kind, err)
		}
	}
	return nil
}

// indexKinds are the kinds of changes, in an order in which they can be read.
var indexKinds = []string{"substation", "feeder", "point", "site", "party", "applicant", "license", "successor", "rigs", "meter", "reading", "obligations", "texts", "standing", "held"}

// reread reads again what changed.
func (x *index) reread(tx *store.Tx, changes []store.GateChange) error {
	keys := map[string][]string{}
	for _, c := range changes {
		keys[c.Kind] = append(keys[c.Kind], c.Key)
	}
	readers := x.readers(tx)
	for _, kind := range indexKinds {
		list := keys[kind]
		delete(keys, kind)
		if len(list) == 0 {
			continue
		}
		slices.Sort(list)
		if err := readers[kind](slices.Compact(list)); err != nil {
			return fmt.Errorf("read %s again: %w", kind, err)
		}
	}
	for kind := range keys {
		return fmt.Errorf("the kind %q of a change is unknown", kind)
	}
	return nil
}

// readers read the rows of keys, all for nil, into the index.
func (x *index) readers(tx *store.Tx) map[string]func(keys []string) error {
	texts := func(into map[string]string, read func([]string) ([]store.GateText, error)) func([]string) error {
		return func(keys []string) error {
			rows, err := read(keys)
			for _, key := range keys {
				delete(into, key)
			}
			for _, r := range rows {
				into[r.Key] = r.Text
			}
			return err
		}
	}
	return map[string]func(keys []string) error{
		"substation": x.nodes(x.stations, tx.GateSubstations), "feeder": x.nodes(x.feeders, tx.GateFeeders),
		"point": func(keys []string) error { return x.readPoints(tx, keys) },
		"site":  texts(x.sites, tx.GateSites),
		"party": func(keys []string) error {
			rows, err := tx.GateParties(keys)
			for _, key := range keys {
				delete(x.parties, key)
			}
			for _, r := range rows {
				x.parties[r.Key] = models.PartyState(r.Text)
			}
			return err
		},
		"applicant": func(keys []string) error {
			rows, err := tx.GateApplicants(keys)
			for _, key := range keys {
				delete(x.pending, key)
			}
			for _, bin := range rows {
				x.pending[bin] = true
			}
			return err
		},
		"license": func(keys []string) error { return x.readLicenses(tx, keys) },
		"successor": func(keys []string) error {
			rows, err := tx.GateSuccessors(keys)
			for _, r := range rows {
				x.next[r.Number] = r
			}
			return err
		},
		"rigs": func(keys []string) error {
			rows, err := tx.GateRigs(keys)
			for _, key := range keys {
				delete(x.rigs, key)
			}
			for _, r := range rows {
				x.rigs[r.Key] = models.Watts(r.Sum)
			}
			return err
		},
		"meter": func(keys []string) error { return x.readMeters(tx, keys) },
		"reading": func(keys []string) error {
			if keys == nil {
				return nil // meters come with their last readings
			}
			return x.readMeters(tx, keys)
		},
		"obligations": func(keys []string) error {
			rows, err := tx.GateObligations(keys)
			for _, key := range keys {
				delete(x.duties, key)
			}
			x.setDuties(rows)
			return err
		},
		"texts": func([]string) error { return x.readTexts(tx) },
		"standing": func(keys []string) error {
			rows, err := tx.GateStanding(keys)
			for _, f := range rows {
				x.setStanding(f)
			}
			return err
		},
		"held": func(keys []string) error {
			rows, err := tx.GateHolds(keys)
			for _, key := range keys {
				x.dropHold(key)
			}
			for _, r := range rows {
				x.setHold(r)
			}
			return err
		},
	}
}

func (x *index) nodes(all map[string]*indexNode, read func([]string) ([]store.GateNode, error)) func([]string) error {
	return func(keys []string) error {
		rows, err := read(keys)
		for _, r := range rows {
			x.setNode(all, r)
		}
		return err
	}
}

func (x *index) readPoints(tx *store.Tx, keys []string) error {
	rows, err := tx.GatePoints(keys)
	if err != nil {
		return err
	}
	found := make(map[string]bool, len(rows))
	for _, p := range rows {
		found[p.ID] = keys != nil
		x.setPoint(p)
	}
	for _, key := range keys {
		if !found[key] {
			x.dropPoint(key)
		}
	}
	return nil
}

func (x *index) readLicenses(tx *store.Tx, keys []string) error {
	rows, err := tx.GateLicenses(keys)
	if err != nil {
		return err
	}
	for _, l := range rows {
		x.setLicense(l)
	}
	points, err := tx.GateLicensePoints(keys)
	if err == nil {
		x.setLicensePoints(keys, points)
	}
	return err
}

func (x *index) readMeters(tx *store.Tx, keys []string) error {
	rows, err := tx.GateMeters(keys)
	for _, key := range keys {
		x.dropMeter(key)
	}
	for _, r := range rows {
		x.setMeter(r)
	}
	return err
}

func (x *index) readTexts(tx *store.Tx) error {
	rules, err := tx.ObligationRules()
	x.texts = map[string]models.Text{}
	for _, r := range rules {
		x.texts[r.Code] = r.Text // the newest row is the last
	}
	return err
}
