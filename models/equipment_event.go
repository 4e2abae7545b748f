package models

import (
	"slices"
	"strings"
	"time"
)

// EquipmentEventKind is what happened to a rig.
type EquipmentEventKind string

// The kinds of events.
const (
	EquipmentMoved     EquipmentEventKind = "moved"     // to a site
	EquipmentPutAway   EquipmentEventKind = "stored"    // out of work, into storage
	EquipmentSale      EquipmentEventKind = "sold"      // to another party of the register
	EquipmentTaken     EquipmentEventKind = "seized"    // by an authority in a case
	EquipmentReleased  EquipmentEventKind = "released"  // by that authority
	EquipmentRemoved   EquipmentEventKind = "removed"   // scrapped, exported or sold out of the register
	EquipmentAwarded   EquipmentEventKind = "awarded"   // given to who claimed it, by the resolution of an alarm
	EquipmentCorrected EquipmentEventKind = "corrected" // the register was wrong
)

// EquipmentPosition is whose a rig is, where it stands and under what.
type EquipmentPosition struct {
	Owner   string // party id
	Site    string // site id, "" when not placed
	License string // license number, "" when none
	State   EquipmentState
}

// EquipmentEvent is one fact in the life of a rig. It never changes.
type EquipmentEvent struct {
	ID          string
	Equipment   string
	Version     int64 // of the rig after the event
	Kind        EquipmentEventKind
	EffectiveOn string // legal date from which it holds
	RecordedAt  time.Time
	Before      EquipmentPosition
	After       EquipmentPosition
	Document    string // contract, order or act number
	Authority   string // who seized or released
	Note        string
	Alarm       string // the alarm that it resolves, "" when none
	ActorID     string
	ActorName   string
}

// EquipmentAct is what somebody declares about a rig. To holds what the act
// changes; empty fields of it stay as the rule of the kind says.
type EquipmentAct struct {
	Kind        EquipmentEventKind
	EffectiveOn string // legal date; "" is today
	To          EquipmentPosition
	Document    string
	Authority   string
	Note        string
}

// equipmentRule is what an act asks for and where it leads.
type equipmentRule struct {
	from     []EquipmentState
	document string // pointer of the document that the act needs, "" when none
	apply    func(e Equipment, act EquipmentAct) EquipmentPosition
	check    func(v *Invalid, e Equipment, act EquipmentAct)
}

var inUse = []EquipmentState{EquipmentActive, EquipmentStored}

// equipmentRules is the life of a rig: from which states each act is possible, and
// what holds after it. Scrapped is the end; a rig that was exported or sold comes
// back only by the resolution of an alarm.
var equipmentRules = map[EquipmentEventKind]equipmentRule{
	EquipmentMoved: {from: inUse,
		apply: func(e Equipment, act EquipmentAct) EquipmentPosition {
			return EquipmentPosition{Owner: e.Owner, Site: act.To.Site, License: act.To.License, State: EquipmentActive}
		},
		check: func(v *Invalid, e Equipment, act EquipmentAct) {
			if act.To.Site == "" {
				v.Add("/site", "required", "Name the site that the rig moves to.")
			} else if act.To.Site == e.Site && act.To.License == e.License && e.State == EquipmentActive {
				v.Add("/site", "same", "The rig works there already, under this license.")
			}
		}},
	EquipmentPutAway: {from: []EquipmentState{EquipmentActive},
		apply: func(e Equipment, act EquipmentAct) EquipmentPosition {
			site := act.To.Site
			if site == "" {
				site = e.Site
			}
			return EquipmentPosition{Owner: e.Owner, Site: site, State: EquipmentStored}
		}},
	EquipmentSale: {from: inUse, document: "/contract",
		apply: func(_ Equipment, act EquipmentAct) EquipmentPosition {
			state := EquipmentStored
			if act.To.Site != "" {
				state = EquipmentActive
			}
			return EquipmentPosition{Owner: act.To.Owner, Site: act.To.Site, License: act.To.License, State: state}
		},
		check: func(v *Invalid, e Equipment, act EquipmentAct) {
			if act.To.Owner == "" {
				v.Add("/buyer", "required", "Name the buyer. For a buyer outside the register, remove the rig as sold.")
			} else if act.To.Owner == e.Owner {
				v.Add("/buyer", "same", "The buyer owns the rig already.")
			}
		}},
	EquipmentTaken: {from: inUse, document: "/case_number",
		apply: func(e Equipment, _ EquipmentAct) EquipmentPosition {
			return EquipmentPosition{Owner: e.Owner, Site: e.Site, License: e.License, State: EquipmentSeized}
		},
		check: needsAuthority},
	EquipmentReleased: {from: []EquipmentState{EquipmentSeized}, document: "/document",
		apply: func(e Equipment, _ EquipmentAct) EquipmentPosition {
			return EquipmentPosition{Owner: e.Owner, Site: e.Site, State: EquipmentStored}
		}},
	EquipmentRemoved: {from: inUse, document: "/document",
		apply: func(e Equipment, act EquipmentAct) EquipmentPosition {
			return EquipmentPosition{Owner: e.Owner, State: act.To.State}
		},
		check: func(v *Invalid, _ Equipment, act EquipmentAct) {
			if !slices.Contains([]EquipmentState{EquipmentScrapped, EquipmentExported, EquipmentSold}, act.To.State) {
				v.Add("/reason", "unknown", "The reason is scrapped, exported or sold.")
			}
		}},
	EquipmentAwarded: {from: []EquipmentState{EquipmentActive, EquipmentStored, EquipmentSold, EquipmentExported},
		apply: func(_ Equipment, act EquipmentAct) EquipmentPosition {
			state := EquipmentStored
			if act.To.Site != "" {
				state = EquipmentActive
			}
			return EquipmentPosition{Owner: act.To.Owner, Site: act.To.Site, License: act.To.License, State: state}
		}},
}

