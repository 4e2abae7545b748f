package models

import (
	"fmt"
	"sync"
	"time"
)

type gateInput struct {
	f       Facts
	r       CheckRequest
	p       GateParameters
	at      time.Time
	planned time.Time // the later of now and what is planned
	traced  bool      // what the rules read is written down
}

// licensed tells whether a license is needed or was given, so that it is judged.
func (in *gateInput) licensed() bool { return in.r.Purpose == PurposeMining || in.r.License != "" }

// added is what the request adds to the load at the point.
func (in *gateInput) added() Watts {
	if in.r.Event == EventChangeOfConsumer {
		return max(0, in.r.Requested-in.f.Point.Energised)
	}
	return in.r.Requested
}

type verdict struct {
	result   RuleOutcome
	severity Severity // "" is the rule's own
	reads    []any    // pairs of a name and a value, see lines
	about    Text     // of a failing rule, what it names
}

func notApplicable() verdict { return verdict{result: RuleNotApplicable} }

func judge(failed bool) verdict {
	if failed {
		return verdict{result: RuleFail}
	}
	return verdict{result: RulePass}
}

// judge fails when failed holds; reads gives pairs of a name and a value, and is asked
// only for a trace.
func (in *gateInput) judge(failed bool, reads func() []any) verdict {
	v := judge(failed)
	if in.traced {
		v.reads = reads()
	}
	return v
}

// limitRead is a limit as a rule reads it.
type limitRead struct {
	name        string
	load, limit Watts
}

// lines writes what a rule read.
func (v verdict) lines() []string {
	var out []string
	for i := 0; i+1 < len(v.reads); i += 2 {
		if l, ok := v.reads[i].(limitRead); ok {
			out = append(out, fmt.Sprintf("%s: load %s of %s", l.name, l.load, l.limit))
			continue
		}
		value := fmt.Sprint(v.reads[i+1])
		if t, ok := v.reads[i+1].(time.Time); ok {
			value = "none"
			if !t.IsZero() {
				value = t.UTC().Format(time.RFC3339)
			}
		}
		if value == "" {
			value = "none"
		}
		out = append(out, fmt.Sprintf("%s = %s", v.reads[i], value))
	}
	return out
}

type gateRule struct {
	code     ReasonCode
	severity Severity
	reads    string
	fails    string
	check    func(*gateInput) verdict
}

// ruleTable is gateRules, made once.
var ruleTable = sync.OnceValue(gateRules)

// gateRules is the table. A sentence here is part of the rules version: whoever
// changes what a rule does changes its sentence.
func gateRules() []gateRule {
	var all []gateRule
	for _, part := range [][]gateRule{identityRules(), licenseRules(), connectionRules(), meterRules(), useRules(), obligationRules(), standingRules()} {
		all = append(all, part...)
	}
	return all
}

func identityRules() []gateRule {
	return []gateRule{
		{ReasonCPUnknown, SeverityDeny, "connection point, service area of the caller",
			"the caller has no connection point with that code, or it was removed", func(in *gateInput) verdict {
				if in.f.Point == nil {
					return in.judge(true, func() []any {
						return []any{"connection point", in.r.ConnectionPoint, "found in the caller's service area", false}
					})
				}
				return in.judge(in.f.Point.State == string(ConnectionRemoved), func() []any { return []any{"connection point", in.r.ConnectionPoint, "state", in.f.Point.State} })
			}},
		{ReasonIDInvalid, SeverityDeny, "BIN or IIN of the applicant",
			"the number breaks the rules of its digits", func(in *gateInput) verdict {
				_, err := CheckBin(in.r.Applicant)
				return in.judge(err != nil, func() []any { return []any{"applicant", in.r.Applicant} })
			}},
		{ReasonLicenseNumberInvalid, SeverityDeny, "license number",
			"a number was given and its form or check digits are wrong", func(in *gateInput) verdict {
				if in.r.License == "" {
					return notApplicable()
				}
				return in.judge(CheckLicenseNumber(in.r.License) != nil, func() []any { return []any{"license", in.r.License} })
			}},
		{ReasonHolderUnknown, SeverityDeny, "register of parties, BIN or IIN of the applicant",
			"a license is needed or was given, and no party has the number", func(in *gateInput) verdict {
				if _, err := CheckBin(in.r.Applicant); err != nil || !in.licensed() {
					return notApplicable()
				}
				return in.judge(in.f.Holder == nil, func() []any { return []any{"applicant", in.r.Applicant, "party found", in.f.Holder != nil} })
			}},
		{ReasonHolderInactive, SeverityDeny, "state of the party",
			"the applicant is a party in liquidation, bankrupt or dissolved", func(in *gateInput) verdict {
				if in.f.Holder == nil {
					return notApplicable()
				}
				return in.judge(in.f.Holder.State != PartyActive, func() []any { return []any{"party state", in.f.Holder.State} })
			}},
		{ReasonHolderMismatch, SeverityDeny, "holder of the license, applicant",
			"the license is somebody else's", func(in *gateInput) verdict {
				if in.f.License == nil || !in.licensed() {
					return notApplicable()
				}
				return in.judge(in.f.License.HolderBin != in.r.Applicant, func() []any {
					return []any{"license", in.f.License.Number,
						"held by the applicant", in.f.License.HolderBin == in.r.Applicant}
				})
			}},
		{ReasonCPClaimed, SeverityDeny, "licenses in force that name the connection point, claims on it that are not settled",
			"another license in force covers the connection point, or somebody other than the applicant claims it", func(in *gateInput) verdict {
				if in.f.Point == nil || !in.licensed() {
					return notApplicable()
				}
				own := ""
				if in.f.License != nil {
					own = in.f.License.Number
				}
				claims := in.claims()
				return in.judge(in.f.ClaimedBy != "" && in.f.ClaimedBy != own || claims > 0, func() []any {
					return []any{"point covered by", in.f.ClaimedBy, "license", own,
						"claims of others", claims}
				})
			}},
	}
}

