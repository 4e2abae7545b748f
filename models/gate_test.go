package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rigistry/models"
)

var gateAt = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

const (
	gateHolder = "210440038887"
	gatePoint  = "PS12-F03-CP007"
)

func gateLicense(t interface{ Fatal(...any) }, n int64) string {
	number, err := models.NewLicenseNumber("DMA", n)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func gateRequest(license string) models.CheckRequest {
	return models.CheckRequest{Reference: "WO-1", ConnectionPoint: gatePoint, Applicant: gateHolder, License: license,
		Requested: 900_000, Purpose: models.PurposeMining, Event: models.EventNewConnection}
}

// gateFacts are facts with which a request for 900 kW of mining is permitted.
func gateFacts(license string) models.Facts {
	return models.Facts{
		Utility: "u1",
		Point: &models.PointFacts{ID: "p1", Code: gatePoint, State: "planned", DeclaredUse: "mining", Permitted: 2_000_000,
			Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_500_000, Purpose: "mining", ValidUntil: gateAt.AddDate(1, 0, 0)},
			Act:       "A-1", SupplyNumber: "S-1", SupplyUntil: gateAt.AddDate(0, 6, 0), Automation: true,
			FeederLimit: 6_000_000, SubstationLimit: 25_000_000},
		Holder: &models.HolderFacts{Bin: gateHolder, State: models.PartyActive},
		License: &models.LicenseFacts{Number: license, Version: 3, SubType: models.SubTypeI, State: models.LicenseActive, HolderBin: gateHolder,
			ValidFrom: gateAt.AddDate(-1, 0, 0), ValidUntil: gateAt.AddDate(2, 0, 0), Covers: true,
			Approved: 2_000_000, SiteApproved: 1_000_000},
		ClaimedBy: license, EverMining: true,
		Meters:    []models.MeterFacts{{Serial: "M1", Linked: true, Last: gateAt.Add(-time.Minute)}},
		Equipment: 900_000,
	}
}

type gateChange func(*models.Facts, *models.CheckRequest)

