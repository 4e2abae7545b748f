package models

import (
	"fmt"
	"strings"
)

// OverdueFacts is an obligation of the license for which the gate refers: it is
// overdue, or was handed in late and is not accepted yet.
type OverdueFacts struct {
	ID, Kind, Period, Due string // Due is a legal date
	Text                  Text   // of the kind
}

// overdueText names the obligations in the three languages: name, period, due date.
func overdueText(list []OverdueFacts) (t Text) {
	var kk, ru, en []string
	for _, o := range list {
		rest := " " + o.Period
		if len(o.Due) == len(dateLayout) {
			rest += fmt.Sprintf(" (%s.%s.%s)", o.Due[8:], o.Due[5:7], o.Due[:4])
		}
		kk, ru, en = append(kk, o.Text.Kk+rest), append(ru, o.Text.Ru+rest), append(en, o.Text.En+rest)
	}
	return Text{Kk: strings.Join(kk, "; "), Ru: strings.Join(ru, "; "), En: strings.Join(en, "; ")}
}

func obligationRules() []gateRule {
	return []gateRule{
		{ReasonOpenRemedyOrder, SeverityRefer, "obligations of the license, their due dates",
			"an obligation of a kind that the gate looks at is overdue, until it is accepted or waived", func(in *gateInput) verdict {
				if in.f.License == nil || !in.licensed() {
					return notApplicable()
				}
				about := overdueText(in.f.Overdue)
				v := in.judge(len(in.f.Overdue) > 0, func() []any {
					return []any{"license", in.f.License.Number, "overdue", len(in.f.Overdue), "which", about.En}
				})
				v.about = about
				return v
			}},
	}
}
