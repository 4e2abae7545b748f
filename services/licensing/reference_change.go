package licensing

import (
	"context"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// ReferencePreview is what a change of reference data would do if it were confirmed
// now.
type ReferencePreview struct {
	Effects []models.ReferenceEffect
	// Pinned are the applications under way. The law of the day of their filing
	// holds for them, so the change touches none of them.
	Pinned int64
	// Moved are the due dates that a change of the calendar moves, for open cases.
	Moved []MovedDue
	// Fees are those of a first license, before and after, where a number changes.
	Fees []FeeChange
}

// MovedDue is a due date that moves.
type MovedDue struct {
	Kind        string // application, request
	ID          string // of the application or of the request
	Application string // number
	Before      string // legal dates
	After       string
}

// FeeChange is the fee of a first license from a legal date on.
type FeeChange struct {
	SubType models.SubType
	From    string
	Before  models.Tiyn
	After   models.Tiyn
}

// ReferenceRows gives every row of a kind of reference data, past and to come. The
// law is public: anybody may read it.
func (s *Service) ReferenceRows(ctx context.Context, kind models.ReferenceKind) (t models.ReferenceTable, out []models.ReferenceRow, err error) {
	if t, err = models.ReferenceTableOf(kind); err != nil {
		return t, nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.ReferenceRows(t)
		return err
	})
	return t, out, err
}

// PreviewReference gives what a change would do, without keeping it.
func (s *Service) PreviewReference(ctx context.Context, actor models.Actor, c models.ReferenceChange) (out ReferencePreview, err error) {
	err = s.view(ctx, actor, models.ActReferenceWrite, func(tx *store.Tx) error {
		out, err = previewReference(tx, c)
		return err
	})
	return out, err
}

// ProposeReference proposes a change of reference data. It holds when another person
// has confirmed it.
func (s *Service) ProposeReference(ctx context.Context, actor models.Actor, c models.ReferenceChange) (out models.ReferenceChange, err error) {
	err = s.update(ctx, actor, models.ActReferenceWrite, func(tx *store.Tx) error {
		if out, err = models.ProposeReference(c, actor, tx.Now); err != nil {
			return err
		}
		if _, err := previewReference(tx, out); err != nil {
			return err
		}
		out.ID = tx.NewID()
		if err := tx.InsertReferenceChange(out); err != nil {
			return err
		}
		return referenceFact(tx, actor, "reference.proposed", out, map[string]any{"lines": out.Lines, "note": out.Note})
	})
	return out, err
}

// ConfirmReference makes a proposed change law from its days on; its proposer may
// not. Due dates that a change of the calendar moves are moved in the same
// transaction.
func (s *Service) ConfirmReference(ctx context.Context, actor models.Actor, id string, version int64) (out models.ReferenceChange, err error) {
	err = s.update(ctx, actor, models.ActReferenceWrite, func(tx *store.Tx) error {
		if out, err = decideReference(tx, actor, id, version, models.ReferenceConfirmed, ""); err != nil {
			return err
		}
		t, err := models.ReferenceTableOf(out.Kind)
		if err != nil {
			return err
		}
		preview, err := previewReference(tx, out)
		if err != nil {
			return err
		}
		before, err := wholeCalendar(tx)
		if err != nil {
			return err
		}
		for _, e := range preview.Effects {
			if err := tx.ApplyReference(t, e); err != nil {
				return err
			}
		}
		moved := 0
		if out.Kind == models.RefHolidays {
			after, err := wholeCalendar(tx)
			if err == nil {
				moved, err = moveDues(tx, before, after)
			}
			if err != nil {
				return err
			}
		}
		return referenceFact(tx, actor, "reference.confirmed", out, map[string]any{"lines": out.Lines, "proposed_by": out.ProposedBy, "moved": moved})
	})
	return out, err
}

// RejectReference ends a proposed change with a reason; whoever proposed it takes it
// back so.
func (s *Service) RejectReference(ctx context.Context, actor models.Actor, id string, version int64, reason string) (out models.ReferenceChange, err error) {
	err = s.update(ctx, actor, models.ActReferenceWrite, func(tx *store.Tx) error {
		if out, err = decideReference(tx, actor, id, version, models.ReferenceRejected, reason); err != nil {
			return err
		}
		return referenceFact(tx, actor, "reference.rejected", out, map[string]any{"reason": out.Reason})
	})
	return out, err
}

func decideReference(tx *store.Tx, actor models.Actor, id string, version int64, to models.ReferenceChangeState, reason string) (models.ReferenceChange, error) {
	c, err := tx.ReferenceChange(id)
	if err == nil {
		err = sameVersion(version, c.Version)
	}
	if err == nil {
		c, err = c.Decide(to, reason, actor, tx.Now)
	}
	if err == nil {
		err = tx.DecideReferenceChange(c)
	}
	return c, err
}

func referenceFact(tx *store.Tx, actor models.Actor, kind string, c models.ReferenceChange, body map[string]any) error {
	body["kind"] = c.Kind
	return fact(tx, actor, kind, models.Ref{Kind: "reference_change", ID: c.ID}, c.Version, body)
}

