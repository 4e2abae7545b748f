package models

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func granted(kind ApplicationKind, base string, sites ...ApplicationSite) Application {
	return Application{ID: "app2", Number: "A-2", Kind: kind, State: ApplicationGranted, Applicant: "p1", Base: base, Reason: "r", Sites: sites,
		Decision: &Decision{Outcome: OutcomeGrant, Drafter: "u1", Signer: "u2", Order: "DM-2"}}
}

func licenseOf(number string) License {
	return License{Number: number, Version: 1, SubType: SubTypeI, State: LicenseActive, Holder: "p1", HolderName: "Old", Application: "app1", FirstIssued: "2024-05-02",
		Issued: "2024-05-02", ValidFrom: filingAt.AddDate(-2, 0, 0), ValidUntil: time.Date(2027, 5, 2, 19, 0, 0, 0, time.UTC), EffectiveAt: filingAt.AddDate(-2, 0, 0),
		Verification: "AAAA-BBBB-CCCC", Drafter: "u1", Signer: "u2", Approved: 700,
		Sites: []LicensedSite{{Appendix: "001", Site: "s1", SiteCode: "S-1", ConnectionPoints: []string{"CP1", "CP2"}, Approved: 500},
			{Appendix: "002", Site: "s2", SiteCode: "S-2", ConnectionPoints: []string{"CP3"}, Approved: 200}}}
}

