package models

import "time"

// Utility is a grid company that owns connection points and asks the gate.
type Utility struct {
	ID      string
	Code    string // "PRES"
	NameKk  string
	NameRu  string
	NameEn  string
	Bin     string
	Version int64
}

// Substation is the root of a grid tree.
type Substation struct {
	ID      string
	Code    string // "PS12"
	Name    string
	Utility string // utility id
	VoltKV  int64  // highest voltage, kV
	Limit   Watts  // what may be taken out of it in total
	Kato    string
	Version int64
}

// Feeder leaves a substation.
type Feeder struct {
	ID         string
	Code       string // "PS12-F03"
	Substation string // substation id
	Utility    string
	VoltKV     int64
	Limit      Watts // energised and reserved power below it never exceed this
	Version    int64
}

// ConnectionState is the state of a connection point.
type ConnectionState string

// The states of a connection point.
const (
	ConnectionPlanned      ConnectionState = "planned"
	ConnectionEnergised    ConnectionState = "energised"
	ConnectionDisconnected ConnectionState = "disconnected"
	ConnectionRemoved      ConnectionState = "removed"
)

// ConnectionPoint is where a consumer meets the grid; the key of the gate. The
// documents of connection are facts of it, each "" or zero while it is missing.
type ConnectionPoint struct {
	ID           string
	Code         string // "PS12-F03-CP007", unique
	Feeder       string // feeder id
	FeederCode   string
	Substation   string
	Utility      string
	Consumer     string // party id, "" when nobody or not a party of the registry
	ConsumerBin  string // BIN or IIN, "" when nobody
	ConsumerName string // of the party; derived
	DeclaredUse  string // household, bakery, workshop, mining, telecom, …
	Site         string // site id, ""
	State        ConnectionState
	Permitted    Watts  // by the delineation act
	Energised    Watts  // confirmed load
	Reserved     Watts  // sum of unconfirmed permits that have not lapsed; derived
	License      string // number of the license in force that covers it, ""; derived
	LicenseState LicenseState
	Licensed     Watts // power of that license's appendix; derived
	Technical    TechnicalConditions
	Act          string // delineation act number, ""
	SupplyNumber string // supply contract number, ""
	SupplyUntil  time.Time
	Automation   bool // emergency automation accepted
	Version      int64
	Updated      time.Time
}

// TechnicalConditions (ТУ) say what may be connected at a point, how much, for
// what and until when. Number is "" while there are none.
type TechnicalConditions struct {
	Number     string
	Limit      Watts
	Purpose    string // mining or other
	ValidUntil time.Time
}

// PDU is a power distribution unit behind a connection point.
type PDU struct {
	ID              string
	Code            string // "PS12-F03-CP007-PDU1", unique
	ConnectionPoint string // connection point id
	Utility         string
	Name            string
	Limit           Watts // 0 when unknown
	Version         int64
}

// OrderState is the state of a disconnection order.
type OrderState string

// The states in their order. Closed is reached from every other one when the
// license has its right again, and from verified.
const (
	OrderIssued       OrderState = "issued"
	OrderDelivered    OrderState = "delivered"
	OrderAcknowledged OrderState = "acknowledged"
	OrderExecuted     OrderState = "executed"
	OrderVerified     OrderState = "verified"
	OrderClosed       OrderState = "closed"
)

// DisconnectionOrder tells a utility to take a load off the grid, with a ground, a
// person and a deadline. Only the meter makes it verified.
type DisconnectionOrder struct {
	ID             string
	Number         string // "DO-000123"
	Utility        string
	Point          string // connection point id
	PointCode      string
	License        string
	LicenseVersion int64
	Ground         string // kind of the ledger entry it is based on: license.suspended, …
	State          OrderState
	Issued         time.Time
	Deadline       time.Time
	Delivered      time.Time // when the utility first read it
	Acknowledged   time.Time
	AcknowledgedBy string
	Executed       time.Time
	ExecutedBy     string
	Verified       time.Time
	Closed         time.Time
	Objected       time.Time
	Objection      string
	Note           string
	Version        int64
}

// Overdue tells whether the deadline passed before the order was executed.
func (o DisconnectionOrder) Overdue(at time.Time) bool {
	switch o.State {
	case OrderIssued, OrderDelivered, OrderAcknowledged:
		return !at.Before(o.Deadline)
	case OrderExecuted, OrderVerified, OrderClosed:
		return false
	}
	return false
}

// Deliver is what the first read by the utility does; later reads change nothing.
func (o DisconnectionOrder) Deliver(at time.Time) DisconnectionOrder {
	if o.State == OrderIssued {
		o.State, o.Delivered = OrderDelivered, at
	}
	return o
}

// Acknowledge records that a person at the utility has taken the order.
func (o DisconnectionOrder) Acknowledge(person string, at time.Time) (DisconnectionOrder, error) {
	if person == "" {
		return DisconnectionOrder{}, missingPerson()
	}
	o = o.Deliver(at)
	if o.State != OrderDelivered {
		return DisconnectionOrder{}, o.refuse("acknowledged")
	}
	o.State, o.Acknowledged, o.AcknowledgedBy = OrderAcknowledged, at, person
	return o, nil
}

// Execute records that a person at the utility has switched the load off at an
// instant that is neither before the order nor after now.
func (o DisconnectionOrder) Execute(person string, switched, now time.Time) (DisconnectionOrder, error) {
	if person == "" {
		return DisconnectionOrder{}, missingPerson()
	}
	if o.State != OrderAcknowledged {
		return DisconnectionOrder{}, o.refuse("executed")
	}
	if switched.Before(o.Issued) || switched.After(now) {
		var v Invalid
		v.Add("/at", "range", "The instant of switching lies between the order and now.")
		return DisconnectionOrder{}, v.Err()
	}
	o.State, o.Executed, o.ExecutedBy = OrderExecuted, switched, person
	return o, nil
}

// Object records an objection; the order goes on until somebody closes it.
func (o DisconnectionOrder) Object(text string, at time.Time) (DisconnectionOrder, error) {
	if text == "" {
		var v Invalid
		v.Add("/note", "required", "Say what the objection is.")
		return DisconnectionOrder{}, v.Err()
	}
	if o.State == OrderVerified || o.State == OrderClosed {
		return DisconnectionOrder{}, o.refuse("objected to")
	}
	o.Objected, o.Objection = at, text
	return o, nil
}

// Verify is what the meters do when they read nothing for long enough after the
// execution.
func (o DisconnectionOrder) Verify(at time.Time) (DisconnectionOrder, error) {
	if o.State != OrderExecuted {
		return DisconnectionOrder{}, o.refuse("verified")
	}
	o.State, o.Verified = OrderVerified, at
	return o, nil
}

// Close ends an order, whatever its state.
func (o DisconnectionOrder) Close(note string, at time.Time) (DisconnectionOrder, error) {
	if o.State == OrderClosed {
		return DisconnectionOrder{}, o.refuse("closed")
	}
	o.State, o.Closed, o.Note = OrderClosed, at, note
	return o, nil
}

func (o DisconnectionOrder) refuse(verb string) *Error {
	return Errorf(CodeConflict, "Order %s is %s and cannot be %s now.", o.Number, o.State, verb)
}

func missingPerson() error {
	var v Invalid
	v.Add("/person", "required", "Name the person at the utility who does this.")
	return v.Err()
}
