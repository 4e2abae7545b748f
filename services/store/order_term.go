package store

import (
	"time"

	"rigistry/models"
)

// OrderDeadline gives the term of a ground under the law of today, and its end for an
// order that is issued now.
func (tx *Tx) OrderDeadline(ground string) (models.OrderTerm, time.Time, error) {
	table, err := models.ReferenceTableOf(models.RefDeadlines)
	if err != nil {
		return models.OrderTerm{}, time.Time{}, err
	}
	rows, err := tx.ReferenceRows(table)
	if err != nil {
		return models.OrderTerm{}, time.Time{}, err
	}
	term, err := models.OrderTermOn(rows, ground, models.LegalDate(tx.Now))
	if err != nil || !term.Orders {
		return term, time.Time{}, err
	}
	var cal models.Calendar
	if term.Unit == "working_days" {
		if cal, err = tx.Calendar(); err != nil {
			return term, time.Time{}, err
		}
	}
	deadline, err := term.Deadline(cal, tx.Now)
	return term, deadline, err
}

// Calendar is the calendar of working days with its periods of tolling.
func (tx *Tx) Calendar() (models.Calendar, error) {
	days, err := tx.Holidays("")
	if err != nil {
		return models.Calendar{}, err
	}
	periods, err := tx.Tollings()
	return models.NewCalendar(days).Tolled(periods), err
}
