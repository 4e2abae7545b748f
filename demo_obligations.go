package main

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// demoDuty is one obligation of the story and how far it has come.
type demoDuty struct {
	holder string // key of the party
	kind   string
	kwh    int64 // declared
	far    dutyProgress
}

type dutyProgress int

// How far an obligation has come.
const (
	dutyOverdue dutyProgress = iota
	dutyHanded
	dutyAccepted
	dutyReturned
	dutyWaiverProposed
	dutyWaived
)

// demoDuties are the obligations of the last quarter that is over. What is overdue
// makes the gate refer at PS12-F03-CP002; no license at the feeder F05 has any.
func demoDuties() []demoDuty {
	report, fee := models.ObligationReport, models.ObligationMiningFee
	return []demoDuty{
		{farmHolder, report, 1_214_500, dutyAccepted},
		{farmHolder, fee, 1_214_500, dutyHanded},
		{overHolder, report, 0, dutyOverdue},
		{overHolder, fee, 596_000, dutyHanded},
		{tenantHolder, report, 241_300, dutyReturned},
		{stoppedHolder, report, 0, dutyWaiverProposed},
		{strandedOne, report, 0, dutyWaived},
	}
}

// duties enters the obligations of the last quarter whose due dates are over.
func (d *demo) duties(cast *demoCast) error {
	q, err := lastDueQuarter(models.LegalDate(d.app.Now()))
	if err != nil {
		return err
	}
	opens, err := models.StartOfDay(q.Until)
	if err != nil {
		return err
	}
	for _, duty := range demoDuties() {
		if err := d.duty(cast, duty, q, opens); err != nil {
			return fmt.Errorf("%s of %s: %w", duty.kind, duty.holder, err)
		}
	}
	return nil
}

// lastDueQuarter is the last quarter whose fee and report were due at least a week
// before a legal date.
func lastDueQuarter(today string) (models.Quarter, error) {
	q, err := models.QuarterOf(today)
	for err == nil && today < models.AddDays(q.Until, 31) {
		q, err = models.QuarterOf(models.AddDays(q.From, -1))
	}
	return q, err
}

func (d *demo) duty(cast *demoCast, duty demoDuty, q models.Quarter, opens time.Time) error {
	lic, ctx := d.registry.svc.Licensing, d.app.Ctx
	clerk, officer, second := cast.actors["clerk"], cast.actors["officer"], cast.actors["head"]
	d.clock.set(opens.Add(5 * time.Hour)) // the first morning after the quarter
	o, err := lic.ImposeObligation(ctx, officer, cast.licenses[duty.holder], duty.kind, q.Name)
	if err != nil || duty.far == dutyOverdue {
		return err
	}
	d.clock.set(opens.Add(4 * day))
	if duty.far == dutyWaiverProposed || duty.far == dutyWaived {
		d.clock.set(opens.Add(15 * day))
		o, err = lic.ProposeWaiver(ctx, officer, o.ID, o.Version, models.Waiver{Ground: "NOTHING_OWED", Note: "Лицензия приостановлена, потребления в квартале не было."})
		if err != nil || duty.far == dutyWaiverProposed {
			return err
		}
		d.clock.set(opens.Add(16 * day))
		_, err = lic.ConfirmWaiver(ctx, second, o.ID, o.Version)
		return err
	}
	if o, err = d.hand(clerk, o, duty); err != nil || duty.far == dutyHanded {
		return err
	}
	d.clock.set(opens.Add(6 * day))
	if duty.far == dutyReturned {
		_, err = lic.ReturnObligation(ctx, officer, o.ID, o.Version, "Нет разбивки по источникам. Укажите, сколько куплено на аукционе и сколько по импорту.")
		return err
	}
	_, err = lic.AcceptObligation(ctx, officer, o.ID, o.Version)
	return err
}

func (d *demo) hand(clerk models.Actor, o licensing.ObligationView, duty demoDuty) (licensing.ObligationView, error) {
	h := models.Handed{Document: "ОТЧ-" + o.Period, Energy: []models.SourceEnergy{{Source: "auction", Energy: models.WattHours(duty.kwh * 1000)}}}
	if duty.kind == models.ObligationMiningFee {
		h.Document, h.Amount = "ПП-"+o.Period, models.Tiyn(duty.kwh*200)
	}
	return d.registry.svc.Licensing.FulfilObligation(d.app.Ctx, clerk, o.ID, o.Version, h)
}
