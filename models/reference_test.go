package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
)

func mciRow(value, from, until string) models.ReferenceRow {
	return models.ReferenceRow{ValidFrom: from, ValidUntil: until, Values: map[string]string{"code": "mci", "value": value, "unit": "tiyn", "legal_ref": "x", "grade": "R"}}
}

func TestReference_AChangeEndsTheOpenRowAndNeverTouchesADayThatHasBegun(t *testing.T) {
	values, err := models.ReferenceTableOf(models.RefValues)
	if err != nil {
		t.Fatal(err)
	}
	rows := []models.ReferenceRow{mciRow("393200", "2025-01-01", "2026-01-01"), mciRow("432500", "2026-01-01", "")}
	add := func(from string) models.ReferenceLine {
		return models.ReferenceLine{Op: models.ReferenceAdd, From: from, Values: mciRow("450000", "", "").Values}
	}
	effects, err := values.Effects([]models.ReferenceLine{add("2027-01-01")}, rows, "2026-11-22")
	if err != nil || len(effects) != 1 || effects[0].Before == nil || effects[0].Before.ValidFrom != "2026-01-01" || effects[0].After.ValidFrom != "2027-01-01" {
		t.Fatalf("effects %+v (%v), want the open row to end and one to begin on 2027-01-01", effects, err)
	}
	bad := mciRow("many", "", "")
	bad.Values["grade"], bad.Values["colour"] = "Z", "red"
	delete(bad.Values, "legal_ref")
	for _, c := range []struct {
		name  string
		lines []models.ReferenceLine
		rows  []models.ReferenceRow
		want  []string // pointer and code
	}{
		{"today", []models.ReferenceLine{add("2026-11-22")}, rows, []string{"/lines/0/from past"}},
		{"no date", []models.ReferenceLine{add("soon")}, rows, []string{"/lines/0/from format"}},
		{"before a row to come", []models.ReferenceLine{add("2027-01-01")}, append(slices.Clone(rows), mciRow("470000", "2027-06-01", "")), []string{"/lines/0/from later_row"}},
		{"twice", []models.ReferenceLine{add("2027-01-01"), add("2027-02-01")}, rows, []string{"/lines/1 twice"}},
		{"nothing", nil, rows, []string{"/lines length"}},
		{"close what is not there", []models.ReferenceLine{{Op: models.ReferenceClose, From: "2027-01-01", Values: map[string]string{"code": "other"}}}, rows, []string{"/lines/0 nothing_to_close"}},
		{"bad values", []models.ReferenceLine{{Op: models.ReferenceAdd, From: "2027-01-01", Values: bad.Values}}, rows,
			[]string{"/lines/0/values/colour unknown", "/lines/0/values/grade choice", "/lines/0/values/legal_ref required", "/lines/0/values/value number"}},
	} {
		_, err := values.Effects(c.lines, c.rows, "2026-11-22")
		var invalid *models.Error
		var got []string
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				got = append(got, f.Pointer+" "+f.Code)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReference_ALetterNamesOnlyWhatItsDocumentKnows(t *testing.T) {
	letters, err := models.ReferenceTableOf(models.RefLetters)
	if err != nil {
		t.Fatal(err)
	}
	letter := func(code, kk, ru string) map[string]string {
		return map[string]string{"code": code, "text_kk": kk, "text_ru": ru, "text_en": kk, "legal_ref": "x", "grade": "S"}
	}
	rows := []models.ReferenceRow{{ValidFrom: "2023-04-01", Values: letter("extract.lead", "{{date}}: {{count}}", "{{date}}: {{count}}")}}
	for _, c := range []struct{ name, code, kk, ru, want string }{
		{"fits", "extract.lead", "{{count}} · {{date}}", "{{date}} {{count}}", ""},
		{"unknown name", "extract.lead", "{{iin}}", "{{iin}}", "placeholder"},
		{"a language says less", "extract.lead", "{{date}}", "без даты", "placeholders_differ"},
		{"half a placeholder", "extract.lead", "{{date", "{{date", "placeholder"},
		{"unknown paragraph", "poem", "a", "b", "unknown"},
	} {
		_, err := letters.Effects([]models.ReferenceLine{{Op: models.ReferenceAdd, From: "2027-01-01", Values: letter(c.code, c.kk, c.ru)}}, rows, "2026-11-22")
		var invalid *models.Error
		codes := ""
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				codes += f.Code + " "
			}
		}
		if (c.want == "") != (err == nil) || !strings.Contains(codes, c.want) {
			t.Errorf("%s: %q (%v), want %q", c.name, codes, err, c.want)
		}
	}
	if got := models.FillPlaceholders("{{ a }} {{b}} {{c}}", map[string]any{"a": 1, "b": "два"}); got != "1 два {{c}}" {
		t.Errorf("filled in: %q", got)
	}
}
