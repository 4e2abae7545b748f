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

	// Over-draw: more than approved·OverMargin + OverFixed for OverRuns intervals.
	// Limits of class 0.5S with a 0.5 transformer are 1.0 %, plus 0.5 % margin;
	// three intervals bridge clock skew and the inrush of a restart.
	OverMargin float64
	OverFixed  float64 // W
	OverRuns   int
	// Stopped licenses may draw the larger of AuxFloor and AuxShare of what was
	// approved: light, heating, guard, metering.
	AuxShare float64
	AuxFloor float64 // W
	StopRuns int
	DeadDraw float64 // W, what a dead connection may show

	Uses    map[string]UseClass
	Default UseClass

	// Change of a flat load, and its rigs.
	MinBefore, MinAfter int     // whole days needed on both sides of a change
	FloorQuantile       float64 // of a day's intervals: its floor
	AddedFloor          float64 // p10 of the added load over its median, at least
	NightDay            float64 // added load by night over by day, and the reverse, at least

	// Balance.
	LossA, LossASpread float64 // no-load losses: share of the feeder's limit
	LossB, LossBSpread float64 // load losses: b = LossB/limit
	GainSpread         float64 // what a common error of all meters may look like
	TrainDays          int
	DriftW             float64 // CUSUM allowance k, at least; W
	DriftSigmas        float64
	AlarmWDay          float64 // CUSUM alarm h, at least; W·day
	AlarmSigmas        float64
	SteadyW            float64 // absolute test: at least; W
	SteadyU            float64 // and so many standard uncertainties
	SteadyFlat         float64 // p15 of the hourly profile over its mean
	SteadySure         float64 // or at least so much; W

	// Live: how long readings must have come without a break.
	LiveFor, LiveBreak time.Duration
}

// UseClass is what a declared use lets one expect.
type UseClass struct {
	Floor      float64 // W: no honest load of the class holds a floor above it for days
	FloorShare float64 // floor over mean: flatter than this is not the class
	Added      float64 // W: smallest added flat load
	AddedShare float64 // and its share of the mean before
	Spread     float64 // (p80-p20)/median of an added load, beyond the load's own
	Days       int     // how long it must last
	Flat       bool    // the use is flat by nature: allowed up to the permitted power
	Home       bool
}

// flatExcess is how far a declared flat load may exceed its permitted power.
const flatExcess = 1.10

// Parameters gives the table in force at an instant. Sources of the numbers:
// 0 of 622 British homes held a floor above 2.6 kW for seven days and 5 ever
// showed a lasting step of 2.4 kW (EDRP, 2009), the smallest common rig draws
// 2.95 kW; business floor 8 kW and added load of the larger of 6 kW and 8 % of
// the mean; 120 kWh unexplained (5 kW·day) is what an officer understands.
func Parameters(at time.Time) Params {
	home := UseClass{Floor: 2600, FloorShare: 0.6, Added: 2400, Spread: 0.40, Days: 5, Home: true}
	business := UseClass{Floor: 8000, FloorShare: 0.6, Added: 6000, AddedShare: 0.08, Spread: 0.25, Days: 7}
	flat, heavy := business, business
	flat.Flat = true
	heavy.FloorShare, heavy.Spread = 0.97, 0.10
	same := stream.Parameters(at) // what the backtest compares with too, in kW
	return Params{
		Version: same.Version, Window: 21 * 24 * time.Hour,
		CTClass: 0.005, Common: 0.002,
		OverMargin: same.OverMargin, OverFixed: 1000 * same.OverFixed, OverRuns: same.OverRuns,
		AuxShare: 0.02, AuxFloor: 1000, StopRuns: 2, DeadDraw: 500,
		Uses: map[string]UseClass{
			"household": home, "residential": home,
			"telecom": flat, "data_centre": flat, "data_center": flat, "water_pump": flat, "pump": flat, "water": flat, "cold_store": flat, "street_light": flat,
			"industry": heavy, "industrial": heavy, "chemical": heavy, "metallurgy": heavy,
		},
		Default:   business,
		MinBefore: 3, MinAfter: 3, FloorQuantile: 0.15, AddedFloor: 0.35, NightDay: 0.55,
		LossA: same.LossA, LossASpread: same.LossASpread, LossB: 0.018, LossBSpread: 0.008, GainSpread: same.GainSpread,
		TrainDays: 3, DriftW: 1000 * same.DriftKW, DriftSigmas: same.DriftSigma, AlarmWDay: 1000 * same.AlarmKWD, AlarmSigmas: same.AlarmSigma,
		SteadyW: 1500, SteadyU: same.SteadyU, SteadyFlat: same.SteadyFlat, SteadySure: 1000 * same.SteadySureKW,
		LiveFor: time.Minute, LiveBreak: 10 * time.Minute,
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
	models.RuleUnlicensed: "1", models.RuleOverdraw: "1", models.RuleSuspended: "1", models.RuleEnded: "1",
	models.RuleNotEnergised: "1", models.RuleBalance: "1", models.RuleTechnical: "1", models.RuleCurtailed: "1", models.RuleNoSupply: "1",
}

// version names the formula and the table: "1+2026-11-01".
func (p Params) version(r models.FindingRule) string { return ruleVersions[r] + "+" + p.Version }