func needsAuthority(v *Invalid, _ Equipment, act EquipmentAct) {
	if strings.TrimSpace(act.Authority) == "" {
		v.Add("/authority", "required", "Name the authority that seized the rig.")
	}
}

// Position gives whose the rig is and where it stands now.
func (e Equipment) Position() EquipmentPosition {
	return EquipmentPosition{Owner: e.Owner, Site: e.Site, License: e.License, State: e.State}
}

// Placed is the rig at another position.
func (e Equipment) Placed(p EquipmentPosition) Equipment {
	e.Owner, e.Site, e.License, e.State = p.Owner, p.Site, p.License, p.State
	return e
}

// Apply gives the rig after the act and the event to record, or what is wrong. now
// is the instant of recording; last is the legal date of the rig's latest event, ""
// when there is none. Events are in the order of their dates, so an act is not
// earlier than the last, nor in the future.
func (e Equipment) Apply(act EquipmentAct, now time.Time, last string) (Equipment, EquipmentEvent, error) {
	rule, known := equipmentRules[act.Kind]
	if !known {
		return e, EquipmentEvent{}, Errorf(CodeInvalid, "%q is nothing that can happen to a rig.", act.Kind)
	}
	if !slices.Contains(rule.from, e.State) {
		return e, EquipmentEvent{}, Errorf(CodeConflict, "The rig is %s; this is possible only while it is %s.", e.State, statesText(rule.from))
	}
	today := LegalDate(now)
	if act.EffectiveOn == "" {
		act.EffectiveOn = today
	}
	var v Invalid
	switch {
	case AddDays(act.EffectiveOn, 0) != act.EffectiveOn:
		v.Add("/effective_on", "format", "Write the date as YYYY-MM-DD.")
	case act.EffectiveOn > today:
		v.Add("/effective_on", "future", "The date is in the future. Record it when it has happened.")
	case act.EffectiveOn < max(last, LegalDate(e.Created)):
		v.Add("/effective_on", "order", "The register knows of %s already; what comes after cannot have an earlier date.", max(last, LegalDate(e.Created)))
	}
	if rule.document != "" && strings.TrimSpace(act.Document) == "" {
		v.Add(rule.document, "required", "Give the number of the document that this rests on.")
	}
	if rule.check != nil {
		rule.check(&v, e, act)
	}
	for _, f := range []struct{ pointer, value string }{{"/document", act.Document}, {"/authority", act.Authority}, {"/note", act.Note}} {
		if len(f.value) > maxText {
			v.Add(f.pointer, "length", "This is longer than %d bytes.", maxText)
		}
	}
	if err := v.Err(); err != nil {
		return e, EquipmentEvent{}, err
	}
	before := e.Position()
	e = e.Placed(rule.apply(e, act))
	e.Version, e.Updated = e.Version+1, now
	return e, EquipmentEvent{Equipment: e.ID, Version: e.Version, Kind: act.Kind, EffectiveOn: act.EffectiveOn, RecordedAt: now,
		Before: before, After: e.Position(), Document: strings.TrimSpace(act.Document), Authority: strings.TrimSpace(act.Authority),
		Note: strings.TrimSpace(act.Note)}, nil
}

func statesText(states []EquipmentState) string {
	words := make([]string, 0, len(states))
	for _, s := range states {
		words = append(words, string(s))
	}
	return strings.Join(words, " or ")
}

// AllowedActs names what can happen to the rig as it stands: move, store, sell,
// seize, release, remove, to whoever may write the register.
func (e Equipment) AllowedActs(actor Actor) []string {
	out := []string{}
	if Can(actor, ActEquipmentWrite, Scope{}) != nil {
		return out
	}
	for _, a := range []struct {
		name string
		kind EquipmentEventKind
	}{{"move", EquipmentMoved}, {"store", EquipmentPutAway}, {"sell", EquipmentSale}, {"seize", EquipmentTaken}, {"release", EquipmentReleased}, {"remove", EquipmentRemoved}} {
		if slices.Contains(equipmentRules[a.kind].from, e.State) {
			out = append(out, a.name)
		}
	}
	return out
}

// SeenBy gives an event as one party sees it: where another party had the rig, only
// its state, and what happened in that time only by its kind and day.
func (x EquipmentEvent) SeenBy(party string) EquipmentEvent {
	if x.Before.Owner != party && x.After.Owner != party {
		x.Document, x.Authority, x.Note, x.Alarm, x.ActorID, x.ActorName = "", "", "", "", "", ""
	}
	for _, p := range []*EquipmentPosition{&x.Before, &x.After} {
		if p.Owner != party {
			*p = EquipmentPosition{State: p.State}
		}
	}
	return x
}

// PositionAsAt gives where the rig was at an instant as far as was known at
// another, from its present position and all of its events in order of version. It
// tells whether the rig was in the register then: before it was registered, or
// known to be, it was not.
func (e Equipment) PositionAsAt(events []EquipmentEvent, at, known time.Time) (EquipmentPosition, bool) {
	if known.Before(e.Created) || at.Before(e.Created) {
		return EquipmentPosition{}, false
	}
	position := e.Position()
	if len(events) > 0 {
		position = events[0].Before
	}
	date := LegalDate(at)
	for _, x := range events {
		if x.RecordedAt.After(known) || x.EffectiveOn > date {
			break
		}
		position = x.After
	}
	return position, true
}
