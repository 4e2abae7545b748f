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
