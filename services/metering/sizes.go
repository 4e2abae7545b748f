package metering

import "rigistry/models"

// What the phases of one reading say about each other. A phase with less than
// sizeLeast is too small to tell anything.
const (
	sizeLeast = 100 // VA
	// Reversed: a phase gives back more than a twentieth of its apparent power while
	// the others together take, in so many readings in a row.
	reversedPart = 20
	reversedRun  = 6
	// Scale: power and apparent power stay within this of each other, in hundredths:
	// no load takes more than its apparent power, transformers' errors aside.
	scaleMost = 150
	// A power factor is known after so many readings, and one that falls to a tenth, a
	// hundredth or a thousandth of itself, give or take a fifth, while the currents stay
	// as they were, give or take a fifth, is another scale.
	scaleKnown = 30
	scaleGive  = 5
)

// sizes remembers how power relates to voltage and current.
type sizes struct {
	reversed int
	factor   float64 // power over apparent power, as a moving average of its magnitude
	size     float64 // apparent power, likewise
	known    int
}

// apparent gives the apparent power of each phase in VA; false when not all three
// voltages and currents are there.
func apparent(v *models.Values) (phases [3]int64, ok bool) {
	for i := range phases {
		volt, hasV := v.Get(models.QVL1 + models.Quantity(i))
		ampere, hasA := v.Get(models.QIL1 + models.Quantity(i))
		if !hasV || !hasA || volt <= 0 || volt > 1<<30 {
			return phases, false
		}
		ampere = max(ampere, -ampere)
		if ampere > 1<<31 {
			return phases, false
		}
		phases[i] = int64(float64(volt) * float64(ampere) / 1e6)
	}
	return phases, true
}

// judge gives what the phases say: good, reversed_ct, or scale_changed.
func (s *sizes) judge(v *models.Values) models.Quality {
	phases, ok := apparent(v)
	if !ok {
		return models.QualityGood
	}
	if s.rescaled(v, phases) {
		return models.QualityScaleChanged
	}
	if s.backwards(v, phases) {
		if s.reversed++; s.reversed >= reversedRun {
			return models.QualityReversedCT
		}
		return models.QualityGood
	}
	s.reversed = 0
	return models.QualityGood
}

// backwards tells whether one phase or two give back while the others take.
func (s *sizes) backwards(v *models.Values, phases [3]int64) bool {
	negative, rest := 0, int64(0)
	for i, size := range phases {
		p, has := v.Get(models.QPL1 + models.Quantity(i))
		switch {
		case !has:
			return false
		case size >= sizeLeast && p < -size/reversedPart:
			negative++
		default:
			rest += p
		}
	}
	return negative > 0 && rest > 0
}

// rescaled tells whether power no longer fits voltage and current. What is seen
// while it does not is not learned.
func (s *sizes) rescaled(v *models.Values, phases [3]int64) bool {
	p, has := v.Get(models.QPTotal)
	size := float64(phases[0] + phases[1] + phases[2])
	if !has || size < 3*sizeLeast {
		return false
	}
	power := float64(max(p, -p))
	if power*100 > size*scaleMost {
		return true
	}
	if s.known >= scaleKnown && size > s.size*(1-1./scaleGive) && size < s.size*(1+1./scaleGive) {
		for _, tenth := range [3]float64{10, 100, 1000} {
			if want := s.factor / tenth; want*size >= 1 && power/size > want*(1-1./scaleGive) && power/size < want*(1+1./scaleGive) {
				return true
			}
		}
	}
	weight := 1.0 / float64(min(s.known+1, scaleKnown))
	s.factor += (power/size - s.factor) * weight
	s.size += (size - s.size) * weight
	s.known++
	return false
}
