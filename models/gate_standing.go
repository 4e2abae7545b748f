package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// standing gives the facts of a kind that hold at some instant from now until the
// planned one: a permit is good from now on.
func (in *gateInput) standing(kind StandingKind) []StandingFact {
	var out []StandingFact
	for _, f := range in.f.Standing {
		if f.Kind == kind && f.overlaps(in.at, in.planned) {
			out = append(out, f)
		}
	}
	return out
}

// dated names documents with their ends, the same in every language.
func dated(list []StandingFact) Text {
	names := make([]string, 0, len(list))
	for _, f := range list {
		name := f.Document
		if !f.Until.IsZero() {
			name += f.Until.UTC().Add(LegalOffset).Format(" (→ 02.01.2006 15:04)")
		}
		names = append(names, name)
	}
	all := strings.Join(names, "; ")
	return Text{Kk: all, Ru: all, En: all}
}

// claims gives the claims of others on the connection point.
func (in *gateInput) claims() int {
	n := 0
	for _, f := range in.standing(StandingClaim) {
		if f.Claimant != in.r.Applicant {
			n++
		}
	}
	return n
}

// supplies sums what the bases of supply give at an instant; whole tells that one
// of them gives the whole need.
func (in *gateInput) supplies(at time.Time) (sum Watts, whole, found bool) {
	for _, f := range in.f.Standing {
		if f.suppliesAt(at) {
			sum, whole, found = sum+f.Power, whole || f.Power == 0, true
		}
	}
	return sum, whole, found
}

// suppliedUntil is the end of the unbroken supply that holds at an instant, looked
// for no further than limit.
func (in *gateInput) suppliedUntil(from, limit time.Time) time.Time {
	at := from
	for at.Before(limit) {
		if _, _, found := in.supplies(at); !found {
			return at
		}
		next := at.Truncate(time.Hour).Add(time.Hour)
		for _, f := range in.f.Standing {
			if f.Kind == StandingSupply && f.Until.After(at) && f.Until.Before(next) {
				next = f.Until
			}
		}
		at = next
	}
	return limit
}

// standingLimits are the instants at which standing facts end a permit: the
// beginning of what forbids, and the end of the supply.
func (in *gateInput) standingLimits(longest time.Time) []time.Time {
	var out []time.Time
	for _, f := range in.f.Standing {
		switch f.Kind {
		case StandingSupply, StandingSuspect:
		case StandingClaim:
			if f.Claimant != in.r.Applicant && in.licensed() {
				out = append(out, f.From)
			}
		case StandingCurtailment:
			if in.curtails(f) {
				out = append(out, f.From)
			}
		case StandingHold, StandingTransfer:
			out = append(out, f.From)
		}
	}
	out = slices.DeleteFunc(out, func(t time.Time) bool { return !t.After(in.planned) })
	if in.f.SupplyByHour && in.r.Purpose == PurposeMining {
		out = append(out, in.suppliedUntil(in.planned, longest))
	}
	return out
}

// curtails tells whether what is asked for breaks a restriction while it holds.
func (in *gateInput) curtails(f StandingFact) bool {
	if f.MiningOnly && in.r.Purpose == PurposeOther || in.f.Point == nil {
		return false
	}
	load := Watts(0)
	switch f.Scope {
	case ScopePoint:
		load = in.f.Point.Energised + in.f.Point.Reserved
	case ScopeFeeder:
		load = in.f.Point.FeederLoad
	case ScopeSubstation:
		load = in.f.Point.SubstationLoad
	case ScopeGrid, ScopeSite, ScopeLicense, ScopeParty:
	}
	return load+in.added() > f.Power
}

// forbids makes a rule that fails while a standing fact of a kind holds. The
// document is named to the caller only where everybody may know it.
func forbids(code ReasonCode, kind StandingKind, severity Severity, reads, fails string) gateRule {
	return gateRule{code, severity, reads, fails, func(in *gateInput) verdict {
		if in.f.Point == nil {
			return notApplicable()
		}
		found := in.standing(kind)
		v := in.judge(len(found) > 0, func() []any {
			return []any{"in force between now and the planned instant", len(found), "planned", in.planned}
		})
		if kind == StandingTransfer && len(found) > 0 {
			v.about = dated(found)
		}
		return v
	}}
}

func standingRules() []gateRule {
	return []gateRule{
		forbids(ReasonCPNotInServiceArea, StandingTransfer, SeverityDeny, "transfers of connection points, feeders and substations between grid companies",
			"another grid company serves the place by now or by the planned instant; a point that never was the caller's is unknown to it, see CP_UNKNOWN"),
		{ReasonNoSupplyBasis, SeverityDeny, "bases of supply of the license and the point by hour, planned instant, load of the appendix",
			"mining is asked for, supply by hour was ever recorded, and none holds in the planned hour or all of that hour together give less than the load; " +
				"while none was ever recorded the supply contract is the basis", supplyBasis},
		{ReasonCurtailed, SeverityDeny, "notices of curtailment of the point, feeder, substation and grid, load below them",
			"between now and the planned instant the load with the request exceeds what a notice leaves; a notice for mining leaves declared other use alone", curtailed},
		forbids(ReasonLegalHold, StandingHold, SeverityDeny, "legal holds on the point, its site, the license and the applicant", "one is in force between now and the planned instant"),
		forbids(ReasonSuspectPremises, StandingSuspect, SeverityRefer, "list of suspect premises: point, site, applicant", "one of them is on it between now and the planned instant"),
		{ReasonRegistryStale, SeverityRefer, "age of the oldest entry of the ledger that is not sealed, newest instant in the ledger",
			"an entry has waited for its seal longer than the budget, or the clock is behind the ledger by more than the budget", func(in *gateInput) verdict {
				return in.judge(in.f.Waiting > in.p.StaleRegistry || in.f.Behind > in.p.StaleRegistry, func() []any {
					return []any{"waiting to be sealed", in.f.Waiting, "clock behind the ledger", in.f.Behind, "budget", in.p.StaleRegistry}
				})
			}},
	}
}

func supplyBasis(in *gateInput) verdict {
	if in.f.Point == nil || in.r.Purpose != PurposeMining || !in.f.SupplyByHour {
		return notApplicable()
	}
	load := in.f.Point.Energised + in.f.Point.Reserved + in.added()
	if l := in.f.License; l != nil && l.Covers {
		load = l.SiteLoad + in.added()
	}
	sum, whole, found := in.supplies(in.planned)
	given := fmt.Sprint(sum)
	if whole {
		given = "the whole need"
	}
	return in.judge(!found || !whole && sum < load, func() []any {
		return []any{"planned", in.planned, "supply in that hour", given, "load with the permit", load}
	})
}

func curtailed(in *gateInput) verdict {
	if in.f.Point == nil {
		return notApplicable()
	}
	var broken []StandingFact
	found := in.standing(StandingCurtailment)
	for _, f := range found {
		if in.curtails(f) {
			broken = append(broken, f)
		}
	}
	v := in.judge(len(broken) > 0, func() []any {
		return []any{"notices between now and the planned instant", len(found), "broken", len(broken), "planned", in.planned}
	})
	v.about = dated(broken)
	return v
}
