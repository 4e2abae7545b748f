package enforcement

import (
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// places remembers what sites and connections of a list are called.
type places map[string]models.Text

func (p places) of(tx *store.Tx, i models.Inspection) (site models.Text, point string, err error) {
	find := func(id string, name func() (models.Text, error)) (models.Text, error) {
		if known, ok := p[id]; ok || id == "" {
			return known, nil
		}
		found, err := name()
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return found, err
		}
		p[id] = found
		return found, nil
	}
	if site, err = find(i.Site, func() (models.Text, error) {
		s, err := tx.Site(i.Site)
		return models.Named(s.NameKk, s.NameRu), err
	}); err != nil {
		return site, "", err
	}
	code, err := find(i.Point, func() (models.Text, error) {
		c, err := tx.ConnectionPoint(i.Point)
		return models.Text{En: c.Code}, err
	})
	return site, code.En, err
}

// visits gives what a list shows of inspections.
func visits(tx *store.Tx, found []models.Inspection) ([]Visit, error) {
	ids, who, out := []string{}, []string{}, make([]Visit, 0, len(found))
	for _, i := range found {
		ids, who = append(ids, i.ID), append(who, i.Lead)
	}
	progress, err := tx.FieldProgressOf(ids)
	if err != nil {
		return nil, err
	}
	counts, err := tx.VisitCountsOf(ids)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(tx, who)
	if err != nil {
		return nil, err
	}
	places := places{}
	rules := map[string][]models.InspectionRule{}
	for _, i := range found {
		key := string(i.Kind) + i.PlannedOn
		if _, known := rules[key]; !known {
			if rules[key], err = tx.InspectionRules(i.Kind, i.PlannedOn); err != nil {
				return nil, err
			}
		}
		v := Visit{Inspection: i, Missing: i.Missing(rules[key]), NoticeBy: i.NoticeBy(rules[key]), Progress: progress[i.ID], Counts: counts[i.ID], People: names}
		if v.SiteName, v.PointCode, err = places.of(tx, i); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// visit gives everything that stands beside one inspection.
func visit(tx *store.Tx, i models.Inspection) (out Visit, err error) {
	found, err := visits(tx, []models.Inspection{i})
	if err != nil {
		return out, err
	}
	out = found[0]
	if out.Rules, err = tx.InspectionRules(i.Kind, i.PlannedOn); err != nil {
		return out, err
	}
	if out.Orders, err = tx.RemedyOrders(i.ID); err != nil {
		return out, err
	}
	if out.SiteName, out.PartyName, err = placeNames(tx, i); err != nil {
		return out, err
	}
	for _, named := range []struct {
		id   string
		into *string
		find func(string) (string, error)
	}{
		{i.Case, &out.CaseNumber, func(id string) (string, error) { c, err := tx.Case(id); return c.Number, err }},
	} {
		if named.id == "" {
			continue
		}
		if *named.into, err = named.find(named.id); err != nil && models.CodeOf(err) != models.CodeNotFound {
			return out, err
		}
	}
	who := append([]string{i.Lead, i.CreatedBy, i.SubmittedBy, i.FinalizedBy}, slices.Concat(i.Members, i.Former)...)
	for _, o := range out.Orders {
		who = append(who, o.IssuedBy)
	}
	out.People, err = namesOf(tx, who)
	return out, err
}
