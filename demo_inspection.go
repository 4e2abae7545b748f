package main

import (
	"fmt"
	"time"

	"rigistry/models"
)

// visits opens a case about the holder that draws more than its license allows, and sends
// the inspector there today: one visit that is ready for the field, one that still
// lacks what the law demands, and one to a connection that awaits its permit.
func (d *demo) visits(cast *demoCast) error {
	d.ago(2 * time.Hour)
	enforcement, officer, head := d.registry.svc.Enforcement, cast.actors["officer"], cast.actors["head"]
	site := cast.sites[overHolder]
	about := []models.CaseSubject{{Kind: "connection_point", Ref: site.ConnectionCode[0]}, {Kind: "site", Ref: site.ID}, {Kind: "license", Ref: cast.licenses[overHolder]}}
	m, err := enforcement.Open(d.app.Ctx, officer, models.Case{Source: models.CaseFromOfficer, Title: "Тұтыну лицензиядағы қуаттан асады",
		Summary: "Алаңдағы тұтыну лицензиядағы қуаттан асып тұр.", Estimated: 40_000}, about)
	if err != nil {
		return fmt.Errorf("open a case: %w", err)
	}
	if _, err = enforcement.Lead(d.app.Ctx, officer, m.Case.ID, "", m.Case.Version); err != nil {
		return fmt.Errorf("lead the case: %w", err)
	}
	today := models.LegalDate(d.app.Now())
	for n, visit := range []models.Inspection{
		{Kind: models.InspectionOutOfTurn, Title: "Лицензиядан тыс тұтыну", Case: m.Case.ID, Members: []string{cast.actors["officer2"].ID},
			Legal: map[string]string{models.LegalActNumber: "А-118", models.LegalActDate: today, models.LegalRegistrationNumber: "КПСиСУ-2611-0118",
				models.LegalRegistrationDate: today, models.LegalNoticeException: "Хабарлама жабдықты жасыруға уақыт береді", models.LegalInspectorCard: "ИН-0042",
				models.LegalEntryPower: "ҚР КК, 152-бап"}},
		{Kind: models.InspectionPreventive, Title: "Профилактикалық бару", Site: cast.sites[farmHolder].ID, Point: cast.sites[farmHolder].ConnectionCode[0]},
		{Kind: models.InspectionPreventive, Title: "Қосу алдындағы бару", Site: cast.sites[readyHolder].ID, Point: readyPoint},
	} {
		visit.PlannedOn, visit.Route, visit.Lead = today, int64(n+1), cast.actors["inspector"].ID
		if _, err := enforcement.PlanInspection(d.app.Ctx, head, visit); err != nil {
			return fmt.Errorf("plan a visit: %w", err)
		}
	}
	return nil
}
