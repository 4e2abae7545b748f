package models

import (
	"slices"
	"strconv"
)

// GridLimits is what the grid can carry at the connection points of a license that is
// about to be approved, and what other licenses in force may take there already.
type GridLimits struct {
	Points      map[string]PointLimit // by code, those that the grid register knows
	Feeders     map[string]LimitLoad  // by id
	Substations map[string]LimitLoad  // by id
}

// PointLimit is one connection point. Permitted is 0 while there is no delineation
// act, and Technical while there are no technical conditions.
type PointLimit struct {
	Feeder, Substation string // ids
	Permitted          Watts
	Technical          Watts
}

// LimitLoad is a node of the grid with its limit and what licenses in force, other
// than the one looked at, may take below it.
type LimitLoad struct {
	Code     string
	Limit    Watts
	Approved Watts
}

// Limit is the power that the point can be approved for: the lower of the documents
// that there are.
func (p PointLimit) Limit() Watts {
	switch {
	case p.Permitted == 0:
		return p.Technical
	case p.Technical == 0:
		return p.Permitted
	}
	return min(p.Permitted, p.Technical)
}

// WorstBelow is the most that an appendix can take of points that can carry limit
// together: points of one appendix may share its power in any way.
func WorstBelow(approved, limit Watts) Watts { return min(approved, limit) }

// Approve gives, by JSON Pointer into the application, why the grid cannot carry the
// sites: the sum of what licenses in force may take never exceeds the limit of a
// point, its technical conditions, its feeder or its substation.
func (g GridLimits) Approve(sites []LicensedSite) error {
	var v Invalid
	feeders, substations := map[string]Watts{}, map[string]Watts{}
	for i, s := range sites {
		at := "/sites/" + strconv.Itoa(i)
		var total Watts
		onFeeder, onSubstation := map[string]Watts{}, map[string]Watts{}
		known := true
		for j, code := range s.ConnectionPoints {
			p, ok := g.Points[code]
			if known = known && ok && p.Limit() > 0; !ok {
				v.Add(at+"/connection_points/"+strconv.Itoa(j), "unknown", "Connection point %s is not in the grid register. Its utility enters it first.", code)
				continue
			}
			if p.Limit() == 0 {
				v.Add(at+"/connection_points/"+strconv.Itoa(j), "no_limit", "Connection point %s has neither technical conditions nor a delineation act, so no power can be approved there.", code)
				continue
			}
			total += p.Limit()
			onFeeder[p.Feeder] += p.Limit()
			onSubstation[p.Substation] += p.Limit()
		}
		if known && len(s.ConnectionPoints) > 0 && s.Approved > total {
			v.Add(at+"/approved_kw", "point_limit", "The connection points can carry %s together; %s are asked for.", total, s.Approved)
		}
		for id, limit := range onFeeder {
			feeders[id] += WorstBelow(s.Approved, limit)
		}
		for id, limit := range onSubstation {
			substations[id] += WorstBelow(s.Approved, limit)
		}
	}
	refuse(&v, "feeder", g.Feeders, feeders)
	refuse(&v, "substation", g.Substations, substations)
	return v.Err()
}

func refuse(v *Invalid, noun string, nodes map[string]LimitLoad, asked map[string]Watts) {
	ids := make([]string, 0, len(asked))
	for id := range asked {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if n := nodes[id]; n.Approved+asked[id] > n.Limit {
			v.Add("/sites", noun+"_limit", "The %s %s carries %s; %s are approved there and %s are asked for.", noun, n.Code, n.Limit, n.Approved, asked[id])
		}
	}
}
