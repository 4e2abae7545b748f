package models

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CommissionTask is what a collector is asked to do at a gateway that only it reaches.
type CommissionTask string

// The tasks. Both only read.
const (
	CommissionScan CommissionTask = "scan" // which units answer, and what they are
	CommissionRead CommissionTask = "read" // one unit, once, by a profile
)

// CommissionState is how far a job has come.
type CommissionState string

// The states. The last four are ends.
const (
	CommissionAsked     CommissionState = "asked"  // nobody has taken it yet, or whoever did went silent
	CommissionTaken     CommissionState = "taken"  // a collector is at it
	CommissionDone      CommissionState = "done"   // answered
	CommissionFailed    CommissionState = "failed" // answered: it could not be done
	CommissionCancelled CommissionState = "cancelled"
	CommissionExpired   CommissionState = "expired" // not answered in time
)

// Times of a job.
const (
	// CommissionLease is how long a collector has a job without saying that it is still at it.
	CommissionLease = 45 * time.Second
	// CommissionLife is how long a job may go unanswered: a scan of all ids of a slow line
	// that is busy as far as may be planned takes half of it.
	CommissionLife = time.Hour
	// CommissionTries is how often a job is given out before it counts as failed: what
	// kills its collector would go on killing it.
	CommissionTries = 3
)

// CommissionJob is one task for one collector. What was asked never changes; one answer,
// or a cancellation, ends it.
type CommissionJob struct {
	ID        string
	Task      CommissionTask
	Utility   string // whose gateway it is
	Collector string
	Endpoint  string
	Units     []uint8 // to scan; exactly one to read
	Profile   string  // to read by
	AskedBy   string
	Asked     time.Time
	Expires   time.Time

	Lease      string // of whoever has it, "" when nobody ever had
	LeaseUntil time.Time
	Tries      int
	Progress   int // units that were asked already
	Seen       time.Time

	Outcome CommissionState // done, failed, cancelled, or "" while it goes on
	Why     string          // of a failure
	Result  []byte          // of a scan or a read, in the metering service's form
	Ended   time.Time
}

// State is how far the job has come at an instant.
func (j *CommissionJob) State(at time.Time) CommissionState {
	switch {
	case j.Outcome != "":
		return j.Outcome
	case !at.Before(j.Expires):
		return CommissionExpired
	case at.Before(j.LeaseUntil):
		return CommissionTaken
	case j.Tries >= CommissionTries:
		return CommissionExpired
	}
	return CommissionAsked
}

// Over tells whether a state is an end.
func (s CommissionState) Over() bool { return s != CommissionAsked && s != CommissionTaken }

// Holds tells whether a lease is the one under which the job may be answered: the
// newest that was given. One that has run out still may, while nobody else has the job.
func (j *CommissionJob) Holds(lease string) bool { return lease != "" && lease == j.Lease }

// Nameplate is what is written on a meter and its transformers. Empty or 0 is what was
// not written down.
type Nameplate struct {
	Serial, Vendor, Model string
	AccuracyClass         string
	CTNum, CTDen          int64
	VTNum, VTDen          int64
	MaxA                  int64 // greatest current of the meter itself, in A
	NominalV              int64 // voltage of the meter's inputs to neutral, in V
	VerifiedOn            string
	VerifiedUntil         string // legal dates YYYY-MM-DD
}

// Shown is what a meter said when it was read once: before the transformers' ratio.
type Shown struct {
	Serial, Vendor, Model string // "" when it does not say
	Values                Values
	Quality               Quality
}

// Difference is something in which what a meter says and what is written of it do not
// fit. One that blocks must be mended; any other needs a written reason.
type Difference struct {
	Code   string
	Typed  string // what was written down, or the limit
	Shown  string // what the meter says
	Blocks bool
}

// The differences.
const (
	DifferenceUnusable     = "UNUSABLE"      // its values are no measurement
	DifferenceSerial       = "SERIAL"        // it says that it has another serial number
	DifferenceModel        = "MODEL"         // it says that it is another model or of another maker
	DifferenceRatio        = "RATIO"         // it says that it multiplies by its transformers itself
	DifferenceCurrent      = "CURRENT"       // more current than the meter is made for
	DifferenceVoltage      = "VOLTAGE"       // a voltage far from the nominal
	DifferencePower        = "POWER"         // more power than its volts and amperes can make
	DifferencePermitted    = "PERMITTED"     // much more power than the connection point may take
	DifferenceVerification = "VERIFICATION"  // its verification is over
	DifferenceClass        = "CLASS_UNKNOWN" // no class of accuracy that the standards know
)

// How far what is read may be from what is expected, in hundredths.
const (
	currentMost   = 120 // of the meter's greatest current: IEC 62053 classes hold to Imax
	voltageFar    = 20  // from the nominal: GOST 32144 allows 10
	powerMost     = 115 // of the volts times amperes: classes of the two add up
	permittedMost = 150 // of the permitted power of the connection point
)

// accuracyClasses are those of IEC 62053-21 and -22 and of EN 50470.
var accuracyClasses = map[string]bool{"0.1S": true, "0.2S": true, "0.2": true, "0.5S": true, "0.5": true, "1": true, "2": true, "A": true, "B": true, "C": true, "D": true}

