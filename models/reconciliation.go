package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MismatchKind says in what way a utility's list, the register and the meters
// contradict each other about one connection point.
type MismatchKind string

// The kinds of mismatch.
const (
	MismatchUnpermitted MismatchKind = "energised_not_permitted"       // listed as energised; the register knows neither load nor permit
	MismatchUnconfirmed MismatchKind = "permitted_not_confirmed"       // listed as energised; the permit for it was never confirmed
	MismatchDrawing     MismatchKind = "disconnected_on_paper_drawing" // off by the register or by an executed order, and its meter runs
	MismatchOverLicense MismatchKind = "load_over_license"             // more than the appendix of the license allows at the point
	MismatchUnknown     MismatchKind = "listed_unknown_point"          // listed, and not in the register
	MismatchMissing     MismatchKind = "registered_missing_from_list"  // energised by the register, and not listed
	MismatchConsumer    MismatchKind = "consumer_differs"              // another consumer than in the register
	MismatchFlat        MismatchKind = "flat_load_unlicensed"          // a load that runs the same day and night, without a license
)

// MismatchKinds lists the kinds.
func MismatchKinds() []MismatchKind {
	return []MismatchKind{MismatchUnpermitted, MismatchUnconfirmed, MismatchDrawing, MismatchOverLicense, MismatchUnknown, MismatchMissing,
		MismatchConsumer, MismatchFlat}
}

// ListedPoint is a line of a utility's list: a connection point that it holds to be
// energised. Consumer and Load are "" and 0 where the list does not say.
type ListedPoint struct {
	Code     string
	Consumer string // BIN or IIN
	Load     Watts  // what the utility knows as its load
	Meter    string // serial number of the revenue meter
}

// RegisteredPoint is what the register says about a connection point.
type RegisteredPoint struct {
	Code         string
	State        ConnectionState
	DeclaredUse  string
	Consumer     string
	Energised    Watts
	License      string // number of the license in force that covers it, ""
	LicenseState LicenseState
	Licensed     Watts      // by the license's appendix
	Permit       string     // id of the newest permit that was not confirmed, ""
	Order        string     // number of the newest order to switch it off that was executed, ""
	OrderState   OrderState // of that order
}

// MeteredLoad is what the revenue meters of a point measured in the time that a
// reconciliation looks at. With several meters Max is the sum of their means and Min
// the sum of their least quarter hours: neither claims more than is known.
type MeteredLoad struct {
	Mean, Max, Min Watts         // of quarter hours
	Covered        time.Duration // by good readings, of the meter that has the fewest
}

// ReconciliationRules are the numbers of the matching.
type ReconciliationRules struct {
	Window        time.Duration // how far back the meters are looked at
	Coverage      int64         // permille of the window that readings must cover
	Quiet         Watts         // a meter that reads at most this reads nothing
	LicenseMargin int64         // permille over the licensed power that are no mismatch
	FlatLeast     Watts         // a load below this is not looked at for its shape
	FlatShare     int64         // permille of its mean that the least quarter hour of a flat load has at least
}

// DefaultReconciliationRules gives the numbers in force. They are the registry's own.
func DefaultReconciliationRules() ReconciliationRules {
	return ReconciliationRules{Window: 24 * time.Hour, Coverage: 800, Quiet: 500, LicenseMargin: 20, FlatLeast: 20_000, FlatShare: 850}
}

// Mismatch is one contradiction with what each of the three sides says. Stake is the
// power that it is about.
type Mismatch struct {
	Kind       MismatchKind
	Point      string // code
	Stake      Watts
	Listed     *ListedPoint     // nil when not listed
	Registered *RegisteredPoint // nil when not in the register
	Metered    *MeteredLoad     // nil without enough readings
}

// MaxListed is how many points one list may have.
const MaxListed = 200_000

// maxListErrors is how many wrong lines are told at once.
const maxListErrors = 200

// CheckList checks the form of a utility's list. It changes nothing; numbers are
// expected as NormalizeIdentifier writes them.
func CheckList(list []ListedPoint) error {
	if len(list) == 0 || len(list) > MaxListed {
		return Errorf(CodeInvalid, "A list has 1 to %d points; this has %d.", MaxListed, len(list))
	}
	var v Invalid
	seen := make(map[string]int, len(list))
	for i, p := range list {
		if len(v.fields) >= maxListErrors {
			break
		}
		if p.Code == "" || len(p.Code) > 64 {
			v.Add(listPointer(i, "connection_point"), "required", "Give the code of the connection point, at most 64 characters.")
		} else if first, twice := seen[p.Code]; twice {
			v.Add(listPointer(i, "connection_point"), "duplicate", "%s stands in line %d already. Leave one out.", p.Code, first+1)
		} else {
			seen[p.Code] = i
		}
		if p.Consumer != "" && (len(p.Consumer) != 12 || !allDigits(p.Consumer)) {
			v.Add(listPointer(i, "consumer"), "format", "A BIN or IIN has 12 digits. Leave it empty when you do not know it.")
		}
		if p.Load < 0 || p.Load > 10_000_000_000 {
			v.Add(listPointer(i, "kw"), "range", "The load is 0 to 10,000,000 kW.")
		}
		if len(p.Meter) > 100 {
			v.Add(listPointer(i, "meter"), "range", "A serial number has at most 100 characters.")
		}
	}
	return v.Err()
}

