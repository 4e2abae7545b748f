package models

import "time"

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
	Version  int64
	Created  time.Time
	Updated  time.Time
}
