package enforcement

import (
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// powerOf lays the power that is allowed and declared at the place of a visit beside what
// the visit found.
func powerOf(tx *store.Tx, i models.Inspection, lines []models.RigLine, readings []models.FieldEvent) ([]models.PowerLine, error) {
	declared, err := declaredAt(tx, i)
	if err != nil {
		return nil, err
	}
	known := models.PowerKnown{Declared: declared}
	if known.Licensed, err = licensedAt(tx, i); err != nil {
		return nil, err
	}
	points, err := packPoints(tx, i)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		known.Permitted += p.Point.Permitted
	}
	return models.ComparePower(known, lines, readings), nil
}

// licensedAt gives the power that the license of a visit approves at its site, in all
// where the visit has no site, and 0 where there is no license.
func licensedAt(tx *store.Tx, i models.Inspection) (models.Watts, error) {
	if i.License == "" {
		return 0, nil
	}
	l, err := tx.License(i.License, time.Time{})
	if models.CodeOf(err) == models.CodeNotFound {
		return 0, nil
	}
	if err != nil || i.Site == "" {
		return l.Approved, err
	}
	var sum models.Watts
	for _, s := range l.Sites {
		if s.Site == i.Site {
			sum += s.Approved
		}
	}
	return sum, nil
}
