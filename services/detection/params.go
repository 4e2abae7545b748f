package detection

import (
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// Params is the table of everything that rules compare with. A table is in force
// from a legal date; a finding names its version.
type Params struct {
	Version string // legal date from which it is in force
	Window  time.Duration

	// Uncertainty. Sources: IEC 62053-21/-22 limits by class, IEC 61869-2 for
	// current transformers; taken as rectangular, so the standard uncertainty is
	// the limit over √3. Common is what all meters of a feeder share.
	CTClass, Common float64

	// Over-draw: more than approved·OverMargin + OverFixed for OverRuns intervals, or
	// than approved·OverSure in one. Limits of class 0.5S with a 0.5 transformer are
	// 1.0 %, plus 0.5 % margin; three intervals bridge clock skew and the inrush of a
	// restart, which together stay below 5 % of a quarter hour.
	OverMargin float64
	OverSure   float64
	OverFixed  float64 // W
	OverRuns   int
	// Stopped licenses may draw the larger of AuxFloor and AuxShare of what was
	// approved: light, heating, guard, metering.
	AuxShare float64
	AuxFloor float64 // W
	StopRuns int
	DeadDraw float64 // W, what a dead connection may show
	// Skew is how far the clock of a meter and the instant of a decision lie apart: the
	// 0.5 s a day of IEC 62054-21 add up to it in four months without setting.
	Skew time.Duration

	// Declared equipment and PDUs. Nameplates may err by RigTolerance, and RigAncillary
	// is what cooling, supply losses and light add to rigs at most.
	RigTolerance, RigAncillary float64
	DeclaredRuns, PDURuns      int // quarter hours in a row
	// A ratio of transformers: the quotient of PDUs and meter is steady to RatioSpread
	// and meets a quotient of ratios to RatioFit, the limits of both meters at class 1,
	// less up to RatioAncillary; a load varies from RatioVaries of its mean on.
	RatioSpread, RatioFit, RatioAncillary, RatioVaries float64

	Uses    map[string]UseClass
	Default UseClass

	// Live: how long readings must have come without a break.
	LiveFor, LiveBreak time.Duration
}

// UseClass is what a declared use lets one expect.
type UseClass struct {
	Floor float64 // W: no honest load of the class holds a floor above it for days
	Home  bool
}

// paramsOf gives what the limits of quarter hours compare with from the table, which
// is in kW. The stream of loads and balances, for the backtest and for live readings
// alike, takes the rest of the same table.
func paramsOf(t stream.Params) Params {
	home := UseClass{Floor: 1000 * t.HomeFloorKW, Home: true}
	seconds := func(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }
	return Params{
		Version: t.Version, Window: 21 * 24 * time.Hour,
		CTClass: t.CTClass, Common: t.Common,
		OverMargin: t.OverMargin, OverSure: t.OverSure, OverFixed: 1000 * t.OverFixed, OverRuns: t.OverRuns,
		AuxShare: t.StopShare, AuxFloor: 1000 * t.StopFloorKW, StopRuns: t.StopRuns, DeadDraw: 1000 * t.DeadDrawKW, Skew: seconds(t.SkewSeconds),
		RigTolerance: t.RigTolerance, RigAncillary: t.RigAncillary, DeclaredRuns: t.DeclaredRuns, PDURuns: t.PDURuns,
		RatioSpread: t.RatioSpread, RatioFit: t.RatioFit, RatioAncillary: t.RatioAncillary, RatioVaries: t.RatioVaries,
		Uses:    map[string]UseClass{"household": home, "residential": home},
		Default: UseClass{Floor: 1000 * t.ClassFloorKW},
		LiveFor: seconds(t.LiveSeconds), LiveBreak: seconds(t.BreakSeconds),
	}
}

func (p Params) use(declared string) UseClass {
	if c, ok := p.Uses[declared]; ok {
		return c
	}
	return p.Default
}

// ruleVersions counts the changes of each rule's formula.
var ruleVersions = map[models.FindingRule]string{
	models.RuleUnlicensed: "2", models.RuleMeterTampered: "1", models.RuleOverdraw: "2", models.RuleSuspended: "2", models.RuleEnded: "2",
	models.RuleNotEnergised: "2", models.RuleBalance: "2", models.RuleTechnical: "1", models.RuleCurtailed: "1", models.RuleNoSupply: "1",
	models.RuleDeclared: "1", models.RulePDUSum: "1", models.RuleMetering: "1",
}

// version names the formula and the table: "1+2026-11-01".
func (p Params) version(r models.FindingRule) string { return ruleVersions[r] + "+" + p.Version }
