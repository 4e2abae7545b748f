package metering

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// exchangeBatches is the collector under whose name the registers that people wrote
// down at an exchange are ingested; no collector can have it.
const exchangeBatches = "@exchange"

// Exchange says what was done to a meter. Registers are as the meter shows them, in
// Wh. What is empty or zero stays as it was, but for the registers.
type Exchange struct {
	At                       time.Time
	Serial, Profile          string
	Unit                     *uint8
	CTNum, CTDen             int64
	VTNum, VTDen             int64
	Final, First             models.WattHours
	FinalExport, FirstExport *models.WattHours
	OldSeals, NewSeals       string
	Act                      string
}

// ExchangeMeter records that the device of a meter, its transformers or both were
// exchanged, with the registers on both sides, so that its energy goes on: a jump of
// the register is none of the load. version is the meter's, 0 for whatever it is. The
// meter keeps its id, code and history; from now on it is read as the new one.
func (s *Service) ExchangeMeter(ctx context.Context, actor models.Actor, idOrCode string, version int64, x Exchange) (models.Meter, models.MeterExchange, error) {
	var next models.Meter
	var row models.MeterExchange
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Meter(idOrCode)
		if err != nil {
			return err
		}
		if err := models.Reach(actor, models.ActMeterWrite, models.Scope{Utility: before.Utility}, "meter", idOrCode); err != nil {
			return err
		}
		earlier, err := tx.MeterExchanges(before.ID)
		if err != nil {
			return err
		}
		states, err := tx.MeterStates([]string{before.ID})
		if err != nil {
			return err
		}
		next = x.applied(before)
		if version != 0 {
			next.Version = version
		}
		if row, err = x.row(tx.Now, &before, &next, earlier, states[before.ID]); err != nil {
			return err
		}
		if err := checkMeter(&next); err != nil {
			return err
		}
		if err := tx.UpdateMeter(next); err != nil {
			return err
		}
		next.Version++
		row.ID, row.Actor, row.MeterVersion = tx.NewID(), actor.ID, next.Version
		if row, err = tx.InsertMeterExchange(row); err != nil {
			return err
		}
		return appendExchange(tx, actor, &next, &row)
	})
	if err != nil {
		return models.Meter{}, models.MeterExchange{}, err
	}
	return next, row, s.JoinCounters(ctx)
}

// applied gives the meter as it is afterwards.
func (x *Exchange) applied(m models.Meter) models.Meter {
	if x.Serial != "" && x.Serial != m.Serial {
		m.Serial, m.Vendor, m.Model, m.VerificationBy = x.Serial, "", "", "" // of the device that is gone
	}
	if x.Profile != "" {
		m.Profile = x.Profile
	}
	if x.Unit != nil {
		m.Unit = *x.Unit
	}
	if x.CTNum > 0 && x.CTDen > 0 {
		m.CTNum, m.CTDen = x.CTNum, x.CTDen
	}
	if x.VTNum > 0 && x.VTDen > 0 {
		m.VTNum, m.VTDen = x.VTNum, x.VTDen
	}
	return m
}

