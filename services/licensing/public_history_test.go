package licensing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func TestPublicHistory_HoldsEveryVersionAndNoPersonalData(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		first := r.licensed("CP1")
		person := must(r.RegisterParty(r.ctx, clerk, models.Party{BinOrIin: must(models.CompleteBin("90051530012")), Kind: models.PartySoleEntrepreneur, NameKk: "ЖК Жасырын", NameRu: "ИП Тайный",
			Size: models.SizeMedium, Resident: true, Kato: "551010000"}))
		a := r.drafted(request(person, r.site(person.ID, "CP2")), models.OutcomeGrant)
		second := *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		before := r.clock.Now()
		r.clock.Advance(time.Hour)
		must(r.Suspend(r.ctx, head, first.Number, suspend3))
		found, next, err := r.PublicHistory(r.ctx, "")
		if last := max(first.Number, second.Number); err != nil || next != last || len(found) != 3 {
			t.Fatalf("%d versions up to %q (%v), want 3 up to %s", len(found), next, err, last)
		}
		if rest, end, err := r.PublicHistory(r.ctx, next); err != nil || len(rest) != 0 || end != "" {
			t.Errorf("after the last license: %d versions, %q, %v", len(rest), end, err)
		}
		for _, v := range found {
			shown := fmt.Sprint(v.HolderName, v.HolderBin)
			if v.Number == second.Number && shown != "" || strings.Contains(shown, "Тайный") {
				t.Errorf("a person is shown: %q", shown)
			}
			if v.Number == first.Number && v.HolderBin == "" {
				t.Errorf("a legal entity is not shown")
			}
		}
		old, _, err := r.PublicHistory(store.At(r.ctx, store.Moment{KnownAt: before}), "")
		if err != nil || len(old) != 2 {
			t.Errorf("%d versions were known before the suspension (%v), want 2", len(old), err)
		}
	})
}
