package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rigistry/models"
)

func ruleOf(err error) models.IdentifierRule {
	var e *models.IdentifierError
	if errors.As(err, &e) {
		return e.Rule
	}
	return ""
}

func TestCheckBin_NamesTheRuleThatIsBroken(t *testing.T) {
	for _, c := range []struct {
		text string
		kind models.HolderKind
		rule models.IdentifierRule
	}{
		{"210440038887", models.HolderResident, ""}, // a real public BIN; its second pass is not needed
		{"", "", models.RuleLength},
		{"21044003888", "", models.RuleLength},
		{"2104400388877", "", models.RuleLength},
		{"21044003888A", "", models.RuleDigits},
		{"２１０440038887", "", models.RuleLength},
		{"210040038887", "", models.RuleMonth},
		{"211340038887", "", models.RuleMonth},
		{"210470038887", "", models.RuleType},
		{"210490038887", "", models.RuleType},
		{"900515700123", "", models.RuleCentury},
		{"900515000123", "", models.RuleCentury},
		{"900230300123", "", models.RuleDate},
		{"210440038880", "", models.RuleCheckDigit},
		{"210440038878", "", models.RuleCheckDigit},
	} {
		kind, err := models.CheckBin(c.text)
		if kind != c.kind || ruleOf(err) != c.rule {
			t.Errorf("CheckBin(%q) = %q, %v; want %q, rule %q", c.text, kind, err, c.kind, c.rule)
		}
		if c.rule != "" && models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("CheckBin(%q): %v is no invalid error", c.text, err)
		}
	}
}

// naiveCheckDigit follows the rule as it is written, with the weights spelt out.
func naiveCheckDigit(eleven string) int {
	for _, weights := range [][]int{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2}} {
		sum := 0
		for i, w := range weights {
			sum += w * int(eleven[i]-'0')
		}
		if sum%11 != 10 {
			return sum % 11
		}
	}
	return -1
}

func TestCompleteBin_AgreesWithTheRuleAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eleven := fmt.Sprintf("%02d%02d%d%06d", rapid.IntRange(0, 99).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"),
			rapid.IntRange(4, 6).Draw(t, "type"), rapid.IntRange(0, 999_999).Draw(t, "serial"))
		full, err := models.CompleteBin(eleven)
		want := naiveCheckDigit(eleven)
		if want < 0 {
			if ruleOf(err) != models.RuleNoCheckDigit {
				t.Fatalf("%s: %v, want that no number exists", eleven, err)
			}
			return
		}
		if err != nil || full != fmt.Sprint(eleven, want) {
			t.Fatalf("CompleteBin(%s) = %s, %v; want check digit %d", eleven, full, err, want)
		}
		wrong := eleven + string('0'+(full[11]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10)
		if _, err := models.CheckBin(wrong); ruleOf(err) != models.RuleCheckDigit {
			t.Fatalf("%s passes for %s: %v", wrong, full, err)
		}
	})
}

func TestLicenseNumber_ChecksLikeRealOnes(t *testing.T) {
	for _, real := range []string{"KZ18LAA00032760", "KZ96LAA00035527", "KZ29LAM00002781"} {
		if err := models.CheckLicenseNumber(real); err != nil {
			t.Errorf("real number %s: %v", real, err)
		}
	}
	for text, rule := range map[string]models.IdentifierRule{
		"KZ18LAA00032761": models.RuleCheckDigit, "KZ81LAA00032760": models.RuleCheckDigit, "KZ18LAA0003276": models.RuleLength,
		"kz18laa00032760": models.RuleFormat, "XX18LAA00032760": models.RuleFormat, "KZ1ALAA00032760": models.RuleFormat, "": models.RuleLength,
	} {
		if got := ruleOf(models.CheckLicenseNumber(text)); got != rule {
			t.Errorf("CheckLicenseNumber(%q): rule %q, want %q", text, got, rule)
		}
	}
	for _, bad := range []struct {
		series string
		n      int64
	}{{"DM", 1}, {"dma", 1}, {"DMA", 0}, {"DMA", 100_000_000}} {
		if got, err := models.NewLicenseNumber(bad.series, bad.n); err == nil {
			t.Errorf("NewLicenseNumber(%q, %d) = %s", bad.series, bad.n, got)
		}
	}
}

