package licensing

import (
	"strconv"

	"rigistry/models"
	"rigistry/services/store"
)

const remindLimit = 200

// officerDays are the working days in which an officer looks at what the calendar of
// obligations brings.
const officerDays = 5

// recordOverdue records what is overdue, once each, tells the holder and opens a task
// for an officer.
func recordOverdue(tx *store.Tx) (more bool, err error) {
	list, err := tx.NewlyOverdue(remindLimit)
	if err != nil || len(list) == 0 {
		return false, err
	}
	cal, err := wholeCalendar(tx)
	if err != nil {
		return false, err
	}
	today := models.LegalDate(tx.Now)
	for _, o := range list {
		o.OverdueAt, o.Updated = tx.Now, tx.Now
		o.Version++
		if err := tx.UpdateObligation(o); err != nil {
			return false, err
		}
		if err := obligationFact(tx, models.System(), "obligation.overdue", o, map[string]any{"blocks_gate": o.BlocksGate}); err != nil {
			return false, err
		}
		if err := tx.InsertNotice(noticeOf(tx, o, models.NoticeObligationOverdue, o.Due)); err != nil {
			return false, err
		}
		err := openTask(tx, models.System(), models.Task{Kind: models.TaskObligationOverdue, Subject: obligationRef(o), License: o.License,
			Party: o.Party, Due: cal.AddWorkingDays(today, officerDays), Role: models.RoleOfficer, Reason: "REPORTS_OVERDUE"})
		if err != nil {
			return false, err
		}
	}
	return len(list) == remindLimit, nil
}

func noticeOf(tx *store.Tx, o models.Obligation, kind models.NoticeKind, occasion string) models.Notice {
	return models.Notice{Party: o.Party, Kind: kind, Subject: obligationRef(o), Occasion: occasion, License: o.License, Due: o.Due, At: tx.Now,
		Data: models.NoticeData{Obligation: o.Kind, Period: o.Period}}
}

// remindBatch sends the reminders whose day has come: of obligations, and of terms of
// licenses that end.
func remindBatch(tx *store.Tx) (more bool, err error) {
	for _, days := range models.Reminders() {
		for _, part := range []func(*store.Tx, int) (bool, error){remindObligations, remindTerms} {
			full, err := part(tx, days)
			if err != nil {
				return false, err
			}
			more = more || full
		}
	}
	return more, nil
}

func remindObligations(tx *store.Tx, days int) (full bool, err error) {
	list, err := tx.ObligationsToRemind(days, remindLimit)
	if err != nil {
		return false, err
	}
	for _, o := range list {
		send := models.ReminderDue(days, o.Due, models.LegalDate(o.Created), models.LegalDate(tx.Now))
		first, err := tx.SetReminder(obligationRef(o), days, send)
		if err != nil {
			return false, err
		}
		if !first || !send {
			continue
		}
		if err := obligationFact(tx, models.System(), "obligation.reminder", o, map[string]any{"days": days}); err != nil {
			return false, err
		}
		n := noticeOf(tx, o, models.NoticeObligationReminder, strconv.Itoa(days))
		n.Data.Days = days
		if err := tx.InsertNotice(n); err != nil {
			return false, err
		}
		err = openTask(tx, models.System(), models.Task{Kind: models.TaskObligationDue, Subject: obligationRef(o), License: o.License,
			Party: o.Party, Due: o.Due, Role: models.RoleApplicant})
		if err != nil {
			return false, err
		}
	}
	return len(list) == remindLimit, nil
}

// remindTerms reminds holders to file for renewal before the term of a license ends.
func remindTerms(tx *store.Tx, days int) (full bool, err error) {
	list, err := tx.LicensesToRemind(days, remindLimit)
	if err != nil {
		return false, err
	}
	today := models.LegalDate(tx.Now)
	for _, l := range list {
		last := models.LastDay(l.Until)
		if models.AddDays(last, -days) > today { // its day is tomorrow
			continue
		}
		ref, send := models.TermRef(l.Number, l.Until), models.ReminderDue(days, last, models.LegalDate(l.From), today)
		first, err := tx.SetReminder(ref, days, send)
		if err != nil {
			return false, err
		}
		if !first || !send {
			continue
		}
		subject := models.Ref{Kind: "license", ID: l.Number}
		if err := fact(tx, models.System(), "license.reminder", subject, 0, map[string]any{"days": days, "last_day": last}); err != nil {
			return false, err
		}
		err = tx.InsertNotice(models.Notice{Party: l.Holder, Kind: models.NoticeLicenseExpires, Subject: subject, Occasion: last + "/" + strconv.Itoa(days),
			License: l.Number, Due: last, At: tx.Now, Data: models.NoticeData{Days: days}})
		if err == nil {
			err = openTask(tx, models.System(), models.Task{Kind: models.TaskLicenseRenewal, Subject: subject, License: l.Number,
				Party: l.Holder, Due: last, Role: models.RoleApplicant})
		}
		if err != nil {
			return false, err
		}
	}
	return len(list) == remindLimit, nil
}
