package models_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rigistry/models"
)

func TestSearchTerms_OneNameInEverySpellingIsOneTerm(t *testing.T) {
	for _, same := range [][]string{
		{"Жарқын", "Жаркын", "ЖАРҚЫН", "Zharkyn", "Jarqyn", "Jarqın", "zharqyn"},
		{"Маңғыстау", "Мангистау", "Mangystau", "Mañğystau", "Mangistau", "Manghystau"},
		{"Екібастұз", "Экибастуз", "Ekibastuz", "Ekıbastūz", "Yekibastuz"},
		{"Әлия", "Алия", "Aliya", "Älia", "Aliia"},
		{"Өскемен", "Оскемен", "Öskemen", "Oskemen"},
		{"Шымкент", "Shymkent", "Şymkent", "Шимкент"},
		{"Киселёв", "Киселев", "Kiselyov", "Kiselev"},
		{"Дмитрий", "Dmitriy", "Dmitry", "Dmitrii"},
		{"Хромтау", "Khromtau", "Hromtau"},
		{"Щучинск", "Shchuchinsk", "Schuchinsk"},
		{"Ғабит", "Габит", "Gabit", "Ğabit", "Ghabit"},
		{"Цифра", "Tsifra"},
		{"Чингиз", "Chingiz", "Çiñgiz"},
		{"Жаңа", "Жана", "Zhana", "Zhanga", "Jaña"},
		{"Мощный", "Moshchny", "Moshchnyi"},
		{"Соль", "Sol'", "Sol’"},
		{"Ұлы", "Улы", "Uly", "Ūly"},
	} {
		want := models.SearchTerms(same[0])
		if len(want) != 1 {
			t.Fatalf("%s gives %q, want one term", same[0], want)
		}
		for _, other := range same[1:] {
			if got := models.SearchTerms(other); !slices.Equal(got, want) {
				t.Errorf("%s gives %q and %s gives %q", same[0], want, other, got)
			}
		}
	}
}

func TestSearchTerms_KeepsApartWhatIsNotOneName(t *testing.T) {
	for _, c := range [][2]string{{"Жарқын", "Шарқын"}, {"Алия", "Олия"}, {"Казах", "Қазақ"}, {"Сайын", "Шайын"}, {"cp007", "cp07"}, {"A11", "A1"}, {"Тараз", "Дараз"}} {
		if a, b := models.SearchTerms(c[0]), models.SearchTerms(c[1]); slices.Equal(a, b) {
			t.Errorf("%s and %s are both %q", c[0], c[1], a)
		}
	}
}

func TestCodeTerms_FindACodeWholeAndByItsParts(t *testing.T) {
	got := models.CodeTerms("PS12-F03-CP007")
	for _, typed := range []string{"ps12", "f03", "cp007", "PS12F03CP007"} {
		if terms := models.SearchTerms(typed); len(terms) != 1 || !slices.Contains(got, terms[0]) {
			t.Errorf("%s gives %q, which is not in %q", typed, terms, got)
		}
	}
	if got := models.CodeTerms("KZ18DMA00000042"); len(got) != 1 {
		t.Errorf("a code of one part gives %q", got)
	}
}

func TestSearchTerms_AnyTextGivesSortedDistinctTermsWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		terms := models.SearchTerms(text)
		if !slices.IsSorted(terms) || len(slices.Compact(slices.Clone(terms))) != len(terms) {
			t.Fatalf("%q is not sorted or not distinct", terms)
		}
		for _, term := range terms {
			if term == "" || !utf8.ValidString(term) || len([]rune(term)) > 40 {
				t.Fatalf("%q gives the term %q", text, term)
			}
		}
	})
}

func TestWithoutLegalForms(t *testing.T) {
	for text, want := range map[string][]string{
		"ТОО «Жарқын»": {"jarkin"}, "«Жарқын» ЖШС": {"jarkin"}, "Zharkyn LLP": {"jarkin"}, "ТОО": {"to"}, "АО Жарқын": {"jarkin"},
	} {
		if got := models.WithoutLegalForms(models.SearchTerms(text)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
