package metering

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rigistry/models"
)

func TestPlanProfile_NeedsNoMoreRequestsThanTheDeviceAllows(t *testing.T) {
	profiles := shippedForTest(t)
	type r = [3]int
	for _, c := range []struct {
		id   string
		want []r
	}{
		{"eastron/sdm630", []r{{4, 0x00, 76}}},
		{"eastron/sdm120", []r{{4, 0x00, 76}}},
		{"schneider/iem3000", []r{{3, 2999, 112}, {3, 3203, 8}}},
		{"schneider/pm5000", []r{{3, 2999, 112}, {3, 3203, 8}}},
		{"abb/b23", []r{{3, 0x5000, 8}, {3, 0x5B00, 62}}},
		{"siemens/pac3200", []r{{3, 1, 70}, {3, 801, 12}}},
		{"janitza/umg96rm", []r{{3, 19000, 122}}},
		{"carlo-gavazzi/em340", []r{{4, 0x00, 24}, {4, 0x28, 40}}},
		{"socomec/countis-e", []r{{3, 0xC558, 30}, {3, 0xC702, 8}}},
		{"inepro/pro380", []r{{3, 0x5002, 48}, {3, 0x600C, 14}}},
		{"raritan/xerus-inlet", []r{{3, 0x3008, 30}}},
		{"eastron/sdm630mct", []r{{4, 0x00, 36}, {4, 0x34, 24}}},
		{"janitza/umg604", []r{{3, 1317, 124}, {3, 9851, 14}}},
		{"inepro/pro380-v114", []r{{3, 14, 22}}},
		{"raritan/xerus-outlet", []r{{3, 0x8008, 28}}},
		{"sunspec/meter-213", []r{{3, 40073, 66}}},
		{"sunspec/meter-203", []r{{3, 40072, 52}}},
	} {
		p, err := profiles.Find(c.id)
		if err != nil {
			t.Fatal(err)
		}
		requests, err := PlanProfile(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []r
		for _, q := range requests {
			got = append(got, r{int(q.FC), int(q.Addr), int(q.Count)})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.id, got, c.want)
		}
	}
}

func TestPlanProfile_ExtrasAreReadOnlyWhenAskedFor(t *testing.T) {
	p, err := shippedForTest(t).Find("sdm630")
	if err != nil {
		t.Fatal(err)
	}
	with, err := PlanProfile(p, []models.Quantity{models.QPTotal, models.QTHDIL1})
	if err != nil || len(with) != 2 {
		t.Errorf("power and distortion: got %v %v, want two requests", with, err)
	}
	if _, err := PlanProfile(p, []models.Quantity{models.QCTRatio}); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a quantity the profile does not have: got %v, want a refusal", err)
	}
}

func TestPlan_EveryValueIsReadWholeAndWithinLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &models.Profile{Limits: models.ProfileLimits{
			MaxRegs:     uint16(rapid.IntRange(4, 125).Draw(t, "max")),
			QtyMultiple: uint16(rapid.IntRange(1, 2).Draw(t, "multiple")),
			MaxGap:      rapid.IntRange(-1, 40).Draw(t, "gap"),
		}}
		addr := 0
		for range rapid.IntRange(1, 25).Draw(t, "points") {
			addr += rapid.IntRange(0, 60).Draw(t, "hole")
			typ := rapid.SampledFrom([]models.RegisterType{"u16", "f32", "u64"}).Draw(t, "type")
			p.Points = append(p.Points, models.ProfilePoint{FC: uint8(rapid.IntRange(3, 4).Draw(t, "fc")), Addr: uint16(addr), Enc: models.Encoding{Type: typ}})
			addr += typ.Width()
		}
		lo := uint16(rapid.IntRange(0, addr).Draw(t, "alone"))
		p.Limits.NoGap = []models.RegRange{{FC: 3, Addr: lo, Count: 2}}
		var all []int
		for i := range p.Points {
			all = append(all, i)
		}
		requests := plan(p, all, Cost{Request: rapid.IntRange(1, 1000).Draw(t, "cost"), Register: 1})
		for _, r := range requests {
			if r.Count > p.Limits.MaxRegs+1 || (len(r.items) > 1 && (r.Count > p.Limits.MaxRegs || r.Count%p.Limits.QtyMultiple != 0)) {
				t.Fatalf("request %+v against limits %+v", r, p.Limits)
			}
			if len(r.items) > 1 && r.FC == 3 && r.Addr < lo+2 && lo < r.Addr+r.Count {
				t.Fatalf("request %+v holds the registers %d and %d that must be read alone", r, lo, lo+1)
			}
		}
		for i := range p.Points {
			pt := &p.Points[i]
			n := 0
			for _, r := range requests {
				if r.FC == pt.FC && r.Addr <= pt.Addr && int(pt.Addr)+pt.Enc.Width() <= int(r.Addr)+int(r.Count) {
					n++
				}
			}
			if n == 0 {
				t.Fatalf("point %+v is in no request of %+v", pt, requests)
			}
		}
	})
}

func TestPlan_OnASlowLinkAWideHoleCostsMoreThanAnotherRequest(t *testing.T) {
	p := &models.Profile{Limits: models.ProfileLimits{MaxRegs: 125, QtyMultiple: 1, MaxGap: -1}, Points: []models.ProfilePoint{
		{FC: 3, Addr: 0, Enc: models.Encoding{Type: "f32"}}, {FC: 3, Addr: 20, Enc: models.Encoding{Type: "f32"}}, {FC: 3, Addr: 90, Enc: models.Encoding{Type: "f32"}},
	}}
	if got := plan(p, []int{0, 1, 2}, costOf("tcp://x")); len(got) != 1 {
		t.Errorf("on TCP: got %d requests, want 1", len(got))
	}
	if got := plan(p, []int{0, 1, 2}, costOf("rtuovertcp://x")); len(got) != 2 || got[0].Count != 22 {
		t.Errorf("behind a serial gateway: got %+v, want the near two together and the far one alone", got)
	}
}