// gateCases reaches every ruled code; each changes one thing of a permitted request.
func gateCases(license, other string) []struct {
	name   string
	change gateChange
	want   []models.ReasonCode
	not    models.Outcome
} {
	type c = struct {
		name   string
		change gateChange
		want   []models.ReasonCode
		not    models.Outcome
	}
	state := func(s models.LicenseState) gateChange {
		return func(f *models.Facts, _ *models.CheckRequest) { f.License.State = s }
	}
	stands := func(standing models.StandingFact) gateChange {
		standing.From = gateAt.Add(-time.Hour)
		return func(f *models.Facts, _ *models.CheckRequest) { f.Standing = append(f.Standing, standing) }
	}
	return []c{
		{"unknown point", func(f *models.Facts, _ *models.CheckRequest) { f.Point, f.Meters = nil, nil }, []models.ReasonCode{"CP_UNKNOWN"}, ""},
		{"removed point", func(f *models.Facts, _ *models.CheckRequest) { f.Point.State = "removed" }, []models.ReasonCode{"CP_UNKNOWN"}, ""},
		{"claimed", func(f *models.Facts, _ *models.CheckRequest) { f.ClaimedBy = other }, []models.ReasonCode{"CP_CLAIMED"}, ""},
		{"bad BIN", func(f *models.Facts, r *models.CheckRequest) {
			r.Applicant, f.Holder, f.License.HolderBin = "210440038888", nil, "210440038888"
		}, []models.ReasonCode{"ID_INVALID"}, ""},
		{"bad license number", func(f *models.Facts, r *models.CheckRequest) {
			r.License, f.License, f.ClaimedBy = "KZ00DMA00000042", nil, ""
		},
			[]models.ReasonCode{"LICENSE_NUMBER_INVALID"}, ""},
		{"unknown party", func(f *models.Facts, _ *models.CheckRequest) { f.Holder = nil }, []models.ReasonCode{"HOLDER_UNKNOWN"}, ""},
		{"party dissolved", func(f *models.Facts, _ *models.CheckRequest) { f.Holder.State = models.PartyDissolved }, []models.ReasonCode{"HOLDER_INACTIVE"}, ""},
		{"somebody else's", func(f *models.Facts, _ *models.CheckRequest) { f.License.HolderBin = "990840003334" }, []models.ReasonCode{"HOLDER_MISMATCH"}, ""},
		{"no license", func(f *models.Facts, r *models.CheckRequest) { f.License, f.ClaimedBy, r.License = nil, "", "" }, []models.ReasonCode{"LICENSE_NOT_FOUND"}, ""},
		{"pending", func(f *models.Facts, r *models.CheckRequest) {
			f.License, f.ClaimedBy, r.License, f.Pending = nil, "", "", true
		}, []models.ReasonCode{"LICENSE_PENDING"}, ""},
		{"not yet valid", func(f *models.Facts, _ *models.CheckRequest) { f.License.ValidFrom = gateAt.Add(time.Second) }, []models.ReasonCode{"LICENSE_NOT_YET_VALID"}, ""},
		{"suspended", state(models.LicenseSuspended), []models.ReasonCode{"LICENSE_SUSPENDED"}, ""},
		{"expired", state(models.LicenseExpired), []models.ReasonCode{"LICENSE_EXPIRED"}, ""},
		{"expired at the exact end", func(f *models.Facts, _ *models.CheckRequest) { f.License.ValidUntil = gateAt }, []models.ReasonCode{"LICENSE_EXPIRED"}, ""},
		{"expired when planned", func(f *models.Facts, r *models.CheckRequest) {
			f.License.ValidUntil, r.PlannedAt = gateAt.Add(time.Hour), gateAt.Add(time.Hour)
		}, []models.ReasonCode{"LICENSE_EXPIRED"}, ""},
		{"revoked", state(models.LicenseRevoked), []models.ReasonCode{"LICENSE_REVOKED"}, ""},
		{"terminated", state(models.LicenseTerminated), []models.ReasonCode{"LICENSE_TERMINATED"}, ""},
		{"superseded", state(models.LicenseSuperseded), []models.ReasonCode{"LICENSE_TERMINATED"}, ""},
		{"tenant of a suspended host", func(f *models.Facts, _ *models.CheckRequest) {
			f.License.SubType, f.License.HostNumber = models.SubTypeII, other
			f.Host = &models.LicenseFacts{Number: other, State: models.LicenseSuspended, ValidUntil: gateAt.AddDate(1, 0, 0)}
		}, []models.ReasonCode{"HOST_SUSPENDED", "SUBTYPE_HAS_NO_GRID_RIGHT"}, ""},
		{"tenant of an active host", func(f *models.Facts, _ *models.CheckRequest) {
			f.License.SubType, f.License.HostNumber = models.SubTypeII, other
			f.Host = &models.LicenseFacts{Number: other, State: models.LicenseActive, ValidUntil: gateAt.AddDate(1, 0, 0)}
		}, []models.ReasonCode{"SUBTYPE_HAS_NO_GRID_RIGHT"}, ""},
		{"point not on the license", func(f *models.Facts, _ *models.CheckRequest) { f.License.Covers, f.ClaimedBy = false, "" }, []models.ReasonCode{"SITE_NOT_ON_LICENSE"}, ""},
		{"no technical conditions", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical = models.TechnicalConditions{} },
			[]models.ReasonCode{"TECHNICAL_CONDITIONS_MISSING"}, ""},
		{"technical conditions ended", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical.ValidUntil = gateAt }, []models.ReasonCode{"TECHNICAL_CONDITIONS_EXPIRED"}, ""},
		{"technical conditions for something else", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical.Purpose = "other" },
			[]models.ReasonCode{"TECHNICAL_CONDITIONS_PURPOSE"}, ""},
		{"point full", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Permitted = 899_999 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"technical conditions full", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Reserved = 600_001 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"feeder full", func(f *models.Facts, _ *models.CheckRequest) { f.Point.FeederLoad = 5_100_001 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"substation full", func(f *models.Facts, _ *models.CheckRequest) { f.Point.SubstationLoad = 24_100_001 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"license full", func(f *models.Facts, _ *models.CheckRequest) { f.License.Load = 1_100_001 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"appendix full", func(f *models.Facts, _ *models.CheckRequest) { f.License.SiteLoad = 100_001 }, []models.ReasonCode{"CAPACITY_EXCEEDED"}, ""},
		{"no supply contract", func(f *models.Facts, _ *models.CheckRequest) { f.Point.SupplyNumber = "" }, []models.ReasonCode{"SUPPLY_CONTRACT_MISSING"}, ""},
		{"supply contract ended", func(f *models.Facts, _ *models.CheckRequest) { f.Point.SupplyUntil = gateAt }, []models.ReasonCode{"SUPPLY_CONTRACT_MISSING"}, ""},
		{"no delineation act", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Act = "" }, []models.ReasonCode{"DELINEATION_ACT_MISSING"}, ""},
		{"no meter", func(f *models.Facts, _ *models.CheckRequest) { f.Meters = nil }, []models.ReasonCode{"METER_NOT_REGISTERED"}, ""},
		{"meter not linked", func(f *models.Facts, _ *models.CheckRequest) { f.Meters = []models.MeterFacts{{Serial: "M1"}} }, []models.ReasonCode{"METER_NOT_LINKED"}, ""},
		{"meter stale", func(f *models.Facts, _ *models.CheckRequest) { f.Meters[0].Last = gateAt.Add(-time.Hour - time.Second) },
			[]models.ReasonCode{"METER_DATA_STALE"}, models.OutcomeRefer},
		{"no automation", func(f *models.Facts, _ *models.CheckRequest) { f.Point.Automation = false }, []models.ReasonCode{"EMERGENCY_AUTOMATION_MISSING"}, ""},
		{"too few rigs", func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 629_999 }, []models.ReasonCode{"EQUIPMENT_MISMATCH"}, models.OutcomeRefer},
		{"too many rigs", func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 990_001 }, []models.ReasonCode{"EQUIPMENT_MISMATCH"}, models.OutcomeRefer},
		{"no rigs yet is a note", func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 0 }, []models.ReasonCode{"EQUIPMENT_MISMATCH"}, models.OutcomePermit},
		{"a bakery at a mining point", func(_ *models.Facts, r *models.CheckRequest) { r.Purpose, r.License, r.Requested = "other", "", 50_000 },
			[]models.ReasonCode{"DECLARED_USE_CHECK"}, models.OutcomeRefer},
		{"a big other load", func(f *models.Facts, r *models.CheckRequest) {
			r.Purpose, r.License, r.Requested = "unknown", "", 100_000
			f.EverMining, f.ClaimedBy, f.License, f.Point.DeclaredUse = false, "", nil, "bakery"
		}, []models.ReasonCode{"DECLARED_USE_CHECK"}, models.OutcomeRefer},
		{"an overdue report", func(f *models.Facts, _ *models.CheckRequest) {
			f.Overdue = []models.OverdueFacts{{Kind: "QUARTERLY_REPORT", Period: "2025-Q4", Due: "2026-01-12"}}
		}, []models.ReasonCode{"OPEN_REMEDY_ORDER"}, models.OutcomeRefer},
		{"declared mining", func(f *models.Facts, r *models.CheckRequest) {
			r.Purpose, r.License, r.Requested = "other", "", 5_000
			f.EverMining, f.ClaimedBy, f.License = false, "", nil
		}, []models.ReasonCode{"DECLARED_USE_CHECK"}, models.OutcomeRefer},
		{"the point went over to another grid company", stands(models.StandingFact{Kind: models.StandingTransfer}), []models.ReasonCode{"CP_NOT_IN_SERVICE_AREA"}, ""},
		{"somebody else claims the point", stands(models.StandingFact{Kind: models.StandingClaim, Claimant: "990840003334"}), []models.ReasonCode{"CP_CLAIMED"}, ""},
		{"no supply at this hour", func(f *models.Facts, _ *models.CheckRequest) {
			f.SupplyByHour, f.Standing = true, []models.StandingFact{{Kind: models.StandingSupply, From: gateAt.Add(-time.Hour), Hours: models.AllHours &^ (1 << 10)}}
		}, []models.ReasonCode{"NO_SUPPLY_BASIS"}, ""},
		{"curtailed", stands(models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopeGrid}), []models.ReasonCode{"CURTAILED"}, ""},
		{"a legal hold", stands(models.StandingFact{Kind: models.StandingHold}), []models.ReasonCode{"LEGAL_HOLD"}, ""},
		{"suspect premises", stands(models.StandingFact{Kind: models.StandingSuspect}), []models.ReasonCode{"SUSPECT_PREMISES"}, models.OutcomeRefer},
		{"the ledger waits for its seal", func(f *models.Facts, _ *models.CheckRequest) { f.Waiting = 5*time.Minute + 1 }, []models.ReasonCode{"REGISTRY_STALE"}, models.OutcomeRefer},
		{"the clock is behind", func(f *models.Facts, _ *models.CheckRequest) { f.Behind = 5*time.Minute + 1 }, []models.ReasonCode{"REGISTRY_STALE"}, models.OutcomeRefer},
		{"nothing wrong", func(*models.Facts, *models.CheckRequest) {}, nil, models.OutcomePermit},
		{"an honest bakery", func(f *models.Facts, r *models.CheckRequest) {
			r.Purpose, r.License, r.Requested = "other", "", 99_999
			f.EverMining, f.ClaimedBy, f.License, f.Holder, f.Point.DeclaredUse = false, "", nil, nil, "bakery"
			f.Meters, f.Point.Automation = nil, false
		}, nil, models.OutcomePermit},
	}
}

