package gate

import "rigistry/models"

// standing reads what holds or is to come for the point and all it hangs on, the
// license and the applicant.
func (l factLoader) standing(f *models.Facts, r models.CheckRequest, p models.ConnectionPoint, license string) error {
	place, err := placeOf(l.tx, p)
	if err != nil {
		return err
	}
	place.License, place.Party = license, r.Applicant
	if f.Standing, err = l.tx.StandingAt(place); err != nil {
		return err
	}
	if r.Purpose == models.PurposeMining {
		f.SupplyByHour, err = l.tx.SupplyByHour(license, p.Code)
	}
	return err
}
