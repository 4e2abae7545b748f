package models

import (
	"slices"
	"time"
)

// GroundNoMeter is the ground of the fee rate for a point without a working meter.
const GroundNoMeter = "no_meter"

// FeeRate is a rate of the fee for digital mining between two legal dates, by source
// of supply or by a ground.
type FeeRate struct {
	Source     string // of SupplyBases, or GroundNoMeter
	Rate       Tiyn   // for a kWh
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// FeeLine is the fee of one source: the energy, every rate that applies, and the
// highest of them, which counts.
type FeeLine struct {
	Source string
	Energy WattHours
	Rates  []FeeRate // all that apply, the highest first
	Amount Tiyn
}

// EnergyFee is a fee with the lines it is the sum of. Unknown names sources for which no
// rate is known; they are not counted as 0, so the sum is a lower bound.
type EnergyFee struct {
	Lines   []FeeLine
	Total   Tiyn
	Unknown []string
}

// MiningFee computes the fee for energy by source. Of the rates of the source and of
// the grounds that apply, the highest counts (old Tax Code, Art. 606-3: several
// grounds at once). Rates are those in force on any day of the period.
func MiningFee(energy []SourceEnergy, grounds []string, rates []FeeRate) EnergyFee {
	var f EnergyFee
	for _, e := range energy {
		line := FeeLine{Source: e.Source, Energy: e.Energy}
		for _, r := range rates {
			if r.Source == e.Source || slices.Contains(grounds, r.Source) {
				line.Rates = append(line.Rates, r)
			}
		}
		slices.SortStableFunc(line.Rates, func(a, b FeeRate) int { return int(b.Rate - a.Rate) })
		if len(line.Rates) == 0 {
			f.Unknown = append(f.Unknown, e.Source)
		} else {
			line.Amount = feeOf(e.Energy, line.Rates[0].Rate)
		}
		f.Total += line.Amount
		f.Lines = append(f.Lines, line)
	}
	return f
}

// feeOf is energy at a rate for a kWh, rounded half up to a tiyn.
func feeOf(e WattHours, rate Tiyn) Tiyn {
	whole, rest := int64(e)/1000, int64(e)%1000
	return Tiyn(whole*int64(rate) + (rest*int64(rate)+500)/1000)
}

// SumEnergy is the energy of all sources.
func SumEnergy(list []SourceEnergy) (sum WattHours) {
	for _, e := range list {
		sum += e.Energy
	}
	return sum
}

// Measured is what a meter measured in a period, and how much of the period it
// explains.
type Measured struct {
	Meter    string // id
	Code     string
	Energy   WattHours
	Covered  int64 // seconds of the period that readings explain
	Expected int64 // seconds of the period in which the meter was to be read
}

// Whole tells whether the readings explain all but a thousandth of the period.
func (m Measured) Whole() bool { return m.Expected-m.Covered <= m.Expected/1000 }

// Stretch is a half-open stretch of time.
type Stretch struct{ From, Until time.Time }

// Covered tells whether stretches together leave no instant of [from, until) out.
func Covered(list []Stretch, from, until time.Time) bool {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Stretch) int { return a.From.Compare(b.From) })
	for _, s := range list {
		if s.From.After(from) {
			return false
		}
		if s.Until.After(from) {
			from = s.Until
		}
	}
	return !from.Before(until)
}
