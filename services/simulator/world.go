package simulator

import (
	"encoding/json"
	"math"
	"time"

	"rigistry/models"
)

// World is a grid with its loads. It is immutable and safe for concurrent use.
type World struct {
	grid     Grid
	profiles map[string]models.Profile
	nodes    []node
	index    map[string]int
	children [][]int
	meters   []meter
	weather  source
	start    int64 // minutes since 1970
}

type node struct {
	Node
	source source
}

type meter struct {
	Meter
	node    int
	profile *models.Profile
	gain    float64 // of this device, within its class
	base    float64 // Wh on the register at the start
	source  source
}

// New builds the world of a grid file. profiles are the register profiles that
// its meters may name, by id.
func New(grid Grid, profiles []models.Profile) (*World, error) {
	if err := grid.check(); err != nil {
		return nil, err
	}
	root := source(mix(grid.Seed))
	w := &World{grid: grid, profiles: map[string]models.Profile{}, index: map[string]int{},
		weather: root.child("weather"), start: ceilMinute(grid.Start)}
	for _, p := range profiles {
		w.profiles[p.ID] = p
	}
	all := append([]Node{{Code: grid.Code, Kind: "substation"}}, grid.Nodes...)
	w.children = make([][]int, len(all))
	for i, n := range all {
		w.nodes = append(w.nodes, node{Node: n, source: root.child("node " + n.Code)})
		w.index[n.Code] = i
		if i > 0 {
			p := w.index[n.Parent]
			w.children[p] = append(w.children[p], i)
		}
	}
	for _, m := range grid.Meters {
		p, ok := w.profiles[m.Profile]
		if !ok {
			return nil, models.Errorf(models.CodeInvalid, "Meter %s names the register profile %q, which this program does not have. `rigistry meter profiles` lists them.", m.Code, m.Profile)
		}
		s := root.child("meter " + m.Code)
		limit := classLimit(m.Class)
		w.meters = append(w.meters, meter{Meter: m, node: w.index[m.Node], profile: &p, source: s,
			gain: 1 + limit*math.Max(-1, math.Min(1, 0.4*s.normal(0))), base: math.Floor(4e6 + 9e7*s.uniform(1))})
	}
	return w, nil
}

func ceilMinute(t time.Time) int64 { return (t.Unix() + 59) / 60 }

// classLimit is the error limit of an accuracy class as a share: IEC 62053-21
// and -22 name the classes by their limit in per cent.
func classLimit(class string) float64 {
	switch class {
	case "0.2S", "0.2":
		return 0.002
	case "0.5S", "0.5":
		return 0.005
	case "2":
		return 0.02
	}
	return 0.01
}

// Grid gives the grid file of the world.
func (w *World) Grid() Grid { return w.grid }

// powers fills metered and drawn with the power in W of every node at a minute:
// drawn is all that is taken from the grid there, metered what its own meter can
// see of it.
func (w *World) powers(minute int64, metered, drawn []float64) {
	m := momentAt(minute, w.weather)
	for i := len(w.nodes) - 1; i >= 0; i-- {
		n := &w.nodes[i]
		seen, hidden := 0.0, 0.0
		for j, l := range n.Loads {
			at := minute * 60
			if !l.From.IsZero() && at < l.From.Unix() || !l.Until.IsZero() && at >= l.Until.Unix() {
				continue
			}
			p := 1000 * loadKinds[l.Kind](l, n.source.item(int64(j)), m)
			if l.AheadOfTap {
				hidden += p
			} else {
				seen += p
			}
		}
		for _, c := range w.children[i] {
			seen += drawn[c]
		}
		kw := seen / 1000
		seen += 1000 * (n.LossA + n.LossB*kw*kw)
		metered[i], drawn[i] = seen, seen+hidden
	}
}

// Power is the true power in W that passes the meter position of a node at an
// instant, without any meter's error; false for an unknown node. Between whole
// minutes it runs in a straight line.
func (w *World) Power(code string, at time.Time) (float64, bool) {
	i, ok := w.index[code]
	if !ok {
		return 0, false
	}
	p := w.cursorAt(at.Unix() / 60)
	return p.power(i, at), true
}

// cursor walks the world forward minute by minute and keeps the energy.
type cursor struct {
	w         *World
	minute    int64 // of now; next is one minute later
	now, next []float64
	energy    []float64 // Wh from the start of the grid file to minute
	scratch   []float64
}

