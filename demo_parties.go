package main

import (
	"errors"
	"fmt"

	"rigistry/models"
)

// demoPersons are directors and owners of the first parties; the first directs two.
var demoPersons = []struct {
	party  int // place among the parties of the demonstration
	eleven string
	person models.PartyPerson
}{
	{0, "75031530012", models.PartyPerson{Role: models.RoleDirector, Name: "Сұлтанов Ерлан Қайратұлы", ValidFrom: "2023-05-10"}},
	{0, "80071140015", models.PartyPerson{Role: models.RoleBeneficialOwner, Name: "Ибраева Гүлмира Серікқызы", ShareBP: 6_000, ValidFrom: "2023-05-10"}},
	{0, "69110230019", models.PartyPerson{Role: models.RoleBeneficialOwner, Name: "Ким Виктор Андреевич", ShareBP: 4_000, ValidFrom: "2023-05-10"}},
	{1, "75031530012", models.PartyPerson{Role: models.RoleDirector, Name: "Сұлтанов Ерлан Қайратұлы", ValidFrom: "2023-08-01"}},
}

// partyPersons records directors and owners, and a party that looks like the first one.
func (d *demo) partyPersons(cast *demoCast) error {
	svc, all := d.registry.svc.Licensing, demoParties()
	for _, p := range demoPersons {
		iin, err := models.CompleteBin(p.eleven)
		if err != nil {
			return fmt.Errorf("the number of a director: %w", err)
		}
		p.person.IIN, p.person.Citizenship = iin, "KZ"
		if _, err := svc.AddPerson(d.app.Ctx, models.System(), cast.parties[all[p.party].key].ID, p.person); err != nil {
			return fmt.Errorf("record a director: %w", err)
		}
	}
	first := cast.parties[all[0].key]
	near := models.NearNumbers(first.BinOrIin)
	if len(near) == 0 {
		return errors.New("no number is near that of the first party")
	}
	twin := first
	twin.BinOrIin, twin.Phone = near[len(near)-1], "+7 718 200 0099"
	if _, err := svc.RegisterParty(d.app.Ctx, models.System(), twin); err != nil {
		return fmt.Errorf("register the party that looks like another: %w", err)
	}
	return nil
}
