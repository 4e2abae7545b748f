package models

import "slices"

// The codes of what the law asks of who may be licensed.
const (
	RuleResidency  = "residency" // allowed values: resident, non_resident
	RulePartySize  = "size"      // allowed values: sizes
	RulePartyState = "state"     // allowed values: states
)

// PartyRule is one thing that the law asks of a digital miner between two legal
// dates: that what its code names is one of the allowed values.
type PartyRule struct {
	Code       string
	Allowed    []string
	LegalRef   string
	Grade      string // S read in a source, R recalled
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// PartyObstacle is a rule that a party does not meet, with what it is instead.
type PartyObstacle struct {
	Rule PartyRule
	Is   string
}

// PartyRules are the rules of one legal date.
type PartyRules []PartyRule

// Obstacles gives the rules that the party does not meet, in the order of codes.
func (r PartyRules) Obstacles(p Party) []PartyObstacle {
	residency := "non_resident"
	if p.Resident {
		residency = "resident"
	}
	is := map[string]string{RuleResidency: residency, RulePartySize: string(p.Size), RulePartyState: string(p.State)}
	var out []PartyObstacle
	for _, rule := range r {
		if !slices.Contains(rule.Allowed, is[rule.Code]) {
			out = append(out, PartyObstacle{Rule: rule, Is: is[rule.Code]})
		}
	}
	return out
}

// obstacleTexts say what each obstacle means, with what the party is.
var obstacleTexts = map[string]string{
	RuleResidency:  "The applicant is not a resident of Kazakhstan (%s). %s.",
	RulePartySize:  "The applicant is a %s business and only some sizes may mine. %s.",
	RulePartyState: "The applicant is %s; only an active party can be licensed. %s.",
}

// Check adds what stands in the way of the party as an applicant, each with its
// article.
func (r PartyRules) Check(v *Invalid, pointer string, p Party) {
	for _, o := range r.Obstacles(p) {
		v.Add(pointer, o.Rule.Code, obstacleTexts[o.Rule.Code], o.Is, o.Rule.LegalRef)
	}
}
