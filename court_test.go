package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rigistry/services/enforcement"
)

// TestProgram_FromTheFindingToAPackageThatProvesItselfWithoutTheDatabase waits until the
// demonstration's story has gone the whole way through the API, from what detection found
// over a visit that a device signed to a seizure, and takes the evidence out.
func TestProgram_FromTheFindingToAPackageThatProvesItselfWithoutTheDatabase(t *testing.T) {
	srv := startDemo(t, t.TempDir(), "")
	story := &courtStory{base: srv.url, credentials: srv.credentials, people: map[string]*http.Client{}}
	id := walkedCase(t, story)
	fetch := func(path string) []byte {
		t.Helper()
		who, err := story.signedIn(t.Context(), "head")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := who.Get(srv.url + path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v %s", path, answer.StatusCode, err, content[:min(len(content), 500)])
		}
		return content
	}
	whole := sealedPackage(t, func() []byte { return fetch("/v1/cases/" + id + "/package") })
	report, err := enforcement.VerifyPackage(bytes.NewReader(whole), int64(len(whole)), publishedKeys(t, srv.data))
	if err != nil {
		t.Fatal(err)
	}
	restsOnRegisters(t, whole, report)
	size := report.Manifest.LedgerSize
	if again := fetch("/v1/cases/" + id + "/package?size=" + strconv.FormatInt(size, 10)); !bytes.Equal(again, whole) {
		t.Error("the same case at the same size of the ledger gave other bytes")
	}
	redacted := fetch("/v1/cases/" + id + "/package?size=" + strconv.FormatInt(size, 10) + "&redact=persons,words,events,pictures&reason=Art.%2060")
	if less, err := enforcement.VerifyPackage(bytes.NewReader(redacted), int64(len(redacted)), publishedKeys(t, srv.data)); err != nil || len(less.Manifest.Removed) == 0 ||
		less.Manifest.ItemsSHA256 != report.Manifest.ItemsSHA256 {
		t.Errorf("the redacted package: %v, removed %d", err, len(less.Manifest.Removed))
	}
	for _, secret := range []string{"Төлегенов", "265500031000118", "№ 3 қойма"} {
		if bytes.Contains(redacted, []byte(secret)) || !bytes.Contains(whole, []byte(secret)) {
			t.Errorf("%q is in the redacted package, or in none", secret)
		}
	}
	srv.kill()
	keys, err := os.ReadFile(filepath.Join(srv.data, "keys", "jwks.json"))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir() // no database, no keys but the published
	for name, content := range map[string][]byte{"case.zip": whole, "redacted.zip": redacted, "jwks.json": keys} {
		if err := os.WriteFile(filepath.Join(elsewhere, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"case.zip", "redacted.zip"} {
		if code, out := verify(t, time.Now, "--keys", filepath.Join(elsewhere, "jwks.json"), filepath.Join(elsewhere, name)); code != exitDone {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
	refusesChanges(t, whole, publishedKeys(t, srv.data))
}

// restsOnRegisters checks that the readings of the case stand on what its meter answered:
// every one has its words, in a table and with their layouts, and they give its values.
func restsOnRegisters(t *testing.T, whole []byte, report enforcement.PackageReport) {
	t.Helper()
	if report.Readings < 10 || report.Bare != 0 || report.Words < 10*report.Readings || report.Given < 10*report.Readings || report.NotGiven != 0 {
		t.Errorf("%d readings, %d of them bare, with %d words, which give %d values and not %d", report.Readings, report.Bare, report.Words, report.Given, report.NotGiven)
	}
	tables, layouts := 0, 0
	for _, f := range report.Manifest.Files {
		switch {
		case strings.HasSuffix(f.Path, ".registers.csv") && f.Bytes > 100*report.Readings:
			tables++
		case strings.HasPrefix(f.Path, "readings/layouts/"):
			layouts++
		}
	}
	if tables != 1 || layouts == 0 || !bytes.Contains(whole, []byte("profile schneider/iem3000 ")) {
		t.Errorf("%d tables of registers and %d layouts are in the package, want those of the holder's meter", tables, layouts)
	}
}

// walkedCase waits for the case of the story and checks what was done in it and to the
// register.
func walkedCase(t *testing.T, story *courtStory) (id string) {
	t.Helper()
	type machine struct{ Serial, Rig, Fate string }
	type matter struct {
		ID     string
		Seized []machine
		Acts   []struct{ Kind string }
		Found  []string `json:"taken_on_visits"`
	}
	var c matter
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for begun := time.Now(); len(c.Acts) < 2; <-ticker.C {
		if time.Since(begun) > 3*time.Minute {
			t.Fatalf("the story has not come to its end: %+v", c)
		}
		var list struct{ Items []struct{ ID, Source string } }
		if err := story.ask(t.Context(), "head", "GET", "/v1/cases?source=finding", "", nil, &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list.Items {
			c = matter{}
			if err := story.ask(t.Context(), "head", "GET", "/v1/cases/"+x.ID, "", nil, &c); err != nil {
				t.Fatal(err)
			}
		}
	}
	known := 0
	for _, m := range c.Seized {
		if m.Fate != "held" {
			t.Errorf("%s is %s", m.Serial, m.Fate)
		}
		if m.Rig == "" {
			continue
		}
		known++
		var rig struct {
			State   string
			Allowed []string
		}
		if err := story.ask(t.Context(), "officer", "GET", "/v1/equipment/"+m.Rig, "", nil, &rig); err != nil || rig.State != "seized" {
			t.Errorf("the register says of %s: %+v %v", m.Serial, rig, err)
		}
		err := story.ask(t.Context(), "officer", "POST", "/v1/equipment/"+m.Rig+"/releases", "*", map[string]any{"document": "D-1"}, nil)
		if err == nil || !strings.Contains(err.Error(), " 409 ") {
			t.Errorf("%s is given back past its case: %v", m.Serial, err)
		}
	}
	if len(c.Seized) != 2*courtSeized || known != courtSeized || len(c.Found) != 0 {
		t.Errorf("%d machines seized, %d of them of the register, %v wait for a record", len(c.Seized), known, c.Found)
	}
	return c.ID
}

// sealedPackage asks for the package until its checkpoint covers all that was done: the
// events of the device, the seizure and the referral.
func sealedPackage(t *testing.T, fetch func() []byte) []byte {
	t.Helper()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for begun := time.Now(); ; <-ticker.C {
		content := fetch()
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		originals, events, chunks, words := 0, 0, 0, uint64(0)
		for _, f := range z.File {
			switch {
			case strings.HasPrefix(f.Name, "originals/"):
				originals++
			case strings.HasSuffix(f.Name, ".chunks"):
				chunks++
			case strings.HasSuffix(f.Name, ".registers.csv"):
				words += f.UncompressedSize64
			case strings.HasSuffix(f.Name, "events.jsonl"):
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				lines, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				events = bytes.Count(lines, []byte("\n"))
			}
		}
		if originals == 4 && events >= 25 && chunks > 0 && words > 10_000 && // the history is sealed bit by bit
			bytes.Contains(content, []byte("12-4/118")) {
			return content
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("the package has %d originals, %d events, %d files of readings, %d bytes of registers", originals, events, chunks, words)
		}
	}
}

func publishedKeys(t *testing.T, data string) func([]byte) (enforcement.PackageKeys, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "keys", "jwks.json"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseKeys("jwks.json", text)
	if err != nil {
		t.Fatal(err)
	}
	return func([]byte) (enforcement.PackageKeys, error) {
		return enforcement.PackageKeys{Document: keys.of("document"), Ledger: keys.of("ledger")}, nil
	}
}

// refusesChanges changes one byte a thousand times; each is refused with the name of the
// part that holds it.
func refusesChanges(t *testing.T, whole []byte, keys func([]byte) (enforcement.PackageKeys, error)) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	partOf := func(at int64) string {
		for _, f := range z.File {
			from, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			if at < from+int64(f.UncompressedSize64) {
				return f.Name
			}
		}
		if at < int64(len(whole))-22 {
			return "the directory of the ZIP"
		}
		return "the end of the ZIP"
	}
	random := rand.New(rand.NewPCG(17, 4))
	hit := map[string]bool{}
	changed := bytes.Clone(whole)
	for n := range 1000 {
		at := random.Int64N(int64(len(whole)))
		if n%2 == 0 { // the small parts as often as the large
			f := z.File[random.IntN(len(z.File))]
			from, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			at = from + random.Int64N(max(1, int64(f.UncompressedSize64)))
		}
		flip := byte(1 + random.IntN(255))
		changed[at] ^= flip
		_, err := enforcement.VerifyPackage(bytes.NewReader(changed), int64(len(changed)), keys)
		changed[at] ^= flip
		var broken *enforcement.Broken
		if !errors.As(err, &broken) || broken.Part != partOf(at) {
			t.Fatalf("byte %d of %s changed: %v", at, partOf(at), err)
		}
		hit[broken.Part] = true
	}
	if len(hit) < len(z.File)*3/4 {
		t.Errorf("only %d of %d parts were hit", len(hit), len(z.File))
	}
}
