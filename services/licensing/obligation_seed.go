package licensing

import (
	"strconv"

	"rigistry/models"
	"rigistry/services/store"
)

// obligationReference reads the kinds of obligation, the fee rates and the grounds of
// a waiver that the program knows.
func obligationReference() (ref store.ObligationReference, err error) {
	err = rows("data/obligation_kinds.csv", 15, func(r []string) error {
		day, err := strconv.Atoi(r[2])
		ref.Rules = append(ref.Rules, models.ObligationRule{Code: r[0], Period: models.ObligationPeriod(r[1]), DueDay: day, DayOff: r[3],
			SubType: models.SubType(r[4]), WhileSuspended: r[5] == "1", BlocksGate: r[6] == "1", Outlives: r[7] == "1", LegalRef: r[8], Grade: r[9],
			Text: models.Text{Kk: r[10], Ru: r[11], En: r[12]}, ValidFrom: r[13], ValidUntil: r[14]})
		return err
	})
	if err != nil {
		return ref, err
	}
	err = rows("data/fee_rates.csv", 6, func(r []string) error {
		rate, err := strconv.ParseInt(r[1], 10, 64)
		ref.Rates = append(ref.Rates, models.FeeRate{Source: r[0], Rate: models.Tiyn(rate), LegalRef: r[2], Grade: r[3], ValidFrom: r[4], ValidUntil: r[5]})
		return err
	})
	if err != nil {
		return ref, err
	}
	return ref, rows("data/waiver_grounds.csv", 8, func(r []string) error {
		ref.Grounds = append(ref.Grounds, models.Ground{Kind: models.GroundWaive, Code: r[0], LegalRef: r[1], Grade: r[2],
			Text: models.Text{Kk: r[3], Ru: r[4], En: r[5]}, ValidFrom: r[6], ValidUntil: r[7]})
		return nil
	})
}
