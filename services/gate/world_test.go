package gate

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const (
	holderBin = "210440038887"
	otherBin  = "990840003334"
	pointCode = "PS12-F03-CP001"
)

// world is a registry with a utility, a feeder, a point with all its documents and
// a license in force that covers it, so that 900 kW of mining are permitted.
type world struct {
	t       *testing.T
	ctx     context.Context
	store   *store.Store
	clock   *storetest.Clock
	gate    *Service
	log     *ledger.Ledger
	key     ed25519.PrivateKey
	clerk   models.Actor
	pres    models.Actor // the utility
	rival   models.Actor // another utility
	feeder  models.Feeder
	license models.License
	seed    int
}

func seeded(name string) ed25519.PrivateKey {
	h := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(h[:])
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := &world{t: t, ctx: t.Context(), store: s, clock: clock, key: seeded("permit")}
		w.gate = New(s, w.key, func(lang, code string) (string, string) { return lang + " " + code, "cure " + code }, clock.Now)
		w.log = ledger.New(s, "gate.test/ledger", seeded("ledger"), clock.Now, slog.New(slog.DiscardHandler))
		w.clerk = models.Actor{ID: "clerk", Kind: "person", Name: "Clerk", Roles: []models.Role{models.RoleClerk}}
		w.pres, w.rival = w.utility("PRES"), w.utility("AREK")
		w.build()
		test(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// seal seals the ledger, as the program does all the time.
func (w *world) seal() {
	w.t.Helper()
	_, err := w.log.Seal(w.ctx)
	w.must(err)
}

func (w *world) utility(code string) models.Actor {
	w.t.Helper()
	bin := map[string]string{"PRES": holderBin, "AREK": otherBin}[code]
	u, err := w.gate.RegisterUtility(w.ctx, w.clerk, models.Utility{Code: code, NameRu: code, Bin: bin})
	w.must(err)
	return models.Actor{ID: "client-" + code, Kind: "client", Name: code, Roles: []models.Role{models.RoleUtility}, Utility: u.ID}
}

func (w *world) build() {
	w.t.Helper()
	_, err := w.gate.RegisterSubstation(w.ctx, w.pres, models.Substation{Code: "PS12", Name: "PS12", VoltKV: 110, Limit: 25_000_000})
	w.must(err)
	w.feeder, err = w.gate.RegisterFeeder(w.ctx, w.pres, models.Feeder{Code: "PS12-F03", Substation: "PS12", VoltKV: 10, Limit: 6_000_000})
	w.must(err)
	w.point(pointCode)
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		err := tx.InsertParty(models.Party{ID: "party1", BinOrIin: holderBin, Kind: models.PartyLegalEntity, NameKk: "A", NameRu: "A", Size: models.SizeLarge,
			Resident: true, Kato: "551010000", State: models.PartyActive, Version: 1, Created: tx.Now, Updated: tx.Now})
		if err != nil {
			return err
		}
		err = tx.InsertSite(models.Site{ID: "site1", Code: "S-1", Owner: "party1", NameRu: "S", Kato: "551010000", Region: "55", GridZone: "north", Version: 1})
		if err != nil {
			return err
		}
		return tx.InsertApplication(models.Application{ID: "app1", Number: "A-1", Kind: models.ApplicationIssue, SubType: models.SubTypeI,
			State: models.ApplicationDraft, Applicant: "party1", ApplicantBin: holderBin, Language: "ru", Version: 1})
	}))
	w.license = w.issue(42, 2_000_000, pointCode)
	w.read(pointCode, 0)
}

