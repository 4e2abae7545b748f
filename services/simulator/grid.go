package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
)

// Grid is the grid file: what there is, what it draws and how it is read. It
// is JSON; unknown fields are refused. Power is in kW.
//
//	{"seed": 7, "start": "2026-11-01T00:00:00Z", "code": "PS12",
//	 "nodes": [{"code": "PS12-F01", "kind": "feeder", "parent": "PS12", "limit_kw": 400, "loss_a_kw": 0.7, "loss_b_per_kw": 0.00004},
//	           {"code": "PS12-F01-CP001", "kind": "connection_point", "parent": "PS12-F01", "use": "household",
//	            "permitted_kw": 150, "loads": [{"kind": "households", "count": 60}]}],
//	 "endpoints": [{"name": "GW-F01", "address": "127.0.0.1:0", "delay_ms": 20}],
//	 "meters": [{"code": "M-PS12-F01", "node": "PS12-F01", "role": "feeder", "profile": "janitza/umg96rm",
//	             "endpoint": "GW-F01", "unit": 1, "class": "0.5S", "serial": "60114"}]}
type Grid struct {
	Seed      uint64     `json:"seed"`
	Start     time.Time  `json:"start"` // energy registers begin here
	Code      string     `json:"code"`  // of the substation
	Nodes     []Node     `json:"nodes"`
	Endpoints []Endpoint `json:"endpoints"`
	Meters    []Meter    `json:"meters"`
}

// Node is a feeder, a connection point or a PDU. Parents stand before their
// children.
type Node struct {
	Code        string   `json:"code"`
	Kind        string   `json:"kind"` // feeder, connection_point, pdu
	Parent      string   `json:"parent"`
	Name        string   `json:"name,omitempty"`
	Use         string   `json:"use,omitempty"` // declared use: household, bakery, workshop, mining, …
	LimitKW     float64  `json:"limit_kw,omitempty"`
	PermittedKW float64  `json:"permitted_kw,omitempty"`
	LossA       float64  `json:"loss_a_kw,omitempty"`     // no-load losses below a feeder
	LossB       float64  `json:"loss_b_per_kw,omitempty"` // load losses: b · S², S in kW
	License     *License `json:"license,omitempty"`
	Loads       []Load   `json:"loads,omitempty"`
}

// License is what the registry holds about the consumer at a node, for whoever
// fills a registry to match the grid. The simulator does not read it.
type License struct {
	ApprovedKW float64 `json:"approved_kw"`
	State      string  `json:"state"` // active, suspended
}

// Load is something that draws power at a node.
type Load struct {
	Kind        string    `json:"kind"` // a name in the table of load kinds
	Count       int       `json:"count,omitempty"`
	KW          float64   `json:"kw,omitempty"` // nameplate of one
	From        time.Time `json:"from,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	AheadOfTap  bool      `json:"ahead_of_meter,omitempty"` // drawn before the connection's meter
	Offence     string    `json:"offence,omitempty"`        // rule that it breaks; it is then told by the truth file
	Description string    `json:"description,omitempty"`
}

// Behaviour is how an endpoint treats those who connect.
type Behaviour string

// The behaviours of an endpoint.
const (
	BehaviourNormal Behaviour = ""
	BehaviourSilent Behaviour = "silent" // accepts and never answers
	BehaviourRefuse Behaviour = "refuse" // nothing listens
)

// Endpoint is one Modbus/TCP address. Requests to it are served one after the
// other, as behind a serial gateway.
type Endpoint struct {
	Name      string    `json:"name"`
	Address   string    `json:"address"` // host:port; port 0 asks for any
	Behaviour Behaviour `json:"behaviour,omitempty"`
	DelayMS   int       `json:"delay_ms,omitempty"`   // before each answer
	DropEvery int       `json:"drop_every,omitempty"` // close the socket instead of each n-th answer
	TLS       bool      `json:"tls,omitempty"`        // Modbus/TCP Security; see Server.Secure
}

// Meter is a device at a node.
type Meter struct {
	Code     string           `json:"code"`
	Node     string           `json:"node"`
	Role     models.MeterRole `json:"role"`
	Profile  string           `json:"profile"`
	Endpoint string           `json:"endpoint"`
	Unit     uint8            `json:"unit"`
	Class    string           `json:"class"` // accuracy class: 0.2S, 0.5S, 0.5, 1, 2
	Serial   string           `json:"serial"`
	Silent   bool             `json:"silent,omitempty"` // a dead device behind a live gateway
	// Uncommissioned is a device that answers, but that no registry knows yet.
	Uncommissioned bool `json:"uncommissioned,omitempty"`
}

// ParseGrid reads a grid file.
func ParseGrid(data []byte) (Grid, error) {
	var g Grid
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return Grid{}, models.Errorf(models.CodeInvalid, "This is no grid file: %v. Compare it with the file that the demo writes.", err)
	}
	return g, g.check()
}

// JSON writes the grid file.
func (g Grid) JSON() ([]byte, error) { return json.MarshalIndent(g, "", " ") }

// check refuses a grid in which something points nowhere.
func (g Grid) check() error {
	var bad models.Invalid
	if g.Start.IsZero() {
		bad.Add("/start", "required", "Say from when the energy registers count.")
	}
	known := map[string]string{g.Code: "substation"}
	parentKind := map[string]string{"feeder": "substation", "connection_point": "feeder", "pdu": "connection_point"}
	for i, n := range g.Nodes {
		at := fmt.Sprintf("/nodes/%d", i)
		want, ok := parentKind[n.Kind]
		switch {
		case !ok:
			bad.Add(at+"/kind", "unknown", "%q is not feeder, connection_point or pdu.", n.Kind)
		case known[n.Parent] != want:
			bad.Add(at+"/parent", "unknown", "%q is not a %s that stands before it.", n.Parent, want)
		case known[n.Code] != "":
			bad.Add(at+"/code", "duplicate", "%q is there twice.", n.Code)
		}
		known[n.Code] = n.Kind
		for j, l := range n.Loads {
			if _, ok := loadKinds[l.Kind]; !ok {
				bad.Add(fmt.Sprintf("%s/loads/%d/kind", at, j), "unknown", "There is no load of kind %q.", l.Kind)
			}
		}
	}
	ends := map[string]bool{}
	for _, e := range g.Endpoints {
		ends[e.Name] = true
	}
	units := map[string]bool{}
	for i, m := range g.Meters {
		at := fmt.Sprintf("/meters/%d", i)
		if known[m.Node] == "" {
			bad.Add(at+"/node", "unknown", "There is no node %q.", m.Node)
		}
		if !ends[m.Endpoint] {
			bad.Add(at+"/endpoint", "unknown", "There is no endpoint %q.", m.Endpoint)
		}
		unit := fmt.Sprintf("%s/%d", m.Endpoint, m.Unit)
		if units[unit] {
			bad.Add(at+"/unit", "duplicate", "Two meters are unit %d of %s.", m.Unit, m.Endpoint)
		}
		units[unit] = true
	}
	return bad.Err()
}
