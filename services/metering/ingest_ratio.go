package metering

import (
	"context"
	"encoding/json"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// ratioFacts is the body of the ledger entry "meter.ratio_changed": a meter tells another
// ratio of its transformers than in its reading before, in thousandths; 0 where it tells
// none. After an exchange that people recorded there is none before.
type ratioFacts struct {
	At     time.Time `json:"at"`
	CTFrom int64     `json:"ct_from"`
	CTTo   int64     `json:"ct_to"`
	PTFrom int64     `json:"pt_from"`
	PTTo   int64     `json:"pt_to"`

	meter string
}

// compareRatios marks a reading that tells another ratio than the newest with values. It
// is looked for here too, and not only by the collector: one that begins anew, or another
// one, knows nothing of what the meter told before.
func (in *ingest) compareRatios(r *models.Reading, st *store.MeterState) {
	before, now := models.RatiosOf(&st.Base.Values), models.RatiosOf(&r.Values)
	if !before.Differ(now) {
		return
	}
	r.Quality = r.Quality.Worse(models.QualityRatioChanged)
	in.ratios = append(in.ratios, ratioFacts{At: r.At, CTFrom: before.CT, CTTo: now.CT, PTFrom: before.PT, PTTo: now.PT, meter: r.Meter})
}

// recordRatios enters what compareRatios found in the ledger.
func (in *ingest) recordRatios(actor models.Actor) error {
	for _, one := range in.ratios {
		if _, err := in.tx.Append(models.Entry{Kind: "meter.ratio_changed", Subject: models.Ref{Kind: "meter", ID: one.meter}, Actor: actor,
			Utility: in.meters[one.meter].utility, Body: one}); err != nil {
			return err
		}
	}
	return nil
}

// RatioChange says that a meter itself told another ratio of its transformers than in its
// reading before, in thousandths; 0 where it tells none.
type RatioChange struct {
	At       time.Time // of the first reading with it
	Recorded time.Time
	From, To models.RatiosTold
}

// ratioChangesMost is how many changes of a meter are listed.
const ratioChangesMost = 100

// RatioChanges gives the changes of the ratios that a meter tells, the newest first.
func (s *Service) RatioChanges(ctx context.Context, actor models.Actor, idOrCode string) (out []RatioChange, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		m, err := visibleMeter(tx, actor, idOrCode)
		if err != nil {
			return err
		}
		rows, err := tx.ToldRatios(m.ID, ratioChangesMost)
		if err != nil {
			return err
		}
		for _, r := range rows {
			var f ratioFacts
			if err := json.Unmarshal([]byte(r.Body), &f); err != nil {
				return err
			}
			out = append(out, RatioChange{At: f.At, Recorded: r.Recorded, From: models.RatiosTold{CT: f.CTFrom, PT: f.PTFrom}, To: models.RatiosTold{CT: f.CTTo, PT: f.PTTo}})
		}
		return nil
	})
	return out, err
}