// cursorAt stands at a minute without any energy behind it.
func (w *World) cursorAt(minute int64) *cursor {
	n := len(w.nodes)
	c := &cursor{w: w, minute: minute, now: make([]float64, n), next: make([]float64, n),
		energy: make([]float64, n), scratch: make([]float64, n)}
	w.powers(minute, c.now, c.scratch)
	w.powers(minute+1, c.next, c.scratch)
	return c
}

// cursor stands at the start of the grid file.
func (w *World) cursor() *cursor { return w.cursorAt(w.start) }

// advance walks to the minute of an instant. It does not go back.
func (c *cursor) advance(at time.Time) {
	for target := at.Unix() / 60; c.minute < target; {
		for i := range c.energy {
			c.energy[i] += (c.now[i] + c.next[i]) / 120
		}
		c.now, c.next = c.next, c.now
		c.minute++
		c.w.powers(c.minute+1, c.next, c.scratch)
	}
}

// power in W at an instant of the minute the cursor stands on.
func (c *cursor) power(i int, at time.Time) float64 {
	f := c.share(at)
	return c.now[i]*(1-f) + c.next[i]*f
}

// wattHours from the start of the grid file to the instant.
func (c *cursor) wattHours(i int, at time.Time) float64 {
	f := c.share(at)
	return c.energy[i] + f*(c.now[i]+c.power(i, at))/120
}

func (c *cursor) share(at time.Time) float64 {
	return math.Max(0, math.Min(1, float64(at.UnixMicro()-c.minute*60_000_000)/60e6))
}

// Offence is one thing that is wrong in the world.
type Offence struct {
	Target      string    `json:"target"` // connection point; a bypass is seen at its feeder
	SeenAt      string    `json:"seen_at"`
	Rule        string    `json:"rule"`
	KW          float64   `json:"kw"` // the unlawful part
	Rigs        int       `json:"rigs"`
	Since       time.Time `json:"since"`
	Metered     bool      `json:"metered"`
	Description string    `json:"description,omitempty"`
}

// Honest is a customer that must not be accused.
type Honest struct {
	Target string `json:"target"`
	Use    string `json:"use"`
}

// Truth is what is hidden in the world: the truth file.
type Truth struct {
	Seed    uint64    `json:"seed"`
	Hidden  []Offence `json:"hidden"`
	Honest  []Honest  `json:"honest"`
	Started time.Time `json:"start"`
}

// Truth tells what is hidden where, one line for a node and a rule.
func (w *World) Truth() Truth {
	t := Truth{Seed: w.grid.Seed, Started: w.grid.Start, Hidden: []Offence{}, Honest: []Honest{}}
	for _, n := range w.grid.Nodes {
		offences := map[string]int{}
		for _, l := range n.Loads {
			if l.Offence == "" {
				continue
			}
			i, again := offences[l.Offence]
			if !again {
				i = len(t.Hidden)
				offences[l.Offence] = i
				t.Hidden = append(t.Hidden, Offence{Target: n.Code, SeenAt: n.Code, Rule: l.Offence, Since: l.From, Metered: !l.AheadOfTap})
			}
			o := &t.Hidden[i]
			o.KW += nameplate(l)
			o.Rigs += l.Count
			if l.Description != "" {
				o.Description = l.Description
			}
			if o.Since.IsZero() {
				o.Since = w.grid.Start
			}
			if l.AheadOfTap {
				o.SeenAt = n.Parent
			}
			if l.Offence == offenceOverdraw && n.License != nil {
				o.KW = w.nameplateBelow(n.Code) - n.License.ApprovedKW
			}
		}
		for _, i := range offences {
			t.Hidden[i].KW = math.Round(t.Hidden[i].KW*10) / 10
		}
		if len(offences) == 0 && n.Kind == "connection_point" {
			t.Honest = append(t.Honest, Honest{Target: n.Code, Use: n.Use})
		}
	}
	return t
}

func nameplate(l Load) float64 { return l.KW * float64(max(1, l.Count)) }

// nameplateBelow is the nameplate of everything at a node and below it, kW.
func (w *World) nameplateBelow(code string) float64 {
	sum := 0.0
	for _, n := range w.grid.Nodes {
		if n.Code == code {
			for _, l := range n.Loads {
				sum += nameplate(l)
			}
		}
		if n.Parent == code {
			sum += w.nameplateBelow(n.Code)
		}
	}
	return sum
}

// JSON writes the truth file.
func (t Truth) JSON() ([]byte, error) { return json.MarshalIndent(t, "", " ") }
