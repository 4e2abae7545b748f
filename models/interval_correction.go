package models

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// CorrectionReason says why intervals of a meter are put right.
type CorrectionReason string

// The reasons.
const (
	CorrectionMeterFault   CorrectionReason = "meter_fault"   // the meter measured wrongly
	CorrectionWrongRatio   CorrectionReason = "wrong_ratio"   // with another ratio of transformers than there was
	CorrectionWrongClock   CorrectionReason = "wrong_clock"   // values stand at another time
	CorrectionMissing      CorrectionReason = "missing_data"  // nothing was read; the energy is known otherwise
	CorrectionFileReplaced CorrectionReason = "file_replaced" // the metering system sent other values
	CorrectionDecision     CorrectionReason = "decision"      // a court or a regulator decided
	CorrectionWithdrawn    CorrectionReason = "withdrawn"     // an earlier correction was wrong: what was measured counts again
)

// CorrectionReasons lists the reasons.
func CorrectionReasons() []CorrectionReason {
	return []CorrectionReason{CorrectionMeterFault, CorrectionWrongRatio, CorrectionWrongClock, CorrectionMissing, CorrectionFileReplaced,
		CorrectionDecision, CorrectionWithdrawn}
}

// CorrectionState is how far a correction is.
type CorrectionState string

// The states.
const (
	CorrectionProposed CorrectionState = "proposed"
	CorrectionApplied  CorrectionState = "applied"
	CorrectionRejected CorrectionState = "rejected"
)

// CorrectedInterval is the energy of one quarter of an hour as it is put right.
type CorrectedInterval struct {
	Start          time.Time
	Import, Export WattHours
}

// MaxCorrection is the longest period of one correction.
const MaxCorrection = 92 * 24 * time.Hour

// correctionPower is the most that anybody's meter can have measured, 2 GW.
const correctionPower = 2_000_000_000

// IntervalCorrection puts intervals of a meter in [From, Until) right. The quarters that
// it lists count as it says; those of the period that it does not list count as they were
// measured. What was measured is never changed.
type IntervalCorrection struct {
	ID, Meter, Utility string
	From, Until        time.Time
	Reason             CorrectionReason
	Act                string // number of the paper that it rests on
	Note               string
	Intervals          []CorrectedInterval // by time
	State              CorrectionState
	Digest             string // of the intervals, hex
	Measured           string // digest of what counted in the period when it was proposed, hex
	ProposedBy         string // id
	ProposedAt         time.Time
	DecidedBy          string // id; of another person when it is applied
	DecidedAt          time.Time
	Version            int64
}

// Check tells what is wrong with a correction that is proposed at an instant.
func (c *IntervalCorrection) Check(now time.Time) error {
	var bad Invalid
	quarter := func(at time.Time) bool { return at.Equal(IntervalStart(at)) }
	if !quarter(c.From) || !quarter(c.Until) || !c.From.Before(c.Until) {
		bad.Add("/from", "range", "Give a period that begins and ends at a quarter of an hour.")
	} else if c.Until.Sub(c.From) > MaxCorrection {
		bad.Add("/until", "range", "A correction covers at most 92 days. Divide it.")
	}
	if c.Until.After(now) {
		bad.Add("/until", "range", "Only quarters of an hour that are over can be put right.")
	}
	known := false
	for _, r := range CorrectionReasons() {
		known = known || r == c.Reason
	}
	if !known {
		bad.Add("/reason", "unknown", "Give one of the reasons.")
	}
	if (c.Reason == CorrectionWithdrawn) != (len(c.Intervals) == 0) {
		bad.Add("/intervals", "required", "Give the corrected quarters of an hour; none when an earlier correction is withdrawn.")
	}
	if c.Act = strings.TrimSpace(c.Act); c.Act == "" || len(c.Act) > 64 {
		bad.Add("/act", "required", "Give the number of the paper that it rests on, in at most 64 characters.")
	}
	if len(c.Note) > 2000 {
		bad.Add("/note", "range", "A note has at most 2,000 bytes.")
	}
	for i := range c.Intervals {
		iv := &c.Intervals[i]
		pointer := fmt.Sprintf("/intervals/%d", i)
		switch {
		case len(bad.fields) > 50:
			return bad.Err()
		case !quarter(iv.Start) || iv.Start.Before(c.From) || !iv.Start.Before(c.Until):
			bad.Add(pointer+"/start", "range", "Give the beginning of a quarter of an hour within the period.")
		case i > 0 && !iv.Start.After(c.Intervals[i-1].Start):
			bad.Add(pointer+"/start", "order", "Give the quarters of an hour in order of time, each once.")
		case iv.Import < 0 || iv.Export < 0 || iv.Import > correctionPower/4 || iv.Export > correctionPower/4:
			bad.Add(pointer+"/kwh", "range", "Energy is 0 to 500,000,000 kWh a quarter of an hour. Leave out what is not known; it is never 0.")
		}
	}
	c.Digest = CorrectedDigest(c.Intervals)
	return bad.Err()
}

// CorrectedDigest is SHA-256 over intervals, hex.
func CorrectedDigest(all []CorrectedInterval) string {
	b := make([]byte, 0, len(all)*16)
	for i := range all {
		b = binary.AppendVarint(b, all[i].Start.UnixMicro())
		b = binary.AppendVarint(b, int64(all[i].Import))
		b = binary.AppendVarint(b, int64(all[i].Export))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Interval is the corrected quarter as it counts.
func (c CorrectedInterval) Interval(meter string) Interval {
	mean := Watts(4 * (c.Import - c.Export))
	return Interval{Meter: meter, Start: c.Start, CounterImport: c.Import, CounterExport: c.Export, CounterCovered: IntervalLength,
		EnergyImport: int64(c.Import) * wattMicrosPerWattHour, EnergyExport: int64(c.Export) * wattMicrosPerWattHour, Covered: IntervalLength,
		MaxPower: mean, MinPower: mean, Samples: 1, Quality: QualityEstimated, LastReadingTime: c.Start.Add(IntervalLength),
		Sources: SourceCorrected.Set()}
}
