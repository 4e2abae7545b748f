package models

import (
	"strconv"
	"strings"
	"time"
)

// Agreement is what the two ways of measuring the energy of an interval say about each
// other: the counter's steps, and the power readings added up.
type Agreement struct {
	Counter, Power WattHours // imported less exported, over the part that both cover
	Allowed        WattHours // by how much they may differ
	Judged         bool      // both cover enough of the interval to be compared
	Disagrees      bool
}

// Parts of an agreement: how much of an interval both ways must cover, in hundredths, and
// by how much they may differ beyond what the meter's class, its register's step and the
// readings between the polls explain.
const (
	agreeCovered = 90
	agreeSlack   = 10 // Wh: two registers' steps and a late reading at a small load
)

// Agree compares the counter of an interval with its power. class is the meter's accuracy
// class such as "0.5S", step the energy of one step of its register in Wh, at least 1.
//
// They may differ by twice the class of what was measured, by two steps, by what three
// changes of the load make between two readings each, and by what one of them covers and
// the other does not. A load that jumps more often between readings may be said to
// disagree: the counter is what counts in any case.
func (iv Interval) Agree(class string, step WattHours) Agreement {
	need := IntervalLength * agreeCovered / 100
	if iv.CounterCovered < need || iv.Covered < need || iv.Samples < 2 || iv.Sources.Has(SourceCorrected) {
		return Agreement{}
	}
	power := WattHours(divRound(iv.EnergyImport-iv.EnergyExport, wattMicrosPerWattHour))
	out := Agreement{Counter: iv.CounterImport - iv.CounterExport, Power: power, Judged: true}
	largest := max(out.Counter, -out.Counter, power, -power)
	between := iv.Covered / time.Duration(iv.Samples)
	missed := (iv.CounterCovered - iv.Covered).Abs()
	swing := int64(iv.MaxPower - iv.MinPower)
	out.Allowed = agreeSlack + 2*max(step, 1) + WattHours(2*float64(largest)*classOf(class)/100) +
		WattHours(float64(swing)*(between/2+between).Hours()) +
		WattHours(float64(max(iv.MaxPower, -iv.MinPower))*missed.Hours())
	difference := out.Counter - power
	out.Disagrees = max(difference, -difference) > out.Allowed
	return out
}

// classOf is an accuracy class in per cent; 2, the worst that is allowed, when it is not
// known.
func classOf(class string) float64 {
	v, err := strconv.ParseFloat(strings.TrimRight(strings.ReplaceAll(class, ",", "."), "SsCc "), 64)
	if err != nil || v <= 0 || v > 10 {
		return 2
	}
	return v
}
