package detection

import "rigistry/models"

// declaredKW is what a point whose use is flat by nature may take, kW: what an allowance
// in force tells about it, or else what its delineation act permits. 0 where neither is
// known. Uses that are not flat by nature have limits of their own.
func (u Unit) declaredKW(pt Point) float64 {
	limit, today := pt.Permitted, models.LegalDate(u.Now)
	for _, a := range u.Allowances {
		if a.Point == pt.ID && a.Covers(0, today) {
			limit = a.Limit
		}
	}
	return float64(limit) / 1000
}