func TestLicenseNumber_EverySingleErrorAndSwapIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number, err := models.NewLicenseNumber("DMA", int64(rapid.IntRange(1, 99_999_999).Draw(t, "n")))
		if err != nil || models.CheckLicenseNumber(number) != nil {
			t.Fatalf("%s: %v, %v", number, err, models.CheckLicenseNumber(number))
		}
		i := rapid.IntRange(7, 14).Draw(t, "place")
		b := []byte(number)
		b[i] = '0' + (b[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if models.CheckLicenseNumber(string(b)) == nil {
			t.Fatalf("%s passes for %s", b, number)
		}
		b = []byte(number)
		if i < 14 && b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			if models.CheckLicenseNumber(string(b)) == nil {
				t.Fatalf("%s passes for %s", b, number)
			}
		}
	})
}

func TestCheckKato_KnowsTwentyRegions(t *testing.T) {
	if n := len(models.Regions()); n != 20 {
		t.Errorf("%d regions, want 17 and 3 cities", n)
	}
	for text, rule := range map[string]models.IdentifierRule{"551610000": "", "101033102": "", "991610000": models.RuleRegion, "55161000": models.RuleLength, "5516100a0": models.RuleDigits} {
		if got := ruleOf(models.CheckKato(text)); got != rule {
			t.Errorf("CheckKato(%q): rule %q, want %q", text, got, rule)
		}
	}
}

func TestNormalizeIdentifier_TakesWhatPeoplePaste(t *testing.T) {
	for _, text := range []string{" 210440 038887 ", "2104-4003-8887", "210440\u00a0038887\n", "210\u202f440\u202f038\u202f887"} {
		if got := models.NormalizeIdentifier(text); got != "210440038887" {
			t.Errorf("NormalizeIdentifier(%q) = %q", text, got)
		}
	}
}

func TestFold_MakesSpellingsMeet(t *testing.T) {
	for _, pair := range [][2]string{{"Өңір Күші", "онир куши"}, {"Ёлка", "елка"}, {"ҚАЗАҚ", "казак"}, {"Ғұмыр Һәм Әлем", "гумыр хам алем"}, {"«ТОО»  (Майнинг-1)!", "тоо майнинг 1"}, {"", ""}, {"%_'", ""}} {
		if got := models.Fold(pair[0]); got != pair[1] {
			t.Errorf("Fold(%q) = %q, want %q", pair[0], got, pair[1])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		once := models.Fold(text)
		if models.Fold(once) != once || strings.ContainsAny(once, "%_'\\") || strings.TrimSpace(once) != once {
			t.Fatalf("Fold(%q) = %q, again %q", text, once, models.Fold(once))
		}
	})
}

func TestPartyCheck_KindFollowsTheNumber(t *testing.T) {
	good := models.Party{BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameRu: "x", Size: models.SizeLarge, Resident: true, State: models.PartyActive}
	if err := good.Check(); err != nil {
		t.Errorf("a good party: %v", err)
	}
	bad := good
	bad.Kind, bad.NameRu, bad.Size, bad.State, bad.Kato = models.PartySoleEntrepreneur, "", "tiny", "lost", "1"
	var e *models.Error
	var got []string
	if errors.As(bad.Check(), &e) {
		for _, f := range e.Fields {
			got = append(got, f.Pointer+" "+f.Code)
		}
	}
	if want := []string{"/kind mismatch", "/name_ru required", "/size unknown", "/state unknown", "/kato length"}; !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
}