func number(t testing.TB, n int64) string {
	t.Helper()
	s, err := NewLicenseNumber("DMA", n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReissue_SupersedesInOneInstantAndKeepsTermAndFirstIssue(t *testing.T) {
	old := licenseOf(number(t, 1))
	g := Grant{Number: number(t, 2), Verification: "DDDD-EEEE-FFFF", Years: 3, Holder: Party{BinOrIin: "210440038887", NameKk: "Жаңа", NameRu: "Новое"}}
	last, first, err := old.Reissue(granted(ApplicationReissue, old.Number), g, filingAt)
	if err != nil {
		t.Fatal(err)
	}
	if last.State != LicenseSuperseded || last.Version != 2 || last.Number != old.Number || last.InForce(filingAt) || !last.EffectiveAt.Equal(filingAt) {
		t.Errorf("last = %+v", last)
	}
	if first.State != LicenseActive || first.Version != 1 || first.Number != g.Number || !first.InForce(filingAt) || first.FirstIssued != "2024-05-02" ||
		first.Issued != "2026-03-02" || !first.ValidUntil.Equal(old.ValidUntil) || first.HolderName != g.Holder.Name() || first.Verification != g.Verification ||
		first.Application != "app2" || first.Approved != 700 || len(first.Sites) != 2 {
		t.Errorf("first = %+v", first)
	}
	old.State = LicenseSuspended
	if _, _, err := old.Reissue(granted(ApplicationReissue, old.Number), g, filingAt); CodeOf(err) != CodeConflict {
		t.Errorf("a suspended license re-issued: %v, want a conflict", err)
	}
}

func TestChangeAppendices_KeepsNumbersOfSitesThatStayAndGivesNewOnesToNew(t *testing.T) {
	old := licenseOf(number(t, 1))
	n, err := old.ChangeAppendices(granted(ApplicationAppendixChange, old.Number, ApplicationSite{Site: "s3", ConnectionPoints: []string{"CP9"}, Approved: 50},
		ApplicationSite{Site: "s1", ConnectionPoints: []string{"CP1"}, Approved: 400}), filingAt)
	if err != nil || n.Version != 2 || n.Number != old.Number || n.State != LicenseActive || n.Approved != 450 || len(n.Sites) != 2 {
		t.Fatalf("changed = %+v (%v)", n, err)
	}
	if n.Sites[0].Appendix != "001" || n.Sites[0].Site != "s1" || n.Sites[0].Approved != 400 || n.Sites[1].Appendix != "003" || n.Sites[1].Site != "s3" {
		t.Errorf("appendices = %+v", n.Sites)
	}
	if got := Dropped(old, n); !slices.Equal(got, []string{"CP2", "CP3"}) {
		t.Errorf("dropped = %v", got)
	}
	if old.Approved != 700 || old.Sites[0].Approved != 500 {
		t.Errorf("the version before was changed: %+v", old)
	}
}

func TestRenew_ExtendsFromTheOldEndAndASuspensionGoesOn(t *testing.T) {
	old := licenseOf(number(t, 1))
	n, err := old.Renew(granted(ApplicationRenewal, old.Number), 3, filingAt)
	if want := time.Date(2030, 5, 2, 19, 0, 0, 0, time.UTC); err != nil || !n.ValidUntil.Equal(want) || n.Version != 2 || n.State != LicenseActive || len(n.Sites) != 2 {
		t.Errorf("renewed until %s (%v), want %s: %+v", n.ValidUntil, err, want, n)
	}
	old.State, old.Suspension = LicenseSuspended, &Suspension{Ground: "X", Months: 2, From: filingAt, Until: filingAt.AddDate(0, 2, 0)}
	n, err = old.Renew(granted(ApplicationRenewal, old.Number), 3, filingAt)
	if err != nil || n.State != LicenseSuspended || n.Suspension == nil || n.Suspension.Months != 2 {
		t.Errorf("a suspended license renewed: %+v (%v), want it suspended still", n, err)
	}
	if _, err := old.Renew(granted(ApplicationRenewal, old.Number), 3, old.ValidUntil); CodeOf(err) != CodeConflict {
		t.Errorf("renewed after its end: %v, want a conflict", err)
	}
}

func TestTerminateOnWish_HasTheGroundOfTheCatalogue(t *testing.T) {
	for reason, ground := range map[string]string{"own_wish": "HOLDER_REQUEST", "liquidation": "LIQUIDATION"} {
		old := licenseOf(number(t, 1))
		app := granted(ApplicationTermination, old.Number)
		app.Reason = reason
		n, err := old.TerminateOnWish(app, filingAt)
		if err != nil || n.State != LicenseTerminated || n.Ground != ground || n.Order != "DM-2" || n.Signer != "u2" {
			t.Errorf("%s: %+v (%v)", reason, n, err)
		}
	}
}

func TestEffects_NeedAGrantedApplicationOfTheirKindAboutThisLicense(t *testing.T) {
	old := licenseOf(number(t, 1))
	for name, app := range map[string]Application{
		"another kind":    granted(ApplicationDuplicate, old.Number),
		"another license": granted(ApplicationRenewal, number(t, 7)),
		"refused": func() Application {
			a := granted(ApplicationRenewal, old.Number)
			a.State = ApplicationRefused
			return a
		}(),
		"signed by its drafter": func() Application {
			a := granted(ApplicationRenewal, old.Number)
			a.Decision.Signer = a.Decision.Drafter
			return a
		}(),
	} {
		if _, err := old.Renew(app, 3, filingAt); err == nil {
			t.Errorf("%s renewed the license", name)
		}
	}
}

// Whatever is granted in whatever order, no two licenses in force name one point,
// when the points of an appendix change are taken from those that are free.
func TestEffects_NeverTwoLicensesInForceForOnePoint(t *testing.T) {
	r := rand.New(rand.NewPCG(20260302, 2))
	for range 300 {
		next := int64(1)
		licenses := map[string]License{}
		point := func(n int) string { return fmt.Sprintf("CP%d", n) }
		at := filingAt
		holder := func(code string) string {
			for _, l := range licenses {
				for _, s := range l.Sites {
					if l.InForce(at) && slices.Contains(s.ConnectionPoints, code) {
						return l.Number
					}
				}
			}
			return ""
		}
		for i := range 3 {
			l := licenseOf(number(t, next))
			next++
			l.Sites = []LicensedSite{{Appendix: "001", Site: fmt.Sprintf("s%d", i), ConnectionPoints: []string{point(i)}, Approved: 5}}
			licenses[l.Number] = l
		}
		for range 12 {
			numbers := make([]string, 0, len(licenses))
			for n := range licenses {
				numbers = append(numbers, n)
			}
			slices.Sort(numbers)
			old := licenses[numbers[r.IntN(len(numbers))]]
			at = at.Add(time.Hour)
			switch r.IntN(4) {
			case 0:
				last, first, err := old.Reissue(granted(ApplicationReissue, old.Number), Grant{Number: number(t, next), Holder: Party{BinOrIin: "1"}}, at)
				if err == nil {
					next++
					licenses[last.Number], licenses[first.Number] = last, first
				}
			case 1:
				if code := point(r.IntN(6)); holder(code) == "" || holder(code) == old.Number {
					if n, err := old.ChangeAppendices(granted(ApplicationAppendixChange, old.Number, ApplicationSite{Site: "s0", ConnectionPoints: []string{code}, Approved: 1}), at); err == nil {
						licenses[n.Number] = n
					}
				}
			case 2:
				if n, err := old.Renew(granted(ApplicationRenewal, old.Number), 3, at); err == nil {
					licenses[n.Number] = n
				}
			case 3:
				if n, err := old.TerminateOnWish(granted(ApplicationTermination, old.Number), at); err == nil {
					licenses[n.Number] = n
				}
			}
			seen := map[string]string{}
			for _, l := range licenses {
				for _, s := range l.Sites {
					for _, code := range s.ConnectionPoints {
						if other := seen[code]; l.InForce(at) && other != "" {
							t.Fatalf("%s and %s are both in force at %s", other, l.Number, code)
						} else if l.InForce(at) {
							seen[code] = l.Number
						}
					}
				}
			}
		}
	}
}

func TestApprove_TheSumNeverExceedsPointFeederOrSubstation(t *testing.T) {
	g := GridLimits{
		Points: map[string]PointLimit{
			"A": {Feeder: "f1", Substation: "s", Permitted: 1000, Technical: 800}, "B": {Feeder: "f1", Substation: "s", Permitted: 500},
			"C": {Feeder: "f2", Substation: "s", Technical: 900}, "D": {Feeder: "f2", Substation: "s"}},
		Feeders:     map[string]LimitLoad{"f1": {Code: "F1", Limit: 1500, Approved: 400}, "f2": {Code: "F2", Limit: 900}},
		Substations: map[string]LimitLoad{"s": {Code: "S", Limit: 2000, Approved: 500}},
	}
	site := func(approved Watts, points ...string) LicensedSite {
		return LicensedSite{ConnectionPoints: points, Approved: approved}
	}
	for name, c := range map[string]struct {
		sites []LicensedSite
		want  []string
	}{
		"technical conditions are the lower": {[]LicensedSite{site(800, "A")}, nil},
		"a watt above them":                  {[]LicensedSite{site(801, "A")}, []string{"/sites/0/approved_kw point_limit"}},
		"the act alone":                      {[]LicensedSite{site(501, "B")}, []string{"/sites/0/approved_kw point_limit"}},
		"the feeder is full":                 {[]LicensedSite{site(1100, "A", "B")}, nil},
		"a watt above the feeder":            {[]LicensedSite{site(1101, "A", "B")}, []string{"/sites feeder_limit"}},
		"two appendices on one feeder":       {[]LicensedSite{site(800, "A"), site(301, "B")}, []string{"/sites feeder_limit"}},
		"the substation":                     {[]LicensedSite{site(700, "A"), site(801, "C")}, []string{"/sites substation_limit"}},
		"split over two feeders":             {[]LicensedSite{site(1500, "A", "C")}, nil},
		"no document":                        {[]LicensedSite{site(1, "D")}, []string{"/sites/0/connection_points/0 no_limit"}},
		"not in the grid":                    {[]LicensedSite{site(1, "A", "Z")}, []string{"/sites/0/connection_points/1 unknown"}},
	} {
		if got := problemsOf(g.Approve(c.sites)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
