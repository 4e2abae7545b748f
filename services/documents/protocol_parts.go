package documents

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"rigistry/models"
)

// protocolChoices are the answers that have a text.
var protocolChoices = []string{"yes", "no", "none", "unknown", "other", "other_site", "head", "representative", "worker", "nobody"}

// answers writes the checklist: every question with its answer, or that there is none.
// What was answered and is not of the checklist stands at its end.
func (p *protocolPaper) answers() {
	if p.facts.Protocol.Refused != nil && len(p.facts.Protocol.Answers) == 0 {
		return // nobody was let in, nothing could be asked
	}
	left := map[string]models.ProtocolAnswer{}
	maps.Copy(left, p.facts.Protocol.Answers)
	for _, section := range p.facts.Checklist.Sections {
		p.partNamed(p.of(section.Title))
		for _, q := range section.Questions {
			a, given := left[q.ID]
			delete(left, q.ID)
			value := p.answer(q, a)
			if !given || value == "" {
				value = p.say("unanswered", nil)
			}
			p.pair(protocolWide, p.of(q.Text), join(value, a.Note))
		}
	}
	if len(left) == 0 {
		return
	}
	p.part("part.others")
	for _, id := range slices.Sorted(maps.Keys(left)) {
		p.pair(protocolWide, id, join(or(left[id].Value, "–"), left[id].Note))
	}
}

// answer writes a value as its kind of question does.
func (p *protocolPaper) answer(q models.ChecklistQuestion, a models.ProtocolAnswer) string {
	switch q.Kind {
	case "yes_no", "choice":
		parts := strings.Split(a.Value, ",")
		for i, one := range parts {
			parts[i] = p.word("fieldwork.choice.", one, protocolChoices...)
		}
		return strings.Join(parts, ", ")
	case "number":
		if a.Value == "" {
			return ""
		}
		return strings.TrimSpace(strings.Replace(a.Value, ".", ",", 1) + " " + p.unit(q.Unit))
	}
	return a.Value
}

// unit gives the sign of a unit; what counts pieces has none.
func (p *protocolPaper) unit(code string) string {
	if code == "racks" || code == "rigs" {
		return ""
	}
	return p.word("fieldwork.unit.", code, "A", "V", "kW", "kWh")
}

// rigs writes what was scanned beside what is declared: a count of each kind, and the
// serial numbers of each.
func (p *protocolPaper) rigs() {
	if len(p.facts.Rigs) == 0 && len(p.facts.Protocol.Racks) == 0 {
		return
	}
	p.part("part.rigs")
	groups := map[models.RigMatch][]string{}
	for _, r := range p.facts.Rigs {
		text := r.Serial
		if extra := join(r.Rack, r.Site); extra != "" {
			text += " (" + extra + ")"
		}
		groups[r.Match] = append(groups[r.Match], text)
	}
	count := map[string]any{}
	order := []models.RigMatch{models.RigUnknown, models.RigElsewhere, models.RigDuplicate, models.RigMissing, models.RigDeclared}
	for _, m := range order {
		count[string(m)] = whole(len(groups[m]))
	}
	if len(p.facts.Rigs) > 0 {
		p.line("B", p.say("rigs", count))
	}
	for _, m := range order {
		p.pair(protocolLabel, p.say("rig."+string(m), nil), strings.Join(groups[m], ", "))
	}
	for _, e := range p.facts.Protocol.Racks {
		counted := map[string]any{"n": number(e.Number("units")), "running": number(e.Number("running"))}
		p.pair(protocolLabel, p.texts(p.facts.Language, "fieldwork.racks.rack", nil)+" "+e.Text("rack"),
			join(p.texts(p.facts.Language, "fieldwork.racks.counted", counted), moment(e.At)))
	}
}

func number(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
}

// measured writes readings, seals and what was seized.
func (p *protocolPaper) measured() {
	visit := p.facts.Protocol
	if len(visit.Readings) > 0 {
		p.part("part.readings")
	}
	for _, e := range visit.Readings {
		how := p.word("fieldwork.readings.", e.Text("how"), "display", "clamp")
		phase := ""
		if e.Text("phase") != "" {
			phase = p.texts(p.facts.Language, "fieldwork.readings.phase", nil) + " " + e.Text("phase")
		}
		what := p.word("fieldwork.quantity.", e.Text("quantity"), "current", "energy", "power", "voltage")
		p.pair(protocolLabel, e.Text("meter"), join(what+": "+number(e.Number("value"))+" "+p.unit(e.Text("unit")), how, phase, moment(e.At)))
	}
	if len(visit.Seals)+len(visit.Seized) > 0 {
		p.part("part.seals")
	}
	for _, e := range visit.Seals {
		state := p.texts(p.facts.Language, "fieldwork.seals.applied", nil)
		if e.Kind == "seal.checked" {
			state = p.word("fieldwork.seal.", e.Text("state"), "intact", "broken", "missing")
		}
		p.pair(protocolLabel, or(e.Text("seal"), "–"), join(state, e.Text("where"), moment(e.At)))
	}
	p.row("seized", strings.Join(visit.Seized, ", "))
}

