package models

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func owner(iin string, share int64, from, until string) PartyPerson {
	return PartyPerson{ID: iin + from, Role: RoleBeneficialOwner, Name: "Әлия Қасымова", IIN: iin, Citizenship: "KZ", ShareBP: share, ValidFrom: from, ValidUntil: until}
}

func TestPersons_EveryWrongFieldIsNamed(t *testing.T) {
	good, err := CompleteBin("90010140000")
	if err != nil {
		t.Fatal(err)
	}
	bin := "210440038887"
	for _, c := range []struct {
		name   string
		change func(*PartyPerson)
		want   string
	}{
		{"as it is", func(*PartyPerson) {}, ""},
		{"no name", func(p *PartyPerson) { p.Name = " " }, "/name required"},
		{"a wrong check digit", func(p *PartyPerson) { p.IIN = good[:11] + string('0'+(good[11]-'0'+1)%10) }, "/iin check_digit"},
		{"a BIN", func(p *PartyPerson) { p.IIN = bin }, "/iin type"},
		{"a citizen without an IIN", func(p *PartyPerson) { p.IIN = "" }, "/iin required"},
		{"a foreigner without an IIN", func(p *PartyPerson) { p.IIN, p.Citizenship = "", "DE" }, ""},
		{"a country in words", func(p *PartyPerson) { p.Citizenship = "Kz" }, "/citizenship format"},
		{"an owner of nothing", func(p *PartyPerson) { p.ShareBP = 0 }, "/share_percent range"},
		{"an owner of more than all", func(p *PartyPerson) { p.ShareBP = 10_001 }, "/share_percent range"},
		{"a director with a share", func(p *PartyPerson) { p.Role = RoleDirector }, "/share_percent not_allowed"},
		{"a day that never was", func(p *PartyPerson) { p.ValidFrom = "2026-02-30" }, "/valid_from format"},
		{"what is to come", func(p *PartyPerson) { p.ValidFrom = "2026-03-03" }, "/valid_from range"},
		{"an end before the beginning", func(p *PartyPerson) { p.ValidUntil = "2025-12-31" }, "/valid_until range"},
		{"an end on the first day: it never was", func(p *PartyPerson) { p.ValidUntil = "2026-01-01" }, ""},
		{"an end in a week", func(p *PartyPerson) { p.ValidUntil = "2026-03-09" }, "/valid_until range"},
	} {
		p := owner(good, 2_500, "2026-01-01", "")
		c.change(&p)
		got := ""
		var e *Error
		if errors.As(p.Check("2026-03-02"), &e) {
			got = e.Fields[0].Pointer + " " + e.Fields[0].Code
		}
		if got != c.want {
			t.Errorf("%s gave %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPersons_SharesAreAtMostTheWholeOnEveryDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := []string{"2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", ""}
		var lines []PartyPerson
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			from := rapid.IntRange(0, 4).Draw(t, "from")
			until := rapid.IntRange(from, 5).Draw(t, "until")
			lines = append(lines, owner(string(rune('a'+i)), rapid.Int64Range(1, 10_000).Draw(t, "share"), days[from], days[until]))
		}
		tooMuch := false
		for _, day := range days[:5] {
			var sum int64
			for _, l := range lines {
				if l.HeldOn(day) {
					sum += l.ShareBP
				}
			}
			tooMuch = tooMuch || sum > WholeShare
		}
		if got := CheckPersons(lines) != nil; got != tooMuch {
			t.Fatalf("%+v are refused: %v, and sum to more than the whole on some day: %v", lines, got, tooMuch)
		}
	})
}

func TestPersons_NobodyStandsTwiceInARoleOnADay(t *testing.T) {
	a := owner("x", 1_000, "2026-01-01", "2026-02-01")
	for _, c := range []struct {
		from, until string
		refused     bool
	}{{"2026-02-01", "", false}, {"2026-01-31", "", true}, {"2025-01-01", "2026-01-01", false}, {"2025-01-01", "", true}, {"2026-01-10", "2026-01-10", false}} {
		if got := CheckPersons([]PartyPerson{a, owner("x", 1_000, c.from, c.until)}) != nil; got != c.refused {
			t.Errorf("the same person from %s until %q: refused %v, want %v", c.from, c.until, got, c.refused)
		}
	}
}

func TestPartyRules_NameTheArticleOfTheDay(t *testing.T) {
	rules := PartyRules{{Code: RuleResidency, Allowed: []string{"resident"}, LegalRef: "Art. 1"}, {Code: RulePartySize, Allowed: []string{"medium", "large"}, LegalRef: "Art. 2"},
		{Code: RulePartyState, Allowed: []string{"active"}, LegalRef: "Art. 3"}}
	var v Invalid
	rules.Check(&v, "/applicant", Party{Size: SizeSmall, State: PartyMerged})
	var e *Error
	if !errors.As(v.Err(), &e) || len(e.Fields) != 3 || e.Fields[1].Code != "size" || !slices.ContainsFunc(e.Fields, func(f FieldError) bool {
		return f.Pointer == "/applicant" && f.Detail == "The applicant is a small business and only some sizes may mine. Art. 2."
	}) {
		t.Errorf("refused with %v", v.Err())
	}
	if got := rules.Obstacles(Party{Resident: true, Size: SizeLarge, State: PartyActive}); got != nil {
		t.Errorf("a fit party meets obstacles: %+v", got)
	}
}