// ReferenceChanges lists changes of reference data, the newest first, with the names
// of the people by user id and the cursor of the next page; "" does not narrow.
func (s *Service) ReferenceChanges(ctx context.Context, actor models.Actor, kind models.ReferenceKind, state models.ReferenceChangeState,
	page store.Page) (out []models.ReferenceChange, people map[string]string, cursor string, err error) {
	err = s.view(ctx, actor, models.ActReferenceRead, func(tx *store.Tx) error {
		if out, err = tx.ReferenceChanges(kind, state, page); err != nil {
			return err
		}
		cursor = next(out, page, func(c models.ReferenceChange) string { return c.ID })
		people, err = namesOf(tx, out...)
		return err
	})
	return out, people, cursor, err
}

// ReferenceChange gives a change with the names of its people by user id and, while
// it waits, what it would do if it were confirmed now. A change that cannot be
// confirmed any more has no preview, and the fault says why.
func (s *Service) ReferenceChange(ctx context.Context, actor models.Actor, id string) (c models.ReferenceChange, people map[string]string, p *ReferencePreview, fault error, err error) {
	err = s.view(ctx, actor, models.ActReferenceRead, func(tx *store.Tx) error {
		fault, p = nil, nil
		if c, err = tx.ReferenceChange(id); err != nil {
			return err
		}
		if people, err = namesOf(tx, c); err != nil || c.State != models.ReferenceProposed {
			return err
		}
		preview, err := previewReference(tx, c)
		if models.CodeOf(err) == models.CodeInvalid {
			fault = err
			return nil
		}
		p = &preview
		return err
	})
	return c, people, p, fault, err
}

func namesOf(tx *store.Tx, changes ...models.ReferenceChange) (map[string]string, error) {
	people := map[string]string{}
	for _, c := range changes {
		for _, id := range []string{c.ProposedBy, c.DecidedBy} {
			if _, known := people[id]; known || id == "" {
				continue
			}
			name, err := nameOf(tx, id)
			if err != nil {
				return nil, err
			}
			people[id] = name
		}
	}
	return people, nil
}

func previewReference(tx *store.Tx, c models.ReferenceChange) (out ReferencePreview, err error) {
	t, err := models.ReferenceTableOf(c.Kind)
	if err != nil {
		return out, err
	}
	rows, err := tx.ReferenceRows(t)
	if err != nil {
		return out, err
	}
	if out.Effects, err = t.Effects(c.Lines, rows, models.LegalDate(tx.Now)); err != nil {
		return out, err
	}
	if out.Pinned, err = tx.CountPinned(); err != nil {
		return out, err
	}
	switch c.Kind {
	case models.RefHolidays:
		out.Moved, err = movedBy(tx, out.Effects)
	case models.RefValues:
		out.Fees, err = feesAfter(tx, out.Effects)
	}
	return out, err
}

// movedBy gives the due dates that a change of the calendar moves.
func movedBy(tx *store.Tx, effects []models.ReferenceEffect) ([]MovedDue, error) {
	days, err := tx.Holidays("")
	if err != nil {
		return nil, err
	}
	periods, err := tx.Tollings()
	if err != nil {
		return nil, err
	}
	before := models.NewCalendar(days).Tolled(periods)
	for _, e := range effects {
		if e.Before != nil {
			days = slices.DeleteFunc(days, func(h models.Holiday) bool { return h.Date == e.Before.Values["date"] })
		}
		if e.After != nil {
			days = append(days, models.Holiday{Date: e.After.Values["date"], Kind: models.DayKind(e.After.Values["kind"])})
		}
	}
	slices.SortFunc(days, func(a, b models.Holiday) int { return strings.Compare(a.Date, b.Date) })
	return duesMoved(tx, before, models.NewCalendar(days).Tolled(periods))
}

// feesAfter gives the fees of a first license that the numbers change, on each day
// from which one does.
func feesAfter(tx *store.Tx, effects []models.ReferenceEffect) (out []FeeChange, err error) {
	days := map[string]bool{}
	for _, e := range effects {
		days[e.Line.From] = true
	}
	for day := range days {
		for _, sub := range []models.SubType{models.SubTypeI, models.SubTypeII} {
			unit := models.ValueFeeI
			if sub == models.SubTypeII {
				unit = models.ValueFeeII
			}
			units, err := tx.LegalValue(unit, day)
			if err != nil {
				return nil, err
			}
			mci, err := tx.LegalValue(models.ValueMCI, day)
			if err != nil {
				return nil, err
			}
			change := FeeChange{SubType: sub, From: day, Before: models.FeeOf(units, mci, 100).Due}
			for _, e := range effects {
				if e.After == nil || e.After.ValidFrom > day {
					continue
				}
				value, _ := e.After.Number("value")
				switch e.Key {
				case unit:
					units.Value = value
				case models.ValueMCI:
					mci.Value = value
				}
			}
			if change.After = models.FeeOf(units, mci, 100).Due; change.After != change.Before {
				out = append(out, change)
			}
		}
	}
	slices.SortFunc(out, func(a, b FeeChange) int { return strings.Compare(a.From+string(a.SubType), b.From+string(b.SubType)) })
	return out, nil
}

// letterTexts reads the paragraphs that the program knows.
func letterTexts() (out []models.ReferenceRow, err error) {
	err = rows("data/letter_texts.csv", 7, func(r []string) error {
		out = append(out, models.ReferenceRow{ValidFrom: r[6], Values: map[string]string{"code": r[0], "text_kk": r[1], "text_ru": r[2], "text_en": r[3],
			"legal_ref": r[4], "grade": r[5]}})
		return nil
	})
	return out, err
}
