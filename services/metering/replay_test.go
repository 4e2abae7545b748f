package metering_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// A reading of the past is what a poll of the same registers gives, and what is missing
// of it says so.
func TestReplay_MakesAReadingAsAPollDoes(t *testing.T) {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range profiles.All() {
		meter := models.Meter{ID: "m1", Profile: p.ID, URL: "tcp://127.0.0.1:502", CTNum: 40, CTDen: 1, VTNum: 1, VTDen: 1}
		replay := metering.NewReplay(&p, meter)
		var answers [][]uint16
		for _, r := range replay.Requests() {
			answers = append(answers, make([]uint16, r.Count))
		}
		var shown models.Values
		for q, base := range map[models.Quantity]float64{models.QPTotal: 1000, models.QVL1: 230, models.QVL2: 231, models.QVL3: 229, models.QIL1: 2, models.QIL2: 2, models.QIL3: 2,
			models.QF: 50, models.QPF: 0.95, models.QEImport: 400_000, models.QCTRatio: 1, models.QPTRatio: 1} {
			shown.SetBase(q, base)
		}
		if err := p.Image(&shown, func(fc uint8, addr uint16, regs []uint16) {
			for i, r := range replay.Requests() {
				for k, w := range regs {
					if at := int(addr) + k - int(r.Addr); fc == r.FC && at >= 0 && at < int(r.Count) {
						answers[i][at] = w
					}
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		r := replay.Reading(at, time.Minute, answers)
		if r.Meter != "m1" || !r.At.Equal(at) || r.Registers == nil || r.Registers.Layout.Profile != p.ID || len(r.Registers.Words) != r.Registers.Layout.Words(r.Registers.Came) {
			t.Fatalf("%s: %+v", p.ID, r)
		}
		if _, has := p.Point(models.QPTotal); has {
			if got, ok := r.Values.Get(models.QPTotal); !ok || got < 39_000 || got > 41_000 || !r.Quality.Usable() {
				t.Errorf("%s: %d W (%v) of quality %s, want 40 kW on the primary side", p.ID, got, ok, r.Quality)
			}
		}
		var given models.Given
		given.Judge(r.Registers, &r.Values, models.TransformersOf(&meter))
		if given.Not != 0 || given.Given+given.Other != int64(r.Values.Len()) {
			t.Errorf("%s: the words give %+v of %d values", p.ID, given, r.Values.Len())
		}
		answers[0] = nil
		if r := replay.Reading(at.Add(time.Minute), time.Minute, answers); r.Quality == models.QualityGood || r.Registers != nil && r.Registers.Came&1 != 0 {
			t.Errorf("%s: without its first answer the reading is %s with %+v", p.ID, r.Quality, r.Registers)
		}
	}
}

// Whatever stands in a meter's registers, what is decoded from them is what they are held
// to later in a package: no profile of ours makes a value that its layout does not give.
func TestReplay_WhatIsDecodedIsWhatTheWordsGive(t *testing.T) {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 9))
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range profiles.All() {
		values := 0
		for range 200 {
			meter := models.Meter{ID: "m1", Profile: p.ID, URL: "tcp://127.0.0.1:502", CTNum: 1 + random.Int64N(400), CTDen: []int64{1, 1, 5}[random.IntN(3)], VTNum: 1 + random.Int64N(3)*99, VTDen: 1}
			replay := metering.NewReplay(&p, meter)
			var answers [][]uint16
			for _, r := range replay.Requests() {
				answers = append(answers, make([]uint16, r.Count))
			}
			shown := randomValues(random)
			if err := p.Image(&shown, func(fc uint8, addr uint16, regs []uint16) {
				for i, r := range replay.Requests() {
					for k, w := range regs {
						if at := int(addr) + k - int(r.Addr); fc == r.FC && at >= 0 && at < int(r.Count) {
							answers[i][at] = w
						}
					}
				}
			}); err != nil {
				continue // a value that this meter cannot show
			}
			if n := random.IntN(8); n < len(answers) {
				answers[n] = nil
			}
			r := replay.Reading(at, time.Minute, answers)
			if r.Registers == nil {
				continue
			}
			values += r.Values.Len()
			var given models.Given
			if given.Judge(r.Registers, &r.Values, models.TransformersOf(&meter)); given.Not != 0 {
				t.Fatalf("%s, %s: the words give %+v of %+v", p.ID, meter.RatioText(), given, r)
			}
		}
		if values == 0 {
			t.Errorf("%s: no value was ever decoded", p.ID)
		}
	}
}

func randomValues(random *rand.Rand) (v models.Values) {
	load := random.Float64() * 30_000
	for q := range models.Quantities() {
		switch q.Unit() {
		case "W", "var", "VA":
			v.SetBase(q, load*(2*random.Float64()-0.5))
		case "V":
			v.SetBase(q, 200+250*random.Float64())
		case "A":
			v.SetBase(q, load/700*random.Float64())
		case "Wh":
			v.SetBase(q, 9e7*random.Float64())
		case "Hz":
			v.SetBase(q, 49.5+random.Float64())
		case "%":
			v.SetBase(q, 20*random.Float64())
		default:
			v.SetBase(q, random.Float64())
		}
	}
	v.SetBase(models.QCTRatio, 1)
	v.SetBase(models.QPTRatio, 1)
	return v
}
