package stream

// Params is the table of what the rules compare with: of the stream, and of the
// limits that package detection looks at in every quarter hour. Each field is a row
// of the table in table.go, which tells its unit, its bounds and its source.
type Params struct {
	Version string // legal date from which it is in force

	// Licenses in the stream. Limits of class 0.5S with a 0.5 current transformer are
	// 1.0 %, and 0.5 % margin; three demand intervals bridge clock skew; one is enough
	// when the excess is beyond what any permitted error of meter and clock explains
	// (5 %). Over* hold for quarter hours that are looked at live too.
	OverMargin, OverFixed, OverSure float64
	OverRuns                        int
	AuxShare, AuxFixed              float64 // most that a stopped site may use: share of what it had, and kW

	// Documented limits of quarter hours.
	CTClass, Common        float64 // of transformers, and what all meters of a feeder share
	StopShare, StopFloorKW float64 // what a stopped license leaves: the larger of both
	StopRuns               int
	DeadDrawKW             float64 // what a dead connection may show
	SkewSeconds            float64 // between the clock of a meter and the instant of a decision
	RigTolerance           float64 // of nameplates
	RigAncillary           float64 // cooling, supply losses and light, most
	DeclaredRuns, PDURuns  int
	RatioSpread, RatioFit  float64
	RatioAncillary         float64
	RatioVaries            float64
	ClassFloorKW           float64 // no honest load but a home holds a floor above it for days
	LiveSeconds            float64 // how long readings must have come without a break
	BreakSeconds           float64 // a longer pause is a break

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
	SteadyWatch        float64 // σ from which a flat one is asked about
	SteadyShare        float64 // of the load: limits of the meters on both sides and of the losses
	SteadyFlat         float64
	SteadySureKW       float64
	SteadyDays         int

	// Records: evidence in nats that a customer is not where it is recorded.
	MisplacedNats, PlacedNats, FollowsNats float64
	// Faults that accuse nobody.
	ClockSeconds float64 // a clock that is less ahead or behind is right
	CounterShare float64 // register against power of one meter, of the larger energy of a day
	CounterDays  int     // days in a row
	RatioLeast   float64 // a smaller difference is no wrong ratio
	MissingHours float64 // of the same hours every day
	// A meter that shows a part: least of the excess for each kW it shows, most by which
	// both may differ, and hours around a rise in which one that stops stopped with it.
	ScaledSlope, ScaledOff float64
	StopHours              int
	StopsChance            float64 // meters that stand still by themselves in the hours of a rise, most
	HookedKW               float64 // standard uncertainty of what one house without a meter takes

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
	CycleKW       float64 // a load that is on or off: least difference of its levels
	CycleDuty     float64 // and least share of the time that it is on
	// Loads that were always there. Spread: of the floor from day to day, a share of it;
	// Firm: between the twentieth and the third part of a day, a share of the floor; Part:
	// the floor as a share of the mean.
	CycleFlat                     float64 // spread of the upper level
	HomeSpread, HomeFirm          float64
	BusinessFloorKW, BusinessPart float64
	BusinessSpread                float64
	IndustryPart, IndustrySpread  float64
	StillShare                    float64 // of what was found: what is left of it on a day for the cause to last

	// Evasion: loads that are shaped, split over meters, or hidden behind a declared one.
	EvenDays  int     // days of as much energy each
	EvenShare float64 // by which they may differ
	// Points of one holder below one node, and what each takes on at least, kW.
	SplitPoints int
	SplitKW     float64
	// A load on top of one that is flat by its declared use: days before and after it.
	LiftBefore, LiftAfter int
	LiftShare             float64 // of its own mean, at least
	// Such a load above what was declared: the ratio, kW, and days of a week.
	FlatOver, FlatOverKW float64
	FlatOverDays         int
}
