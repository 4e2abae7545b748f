package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// Service is the licensing side of the registry. It is safe for concurrent use.
type Service struct{ store *store.Store }

// New makes the service on a store whose schema is up to date. Seed gives the
// store its reference data.
func New(s *store.Store) *Service { return &Service{store: s} }

// AnyVersion as the version of a change means: whatever the version is now.
const AnyVersion int64 = 0

func sameVersion(expected, actual int64) error {
	if expected != AnyVersion && expected != actual {
		return models.Errorf(models.CodeVersionConflict,
			"You are looking at version %d and the newest is %d. Load it again, look at what changed, and repeat your change.", expected, actual)
	}
	return nil
}

// fact appends one entry to the ledger.
func fact(tx *store.Tx, actor models.Actor, kind string, subject models.Ref, version int64, body map[string]any) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: subject, SubjectVersion: version, Actor: actor, Body: body})
	return err
}

// ownParty is the party that narrows what an actor reads: that of an applicant
// who has no other role that may read, "" for everybody else.
func ownParty(actor models.Actor, action models.Action) string {
	if actor.Is(models.RoleSystem) {
		return ""
	}
	const other = "another party" // no id looks like this
	if models.Can(actor, action, models.Scope{Party: other}) == nil {
		return ""
	}
	if actor.Party == "" {
		return other
	}
	return actor.Party
}

// calendar loads the working-day calendar from the beginning of the year.
func calendar(tx *store.Tx) (models.Calendar, error) {
	return calendarFrom(tx, models.LegalDate(tx.Now)[:4]+"-01-01")
}

// calendarFrom loads the special days from a legal date on, and every tolling period.
func calendarFrom(tx *store.Tx, from string) (models.Calendar, error) {
	days, err := tx.Holidays(from)
	if err != nil {
		return models.Calendar{}, err
	}
	periods, err := tx.Tollings()
	return models.NewCalendar(days).Tolled(periods), err
}

// view runs a read that the actor may do at all.
func (s *Service) view(ctx context.Context, actor models.Actor, action models.Action, fn func(tx *store.Tx) error) error {
	if err := models.Can(actor, action, models.Scope{}); err != nil {
		return err
	}
	return s.store.View(ctx, fn)
}

// update runs a change that the actor may do at all.
func (s *Service) update(ctx context.Context, actor models.Actor, action models.Action, fn func(tx *store.Tx) error) error {
	if err := models.Can(actor, action, models.Scope{}); err != nil {
		return err
	}
	return s.store.Update(ctx, fn)
}

// next gives the cursor of the page after a list that is as long as the page.
func next[T any](items []T, page store.Page, cursor func(T) string) string {
	if len(items) < page.Size() {
		return ""
	}
	return cursor(items[len(items)-1])
}
