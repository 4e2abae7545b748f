package documents

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// ProtocolFacts is all that stands in the protocol of an inspection.
type ProtocolFacts struct {
	Language   string // kk or ru
	Inspection models.Inspection
	Protocol   models.Protocol
	Checklist  models.VisitChecklist
	Rigs       []models.RigLine
	Missing    []models.MissingField // what the law demands and the inspection lacks
	Orders     []models.RemedyOrder
	Devices    []ProtocolDevice  // none means that there is no protocol yet
	Arrived    map[string]bool   // SHA-256 of the photos whose files are there
	Conflicts  int               // events of which two texts came in
	Absent     int64             // events of the devices that have not come in
	People     map[string]string // names by user id
	CaseNumber string
	SiteName   string
	PointCode  string
	PartyName  string
	AsAt       time.Time // the instant whose state it shows; the same instant gives the same bytes
}

// ProtocolDevice is a device whose signed events the protocol was made from.
type ProtocolDevice struct {
	Name   string
	Events int
	Seq    int64  // of its last event
	Hash   string // of its last event, hex SHA-256; each event holds the hash of the one before
}

const protocolKeys = "documents.protocol."

// ProtocolPDF draws the protocol of an inspection in Kazakh or in Russian from the events
// that devices signed. Photos are named by their SHA-256 and not shown. An inspection
// without any event is a conflict. The same facts give the same bytes.
func (s *Service) ProtocolPDF(facts ProtocolFacts) ([]byte, error) {
	if !slices.Contains(paperLanguages[:], facts.Language) {
		var v models.Invalid
		v.Add("?language", "unknown", "A protocol is written in kk or ru.")
		return nil, v.Err()
	}
	if len(facts.Devices) == 0 {
		return nil, models.Errorf(models.CodeConflict, "Nothing of a visit has come in for inspection %s, so there is no protocol yet.", facts.Inspection.Number)
	}
	p := &protocolPaper{paper: s.begin(protocolKeys+"heading", facts.Inspection.Number, facts.AsAt), facts: facts}
	p.SetTitle(p.say("heading", nil)+" "+facts.Inspection.Number, true)
	p.SetLang(map[string]string{"kk": "kk-KZ", "ru": "ru-RU"}[facts.Language])
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.heading()
	for _, part := range []func(){p.place, p.law, p.visit, p.answers, p.rigs, p.measured, p.photos, p.words, p.orders, p.signatures, p.origin} {
		part()
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write the protocol of %s as PDF: %w", facts.Inspection.Number, err)
	}
	return out.Bytes(), nil
}

// protocolPaper is one protocol being written, in one language over the whole width.
type protocolPaper struct {
	*paper
	facts ProtocolFacts
}

func (p *protocolPaper) say(key string, args map[string]any) string {
	return p.texts(p.facts.Language, protocolKeys+key, args)
}

// word gives the text of a code that the field app writes, and the code itself when it
// is none of those known.
func (p *protocolPaper) word(prefix, code string, known ...string) string {
	if !slices.Contains(known, code) {
		return code
	}
	return p.texts(p.facts.Language, prefix+code, nil)
}

func (p *protocolPaper) of(t models.Text) string {
	if p.facts.Language == "ru" {
		return t.Ru
	}
	return t.Kk
}

// printable takes out what the font cannot hold: control signs and what lies beyond the
// basic plane.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		case r > 0xFFFF:
			return '\uFFFD'
		}
		return r
	}, text)
}

const (
	protocolLine  = 4.6  // height of a line, millimetres
	protocolLabel = 58.0 // width of a label
	protocolWide  = 112.0
	protocolWidth = pageWidth - 2*margin
)

// part begins a part with its name.
func (p *protocolPaper) part(key string) { p.partNamed(p.say(key, nil)) }

func (p *protocolPaper) partNamed(title string) {
	p.room(18)
	p.Ln(2.5)
	p.style("B", 10.5, 0)
	p.SetX(margin)
	p.MultiCell(protocolWidth, 5.4, printable(title), "", "L", false)
	p.rule()
}

// line writes a text over the whole width, nothing for "".
func (p *protocolPaper) line(weight, text string) {
	if text = printable(text); text == "" {
		return
	}
	p.style(weight, 9, 0)
	p.room(min(float64(len(p.SplitText(text, protocolWidth))), 4) * protocolLine)
	p.SetX(margin)
	p.MultiCell(protocolWidth, protocolLine, text, "", "L", false)
	p.Ln(0.6)
}

// pair writes a label so wide with its value beside it, nothing for the value "".
func (p *protocolPaper) pair(width float64, label, value string) {
	label, value = printable(label), printable(value)
	if value == "" {
		return
	}
	const gap = 3.0
	p.style("", 9, 0)
	lines := max(len(p.SplitText(label, width-gap)), min(len(p.SplitText(value, protocolWidth-width)), 4))
	p.room(float64(lines) * protocolLine)
	top, page := p.GetY(), p.PageNo()
	p.style("", 9, 1)
	p.SetX(margin)
	p.MultiCell(width-gap, protocolLine, label, "", "L", false)
	bottom := p.GetY()
	p.style("", 9, 0)
	p.SetXY(margin+width, top)
	p.MultiCell(protocolWidth-width, protocolLine, value, "", "L", false)
	if p.PageNo() == page {
		p.SetY(max(bottom, p.GetY()))
	}
	p.Ln(0.6)
}

