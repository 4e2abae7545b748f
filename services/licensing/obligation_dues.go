package licensing

import (
	"errors"
	"fmt"
	"hash/fnv"

	"rigistry/models"
	"rigistry/services/store"
)

// calendarMark is the row that remembers the calendar that due dates were counted by.
const calendarMark = "*"

// moveObligationDues counts the due dates that are not over again when the calendar
// has changed: days off were entered, or a tolling period was confirmed.
func moveObligationDues(tx *store.Tx) (bool, error) {
	digest, err := calendarDigest(tx)
	if err != nil {
		return false, err
	}
	mark, err := tx.ObligationMark(calendarMark)
	if err != nil || mark.Version == digest && mark.SweptOn != "" {
		return false, err
	}
	r, err := newRaiser(tx)
	if err != nil {
		return false, err
	}
	page := store.Page{Limit: 1000}
	for {
		list, err := tx.Obligations(store.ObligationFilter{State: models.ObligationOpen, DueFrom: r.today}, page)
		if err != nil {
			return false, err
		}
		for _, o := range list {
			due := r.cal.DueOn(o.LawDue, o.DayOff)
			if due == o.Due || due < r.today {
				continue
			}
			from := o.Due
			o.Due, o.Updated = due, tx.Now
			o.Version++
			err := tx.UpdateObligation(o)
			if err == nil {
				err = obligationFact(tx, models.System(), "obligation.due_moved", o, map[string]any{"from": from})
			}
			if err != nil {
				return false, err
			}
		}
		if len(list) < page.Limit {
			return false, tx.SetObligationMark(store.ObligationMark{License: calendarMark, Version: digest, SweptOn: r.today})
		}
		page.After = store.ObligationCursor(list[len(list)-1])
	}
}

func calendarDigest(tx *store.Tx) (int64, error) {
	days, err := tx.Holidays("")
	periods, err2 := tx.Tollings()
	h := fnv.New64a()
	for _, d := range days {
		fmt.Fprintf(h, "%s %s\n", d.Date, d.Kind)
	}
	for _, p := range periods {
		if p.State == models.TollingConfirmed {
			fmt.Fprintf(h, "%s %s\n", p.From, p.Until)
		}
	}
	return int64(h.Sum64() >> 1), errors.Join(err, err2)
}
