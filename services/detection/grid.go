package detection

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// grid is a substation as the stream of its intervals sees it.
type grid struct {
	topology stream.Topology
	meters   []string // ids of those that the stream reads
	print    string   // of the topology: another one, another print
	places   []string // whose weather is that of the substation, the closest first
}

// smallFeeder is the largest limit, W, of a feeder that is balanced like the one
// transformer it feeds; a larger one has the wider losses of a network.
const smallFeeder = 1_000_000

// gridOf makes the topology of feeders. A feeder of which a connected point has no
// meter, or one that has never been read, has no balance: what it misses would
// look like theft.
func gridOf(units []Unit, tables []stream.Dated) (grid, error) {
	g := grid{topology: stream.Topology{Step: step, Parameters: tables}}
	t := &g.topology
	for _, u := range units {
		kind := stream.Transformer
		if u.Feeder.Limit > smallFeeder {
			kind = stream.Feeder
		}
		t.Nodes = append(t.Nodes, stream.Node{ID: u.Feeder.ID, Kind: kind, KVA: float64(u.Feeder.Limit) / 1000, VoltKV: float64(u.Feeder.VoltKV)})
		if u.Head != nil && u.complete() {
			t.Meters = append(t.Meters, stream.Meter{ID: u.Head.Meter, Node: u.Feeder.ID, Side: "MV", Class: u.Head.Class})
			g.meters = append(g.meters, u.Head.Meter)
		}
		for _, pt := range u.Points {
			if pt.Channel == nil {
				continue
			}
			tariff := ""
			switch {
			case pt.DeclaredUse == "household" || pt.DeclaredUse == "residential":
				tariff = "residential"
			case strings.HasPrefix(pt.DeclaredUse, "industr") || pt.DeclaredUse == "chemical" || pt.DeclaredUse == "metallurgy":
				tariff = "industrial"
			}
			t.Nodes = append(t.Nodes, stream.Node{ID: pt.ID, Kind: stream.Connection, Parent: u.Feeder.ID})
			t.Meters = append(t.Meters, stream.Meter{ID: pt.Channel.Meter, Node: pt.ID, Tariff: tariff, Activity: pt.DeclaredUse, Class: pt.Channel.Class, Holder: pt.holderOf(), DeclaredKW: u.declaredKW(pt), CT: pt.Channel.CT})
			g.meters = append(g.meters, pt.Channel.Meter)
			for _, s := range pt.Spans {
				// That a license concerns the point is what the stream has to know; the
				// limits themselves are looked at in every interval.
				t.Licenses = append(t.Licenses, stream.License{Node: pt.ID, Status: string(models.LicenseActive), ApprovedKW: math.MaxInt32, From: s.From})
			}
		}
	}
	text, err := json.Marshal(t)
	if err != nil {
		return grid{}, fmt.Errorf("print of a grid: %w", err)
	}
	sum := sha256.Sum256(text)
	g.print = hex.EncodeToString(sum[:])
	return g, nil
}

// complete tells whether every connected point is measured.
func (u Unit) complete() bool {
	return !slices.ContainsFunc(u.Points, func(pt Point) bool {
		return pt.State == models.ConnectionEnergised && pt.Channel == nil || pt.Channel != nil && !pt.Channel.Read
	})
}

// legalMidnight is the beginning of the legal day of an instant.
func legalMidnight(t time.Time) time.Time {
	return t.Add(models.LegalOffset).Truncate(24 * time.Hour).Add(-models.LegalOffset)
}
