package enforcement_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store/storetest"
)

// layoutFile is the only layout of a bureau's package; its name is its digest.
const layoutFile = "readings/layouts/"

// isPart tells whether a path is the one that is meant, or in the folder.
func isPart(path, meant string) bool {
	return path == meant || strings.HasSuffix(meant, "/") && strings.HasPrefix(path, meant)
}

var mutantsFile = flag.String("mutants", "", "where to write the packages that the browser's check is held to")

// forgeries are changes that somebody with the registry's document key could make, each
// with the part that must give it away.
var forgeries = map[string]struct {
	file, part string
	change     func([]byte) []byte
}{
	"a reading":              {"readings/M-__1.chunks", "readings/M-__1.chunks", func(b []byte) []byte { b = bytes.Clone(b); b[40] ^= 1; return b }},
	"the table of readings":  {"readings/M-__1.csv", "readings/M-__1.csv", func(b []byte) []byte { return bytes.Replace(b, []byte("90000"), []byte("80000"), 1) }},
	"the table of registers": {"readings/M-__1.registers.csv", "readings/M-__1.registers.csv", func(b []byte) []byte { return bytes.Replace(b, []byte(",52,"), []byte(",54,"), 1) }},
	"no table of registers":  {"readings/M-__1.registers.csv", "readings/M-__1.registers.csv", func([]byte) []byte { return nil }},
	"a layout of registers":  {layoutFile, layoutFile, func(b []byte) []byte { return bytes.Replace(b, []byte("p_total"), []byte("q_total"), 1) }},
	"the profile of a layout": {layoutFile, layoutFile, func(b []byte) []byte {
		return bytes.Replace(b, []byte("eastron/sdm630"), []byte("eastron/sdm631"), 1)
	}},
	"the body of an entry": {"ledger/entries.jsonl", "ledger/entries.jsonl", func(b []byte) []byte {
		return bytes.Replace(b, []byte(`\"kw\":90`), []byte(`\"kw\":10`), 1)
	}},
	"who did it":        {"ledger/entries.jsonl", "ledger/entries.jsonl", func(b []byte) []byte { return bytes.Replace(b, []byte("u-officer"), []byte("u-somebody"), 1) }},
	"an entry gone":     {"ledger/entries.jsonl", "items.txt", func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }},
	"the checkpoint":    {"ledger/checkpoint.txt", "ledger/checkpoint.txt", func(b []byte) []byte { return bytes.Replace(b, []byte("test/ledger"), []byte("best/ledger"), 1) }},
	"a field":           {"record.jsonl", "record.jsonl", func(b []byte) []byte { return bytes.Replace(b, []byte("old mill"), []byte("new mill"), 1) }},
	"the list of items": {"items.txt", "items.txt", func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }},
	"a salt gone":       {"salts.jsonl", "items.txt", func([]byte) []byte { return nil }},
}

func TestPackage_WhatTheDocumentKeyAloneCannotForgeIsNamed(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	same, err := enforcement.Reseal(content, documentKey, func(_ string, b []byte) []byte { return b })
	if err == nil {
		_, err = check(same)
	}
	if err != nil {
		t.Fatalf("the control, sealed again as it was: %v", err)
	}
	for name, forged := range forge(t, content) {
		var broken *enforcement.Broken
		if _, err := check(forged); !errors.As(err, &broken) || !isPart(broken.Part, forgeries[name].part) {
			t.Errorf("%s: %v, want %s to be named", name, err, forgeries[name].part)
		}
	}
}

func forge(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, f := range forgeries {
		changed := false
		forged, err := enforcement.Reseal(content, documentKey, func(path string, b []byte) []byte {
			if !isPart(path, f.file) {
				return b
			}
			next := f.change(b)
			changed = !bytes.Equal(next, b)
			return next
		})
		if err != nil || !changed {
			t.Fatalf("%s: nothing was forged (%v)", name, err)
		}
		out[name] = forged
	}
	return out
}

func TestPackage_AFileThatIsNoPackageIsNamedSo(t *testing.T) {
	problem := `{"type":"urn:rigistry:problem:invalid","title":"Unprocessable Entity","status":422,"code":"invalid","detail":"Some fields need a correction."}`
	var broken *enforcement.Broken
	if _, err := check([]byte(problem)); !errors.As(err, &broken) || !strings.Contains(broken.What, "no package") {
		t.Errorf("an error of the server saved as a package: %v", err)
	}
}

// TestMutants_Packages writes packages, whole, redacted, forged and changed by a byte,
// with what Go says of each; the browser's check has to agree.
func TestMutants_Packages(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	_, redacted := b.export(t, enforcement.PackageRequest{Redact: []string{"persons", "words"}, Reason: "r"})
	type mutant struct {
		Name    string `json:"name"`
		Base    int    `json:"base"`
		At      int64  `json:"at"`
		Xor     byte   `json:"xor"`
		Refused bool   `json:"refused"`
		Part    string `json:"part,omitempty"` // that Go names
	}
	odd := lyingBureau(t)
	_, stated := odd.export(t, enforcement.PackageRequest{})
	bases := [][]byte{content, redacted, stated}
	said := []mutant{{Name: "whole", Base: 0}, {Name: "redacted", Base: 1}, {Name: "what the words do not give is stated", Base: 2}}
	for _, forged := range []map[string][]byte{forge(t, content), forgeFiles(t, content), forgeGaps(t, stated)} {
		for name, content := range forged {
			said = append(said, mutant{Name: name, Base: len(bases), Refused: true})
			bases = append(bases, content)
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 300 {
		base := n % 2
		said = append(said, mutant{Name: "a byte", Base: base, At: random.Int64N(int64(len(bases[base]))), Xor: byte(1 + random.IntN(255)), Refused: true})
	}
	for i, m := range said {
		changed := bytes.Clone(bases[m.Base])
		changed[m.At] ^= m.Xor
		_, err := check(changed)
		var broken *enforcement.Broken
		if (err != nil) != m.Refused || m.Refused && !errors.As(err, &broken) {
			t.Errorf("%s: %v", m.Name, err)
		} else if m.Refused {
			said[i].Part = broken.Part
		}
	}
	if *mutantsFile == "" {
		return
	}
	quantities, qualities := [][3]any{}, []string{}
	for q := range models.Quantities() {
		quantities = append(quantities, [3]any{q.String(), q.Unit(), q.PerUnit()})
	}
	for q := models.QualityGood; q.String() != "unknown"; q++ {
		qualities = append(qualities, q.String())
	}
	out, err := json.Marshal(map[string]any{"jwks": string(keySet()), "bases": bases, "mutants": said, "quantities": quantities, "qualities": qualities})
	if err == nil {
		err = os.WriteFile(*mutantsFile, out, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
