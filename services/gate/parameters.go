package gate

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// dated holds what the reference data say about the numbers of the rules. Run reads
// them when it begins and then again and again; before that, and for what no row
// says, the program's own numbers hold. A change takes effect on a day after it was
// confirmed, so that what was read a moment ago is not too old.
type dated struct {
	set atomic.Pointer[parameterDay]
}

// parameterDay is one legal date's parameters, with all rows for the other dates.
type parameterDay struct {
	from, until time.Time
	on          models.GateParameters
	rows        []models.ReferenceRow
}

// parameters gives the numbers of the rules that hold at an instant.
func (s *Service) parameters(at time.Time) models.GateParameters {
	day := s.dated.set.Load()
	if day == nil {
		return s.params
	}
	if !at.Before(day.from) && at.Before(day.until) {
		return day.on
	}
	other, err := parameterDayOf(day.rows, at)
	if err != nil {
		return day.on // the rows were read once; a constraint keeps them numbers
	}
	if at.After(day.until) {
		s.dated.set.CompareAndSwap(day, other)
	}
	return other.on
}

func parameterDayOf(rows []models.ReferenceRow, at time.Time) (*parameterDay, error) {
	date := models.LegalDate(at)
	on, err := models.GateParametersOn(rows, date)
	if err != nil {
		return nil, err
	}
	from, err := models.StartOfDay(date)
	if err != nil {
		return nil, err
	}
	return &parameterDay{from: from, until: from.Add(24 * time.Hour), on: on, rows: rows}, nil
}

// loadParameters reads the rows of the reference data.
func (s *Service) loadParameters(ctx context.Context) error {
	table, err := models.ReferenceTableOf(models.RefGate)
	if err != nil {
		return err
	}
	return s.store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.ReferenceRows(table)
		if err != nil {
			return fmt.Errorf("read the numbers of the gate: %w", err)
		}
		day, err := parameterDayOf(rows, tx.Now)
		if err == nil {
			s.dated.set.Store(day)
		}
		return err
	})
}