func listPointer(line int, field string) string { return fmt.Sprintf("/points/%d/%s", line, field) }

// Reconcile matches a utility's list of energised points with the register and the
// meters, and gives what contradicts, the largest power first. The order of the
// inputs does not matter. Each point has at most one mismatch about whether it may be
// on, and at most one of each of the others: its load, its consumer, its shape.
func Reconcile(list []ListedPoint, register []RegisteredPoint, metered map[string]MeteredLoad, rules ReconciliationRules) []Mismatch {
	known := make(map[string]*RegisteredPoint, len(register))
	for i := range register {
		known[register[i].Code] = &register[i]
	}
	listed := make(map[string]*ListedPoint, len(list))
	var out []Mismatch
	for i := range list {
		p := &list[i]
		listed[p.Code] = p
		if known[p.Code] == nil {
			out = append(out, Mismatch{Kind: MismatchUnknown, Point: p.Code, Stake: p.Load, Listed: p})
		}
	}
	for i := range register {
		m := matching{rules: rules, reg: &register[i], listed: listed[register[i].Code]}
		if load, found := metered[m.reg.Code]; found && load.Covered.Microseconds()*1000 >= rules.Window.Microseconds()*rules.Coverage {
			m.metered = &load
		}
		out = m.all(out)
	}
	slices.SortFunc(out, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(b.Stake, a.Stake), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Point, b.Point))
	})
	return out
}

// matching is one point of the register with what the other sides say.
type matching struct {
	rules   ReconciliationRules
	reg     *RegisteredPoint
	listed  *ListedPoint
	metered *MeteredLoad
}

func (m matching) all(out []Mismatch) []Mismatch {
	for _, look := range []func() (MismatchKind, Watts){m.energised, m.load, m.consumer, m.shape} {
		if kind, stake := look(); kind != "" {
			out = append(out, Mismatch{Kind: kind, Point: m.reg.Code, Stake: stake, Listed: m.listed, Registered: m.reg, Metered: m.metered})
		}
	}
	return out
}

func (m matching) runs() bool { return m.metered != nil && m.metered.Mean > m.rules.Quiet }

// largest is the largest power that any side speaks of.
func (m matching) largest() Watts {
	most := m.reg.Energised
	if m.listed != nil {
		most = max(most, m.listed.Load)
	}
	if m.metered != nil {
		most = max(most, m.metered.Mean)
	}
	return most
}

// energised looks whether the point may be on: the meter is believed before paper.
func (m matching) energised() (MismatchKind, Watts) {
	switched := m.reg.OrderState == OrderExecuted || m.reg.OrderState == OrderVerified
	off := m.reg.State == ConnectionDisconnected || m.reg.State == ConnectionRemoved || switched
	switch {
	case off && m.runs():
		return MismatchDrawing, m.metered.Mean
	case m.listed == nil && m.reg.State == ConnectionPlanned && m.runs():
		return MismatchDrawing, m.metered.Mean
	case m.listed == nil && m.reg.State == ConnectionEnergised && !switched:
		return MismatchMissing, m.largest()
	case m.listed == nil || m.reg.State == ConnectionEnergised:
		return "", 0
	case m.reg.Permit != "":
		return MismatchUnconfirmed, m.largest()
	}
	return MismatchUnpermitted, m.largest()
}

// load looks whether more is taken than the license allows at the point.
func (m matching) load() (MismatchKind, Watts) {
	if m.reg.License == "" || m.reg.Licensed <= 0 || m.reg.LicenseState != LicenseActive {
		return "", 0
	}
	var taken Watts
	if m.listed != nil {
		taken = m.listed.Load
	}
	if m.metered != nil {
		taken = max(taken, m.metered.Max)
	}
	if int64(taken)*1000 > int64(m.reg.Licensed)*(1000+m.rules.LicenseMargin) {
		return MismatchOverLicense, taken - m.reg.Licensed
	}
	return "", 0
}

func (m matching) consumer() (MismatchKind, Watts) {
	if m.listed == nil || m.listed.Consumer == "" || m.reg.Consumer == "" || m.listed.Consumer == m.reg.Consumer {
		return "", 0
	}
	return MismatchConsumer, m.largest()
}

// shape looks for a load that runs the same day and night where no license is.
func (m matching) shape() (MismatchKind, Watts) {
	if m.reg.License != "" || m.metered == nil || m.metered.Mean < m.rules.FlatLeast ||
		int64(m.metered.Min)*1000 < int64(m.metered.Mean)*m.rules.FlatShare {
		return "", 0
	}
	return MismatchFlat, m.metered.Mean
}
