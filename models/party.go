package models

import (
	"errors"
	"time"
)

// PartyKind is the legal form of a party.
type PartyKind string

// The kinds of party.
const (
	PartyLegalEntity        PartyKind = "legal_entity"
	PartySoleEntrepreneur   PartyKind = "sole_entrepreneur"
	PartyJointEntrepreneurs PartyKind = "joint_entrepreneurs"
)

// PartyState is what the state registers say about a party.
type PartyState string

// The states of a party. Only an active party can hold a license in force.
const (
	PartyActive        PartyState = "active"
	PartyInLiquidation PartyState = "in_liquidation"
	PartyBankrupt      PartyState = "bankrupt"
	PartyDissolved     PartyState = "dissolved"
)

// BusinessSize is the size class of the Entrepreneurial Code. Digital miners are
// medium or large (Law 193-VII of 2023 as reported by Signum, February 2023).
type BusinessSize string

// The sizes.
const (
	SizeSmall  BusinessSize = "small"
	SizeMedium BusinessSize = "medium"
	SizeLarge  BusinessSize = "large"
)

// Party is a person or organisation the registry deals with: applicant, holder,
// consumer at a connection point, owner of a site.
type Party struct {
	ID       string
	BinOrIin string // twelve digits with a check digit; text, leading zeros count
	Kind     PartyKind
	NameKk   string
	NameRu   string
	Size     BusinessSize
	Resident bool
	Address  string
	Kato     string // nine digits, administrative unit
	Email    string
	Phone    string
	State    PartyState
	// MergedInto is the id of the party that this one was merged into, "" for a
	// party that stands for itself. The state is then PartyMerged.
	MergedInto string
	Version    int64
	Created    time.Time
	Updated    time.Time
}

// Name is the name to show where one language is enough.
func (p Party) Name() string {
	if p.NameRu != "" {
		return p.NameRu
	}
	return p.NameKk
}

// NaturalPerson tells whether the party is a person, whose name and number are
// personal data.
func (p Party) NaturalPerson() bool { return p.Kind != PartyLegalEntity }

// Check gives every field of the party that is wrong. Pointers name the fields of
// the request.
func (p Party) Check() error {
	var v Invalid
	kind, err := CheckBin(p.BinOrIin)
	if err != nil {
		v.addIdentifier("/bin_or_iin", err)
	} else if want := partyKindOf(kind); p.Kind != want {
		v.Add("/kind", "mismatch", "The number belongs to a %s, not to a %s.", want, p.Kind)
	} else if kind == HolderNonResident && p.Resident {
		v.Add("/resident", "mismatch", "Digit 5 of this BIN is 5: a non-resident legal entity.")
	}
	if p.NameRu == "" && p.NameKk == "" {
		v.Add("/name_ru", "required", "Give the name in Kazakh or in Russian, better in both.")
	}
	for _, f := range []struct{ pointer, value string }{{"/name_kk", p.NameKk}, {"/name_ru", p.NameRu}, {"/address", p.Address}, {"/email", p.Email}, {"/phone", p.Phone}} {
		if len(f.value) > maxText {
			v.Add(f.pointer, "length", "This is longer than %d bytes.", maxText)
		}
	}
	switch p.Size {
	case SizeSmall, SizeMedium, SizeLarge:
	default:
		v.Add("/size", "unknown", "The size is small, medium or large.")
	}
	switch p.State {
	case PartyActive, PartyInLiquidation, PartyBankrupt, PartyDissolved:
	default:
		v.Add("/state", "unknown", "The state is active, in_liquidation, bankrupt or dissolved.")
	}
	if p.Kato != "" {
		if err := CheckKato(p.Kato); err != nil {
			v.addIdentifier("/kato", err)
		}
	}
	return v.Err()
}

// maxText bounds free text in bytes.
const maxText = 1000

func partyKindOf(k HolderKind) PartyKind {
	switch k {
	case HolderPerson:
		return PartySoleEntrepreneur
	case HolderJoint:
		return PartyJointEntrepreneurs
	}
	return PartyLegalEntity
}

// addIdentifier records an *IdentifierError with its rule as the code.
func (v *Invalid) addIdentifier(pointer string, err error) {
	var id *IdentifierError
	code := "invalid"
	if errors.As(err, &id) {
		code = string(id.Rule)
	}
	v.Add(pointer, code, "%s", err.Error())
}
