package licensing_test

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
)

func TestOffers_AreWhatAFilingOfThatDayCosts(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		for _, c := range []struct {
			at   time.Time
			kind models.ApplicationKind
			sub  models.SubType
			fee  models.Tiyn
			days int
			base bool
		}{
			{time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC), models.ApplicationIssue, models.SubTypeI, 865_000_000, 15, false},
			{time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC), models.ApplicationIssue, models.SubTypeII, 2_162_500, 15, false},
			{time.Date(2025, 12, 31, 18, 59, 59, 0, time.UTC), models.ApplicationIssue, models.SubTypeI, 786_400_000, 15, false},
			{time.Date(2025, 12, 31, 19, 0, 0, 0, time.UTC), models.ApplicationIssue, models.SubTypeI, 865_000_000, 15, false}, // midnight in Almaty
			{time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC), models.ApplicationReissue, models.SubTypeI, 86_500_000, 3, true},
			{time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC), models.ApplicationDuplicate, models.SubTypeI, 865_000_000, 2, true},
		} {
			offers, err := r.Offers(context.Background(), c.at)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, o := range offers {
				if o.Kind != c.kind || o.SubType != c.sub {
					continue
				}
				found = true
				if o.Fee.Due != c.fee || o.Days != c.days || o.NeedsBase != c.base {
					t.Errorf("%s %s at %s: fee %d, %d days, base %v; want %d, %d, %v", c.kind, c.sub, c.at, o.Fee.Due, o.Days, o.NeedsBase, c.fee, c.days, c.base)
				}
			}
			if !found {
				t.Errorf("%s %s is not offered", c.kind, c.sub)
			}
		}
	})
}
