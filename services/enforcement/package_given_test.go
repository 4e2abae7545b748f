package enforcement_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// lyingBureau is one whose collector sent two values that its meter did not show, and ten
// readings that it had made by the profile of another meter.
func lyingBureau(t *testing.T) *bureau {
	t.Helper()
	shipped, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	other, err := shipped.Find("eastron/sdm120")
	if err != nil {
		t.Fatal(err)
	}
	clock := storetest.NewClock()
	return newBureauOf(t, storetest.SQLite(t, clock.Now), clock, func(readings []models.Reading, meter models.Meter) {
		readings[102].Values.Set(models.QPTotal, 80_000)
		readings[103].Values.Set(models.QVL1, 231_000)
		layout := models.NewRegisterLayout(other, &meter, []models.RegRange{{FC: 4, Addr: 0, Count: 2}})
		for i := range readings[200:210] {
			r := &readings[200+i]
			r.Registers = &models.Registers{Layout: layout, Came: 1, Words: r.Registers.Words[:2:2]}
		}
		wide(readings[300:310], meter)
	})
}

// wide gives readings numbers of 64 bits, which a browser holds only as such.
func wide(readings []models.Reading, meter models.Meter) {
	p := &models.Profile{ID: "test/wide", Points: []models.ProfilePoint{
		{Q: models.QEImport, FC: 3, Addr: 0, Enc: models.Encoding{Type: models.RegU64}, Scale: models.RatioOne},
		{Q: models.QVL1, FC: 3, Addr: 4, Enc: models.Encoding{Type: models.RegF64, Order: models.OrderGHEFCDAB}, Scale: models.RatioOne},
		{Q: models.QPTotal, FC: 3, Addr: 8, Enc: models.Encoding{Type: models.RegI64}, Scale: models.RatioOne, SignReg: &models.SignReg{Addr: 12, NegativeWhen: 1}},
	}}
	layout := models.NewRegisterLayout(p, &meter, []models.RegRange{{FC: 3, Addr: 0, Count: 13}})
	for i := range readings {
		r := &readings[i]
		energy, power := uint64(1)<<60+uint64(i)*977, uint64(r.Values.Len())<<40+uint64(i)
		volt := math.Float64bits(229.87 + float64(i)/1e9)
		r.Values.Set(models.QEImport, int64(energy))
		r.Registers = &models.Registers{Layout: layout, Came: 1, Words: []uint16{uint16(energy >> 48), uint16(energy >> 32), uint16(energy >> 16), uint16(energy),
			uint16(volt), uint16(volt >> 16), uint16(volt >> 32), uint16(volt >> 48), uint16(power >> 48), uint16(power >> 32), uint16(power >> 16), uint16(power), uint16(i)}}
	}
}

// resay gives a package in which the gaps say something else, with every commitment made
// anew and signed.
func resay(t *testing.T, content []byte, old, next string) []byte {
	t.Helper()
	files := filesOf(t, content)
	for line := range bytes.Lines(files["record.jsonl"]) {
		var l struct {
			ID, Salt string
			Value    json.RawMessage
		}
		if err := json.Unmarshal(line, &l); err != nil || l.ID != "gaps" {
			continue
		}
		value := bytes.Replace(l.Value, []byte(old), []byte(next), 1)
		if bytes.Equal(value, l.Value) {
			t.Fatalf("the gaps do not say %s: %s", old, l.Value)
		}
		commitment := func(v []byte) []byte {
			sum := sha256.Sum256(fmt.Appendf(nil, "rigistry/package-field/v1\x00%s\x00record:gaps\x00%s", l.Salt, v))
			return []byte(hex.EncodeToString(sum[:]))
		}
		items := bytes.Replace(files["items.txt"], commitment(l.Value), commitment(value), 1)
		hash := func(b []byte) []byte {
			sum := sha256.Sum256(b)
			return []byte(hex.EncodeToString(sum[:]))
		}
		files["manifest.json"] = bytes.Replace(files["manifest.json"], hash(files["items.txt"]), hash(items), 1)
		files["record.jsonl"] = bytes.Replace(files["record.jsonl"], line, bytes.Replace(line, l.Value, value, 1), 1)
		files["items.txt"] = items
	}
	forged, err := enforcement.ResealFiles(files, documentKey)
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

// What the gaps of a lying bureau say, and what somebody with the document key would make
// of it.
var gapForgeries = map[string]struct{ part, old, next string }{
	"values that the words do not give, unsaid": {"readings/M-__1.chunks", `,{"code":"values_not_given","what":"M-Ö/1","n":2}`, ``},
	"one such value fewer":                      {"readings/M-__1.chunks", `"values_not_given","what":"M-Ö/1","n":2`, `"values_not_given","what":"M-Ö/1","n":1`},
	"fewer readings without registers":          {"record.jsonl", `"readings_without_registers","what":"M-Ö/1","n":20`, `"readings_without_registers","what":"M-Ö/1","n":2`},
	"fewer readings of another profile":         {"record.jsonl", `"layout_of_another_profile","what":"M-Ö/1","n":20`, `"layout_of_another_profile","what":"M-Ö/1","n":1`},
}

func forgeGaps(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, f := range gapForgeries {
		out[name] = resay(t, content, f.old, f.next)
	}
	return out
}

func TestPackage_WhatTheRegistersDoNotGiveIsStatedAndCannotBeLeftUnsaid(t *testing.T) {
	b := lyingBureau(t)
	_, content := b.export(t, enforcement.PackageRequest{})
	report, err := check(content)
	if err != nil {
		t.Fatal(err)
	}
	if report.NotGiven != 2 || report.Bare != 20 || report.Given < 600 {
		t.Errorf("the words give %d values, not %d; %d readings are bare: want 2 that are not given and 20 bare", report.Given, report.NotGiven, report.Bare)
	}
	for name, forged := range forgeGaps(t, content) {
		var broken *enforcement.Broken
		if _, err := check(forged); !errors.As(err, &broken) || broken.Part != gapForgeries[name].part {
			t.Errorf("%s: %v, want %s to be named", name, err, gapForgeries[name].part)
		}
	}
}

func TestPackage_ACopyThatWasRedactedTellsInItsGapsWhatWasTakenOut(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, whole := b.export(t, enforcement.PackageRequest{})
	_, redacted := b.export(t, enforcement.PackageRequest{Redact: []string{"persons"}, Reason: "Art. 60"})
	if bytes.Contains(filesOf(t, whole)["story.html"], []byte("gap.taken_out")) {
		t.Error("the whole package tells of something taken out")
	}
	if story := filesOf(t, redacted)["story.html"]; !bytes.Contains(story, []byte("gap.taken_out")) || !bytes.Contains(story, []byte("Art. 60")) {
		t.Error("the story of the redacted package does not tell what was taken out, and on what ground")
	}
	if _, err := check(redacted); err != nil {
		t.Error(err)
	}
}

func TestPackage_TheStoryTellsEntriesOfOneKindThatCameTogetherInOneLine(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	b.photographed(t, 5, 100)
	_, content := b.export(t, enforcement.PackageRequest{})
	story := string(filesOf(t, content)["story.html"])
	if n := strings.Count(story, "event.evidence.received map[] × 5<"); n != 3 {
		t.Errorf("five originals that came together are told %d times in one line, want once in each language", n)
	}
}
