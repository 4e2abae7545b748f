package detection

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/metering"
	"rigistry/services/simulator"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	collector = models.Actor{ID: "c1", Kind: "client", Name: "collector", Roles: []models.Role{models.RoleCollector}}
	officer   = models.Actor{ID: "u1", Kind: "person", Name: "officer", Roles: []models.Role{models.RoleOfficer}}
	auditor   = models.Actor{ID: "u2", Kind: "person", Name: "auditor", Roles: []models.Role{models.RoleAuditor}}
	quietLog  = slog.New(slog.NewTextHandler(io.Discard, nil))
)

// smallGrid has two feeders: one with a tap ahead of a meter, one with a farm
// behind a workshop, an overdrawn license, a suspended one, and honest others.
func smallGrid() simulator.Grid {
	day := func(d int) time.Time { return monday.AddDate(0, 0, d) }
	g := simulator.Grid{Seed: 11, Start: monday, Code: "S", Endpoints: []simulator.Endpoint{{Name: "E", Address: "127.0.0.1:0"}},
		Nodes: []simulator.Node{
			{Code: "S-A", Kind: "feeder", Parent: "S", LimitKW: 300, LossA: 0.5, LossB: 0.00006},
			{Code: "S-A-1", Kind: "connection_point", Parent: "S-A", Use: "household", PermittedKW: 100, Loads: []simulator.Load{{Kind: "households", Count: 25}}},
			{Code: "S-A-2", Kind: "connection_point", Parent: "S-A", Use: "office", PermittedKW: 60, Loads: []simulator.Load{{Kind: "office", KW: 30},
				{Kind: "rigs", Count: 5, KW: 3.3, From: day(20), AheadOfTap: true, Offence: "feeder_balance"}}},
			{Code: "S-B", Kind: "feeder", Parent: "S", LimitKW: 900, LossA: 1.5, LossB: 0.00002},
			{Code: "S-B-1", Kind: "connection_point", Parent: "S-B", Use: "workshop", PermittedKW: 70, Loads: []simulator.Load{{Kind: "workshop", KW: 20},
				{Kind: "rigs", Count: 10, KW: 3.2, From: day(18), Offence: "unlicensed_draw"}}},
			{Code: "S-B-2", Kind: "connection_point", Parent: "S-B", Use: "telecom", PermittedKW: 6, Loads: []simulator.Load{{Kind: "telecom", KW: 5}}},
			{Code: "S-B-3", Kind: "connection_point", Parent: "S-B", Use: "mining", PermittedKW: 300, License: &simulator.License{ApprovedKW: 200, State: "active"},
				Loads: []simulator.Load{{Kind: "rigs", Count: 70, KW: 3.3, Offence: "license_overdraw"}}},
			{Code: "S-B-4", Kind: "connection_point", Parent: "S-B", Use: "mining", PermittedKW: 100, License: &simulator.License{ApprovedKW: 90, State: "suspended"},
				Loads: []simulator.Load{{Kind: "rigs", Count: 20, KW: 3.3, Offence: "draw_while_suspended"}}},
			{Code: "S-B-5", Kind: "connection_point", Parent: "S-B", Use: "bakery", PermittedKW: 50, Loads: []simulator.Load{{Kind: "bakery", KW: 35}}},
		}}
	for i, n := range g.Nodes {
		role, class := models.MeterRevenue, "1"
		if n.Kind == "feeder" {
			role, class = models.MeterFeeder, "0.5S"
		}
		if n.License != nil {
			class = "0.5S"
		}
		g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + n.Code, Node: n.Code, Role: role, Profile: "p", Endpoint: "E", Unit: uint8(i + 1), Class: class, Serial: "1"})
	}
	return g
}

