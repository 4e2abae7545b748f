package licensing

import (
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

//go:embed data/*.csv
var data embed.FS

// Seed adds the reference data that the program knows and the store lacks:
// holidays, requirements, grounds, numbers of the law. What people changed since
// is kept. It can run at every start; it gives the number of rows added.
func (s *Service) Seed(ctx context.Context) (added int64, err error) {
	ref, err := reference()
	if err != nil {
		return 0, err
	}
	applicants, err := partyRules()
	if err != nil {
		return 0, err
	}
	obligations, err := obligationReference()
	if err != nil {
		return 0, err
	}
	letters, err := letterTexts()
	if err != nil {
		return 0, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) (err error) {
		added, err = tx.AddReference(ref)
		if err == nil {
			var rules int64
			rules, err = tx.AddPartyRules(applicants)
			added += rules
		}
		if err == nil {
			var duties int64
			duties, err = tx.AddObligationReference(obligations)
			added += duties
		}
		if err == nil {
			var words int64
			words, err = tx.AddLetterTexts(letters)
			added += words
		}
		if err != nil || added == 0 {
			return err
		}
		return fact(tx, models.System(), "reference.added", models.Ref{Kind: "reference", ID: "licensing"}, 0, map[string]any{"rows": added})
	})
	return added, err
}

func reference() (ref store.Reference, err error) {
	err = rows("data/requirements.csv", 13, func(r []string) error {
		position, err := strconv.ParseInt(r[2], 10, 64)
		ref.Requirements = append(ref.Requirements, models.Requirement{Code: r[0], SubType: models.SubType(r[1]), Position: position, Evidence: r[3],
			LegalRef: r[4], Grade: r[5], Text: models.Text{Kk: r[6], Ru: r[7], En: r[8]}, ValidFrom: r[9], ValidUntil: r[10],
			NeedsFile: r[11] == "1", Kinds: r[12]})
		return err
	})
	if err != nil {
		return ref, err
	}
	err = rows("data/grounds.csv", 9, func(r []string) error {
		ref.Grounds = append(ref.Grounds, models.Ground{Kind: models.GroundKind(r[0]), Code: r[1], LegalRef: r[2], Grade: r[3],
			Text: models.Text{Kk: r[4], Ru: r[5], En: r[6]}, ValidFrom: r[7], ValidUntil: r[8]})
		return nil
	})
	if err != nil {
		return ref, err
	}
	err = rows("data/application_reasons.csv", 9, func(r []string) error {
		ref.Reasons = append(ref.Reasons, models.ApplicationReason{Kind: models.ApplicationKind(r[0]), Code: r[1], LegalRef: r[2], Grade: r[3],
			Text: models.Text{Kk: r[4], Ru: r[5], En: r[6]}, ValidFrom: r[7], ValidUntil: r[8]})
		return nil
	})
	if err != nil {
		return ref, err
	}
	err = rows("data/legal_values.csv", 7, func(r []string) error {
		value, err := strconv.ParseInt(r[1], 10, 64)
		ref.Values = append(ref.Values, models.LegalValue{Code: r[0], Value: value, Unit: r[2], LegalRef: r[3], Grade: r[4], ValidFrom: r[5], ValidUntil: r[6]})
		return err
	})
	if err != nil {
		return ref, err
	}
	err = rows("data/appeal_routes.csv", 12, func(r []string) error {
		months, err := strconv.ParseInt(r[1], 10, 64)
		ref.Appeals = append(ref.Appeals, models.AppealRoute{Code: r[0], Months: months, Body: models.Text{Kk: r[2], Ru: r[3], En: r[4]},
			Court: models.Text{Kk: r[5], Ru: r[6], En: r[7]}, LegalRef: r[8], Grade: r[9], ValidFrom: r[10], ValidUntil: r[11]})
		return err
	})
	if err != nil {
		return ref, err
	}
	if err := holidaysOf("data/holidays_2027.csv", &ref); err != nil {
		return ref, err
	}
	return ref, holidaysOf("data/holidays_2026.csv", &ref)
}

// holidaysOf adds the special days of a year's file.
func holidaysOf(name string, ref *store.Reference) error {
	return rows(name, 6, func(r []string) error {
		ref.Holidays = append(ref.Holidays, models.Holiday{Date: r[0], Kind: models.DayKind(r[1]), NameKk: r[2], NameRu: r[3], NameEn: r[4], LegalRef: r[5]})
		return nil
	})
}

// rows reads an embedded CSV file without its heading.
func rows(name string, columns int, fn func([]string) error) error {
	f, err := data.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // an embedded file has nothing to lose
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	all, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for i, row := range all[1:] {
		if err := fn(row); err != nil {
			return fmt.Errorf("%s row %d: %w", name, i+2, err)
		}
	}
	return nil
}

// Grounds gives the grounds for an act on the legal date of an instant; "" gives
// all acts and the zero instant is now. The law is public: anybody may read it.
func (s *Service) Grounds(ctx context.Context, kind models.GroundKind, at time.Time) (out []models.Ground, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Grounds(kind, dateOf(tx, at))
		return err
	})
	return out, err
}

// Requirements gives the requirements of a sub-type on the legal date of an
// instant; "" gives both sub-types and the zero instant is now.
func (s *Service) Requirements(ctx context.Context, subType models.SubType, at time.Time) (out []models.Requirement, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Requirements(subType, dateOf(tx, at))
		return err
	})
	return out, err
}

// Holidays gives the special days of a year; 0 is all years.
func (s *Service) Holidays(ctx context.Context, year int) (out []models.Holiday, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if out, err = tx.Holidays(""); err == nil && year != 0 {
			out = slices.DeleteFunc(out, func(h models.Holiday) bool { return h.Date[:4] != strconv.Itoa(year) })
		}
		return err
	})
	return out, err
}

func dateOf(tx *store.Tx, at time.Time) string {
	if at.IsZero() {
		at = tx.Now
	}
	return models.LegalDate(at)
}
