package models

import (
	"fmt"
	"time"
)

// Impact is what an act on a license brings about, as the registry stands at an
// instant: shown before somebody drafts, kept with the draft, and shown again, with
// what differs, before somebody else signs.
type Impact struct {
	License   string
	Version   int64
	Kind      LicenseActKind
	At        time.Time
	State     LicenseState // after the act
	Until     time.Time    // end of the suspension after the act, zero for none
	ValidTo   time.Time    // end of the term after the act
	Approved  Watts        // after the act
	Points    []ImpactPoint
	Tenants   []ImpactTenant
	Utilities []ImpactUtility
	Orders    []ImpactOrder
	Letters   []ImpactLetter
}

// GateEffect says what an act does to the gate of a connection point.
type GateEffect string

// The effects. A gate that stays closed was closed before the act.
const (
	GateCloses      GateEffect = "closes"
	GateOpens       GateEffect = "opens"
	GateStaysClosed GateEffect = "stays_closed"
	GateUnchanged   GateEffect = "unchanged"
)

// ImpactPoint is a connection point of the license and what becomes of its gate.
type ImpactPoint struct {
	Code      string
	Utility   string // id
	State     ConnectionState
	Energised Watts
	Reserved  Watts // held by permits that are open
	Permits   int64 // permits that are open
	Effect    GateEffect
	Reason    ReasonCode // that the gate answers after the act, "" when it opens or is unchanged
}

// ImpactTenant is a license of sub-type II in the data centre of the license.
type ImpactTenant struct {
	Number     string
	Holder     string // party id
	HolderName string
	State      LicenseState
	Approved   Watts
	Points     []string // codes of the points it draws from
	Effect     GateEffect
	Reason     ReasonCode
}

// ImpactUtility is a utility that finds the act in its feed.
type ImpactUtility struct {
	ID, Code, Name string
	Points         int64
	Energised      Watts
}

// ImpactOrder is a disconnection order that goes out, or that is withdrawn.
type ImpactOrder struct {
	Number   string // of one that is withdrawn; "" for one that goes out
	Point    string // code
	Utility  string // id
	Load     Watts
	Deadline time.Time
	Issued   bool // goes out; else it is withdrawn
}

// ImpactLetter is a letter or notice that somebody gets.
type ImpactLetter struct {
	Kind string // suspension, extension, lift, revocation, termination, correction, host_suspended, host_resumed, disconnection_order, notice
	To   string // holder, tenant or utility
	ID   string // party or utility id
	Name string
	N    int64 // how many
}

// Energised sums the load at the points whose gates the act closes or opens.
func (i Impact) Energised() Watts { return i.sum(func(p ImpactPoint) Watts { return p.Energised }) }

// Reserved sums what open permits hold at those points.
func (i Impact) Reserved() Watts { return i.sum(func(p ImpactPoint) Watts { return p.Reserved }) }

func (i Impact) sum(of func(ImpactPoint) Watts) (w Watts) {
	for _, p := range i.Points {
		if p.Effect != GateUnchanged {
			w += of(p)
		}
	}
	return w
}

// ImpactChange is one difference between two impacts of the same act.
type ImpactChange struct {
	Code    string // point_added, point_removed, energised, reserved, permits, tenant_added, tenant_removed, tenant_state, order_added, order_removed, until, state, approved
	Subject string // point code, license number, order's point; ""
	Before  string // with its unit where it has one
	After   string
}

// Changes lists what differs between what was shown before and what would happen
// now, in the order of the page. Deadlines move with the hour and do not count.
func (i Impact) Changes(now Impact) []ImpactChange {
	out := []ImpactChange{}
	note := func(code, subject string, before, after any) {
		if b, a := fmt.Sprint(before), fmt.Sprint(after); b != a {
			out = append(out, ImpactChange{code, subject, b, a})
		}
	}
	note("state", i.License, i.State, now.State)
	note("approved", i.License, i.Approved, now.Approved)
	was, is := byKey(i.Points, func(p ImpactPoint) string { return p.Code }), byKey(now.Points, func(p ImpactPoint) string { return p.Code })
	for _, p := range i.Points {
		n, ok := is[p.Code]
		if !ok {
			note("point_removed", p.Code, p.Energised, "")
			continue
		}
		note("energised", p.Code, p.Energised, n.Energised)
		note("reserved", p.Code, p.Reserved, n.Reserved)
		note("permits", p.Code, p.Permits, n.Permits)
	}
	for _, p := range now.Points {
		if _, ok := was[p.Code]; !ok {
			note("point_added", p.Code, "", p.Energised)
		}
	}
	had, has := byKey(i.Tenants, func(t ImpactTenant) string { return t.Number }), byKey(now.Tenants, func(t ImpactTenant) string { return t.Number })
	for _, t := range i.Tenants {
		if n, ok := has[t.Number]; ok {
			note("tenant_state", t.Number, t.State, n.State)
		} else {
			note("tenant_removed", t.Number, t.HolderName, "")
		}
	}
	for _, t := range now.Tenants {
		if _, ok := had[t.Number]; !ok {
			note("tenant_added", t.Number, "", t.HolderName)
		}
	}
	due, dues := byKey(i.Orders, orderKey), byKey(now.Orders, orderKey)
	for _, o := range i.Orders {
		if _, ok := dues[orderKey(o)]; !ok {
			note("order_removed", o.Point, o.Load, "")
		}
	}
	for _, o := range now.Orders {
		if _, ok := due[orderKey(o)]; !ok {
			note("order_added", o.Point, "", o.Load)
		}
	}
	return out
}

func orderKey(o ImpactOrder) string { return o.Point + "/" + o.Number }

func byKey[T any](list []T, key func(T) string) map[string]T {
	out := make(map[string]T, len(list))
	for _, v := range list {
		out[key(v)] = v
	}
	return out
}