// issue makes a license in force that covers the points.
func (w *world) issue(n int64, approved models.Watts, points ...string) models.License {
	w.t.Helper()
	number, err := models.NewLicenseNumber("DMA", n)
	w.must(err)
	l := models.License{Number: number, Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: "party1", HolderBin: holderBin,
		HolderName: "A", Application: "app1", Approved: approved, FirstIssued: "2026-01-10", Issued: "2026-01-10",
		ValidFrom: w.clock.Now().AddDate(0, -1, 0), ValidUntil: w.clock.Now().AddDate(2, 0, 0), Verification: fmt.Sprintf("ABCD-EFGH-%04d", n),
		Drafter: "u1", Signer: "u2", EffectiveAt: w.clock.Now(), RecordedAt: w.clock.Now(),
		Sites: []models.LicensedSite{{Appendix: "001", Site: "site1", SiteCode: "S-1", ConnectionPoints: points, Approved: approved}}}
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.InsertLicense(l) }))
	return l
}

// turn writes the next version of the license with the state, and the ledger entry
// that the registry writes.
func (w *world) turn(state models.LicenseState, kind string) {
	w.t.Helper()
	l := w.license
	l.Version++
	l.State, l.Ground, l.EffectiveAt, l.RecordedAt, l.Suspension = state, "test", w.clock.Now(), w.clock.Now(), nil
	if state == models.LicenseSuspended {
		l.Suspension = &models.Suspension{Ground: "test", Months: 1, From: w.clock.Now(), Until: w.clock.Now().AddDate(0, 1, 0)}
	}
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		if err := tx.InsertLicense(l); err != nil {
			return err
		}
		_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "license", ID: l.Number}, SubjectVersion: l.Version, Actor: models.System()})
		return err
	}))
	w.license = l
}

// point registers a point with all its documents and a revenue meter.
func (w *world) point(code string) models.ConnectionPoint {
	w.t.Helper()
	p, err := w.gate.RegisterConnectionPoint(w.ctx, w.pres, models.ConnectionPoint{Code: code, Feeder: "PS12-F03", DeclaredUse: "mining",
		Permitted: 2_000_000, Act: "ACT-1", SupplyNumber: "SC-1", Automation: true,
		Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_500_000, Purpose: "mining"}})
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		return tx.InsertMeter(models.Meter{ID: "m-" + code, Code: "M-" + code, Serial: "SN-" + code, URL: "tcp://127.0.0.1:502", Role: models.MeterRevenue,
			Node: models.Ref{Kind: "connection_point", ID: p.ID}, Utility: p.Utility, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, PollInterval: time.Second, Version: 1})
	}))
	return p
}

// read stores a reading of the point's meter now; one that is there already stays.
func (w *world) read(code string, power models.Watts) {
	w.t.Helper()
	r := models.Reading{Meter: "m-" + code, At: w.clock.Now(), Quality: models.QualityGood}
	r.Values.Set(models.QPTotal, int64(power))
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		if there, err := tx.ReadingTimes(r.Meter, r.At, r.At); err != nil || len(there) > 0 {
			return err
		}
		if _, err := tx.InsertReadings([]models.Reading{r}); err != nil {
			return err
		}
		return tx.SetMeterStates([]store.MeterState{{Latest: r, Base: r}})
	}))
}

// request asks for 900 kW of mining at the first point.
func (w *world) request() models.CheckRequest {
	return models.CheckRequest{Reference: "WO-1", ConnectionPoint: pointCode, Applicant: holderBin, License: w.license.Number,
		Requested: 900_000, Purpose: models.PurposeMining, Event: models.EventNewConnection}
}

// check asks with a key of its own.
func (w *world) check(r models.CheckRequest) Answer {
	w.t.Helper()
	w.seed++
	a, err := w.gate.Check(w.ctx, w.pres, fmt.Sprintf("key-%d", w.seed), "en", r)
	w.must(err)
	return a
}

func codes(a Answer) []models.ReasonCode {
	out := []models.ReasonCode{}
	for _, r := range a.Reasons {
		out = append(out, r.Code)
	}
	return out
}

// load sums what is energised and held on the feeder.
func (w *world) load() models.Watts {
	w.t.Helper()
	var sum models.Watts
	w.must(w.gate.settle(w.ctx))
	w.must(w.store.View(w.ctx, func(tx *store.Tx) (err error) {
		sum, err = tx.FeederLoad(w.feeder.ID, "")
		return err
	}))
	return sum
}
