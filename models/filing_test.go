package models

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var filingAt = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// fitFiling gives an application of a kind that is fit to be filed, and the world that
// it is filed in.
func fitFiling(kind ApplicationKind) (Filing, Application) {
	site := Site{ID: "s1", Code: "S-1", Owner: "p1", HostCapacity: 2_000_000, ConnectionCode: []string{"CP1"}}
	base := License{Number: "KZ18DMA00000042", Version: 3, SubType: SubTypeI, State: LicenseActive, Holder: "p1", ValidFrom: filingAt.AddDate(-2, 0, 0),
		ValidUntil: filingAt.AddDate(0, 2, 0), Sites: []LicensedSite{{Appendix: "001", Site: "s1", SiteCode: "S-1", ConnectionPoints: []string{"CP1"}, Approved: 500_000}}}
	f := Filing{Applicant: Party{ID: "p1", Resident: true, Size: SizeLarge, State: PartyActive}, Sites: map[string]Site{"s1": site}, At: filingAt,
		Rules:   PartyRules{{Code: RulePartySize, Allowed: []string{"medium", "large"}, LegalRef: "Law 193-VII"}},
		Reasons: []string{"name_changed", "power_changed", "lost", "own_wish"}, RenewalFrom: "2026-02-01",
		Points:       map[string]PointLimit{"CP1": {Feeder: "f", Permitted: 2_000_000}},
		Requirements: []Requirement{{Code: "LAND_USE", NeedsFile: true}, {Code: "METERING"}}, Attached: map[string]int{"LAND_USE": 1}}
	a := Application{Kind: kind, SubType: SubTypeI, Language: "kk", Documents: DocumentsAttached}
	rule, _ := RuleOf(kind)
	if rule.Base != nil {
		f.Base, a.Base = &base, base.Number
	}
	if rule.Reasoned {
		a.Reason = map[ApplicationKind]string{ApplicationReissue: "name_changed", ApplicationAppendixChange: "power_changed",
			ApplicationDuplicate: "lost", ApplicationTermination: "own_wish"}[kind]
	}
	if rule.Sites == NeedRequired {
		a.Declared = 900_000
		a.Sites = []ApplicationSite{{Site: "s1", SiteCode: "S-1", ConnectionPoints: []string{"CP1"}, Approved: 900_000}}
	}
	if rule.Supply == NeedRequired {
		a.SupplyBasis = "auction"
	}
	if rule.Equipment == NeedRequired {
		a.Equipment = []DeclaredEquipment{{Manufacturer: "Bitmain", Model: "S21", Units: 250, Nameplate: 3500}}
	}
	return f, a
}

func problemsOf(err error) []string {
	var out []string
	if e, ok := err.(*Error); ok { //nolint:errorlint // Check gives it bare
		for _, f := range e.Fields {
			out = append(out, f.Pointer+" "+f.Code)
		}
	}
	return out
}

