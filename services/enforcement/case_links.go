package enforcement

import (
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// CaseLink is a record that a case leads to: what it is about, and where and whose that is.
type CaseLink struct {
	Role string // connection_point, site, license, holder, owner, tenant
	Ref  string // code of a connection point, number of a license, id of a site or party
	Name models.Text
}

// maxCaseLinks bounds what one case leads to.
const maxCaseLinks = 60

// caseLinks follows what a case is about to the connection, the site, the license, its
// holder, and the owner and the users of the premises.
type caseLinks struct {
	tx    *store.Tx
	found []CaseLink
	place store.CasePlace
	seen  map[string]bool
}

func linksOf(tx *store.Tx, subjects []models.CaseSubject) ([]CaseLink, store.CasePlace, error) {
	l := &caseLinks{tx: tx, seen: map[string]bool{}}
	for _, s := range subjects {
		var err error
		switch s.Kind {
		case "connection_point":
			err = l.point(s.Ref)
		case "site":
			err = l.site(s.Ref)
		case "license":
			err = l.license(s.Ref)
		case "finding":
			var f models.Finding
			if f, err = tx.Finding(s.Ref); err == nil && f.Target.Kind == "connection_point" {
				err = l.point(f.Target.ID)
			}
		case "party":
			if !slices.Contains(l.place.Parties, s.Ref) {
				l.place.Parties = append(l.place.Parties, s.Ref)
			}
		}
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, l.place, err
		}
	}
	return l.found, l.place, nil
}

// add takes a link once; false when it is there already.
func (l *caseLinks) add(role, ref string, name models.Text) bool {
	if key := role + " " + ref; ref == "" || l.seen[key] || len(l.found) >= maxCaseLinks {
		return false
	} else {
		l.seen[key] = true
	}
	l.found = append(l.found, CaseLink{Role: role, Ref: ref, Name: name})
	return true
}

func (l *caseLinks) point(id string) error {
	p, err := l.tx.ConnectionPoint(id)
	if err != nil || !l.add("connection_point", p.Code, models.Text{}) {
		return err
	}
	if err := l.site(p.Site); err != nil {
		return err
	}
	if err := l.license(p.License); err != nil {
		return err
	}
	return l.party("tenant", p.Consumer)
}

func (l *caseLinks) site(id string) error {
	if id == "" {
		return nil
	}
	s, err := l.tx.Site(id)
	if err != nil || !l.add("site", s.ID, models.Named(s.NameKk, s.NameRu)) {
		return err
	}
	l.place.Sites = append(l.place.Sites, s.ID)
	if err := l.party("owner", s.Owner); err != nil {
		return err
	}
	number, err := l.tx.LicenseOnSite(s.ID)
	if err != nil {
		return err
	}
	if err := l.license(number); err != nil {
		return err
	}
	points, err := l.tx.ConnectionPoints(store.ConnectionFilter{Site: s.ID}, store.Page{Limit: maxCaseLinks})
	for _, p := range points {
		if err == nil {
			err = l.party("tenant", p.Consumer)
		}
	}
	return err
}

func (l *caseLinks) license(number string) error {
	if number == "" {
		return nil
	}
	found, err := l.tx.License(number, l.tx.Now)
	if err != nil || !l.add("license", found.Number, models.Text{}) {
		return err
	}
	return l.party("holder", found.Holder)
}

func (l *caseLinks) party(role, id string) error {
	if id == "" {
		return nil
	}
	p, err := l.tx.Party(id)
	if err != nil || !l.add(role, p.ID, models.Named(p.NameKk, p.NameRu)) {
		return err
	}
	if !slices.Contains(l.place.Parties, p.ID) {
		l.place.Parties = append(l.place.Parties, p.ID)
	}
	return nil
}

// meet fills in what the case leads to and the other cases that the reader may see: those
// about one of the same things, and those of the same premises, owner or user.
func (m *Matter) meet(tx *store.Tx, actor models.Actor) error {
	var place store.CasePlace
	var err error
	if m.Links, place, err = linksOf(tx, m.Subjects); err != nil {
		return err
	}
	seen := func(found []models.Case) []models.Case {
		return slices.DeleteFunc(found, func(c models.Case) bool { return !c.Sees(actor) })
	}
	related, err := tx.RelatedCases(m.Case.ID, maxRelated)
	if err != nil {
		return err
	}
	m.Related = seen(related)
	near, err := tx.CasesAtPlace(m.Case.ID, place, 2*maxRelated)
	if err != nil {
		return err
	}
	m.Near = slices.DeleteFunc(seen(near), func(c models.Case) bool {
		return slices.ContainsFunc(related, func(r models.Case) bool { return r.ID == c.ID })
	})
	return nil
}