// onLicense makes a rule on the license that was given or found.
func onLicense(code ReasonCode, reads, fails string, failed func(in *gateInput, l *LicenseFacts, state LicenseState) bool) gateRule {
	return gateRule{code, SeverityDeny, reads, fails, func(in *gateInput) verdict {
		if in.f.License == nil || !in.licensed() {
			return notApplicable()
		}
		l := in.f.License
		state := License{State: l.State, ValidUntil: l.ValidUntil}.StateAt(in.planned)
		v := judge(failed(in, l, state))
		if in.traced {
			v.reads = []any{"license", l.Number, "version", l.Version, "state when planned", state,
				"valid from", l.ValidFrom, "valid until", l.ValidUntil, "planned", in.planned}
		}
		return v
	}}
}

func licenseRules() []gateRule {
	is := func(states ...LicenseState) func(*gateInput, *LicenseFacts, LicenseState) bool {
		return func(_ *gateInput, _ *LicenseFacts, state LicenseState) bool {
			for _, s := range states {
				if state == s {
					return true
				}
			}
			return false
		}
	}
	missing := func(pending bool) func(*gateInput) verdict {
		return func(in *gateInput) verdict {
			if !in.licensed() || in.f.License != nil || in.r.License != "" && CheckLicenseNumber(in.r.License) != nil {
				return notApplicable()
			}
			return in.judge(in.f.Pending == pending, func() []any {
				return []any{"license", in.r.License, "license found", false, "application not decided", in.f.Pending}
			})
		}
	}
	return []gateRule{
		{ReasonLicenseNotFound, SeverityDeny, "register of licenses, number or connection point",
			"a license is needed or was given, none is found, and no application of the applicant is open", missing(false)},
		{ReasonLicensePending, SeverityDeny, "applications of the applicant",
			"a license is needed or was given, none is found, and an application of the applicant is not decided", missing(true)},
		onLicense(ReasonLicenseNotYetValid, "term of the license, planned instant", "the planned instant is before the term",
			func(in *gateInput, l *LicenseFacts, _ LicenseState) bool { return in.planned.Before(l.ValidFrom) }),
		onLicense(ReasonLicenseSuspended, "state of the license", "it is suspended", is(LicenseSuspended)),
		onLicense(ReasonLicenseExpired, "state and term of the license, planned instant", "it has expired, or will have at the planned instant", is(LicenseExpired)),
		onLicense(ReasonLicenseRevoked, "state of the license", "it is revoked", is(LicenseRevoked)),
		onLicense(ReasonLicenseTerminated, "state of the license", "it is terminated or superseded", is(LicenseTerminated, LicenseSuperseded)),
		{ReasonHostSuspended, SeverityDeny, "state of the host's license",
			"the license is of sub-type II and its host's is not active", func(in *gateInput) verdict {
				if in.f.License == nil || in.f.License.SubType != SubTypeII || !in.licensed() {
					return notApplicable()
				}
				if in.f.Host == nil {
					return in.judge(true, func() []any { return []any{"host", in.f.License.HostNumber, "found", false} })
				}
				state := License{State: in.f.Host.State, ValidUntil: in.f.Host.ValidUntil}.StateAt(in.planned)
				return in.judge(state != LicenseActive, func() []any { return []any{"host", in.f.Host.Number, "state", state} })
			}},
		onLicense(ReasonSubtypeHasNoGridRight, "sub-type of the license", "it is of sub-type II, which has no grid connection of its own",
			func(_ *gateInput, l *LicenseFacts, _ LicenseState) bool { return l.SubType == SubTypeII }),
		{ReasonSiteNotOnLicense, SeverityDeny, "appendices of the license, connection point",
			"no appendix of the license names the connection point", func(in *gateInput) verdict {
				if in.f.License == nil || in.f.Point == nil || !in.licensed() {
					return notApplicable()
				}
				return in.judge(!in.f.License.Covers, func() []any {
					return []any{"license", in.f.License.Number, "names the connection point", in.f.License.Covers}
				})
			}},
	}
}