func TestDecide_GivesEveryReasonOfTheTableAndOnlyThose(t *testing.T) {
	license, other := gateLicense(t, 42), gateLicense(t, 43)
	reached := map[models.ReasonCode]bool{}
	for _, c := range gateCases(license, other) {
		t.Run(c.name, func(t *testing.T) {
			f, r := gateFacts(license), gateRequest(license)
			c.change(&f, &r)
			d := models.Decide(f, r, gateAt, models.DefaultGateParameters())
			var got []models.ReasonCode
			for _, reason := range d.Reasons {
				got = append(got, reason.Code)
				reached[reason.Code] = true
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			want := c.not
			if want == "" {
				want = models.OutcomeDeny
			}
			if d.Outcome != want {
				t.Errorf("outcome %s, want %s", d.Outcome, want)
			}
			if (d.Outcome == models.OutcomePermit) != (d.Max > 0 && !d.ValidUntil.IsZero()) {
				t.Errorf("%s with max %s until %s", d.Outcome, d.Max, d.ValidUntil)
			}
		})
	}
	for _, code := range models.GateCodes() {
		if code.Ruled != reached[code.Code] {
			t.Errorf("%s: a rule exists = %t, reached by a case = %t", code.Code, code.Ruled, reached[code.Code])
		}
	}
	for _, rule := range models.GateRules() {
		if !slices.ContainsFunc(models.GateCodes(), func(c models.GateCode) bool { return c.Code == rule.Code && c.Severity == rule.Severity && c.Ruled }) {
			t.Errorf("rule %s (%s) is not in the closed list", rule.Code, rule.Severity)
		}
	}
}

func TestDecide_GivesAllFailingReasonsNotTheFirst(t *testing.T) {
	license := gateLicense(t, 42)
	f, r := gateFacts(license), gateRequest(license)
	f.License.State, f.Point.Act, f.Point.Automation, f.Meters[0].Last = models.LicenseSuspended, "", false, time.Time{}
	d := models.Decide(f, r, gateAt, models.DefaultGateParameters())
	if len(d.Reasons) != 4 || d.Outcome != models.OutcomeDeny {
		t.Errorf("%s with %v, want deny with four reasons", d.Outcome, d.Reasons)
	}
}

func TestDecide_ValidUntilIsTheEarliestLimit(t *testing.T) {
	license := gateLicense(t, 42)
	for name, c := range map[string]struct {
		change gateChange
		want   time.Time
	}{
		"a day":   {func(*models.Facts, *models.CheckRequest) {}, gateAt.Add(24 * time.Hour)},
		"license": {func(f *models.Facts, _ *models.CheckRequest) { f.License.ValidUntil = gateAt.Add(3 * time.Hour) }, gateAt.Add(3 * time.Hour)},
		"technical conditions": {func(f *models.Facts, _ *models.CheckRequest) {
			f.Point.Technical.ValidUntil = gateAt.Add(2 * time.Hour)
		}, gateAt.Add(2 * time.Hour)},
		"supply contract": {func(f *models.Facts, _ *models.CheckRequest) { f.Point.SupplyUntil = gateAt.Add(time.Hour) }, gateAt.Add(time.Hour)},
	} {
		f, r := gateFacts(license), gateRequest(license)
		c.change(&f, &r)
		if d := models.Decide(f, r, gateAt, models.DefaultGateParameters()); !d.ValidUntil.Equal(c.want) {
			t.Errorf("%s: valid until %s, want %s", name, d.ValidUntil, c.want)
		}
	}
}

func TestDecide_AChangeOfConsumerTakesOverTheLoadThatIsThere(t *testing.T) {
	license := gateLicense(t, 42)
	f, r := gateFacts(license), gateRequest(license)
	f.Point.Energised, f.Point.FeederLoad, f.License.Load, f.License.SiteLoad = 800_000, 5_500_000, 800_000, 800_000
	r.Event = models.EventChangeOfConsumer
	if d := models.Decide(f, r, gateAt, models.DefaultGateParameters()); d.Outcome != models.OutcomePermit || d.Reserve != 100_000 {
		t.Errorf("%s reserving %s (%v), want permit reserving 100 kW", d.Outcome, d.Reserve, d.Reasons)
	}
}

func TestDecide_AddingAFailingFactNeverTurnsADenyIntoAPermit(t *testing.T) {
	license, other := gateLicense(t, 42), gateLicense(t, 43)
	var damages []gateChange
	for _, c := range gateCases(license, other) {
		if len(c.want) > 0 && c.not == "" && !strings.Contains(c.name, "pending") {
			damages = append(damages, c.change)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f, r := gateFacts(license), gateRequest(license)
		denied := false
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(damages)-1), 1, 6).Draw(t, "damages") {
			if f.Point == nil || f.License == nil || f.Holder == nil || len(f.Meters) == 0 {
				break // what is gone cannot be damaged further
			}
			damages[i](&f, &r)
			outcome := models.Decide(f, r, gateAt, models.DefaultGateParameters()).Outcome
			if denied = denied || outcome == models.OutcomeDeny; denied && outcome != models.OutcomeDeny {
				t.Fatalf("after one more failing fact the deny became %s", outcome)
			}
		}
		if !denied {
			t.Fatal("no damage was denied: the property was not tested")
		}
	})
}

func TestRulesVersion_ChangesWithTheParameters(t *testing.T) {
	p := models.DefaultGateParameters()
	before := models.RulesVersion(p)
	p.StaleMeter++
	if after := models.RulesVersion(p); after == before || len(before) < 12 {
		t.Errorf("version %s then %s, want two of 12 characters or more", before, after)
	}
}
