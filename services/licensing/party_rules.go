package licensing

import (
	"context"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// partyRules are the rules of applicants that the program knows.
func partyRules() (out models.PartyRules, err error) {
	err = rows("data/party_rules.csv", 6, func(r []string) error {
		out = append(out, models.PartyRule{Code: r[0], Allowed: strings.Fields(r[1]), LegalRef: r[2], Grade: r[3], ValidFrom: r[4], ValidUntil: r[5]})
		return nil
	})
	return out, err
}

// PartyObstacles gives what stands between a party and a license on the legal date
// of an instant; the zero instant is now.
func (s *Service) PartyObstacles(ctx context.Context, p models.Party, at time.Time) (out []models.PartyObstacle, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rules, err := tx.PartyRules(dateOf(tx, at))
		out = rules.Obstacles(p)
		return err
	})
	return out, err
}
