package stream

import "time"

// Params is the dated table of what the rules compare with.
type Params struct {
	Version string // legal date from which it is in force

	// Licenses. Limits of class 0.5S with a 0.5 current transformer are 1.0 %, and
	// 0.5 % margin; three demand intervals bridge clock skew; one is enough when the
	// excess is beyond what any permitted error of meter and clock explains (5 %).
	OverMargin, OverFixed, OverSure float64
	OverRuns                        int
	AuxShare, AuxFixed              float64 // most that a stopped site may use: share of what it had, and kW

	// Balance: priors of r = a + b·S²/kVA + g·S for 10/0.4 kV transformers (no-load
	// 0.18 % of kVA, load losses 1.2 %, lines about as much; standard deviations).
	LossA, LossASpread float64
	LossTx, LossLine   float64
	LossBSpread        float64
	GainSpread         float64
	LinePerKW          float64 // R/U² of the way to a point of a line, kW/kW²
	LineSpread         float64 // relative, of the losses of one point
	LineShare          float64 // usual losses of lines of low voltage, share of the load
	LineShareSpread    float64
	UnmeteredSpread    float64 // relative, of billing averages
	BalanceDays        int     // before a balance says anything
	DriftKW, AlarmKWD  float64 // CUSUM allowance and alarm: 0.75 kW, 5 kW·day = 120 kWh
	DriftSigma         float64
	AlarmSigma         float64
	SteadyKW, SteadyU  float64
	SteadyShare        float64 // of the load: limits of the meters on both sides and of the losses
	SteadyFlat         float64
	SteadySureKW       float64
	SteadyDays         int

	// Records: evidence in nats that a customer is not where it is recorded.
	MisplacedNats, PlacedNats, FollowsNats float64

	// Shape. RigKW is the smallest common rig less a fifth.
	RigKW         float64
	AlarmNats     float64 // Wald: ln((1-β)/α), α = 1e-4 for a node and year with daily steps
	ClipNats      float64 // a day's evidence at most
	ClipLargeNats float64
	LargeKW       float64
	HomeFloorKW   float64 // what one running rig holds; 0 of 622 homes held 2.6 for a week
	ShapeDays     int
	BusinessKW    float64
	BusinessShare float64
}

// Parameters gives the table in force at an instant. Sources: IEC 62053-21/-22,
// IEC 61869-2 (classes); EDRP 2009, 622 homes (floors and lasting steps); Page 1954
// and Lorden 1971 (CUSUM); Wald 1945 (sequential test).
func Parameters(time.Time) Params {
	return Params{
		Version:    "2026-11-01",
		OverMargin: 1.015, OverFixed: 0.5, OverSure: 1.05, OverRuns: 3, AuxShare: 0.05, AuxFixed: 5,
		LossA: 0.0018, LossASpread: 0.0006, LossTx: 0.012, LossLine: 0.012, LossBSpread: 0.02, GainSpread: 0.006, LinePerKW: 0.0005, LineSpread: 0.6, LineShare: 0.025, LineShareSpread: 0.015, UnmeteredSpread: 0.15,
		BalanceDays: 10, DriftKW: 0.75, AlarmKWD: 5, DriftSigma: 2, AlarmSigma: 12,
		SteadyKW: 2, SteadyU: 4, SteadyShare: 0.035, SteadyFlat: 0.55, SteadySureKW: 5, SteadyDays: 14,
		MisplacedNats: 20, PlacedNats: 10, FollowsNats: 18,
		RigKW: 2.4, AlarmNats: 9.16, ClipNats: 3, ClipLargeNats: 4.6, LargeKW: 10, HomeFloorKW: 2.9, ShapeDays: 14,
		BusinessKW: 6, BusinessShare: 0.08,
	}
}