func TestFiling_EveryKindCanBeFiledAndEachMissingAnswerIsNamedByField(t *testing.T) {
	for _, kind := range ApplicationKinds() {
		f, a := fitFiling(kind)
		if err := f.Check(a); err != nil {
			t.Errorf("a fit %s is refused: %v", kind, err)
		}
		if tasks := f.Tasks(a); !Ready(tasks) {
			t.Errorf("a fit %s has tasks %+v", kind, tasks)
		}
	}
	for name, c := range map[string]struct {
		kind   ApplicationKind
		change func(f *Filing, a *Application)
		want   []string
	}{
		"an issue about a license": {ApplicationIssue, func(_ *Filing, a *Application) { a.Base = "KZ18DMA00000042" }, []string{"/base_license not_allowed"}},
		"no such kind":             {ApplicationIssue, func(_ *Filing, a *Application) { a.Kind = "gift" }, []string{"/kind unknown"}},
		"no base":                  {ApplicationDuplicate, func(_ *Filing, a *Application) { a.Base = "" }, []string{"/base_license required"}},
		"a base that is not there": {ApplicationDuplicate, func(f *Filing, _ *Application) { f.Base = nil }, []string{"/base_license unknown"}},
		"somebody else's license":  {ApplicationRenewal, func(f *Filing, _ *Application) { f.Base.Holder = "p2" }, []string{"/base_license unknown"}},
		"a merged holder's, reorganised": {ApplicationReissue, func(f *Filing, a *Application) {
			f.Base.Holder, a.Reason, f.Reasons = "p2", ReasonReorganisation, []string{ReasonReorganisation}
		}, nil},
		"a suspended license, re-issue":     {ApplicationReissue, func(f *Filing, _ *Application) { f.Base.State = LicenseSuspended }, []string{"/base_license state"}},
		"a suspended license, renewal":      {ApplicationRenewal, func(f *Filing, _ *Application) { f.Base.State = LicenseSuspended }, nil},
		"a license that ended this instant": {ApplicationRenewal, func(f *Filing, _ *Application) { f.Base.ValidUntil = filingAt }, []string{"/base_license state"}},
		"a superseded license":              {ApplicationTermination, func(f *Filing, _ *Application) { f.Base.State = LicenseSuperseded }, []string{"/base_license state"}},
		"another change pending":            {ApplicationAppendixChange, func(f *Filing, _ *Application) { f.Pending = "A-1" }, []string{"/base_license pending"}},
		"another sub-type than the base":    {ApplicationRenewal, func(_ *Filing, a *Application) { a.SubType = SubTypeII }, []string{"/sub_type mismatch"}},
		"a renewal too early":               {ApplicationRenewal, func(f *Filing, _ *Application) { f.RenewalFrom = "2026-03-03" }, []string{"/base_license early"}},
		"a renewal on its first day":        {ApplicationRenewal, func(f *Filing, _ *Application) { f.RenewalFrom = "2026-03-02" }, nil},
		"no reason":                         {ApplicationTermination, func(_ *Filing, a *Application) { a.Reason = "" }, []string{"/reason required"}},
		"a reason of no law":                {ApplicationReissue, func(_ *Filing, a *Application) { a.Reason = "boredom" }, []string{"/reason unknown"}},
		"a duplicate with sites":            {ApplicationDuplicate, func(_ *Filing, a *Application) { a.Sites = []ApplicationSite{{Site: "s1"}} }, []string{"/sites not_allowed"}},
		"a small business may end":          {ApplicationTermination, func(f *Filing, _ *Application) { f.Applicant.Size = SizeSmall }, nil},
		"a small business may not begin":    {ApplicationRenewal, func(f *Filing, _ *Application) { f.Applicant.Size = SizeSmall }, []string{"/applicant size"}},
		"an unknown point":                  {ApplicationIssue, func(f *Filing, _ *Application) { f.Points = map[string]PointLimit{} }, []string{"/sites/0/connection_points/0 unknown"}},
		"no file":                           {ApplicationIssue, func(f *Filing, _ *Application) { f.Attached = nil }, []string{"/documents/LAND_USE required"}},
		"no file, on paper":                 {ApplicationIssue, func(f *Filing, a *Application) { f.Attached, a.Documents = nil, DocumentsPaper }, nil},
		"documents by pigeon":               {ApplicationIssue, func(_ *Filing, a *Application) { a.Documents = "pigeon" }, []string{"/documents unknown"}},
		"a fee unpaid":                      {ApplicationReissue, func(f *Filing, _ *Application) { f.Fee = 1 }, []string{"/fee_paid_kzt range", "/fee_document required"}},
		"tenants fill the site":             {ApplicationIssue, func(f *Filing, _ *Application) { f.Hosted = map[string]Watts{"s1": 1_100_001} }, []string{"/sites/0/approved_kw host_capacity"}},
		"tenants leave just enough":         {ApplicationIssue, func(f *Filing, _ *Application) { f.Hosted = map[string]Watts{"s1": 1_100_000} }, nil},
		"an appendix change of no appendix": {ApplicationAppendixChange, func(_ *Filing, a *Application) { a.Sites = nil }, []string{"/sites required"}},
		"a renewal with sites that are fine": {ApplicationRenewal, func(_ *Filing, a *Application) {
			a.Sites, a.Declared = []ApplicationSite{{Site: "s1", ConnectionPoints: []string{"CP1"}, Approved: 5}}, 5
		}, nil},
	} {
		f, a := fitFiling(c.kind)
		c.change(&f, &a)
		err := f.Check(a)
		if got := problemsOf(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if ready := Ready(f.Tasks(a)); ready != (err == nil) {
			t.Errorf("%s: tasks say ready %v and Check says %v", name, ready, err)
		}
	}
}

func TestFiling_ATenantNeedsAContractThatRuns(t *testing.T) {
	f, a := fitFiling(ApplicationIssue)
	a.SubType, a.SupplyBasis, a.Host, a.Sites[0].ConnectionPoints = SubTypeII, "", "KZ18DMA00000042", nil
	f.Host = &License{Number: "KZ18DMA00000042", SubType: SubTypeI, State: LicenseActive, Holder: "p9", ValidUntil: filingAt.AddDate(1, 0, 0), Sites: []LicensedSite{{Site: "s1"}}}
	for name, c := range map[string]struct {
		contract HostContract
		want     []string
	}{
		"none":           {HostContract{}, []string{"/host_contract/number required", "/host_contract/date required"}},
		"without end":    {HostContract{"H-1", "2026-03-02", ""}, nil},
		"until today":    {HostContract{"H-1", "2026-01-02", "2026-03-02"}, nil},
		"ended":          {HostContract{"H-1", "2026-01-02", "2026-03-01"}, []string{"/host_contract/until range"}},
		"of tomorrow":    {HostContract{"H-1", "2026-03-03", ""}, []string{"/host_contract/date range"}},
		"of no day":      {HostContract{"H-1", "2026-02-30", ""}, []string{"/host_contract/date required"}},
		"until whenever": {HostContract{"H-1", "2026-02-03", "some day"}, []string{"/host_contract/until format"}},
	} {
		a.HostContract = c.contract
		if got := problemsOf(f.Check(a)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTasks_WaitForOneAnotherAndLeaveOutWhatIsNotAsked(t *testing.T) {
	states := func(f Filing, a Application) string {
		var out []string
		for _, task := range f.Tasks(a) {
			out = append(out, task.Code+" "+string(task.State))
		}
		return strings.Join(out, ", ")
	}
	empty := Application{Kind: ApplicationIssue, SubType: SubTypeI, Language: "kk", Documents: DocumentsAttached}
	f, _ := fitFiling(ApplicationIssue)
	f.Attached, f.Fee = nil, 100
	if got, want := states(f, empty), "kind done, applicant done, contact done, host not_needed, site todo, points blocked, power blocked, "+
		"equipment todo, supply todo, fee todo, documents todo"; got != want {
		t.Errorf("an empty draft:\n%s, want\n%s", got, want)
	}
	f, end := fitFiling(ApplicationTermination)
	f.Requirements = nil
	if got, want := states(f, end), "kind done, applicant done, contact done, host not_needed, site not_needed, points not_needed, power not_needed, "+
		"equipment not_needed, supply not_needed, fee not_needed, documents not_needed"; got != want {
		t.Errorf("a termination:\n%s, want\n%s", got, want)
	}
	end.Base = ""
	if got := f.Tasks(end)[0]; got.State != FilingTodo || got.Problems[0].Pointer != "/base_license" {
		t.Errorf("without a base license the kind is %+v", got)
	}
}

func TestFeeOf_IsAPercentageOfTheIssueFeeAtTheValueOfTheIndex(t *testing.T) {
	mci := LegalValue{Value: 432_500}
	for _, c := range []struct {
		units, percent int64
		due            Tiyn
		milli          int64
	}{{2000, 100, 865_000_000, 2_000_000}, {2000, 10, 86_500_000, 200_000}, {5, 10, 216_250, 500}, {5, 100, 2_162_500, 5000}} {
		if got := FeeOf(LegalValue{Value: c.units, LegalRef: "l"}, mci, c.percent); got.Due != c.due || got.MilliMCI != c.milli || got.MCI != 432_500 || got.LegalRef != "l" {
			t.Errorf("%d MCI at %d %%: %+v, want %d tiyn and %d thousandths", c.units, c.percent, got, c.due, c.milli)
		}
	}
}
