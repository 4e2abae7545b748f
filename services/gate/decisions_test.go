package gate

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// decisionsAt is the instant of the decision table: 10:00 in Astana.
var decisionsAt = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

// tableCase is the request that the head of the table describes, with its facts.
func tableCase(t *testing.T) (models.Facts, models.CheckRequest) {
	number, err := models.NewLicenseNumber("DMA", 42)
	if err != nil {
		t.Fatal(err)
	}
	at := decisionsAt
	return models.Facts{
			Utility: "u1",
			Point: &models.PointFacts{ID: "p1", Code: pointCode, State: "planned", DeclaredUse: "mining", Permitted: 2_000_000,
				Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_500_000, Purpose: "mining", ValidUntil: at.AddDate(1, 0, 0)},
				Act:       "A-1", SupplyNumber: "S-1", SupplyUntil: at.AddDate(0, 6, 0), Automation: true, FeederLimit: 6_000_000, SubstationLimit: 25_000_000},
			Holder: &models.HolderFacts{Bin: holderBin, State: models.PartyActive},
			License: &models.LicenseFacts{Number: number, Version: 3, SubType: models.SubTypeI, State: models.LicenseActive, HolderBin: holderBin,
				ValidFrom: at.AddDate(-1, 0, 0), ValidUntil: at.AddDate(2, 0, 0), Covers: true, Approved: 2_000_000, SiteApproved: 1_000_000},
			ClaimedBy: number, EverMining: true,
			Meters:    []models.MeterFacts{{Serial: "M1", Linked: true, Last: at.Add(-time.Minute)}},
			Equipment: 900_000,
		}, models.CheckRequest{Reference: "WO-1", ConnectionPoint: pointCode, Applicant: holderBin, License: number,
			Requested: 900_000, Purpose: models.PurposeMining, Event: models.EventNewConnection}
}

type words func(f *models.Facts, r *models.CheckRequest)

func license(s models.LicenseState) words {
	return func(f *models.Facts, _ *models.CheckRequest) { f.License.State = s }
}

// stands adds a standing fact that begins so long after the instant of the table.
func stands(s models.StandingFact, begins time.Duration) words {
	s.From = decisionsAt.Add(begins)
	return func(f *models.Facts, _ *models.CheckRequest) {
		f.Standing = append(f.Standing, s)
		f.SupplyByHour = f.SupplyByHour || s.Kind == models.StandingSupply
	}
}

func subTypeII(host models.LicenseState) words {
	return func(f *models.Facts, _ *models.CheckRequest) {
		f.License.SubType, f.License.HostNumber = models.SubTypeII, "host"
		f.Host = &models.LicenseFacts{Number: "host", State: host, ValidUntil: decisionsAt.AddDate(1, 0, 0)}
	}
}

func bakery(power models.Watts) words {
	return func(f *models.Facts, r *models.CheckRequest) {
		r.Purpose, r.License, r.Requested = models.PurposeOther, "", power
		f.EverMining, f.ClaimedBy, f.License, f.Holder, f.Point.DeclaredUse = false, "", nil, nil, "bakery"
	}
}

const day = 24 * time.Hour