// photos names every photo by its file, and says when the file is not there.
func (p *protocolPaper) photos() {
	if len(p.facts.Protocol.Photos) == 0 {
		return
	}
	titles := map[string]string{}
	for _, s := range p.facts.Checklist.Shots {
		titles[s.ID] = p.of(s.Title)
	}
	p.part("part.photos")
	for _, f := range p.facts.Protocol.Photos {
		place := ""
		if f.HasPlace {
			place = degrees(f.LatE7) + " / " + degrees(f.LonE7) + " ± " + number(f.Accuracy) + p.say("metres", nil)
		}
		there := ""
		if !p.facts.Arrived[f.SHA256] {
			there = p.say("photo_absent", nil)
		}
		source := p.word(protocolKeys+"source.", f.Source, "camera", "gallery")
		p.pair(protocolLabel, join(or(titles[f.Shot], f.Shot), f.Rack, f.Note), strings.TrimSpace(join(moment(f.At), source, there)+"\n"+place))
		p.digest(f.SHA256)
	}
}

// degrees writes a coordinate to a metre.
func degrees(e7 int64) string {
	return strings.Replace(strconv.FormatFloat(float64(e7)/1e7, 'f', 5, 64), ".", ",", 1) + "°"
}

// words writes the notes and the summary.
func (p *protocolPaper) words() {
	visit := p.facts.Protocol
	if len(visit.Notes) == 0 && visit.Summary == "" {
		return
	}
	p.part("part.words")
	for _, e := range visit.Notes {
		p.pair(protocolLabel, moment(e.At), e.Text("text"))
	}
	p.row("summary", visit.Summary)
}

func (p *protocolPaper) orders() {
	if len(p.facts.Orders) == 0 {
		return
	}
	p.part("part.orders")
	for _, o := range p.facts.Orders {
		p.pair(protocolLabel, "№ "+o.Number, o.Text+"\n"+join(o.Article, p.say("due", map[string]any{"date": paperDate(o.Due)})))
	}
}

// signatures writes who signed on the device and who refused. Without a word of the
// inspector or the subject that is said too.
func (p *protocolPaper) signatures() {
	p.part("part.signatures")
	signed := map[string]bool{}
	for _, e := range p.facts.Protocol.Signatures {
		who := e.Text("who")
		signed[who] = true
		label := p.word("fieldwork.sign.", who, "inspector", "subject", "witness")
		if e.Kind == "signature.refused" {
			p.pair(protocolLabel, label, join(p.say("not_signed", nil), e.Text("reason"), moment(e.At)))
			continue
		}
		p.pair(protocolLabel, label, join(e.Text("name"), e.Text("role"), moment(e.At)))
		p.digest(e.Text("image_sha256"))
	}
	for _, who := range []string{"inspector", "subject"} {
		if !signed[who] {
			p.pair(protocolLabel, p.texts(p.facts.Language, "fieldwork.sign."+who, nil), p.texts(p.facts.Language, "fieldwork.sign.open", nil))
		}
	}
}

// origin says what the protocol was made from, so that it can be compared with the
// events themselves.
func (p *protocolPaper) origin() {
	p.part("part.origin")
	p.line("", p.say("origin", map[string]any{"at": stamp(p.facts.AsAt)}))
	for _, d := range p.facts.Devices {
		p.pair(protocolLabel, d.Name, p.say("device", map[string]any{"n": whole(d.Events), "seq": grouped(d.Seq)}))
		p.digest(d.Hash)
	}
	for _, found := range []struct {
		key string
		n   int64
	}{{"voided", int64(len(p.facts.Protocol.Voided))}, {"conflicts", int64(p.facts.Conflicts)}, {"absent", p.facts.Absent}} {
		if found.n > 0 {
			p.line("B", p.say(found.key, map[string]any{"n": grouped(found.n)}))
		}
	}
}