// onPoint makes a deny rule on the connection point.
func onPoint(code ReasonCode, reads, fails string, check func(in *gateInput, p *PointFacts) verdict) gateRule {
	return gateRule{code, SeverityDeny, reads, fails, func(in *gateInput) verdict {
		if in.f.Point == nil {
			return notApplicable()
		}
		return check(in, in.f.Point)
	}}
}

func connectionRules() []gateRule {
	return []gateRule{
		onPoint(ReasonTechnicalConditionsMissing, "technical conditions", "the point has none", func(in *gateInput, p *PointFacts) verdict {
			return in.judge(p.Technical.Number == "", func() []any { return []any{"technical conditions", p.Technical.Number} })
		}),
		onPoint(ReasonTechnicalConditionsExpired, "term of the technical conditions, planned instant", "they end at or before the planned instant",
			func(in *gateInput, p *PointFacts) verdict {
				if p.Technical.Number == "" {
					return notApplicable()
				}
				v := judge(!p.Technical.ValidUntil.IsZero() && !in.planned.Before(p.Technical.ValidUntil))
				if in.traced {
					v.reads = []any{"technical conditions until", p.Technical.ValidUntil, "planned", in.planned}
				}
				return v
			}),
		onPoint(ReasonTechnicalConditionsPurpose, "purpose of the technical conditions", "mining is asked for and they are for something else",
			func(in *gateInput, p *PointFacts) verdict {
				if p.Technical.Number == "" || in.r.Purpose != PurposeMining {
					return notApplicable()
				}
				return in.judge(p.Technical.Purpose != string(PurposeMining), func() []any { return []any{"technical conditions for", p.Technical.Purpose} })
			}),
		onPoint(ReasonCapacityExceeded, "load and limit of the point, technical conditions, feeder, substation, license and appendix",
			"energised, reserved and requested power together exceed one of the limits", capacity),
		onPoint(ReasonSupplyContractMissing, "supply contract, planned instant", "there is none, or it ends at or before the planned instant",
			func(in *gateInput, p *PointFacts) verdict {
				v := judge(p.SupplyNumber == "" || !p.SupplyUntil.IsZero() && !in.planned.Before(p.SupplyUntil))
				if in.traced {
					v.reads = []any{"supply contract", p.SupplyNumber, "until", p.SupplyUntil, "planned", in.planned}
				}
				return v
			}),
		onPoint(ReasonDelineationActMissing, "delineation act", "there is none", func(in *gateInput, p *PointFacts) verdict {
			return in.judge(p.Act == "", func() []any { return []any{"delineation act", p.Act} })
		}),
		onPoint(ReasonEmergencyAutomationMissing, "emergency automation", "mining is asked for and no emergency automation was accepted",
			func(in *gateInput, p *PointFacts) verdict {
				if in.r.Purpose != PurposeMining {
					return notApplicable()
				}
				return in.judge(!p.Automation, func() []any { return []any{"emergency automation accepted", p.Automation} })
			}),
	}
}

// capacity adds what is asked for to the load below each limit that is known. The
// limits of documents that are missing are those documents' own rules to miss.
func capacity(in *gateInput, p *PointFacts) verdict {
	add, load := in.added(), p.Energised+p.Reserved
	limits := append(make([]limitRead, 0, 6), limitRead{"feeder", p.FeederLoad, p.FeederLimit}, limitRead{"substation", p.SubstationLoad, p.SubstationLimit})
	if p.Act != "" {
		limits = append(limits, limitRead{"point", load, p.Permitted})
	}
	if p.Technical.Number != "" {
		limits = append(limits, limitRead{"technical conditions", load, p.Technical.Limit})
	}
	if l := in.f.License; l != nil && l.Covers && in.licensed() {
		limits = append(limits, limitRead{"license", l.Load, l.Approved}, limitRead{"appendix", l.SiteLoad, l.SiteApproved})
	}
	v := judge(false)
	for _, l := range limits {
		if l.load+add > l.limit {
			v.result = RuleFail
		}
	}
	if in.traced {
		v.reads = []any{"requested", in.r.Requested, "adds", add}
		for _, l := range limits {
			v.reads = append(v.reads, l, nil)
		}
	}
	return v
}