// digest writes the SHA-256 of a file or an event on one line, below its value.
func (p *protocolPaper) digest(sum string) {
	p.style("", 7, 1)
	p.room(protocolLine)
	p.SetX(margin + protocolLabel)
	p.MultiCell(protocolWidth-protocolLabel, 3.6, "SHA-256 "+printable(sum), "", "L", false)
	p.Ln(1)
}

func (p *protocolPaper) row(key, value string) { p.pair(protocolLabel, p.say("row."+key, nil), value) }

func (p *protocolPaper) heading() {
	i := p.facts.Inspection
	p.SetDrawColor(11, 95, 115)
	p.SetLineWidth(0.9)
	p.Line(margin, margin, pageWidth-margin, margin)
	p.SetY(margin + 5)
	p.style("", 8.5, 1)
	p.MultiCell(protocolWidth, 4.2, p.texts(p.facts.Language, "documents.license.licensor_name", nil), "", "L", false)
	p.Ln(2)
	p.style("B", 14, 0)
	p.MultiCell(protocolWidth, 6.6, p.say("heading", nil), "", "L", false)
	p.style("B", 11, 0)
	p.SetTextColor(11, 95, 115)
	p.MultiCell(protocolWidth, 6, "№ "+i.Number+" · "+paperDate(i.PlannedOn), "", "L", false)
	p.Ln(1)
	if i.State != models.InspectionFinalized {
		p.line("B", p.say("unfinished", nil))
	}
	p.row("kind", p.word(protocolKeys+"kind.", string(i.Kind), codes(models.InspectionKinds())...))
	p.row("state", p.word(protocolKeys+"state.", string(i.State), codes(models.InspectionStates())...))
	p.row("about", i.Title)
	p.row("cancelled", i.Reason)
	p.row("case", p.facts.CaseNumber)
}

func codes[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, one := range list {
		out = append(out, string(one))
	}
	return out
}

func (p *protocolPaper) place() {
	i := p.facts.Inspection
	p.part("part.place")
	p.row("site", p.facts.SiteName)
	p.row("address", i.Address)
	p.row("point", p.facts.PointCode)
	p.row("party", p.facts.PartyName)
	p.row("license", i.License)
}

// law writes what the law demands of the inspection, and names what is missing.
func (p *protocolPaper) law() {
	p.part("part.law")
	for _, field := range models.LegalFields() {
		value := p.facts.Inspection.Legal[field]
		if strings.HasSuffix(field, "_date") {
			value = paperDate(value)
		}
		p.pair(protocolLabel, p.texts(p.facts.Language, "fieldwork.legal."+field, nil), value)
	}
	for _, m := range p.facts.Missing {
		p.line("B", p.say("missing", map[string]any{"what": p.of(m.Text), "why": p.of(m.Why), "law": m.LegalRef}))
	}
}

// visit writes who was there and when.
func (p *protocolPaper) visit() {
	i, visit := p.facts.Inspection, p.facts.Protocol
	p.part("part.visit")
	p.row("lead", p.facts.People[i.Lead])
	names := []string{}
	for _, id := range i.Members {
		names = append(names, or(p.facts.People[id], id))
	}
	p.row("members", strings.Join(names, "\n"))
	agencies := []string{}
	for _, a := range i.Agencies {
		agencies = append(agencies, p.word(protocolKeys+"agency.", a, models.InspectionAgencies()...))
	}
	p.row("agencies", strings.Join(agencies, "\n"))
	p.row("started", moment(visit.Started))
	p.row("finished", moment(visit.Finished))
	p.row("submitted", join(moment(i.Submitted), p.facts.People[i.SubmittedBy]))
	p.row("finalized", join(moment(i.Finalized), p.facts.People[i.FinalizedBy]))
	if visit.Refused != nil {
		reason, more, _ := strings.Cut(visit.Refused.Text("reason"), ": ")
		reason = p.word("fieldwork.access.", reason, "refused", "absent", "locked", "danger")
		p.line("B", p.say("refused", map[string]any{"who": or(visit.Refused.Text("who"), "–"), "reason": join(reason, more), "at": moment(visit.Refused.At)}))
	}
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// join puts texts behind each other; what is "" is left out.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// moment is an instant as documents write it, "" for none.
func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return stamp(at)
}

func (p *protocolPaper) footer() {
	p.SetY(-14)
	p.style("", 7.5, 1)
	page := map[string]any{"page": p.PageNo(), "pages": "{nb}"}
	p.SetX(margin)
	p.CellFormat(protocolWidth-40, 4, p.facts.Inspection.Number+"   "+p.texts(p.facts.Language, "documents.page", page), "", 0, "L", false, 0, "")
	p.CellFormat(40, 4, stamp(p.facts.AsAt), "", 0, "R", false, 0, "")
}

func whole(n int) string { return strconv.Itoa(n) }
