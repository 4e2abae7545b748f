package detection

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// begun is what is believed of the precision of a rule before any outcome, as
// pseudo-counts of confirmed and refuted findings. In force from 2026-11-01; the
// numbers are what worlds of the tests gave, held back to ten findings so that a
// dozen cases outweigh them. A documented limit is a measured value and not learned.
var begun = map[models.FindingRule][2]float64{
	models.RuleUnlicensed:    {8, 2},
	models.RuleBalance:       {9, 1},
	models.RuleMeterTampered: {8, 2},
}

// priorFloor is the precision below which a rule says no more than C about a class
// of loads; the tier never falls further, whatever the outcomes: a farm that was
// dismissed by mistake ten times is still shown.
const priorFloor = 0.5

// learnFor is how long an outcome counts.
const learnFor = 3 * 365 * 24 * time.Hour

// prior is the Beta-Binomial posterior of a rule and class: Beta(a+confirmed,
// b+refuted), with the normal approximation of its interval.
func prior(rule models.FindingRule, class string, confirmed, refuted int) models.Prior {
	p := models.Prior{Rule: rule, Class: class, Begun: begun[rule], Confirmed: confirmed, Refuted: refuted, Floor: priorFloor}
	a, b := p.Begun[0]+float64(confirmed), p.Begun[1]+float64(refuted)
	if a+b == 0 {
		a, b = 1, 1
	}
	p.Precision = a / (a + b)
	u := 1.96 * math.Sqrt(a*b/((a+b)*(a+b)*(a+b+1)))
	p.Low, p.High = math.Max(0, p.Precision-u), math.Min(1, p.Precision+u)
	_, learned := begun[rule]
	p.Capped = learned && p.Precision < priorFloor
	return p
}

// priorsOf makes the table of priors: a row for each rule, and one for each class of
// loads that has outcomes.
func priorsOf(outcomes []models.FindingOutcome) []models.Prior {
	type key struct {
		rule  models.FindingRule
		class string
	}
	counts := map[key][2]int{}
	for rule := range begun {
		counts[key{rule, ""}] = [2]int{}
	}
	for _, o := range outcomes {
		k := key{o.Rule, o.Class}
		n := counts[k]
		if o.Confirmed {
			n[0]++
		} else {
			n[1]++
		}
		counts[k] = n
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b key) int {
		return strings.Compare(string(a.rule)+" "+a.class, string(b.rule)+" "+b.class)
	})
	out := make([]models.Prior, 0, len(keys))
	for _, k := range keys {
		out = append(out, prior(k.rule, k.class, counts[k][0], counts[k][1]))
	}
	return out
}

// capTiers lowers suspicions of rules whose outcomes for the class of load fell below the
// floor to tier C.
func capTiers(u Unit, found []models.Finding) {
	for i := range found {
		f := &found[i]
		if !fromStream(*f) || f.Tier == models.TierWatch {
			continue
		}
		class := ""
		for _, pt := range u.Points {
			if pt.ID == f.Target.ID {
				class = pt.DeclaredUse
			}
		}
		for _, p := range u.Priors {
			if p.Rule == f.Rule && p.Class == class && p.Capped {
				f.Tier, f.Evidence.TierReason = models.TierWatch, "prior"
			}
		}
	}
}

// Priors gives the table of priors as outcomes have moved it.
func (s *Service) Priors(ctx context.Context, actor models.Actor) (out []models.Prior, err error) {
	all, err := s.outcomes(ctx, actor)
	return priorsOf(all), err
}

func (s *Service) outcomes(ctx context.Context, actor models.Actor) (out []models.FindingOutcome, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Outcomes(tx.Now.Add(-learnFor))
		return err
	})
	return out, err
}

// Precision is how many findings of a kind turned out to be right.
type Precision struct {
	Key                string
	Confirmed, Refuted int
	Share, Low, High   float64 // Wilson's 95 % interval
}

// PrecisionBy says what precision is reported by.
var PrecisionBy = map[string]func(models.FindingOutcome) string{
	"rule":    func(o models.FindingOutcome) string { return string(o.Rule) },
	"region":  func(o models.FindingOutcome) string { return o.Region },
	"officer": func(o models.FindingOutcome) string { return o.Officer },
}

// Precisions reports outcomes of the last three years by rule, region or officer.
func (s *Service) Precisions(ctx context.Context, actor models.Actor, by string) ([]Precision, error) {
	keyOf, known := PrecisionBy[by]
	if !known {
		var v models.Invalid
		v.Add("?by", "unknown", "Precision is reported by rule, region or officer.")
		return nil, v.Err()
	}
	all, err := s.outcomes(ctx, actor)
	if err != nil {
		return nil, err
	}
	sums := map[string]Precision{}
	for _, o := range all {
		p := sums[keyOf(o)]
		if p.Key = keyOf(o); o.Confirmed {
			p.Confirmed++
		} else {
			p.Refuted++
		}
		sums[p.Key] = p
	}
	out := make([]Precision, 0, len(sums))
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		p := sums[key]
		n := float64(p.Confirmed + p.Refuted)
		p.Share = float64(p.Confirmed) / n
		const z = 1.96
		mid, half := (p.Share+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(p.Share*(1-p.Share)/n+z*z/(4*n*n))/(1+z*z/n)
		p.Low, p.High = math.Max(0, mid-half), math.Min(1, mid+half)
		out = append(out, p)
	}
	return out, nil
}

// learn keeps what a decided case says of its findings, and takes it back when the
// case is taken up again.
func learn(tx *store.Tx, e models.SealedEntry) error {
	if e.Kind == "case.reopened" {
		return tx.ForgetOutcomes(e.Subject.ID)
	}
	var end struct {
		Subjects         []string // kind:id
		Confirmed, Known bool
	}
	// A body that was erased by order teaches nothing, and nobody waits for what cannot be read.
	if err := json.Unmarshal([]byte(e.Body), &end); err != nil || !end.Known {
		return nil
	}
	for _, about := range end.Subjects {
		id, ok := strings.CutPrefix(about, "finding:")
		if !ok {
			continue
		}
		f, err := tx.Finding(id)
		if models.CodeOf(err) == models.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		o := models.FindingOutcome{Finding: f.ID, Rule: f.Rule, Officer: e.ActorID, Confirmed: end.Confirmed, At: e.At}
		if f.Target.Kind == "connection_point" {
			point, err := tx.ConnectionPoint(f.Target.ID)
			if err != nil && models.CodeOf(err) != models.CodeNotFound {
				return err
			}
			o.Class = point.DeclaredUse
		}
		place, err := tx.Substation(f.Substation)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return err
		}
		o.Region = place.Kato[:min(2, len(place.Kato))]
		if err := tx.SetOutcome(e.Subject.ID, o); err != nil {
			return err
		}
	}
	return nil
}