// install puts a grid into a registry and gives the meter ids by code.
func install(t testing.TB, s *store.Store, g simulator.Grid) map[string]string {
	t.Helper()
	meters := map[string]string{}
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		ids := map[string]string{g.Code: tx.NewID()}
		party := models.Party{ID: tx.NewID(), BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameRu: "Test", Size: models.SizeLarge,
			Kato: "551010000", State: models.PartyActive, Version: 1, Created: tx.Now, Updated: tx.Now}
		site := models.Site{ID: tx.NewID(), Code: "S-00001", Owner: party.ID, NameRu: "Test", Kato: "551010000", Region: "55", GridZone: "north", Version: 1, Created: tx.Now, Updated: tx.Now}
		steps := []func() error{
			func() error {
				return tx.InsertUtility(models.Utility{ID: "util", Code: "U", NameEn: "U", Bin: "210440038887", Version: 1})
			},
			func() error {
				return tx.InsertSubstation(models.Substation{ID: ids[g.Code], Code: g.Code, Name: g.Code, Utility: "util", VoltKV: 35, Limit: 5e6, Version: 1})
			},
			func() error { return tx.InsertParty(party) },
			func() error { return tx.InsertSite(site) },
		}
		for i, n := range g.Nodes {
			ids[n.Code] = tx.NewID()
			steps = append(steps, func() error {
				if n.Kind == "feeder" {
					return tx.InsertFeeder(models.Feeder{ID: ids[n.Code], Code: n.Code, Substation: ids[n.Parent], Utility: "util", VoltKV: 10,
						Limit: models.Watts(n.LimitKW * 1000), Version: 1})
				}
				return tx.InsertConnectionPoint(models.ConnectionPoint{ID: ids[n.Code], Code: n.Code, Feeder: ids[n.Parent], Utility: "util",
					DeclaredUse: n.Use, State: models.ConnectionEnergised, Permitted: models.Watts(n.PermittedKW * 1000), Version: 1})
			})
			if n.License != nil {
				steps = append(steps, func() error { return license(tx, party, site, n, int64(i+1)) })
			}
		}
		for _, m := range g.Meters {
			meters[m.Code] = tx.NewID()
			kind := "connection_point"
			if m.Role == models.MeterFeeder {
				kind = "feeder"
			}
			steps = append(steps, func() error {
				return tx.InsertMeter(models.Meter{ID: meters[m.Code], Code: m.Code, Role: m.Role, Node: models.Ref{Kind: kind, ID: ids[m.Node]}, Utility: "util",
					CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, AccuracyClass: m.Class, PollInterval: 15 * time.Minute, InstalledFrom: g.Start, Version: 1})
			})
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return meters
}

// license issues the license of a node's story, in effect from the beginning, and
// suspends it a week later where the story says so.
func license(tx *store.Tx, party models.Party, site models.Site, n simulator.Node, number int64) error {
	name, err := models.NewLicenseNumber("DMA", number)
	if err != nil {
		return err
	}
	app := models.Application{ID: tx.NewID(), Number: name, Kind: "issue", SubType: models.SubTypeI, State: models.ApplicationInReview, Applicant: party.ID,
		ApplicantBin: party.BinOrIin, Version: 1, Created: tx.Now, Updated: tx.Now}
	if err := tx.InsertApplication(app); err != nil {
		return err
	}
	l := models.License{Number: name, Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: party.ID, HolderBin: party.BinOrIin,
		Application: app.ID, Approved: models.Watts(n.License.ApprovedKW * 1000), FirstIssued: "2026-01-05", Issued: "2026-01-05",
		ValidFrom: monday.AddDate(0, -3, 0), ValidUntil: monday.AddDate(2, 0, 0), Verification: "AAAA-BBBB-" + name[11:], Drafter: "a", Signer: "b",
		EffectiveAt: monday.AddDate(0, -3, 0), RecordedAt: monday.AddDate(0, -3, 0)}
	l.Sites = []models.LicensedSite{{Appendix: "001", Site: site.ID, SiteCode: site.Code, ConnectionPoints: []string{n.Code}, Approved: l.Approved}}
	if err := tx.InsertLicense(l); err != nil || n.License.State != "suspended" {
		return err
	}
	l.Version, l.State, l.EffectiveAt = 2, models.LicenseSuspended, monday.AddDate(0, 0, 7)
	l.Suspension = &models.Suspension{Ground: "g", Months: 3, From: l.EffectiveAt, Until: monday.AddDate(0, 3, 7)}
	return tx.InsertLicense(l)
}

// rig is a registry with detection that is stepped by hand.
type rig struct {
	t        *testing.T
	store    *store.Store
	clock    *storetest.Clock
	metering *metering.Service
	ledger   *ledger.Ledger
	service  *Service
	sequence int64
}

func newRig(t *testing.T, s *store.Store, clock *storetest.Clock) *rig {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, store: s, clock: clock, metering: metering.New(s, clock.Now), ledger: ledger.New(s, "test", key, clock.Now, quietLog),
		service: New(s, clock.Now, quietLog)}
}

