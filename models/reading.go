package models

import (
	"iter"
	"math"
	"math/bits"
	"time"
)

// Quantity is something a meter measures. The list is fixed, so that readings
// are arrays and not maps. Its names are part of the interface.
type Quantity uint8

// The quantities. Powers are in W, var and VA, positive for import from the
// grid; energies in Wh; everything else in thousandths (mV, mA, mHz, 0.001 of
// power factor, 0.001 %, 0.001 of a ratio).
const (
	QPTotal Quantity = iota
	QPL1
	QPL2
	QPL3
	QQTotal
	QSTotal
	QVL1
	QVL2
	QVL3
	QUL12
	QUL23
	QUL31
	QIL1
	QIL2
	QIL3
	QIN
	QPF
	QPFL1
	QPFL2
	QPFL3
	QF
	QEImport
	QEExport
	QTHDVL1
	QTHDVL2
	QTHDVL3
	QTHDIL1
	QTHDIL2
	QTHDIL3
	QCTRatio
	QPTRatio
	QuantityCount
)

// quantities is what each quantity is called, its base unit, and how many of
// the stored whole numbers make one base unit.
var quantities = [QuantityCount]struct {
	name, unit string
	per        int64
}{
	QPTotal: {"p_total", "W", 1}, QPL1: {"p_l1", "W", 1}, QPL2: {"p_l2", "W", 1}, QPL3: {"p_l3", "W", 1},
	QQTotal: {"q_total", "var", 1}, QSTotal: {"s_total", "VA", 1},
	QVL1: {"v_l1", "V", 1000}, QVL2: {"v_l2", "V", 1000}, QVL3: {"v_l3", "V", 1000},
	QUL12: {"u_l12", "V", 1000}, QUL23: {"u_l23", "V", 1000}, QUL31: {"u_l31", "V", 1000},
	QIL1: {"i_l1", "A", 1000}, QIL2: {"i_l2", "A", 1000}, QIL3: {"i_l3", "A", 1000}, QIN: {"i_n", "A", 1000},
	QPF: {"pf", "1", 1000}, QPFL1: {"pf_l1", "1", 1000}, QPFL2: {"pf_l2", "1", 1000}, QPFL3: {"pf_l3", "1", 1000},
	QF: {"f", "Hz", 1000}, QEImport: {"e_import", "Wh", 1}, QEExport: {"e_export", "Wh", 1},
	QTHDVL1: {"thd_v_l1", "%", 1000}, QTHDVL2: {"thd_v_l2", "%", 1000}, QTHDVL3: {"thd_v_l3", "%", 1000},
	QTHDIL1: {"thd_i_l1", "%", 1000}, QTHDIL2: {"thd_i_l2", "%", 1000}, QTHDIL3: {"thd_i_l3", "%", 1000},
	QCTRatio: {"ct_ratio", "1", 1000}, QPTRatio: {"pt_ratio", "1", 1000},
}

// String is the quantity's name on every interface, such as p_total.
func (q Quantity) String() string {
	if q < QuantityCount {
		return quantities[q].name
	}
	return "unknown"
}

// Unit is the base unit: W, var, VA, Wh, V, A, Hz, %, or 1.
func (q Quantity) Unit() string { return quantities[q].unit }

// PerUnit is how many stored whole numbers make one base unit: 1, or 1000.
func (q Quantity) PerUnit() int64 { return quantities[q].per }

// Base turns a stored whole number into the base unit, for a screen or a file.
func (q Quantity) Base(stored int64) float64 { return float64(stored) / float64(quantities[q].per) }

// Store turns a value in the base unit into the stored whole number, rounded
// half away from zero; false when it is no number or does not fit.
func (q Quantity) Store(base float64) (int64, bool) {
	v := math.Round(base * float64(quantities[q].per))
	if !(math.Abs(v) < 1<<62) {
		return 0, false
	}
	return int64(v), true
}

// ParseQuantity finds a quantity by name.
func ParseQuantity(name string) (Quantity, bool) {
	for q := range quantities {
		if quantities[q].name == name {
			return Quantity(q), true
		}
	}
	return 0, false
}

// Quantities lists every quantity in order.
func Quantities() iter.Seq[Quantity] {
	return func(yield func(Quantity) bool) {
		for q := Quantity(0); q < QuantityCount; q++ {
			if !yield(q) {
				return
			}
		}
	}
}

// Values holds the quantities of one instant. A quantity that was not read, or
// was no value, is absent: it is never 0.
type Values struct {
	present uint64
	stored  [QuantityCount]int64
}

// Set records the stored whole number of a quantity.
func (v *Values) Set(q Quantity, stored int64) { v.present |= 1 << q; v.stored[q] = stored }

// SetBase records a value in the base unit; what does not fit is left absent.
func (v *Values) SetBase(q Quantity, base float64) {
	if s, ok := q.Store(base); ok {
		v.Set(q, s)
	}
}

// Clear makes a quantity absent.
func (v *Values) Clear(q Quantity) { v.present &^= 1 << q; v.stored[q] = 0 }

// Get gives the stored whole number, and false when the quantity is absent.
func (v *Values) Get(q Quantity) (int64, bool) { return v.stored[q], v.Has(q) }

// Has tells whether the quantity is present.
func (v *Values) Has(q Quantity) bool { return v.present&(1<<q) != 0 }

// Len is the number of quantities present.
func (v *Values) Len() int { return bits.OnesCount64(v.present) }

// All gives the quantities present, in order, with their stored whole numbers.
func (v *Values) All() iter.Seq2[Quantity, int64] {
	return func(yield func(Quantity, int64) bool) {
		for rest := v.present; rest != 0; rest &= rest - 1 {
			q := Quantity(bits.TrailingZeros64(rest))
			if !yield(q, v.stored[q]) {
				return
			}
		}
	}
}

