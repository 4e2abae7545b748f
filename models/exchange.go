package models

import (
	"fmt"
	"time"
)

// ExchangeKind is what was done to a meter at its place.
type ExchangeKind string

// The kinds.
const (
	ExchangeInstalled    ExchangeKind = "installed"    // there was none before
	ExchangeMeter        ExchangeKind = "meter"        // another device
	ExchangeTransformers ExchangeKind = "transformers" // another ratio of current or voltage transformers
	ExchangeBoth         ExchangeKind = "both"
)

// MeterExchange is a change of the device or of the transformers of a meter, with the
// registers on both sides of it, so that energy goes on without a jump.
type MeterExchange struct {
	ID                     string
	N                      int64 // orders all exchanges, from 1
	Meter                  string
	Kind                   ExchangeKind
	At                     time.Time
	OldSerial, NewSerial   string
	OldProfile, NewProfile string
	OldRatio, NewRatio     string // "CT 200/5 VT 10000/100"
	// Registers in Wh of the primary side; an export register of -1 is not known.
	Final, First             WattHours
	FinalExport, FirstExport WattHours
	OldSeals, NewSeals       string
	Act                      string // number of the act that both sides signed
	Actor                    string // id of who recorded it
	MeterVersion             int64
	Recorded                 time.Time
}

// RatioText writes the ratios of a meter's transformers.
func (m *Meter) RatioText() string {
	return fmt.Sprintf("CT %d/%d VT %d/%d", m.CTNum, m.CTDen, m.VTNum, m.VTDen)
}

// Primary gives the energy on the primary side of what the meter's register shows, in
// Wh; false when it cannot be held.
func (m *Meter) Primary(shown WattHours) (WattHours, bool) {
	both, fits := Ratio{m.CTNum, m.CTDen}.Times(Ratio{m.VTNum, m.VTDen})
	if !fits {
		return 0, false
	}
	v, state := IntRaw(int64(shown)).Scaled(both)
	return WattHours(v), state == ValueOK
}

// Joints gives the readings that join the counter before an exchange to the one after
// it, as a person wrote them down: the old register's end, then the new one's
// beginning. Between them stands a reading without the import register, so that no
// energy lies between the two.
func (x *MeterExchange) Joints() []Reading {
	var out []Reading
	add := func(q Quantity, wh WattHours) *Reading {
		out = append(out, Reading{Meter: x.Meter, At: x.At.Add(time.Duration(len(out)) * time.Microsecond), Quality: QualityEstimated,
			Source: SourceEntered})
		r := &out[len(out)-1]
		r.Values.Set(q, int64(wh))
		return r
	}
	if x.Kind != ExchangeInstalled {
		end := add(QEImport, x.Final)
		if x.FinalExport >= 0 {
			end.Values.Set(QEExport, int64(x.FinalExport))
		}
		add(QEExport, max(x.FirstExport, 0))
	}
	begin := add(QEImport, x.First)
	if x.FirstExport >= 0 {
		begin.Values.Set(QEExport, int64(x.FirstExport))
	}
	return out
}
