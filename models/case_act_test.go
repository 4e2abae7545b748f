package models

import (
	"slices"
	"testing"
	"time"
)

func TestNewCaseAct_EachKindHasItsOwnFieldsAndNoOthers(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		act  CaseAct
		want []string
	}{
		"a note":                          {CaseAct{Kind: CaseNoted, Text: "Called the owner."}, nil},
		"an empty note":                   {CaseAct{Kind: CaseNoted, Text: "  "}, []string{"/text required"}},
		"a note with an agency":           {CaseAct{Kind: CaseNoted, Text: "x", Agency: "police"}, []string{"/agency not_here"}},
		"a referral":                      {CaseAct{Kind: CaseReferred, Agency: "financial_monitoring", Number: "12-4/77", On: "2026-03-02", CriminalCase: "1"}, nil},
		"a referral to nobody":            {CaseAct{Kind: CaseReferred, Number: "1", On: "2026-03-02"}, []string{"/agency unknown"}},
		"a referral of tomorrow":          {CaseAct{Kind: CaseReferred, Agency: "tax", Number: "1", On: "2026-03-03"}, []string{"/on date"}},
		"a referral without paper":        {CaseAct{Kind: CaseReferred, Agency: "tax"}, []string{"/on date", "/number required"}},
		"a seizure":                       {CaseAct{Kind: CaseSeized, Number: "P-1", On: "2026-03-01", Rigs: 40, Money: 100}, nil},
		"a seizure of nothing":            {CaseAct{Kind: CaseSeized, Number: "P-1", On: "2026-03-01"}, []string{"/rigs required"}},
		"fewer machines than numbers":     {CaseAct{Kind: CaseSeized, Number: "P-1", On: "2026-03-01", Agency: "police", Place: "Depot", Rigs: 1, Serials: []string{"A", "B"}}, []string{"/rigs range"}},
		"an empty serial number":          {CaseAct{Kind: CaseSeized, Agency: "police", Place: "Depot", Number: "P-1", On: "2026-03-01", Serials: []string{" "}}, []string{"/serials format"}},
		"machines taken by nobody":        {CaseAct{Kind: CaseSeized, Place: "Depot", Number: "P-1", On: "2026-03-01", Serials: []string{"A"}}, []string{"/agency required"}},
		"machines that lie nowhere":       {CaseAct{Kind: CaseSeized, Agency: "police", Number: "P-1", On: "2026-03-01", Serials: []string{"A"}}, []string{"/place required"}},
		"one machine twice":               {CaseAct{Kind: CaseSeized, Agency: "police", Place: "Depot", Number: "P-1", On: "2026-03-01", Serials: []string{"AB-1", "ab 1"}}, []string{"/serials/1 twice"}},
		"a release":                       {CaseAct{Kind: CaseReleased, Number: "R-1", On: "2026-03-01"}, nil},
		"a release without paper":         {CaseAct{Kind: CaseReleased}, []string{"/on date", "/number required"}},
		"a release with money":            {CaseAct{Kind: CaseReleased, Number: "R-1", On: "2026-03-01", Money: 1}, []string{"/money_kzt not_here"}},
		"a ruling about listed machines":  {CaseAct{Kind: CaseJudged, Number: "3-1", On: "2026-02-28", Ruling: "convicted", Serials: []string{"A"}, Fate: RigConfiscated}, nil},
		"a ruling that leaves it open":    {CaseAct{Kind: CaseJudged, Number: "3-1", On: "2026-02-28", Ruling: "convicted", Serials: []string{"A"}}, []string{"/fate required"}},
		"a fate that there is not":        {CaseAct{Kind: CaseJudged, Number: "3-1", On: "2026-02-28", Ruling: "convicted", Fate: "burnt"}, []string{"/fate unknown"}},
		"a place of a referral":           {CaseAct{Kind: CaseReferred, Agency: "tax", Number: "1", On: "2026-03-01", Place: "Depot"}, []string{"/place not_here"}},
		"a fine":                          {CaseAct{Kind: CaseJudged, Number: "3-1", On: "2026-02-28", Ruling: "convicted", Money: 50_000_00}, nil},
		"a ruling that no court can make": {CaseAct{Kind: CaseJudged, Number: "3-1", On: "2026-02-28", Ruling: "maybe"}, []string{"/ruling unknown"}},
		"something else":                  {CaseAct{Kind: "raid", Number: "1", On: "2026-02-28"}, []string{"/kind unknown"}},
	} {
		got, err := NewCaseAct(c.act, Actor{ID: "u"}, at)
		if codes := fieldCodes(err); !slices.Equal(codes, c.want) || err == nil && (got.By != "u" || !got.At.Equal(at)) {
			t.Errorf("%s: %v, want %v", name, codes, c.want)
		}
	}
	if got, _ := NewCaseAct(CaseAct{Kind: CaseSeized, Number: "P-1", On: "2026-03-01", Agency: "police", Place: "Depot", Serials: []string{"A", "B"}}, Actor{}, at); got.Rigs != 2 {
		t.Errorf("two serial numbers are %d machines", got.Rigs)
	}
}

func TestCase_ItsEndTellsDetectionWhetherItWasRight(t *testing.T) {
	for _, c := range []struct {
		end              Case
		confirmed, known bool
	}{
		{Case{State: CaseInvestigating}, false, false},
		{Case{State: CaseDismissalDrafted, Dismissal: DismissedOtherLoad}, false, false},
		{Case{State: CaseDismissed, Dismissal: DismissedOtherLoad}, false, true},
		{Case{State: CaseDismissed, Dismissal: DismissedNoEvidence}, false, false},
		{Case{State: CaseDismissed, Dismissal: DismissedDuplicate}, false, false},
		{Case{State: CaseClosed, Outcome: CasePenalised}, true, true},
		{Case{State: CaseClosed, Outcome: CaseLegalised}, true, true},
		{Case{State: CaseClosed, Outcome: CaseAcquitted}, false, true},
	} {
		if confirmed, known := c.end.Confirms(); confirmed != c.confirmed || known != c.known {
			t.Errorf("%s %s%s: %v, %v", c.end.State, c.end.Dismissal, c.end.Outcome, confirmed, known)
		}
	}
}