func (r *rig) ingest(readings ...models.Reading) {
	r.t.Helper()
	r.sequence++
	if _, err := r.metering.Ingest(context.Background(), collector, metering.Batch{Collector: "c1", Sequence: r.sequence, Readings: readings}); err != nil {
		r.t.Fatal(err)
	}
}

// follow seals the ledger and hands detection what is new, as Follow does.
func (r *rig) follow() {
	r.t.Helper()
	ctx := context.Background()
	for {
		if n, err := r.ledger.Seal(ctx); err != nil {
			r.t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	err := r.store.Update(ctx, func(tx *store.Tx) error {
		position, err := tx.FollowerPosition(follower)
		if err != nil {
			return err
		}
		batch, err := tx.SealedEntries(position, 10_000, store.EntryFilter{})
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := r.service.mark(ctx, tx, batch); err != nil {
			return err
		}
		return tx.SetFollowerPosition(follower, batch[len(batch)-1].Index+1)
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) look() int {
	r.t.Helper()
	n, err := r.service.lookAtAll(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *rig) findings() []models.Finding {
	r.t.Helper()
	out, err := r.service.Findings(context.Background(), officer, Filter{}, store.Page{Limit: 100})
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b models.Finding) int {
		return strings.Compare(string(a.Rule)+a.TargetCode, string(b.Rule)+b.TargetCode)
	})
	return out
}

func causes(findings []models.Finding) []string {
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		out = append(out, string(f.Rule)+" "+f.TargetCode)
	}
	return out
}

func (r *rig) count(kind string) int {
	r.t.Helper()
	n := 0
	err := r.store.View(context.Background(), func(tx *store.Tx) error {
		all, err := tx.SealedEntries(0, 100_000, store.EntryFilter{Kinds: []string{kind}})
		n = len(all)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

// readings of a world with the ids of a registry.
func readings(t *testing.T, g simulator.Grid, meters map[string]string, from, until time.Time, every time.Duration) []models.Reading {
	t.Helper()
	w, err := simulator.New(g, profilesFor(g))
	if err != nil {
		t.Fatal(err)
	}
	var out []models.Reading
	for reading := range w.History(from, until, every) {
		reading.Meter = meters[reading.Meter]
		out = append(out, reading)
	}
	return out
}

const historyDays = 28

var planted = []string{"draw_while_suspended S-B-4", "feeder_balance S-A", "license_overdraw S-B-3", "unlicensed_draw S-B-1"}

// play ingests four weeks of history and three minutes of live readings, and looks.
func (r *rig) play(meters map[string]string) time.Time {
	r.t.Helper()
	g := smallGrid()
	now := monday.AddDate(0, 0, historyDays)
	r.clock.Set(now)
	for part := range slices.Chunk(readings(r.t, g, meters, monday, now, step), 3000) {
		r.ingest(part...)
	}
	r.follow()
	r.look()
	return r.live(meters, now, 3*time.Minute)
}

// live lets time pass with a reading of every meter each 20 seconds.
func (r *rig) live(meters map[string]string, from time.Time, span time.Duration) time.Time {
	r.t.Helper()
	const every = 20 * time.Second
	all := readings(r.t, smallGrid(), meters, from, from.Add(span), every)
	for part := range slices.Chunk(all, len(meters)) {
		r.clock.Set(part[0].At.Add(time.Second))
		r.ingest(part...)
	}
	r.follow()
	r.look()
	return from.Add(span)
}

func TestEngine_RaisesWhatIsHiddenFromLiveReadingsWithinFiveMinutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		now := monday.AddDate(0, 0, historyDays)
		clock.Set(now)
		for part := range slices.Chunk(readings(t, smallGrid(), meters, monday, now, step), 3000) {
			r.ingest(part...)
		}
		r.follow()
		r.look()
		if diff := cmp.Diff([]string{"draw_while_suspended S-B-4", "license_overdraw S-B-3"}, causes(r.findings())); diff != "" {
			t.Errorf("from history alone, only documented limits (-want +got):\n%s", diff)
		}
		r.live(meters, now, 3*time.Minute)
		found := r.findings()
		if diff := cmp.Diff(planted, causes(found)); diff != "" {
			t.Fatalf("after three live minutes (-want +got):\n%s", diff)
		}
		for _, f := range found {
			if f.RaisedAt.Sub(now) > 5*time.Minute || f.State != models.FindingOpen || len(f.Evidence.Meters) == 0 || f.RuleVersion == "" {
				t.Errorf("%s: raised %v after the start, state %s, meters %v", f.Rule, f.RaisedAt.Sub(now), f.State, f.Evidence.Meters)
			}
			chart, err := r.service.Evidence(context.Background(), officer, f.ID, time.Time{})
			if err != nil || len(chart.Points) < 1000 {
				t.Fatalf("%s: chart of %d points, %v", f.Rule, len(chart.Points), err)
			}
			if f.Rule == models.RuleUnlicensed || f.Rule == models.RuleBalance {
				if !f.LastSeen.After(now) || f.Evidence.Live.Before(now) {
					t.Errorf("%s rests on nothing live: last seen %s", f.Rule, f.LastSeen)
				}
				before, after := chart.Points[2*perDay], chart.Points[16*perDay]
				if before.Excess > 6000 || after.Excess < 0.6*float64(f.Estimated) {
					t.Errorf("%s: excess is %.0f W before and %.0f W after the beginning, estimate %s", f.Rule, before.Excess, after.Excess, f.Estimated)
				}
			}
		}
		for i, want := range trueExcess(t, now) {
			f := found[i]
			if want < float64(f.Low)-0.02*want || want > float64(f.High)+0.02*want {
				t.Errorf("%s is estimated at %s to %s, and is %.0f W", causes(found)[i], f.Low, f.High, want)
			}
		}
		if low, high := found[3].Rigs(); low > 10 || high < 10 {
			t.Errorf("10 rigs are estimated as %d to %d", low, high)
		}
	})
}

// trueExcess gives the mean unlawful power in W of the planted causes over the
// last day, in their order, as the world itself knows it.
func trueExcess(t *testing.T, now time.Time) []float64 {
	t.Helper()
	w, err := simulator.New(smallGrid(), profilesFor(smallGrid()))
	if err != nil {
		t.Fatal(err)
	}
	without, err := simulator.New(honest(smallGrid()), profilesFor(smallGrid()))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, 4)
	for i := range 96 {
		at := now.Add(-time.Duration(i) * 15 * time.Minute)
		for k, node := range []string{"S-B-4", "S-A", "S-B-3", "S-B-1"} {
			p, _ := w.Power(node, at)
			lawful, _ := without.Power(node, at)
			switch k {
			case 0:
				lawful = 1800 // two per cent of 90 kW
			case 2:
				lawful = 200_000
			}
			out[k] += (p - lawful) / 96
		}
	}
	return out
}

// settled leaves out what depends on when somebody looked.
var settled = cmpopts.IgnoreFields(models.Finding{}, "ID", "RaisedAt", "Updated", "Version")

func TestEngine_DuplicateAndLateBatchesGiveTheSameFindings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		r.play(install(t, s, smallGrid()))
		other := storetest.SQLite(t, clock.Now)
		end := clock.Now()
		late := newRig(t, other, clock)
		meters := install(t, other, smallGrid())
		now := monday.AddDate(0, 0, historyDays)
		var parts [][]models.Reading
		for part := range slices.Chunk(readings(t, smallGrid(), meters, monday, now, step), 900) {
			parts = append(parts, part)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		clock.Set(now)
		for i, part := range parts {
			late.ingest(part...)
			if rng.IntN(3) == 0 {
				late.ingest(parts[rng.IntN(i+1)]...) // the same readings once more
			}
			if rng.IntN(4) == 0 {
				late.follow()
				late.look()
			}
			if rng.IntN(4) == 0 { // killed and started again
				late.service = New(other, clock.Now, quietLog)
				clock.Set(clock.Now().Add(time.Second))
			}
		}
		clock.Set(now.Add(leaseTime))
		late.service = New(other, clock.Now, quietLog)
		late.live(meters, now, 3*time.Minute)
		// One last look at the same instant as the first registry's.
		clock.Set(end.Add(leaseTime))
		for _, r := range []*rig{r, late} {
			r.service = New(r.store, clock.Now, quietLog)
			markAll(t, r)
			if n := r.look(); n != 2 {
				t.Fatalf("looked at %d feeders, want 2", n)
			}
		}
		want, got := r.findings(), late.findings()
		byCode := func(all []models.Finding) {
			for i := range all {
				f := &all[i]
				f.Target.ID, f.Feeder, f.Substation, f.Evidence.Meters = "", "", "", nil
			}
		}
		byCode(want)
		byCode(got)
		if diff := cmp.Diff(want, got, settled, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("findings differ (-in order +shuffled):\n%s", diff)
		}
		if diff := cmp.Diff(planted, causes(got)); diff != "" {
			t.Errorf("causes (-want +got):\n%s", diff)
		}
	})
}

