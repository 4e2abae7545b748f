package enforcement

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// storyLanguages are told one after the other, the state language first.
var storyLanguages = []string{"kk", "ru", "en"}

func escaped(s string) string { return html.EscapeString(s) }

const storyStyle = `<style>
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8886}
td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}h2{margin-top:2.5rem}nav a{margin-right:1rem}
svg{width:100%;height:auto}svg text{font-size:11px;fill:currentColor}svg .grid{stroke:#8885}svg polyline{fill:none;stroke:#1971c2;stroke-width:1.5}svg .limit{stroke:#c92a2a;stroke-dasharray:6 4}
.removed{background:#8883;padding:0 .3rem}section{border-top:3px solid #8886;margin-top:2rem}code{word-break:break-all}
.sign{margin-top:3rem;display:grid;grid-template-columns:1fr 1fr;gap:2rem}.sign div{border-top:1px solid;padding-top:.3rem}
@media print{nav{display:none}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}section+section{break-before:page}td:first-child{white-space:nowrap}}
</style>`

// page wraps a body as a document that needs nothing else.
func page(title, body string) []byte {
	return []byte(`<!doctype html><html lang="kk"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:">` +
		`<title>` + escaped(title) + `</title>` + storyStyle + `</head><body>` + body + "</body></html>\n")
}

// story tells a case to a reader: what happened when, what was measured, what was found.
type story struct {
	d     *dossier
	texts func(lang, key string, args map[string]any) string
	lang  string
	out   strings.Builder
}

func (s *story) text(key string, args map[string]any) string {
	return escaped(s.texts(s.lang, "documents.package."+key, args))
}

// word is a text of the catalogue outside the package's own, or the code itself.
func (s *story) word(key, code string) string {
	if t := s.texts(s.lang, key, nil); t != key {
		return escaped(t)
	}
	return escaped(code)
}

// told gives a value of the record, or says that it was taken out.
func (s *story) told(id, value string) string {
	if !s.d.shown(id) {
		return `<span class="removed">` + s.text("removed", nil) + `</span>`
	}
	return strings.ReplaceAll(escaped(value), "\n", "<br>")
}

func storyPage(d *dossier, texts func(lang, key string, args map[string]any) string) []byte {
	var body strings.Builder
	number := d.matter.Case.Number
	body.WriteString("<h1>" + escaped(number) + "</h1><nav>")
	for _, lang := range storyLanguages {
		body.WriteString(`<a href="#` + lang + `">` + map[string]string{"kk": "Қазақша", "ru": "Русский", "en": "English"}[lang] + "</a>")
	}
	body.WriteString("</nav>")
	for _, lang := range storyLanguages {
		s := &story{d: d, texts: texts, lang: lang}
		s.tell()
		body.WriteString(`<section id="` + lang + `" lang="` + lang + `">` + s.out.String() + "</section>")
	}
	return page(number, body.String())
}

func (s *story) tell() {
	c := s.d.matter.Case
	s.heading("title", map[string]any{"number": c.Number})
	s.out.WriteString("<p>" + s.text("lead", map[string]any{"size": s.d.checkpoint.Size, "at": local(s.d.checkpoint.At)}) + "</p>")
	if len(s.d.removed) > 0 {
		s.out.WriteString("<p><strong>" + s.text("redacted", map[string]any{"n": len(s.d.removed)}) + "</strong></p>")
	}
	s.out.WriteString("<p><strong>" + s.told("case.title", c.Title) + "</strong></p><p>" + s.told("case.summary", c.Summary) + "</p>")
	s.subjects()
	s.findings()
	s.acts()
	s.visits()
	s.timeline()
	s.gaps()
	s.heading("check", nil)
	s.out.WriteString("<p>" + s.text("checkText", nil) + "</p>")
}

func (s *story) heading(key string, args map[string]any) {
	s.out.WriteString("<h2>" + s.text(key, args) + "</h2>")
}

func (s *story) rows(rows [][]string) {
	s.out.WriteString("<table>")
	for _, r := range rows {
		s.out.WriteString("<tr>")
		for _, c := range r {
			s.out.WriteString("<td>" + c + "</td>")
		}
		s.out.WriteString("</tr>")
	}
	s.out.WriteString("</table>")
}

func (s *story) subjects() {
	s.heading("subjects", nil)
	var rows [][]string
	for i, x := range s.d.matter.Subjects {
		rows = append(rows, []string{s.word("case.subject."+x.Kind, x.Kind), s.told(fmt.Sprintf("subject.%03d", i+1), x.Label)})
	}
	s.rows(rows)
}

func kw(w int64) string { return strconv.FormatFloat(float64(w)/1000, 'f', 1, 64) }

func (s *story) findings() {
	if len(s.d.findings) == 0 {
		return
	}
	s.heading("findings", nil)
	for _, f := range s.d.findings {
		s.out.WriteString("<h3>" + s.word("rule."+string(f.Rule), string(f.Rule)) + " · " + escaped(f.TargetCode) + "</h3><p>" +
			s.text("finding", map[string]any{"target": f.TargetCode, "kw": kw(int64(f.Estimated)), "low": kw(int64(f.Low)), "high": kw(int64(f.High)),
				"from": local(f.FirstSeen), "until": local(f.LastSeen), "raised": local(f.RaisedAt), "tier": string(f.Tier), "rule": f.RuleVersion}) + "</p>")
		for _, c := range s.d.charts {
			if slices.Contains(f.Evidence.Meters, c.meter.ID) && (len(s.d.charts) <= 4 || f.Evidence.Meters[0] == c.meter.ID) {
				s.chart(c)
			}
		}
	}
}

