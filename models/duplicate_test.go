package models

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestResemblance_SaysWhatAgrees(t *testing.T) {
	near := NearNumbers("210440038887")[0]
	base := Party{ID: "a", BinOrIin: "210440038887", NameKk: "«Жарқын Майнинг» ЖШС", NameRu: "ТОО «Жаркын Майнинг»",
		Phone: "+7 (718) 255-10-10", Email: "Info@Zharkyn.kz", Address: "Павлодар, улица Ломова, 1"}
	for _, c := range []struct {
		name    string
		other   Party
		persons []string
		signs   string
		score   int64
	}{
		{"another spelling", Party{NameRu: "Zharkyn Mining, LLP"}, nil, "similar_name", 0},
		{"another script", Party{NameRu: "ТОО Zharqyn Maining"}, nil, "name", 50},
		{"a typing error and a neighbouring number", Party{BinOrIin: near, NameRu: "ТОО «Жаркин Майнинк»"}, nil, "similar_name number", 55},
		{"a neighbouring number alone", Party{BinOrIin: near, NameRu: "АО «Самал»"}, nil, "number", 0},
		{"phone and e-mail", Party{NameRu: "Самал", Phone: "8 7182 55 10 10", Email: " info@zharkyn.kz"}, nil, "phone email", 50},
		{"address and director", Party{NameRu: "Самал", Address: "ул. Ломова 1, г. Павлодар"}, []string{"x"}, "person", 0},
		{"everything", Party{NameRu: base.NameRu, BinOrIin: near, Phone: base.Phone, Email: base.Email, Address: base.Address}, []string{"x"},
			"name number phone email address person", 100},
		{"nothing", Party{NameRu: "Самал"}, nil, "", 0},
	} {
		c.other.ID = "b"
		d, ok := Resemblance(ComparableOf(c.other, c.persons), ComparableOf(base, []string{"x", "y"}))
		if got := strings.Join(d.Signs, " "); got != c.signs || ok != (c.score > 0) || ok && d.Score != c.score || d.A != "a" || d.B != "b" {
			t.Errorf("%s: %q scores %d (%v) for %s %s, want %q and %d", c.name, got, d.Score, ok, d.A, d.B, c.signs, c.score)
		}
	}
}

func TestResemblance_IsTheSameBothWays(t *testing.T) {
	word := rapid.SampledFrom([]string{"Жарқын", "Жаркин", "Самал", "Mining", "Майнинг", "Энерго"})
	party := rapid.Custom(func(t *rapid.T) Party {
		bin, err := CompleteBin("2104400" + rapid.StringMatching("[0-3]{4}").Draw(t, "serial"))
		if err != nil {
			t.Skip("no such number")
		}
		return Party{ID: bin, BinOrIin: bin, NameRu: word.Draw(t, "first") + " " + word.Draw(t, "second"), NameKk: word.Draw(t, "kk"),
			Phone: "8700000000" + rapid.StringMatching("[12]").Draw(t, "phone")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := ComparableOf(party.Draw(t, "a"), nil), ComparableOf(party.Draw(t, "b"), nil)
		x, okX := Resemblance(a, b)
		y, okY := Resemblance(b, a)
		if okX != okY || x.Score != y.Score || !slices.Equal(x.Signs, y.Signs) || x.A != y.A {
			t.Fatalf("%+v %v and the other way %+v %v", x, okX, y, okY)
		}
		if NearNumber(a.Number, b.Number) != NearNumber(b.Number, a.Number) {
			t.Fatalf("%s is near %s one way only", a.Number, b.Number)
		}
	})
}

func TestNearNumbers_AreValidAndOneSlipAway(t *testing.T) {
	near := NearNumbers("210440038887")
	if len(near) < 50 {
		t.Fatalf("%d neighbours", len(near))
	}
	for _, n := range near {
		if _, err := CheckBin(n); err != nil {
			t.Errorf("%s: %v", n, err)
		}
		var differ []int
		for i := range 11 {
			if n[i] != "210440038887"[i] {
				differ = append(differ, i)
			}
		}
		swapped := len(differ) == 2 && differ[1] == differ[0]+1 && n[differ[0]] == "210440038887"[differ[1]] && n[differ[1]] == "210440038887"[differ[0]]
		if len(differ) != 1 && !swapped {
			t.Errorf("%s differs at %v", n, differ)
		}
	}
}
