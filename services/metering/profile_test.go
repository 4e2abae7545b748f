package metering

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"rigistry/models"
)

type frame struct {
	Profile   string `yaml:"profile"`
	Name      string `yaml:"name"`
	Registers []struct {
		FC   uint8  `yaml:"fc"`
		Addr uint16 `yaml:"addr"`
		Hex  string `yaml:"hex"`
	} `yaml:"registers"`
	Want map[string]float64 `yaml:"want"`
}

func shippedForTest(t testing.TB) *Profiles {
	t.Helper()
	p, err := ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfiles_DecodeTheFramesOfTheirSources(t *testing.T) {
	data, err := os.ReadFile("testdata/frames.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var frames []frame
	if err := yaml.Unmarshal(data, &frames); err != nil {
		t.Fatal(err)
	}
	profiles := shippedForTest(t)
	covered := map[string]bool{}
	for _, f := range frames {
		covered[f.Profile] = true
		t.Run(f.Profile+" "+f.Name, func(t *testing.T) {
			p, err := profiles.Find(f.Profile)
			if err != nil {
				t.Fatal(err)
			}
			var blocks []block
			for _, r := range f.Registers {
				raw, err := hex.DecodeString(r.Hex)
				if err != nil {
					t.Fatal(err)
				}
				regs := words(nil, raw)
				blocks = append(blocks, block{req: Request{FC: r.FC, Addr: r.Addr, Count: uint16(len(regs))}, regs: regs, ok: true})
			}
			got, _ := newDecoder(p, p.Quantities()).decode(blocks)
			for q, stored := range got.All() {
				want, expected := f.Want[q.String()]
				if !expected || math.Abs(q.Base(stored)-want) > 0.5/float64(q.PerUnit()) {
					t.Errorf("%s: got %v, want %v (in the fixture: %v)", q, q.Base(stored), want, expected)
				}
			}
			if got.Len() != len(f.Want) {
				t.Errorf("got %d values, want %d", got.Len(), len(f.Want))
			}
		})
	}
	for _, p := range profiles.All() {
		if !covered[p.ID] {
			t.Errorf("%s has no frame in testdata/frames.yaml", p.ID)
		}
	}
}

func TestProfiles_WhatTheSimulatorServesIsWhatIsRead(t *testing.T) {
	for _, p := range shippedForTest(t).All() {
		t.Run(p.ID, func(t *testing.T) {
			var want models.Values
			for q, base := range map[models.Quantity]float64{
				models.QPTotal: 7600, models.QPL1: 2600, models.QPL2: 2500, models.QPL3: 2500, models.QVL1: 230.5, models.QVL2: 231,
				models.QVL3: 229, models.QIL1: 11, models.QIL2: 11.5, models.QIL3: 12, models.QF: 50, models.QPF: 0.98,
				models.QEImport: 1234000, models.QEExport: 5000, models.QCTRatio: 40,
			} {
				if _, ok := p.Point(q); ok {
					want.SetBase(q, base)
				}
			}
			image := map[uint8]map[uint16]uint16{3: {}, 4: {}}
			if err := p.Image(&want, func(fc uint8, addr uint16, regs []uint16) {
				for i, r := range regs {
					image[fc][addr+uint16(i)] = r
				}
			}); err != nil {
				t.Fatal(err)
			}
			d := newDecoder(&p, nil)
			var blocks []block
			for _, r := range plan(&p, d.points, costOf("tcp")) {
				b := block{req: r, ok: true}
				for i := range r.Count {
					b.regs = append(b.regs, image[r.FC][r.Addr+i])
				}
				blocks = append(blocks, b)
			}
			got, quality := d.decode(blocks)
			for q, stored := range want.All() {
				back, ok := got.Get(q)
				// A register's step limits what comes back: 1 kW on a SATEC in low resolution.
				if !ok || math.Abs(float64(back-stored)) > math.Max(2, 0.06*math.Abs(float64(stored))) {
					t.Errorf("%s: got %d %v, want %d (quality %s)", q, back, ok, stored, quality)
				}
			}
		})
	}
}

// Without a value that must make sense, registers read from the wrong place are as
// good as any.
func TestProfiles_EachHasACanaryAndThereAreTwentyFive(t *testing.T) {
	all := shippedForTest(t).All()
	for _, p := range all {
		canary := false
		for _, pt := range p.Points {
			canary = canary || pt.Canary
		}
		if !canary {
			t.Errorf("%s has no canary", p.ID)
		}
	}
	if len(all) < 25 {
		t.Errorf("got %d profiles, want at least 25", len(all))
	}
}

const goodProfile = `schema: rigistry-profile/1
id: acme/one
vendor: Acme
models: [One]
evidence: {grade: single, sources: [{title: "Acme One manual"}]}
address_base: 0
defaults: {fc: 4, word_order: msw, byte_order: be, access: ro}
limits: {max_regs: 10}
points:
  - {q: p_total, addr: 0, type: f32, unit: W}
  - {q: f, addr: 2, type: f32, unit: Hz, range: [45, 65], canary: true}
`

func TestParseProfile_RefusesWhatItDoesNotUnderstandAndNamesTheField(t *testing.T) {
	if _, err := ParseProfile("one.yaml", []byte(goodProfile)); err != nil {
		t.Fatalf("the profile that the others are made from: %v", err)
	}
	for _, c := range []struct{ name, old, new, field string }{
		{"unknown key", "vendor: Acme", "vendor: Acme\ncolour: red", "colour"},
		{"misspelt key of a point", "canary: true", "kanary: true", "kanary"},
		{"writing", "access: ro", "access: rw", "defaults.access"},
		{"writing function", "fc: 4", "fc: 6", "points[0] (p_total).fc"},
		{"past the last register", "addr: 2,", "addr: 65535,", "points[1] (f).addr"},
		{"overlap with another type", "addr: 2, type: f32", "addr: 1, type: f32", "points[1] (f).addr"},
		{"a quantity twice", "q: f, addr: 2, type: f32, unit: Hz, range: [45, 65], canary: true", "q: p_total, addr: 2, type: f32, unit: W", "points[1] (p_total).q"},
		{"longer than a request", "max_regs: 10", "max_regs: 1", "points[0] (p_total).type"},
		{"block longer than a request", "max_regs: 10", "max_regs: 10, atomic_blocks: [[0, 11]]", "limits.atomic_blocks[0]"},
		{"no evidence", `sources: [{title: "Acme One manual"}]`, "sources: []", "evidence.sources"},
		{"one source called two", "grade: single", "grade: two-source", "evidence.sources"},
		{"unknown grade", "grade: single", "grade: excellent", "evidence.grade"},
		{"unit of another quantity", "type: f32, unit: W", "type: f32, unit: V", "points[0] (p_total).unit"},
		{"no unit", "type: f32, unit: W", "type: f32", "points[0] (p_total).unit"},
		{"scale that is no number", "unit: W}", "unit: W, scale: ten}", "points[0] (p_total).scale"},
		{"canary without a range", "range: [45, 65], ", "", "points[1] (f).canary"},
		{"order of another width", "addr: 0, type: f32", "addr: 0, type: f32, order: AB", "points[0] (p_total)"},
		{"unknown type", "addr: 0, type: f32", "addr: 0, type: f33", "points[0] (p_total).type"},
		{"ratio that is not read", "unit: W}", "unit: W, mul: [ct_ratio]}", "points[0] (p_total).mul"},
		{"option that does not exist", "unit: W}", "unit: W, when: {mode: low}}", "points[0] (p_total).when"},
		{"another schema", "rigistry-profile/1", "gridmap/1", "schema"},
		{"two documents", "    canary", "    canary", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(goodProfile, c.old, c.new, 1)
			if c.field == "" {
				text, c.field = goodProfile+"---\nid: acme/two\n", "document"
			}
			_, err := ParseProfile("one.yaml", []byte(text))
			if err == nil || !strings.Contains(err.Error(), "one.yaml") || !strings.Contains(err.Error(), c.field) {
				t.Errorf("got %v, want a refusal that names one.yaml and %s", err, c.field)
			}
		})
	}
}

func TestLoadProfiles_RefusesTwoFilesWithOneID(t *testing.T) {
	files := fstest.MapFS{"p/a.yaml": {Data: []byte(goodProfile)}, "p/b.yaml": {Data: []byte(goodProfile)}}
	if _, err := LoadProfiles(files, "p"); err == nil || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("got %v, want a refusal that names b.yaml", err)
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(goodProfile))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProfile("fuzz.yaml", data)
		if err != nil {
			return
		}
		var image bytes.Buffer
		requests := plan(p, wanted(p, nil), costOf("tcp"))
		for _, r := range requests {
			if int(r.Addr)+int(r.Count) > 65536+8 || r.Count == 0 {
				t.Fatalf("request %+v\n%s", r, image.String())
			}
		}
	})
}
