package api

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// The size of the registry that lists and search are measured at.
const (
	scaleLicenses = 100_000
	scaleRigs     = 1_000_000
)

// scale is a registry of that size on PostgreSQL behind the whole HTTP side.
type scale struct {
	*whole
	b       *testing.B
	rng     *rand.Rand
	parties []models.Party
	sites   []models.Site
	cookie  string
}

// BenchmarkScale prints the median and the 95th percentile of list pages and of
// searches as an officer calls them, at 100,000 licenses and 1,000,000 rigs. The
// goals are 150 ms for a page of a list and 300 ms for a search.
func BenchmarkScale(b *testing.B) {
	clock := storetest.NewClock()
	w := newWholeOn(b, storetest.Postgres(b, clock.Now), clock)
	s := &scale{whole: w, b: b, rng: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // a benchmark wants the same numbers again
	started := time.Now()
	s.fill()
	b.Logf("filled in %s", time.Since(started).Round(time.Second))
	_, s.cookie = w.credential(b, models.RoleOfficer)
	b.Run("lists", func(b *testing.B) { s.measure(b, s.listCalls()) })
	b.Run("searches", func(b *testing.B) { s.measure(b, s.searchCalls()) })
}

// measure sends each kind of call many times in a random order and reports the
// percentiles over all, and that of the slowest kind.
func (s *scale) measure(b *testing.B, kinds map[string]func() string) {
	const rounds = 40
	took := map[string][]time.Duration{}
	var names []string
	for name := range kinds {
		names = append(names, slices.Repeat([]string{name}, rounds)...)
	}
	slices.Sort(names)
	s.rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	b.ResetTimer()
	for range b.N {
		for _, name := range names {
			path := kinds[name]()
			began := time.Now()
			a := s.call(http.MethodGet, path, "Cookie", s.cookie)
			took[name] = append(took[name], time.Since(began))
			if a.Code != http.StatusOK {
				b.Fatalf("GET %s: %d %s", path, a.Code, a.Body)
			}
		}
	}
	var all []time.Duration
	worst := time.Duration(0)
	for name, list := range took {
		all = append(all, list...)
		worst = max(worst, percentile(list, 95))
		b.Logf("%-34s p50 %6.1f ms  p95 %6.1f ms", name, millis(percentile(list, 50)), millis(percentile(list, 95)))
	}
	b.ReportMetric(millis(percentile(all, 50)), "p50-ms")
	b.ReportMetric(millis(percentile(all, 95)), "p95-ms")
	b.ReportMetric(millis(worst), "slowest-kind-p95-ms")
	b.ReportMetric(0, "ns/op")
}

func percentile(list []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s *scale) listCalls() map[string]func() string {
	party := func() string { return s.parties[s.rng.IntN(len(s.parties))].ID }
	number := func() string { return s.number(s.rng.IntN(scaleLicenses)) }
	site := func() string { return s.sites[s.rng.IntN(len(s.sites))].ID }
	rig := func() string { return serial(s.rng.IntN(scaleRigs)) }
	fixed := func(path string) func() string { return func() string { return path } }
	with := func(path string, value func() string) func() string { return func() string { return path + value() } }
	return map[string]func() string{
		"licenses, the first page":       fixed("/v1/licenses?limit=100"),
		"licenses, from the middle":      with("/v1/licenses?limit=100&after=", number),
		"licenses, suspended":            fixed("/v1/licenses?limit=100&state=suspended"),
		"licenses of a region":           fixed("/v1/licenses?limit=100&region=55"),
		"licenses expired, and a region": fixed("/v1/licenses?limit=100&state=expired&region=75"),
		"licenses by name":               with("/v1/licenses?limit=100&q=", s.word),
		"licenses of a holder":           with("/v1/licenses?limit=100&holder=", party),
		"licenses as at a past day":      fixed("/v1/licenses?limit=100&as_at=2026-03-02T03:30:00Z"),
		"one license":                    with("/v1/licenses/", number),
		"the versions of one license":    func() string { return "/v1/licenses/" + number() + "/versions" },
		"rigs, the first page":           fixed("/v1/equipment?limit=100"),
		"rigs of an owner":               with("/v1/equipment?limit=100&owner=", party),
		"rigs of a site":                 with("/v1/equipment?limit=100&site=", site),
		"rigs by serial":                 with("/v1/equipment?limit=100&q=", rig),
		"parties, the first page":        fixed("/v1/parties?limit=100"),
		"parties by name":                with("/v1/parties?limit=100&q=", s.word),
		"one party":                      with("/v1/parties/", party),
		"sites, the first page":          fixed("/v1/sites?limit=100"),
		"applications, the newest":       fixed("/v1/applications?limit=100"),
		"applications in review":         fixed("/v1/applications?limit=100&state=in_review"),
		"the public register":            fixed("/v1/public/licenses?limit=50"),
		"the public register by name":    with("/v1/public/licenses?limit=50&q=", s.word),
	}
}

func (s *scale) searchCalls() map[string]func() string {
	of := func(text func() string) func() string { return func() string { return "/v1/search?q=" + text() } }
	bin := func() string { return s.parties[s.rng.IntN(len(s.parties))].BinOrIin }
	rig := func() string { return serial(s.rng.IntN(scaleRigs)) }
	return map[string]func() string{
		"a common word":            func() string { return "/v1/search?q=mayning" },
		"the beginning of a word":  of(func() string { return string([]rune(s.word())[:4]) }),
		"a word":                   of(s.word),
		"two words":                of(func() string { return s.word() + "+" + s.word() }),
		"a word and a common one":  of(func() string { return s.word() + "+mayning" }),
		"a serial":                 of(rig),
		"the beginning of serials": of(func() string { return rig()[:5] }),
		"a BIN":                    of(bin),
		"the beginning of a BIN":   of(func() string { return bin()[:6] }),
		"a license":                of(func() string { return s.number(s.rng.IntN(scaleLicenses)) }),
		"what is not there":        func() string { return "/v1/search?q=zzzyx" },
		"two letters":              func() string { return "/v1/search?q=ka" },
	}
}

var syllables = []string{"ал", "бек", "дан", "ер", "жан", "кен", "мар", "нур", "ора", "сар", "тау", "шын", "қай", "ұлы", "әми", "өрт"}

// word is a word of a name: one of 4,096.
func (s *scale) word() string { return name(s.rng.IntN(4096)) }

func name(n int) string { return syllables[n%16] + syllables[n/16%16] + syllables[n/256%16] }

func serial(n int) string { return fmt.Sprintf("SN%07dX", n*7%10_000_000) }

func (s *scale) number(i int) string {
	n, err := models.NewLicenseNumber("DMA", int64(i+1))
	if err != nil {
		s.b.Fatal(err)
	}
	return n
}

// fill makes the registry: parties and rigs through the import, the rest through
// the store.
func (s *scale) fill() {
	clerk := models.Actor{ID: "u-clerk", Kind: "person", Roles: []models.Role{models.RoleClerk}}
	var rows []licensing.Row[models.Party]
	for i := 0; len(rows) < scaleLicenses; i++ {
		bin, err := models.CompleteBin(fmt.Sprintf("%02d%02d4%06d", i%26, 1+i%12, i))
		if err != nil {
			continue
		}
		full := fmt.Sprintf("%s %s Майнинг", name(i), name(i/7))
		rows = append(rows, licensing.Row[models.Party]{Line: len(rows) + 2, Value: models.Party{BinOrIin: bin, Kind: models.PartyLegalEntity,
			NameKk: "«" + full + "» ЖШС", NameRu: "ТОО «" + full + "»", Size: models.SizeLarge, Resident: true, Kato: "551010000",
			Address: fmt.Sprintf("ул. %s, %d", name(i*13), i%200), State: models.PartyActive}})
	}
	report, err := s.svc.Licensing.ImportParties(context.Background(), clerk, licensing.ImportWrite, rows, nil)
	if err != nil || report.Added != scaleLicenses {
		s.b.Fatalf("import parties: added %d, failed %d, %v", report.Added, len(report.Failed), err)
	}
	s.parties, s.sites = make([]models.Party, scaleLicenses), make([]models.Site, scaleLicenses)
	s.batches(func(tx *store.Tx, i int) (err error) {
		s.parties[i], err = tx.Party(rows[i].Value.BinOrIin)
		return err
	})
	s.b.Logf("parties are in %s", time.Now().Format("15:04:05"))
	s.batches(s.fillLicense)
	s.b.Logf("licenses are in %s", time.Now().Format("15:04:05"))
	s.fillRigs(clerk)
	s.b.Logf("rigs are in %s", time.Now().Format("15:04:05"))
}

// batches runs fn for every license in transactions of a thousand.
func (s *scale) batches(fn func(tx *store.Tx, i int) error) {
	for from := 0; from < scaleLicenses; from += 1000 {
		err := s.svc.Store.Update(context.Background(), func(tx *store.Tx) error {
			for i := from; i < from+1000; i++ {
				if err := fn(tx, i); err != nil {
					return fmt.Errorf("row %d: %w", i, err)
				}
			}
			return nil
		})
		if err != nil {
			s.b.Fatal(err)
		}
	}
}

// fillLicense makes a site, an application and a license; every fiftieth license
// was suspended.
func (s *scale) fillLicense(tx *store.Tx, i int) error {
	p, before, region := s.parties[i], tx.Now.Add(-time.Hour), []string{"55", "63", "39", "35", "75", "11", "27"}[i%7]
	code := fmt.Sprintf("PS%04d-CP%02d", i/50, i%50)
	site := models.Site{ID: tx.NewID(), Code: fmt.Sprintf("S-%06d", i), Owner: p.ID, NameKk: name(i) + " ДӨО", NameRu: "ЦОД " + name(i), Address: name(i),
		Kato: region + "1610000", Region: region, GridZone: "north", HostCapacity: 20_000_000,
		ConnectionCode: []string{code}, Version: 1, Created: tx.Now, Updated: tx.Now}
	if err := tx.InsertSite(site); err != nil {
		return err
	}
	s.sites[i] = site
	states := []models.ApplicationState{models.ApplicationInReview, models.ApplicationSubmitted, models.ApplicationRegistered, models.ApplicationWithdrawn}
	a := models.Application{ID: tx.NewID(), Number: fmt.Sprintf("A-2026-%06d", i), Kind: models.ApplicationIssue, SubType: models.SubTypeI,
		State: states[min(3, i%40)], Applicant: p.ID, ApplicantBin: p.BinOrIin, Language: "kk", SupplyBasis: "auction", Declared: 900_000,
		Sites:   []models.ApplicationSite{{Site: site.ID, SiteCode: site.Code, ConnectionPoints: site.ConnectionCode, Approved: 900_000}},
		FiledBy: "u-clerk", Due: "2026-03-20", Version: 1, Created: tx.Now, Updated: tx.Now}
	if err := tx.InsertApplication(a); err != nil {
		return err
	}
	l := models.License{Number: s.number(i), Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: p.ID, HolderBin: p.BinOrIin,
		HolderName: p.Name(), Application: a.ID, Approved: 900_000, FirstIssued: "2026-03-01", Issued: "2026-03-01", ValidFrom: before,
		ValidUntil: tx.Now.AddDate(3, 0, 0), Order: fmt.Sprint("DM-", i), Verification: fmt.Sprintf("%04X-%04X-%04X", i>>16, i&0xffff, i%7919),
		Drafter: "u1", Signer: "u2", EffectiveAt: before, RecordedAt: before,
		Sites: []models.LicensedSite{{Appendix: "001", Site: site.ID, SiteCode: site.Code, ConnectionPoints: site.ConnectionCode, Approved: 900_000}}}
	if err := tx.InsertLicense(l); err != nil || i%50 != 0 {
		return err
	}
	l, err := l.Suspend(models.Act{Order: "S", Ground: "FALSE_INFORMATION", Drafter: "u1", Signer: "u2"}, 3, tx.Now)
	if err != nil {
		return err
	}
	return tx.InsertLicense(l)
}

func (s *scale) fillRigs(clerk models.Actor) {
	for from := 0; from < scaleRigs; from += 50_000 {
		rows := make([]licensing.Row[models.Equipment], 0, 50_000)
		for i := from; i < from+50_000; i++ {
			k := i % scaleLicenses
			rows = append(rows, licensing.Row[models.Equipment]{Line: i + 2, Value: models.Equipment{Manufacturer: "Bitmain", Model: "Antminer S19",
				Serial: serial(i), Algorithm: "SHA-256", HashrateTH: 95, Nameplate: 3250, Owner: s.parties[k].ID, Site: s.sites[k].ID, License: s.number(k)}})
		}
		report, err := s.svc.Licensing.ImportEquipment(context.Background(), clerk, licensing.ImportWrite, rows, nil)
		if err != nil || report.Added != len(rows) {
			s.b.Fatalf("import rigs: added %d of %d, failed %d, %v", report.Added, len(rows), len(report.Failed), err)
		}
	}
}
