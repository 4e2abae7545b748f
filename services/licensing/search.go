package licensing

import (
	"context"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// FoundGroup is what a search found of one kind.
type FoundGroup struct {
	Kind  string
	Items []store.Found
	More  bool // there are more than were asked for
}

// searched is every kind of thing with the action that its reading needs, in the
// order of the answer.
var searched = []struct {
	kind   string
	action models.Action
}{
	{store.FoundParty, models.ActPartyRead},
	{store.FoundLicense, models.ActLicenseRead},
	{store.FoundApplication, models.ActApplicationRead},
	{store.FoundSite, models.ActSiteRead},
	{store.FoundConnection, models.ActGridRead},
	{store.FoundEquipment, models.ActEquipmentRead},
	{store.FoundMeter, models.ActMeterRead},
}

// maxSearchTerms bounds the words of a search; more are left out.
const maxSearchTerms = 6

// Search finds things by the beginnings of words in any spelling, and by numbers,
// codes and serials with or without what separates their parts: at most so many of
// each kind that the actor may read. Kinds without a find are left out.
func (s *Service) Search(ctx context.Context, actor models.Actor, query string, limit int) (groups []FoundGroup, err error) {
	err = s.view(ctx, actor, models.ActSearch, func(tx *store.Tx) error {
		groups = nil
		for _, k := range searched {
			if models.Can(actor, k.action, models.Scope{}) != nil {
				continue
			}
			ids, err := searchKind(tx, k.kind, query, searchScope(actor, k.action), limit+1)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				continue
			}
			items, err := tx.FoundByID(k.kind, ids[:min(len(ids), limit)])
			if err != nil {
				return err
			}
			groups = append(groups, FoundGroup{Kind: k.kind, Items: shownFound(actor, items), More: len(ids) > limit})
		}
		return nil
	})
	return groups, err
}

// searchScope is whose things the actor sees: an applicant its own; of the grid, a
// utility those of its service area.
func searchScope(actor models.Actor, action models.Action) (scope store.SearchScope) {
	scope.Party = ownParty(actor, action)
	if action != models.ActGridRead && action != models.ActMeterRead {
		return scope
	}
	const other = "another utility" // no id looks like this
	if models.Can(actor, action, models.Scope{Utility: other}) != nil {
		scope.Utility = actor.Utility
		if scope.Utility == "" {
			scope.Utility = other
		}
	}
	return scope
}

// searchKind looks for the words of the query, and for the whole of it as one code.
func searchKind(tx *store.Tx, kind, query string, scope store.SearchScope, limit int) ([]string, error) {
	words := models.WithoutLegalForms(models.SearchTerms(query))
	searches := [][]string{words[:min(len(words), maxSearchTerms)]}
	if strings.ContainsAny(query, "0123456789") {
		searches = append(searches, models.SearchTerms(models.NormalizeIdentifier(query)))
	}
	var ids []string
	for _, terms := range searches {
		found, err := tx.SearchIDs(kind, terms, scope, limit)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	code := models.NormalizeIdentifier(query)
	var err error
	var found []string
	switch {
	case kind == store.FoundEquipment && isCode(code):
		found, err = tx.EquipmentBySerial(models.SerialFold(query), scope, limit)
	case kind == store.FoundConnection && isDigits(code):
		found, err = tx.ConnectionsByConsumer(code, scope, limit)
	}
	ids = append(ids, found...)
	seen := map[string]bool{}
	ids = slices.DeleteFunc(ids, func(id string) bool { again := seen[id]; seen[id] = true; return again })
	return ids[:min(len(ids), limit)], err
}

// isCode tells whether a text can be the beginning of a serial number: three
// characters or more with a digit, without a letter of another script.
func isCode(code string) bool {
	return len(code) >= 3 && strings.ContainsAny(code, "0123456789") && !strings.ContainsFunc(code, func(r rune) bool { return r < '!' || r > '~' })
}

func isDigits(code string) bool { return code != "" && strings.Trim(code, "0123456789") == "" }

// shownFound hides from an applicant what the office has not decided yet.
func shownFound(actor models.Actor, items []store.Found) []store.Found {
	for i, f := range items {
		if f.Kind == store.FoundApplication && f.State == string(models.ApplicationDrafted) && ownParty(actor, models.ActApplicationRead) != "" {
			items[i].State = string(models.ApplicationInReview)
		}
	}
	return items
}
