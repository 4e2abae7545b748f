package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// GateParameters are the numbers of the rules, dated like a law. ReservationTick is
// how the program runs and no rule, so it is not dated.
type GateParameters struct {
	From            string        // legal date from which they hold
	PermitTime      time.Duration // a permit lives at most so long
	StaleMeter      time.Duration // a last reading older than this is stale
	DeclaredUse     Watts         // from here on a load that is not mining is looked at
	EquipmentLow    int64         // permille: rigs registered over load, at least
	EquipmentHigh   int64         // permille: at most
	QuietLoad       Watts         // a meter that reads at most this reads nothing
	QuietTime       time.Duration // for so long after the execution of an order
	ContradictLoad  Watts         // drawn over what an executed order allows, this contradicts the execution
	ContradictTime  time.Duration // when it is drawn for so long
	ReservationTick time.Duration // how often lapsed permits are written off
	StaleRegistry   time.Duration // a ledger that waits longer for its seal is too old to decide from
}

// DefaultGateParameters gives the parameters that hold where no row says otherwise.
// The band of equipment (0.7 to 1.1 of the load) and the other numbers are the
// registry's own until an order of the ministry sets them.
func DefaultGateParameters() GateParameters {
	return GateParameters{
		From: "2026-01-01", PermitTime: 24 * time.Hour, StaleMeter: time.Hour, DeclaredUse: 100_000,
		EquipmentLow: 700, EquipmentHigh: 1100, QuietLoad: 500, QuietTime: 15 * time.Minute,
		ContradictLoad: 5_000, ContradictTime: 15 * time.Minute, ReservationTick: 15 * time.Second, StaleRegistry: 5 * time.Minute,
	}
}

// gateParameter is one dated number of the gate: its bounds, and where it goes.
type gateParameter struct {
	code, unit  string
	least, most int64
	set         func(*GateParameters, int64)
}

var gateParameters = []gateParameter{
	{"permit_minutes", "minutes", 5, 7 * 24 * 60, func(p *GateParameters, n int64) { p.PermitTime = time.Duration(n) * time.Minute }},
	{"stale_meter_minutes", "minutes", 1, 7 * 24 * 60, func(p *GateParameters, n int64) { p.StaleMeter = time.Duration(n) * time.Minute }},
	{"stale_registry_seconds", "seconds", 5, 3600, func(p *GateParameters, n int64) { p.StaleRegistry = time.Duration(n) * time.Second }},
	{"declared_use_w", "w", 1000, 100_000_000, func(p *GateParameters, n int64) { p.DeclaredUse = Watts(n) }},
	{"equipment_low_permille", "permille", 1, 1000, func(p *GateParameters, n int64) { p.EquipmentLow = n }},
	{"equipment_high_permille", "permille", 1000, 10_000, func(p *GateParameters, n int64) { p.EquipmentHigh = n }},
	{"quiet_load_w", "w", 1, 100_000, func(p *GateParameters, n int64) { p.QuietLoad = Watts(n) }},
	{"quiet_minutes", "minutes", 5, 24 * 60, func(p *GateParameters, n int64) { p.QuietTime = time.Duration(n) * time.Minute }},
	{"contradict_load_w", "w", 1, 10_000_000, func(p *GateParameters, n int64) { p.ContradictLoad = Watts(n) }},
	{"contradict_minutes", "minutes", 5, 24 * 60, func(p *GateParameters, n int64) { p.ContradictTime = time.Duration(n) * time.Minute }},
}

func gateParameterCodes() []string {
	codes := make([]string, 0, len(gateParameters))
	for _, p := range gateParameters {
		codes = append(codes, p.code)
	}
	return codes
}

// holdsOn tells whether a dated row holds on a legal date.
func (r ReferenceRow) holdsOn(date string) bool {
	return r.ValidFrom <= date && (r.ValidUntil == "" || r.ValidUntil > date)
}

// GateParametersOn gives the parameters of a legal date from the rows of
// gate_parameters; a number that no row gives is as in DefaultGateParameters.
func GateParametersOn(rows []ReferenceRow, date string) (GateParameters, error) {
	p := DefaultGateParameters()
	for _, r := range rows {
		i := slices.IndexFunc(gateParameters, func(g gateParameter) bool { return g.code == r.Values["code"] })
		if i < 0 || !r.holdsOn(date) {
			continue
		}
		n, err := r.Number("value")
		if err != nil {
			return p, err
		}
		gateParameters[i].set(&p, n)
		p.From = max(p.From, r.ValidFrom)
	}
	return p, nil
}

// checkGateParameter refuses a number that the gate cannot work with.
func checkGateParameter(v *Invalid, at string, values map[string]string) {
	i := slices.IndexFunc(gateParameters, func(g gateParameter) bool { return g.code == strings.TrimSpace(values["code"]) })
	if i < 0 {
		return // said already
	}
	g := gateParameters[i]
	if values["unit"] != g.unit {
		v.Add(at+"/values/unit", "choice", "%s is counted in %s.", g.code, g.unit)
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(values["value"]), 10, 64); err == nil && (n < g.least || n > g.most) {
		v.Add(at+"/values/value", "range", "%s lies between %d and %d.", g.code, g.least, g.most)
	}
}

// orderGrounds are the grounds that have a term in order_deadlines.
var orderGrounds = []string{"license.suspended", "license.revoked", "license.expired", "license.terminated", GroundHostFell, GroundDropped,
	GroundHold, GroundCurtailment, GroundReconnection}

// OrderTerm is how long a utility has to do what an order on a ground says.
type OrderTerm struct {
	Ground   string
	Orders   bool // the ground makes orders at all
	Term     int64
	Unit     string // minutes, hours or working_days
	LegalRef string
	Grade    string
}

// OrderTermOn gives the term of a ground on a legal date from the rows of
// order_deadlines. A ground without a row makes no orders.
func OrderTermOn(rows []ReferenceRow, ground, date string) (OrderTerm, error) {
	for _, r := range rows {
		if r.Values["ground"] != ground || !r.holdsOn(date) {
			continue
		}
		n, err := r.Number("term")
		return OrderTerm{Ground: ground, Orders: r.Values["orders"] == "1", Term: n, Unit: r.Values["unit"], LegalRef: r.Values["legal_ref"], Grade: r.Values["grade"]}, err
	}
	return OrderTerm{Ground: ground}, nil
}

// Deadline gives the end of the term for an order issued at an instant. Working days
// are counted from the next one and end with their day.
func (t OrderTerm) Deadline(cal Calendar, issued time.Time) (time.Time, error) {
	switch t.Unit {
	case "minutes":
		return issued.Add(time.Duration(t.Term) * time.Minute), nil
	case "hours":
		return issued.Add(time.Duration(t.Term) * time.Hour), nil
	}
	return StartOfDay(AddDays(cal.AddWorkingDays(LegalDate(issued), int(t.Term)), 1))
}

func checkOrderTerm(v *Invalid, at string, values map[string]string) {
	most := map[string]int64{"minutes": 7 * 24 * 60, "hours": 60 * 24, "working_days": 60}[values["unit"]]
	if n, err := strconv.ParseInt(strings.TrimSpace(values["term"]), 10, 64); err == nil && most > 0 && (n < 1 || n > most) {
		v.Add(at+"/values/term", "range", "A term lies between 1 and %d %s.", most, values["unit"])
	}
}
