package models

import (
	"slices"
	"testing"
	"time"
)

func plateAndShown() (Nameplate, Shown) {
	p := Nameplate{Serial: "0041 700-12", Vendor: "Eastron", Model: "SDM630", AccuracyClass: "0,5s", CTNum: 200, CTDen: 5, VTNum: 1, VTDen: 1, MaxA: 10, NominalV: 230,
		VerifiedOn: "2026-01-10", VerifiedUntil: "2034-01-10"}
	s := Shown{Serial: "4170012", Vendor: "EASTRON", Model: "SDM630-Modbus", Quality: QualityGood}
	for i, q := range []Quantity{QVL1, QVL2, QVL3} {
		s.Values.SetBase(q, 231)
		s.Values.SetBase([]Quantity{QIL1, QIL2, QIL3}[i], 4)
	}
	s.Values.SetBase(QPTotal, 2600)
	return p, s
}

func TestNameplate_EachWayInWhichAMeterAndItsPlateDoNotFitIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(*Nameplate, *Shown)
		permitted Watts
		want      []string
		blocks    int
	}{
		"all fits":                   {func(*Nameplate, *Shown) {}, 100_000, nil, 0},
		"a device that says nothing": {func(_ *Nameplate, s *Shown) { s.Serial, s.Vendor, s.Model = "", "", "" }, 0, nil, 0},
		"another serial":             {func(_ *Nameplate, s *Shown) { s.Serial = "4170013" }, 0, []string{DifferenceSerial}, 0},
		"no serial on the plate":     {func(p *Nameplate, _ *Shown) { p.Serial = "" }, 0, []string{DifferenceSerial}, 0},
		"another model":              {func(_ *Nameplate, s *Shown) { s.Vendor, s.Model = "ABB", "B23" }, 0, []string{DifferenceModel}, 0},
		"multiplied twice":           {func(_ *Nameplate, s *Shown) { s.Values.SetBase(QCTRatio, 40) }, 0, []string{DifferenceRatio}, 0},
		"multiplied by itself only": {func(p *Nameplate, s *Shown) {
			p.CTNum, p.CTDen = 1, 1
			s.Values.SetBase(QCTRatio, 40)
		}, 0, nil, 0},
		"too much current":                       {func(_ *Nameplate, s *Shown) { s.Values.SetBase(QIL2, -12.1) }, 0, []string{DifferenceCurrent}, 0},
		"as much as is allowed":                  {func(_ *Nameplate, s *Shown) { s.Values.SetBase(QIL2, 12) }, 0, nil, 0},
		"a voltage far off":                      {func(_ *Nameplate, s *Shown) { s.Values.SetBase(QVL3, 150) }, 0, []string{DifferenceVoltage}, 0},
		"a line voltage was typed":               {func(p *Nameplate, _ *Shown) { p.NominalV = 400 }, 0, nil, 0},
		"more power than volts and amperes make": {func(_ *Nameplate, s *Shown) { s.Values.SetBase(QPTotal, 26_000) }, 0, []string{DifferencePower}, 0},
		"more than the point may take":           {func(*Nameplate, *Shown) {}, 69_000, []string{DifferencePermitted}, 0},
		"half more than it may take":             {func(*Nameplate, *Shown) {}, 70_000, nil, 0},
		"a verification that is over":            {func(p *Nameplate, _ *Shown) { p.VerifiedUntil = "2026-03-01" }, 0, []string{DifferenceVerification}, 1},
		"no class of accuracy":                   {func(p *Nameplate, _ *Shown) { p.AccuracyClass = "0.7" }, 0, []string{DifferenceClass}, 1},
		"values that are none":                   {func(_ *Nameplate, s *Shown) { s.Quality = QualityCanaryFailed }, 1, []string{DifferenceUnusable}, 1},
		"no power":                               {func(_ *Nameplate, s *Shown) { s.Values.Clear(QPTotal) }, 1, []string{DifferenceUnusable}, 1},
		"several at once, the blocking first": {func(p *Nameplate, s *Shown) { p.VerifiedUntil, s.Serial = "2026-03-01", "1" }, 0,
			[]string{DifferenceVerification, DifferenceSerial}, 1},
	} {
		p, s := plateAndShown()
		c.change(&p, &s)
		var got []string
		blocks := 0
		for _, d := range p.Compare(&s, c.permitted, "2026-03-02") {
			got = append(got, d.Code)
			if d.Blocks {
				blocks++
			}
		}
		if !slices.Equal(got, c.want) || blocks != c.blocks {
			t.Errorf("%s: got %v with %d that block, want %v with %d", name, got, blocks, c.want, c.blocks)
		}
	}
}

func TestCommissionJob_ItsStateFollowsTheClock(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	j := CommissionJob{Asked: at, Expires: at.Add(CommissionLife)}
	check := func(after time.Duration, want CommissionState) {
		t.Helper()
		if got := j.State(at.Add(after)); got != want {
			t.Errorf("after %s: got %s, want %s", after, got, want)
		}
	}
	check(0, CommissionAsked)
	check(CommissionLife-1, CommissionAsked)
	check(CommissionLife, CommissionExpired)
	j.Lease, j.LeaseUntil, j.Tries = "l", at.Add(CommissionLease), 1
	check(CommissionLease-1, CommissionTaken)
	check(CommissionLease, CommissionAsked)
	j.Tries = CommissionTries
	check(CommissionLease, CommissionExpired)
	j.Outcome = CommissionDone
	check(2*CommissionLife, CommissionDone)
	if j.Holds("") || j.Holds("k") || !j.Holds("l") {
		t.Error("a job is held under its newest lease and no other")
	}
}
