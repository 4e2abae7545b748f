package enforcement_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/ledger"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	documentKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	ledgerKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	otherKey    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
)

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

// bureau is an office with a ledger that seals, a meter, a finding about it and a case.
type bureau struct {
	svc      *enforcement.Service
	packager *enforcement.Packager
	store    *store.Store
	ledger   *ledger.Ledger
	clock    *storetest.Clock
	caseID   string
	blobs    map[string][]byte
	streams  map[string]int64 // originals of so many zeros
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func keySet() []byte {
	set := map[string]any{"keys": []map[string]string{
		{"kty": "OKP", "crv": "Ed25519", "purpose": "document", "x": base64.RawURLEncoding.EncodeToString(public(documentKey))},
		{"kty": "OKP", "crv": "Ed25519", "purpose": "ledger", "x": base64.RawURLEncoding.EncodeToString(public(ledgerKey))}}}
	b, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return b
}

func newBureau(t testing.TB, s *store.Store, clock *storetest.Clock) *bureau {
	t.Helper()
	return newBureauOf(t, s, clock, func([]models.Reading, models.Meter) {})
}

// newBureauOf is a bureau whose collector changed its readings before it sent them.
func newBureauOf(t testing.TB, s *store.Store, clock *storetest.Clock, change func([]models.Reading, models.Meter)) *bureau {
	t.Helper()
	tt, ok := t.(*testing.T)
	if !ok {
		t.Fatal("a bureau is for tests")
	}
	b := &bureau{svc: office(tt, s, 1), store: s, clock: clock, blobs: map[string][]byte{}, streams: map[string]int64{}}
	b.ledger = ledger.New(s, "test/ledger", ledgerKey, s.Now, slog.New(slog.DiscardHandler))
	b.packager = enforcement.NewPackager(s, enforcement.PackageSources{Key: documentKey, KeySet: keySet(), Page: []byte("<!doctype html>verify\n"),
		Rules:   func(f models.Finding) any { return map[string]any{"rule": f.Rule, "over_margin": 0.015} },
		Profile: func(id string) (any, error) { return map[string]string{"id": id}, nil },
		Evidence: func(sum string) (io.ReadCloser, error) {
			if c, there := b.blobs[sum]; there {
				return io.NopCloser(bytes.NewReader(c)), nil
			}
			if n, there := b.streams[sum]; there {
				return io.NopCloser(io.LimitReader(zeros{}, n)), nil
			}
			return nil, fs.ErrNotExist
		},
		Texts: func(lang, key string, args map[string]any) string { return fmt.Sprint(lang, " ", key, " ", args) }})
	ctx := context.Background()
	m := metering.New(s, clock.Now)
	meter, err := m.RegisterMeter(ctx, models.System(), models.Meter{Code: "M-Ö/1", Serial: "S1", Role: models.MeterRevenue, Utility: "u-north",
		Node: models.Ref{Kind: "transformer", ID: "tx"}, URL: "tcp://127.0.0.1:502", Unit: 1, Profile: "eastron/sdm630", AccuracyClass: "0.5S"})
	if err != nil {
		t.Fatal(err)
	}
	from := models.IntervalStart(clock.Now().Add(-6 * time.Hour))
	var readings []models.Reading
	for i := range 6 * 60 {
		r := models.Reading{Meter: meter.ID, At: from.Add(time.Duration(i) * time.Minute), Step: time.Minute}
		r.Values.Set(models.QPTotal, 90_000+int64(i%5)*100)
		r.Values.Set(models.QVL1, 229_870)
		readings = append(readings, r)
	}
	answered(t, readings[20:], meter)
	change(readings, meter)
	if _, err := m.Ingest(ctx, models.System(), metering.Batch{Collector: "c1", Sequence: 1, Readings: readings}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(20 * time.Minute)
	for {
		n, err := m.Seal(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	f := models.Finding{ID: "f-1", Rule: models.RuleUnlicensed, RuleVersion: "1+2026-01-01", Target: models.Ref{Kind: "feeder", ID: "fd"}, TargetCode: "F01", Feeder: "fd", Substation: "ss", Utility: "u-north",
		Tier: models.TierInspect, Score: 4, Estimated: 90_000, Low: 80_000, High: 100_000, FirstSeen: from, LastSeen: clock.Now(), RaisedAt: clock.Now(),
		Updated: clock.Now(), State: models.FindingOpen, Version: 1, Evidence: models.Evidence{Kind: "steady", From: from, Until: clock.Now(), Meters: []string{meter.ID}}}
	err = s.Update(ctx, func(tx *store.Tx) error {
		for _, err := range []error{
			tx.InsertUtility(models.Utility{ID: "u-north", Code: "U1", NameKk: "U", NameRu: "U", NameEn: "U", Bin: "210440038887", Version: 1}),
			tx.InsertSubstation(models.Substation{ID: "ss", Code: "PS1", Utility: "u-north", Name: "PS", VoltKV: 110, Limit: 9_000_000, Kato: "551010000", Version: 1}),
			tx.InsertFeeder(models.Feeder{ID: "fd", Code: "F01", Substation: "ss", Utility: "u-north", VoltKV: 10, Limit: 1_000_000, Version: 1}),
			tx.InsertFinding(f),
		} {
			if err != nil {
				return err
			}
		}
		_, err := tx.Append(models.Entry{Kind: "finding.raised", Subject: models.Ref{Kind: "finding", ID: f.ID}, Actor: models.System(), Body: map[string]any{"kw": 90}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := tip(90)
	c.Source = models.CaseFromFinding
	opened, err := b.svc.Open(ctx, officer, c, append([]models.CaseSubject{{Kind: "finding", Ref: f.ID}}, mill...))
	if err != nil {
		t.Fatal(err)
	}
	b.caseID = opened.Case.ID
	if _, err := b.svc.Lead(ctx, officer, b.caseID, "", 0); err != nil {
		t.Fatal(err)
	}
	for _, a := range []models.CaseAct{{Kind: models.CaseNoted, Text: "Neighbours heard <fans> & hum"}, {Kind: models.CaseSeized, On: "2026-03-02", Number: "P-7", Agency: "police", Place: "Depot 3", Serials: []string{"SN1", "SN2"}}} {
		if _, err := b.svc.Act(ctx, officer, b.caseID, a); err != nil {
			t.Fatal(err)
		}
	}
	b.seal(t)
	return b
}

// answered gives readings the words that their values were read from. The first ones of
// a bureau have none, as from a collector that keeps no words: chunks of both forms.
func answered(t testing.TB, readings []models.Reading, meter models.Meter) {
	t.Helper()
	shipped, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	p, err := shipped.Find("eastron/sdm630")
	if err != nil {
		t.Fatal(err)
	}
	layout := models.NewRegisterLayout(p, &meter, []models.RegRange{{FC: 4, Addr: 0, Count: 6}, {FC: 4, Addr: 52, Count: 2}})
	for i := range readings {
		r := &readings[i]
		r.Registers = &models.Registers{Layout: layout, Came: 3, Words: make([]uint16, layout.Words(3))}
		if i%10 == 9 { // the second request was not answered
			r.Registers.Came, r.Registers.Words = 1, r.Registers.Words[:6]
			r.Values.Clear(models.QPTotal)
		}
		begin := 0
		for k, b := range layout.Blocks {
			if r.Registers.Came>>k&1 == 0 {
				break
			}
			for _, f := range b.Fields {
				if v, there := r.Values.Get(f.Q); there {
					pt, _ := p.Point(f.Q)
					bits := math.Float32bits(float32(f.Q.Base(v) / pt.Scale.Float()))
					r.Registers.Words[begin+f.At], r.Registers.Words[begin+f.At+1] = uint16(bits>>16), uint16(bits)
				}
			}
			begin += int(b.Count)
		}
	}
}

func (b *bureau) seal(t testing.TB) {
	t.Helper()
	b.clock.Advance(time.Second)
	for {
		n, err := b.ledger.Seal(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (b *bureau) export(t testing.TB, r enforcement.PackageRequest) (*enforcement.Package, []byte) {
	t.Helper()
	r.Case = b.caseID
	p, err := b.packager.Export(context.Background(), officer, r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := p.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return p, out.Bytes()
}

func trusted([]byte) (enforcement.PackageKeys, error) {
	return enforcement.PackageKeys{Document: []ed25519.PublicKey{public(documentKey)}, Ledger: []ed25519.PublicKey{public(ledgerKey)}}, nil
}

func check(content []byte) (enforcement.PackageReport, error) {
	return enforcement.VerifyPackage(bytes.NewReader(content), int64(len(content)), trusted)
}

func TestPackage_AFindingAloneGivesAWholePackageThatChecksAndIsTheSameTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		b := newBureau(t, s, clock)
		first, content := b.export(t, enforcement.PackageRequest{})
		report, err := check(content)
		if err != nil {
			t.Fatal(err)
		}
		if report.Chunks != 24 || report.Readings != 360 || report.Words != 340*8-34*2 || report.Entries < 6 || report.Acts != 3 || report.Fields < 15 || report.Erased != 0 {
			t.Errorf("checked %+v, want 24 chunks, 360 readings, the words of the registers of 340, the words of the case and of two acts", report)
		}
		// The case goes on, more is sealed, and the package of the same size stays what it was.
		clock.Advance(time.Hour)
		if _, err := b.svc.Act(context.Background(), officer, b.caseID, models.CaseAct{Kind: models.CaseNoted, Text: "Later"}); err != nil {
			t.Fatal(err)
		}
		b.seal(t)
		_, again := b.export(t, enforcement.PackageRequest{Size: report.Manifest.LedgerSize})
		if !bytes.Equal(content, again) {
			t.Error("the same case at the same size of the ledger gave other bytes")
		}
		_, newer := b.export(t, enforcement.PackageRequest{})
		if bytes.Equal(content, newer) || !bytes.Contains(newer, []byte("Later")) || bytes.Contains(content, []byte("Later")) {
			t.Error("what was written later is in the older package, or not in the newer")
		}
		if _, err := check(newer); err != nil {
			t.Error(err)
		}
		b.seal(t)
		entries, err := b.ledger.EntriesOf(context.Background(), models.Ref{Kind: "case", ID: b.caseID})
		if err != nil {
			t.Fatal(err)
		}
		named := 0
		for _, e := range entries {
			if e.Kind == "case.packaged" && strings.Contains(e.Body, first.SHA256) {
				named++
			}
		}
		if named != 2 {
			t.Errorf("%d entries of the ledger name the file, want one for each of its two exports", named)
		}
		// Anybody's tool opens it.
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	})
}

// region names the part of a package that each byte belongs to.
func region(t *testing.T, content []byte) func(at int64) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	type part struct {
		until int64
		name  string
	}
	var parts []part
	for _, f := range z.File {
		from, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{from + int64(f.UncompressedSize64), f.Name})
	}
	parts = append(parts, part{int64(len(content)) - 22, "the directory of the ZIP"}, part{int64(len(content)), "the end of the ZIP"})
	return func(at int64) string {
		for _, p := range parts {
			if at < p.until {
				return p.name
			}
		}
		return "nothing"
	}
}

func TestPackage_EachOfAThousandChangesOfOneByteIsRefusedWithTheNameOfWhatBroke(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	if _, err := check(content); err != nil {
		t.Fatalf("the control, unchanged: %v", err)
	}
	where := region(t, content)
	random := rand.New(rand.NewPCG(7, 11))
	seen := map[string]bool{}
	for n := range 1000 {
		at := random.Int64N(int64(len(content)))
		if n%4 == 0 { // the small parts too
			at = int64(len(content)) - 1 - random.Int64N(3000)
		}
		changed := bytes.Clone(content)
		changed[at] ^= byte(1 + random.IntN(255))
		_, err := check(changed)
		var broken *enforcement.Broken
		if !errors.As(err, &broken) || broken.Part != where(at) {
			t.Fatalf("byte %d of %s changed: got %v", at, where(at), err)
		}
		seen[broken.Part] = true
	}
	if len(seen) < 8 {
		t.Errorf("only %d parts were hit: %v", len(seen), seen)
	}
	for name, changed := range map[string][]byte{"a byte more": append(bytes.Clone(content), 0), "a byte less": content[:len(content)-1],
		"a byte before": append([]byte{0}, content...), "nothing": nil, "half": content[:len(content)/2]} {
		if _, err := check(changed); err == nil {
			t.Errorf("%s: it passed", name)
		}
	}
}

func TestPackage_KeysOfSomebodyElseAreRefused(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	for name, keys := range map[string]enforcement.PackageKeys{
		"document": {Document: []ed25519.PublicKey{public(otherKey)}, Ledger: []ed25519.PublicKey{public(ledgerKey)}},
		"ledger":   {Document: []ed25519.PublicKey{public(documentKey)}, Ledger: []ed25519.PublicKey{public(otherKey)}},
	} {
		_, err := enforcement.VerifyPackage(bytes.NewReader(content), int64(len(content)), func([]byte) (enforcement.PackageKeys, error) { return keys, nil })
		if err == nil {
			t.Errorf("a package was taken with another %s key", name)
		}
	}
}

func TestPackage_ARedactedOneShowsThatOnlyWhatIsListedWasTakenOut(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, whole := b.export(t, enforcement.PackageRequest{})
	full, err := check(whole)
	if err != nil {
		t.Fatal(err)
	}
	_, content := b.export(t, enforcement.PackageRequest{Size: full.Manifest.LedgerSize, Redact: []string{"persons", "words"}, Reason: "Art. 60, handed to the other side"})
	report, err := check(content)
	if err != nil {
		t.Fatal(err)
	}
	if report.Manifest.ItemsSHA256 != full.Manifest.ItemsSHA256 {
		t.Error("the list of items of the redacted package is not that of the whole one")
	}
	if len(report.Manifest.Removed) < 5 || report.Erased == 0 || report.Manifest.RemovedBy != officer.ID {
		t.Errorf("removed %v by %q", report.Manifest.Removed, report.Manifest.RemovedBy)
	}
	for _, secret := range []string{"Зауыт", "Aman", "Serikov", "hum", "SN1", `"Officer"`} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("%q is still in the redacted package", secret)
		}
		if !bytes.Contains(whole, []byte(secret)) {
			t.Errorf("the control: %q is not in the whole package", secret)
		}
	}
	if report.Chunks != full.Chunks {
		t.Errorf("%d chunks of readings are left of %d", report.Chunks, full.Chunks)
	}
	for _, r := range []enforcement.PackageRequest{{Redact: []string{"persons"}}, {Reason: "why"}, {Redact: []string{"record:nothing"}, Reason: "x"}, {Size: 3_000_000}} {
		r.Case = b.caseID
		if _, err := b.packager.Export(context.Background(), officer, r); models.CodeOf(err) != models.CodeInvalid && models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := b.packager.Export(context.Background(), models.Actor{ID: "u", Kind: "person", Roles: []models.Role{models.RoleClerk}}, enforcement.PackageRequest{Case: b.caseID}); models.CodeOf(err) != models.CodeForbidden {
		t.Errorf("a clerk took a package out: %v", err)
	}
}
