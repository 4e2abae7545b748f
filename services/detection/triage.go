package detection

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// TriageFilter narrows and sorts the list that officers work through.
type TriageFilter = store.TriageFilter

// PlacedFinding is a finding with its place and whose it is.
type PlacedFinding = store.PlacedFinding

// Triage lists findings with their places in the order of the filter, and gives the
// cursor of the next page, "" on the last.
func (s *Service) Triage(ctx context.Context, actor models.Actor, f TriageFilter, page store.Page) (out []PlacedFinding, next string, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, "", err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		f.NoInsiders = !models.SeesInsiders(actor)
		out, next, err = tx.PlacedFindings(f, page)
		return err
	})
	return out, next, err
}

// Overview is how many findings there are and how much of the grid is seen.
type Overview struct {
	Counts  []store.FindingCount
	Watched store.Watched
}

// Overview counts the findings of a filter by substation, tier and state.
func (s *Service) Overview(ctx context.Context, actor models.Actor, f TriageFilter) (out Overview, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		f.NoInsiders = !models.SeesInsiders(actor)
		if out.Counts, err = tx.FindingCounts(f); err != nil {
			return err
		}
		out.Watched, err = tx.Watched()
		return err
	})
	return out, err
}

// Placed gives one finding with its place.
func (s *Service) Placed(ctx context.Context, actor models.Actor, id string) (PlacedFinding, error) {
	f, err := s.Finding(ctx, actor, id)
	if err != nil {
		return PlacedFinding{}, err
	}
	out := PlacedFinding{Finding: f}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out.Place, err = tx.PlaceOfFinding(id)
		return err
	})
	return out, err
}
