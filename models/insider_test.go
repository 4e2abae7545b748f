package models

import (
	"slices"
	"testing"
	"time"
)

func TestInsiderPatterns_AreFoundAtTheThresholdAndNotBelow(t *testing.T) {
	noon := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC) // 12:00 in Astana
	night := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	series := func(kind InsiderKind, n int, from time.Time, step time.Duration) (out []InsiderFact) {
		for i := range n {
			out = append(out, InsiderFact{Entry: int64(100 + i), Kind: kind, Person: "p", At: from.Add(time.Duration(i) * step)})
		}
		return out
	}
	pairs := func(n int, asks, confirms string, at time.Time) (out []InsiderFact) {
		for i := range n {
			check, day := string(rune('a'+i)), at.Add(time.Duration(i)*24*time.Hour)
			out = append(out, InsiderFact{Entry: int64(10 * i), Kind: InsiderPermit, Person: asks, Check: check, At: day},
				InsiderFact{Entry: int64(10*i + 1), Kind: InsiderConfirm, Person: confirms, Check: check, At: day.Add(time.Hour)})
		}
		return out
	}
	permit := InsiderFact{Entry: 500, Kind: InsiderPermit, At: noon.Add(time.Hour)}
	order := InsiderFact{Entry: 1, Kind: InsiderOrder, At: noon}
	meter := func(after time.Duration) InsiderFact {
		return InsiderFact{Entry: 2, Kind: InsiderMeter, At: noon.Add(after)}
	}
	asked := func(kind InsiderKind, entry int64, party string, after time.Duration) InsiderFact {
		return InsiderFact{Entry: entry, Kind: kind, Party: party, At: noon.Add(after)}
	}
	const day = 24 * time.Hour
	least := func(rule FindingRule) int { // entries of its evidence
		if rule == RuleInsiderUnchecked {
			return 1
		}
		return 2
	}
	for name, c := range map[string]struct {
		facts []InsiderFact
		want  FindingRule // "" for none
	}{
		"five refusals, then a permit":              {append(series(InsiderRefused, 5, noon, time.Minute), permit), RuleInsiderBurst},
		"four refusals, then a permit":              {append(series(InsiderRefused, 4, noon, time.Minute), permit), ""},
		"five refusals over days":                   {append(series(InsiderRefused, 5, noon.Add(-4*24*time.Hour), 24*time.Hour), permit), ""},
		"five refusals, no permit":                  {series(InsiderRefused, 5, noon, time.Minute), ""},
		"one person at night, three times":          {pairs(3, "p", "p", night), RuleInsiderOddHours},
		"one person at night, twice":                {pairs(2, "p", "p", night), ""},
		"one person by day":                         {pairs(3, "p", "p", noon), ""},
		"two people at night":                       {pairs(3, "p", "q", night), ""},
		"three lapsed permits":                      {series(InsiderLapse, 3, noon, 24*time.Hour), RuleInsiderIdle},
		"three lapsed permits over two months":      {series(InsiderLapse, 3, noon, 25*24*time.Hour), ""},
		"three objections":                          {series(InsiderObject, 3, noon, time.Hour), RuleInsiderObjection},
		"two objections":                            {series(InsiderObject, 2, noon, time.Hour), ""},
		"a meter changed a day after an order":      {[]InsiderFact{order, meter(24 * time.Hour)}, RuleInsiderMeter},
		"a meter changed a day before an order":     {[]InsiderFact{order, meter(-24 * time.Hour)}, RuleInsiderMeter},
		"a meter changed three days after an order": {[]InsiderFact{order, meter(72 * time.Hour)}, ""},
		"two reports on no permit":                  {series(InsiderUnmet, 2, noon, day), RuleInsiderUnmet},
		"one report on no permit":                   {series(InsiderUnmet, 1, noon, day), ""},
		"a list with a load that nobody permitted":  {series(InsiderFound, 1, noon, day), RuleInsiderUnchecked},
		"such a list, and a permit after it":        {[]InsiderFact{asked(InsiderFound, 1, "", 0), asked(InsiderPermit, 2, "a", day)}, ""},
		"such a list after a permit":                {[]InsiderFact{asked(InsiderPermit, 1, "a", 0), asked(InsiderFound, 2, "", day)}, RuleInsiderUnchecked},
		"refused, then permitted to another":        {[]InsiderFact{asked(InsiderRefused, 1, "a", 0), asked(InsiderPermit, 2, "b", 7*day)}, RuleInsiderApplicant},
		"permitted to another eight days later":     {[]InsiderFact{asked(InsiderRefused, 1, "a", 0), asked(InsiderPermit, 2, "b", 8*day)}, ""},
		"refused, then permitted to the same":       {[]InsiderFact{asked(InsiderRefused, 1, "a", 0), asked(InsiderPermit, 2, "a", day)}, ""},
		"permitted, then refused to another":        {[]InsiderFact{asked(InsiderPermit, 1, "b", 0), asked(InsiderRefused, 2, "a", day)}, ""},
		"refused, then permitted to nobody known":   {[]InsiderFact{asked(InsiderRefused, 1, "a", 0), asked(InsiderPermit, 2, "", day)}, ""},
		"nothing": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the order of the facts does not matter
				got := InsiderPatterns(c.facts)
				switch {
				case c.want == "" && len(got) != 0:
					t.Errorf("%+v, want nothing", got)
				case c.want != "" && (len(got) != 1 || got[0].Rule != c.want || len(got[0].Entries) < least(c.want) || !slices.IsSorted(got[0].Entries)):
					t.Errorf("%+v, want %s with its entries", got, c.want)
				}
				slices.Reverse(c.facts)
			}
		})
	}
}