// Power is p_total, positive for import.
func (v *Values) Power() (Watts, bool) {
	p, ok := v.Get(QPTotal)
	return Watts(p), ok
}

// Quality says how far a reading can be relied on. A reading carries the worst
// that applies; the order below is from best to worst. The numbers are stored: new
// qualities go to the end.
type Quality uint8

// The qualities. From Frozen on a reading carries no values, but for ReversedCT and RatioChanged.
const (
	QualityGood         Quality = iota
	QualityEstimated            // made by a rule or a person, not read from a meter
	QualityRollover             // a counter passed its end and began again
	QualityReset                // a counter began again from a lower value
	QualityGap                  // readings are missing before this one
	QualityClock                // the time is not trusted
	QualityNotAvailable         // the meter says that it has no value for some quantity
	QualityOverflow             // the meter says that some quantity is too large to show
	QualityOutOfRange           // some quantity is outside what the meter can measure and was left out
	QualitySuspect              // an energy counter moved in a way its power does not explain; left out
	QualityFrozen               // the meter repeats itself byte for byte
	QualityCanaryFailed         // a value that must make sense did not: the block was thrown away
	QualityCommError            // the meter did not answer, or not with a Modbus answer
	QualityOtherDevice          // what answers is not the kind of device that the meter is registered as
	QualityScaleChanged         // power no longer fits voltage and current: another factor applies than the profile says
	QualityReversedCT           // a current transformer is the wrong way round: a phase gives back what it takes
	QualityRatioChanged         // the meter tells another transformer ratio than in its reading before: no energy is counted across it
	qualityCount
)

var qualityNames = [qualityCount]string{"good", "estimated", "rollover", "reset", "gap", "clock", "not_available",
	"overflow", "out_of_range", "suspect", "frozen", "canary_failed", "comm_error", "other_device",
	"scale_changed", "reversed_ct", "ratio_changed"}

// String is the quality's word on every interface.
func (q Quality) String() string {
	if q < qualityCount {
		return qualityNames[q]
	}
	return "unknown"
}

// ParseQuality finds a quality by its word; "" is good.
func ParseQuality(word string) (Quality, bool) {
	if word == "" {
		return QualityGood, true
	}
	for q, name := range qualityNames {
		if name == word {
			return Quality(q), true
		}
	}
	return 0, false
}

// Worse gives the worse of two qualities.
func (q Quality) Worse(o Quality) Quality { return max(q, o) }

// Usable tells whether the values that are present may be used as measured.
func (q Quality) Usable() bool {
	return q < QualityFrozen || q == QualityReversedCT || q == QualityRatioChanged
}

// RatiosTold are the ratios of the transformers before a meter as the meter itself tells
// them, in thousandths; 0 where it does not.
type RatiosTold struct{ CT, PT int64 }

// RatiosOf gives the ratios that a reading tells.
func RatiosOf(v *Values) (out RatiosTold) {
	out.CT, _ = v.Get(QCTRatio)
	out.PT, _ = v.Get(QPTRatio)
	return out
}

// Differ tells whether a meter that told the one tells another ratio now. What is not
// told is no difference.
func (r RatiosTold) Differ(now RatiosTold) bool {
	return r.CT != 0 && now.CT != 0 && r.CT != now.CT || r.PT != 0 && now.PT != 0 && r.PT != now.PT
}

// Reading is what one meter said at one instant. At is when its answer arrived,
// by the collector's clock, UTC in microseconds.
type Reading struct {
	Meter   string        // meter id
	At      time.Time     // UTC, microseconds
	Step    time.Duration // time to the reading before it when none is missing; 0 is the meter's poll interval
	Values  Values
	Quality Quality
	Source  Source
	// Registers are what the meter answered, word for word; nil when that is not known.
	Registers *Registers
}

// MeterRole says what a meter is for.
type MeterRole string

// The roles of a meter.
const (
	MeterRevenue     MeterRole = "revenue"     // bills a connection point
	MeterCheck       MeterRole = "check"       // stands beside a revenue meter
	MeterFeeder      MeterRole = "feeder"      // head of a feeder
	MeterTransformer MeterRole = "transformer" // sum meter of a transformer
	MeterPDU         MeterRole = "pdu"         // a power distribution unit inside a site
	MeterGenerator   MeterRole = "generator"   // own generation
	MeterSubstation  MeterRole = "substation"  // incomer of a substation
)

// MeterRoles lists the roles.
func MeterRoles() []MeterRole {
	return []MeterRole{MeterRevenue, MeterCheck, MeterFeeder, MeterTransformer, MeterPDU, MeterGenerator, MeterSubstation}
}

// Meter is a device that measures one node of the grid. Profile, URL and Unit
// say how it is read over Modbus; they are empty for a meter whose readings
// come another way.
type Meter struct {
	ID             string
	Code           string // unique, the utility's own name
	Serial         string
	Vendor, Model  string
	Profile        string // id of a register profile
	URL            string // tcp://host:port, rtuovertcp://host:port
	Unit           uint8  // Modbus unit id
	Role           MeterRole
	Node           Ref // what it measures: substation, feeder, transformer, connection_point, pdu
	Utility        string
	CTNum, CTDen   int64  // current transformer, primary over secondary; 1/1 when the meter shows primary values
	VTNum, VTDen   int64  // voltage transformer
	AccuracyClass  string // "0.5S"
	PollInterval   time.Duration
	VerificationBy string // legal date YYYY-MM-DD until which its verification holds, "" unknown
	InstalledFrom  time.Time
	InstalledUntil time.Time // zero: still there
	Version        int64
}