// markAll makes every feeder due.
func markAll(t *testing.T, r *rig) {
	t.Helper()
	err := r.store.Update(context.Background(), func(tx *store.Tx) error {
		feeders, err := tx.Feeders("", "", store.Page{})
		if err != nil {
			return err
		}
		now := map[string]bool{}
		for _, f := range feeders {
			now[f.ID] = true
		}
		return markFeeders(tx, time.Time{}, time.Time{}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEngine_AFindingIsUpdatedAndNeverDoubledAndTheLedgerHearsRealChangesOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		at := r.play(meters)
		first := r.findings()
		for range 3 {
			at = r.live(meters, at, 6*time.Minute)
		}
		r.follow()
		second := r.findings()
		if diff := cmp.Diff(causes(first), causes(second)); diff != "" {
			t.Fatalf("causes changed:\n%s", diff)
		}
		for i := range first {
			if first[i].ID != second[i].ID || !first[i].RaisedAt.Equal(second[i].RaisedAt) {
				t.Errorf("%s was raised again", first[i].Rule)
			}
			if !second[i].LastSeen.After(first[i].LastSeen) {
				t.Errorf("%s is not kept up to date: last seen %s", first[i].Rule, second[i].LastSeen)
			}
		}
		if n := r.count("finding.raised"); n != 4 {
			t.Errorf("%d findings were raised in the ledger, want 4", n)
		}
		if n := r.count("finding.updated"); n > 1 {
			t.Errorf("%d updates in the ledger although nothing changed", n)
		}
	})
}

func TestService_DismissedRestsUntilTheCauseGrows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		at := r.play(meters)
		f := r.findings()[2]
		if _, err := r.service.Dismiss(ctx, officer, f.ID, "  "); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a dismissal without a reason gave %v", err)
		}
		if _, err := r.service.Dismiss(ctx, auditor, f.ID, "friend"); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an auditor's dismissal gave %v", err)
		}
		if _, err := r.service.Findings(ctx, collector, Filter{}, store.Page{}); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a collector's look at findings gave %v", err)
		}
		if _, err := r.service.Acknowledge(ctx, officer, f.ID, "looking"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.service.Dismiss(ctx, officer, f.ID, "the license is being raised"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.service.Dismiss(ctx, officer, f.ID, "again"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a second dismissal gave %v", err)
		}
		at = r.live(meters, at, 6*time.Minute)
		if got := r.findings()[2]; got.State != models.FindingDismissed || got.Reason != "the license is being raised" {
			t.Errorf("the dismissed finding is %s: %s", got.State, got.Reason)
		}
		// Thirty kilowatts more, for an hour.
		for range 3 * 6 * 15 {
			at = at.Add(20 * time.Second)
			clock.Set(at)
			reading := models.Reading{Meter: meters["M-S-B-3"], At: at, Step: 20 * time.Second}
			reading.Values.Set(models.QPTotal, 331_000)
			r.ingest(reading)
		}
		r.follow()
		clock.Set(at.Add(20 * time.Minute))
		markAll(t, r)
		r.look()
		got := r.findings()[2]
		if got.ID != f.ID || got.State != models.FindingOpen || got.Reason != "grew" {
			t.Errorf("after the draw grew the finding is %s because %q, %s", got.State, got.Reason, got.Estimated)
		}
		r.follow()
		for kind, want := range map[string]int{"finding.acknowledged": 1, "finding.dismissed": 1, "finding.reopened": 1} {
			if n := r.count(kind); n != want {
				t.Errorf("%d entries %s, want %d", n, kind, want)
			}
		}
	})
}

func TestService_RunFindsByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, cancel := context.WithCancel(context.Background())
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		now := monday.AddDate(0, 0, historyDays)
		clock.Set(now)
		done := make(chan error, 2)
		go func() { done <- r.ledger.Run(ctx) }()
		go func() { done <- r.service.Run(ctx) }()
		for part := range slices.Chunk(readings(t, smallGrid(), meters, monday.AddDate(0, 0, 10), now, step), 3000) {
			r.ingest(part...)
		}
		deadline := time.After(60 * time.Second)
		for len(r.findings()) < 2 {
			changed := s.Changed()
			select {
			case <-deadline:
				t.Fatalf("found only %v", causes(r.findings()))
			case <-changed:
			}
		}
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Errorf("Run ended with %v", err)
			}
		}
	})
}
