package gate

import "rigistry/models"

// overdue reads the obligations of the license that stand in the way today.
func (l factLoader) overdue(f *models.Facts, license string) error {
	list, err := l.tx.BlockingObligations(license)
	if err != nil || len(list) == 0 {
		return err
	}
	rules, err := l.tx.ObligationRules()
	if err != nil {
		return err
	}
	texts := map[string]models.Text{}
	for _, r := range rules {
		texts[r.Code] = r.Text // the newest row is the last
	}
	for _, o := range list {
		f.Overdue = append(f.Overdue, models.OverdueFacts{ID: o.ID, Kind: o.Kind, Period: o.Period, Due: o.Due, Text: texts[o.Kind]})
	}
	return nil
}