// row is the exchange as it is kept, or what is wrong with it.
func (x *Exchange) row(now time.Time, before, next *models.Meter, earlier []models.MeterExchange, state store.MeterState) (models.MeterExchange, error) {
	out := models.MeterExchange{Meter: before.ID, At: x.At.UTC().Truncate(time.Microsecond), OldSerial: before.Serial, NewSerial: next.Serial,
		OldProfile: before.Profile, NewProfile: next.Profile, OldRatio: before.RatioText(), NewRatio: next.RatioText(),
		FinalExport: -1, FirstExport: -1, OldSeals: strings.TrimSpace(x.OldSeals), NewSeals: strings.TrimSpace(x.NewSeals), Act: strings.TrimSpace(x.Act)}
	var bad models.Invalid
	device, ratio := before.Serial != next.Serial, out.OldRatio != out.NewRatio
	switch {
	case device && ratio:
		out.Kind = models.ExchangeBoth
	case device:
		out.Kind = models.ExchangeMeter
	case ratio:
		out.Kind = models.ExchangeTransformers
	default:
		bad.Add("/new_serial", "same", "Nothing is exchanged: give the serial number of the new meter, or the ratio of the new transformers.")
	}
	if out.At.IsZero() || out.At.After(now) {
		bad.Add("/at", "range", "Say when it was done; that cannot be in the future.")
	}
	if len(earlier) > 0 && !out.At.After(earlier[0].At) {
		bad.Add("/at", "range", "The exchange before was at %s. Give a later instant.", earlier[0].At.Format(time.RFC3339))
	}
	if ratio && !state.Base.At.IsZero() && state.Base.At.After(out.At) && state.Base.Quality != models.QualityEstimated {
		bad.Add("/at", "read_since", "The meter was read at %s with the old ratio. Give an instant after that: what was read before cannot be made another.",
			state.Base.At.Format(time.RFC3339))
	}
	if out.NewSeals == "" || len(out.NewSeals) > 200 || len(out.OldSeals) > 200 {
		bad.Add("/new_seals", "required", "Give the numbers of the seals that were set, in at most 200 characters.")
	}
	if out.Act == "" || len(out.Act) > 64 {
		bad.Add("/act", "required", "Give the number of the act of exchange, in at most 64 characters.")
	}
	toRegister(&bad, before, "/final_kwh", x.Final, &out.Final)
	toRegister(&bad, next, "/first_kwh", x.First, &out.First)
	if x.FinalExport != nil {
		toRegister(&bad, before, "/final_export_kwh", *x.FinalExport, &out.FinalExport)
	}
	if x.FirstExport != nil {
		toRegister(&bad, next, "/first_export_kwh", *x.FirstExport, &out.FirstExport)
	}
	if last, ok := state.Base.Values.Get(models.QEImport); ok && !state.Base.At.After(out.At) && out.Final < models.WattHours(last) {
		bad.Add("/final_kwh", "went_back", "The register stood at %.1f kWh at %s already, seen from the primary side. Read the final register again.",
			float64(last)/1000, state.Base.At.Format(time.RFC3339))
	}
	return out, bad.Err()
}

// toRegister takes a register to the primary side.
func toRegister(bad *models.Invalid, m *models.Meter, pointer string, shown models.WattHours, into *models.WattHours) {
	wh, fits := m.Primary(shown)
	if !fits || shown < 0 {
		bad.Add(pointer, "range", "A register shows 0 kWh or more.")
		return
	}
	*into = wh
}

func appendExchange(tx *store.Tx, actor models.Actor, m *models.Meter, x *models.MeterExchange) error {
	_, err := tx.Append(models.Entry{Kind: "meter.exchanged", Subject: models.Ref{Kind: "meter", ID: m.ID}, SubjectVersion: m.Version,
		Actor: actor, Utility: m.Utility, Body: map[string]any{
			"code": m.Code, "exchange": x.ID, "kind": x.Kind, "at": x.At, "old_serial": x.OldSerial, "new_serial": x.NewSerial,
			"old_ratio": x.OldRatio, "new_ratio": x.NewRatio, "final_wh": x.Final, "first_wh": x.First,
			"old_profile": x.OldProfile, "new_profile": x.NewProfile,
		}})
	return err
}

// JoinCounters ingests the registers of exchanges that are not in the readings yet. It
// is called after each exchange, and again by Run in case the program ended between.
func (s *Service) JoinCounters(ctx context.Context) error {
	for {
		var todo []models.MeterExchange
		err := s.store.View(ctx, func(tx *store.Tx) error {
			n, err := tx.NextSequence(exchangeBatches)
			if err != nil {
				return err
			}
			todo, err = tx.ExchangesFrom(n, 100)
			return err
		})
		if err != nil || len(todo) == 0 {
			return err
		}
		for _, x := range todo {
			if _, err := s.Ingest(ctx, models.System(), Batch{Collector: exchangeBatches, Sequence: x.N, Readings: x.Joints()}); err != nil {
				return err
			}
		}
	}
}

// RunExchanges joins counters that an end of the program left apart, until ctx ends.
func (s *Service) RunExchanges(ctx context.Context, log *slog.Logger) error {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		if err := s.JoinCounters(ctx); err != nil && ctx.Err() == nil {
			log.Error("the registers of an exchanged meter could not be ingested and are tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Exchanges gives what was done to a meter that the actor may see, the newest first.
func (s *Service) Exchanges(ctx context.Context, actor models.Actor, idOrCode string) (out []models.MeterExchange, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err := visibleMeter(tx, actor, idOrCode)
		if err != nil {
			return err
		}
		out, err = tx.MeterExchanges(m.ID)
		return err
	})
	return out, err
}
