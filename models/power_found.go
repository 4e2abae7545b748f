package models

import (
	"cmp"
	"slices"
)

// PowerSource is what tells a power at the place of a visit.
type PowerSource string

// The sources, in the order of a review: what is allowed, what is declared, what was found.
const (
	PowerLicensed  PowerSource = "licensed"  // by the license, for the site where it has one
	PowerPermitted PowerSource = "permitted" // by the acts of the connections
	PowerDeclared  PowerSource = "declared"  // nameplates of the declared rigs
	PowerFound     PowerSource = "found"     // nameplates of the rigs that were scanned
	PowerDisplay   PowerSource = "display"   // what a meter's display showed
	PowerClamp     PowerSource = "clamp"     // measured by clamp, phase by phase
	PowerCurrent   PowerSource = "current"   // by currents of a clamp: U·I at 230 V, an upper bound of the power
)

// PowerSources lists the sources.
func PowerSources() []PowerSource {
	return []PowerSource{PowerLicensed, PowerPermitted, PowerDeclared, PowerFound, PowerDisplay, PowerClamp, PowerCurrent}
}

// phaseVolts is the voltage of a phase where only its current was measured, V (IEC 60038).
const phaseVolts = 230

// PowerLine is one power at the place of a visit.
type PowerLine struct {
	Source PowerSource
	Meter  string // serial number as the inspector wrote it, for what was measured
	Power  Watts
	Rigs   int  // that it is the sum of, for nameplates
	Part   bool // not all of it: a rig without a nameplate, a phase that was not measured
	Over   bool // more than the license or the acts allow, whichever is less
}

// PowerKnown is what the registry knows of the power at a place. Zero is not known.
type PowerKnown struct {
	Licensed, Permitted Watts
	Declared            []Equipment
}

// ComparePower lays what is allowed and declared at a place beside what a visit found:
// nameplates of rigs, displays of meters, clamps. lines are those of CompareRigs, readings
// the events that count.
func ComparePower(known PowerKnown, lines []RigLine, readings []FieldEvent) []PowerLine {
	out := []PowerLine{}
	limit := Watts(0)
	for _, l := range []PowerLine{{Source: PowerLicensed, Power: known.Licensed}, {Source: PowerPermitted, Power: known.Permitted}} {
		if l.Power > 0 {
			out = append(out, l)
			if limit == 0 || l.Power < limit {
				limit = l.Power
			}
		}
	}
	nameplate := map[string]Watts{}
	declared := PowerLine{Source: PowerDeclared, Rigs: len(known.Declared)}
	for _, e := range known.Declared {
		nameplate[SerialFold(e.Serial)] = e.Nameplate
		declared.Power += e.Nameplate
		declared.Part = declared.Part || e.Nameplate == 0
	}
	found := PowerLine{Source: PowerFound}
	for _, l := range lines {
		if l.Match == RigMissing {
			continue
		}
		rated := nameplate[SerialFold(l.Serial)]
		found.Rigs, found.Power, found.Part = found.Rigs+1, found.Power+rated, found.Part || rated == 0
	}
	for _, l := range append([]PowerLine{declared, found}, measured(readings)...) {
		if l.Rigs > 0 || l.Meter != "" {
			l.Over = limit > 0 && l.Power > limit
			out = append(out, l)
		}
	}
	return out
}

// measured gives the power at each meter by each way it was measured: the last value of a
// display, and the last of each phase by clamp, added up.
func measured(readings []FieldEvent) (out []PowerLine) {
	type way struct {
		meter  string
		source PowerSource
	}
	values, ways := map[way]map[string]float64{}, []way{}
	for _, e := range readings {
		how, quantity := e.Text("how"), e.Text("quantity")
		w := way{meter: e.Text("meter"), source: PowerDisplay}
		value := e.Number("value") * 1000 // kW
		switch {
		case how == "clamp" && quantity == "power":
			w.source = PowerClamp
		case how == "clamp" && quantity == "current":
			w.source, value = PowerCurrent, e.Number("value")*phaseVolts
		case quantity != "power":
			continue
		}
		if values[w] == nil {
			values[w] = map[string]float64{}
			ways = append(ways, w)
		}
		values[w][e.Text("phase")] = value
	}
	for _, w := range ways {
		line := PowerLine{Source: w.source, Meter: w.meter}
		for _, v := range values[w] {
			line.Power += Watts(v)
		}
		line.Part = w.source != PowerDisplay && len(values[w]) < 3
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b PowerLine) int { return cmp.Compare(a.Meter, b.Meter) })
	return out
}