func (s *story) chart(c chart) {
	mean, low, high, quarters := c.numbers()
	title := s.texts(s.lang, "documents.package.chart", map[string]any{"meter": c.meter.Code})
	s.out.WriteString("<figure>" + c.svg(title, 0) + "<figcaption>" + escaped(title) + " " +
		s.text("chartNumbers", map[string]any{"mean": kw(mean), "low": kw(low), "high": kw(high), "n": quarters}) + "</figcaption></figure>")
}

func (s *story) acts() {
	if len(s.d.matter.Acts)+len(s.d.wrongs) == 0 {
		return
	}
	s.heading("acts", nil)
	var rows [][]string
	for i, a := range s.d.matter.Acts {
		what := []string{a.Number, a.CriminalCase, a.Text}
		if a.Rigs > 0 {
			what = append(what, s.texts(s.lang, "documents.package.rigs", map[string]any{"n": a.Rigs}), strings.Join(a.Serials, ", "))
		}
		if a.Money > 0 {
			what = append(what, a.Money.String())
		}
		what = slices.DeleteFunc(what, func(w string) bool { return w == "" })
		on := a.On
		if on == "" {
			on = models.LegalDate(a.At)
		}
		rows = append(rows, []string{escaped(on), s.word("case.act."+string(a.Kind), string(a.Kind)), s.told(fmt.Sprintf("act.%03d", i+1), strings.Join(what, " · "))})
	}
	for i, w := range s.d.wrongs {
		rows = append(rows, []string{escaped(w.ProtocolOn), s.text("violation", nil),
			s.told(fmt.Sprintf("violation.%03d", i+1), w.Article+" · "+w.Protocol+" · "+w.Fine.String())})
	}
	s.rows(rows)
}

func (s *story) visits() {
	if len(s.d.field.visits) == 0 {
		return
	}
	s.heading("visits", nil)
	var rows [][]string
	for i, v := range s.d.field.visits {
		id := fmt.Sprintf("inspection.%03d", i+1)
		rows = append(rows, []string{escaped(v.PlannedOn), escaped(v.Number), s.told(id+".place", strings.Trim(v.Title+" · "+v.Address, " ·"))})
	}
	s.rows(rows)
	s.out.WriteString("<p>" + s.text("visitNumbers", map[string]any{"events": len(s.d.field.events), "files": len(s.d.field.files)}) + "</p>")
}

// timeline tells what the ledger holds, without what people wrote. What follows each other
// and is of one kind is one line with its number, as the events of a device that came at once.
func (s *story) timeline() {
	s.heading("timeline", nil)
	s.out.WriteString("<table><tr><th>" + s.text("when", nil) + "</th><th>" + s.text("what", nil) + "</th><th>" + s.text("place", nil) + "</th></tr>")
	told := slices.DeleteFunc(slices.Clone(s.d.entries), func(e store.LedgerEntry) bool { return e.Kind == "readings.sealed" })
	for begin := 0; begin < len(told); {
		end := begin + 1
		for end < len(told) && told[end].Kind == told[begin].Kind && local(told[end].At) == local(told[begin].At) {
			end++
		}
		what, place := s.word("event."+told[begin].Kind, told[begin].Kind), itoa(told[begin].Index)
		if n := end - begin; n > 1 {
			what, place = what+" × "+strconv.Itoa(n), place+"–"+itoa(told[end-1].Index)
		}
		s.out.WriteString("<tr><td>" + local(told[begin].At) + "</td><td>" + what + `</td><td class="n">` + place + "</td></tr>")
		begin = end
	}
	s.out.WriteString("</table>")
}

func (s *story) gaps() {
	s.heading("gaps", nil)
	s.out.WriteString("<p>" + s.text("gapsText", nil) + "</p><ul>")
	for _, g := range s.d.gaps {
		s.out.WriteString("<li>" + s.text("gap."+g.Code, map[string]any{"what": g.What, "n": g.N}) + "</li>")
	}
	if n := len(s.d.removed); n > 0 { // of this copy alone: the statement in the record is the same in each
		entries := 0
		for _, item := range s.d.removed {
			if strings.HasPrefix(item, "entry:") {
				entries++
			}
		}
		s.out.WriteString("<li>" + s.text("gap.taken_out", map[string]any{"n": n, "entries": entries, "reason": s.d.reason}) + "</li>")
	}
	s.out.WriteString("</ul>")
}

// certificate is what the custodian of the records signs, in Kazakh and Russian.
func certificate(d *dossier, texts func(lang, key string, args map[string]any) string, items string) []byte {
	var b strings.Builder
	for _, lang := range storyLanguages[:2] {
		s := &story{d: d, texts: texts, lang: lang}
		b.WriteString(`<section lang="` + lang + `"><h1>` + s.text("certificate", map[string]any{"number": d.matter.Case.Number}) + "</h1><ol>")
		for _, key := range []string{"who", "records", "how", "hash", "change"} {
			b.WriteString("<li>" + s.text("certificate."+key, map[string]any{"number": d.matter.Case.Number, "size": d.checkpoint.Size, "root": d.checkpoint.Root.String(),
				"at": local(d.checkpoint.At), "items": items}) + "</li>")
		}
		b.WriteString(`</ol><div class="sign">`)
		for _, key := range []string{"name", "position", "signature", "date"} {
			b.WriteString("<div>" + s.text("certificate."+key, nil) + "</div>")
		}
		b.WriteString("</div></section>")
	}
	return page(d.matter.Case.Number, b.String())
}
