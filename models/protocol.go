package models

import (
	"encoding/json"
	"strings"
	"time"
)

// Protocol is what the events of a visit say together. Where two texts exist for one
// event, both are kept as versions; the one that came in first is the one that counts.
type Protocol struct {
	Started    time.Time // clock of the device, zero when it did not start
	Finished   time.Time
	Refused    *FieldEvent // refusal of access
	Answers    map[string]ProtocolAnswer
	Scans      []ProtocolScan
	Racks      []FieldEvent
	Photos     []ProtocolPhoto
	Readings   []FieldEvent
	Seals      []FieldEvent
	Seized     []string // serial numbers
	Notes      []FieldEvent
	Signatures []FieldEvent      // made and refused
	Voided     map[string]string // event id -> reason
	Summary    string
	Language   string // kk or ru
}

// ProtocolAnswer is the last answer to a question.
type ProtocolAnswer struct {
	Value string
	Note  string
	At    time.Time
}

// ProtocolScan is one serial number that was scanned or typed.
type ProtocolScan struct {
	Serial    string
	Rack      string
	Symbology string
	Said      string // what the device said: declared, unknown, duplicate, elsewhere
	At        time.Time
}

// ProtocolPhoto is one photo of the visit.
type ProtocolPhoto struct {
	Event    string
	Device   string
	SHA256   string
	Shot     string
	Rack     string
	Source   string // camera or gallery
	Note     string
	LatE7    int64
	LonE7    int64
	Accuracy float64 // metres
	HasPlace bool
	At       time.Time
	Received time.Time
}

// FoldProtocol reads the protocol out of the events, in the order of ByRecording: where
// devices contradict each other the later word counts, by a time that no device's clock
// decides alone.
func FoldProtocol(events []FieldEvent) Protocol {
	p := Protocol{Answers: map[string]ProtocolAnswer{}, Voided: voids(events)}
	for _, e := range counted(events) {
		p.take(e)
	}
	return p
}

func (p *Protocol) take(e FieldEvent) {
	switch e.Kind {
	case "visit.started":
		if p.Started.IsZero() {
			p.Started = e.At
		}
	case "visit.finished":
		p.Finished, p.Summary, p.Language = e.At, e.Text("summary"), e.Text("language")
	case "access.refused":
		p.Refused = &e
	case "answer.set":
		p.Answers[e.Text("question")] = ProtocolAnswer{Value: valueText(e.Body["value"]), Note: e.Text("note"), At: e.At}
	case "serial.scanned":
		p.Scans = append(p.Scans, ProtocolScan{Serial: e.Text("serial"), Rack: e.Text("rack"), Symbology: e.Text("symbology"), Said: e.Text("match"), At: e.At})
	case "rack.counted":
		p.Racks = append(p.Racks, e)
	case "photo.taken":
		p.Photos = append(p.Photos, photoOf(e))
	case "reading.taken":
		p.Readings = append(p.Readings, e)
	case "seal.checked", "seal.applied":
		p.Seals = append(p.Seals, e)
	case "equipment.seized":
		list, _ := e.Body["serials"].([]any)
		for _, s := range list {
			if serial, ok := s.(string); ok {
				p.Seized = append(p.Seized, serial)
			}
		}
	case "note.added":
		p.Notes = append(p.Notes, e)
	case "signature.made", "signature.refused":
		p.Signatures = append(p.Signatures, e)
	}
}

// valueText is an answer as text: a list is joined with commas.
func valueText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case json.Number:
		return x.String()
	case []any:
		parts := make([]string, 0, len(x))
		for _, one := range x {
			parts = append(parts, valueText(one))
		}
		return strings.Join(parts, ",")
	}
	return ""
}

func photoOf(e FieldEvent) ProtocolPhoto {
	f := ProtocolPhoto{Event: e.ID, Device: e.Device, SHA256: e.Text("sha256"), Shot: e.Text("shot"), Rack: e.Text("rack"), Source: e.Text("source"), Note: e.Text("note"),
		At: e.At, Received: e.Received}
	if place, ok := e.Body["position"].(map[string]any); ok {
		at := FieldEvent{Body: place}
		f.HasPlace, f.LatE7, f.LonE7, f.Accuracy = true, int64(at.Number("lat")*1e7), int64(at.Number("lon")*1e7), at.Number("accuracy_m")
	}
	return f
}

// RigMatch is what a serial number turned out to be.
type RigMatch string

// The matches of a rig between what was declared and what was found.
const (
	RigDeclared  RigMatch = "declared"  // declared here, and found
	RigMissing   RigMatch = "missing"   // declared here, and not found
	RigUnknown   RigMatch = "unknown"   // found, and nowhere registered
	RigDuplicate RigMatch = "duplicate" // found more than once
	RigElsewhere RigMatch = "elsewhere" // found here, and registered at another site
)

// RigLine is one serial number beside what was declared.
type RigLine struct {
	Serial string
	Model  string
	Rack   string
	Match  RigMatch
	Times  int    // how often it was scanned
	Site   string // where it is registered, for elsewhere
}

// CompareRigs lays what was scanned beside what is declared for the site. elsewhere gives
// the site of rigs registered at others, by serial key.
func CompareRigs(declared []Equipment, scans []ProtocolScan, elsewhere map[string]string) []RigLine {
	lines, at := []RigLine{}, map[string]int{}
	for _, s := range scans {
		key := SerialFold(s.Serial)
		if key == "" {
			continue
		}
		if n, again := at[key]; again {
			lines[n].Times++
			if s.Rack != lines[n].Rack {
				lines[n].Match = RigDuplicate
			}
			continue
		}
		at[key] = len(lines)
		lines = append(lines, RigLine{Serial: s.Serial, Rack: s.Rack, Match: RigUnknown, Times: 1})
	}
	for _, e := range declared {
		key := SerialFold(e.Serial)
		n, found := at[key]
		if !found {
			lines = append(lines, RigLine{Serial: e.Serial, Model: e.Model, Match: RigMissing})
			continue
		}
		lines[n].Model = e.Model
		if lines[n].Match == RigUnknown {
			lines[n].Match = RigDeclared
		}
	}
	for key, n := range at {
		if site, other := elsewhere[key]; other && lines[n].Match == RigUnknown {
			lines[n].Match, lines[n].Site = RigElsewhere, site
		}
	}
	return lines
}
