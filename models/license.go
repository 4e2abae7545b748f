package models

import "time"

// SubType is the sub-type (подвид) of a license, Art. 9 of Law 193-VII.
type SubType string

// Sub-type I has a data centre of its own; sub-type II places own rigs in
// somebody else's and has no right to a grid connection of its own.
const (
	SubTypeI  SubType = "I"
	SubTypeII SubType = "II"
)

// LicenseState is the state of a license version.
type LicenseState string

// The states. Expired, revoked, terminated and superseded are final.
const (
	LicenseActive     LicenseState = "active"
	LicenseSuspended  LicenseState = "suspended"
	LicenseRevoked    LicenseState = "revoked"
	LicenseExpired    LicenseState = "expired"
	LicenseTerminated LicenseState = "terminated"
	LicenseSuperseded LicenseState = "superseded"
)

// License is one immutable version of a license. Every transition makes the
// next version; versions of a number have no gaps.
type License struct {
	Number       string // KZ18DMA00000042
	Version      int64  // from 1
	SubType      SubType
	State        LicenseState
	Holder       string // party id
	HolderBin    string // as at this version
	HolderName   string
	Application  string // application id it came from
	Sites        []LicensedSite
	Approved     Watts // sum over the sites
	Host         string // for sub-type II: license number of the host, "" otherwise
	FirstIssued  string // legal date YYYY-MM-DD in Asia/Almaty
	Issued       string // legal date
	ValidFrom    time.Time
	ValidUntil   time.Time // half-open: midnight in Asia/Almaty after the last day
	Suspension   *Suspension
	Order        string // number of the order it is based on
	Ground       string // code of the ground for the last transition, "" for issue
	Verification string // code of the public page /v/{code}
	Drafter      string // user id, who drafted the act of this version
	Signer       string // user id, who signed it; never the drafter
	RecordedAt   time.Time
}

// LicensedSite is an appendix of a license: a site, its connection points and
// the power approved there.
type LicensedSite struct {
	Appendix         string // "001"
	Site             string // site id
	SiteCode         string
	ConnectionPoints []string // codes
	Approved         Watts
}

// Suspension is the current suspension of a license, 1 to 6 months
// (Art. 9(4) of Law 193-VII). It does not end by itself.
type Suspension struct {
	Ground string // code of the catalogue of grounds
	Months int    // 1..6
	From   time.Time
	Until  time.Time
	Note   string
}
