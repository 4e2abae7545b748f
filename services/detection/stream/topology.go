package stream

import (
	"fmt"
	"time"
)

// Kind of a node.
type Kind string

// Kinds of nodes.
const (
	Feeder      Kind = "feeder"
	Transformer Kind = "transformer"
	Connection  Kind = "connection"
	PDU         Kind = "pdu"
)

// Topology is what a registry knows of a grid.
type Topology struct {
	Start    time.Time
	Step     time.Duration
	Nodes    []Node
	Meters   []Meter
	Licenses []License // a later row of a node replaces the earlier from its From
	Changes  []Change
	// Parameters are the tables that took the place of the program's own, by day.
	Parameters []Dated
}

// Node is a place of the grid; powers in kW.
type Node struct {
	ID, Parent         string
	Kind               Kind
	KVA                float64
	VoltKV             float64 // of the lines below it; 0 or less than 1: low voltage
	UnmeteredKW        float64 // declared load without a meter, such as street lights, when on
	UnmeteredCustomers int
	UnmeteredAvgKW     float64 // mean of customers without a smart meter, together
}

// Meter measures the power that enters its node.
type Meter struct {
	ID, Node, Side, Tariff, Activity, Class string

	Holder     string  // whose the point is: equal for points of one holder, "" when nobody knows
	DeclaredKW float64 // that a use which is flat by nature was declared or permitted with, 0 for none
	CT         float64 // ratio of its current transformers by the register, 0 where it is not known
}

// License is what a node may draw from an instant on.
type License struct {
	Node, Status string
	ApprovedKW   float64
	From         time.Time
}

// Change moves a node below another parent. It is known from Recorded on.
type Change struct {
	Node, From, To      string
	Effective, Recorded time.Time
}

// check refuses a topology that cannot be computed with.
func (t Topology) check() error {
	if t.Step <= 0 || t.Step > time.Hour || time.Hour%t.Step != 0 {
		return fmt.Errorf("step of %s: want a divisor of an hour", t.Step)
	}
	nodes := map[string]bool{}
	for _, n := range t.Nodes {
		if nodes[n.ID] {
			return fmt.Errorf("node %q is there twice", n.ID)
		}
		nodes[n.ID] = true
	}
	for _, n := range t.Nodes {
		if n.Parent != "" && !nodes[n.Parent] {
			return fmt.Errorf("node %q is below %q, which is not a node", n.ID, n.Parent)
		}
	}
	for _, m := range t.Meters {
		if !nodes[m.Node] {
			return fmt.Errorf("meter %q is at %q, which is not a node", m.ID, m.Node)
		}
	}
	for _, c := range t.Changes {
		if !nodes[c.Node] || !nodes[c.To] {
			return fmt.Errorf("change of %q to %q: not nodes", c.Node, c.To)
		}
	}
	return nil
}

// Tier of an alert.
type Tier string

// Tiers: act, inspect, watch.
const (
	Act     Tier = "A"
	Inspect Tier = "B"
	Watch   Tier = "C"
)

// Alert is one cause that was found. Powers in kW; Low and High are its 95 %
// interval. Score is evidence in nats.
type Alert struct {
	Target, Rule, Explanation string
	Parameters                string // version of the table it was raised with
	Tier                      Tier
	RaisedAt, From, To        time.Time
	KW, Low, High, Score      float64
	Refutations               []string
	Members                   []string   // nodes of a group that a farm is spread over, the target first
	Days                      []DayPoint // what the alert was raised from, by day
	Before                    float64    // what was there before: floor, mean or excess, kW
	Weather                   float64    // share of the days behind it of which the temperature was known
	Usual                     []float64  // kW by hour of the UTC day, working days then days off, before an added load
}

// DayPoint is one day of an alert's chart, kW.
type DayPoint struct {
	At                 time.Time
	Measured, Expected float64
}

// Notice is a fault of records or of a meter that accuses nobody.
type Notice struct {
	At                time.Time
	Target, Kind, Why string
	Value             float64   // a factor, seconds or hours, by the kind
	KW                float64   // that it concerns, 0 where none is known
	From              time.Time // since when, zero where it was so all along or nobody knows
	Plate, Fits       float64   // ratios of transformers: of the register, and what explains the readings; 0 where not known
}
