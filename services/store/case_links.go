package store

import "rigistry/models"

// CasePlace is where cases can meet that are not about the same thing: sites, and parties
// that own or use them.
type CasePlace struct {
	Sites   []string // ids
	Parties []string // ids
}

// CasesAtPlace gives the newest other cases about a site of the place or of one of its
// parties, about a connection there or of such a party, or about a finding at it.
func (tx *Tx) CasesAtPlace(id string, at CasePlace, limit int) ([]models.Case, error) {
	if len(at.Sites) == 0 && len(at.Parties) == 0 {
		return nil, nil
	}
	sites, parties := orNothing(at.Sites), orNothing(at.Parties)
	const there = `SELECT p.id FROM connection_points p WHERE p.consumer_bin IN (SELECT y.bin FROM parties y WHERE y.id IN ?) OR p.site IN (SELECT s.id FROM sites s WHERE s.id IN ? OR s.owner IN ?)`
	return cases(many[caseRow](tx, `SELECT * FROM cases WHERE id <> ? AND id IN (SELECT o.case_id FROM case_subjects o WHERE
		o.kind = 'party' AND o.ref IN ?
		OR o.kind = 'site' AND o.ref IN (SELECT s.id FROM sites s WHERE s.id IN ? OR s.owner IN ?)
		OR o.kind = 'connection_point' AND o.ref IN (`+there+`)
		OR o.kind = 'finding' AND o.ref IN (SELECT f.id FROM findings f WHERE f.target_kind = 'connection_point' AND f.target_id IN (`+there+`)))
		ORDER BY id DESC LIMIT ?`, id, parties, sites, parties, parties, sites, parties, parties, sites, parties, limit))
}