// licenseWords and the maps after it give each phrase of the table its meaning.
func licenseWords() map[string]words {
	return map[string]words{
		"nothing": func(*models.Facts, *models.CheckRequest) {},
		"the grid company has no connection point with this code": func(f *models.Facts, _ *models.CheckRequest) { f.Point, f.Meters = nil, nil },
		"the connection point was removed":                        func(f *models.Facts, _ *models.CheckRequest) { f.Point.State = "removed" },
		"another license in force covers the point":               func(f *models.Facts, _ *models.CheckRequest) { f.ClaimedBy = "another" },
		"the BIN breaks the rules of its digits": func(f *models.Facts, r *models.CheckRequest) {
			r.Applicant, f.Holder, f.License.HolderBin = "210440038888", nil, "210440038888"
		},
		"the license number breaks the rules of its digits": func(f *models.Facts, r *models.CheckRequest) {
			r.License, f.License, f.ClaimedBy = "KZ00DMA00000042", nil, ""
		},
		"the applicant is no party of the register":                 func(f *models.Facts, _ *models.CheckRequest) { f.Holder = nil },
		"the applicant is in liquidation":                           func(f *models.Facts, _ *models.CheckRequest) { f.Holder.State = models.PartyInLiquidation },
		"the applicant is bankrupt":                                 func(f *models.Facts, _ *models.CheckRequest) { f.Holder.State = models.PartyBankrupt },
		"the license is somebody else's":                            func(f *models.Facts, _ *models.CheckRequest) { f.License.HolderBin = otherBin },
		"there is no license":                                       func(f *models.Facts, r *models.CheckRequest) { f.License, f.ClaimedBy, r.License = nil, "", "" },
		"an application is being examined":                          func(f *models.Facts, _ *models.CheckRequest) { f.Pending = true },
		"the license begins tomorrow":                               func(f *models.Facts, _ *models.CheckRequest) { f.License.ValidFrom = decisionsAt.Add(day) },
		"the license expires tomorrow":                              func(f *models.Facts, _ *models.CheckRequest) { f.License.ValidUntil = decisionsAt.Add(day) },
		"the work is planned in two days":                           func(_ *models.Facts, r *models.CheckRequest) { r.PlannedAt = decisionsAt.Add(2 * day) },
		"the license is suspended":                                  license(models.LicenseSuspended),
		"the license has expired":                                   license(models.LicenseExpired),
		"the license is revoked":                                    license(models.LicenseRevoked),
		"the license was ended by its holder":                       license(models.LicenseTerminated),
		"the license was replaced by another":                       license(models.LicenseSuperseded),
		"the license is of sub-type II and its host's is in force":  subTypeII(models.LicenseActive),
		"the license is of sub-type II and its host's is suspended": subTypeII(models.LicenseSuspended),
		"the license does not name the point":                       func(f *models.Facts, _ *models.CheckRequest) { f.License.Covers, f.ClaimedBy = false, "" },
	}
}

func pointWords() map[string]words {
	return map[string]words{
		"there are no technical conditions":           func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical = models.TechnicalConditions{} },
		"the technical conditions have ended":         func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical.ValidUntil = decisionsAt },
		"the technical conditions are not for mining": func(f *models.Facts, _ *models.CheckRequest) { f.Point.Technical.Purpose = "other" },
		"100.001 kW are energised in the appendix":    func(f *models.Facts, _ *models.CheckRequest) { f.License.SiteLoad, f.Equipment = 100_001, 1_000_001 },
		"the feeder has 899 kW left":                  func(f *models.Facts, _ *models.CheckRequest) { f.Point.FeederLoad = 5_101_000 },
		"the feeder has 900 kW left":                  func(f *models.Facts, _ *models.CheckRequest) { f.Point.FeederLoad = 5_100_000 },
		"there is no supply contract":                 func(f *models.Facts, _ *models.CheckRequest) { f.Point.SupplyNumber = "" },
		"the supply contract has ended":               func(f *models.Facts, _ *models.CheckRequest) { f.Point.SupplyUntil = decisionsAt },
		"there is no delineation act":                 func(f *models.Facts, _ *models.CheckRequest) { f.Point.Act = "" },
		"the point has no revenue meter":              func(f *models.Facts, _ *models.CheckRequest) { f.Meters = nil },
		"the meter has no link and was never read":    func(f *models.Facts, _ *models.CheckRequest) { f.Meters = []models.MeterFacts{{Serial: "M1"}} },
		"the meter was last read two hours ago":       func(f *models.Facts, _ *models.CheckRequest) { f.Meters[0].Last = decisionsAt.Add(-2 * time.Hour) },
		"emergency automation was not accepted":       func(f *models.Facts, _ *models.CheckRequest) { f.Point.Automation = false },
		"a report is overdue": func(f *models.Facts, _ *models.CheckRequest) {
			f.Overdue = []models.OverdueFacts{{Kind: "QUARTERLY_REPORT", Period: "2026-Q3", Due: "2026-10-12"}}
		},
		"registered rigs are 629 kW":                                   func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 629_000 },
		"registered rigs are 991 kW":                                   func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 991_000 },
		"no rig is registered yet":                                     func(f *models.Facts, _ *models.CheckRequest) { f.Equipment = 0 },
		"the applicant is a bakery that asks for 50 kW":                bakery(50_000),
		"the applicant is a bakery that asks for 100 kW":               bakery(100_000),
		"the point was on a license before":                            func(f *models.Facts, _ *models.CheckRequest) { f.EverMining = true },
		"entries of the ledger have waited six minutes for their seal": func(f *models.Facts, _ *models.CheckRequest) { f.Waiting = 6 * time.Minute },
		"the clock is six minutes behind the ledger":                   func(f *models.Facts, _ *models.CheckRequest) { f.Behind = 6 * time.Minute },
	}
}