// Compare tells in what a meter and its nameplate do not fit, the blocking first. today
// is the legal date; permitted is of the connection point it measures, 0 when it has none.
func (p *Nameplate) Compare(s *Shown, permitted Watts, today string) []Difference {
	var blocks, out []Difference
	power, has := s.Values.Get(QPTotal)
	if !s.Quality.Usable() || !has {
		blocks = append(blocks, Difference{Code: DifferenceUnusable, Shown: s.Quality.String(), Blocks: true})
	}
	if p.VerifiedUntil != "" && p.VerifiedUntil < today {
		blocks = append(blocks, Difference{Code: DifferenceVerification, Typed: p.VerifiedUntil, Shown: today, Blocks: true})
	}
	if p.AccuracyClass != "" && !accuracyClasses[strings.ToUpper(strings.Replace(p.AccuracyClass, ",", ".", 1))] {
		blocks = append(blocks, Difference{Code: DifferenceClass, Typed: p.AccuracyClass, Blocks: true})
	}
	if s.Serial != "" && plateText(s.Serial) != plateText(p.Serial) {
		out = append(out, Difference{Code: DifferenceSerial, Typed: p.Serial, Shown: s.Serial})
	}
	if typed, shown := plateText(p.Vendor+p.Model), plateText(s.Vendor+s.Model); typed != "" && shown != "" &&
		!strings.Contains(shown, plateText(cmp.Or(p.Model, p.Vendor))) && !strings.Contains(typed, plateText(cmp.Or(s.Model, s.Vendor))) {
		out = append(out, Difference{Code: DifferenceModel, Typed: strings.TrimSpace(p.Vendor + " " + p.Model), Shown: strings.TrimSpace(s.Vendor + " " + s.Model)})
	}
	if own, says := s.Values.Get(QCTRatio); says && p.CTNum > p.CTDen && own > QCTRatio.PerUnit() {
		out = append(out, Difference{Code: DifferenceRatio, Typed: ratioText(p.CTNum, p.CTDen), Shown: baseText(QCTRatio, own)})
	}
	out = append(out, p.electric(s)...)
	if primary, fits := (&Meter{CTNum: max(p.CTNum, 1), CTDen: max(p.CTDen, 1), VTNum: max(p.VTNum, 1), VTDen: max(p.VTDen, 1)}).Primary(WattHours(power)); has && permitted > 0 && s.Quality.Usable() &&
		(!fits || int64(primary)*100 > int64(permitted)*permittedMost) {
		out = append(out, Difference{Code: DifferencePermitted, Typed: baseText(QPTotal, int64(permitted)), Shown: baseText(QPTotal, int64(primary))})
	}
	return append(blocks, out...)
}

// electric compares currents, voltages and power with the plate and each other.
func (p *Nameplate) electric(s *Shown) (out []Difference) {
	if !s.Quality.Usable() {
		return nil
	}
	volts, amps := [3]Quantity{QVL1, QVL2, QVL3}, [3]Quantity{QIL1, QIL2, QIL3}
	most, far, apparent, whole := int64(0), int64(-1), float64(0), false
	for i := range volts {
		v, hasV := s.Values.Get(volts[i])
		a, hasA := s.Values.Get(amps[i])
		if hasA {
			most = max(most, a, -a)
		}
		if hasV && v > 0 && p.NominalV > 0 && p.outside(v) {
			far = v
		}
		if hasV && hasA {
			whole = true
			apparent += QVL1.Base(v) * max(QIL1.Base(a), -QIL1.Base(a))
		}
	}
	if p.MaxA > 0 && most*100 > p.MaxA*QIL1.PerUnit()*currentMost {
		out = append(out, Difference{Code: DifferenceCurrent, Typed: baseText(QIL1, p.MaxA*QIL1.PerUnit()), Shown: baseText(QIL1, most)})
	}
	if far >= 0 {
		out = append(out, Difference{Code: DifferenceVoltage, Typed: baseText(QVL1, p.NominalV*QVL1.PerUnit()), Shown: baseText(QVL1, far)})
	}
	if power, has := s.Values.Get(QPTotal); has && whole {
		p := QPTotal.Base(max(power, -power))
		if p > apparent*powerMost/100+50 {
			out = append(out, Difference{Code: DifferencePower, Typed: baseText(QSTotal, int64(apparent)*QSTotal.PerUnit()), Shown: baseText(QPTotal, power)})
		}
	}
	return out
}

// outside tells whether a phase voltage is neither near the nominal nor, for a meter
// that was written down by its line voltage, near that over the root of three.
func (p *Nameplate) outside(stored int64) bool {
	v, nominal := QVL1.Base(stored), float64(p.NominalV)
	near := func(n float64) bool { return v*100 >= n*(100-voltageFar) && v*100 <= n*(100+voltageFar) }
	line := p.NominalV >= 300 || p.NominalV == 100 // 380 to 690 V, and the secondary of voltage transformers
	return !near(nominal) && !(line && near(nominal*0.57735))
}

// plateText makes texts of plates comparable: letters and digits, leading zeros of
// a number left out.
func plateText(text string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_./№#", r) {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(text))), "0")
}

// Commissioning is a meter that was bound to its place after it was read once.
// Confirmed is when its first good reading came through the normal path.
type Commissioning struct {
	ID, Meter, Job     string
	Utility, Collector string
	Plate              Nameplate
	Differences        []ExplainedDifference
	Seals, Act         string
	Installer          string // who installed it: a name, kept out of the ledger
	Salt               string
	BoundBy            string
	Bound              time.Time
	Confirmed          time.Time // zero until then
	FirstReading       time.Time // the instant of that reading
}

// ExplainedDifference is a difference with the reason that was written for it.
type ExplainedDifference struct {
	Difference
	Reason string
}

func ratioText(num, den int64) string { return fmt.Sprintf("%d/%d", num, den) }

// baseText writes a stored value in its base unit, with the unit.
func baseText(q Quantity, stored int64) string {
	text := strconv.FormatFloat(q.Base(stored), 'f', -1, 64)
	if q.Unit() == "1" {
		return text
	}
	return text + " " + q.Unit()
}
