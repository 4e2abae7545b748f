package detection

import (
	"maps"
	"math"
	"slices"
	"time"

	"rigistry/models"
)

// evaluation is all that a look at a unit gives.
type evaluation struct {
	findings []models.Finding
	balance  balance
}

// evaluate runs every rule over a unit. It is pure.
func evaluate(p Params, u Unit) evaluation {
	var out evaluation
	for _, pt := range u.Points {
		out.findings = append(out.findings, licenseFindings(p, u, pt)...)
		if f, found := unlicensed(p, u, pt); found {
			out.findings = append(out.findings, f)
		}
	}
	out.findings = holdAreas(p, u, out.findings)
	out.balance = balanceOf(p, u)
	if f, found := balanceFinding(p, u, out.balance); found {
		out.findings = append(out.findings, f)
	}
	for _, f := range out.findings {
		// A number that could not be computed is not told.
		maps.DeleteFunc(f.Evidence.Numbers, func(_ string, v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	}
	return out
}

// How many homes, and within what time, make an event of the area: a tariff or
// the weather, not three farms.
const (
	areaHomes = 3
	areaTime  = 4 * 24 * time.Hour
)

// holdAreas leaves out homes that changed together.
func holdAreas(p Params, u Unit, findings []models.Finding) []models.Finding {
	home := func(f models.Finding) bool {
		return f.Evidence.Kind == "added_load" && slices.ContainsFunc(u.Points, func(pt Point) bool {
			return pt.ID == f.Target.ID && p.use(pt.DeclaredUse).Home
		})
	}
	together := func(f models.Finding) int {
		n := 0
		for _, o := range findings {
			if home(o) && o.FirstSeen.Sub(f.FirstSeen).Abs() <= areaTime {
				n++
			}
		}
		return n
	}
	kept := make([]models.Finding, 0, len(findings))
	for _, f := range findings {
		if !home(f) || together(f) < areaHomes {
			kept = append(kept, f)
		}
	}
	return kept
}