func standingWords() map[string]words {
	transfer := models.StandingFact{Kind: models.StandingTransfer, Scope: models.ScopeFeeder}
	claim := models.StandingFact{Kind: models.StandingClaim, Scope: models.ScopePoint, Claimant: otherBin}
	own := claim
	own.Claimant = holderBin
	auction := models.StandingFact{Kind: models.StandingSupply, Scope: models.ScopeLicense, Source: "auction", Hours: 1<<10 | 1<<11}
	night, short, over, generation := auction, auction, auction, auction
	night.Hours, short.Power, over.Until = 1<<22|1<<23, 899_000, decisionsAt
	generation.Source, generation.Power = "own_generation", 1000
	curtailed := models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopePoint}
	leaves, mining, past := curtailed, curtailed, curtailed
	leaves.Power, mining.Scope, mining.MiningOnly, past.Until = 900_000, models.ScopeGrid, true, decisionsAt.Add(-day)
	return map[string]words{
		"the place went over to another grid company yesterday":   stands(transfer, -day),
		"the place goes over to another grid company tomorrow":    stands(transfer, day),
		"somebody else claims the point":                          stands(claim, -day),
		"the applicant claims the point":                          stands(own, -day),
		"supply from the auction covers 10:00 to 12:00":           stands(auction, -day),
		"supply from the auction covers 22:00 to 24:00":           stands(night, -day),
		"supply from the auction is 899 kW":                       stands(short, -day),
		"own generation gives 1 kW":                               stands(generation, -day),
		"supply from the auction has ended":                       stands(over, -day),
		"consumption at the point is restricted":                  stands(curtailed, -day),
		"consumption at the point is restricted to 900 kW":        stands(leaves, -day),
		"mining is restricted in the whole grid":                  stands(mining, -day),
		"consumption at the point is restricted from tomorrow":    stands(curtailed, day),
		"consumption at the point was restricted until yesterday": stands(past, -2*day),
		"a court has put a hold on the license":                   stands(models.StandingFact{Kind: models.StandingHold, Scope: models.ScopeLicense}, -day),
		"the premises are on the list of suspects":                stands(models.StandingFact{Kind: models.StandingSuspect, Scope: models.ScopePoint}, -day),
	}
}

// tableRow is a row of the table as it is written.
type tableRow struct {
	facts, answer string
	codes         []models.ReasonCode
}

func readTable(t *testing.T) (rules string, rows []tableRow) {
	text, err := os.ReadFile("testdata/decisions.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if version, found := strings.CutPrefix(line, "Rules version: "); found {
			rules = version
		}
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(line, "|---") || strings.Contains(line, "Facts that differ") {
			continue
		}
		row := tableRow{facts: strings.TrimSpace(cells[1]), answer: strings.TrimSpace(cells[2])}
		for code := range strings.SplitSeq(cells[3], ",") {
			if code = strings.TrimSpace(code); code != "" {
				row.codes = append(row.codes, models.ReasonCode(code))
			}
		}
		rows = append(rows, row)
	}
	return rules, rows
}

func TestDecisionTable_EveryRowIsWhatTheRulesSayAndEveryCodeHasARow(t *testing.T) {
	phrases := licenseWords()
	for _, more := range []map[string]words{pointWords(), standingWords()} {
		for phrase, meaning := range more {
			phrases[phrase] = meaning
		}
	}
	rules, rows := readTable(t)
	used, reached := map[string]bool{}, map[models.ReasonCode]bool{}
	for _, row := range rows {
		f, r := tableCase(t)
		for phrase := range strings.SplitSeq(row.facts, ";") {
			phrase = strings.TrimSpace(phrase)
			meaning, known := phrases[phrase]
			if !known {
				t.Fatalf("%q has no meaning in the test", phrase)
			}
			used[phrase] = true
			meaning(&f, &r)
		}
		d := models.Decide(f, r, decisionsAt, models.DefaultGateParameters())
		var got []models.ReasonCode
		for _, reason := range d.Reasons {
			got, reached[reason.Code] = append(got, reason.Code), true
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(row.codes))
		if string(d.Outcome) != row.answer || !slices.Equal(got, want) {
			t.Errorf("%s: %s %v, the table says %s %v", row.facts, d.Outcome, got, row.answer, want)
		}
	}
	for _, code := range models.GateCodes() {
		if !reached[code.Code] {
			t.Errorf("no row gives %s", code.Code)
		}
	}
	for phrase := range phrases {
		if !used[phrase] {
			t.Errorf("%q is in no row", phrase)
		}
	}
	if version := models.RulesVersion(models.DefaultGateParameters()); rules != version {
		t.Errorf("the table is of the rules %s, these are %s: look at every row, then write the new version into the table", rules, version)
	}
}
