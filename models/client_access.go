package models

import "time"

// CredentialSecret names the secret of a client among its credentials; a key is
// named by its thumbprint (RFC 7638).
const CredentialSecret = "secret"

// ClientKey is one credential that a client proves itself with.
type ClientKey struct {
	Client     string
	Credential string    // thumbprint, or CredentialSecret
	JWK        string    // public JSON Web Key, "" for the secret
	Proof      string    // what authorised it: registration, key or code
	AddedBy    string    // actor id
	Added      time.Time // zero for what came with the registration
	Retire     time.Time // from when it is not accepted, zero for no end
	RetiredBy  string
	Used       time.Time // last, zero for never
}

// Works tells whether the credential is accepted at an instant.
func (k ClientKey) Works(at time.Time) bool { return k.Retire.IsZero() || at.Before(k.Retire) }

// ClientTerms is what the registry decided about a client.
type ClientTerms struct {
	PerMinute int64 // checks, 0 for the registry's own limit
	PerDay    int64 // checks on a legal date, 0 for the registry's own limit
	Trial     bool  // for trials: it reaches nothing that is live
	Operator  bool  // it must name the person it acts for
	// Certificate is the SHA-256 of the public key (SPKI) of the certificate that it
	// must show, as hex, "" for none.
	Certificate string
}

// ClientUsage is what a client asked on a legal date.
type ClientUsage struct {
	Day     string
	Checks  int64
	Refused int64 // requests that a limit refused
	Unknown int64 // names that were unknown, or not its own: the answer is the same
}

// Enumeration: so many different unknown names within a while slow a client down,
// and so many more refuse it until the while is over.
const (
	ProbeWindow = 10 * time.Minute
	probeSlow   = 100
	probeRefuse = 300
	probeWait   = 20 * time.Millisecond // for each name over probeSlow
	probeMost   = 2 * time.Second
)

// ProbeVerdict says how a client is treated that named so many different unknown
// things within ProbeWindow: each of its requests waits, or is refused. What it asks
// makes no difference, so the treatment tells nothing about a name.
func ProbeVerdict(unknown int) (wait time.Duration, refuse bool) {
	switch {
	case unknown >= probeRefuse:
		return 0, true
	case unknown > probeSlow:
		return min(time.Duration(unknown-probeSlow)*probeWait, probeMost), false
	}
	return 0, false
}
