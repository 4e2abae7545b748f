package models

import (
	"strings"
	"time"
)

// ObligationRemedy is the kind of obligation that an order to put something right makes
// of a license: overdue, it stands in the way at the gate.
const ObligationRemedy = "REMEDY_ORDER"

// RemedyOrder is an order (предписание) to put something right by a day.
type RemedyOrder struct {
	ID         string
	Number     string // IN-2026-000042-1
	Inspection string
	License    string // number, "" when the subject holds none
	Obligation string // id of the obligation, "" without a license
	Text       string // what has to be put right
	Article    string // of the law that is broken
	Due        string // legal date, the last day
	Salt       string
	Issued     time.Time
	IssuedBy   string // user id
}

const maxRemedyDays = 366

// NewRemedyOrder checks an order and dates it. It is given after the visit has begun.
func (i Inspection) NewRemedyOrder(o RemedyOrder, actor Actor, at time.Time) (RemedyOrder, error) {
	if !i.Of(actor.ID) && !actor.Is(RoleHead) && !actor.Is(RoleSystem) {
		return o, Errorf(CodeForbidden, "Only the team of the inspection, or a head, gives an order.")
	}
	if i.State != InspectionInProgress && i.State != InspectionSubmitted && i.State != InspectionFinalized {
		return o, Errorf(CodeConflict, "Inspection %s is %s. An order rests on what a visit found.", i.Number, i.State)
	}
	o.Text, o.Article = strings.TrimSpace(o.Text), strings.TrimSpace(o.Article)
	today := LegalDate(at)
	var v Invalid
	if o.Text == "" || len(o.Text) > maxCaseText {
		v.Add("/text", "required", "Say what has to be put right, in at most %d bytes.", maxCaseText)
	}
	if o.Article == "" || len(o.Article) > maxLegalField {
		v.Add("/article", "required", "Name the article that is broken.")
	}
	if AddDays(o.Due, 0) != o.Due || o.Due <= today || o.Due > AddDays(today, maxRemedyDays) {
		v.Add("/due", "date", "Give the last day as YYYY-MM-DD, after today and within a year.")
	}
	if err := v.Err(); err != nil {
		return o, err
	}
	o.Inspection, o.License, o.Issued, o.IssuedBy = i.ID, i.License, at, actor.ID
	return o, nil
}

// Duty is the obligation of the license that the order makes: due as the order says, and
// the gate refers once it is overdue.
func (o RemedyOrder) Duty(party string, at time.Time) Obligation {
	today := LegalDate(at)
	return Obligation{Kind: ObligationRemedy, License: o.License, Party: party, Subject: o.Number, Period: today, From: today, Until: today,
		LawDue: o.Due, Due: o.Due, LegalRef: o.Article, Grade: "R", BlocksGate: true, Outlives: false, DayOff: DayOffSame, State: ObligationOpen,
		Created: at, Updated: at, Version: 1}
}
