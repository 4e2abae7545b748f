package main

import (
	"fmt"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// machines lets something happen to a few rigs: one is sold, one seized, one put into
// storage, and two that a neighbour claims raise alarms.
func (d *demo) machines(cast *demoCast) error {
	d.ago(16 * day)
	law, clerk, officer := d.registry.svc.Licensing, cast.actors["clerk"], cast.actors["officer"]
	rigs, _, err := law.EquipmentList(d.app.Ctx, officer, store.EquipmentFilter{License: cast.licenses[farmHolder]}, store.Page{Limit: 8})
	if err != nil {
		return err
	}
	if len(rigs) < 8 {
		return fmt.Errorf("the demonstration has %d rigs of the farm, want 8", len(rigs))
	}
	for i, act := range []models.EquipmentAct{
		{Kind: models.EquipmentSale, To: models.EquipmentPosition{Owner: cast.party(readyHolder)}, Document: "ДКП-18"},
		{Kind: models.EquipmentTaken, Authority: "АФМ РК / ҚМА", Document: "255500031000412"},
		{Kind: models.EquipmentPutAway, Note: "Вентилятор"},
		{Kind: models.EquipmentRemoved, To: models.EquipmentPosition{State: models.EquipmentScrapped}, Document: "Акт 3"},
	} {
		if _, err := law.RecordEquipment(d.app.Ctx, officer, rigs[i].ID, rigs[i].Version, licensing.Declaration{EquipmentAct: act}); err != nil {
			return fmt.Errorf("rig %s: %w", rigs[i].Serial, err)
		}
	}
	claims := []models.Equipment{rigs[5], rigs[6]}
	claims[1].Serial = "S2l" + claims[1].Serial[3:] // l for 1
	rows := make([]licensing.Row[models.Equipment], 0, len(claims))
	for i, claim := range claims {
		claim.Owner, claim.Site, claim.License, claim.Customs = cast.party(overHolder), cast.sites[overHolder].ID, cast.licenses[overHolder], ""
		rows = append(rows, licensing.Row[models.Equipment]{Line: i + 2, Value: claim})
	}
	_, err = law.ImportEquipment(d.app.Ctx, clerk, licensing.ImportWrite, rows, nil)
	return err
}
