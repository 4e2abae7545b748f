package identity

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	maxFilters     = 50
	maxFilterName  = 60   // characters
	maxFilterQuery = 2000 // bytes
)

// Filters gives the filters that a person keeps, by name.
func (s *Service) Filters(ctx context.Context, actor models.Actor) (out []store.SavedFilter, err error) {
	if err := models.Can(actor, models.ActSessionOwn, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.SavedFilters(actor.ID)
		return err
	})
	return out, err
}

// KeepFilter keeps a filter under its name, in the place of what had the name
// before. It is no fact of the registry and leaves no entry in the ledger.
func (s *Service) KeepFilter(ctx context.Context, actor models.Actor, f store.SavedFilter) error {
	if err := models.Can(actor, models.ActSessionOwn, models.Scope{}); err != nil {
		return err
	}
	f.Name = strings.TrimSpace(f.Name)
	var v models.Invalid
	if n := utf8.RuneCountInString(f.Name); n < 1 || n > maxFilterName {
		v.Add("/name", "length", "Give the filter a name of 1 to %d characters.", maxFilterName)
	}
	if len(f.Query) > maxFilterQuery {
		v.Add("/query", "length", "The filter is longer than %d bytes.", maxFilterQuery)
	}
	if err := v.Err(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		kept, err := tx.SavedFilters(actor.ID)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(kept, func(k store.SavedFilter) bool { return k.Name == f.Name })
		if len(kept) >= maxFilters && !known {
			return models.Errorf(models.CodeConflict, "You keep %d filters. Remove one first.", maxFilters)
		}
		return tx.SaveFilter(actor.ID, f)
	})
}

// DropFilter forgets a filter; one that is not there is no error.
func (s *Service) DropFilter(ctx context.Context, actor models.Actor, name string) error {
	if err := models.Can(actor, models.ActSessionOwn, models.Scope{}); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteFilter(actor.ID, strings.TrimSpace(name)) })
}
