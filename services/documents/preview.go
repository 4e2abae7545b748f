package documents

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"rigistry/models"
	"rigistry/services/store"
)

// Both is a text in Kazakh and in Russian.
type Both struct{ Kk, Ru string }

func both(t [2]string) Both { return Both{Kk: t[0], Ru: t[1]} }

// PreviewRow is a line of the particulars of a letter.
type PreviewRow struct{ Label, Value Both }

// PreviewReason is a reason of a letter with its article.
type PreviewReason struct {
	Text     Both
	LegalRef string
}

// Preview is what a letter would say: the words that its PDF is drawn from.
type Preview struct {
	Heading Both
	Lead    []Both
	Rows    []PreviewRow
	Reasons []PreviewReason
	Closing []Both
	letter  letter
}

// The letters of a decision that are previewed. A refusal is issued as a document of
// its kind; what a grant says is what its license will say.
const (
	letterRefusal = string(models.DocumentRefusal)
	letterGrant   = "grant"
)

// PreviewDecision gives what the letter of a decision on an application would say if
// it were signed now. Nothing is issued: it has no number, no signature and no code.
// The outcome and the reasons are those of d; only the registry's people see it.
func (i *Issuer) PreviewDecision(ctx context.Context, actor models.Actor, key string, d models.Decision) (out Preview, err error) {
	if err := models.Can(actor, models.ActStaffRead, models.Scope{}); err != nil {
		return Preview{}, err
	}
	err = i.store.View(ctx, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err != nil {
			return err
		}
		g, err := i.gatherFrom(tx, models.DocumentRequest{})
		if err != nil {
			return err
		}
		d.SignedAt = tx.Now
		l, kind := &letter{}, letterRefusal
		switch d.Outcome {
		case models.OutcomeRefuse:
			l, err = g.refusalLetter(a, d)
		case models.OutcomeGrant:
			kind = letterGrant
			l, err = g.grantLetter(a, d)
		default:
			var v models.Invalid
			v.Add("/outcome", "unknown", "The outcome is grant or refuse.")
			err = v.Err()
		}
		if err != nil {
			return err
		}
		l.kind, l.preview, l.madeAt, l.asAt = models.DocumentKind(kind), true, tx.Now, tx.Now
		out = i.words(*l)
		return nil
	})
	return out, err
}

// words gives the texts of a letter.
func (i *Issuer) words(l letter) Preview {
	p := &paper{texts: i.papers.texts}
	label := func(key string) Both { return Both{Kk: p.text(0, key), Ru: p.text(1, key)} }
	out := Preview{Heading: label("documents.letter." + string(l.kind) + ".heading"), letter: l}
	for _, t := range l.lead {
		out.Lead = append(out.Lead, both(t))
	}
	for _, r := range l.rows {
		if r.values[0] != "" || r.values[1] != "" {
			out.Rows = append(out.Rows, PreviewRow{label(r.key), both(r.values)})
		}
	}
	for _, r := range l.reasons {
		out.Reasons = append(out.Reasons, PreviewReason{both(r.texts), r.legalRef})
	}
	for _, t := range l.closing {
		out.Closing = append(out.Closing, both(t))
	}
	return out
}

// PreviewPDF draws a preview on paper, with DRAFT across every page.
func (i *Issuer) PreviewPDF(p Preview) ([]byte, error) { return i.papers.letterPDF(p.letter) }

// previewPDF draws a letter that was not issued.
func (s *Service) previewPDF(l letter) ([]byte, error) {
	l.number = "–"
	p := &letterPaper{paper: s.begin("documents.letter."+string(l.kind)+".heading", s.texts("ru", "documents.letter.draft", nil), l.madeAt), letter: l}
	p.SetHeaderFunc(p.watermark)
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.heading()
	p.paragraphs(l.lead)
	p.particulars(l.rows)
	p.reasons()
	p.paragraphs(l.closing)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write a preview as PDF: %w", err)
	}
	return out.Bytes(), nil
}

// watermark says across the page that it is a draft.
func (p *letterPaper) watermark() {
	text := p.text(0, "documents.letter.draft") + " · " + p.text(1, "documents.letter.draft")
	p.SetFont("noto", "B", 54)
	p.SetTextColor(226, 231, 235)
	width := p.GetStringWidth(text)
	p.TransformBegin()
	p.TransformRotate(55, pageWidth/2, 160)
	p.Text(pageWidth/2-width/2, 160, text)
	p.TransformEnd()
	p.SetXY(margin, margin)
}

// refusalLetter is the letter of a refusal: of a signed one, or of one as it would
// be if it were signed now.
func (g gatherer) refusalLetter(a models.Application, d models.Decision) (*letter, error) {
	rows, err := g.decisionRows(a, d)
	if err != nil {
		return nil, err
	}
	closing, err := g.appeal(d)
	if err != nil {
		return nil, err
	}
	l := &letter{url: g.issuer.baseURL + "/register", rows: rows, closing: [][2]string{closing},
		lead: [][2]string{g.text("documents.letter.refusal.lead", map[string]any{"application": a.Number, "date": paperDate(models.LegalDate(a.SubmittedAt))})}}
	for _, code := range d.Reasons {
		r, err := g.ground(models.GroundRefuse, code, models.LegalDate(d.SignedAt))
		if err != nil {
			return nil, err
		}
		l.reasons = append(l.reasons, r)
	}
	return l, nil
}

// grantLetter is what the license of a grant would say.
func (g gatherer) grantLetter(a models.Application, d models.Decision) (*letter, error) {
	rows, err := g.decisionRows(a, d)
	if err != nil {
		return nil, err
	}
	for _, as := range a.Sites {
		site, err := g.tx.Site(as.Site)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, err
		}
		rows = append(rows, row{"documents.license.site", [2]string{as.SiteCode + " " + site.NameKk, as.SiteCode + " " + site.NameRu}, "B"},
			row{"documents.letter.row.address", same(site.Address), ""})
		for _, code := range as.ConnectionPoints {
			rows = append(rows, row{"documents.license.connections", same(code), ""})
		}
		rows = append(rows, row{"documents.license.approved", g.kilowatts(as.Approved), "B"})
	}
	return &letter{url: g.issuer.baseURL + "/register", rows: rows,
		lead: [][2]string{g.text("documents.letter.grant.lead", map[string]any{"application": a.Number, "date": paperDate(models.LegalDate(a.SubmittedAt))})}}, nil
}

// decisionRows are the particulars that the letters of a decision share.
func (g gatherer) decisionRows(a models.Application, d models.Decision) ([]row, error) {
	party, err := g.tx.Party(a.Applicant)
	if err != nil {
		return nil, err
	}
	signer, err := g.nameOf(d.Signer)
	return []row{
		{"documents.letter.row.applicant", names(party), "B"},
		{"documents.license.bin", same(a.ApplicantBin), ""},
		{"documents.license.address", same(party.Address), ""},
		{"documents.license.subtype", same(string(a.SubType)), ""},
		{"documents.letter.row.decided_on", same(paperDate(models.LegalDate(d.SignedAt))), ""},
		{"documents.license.order", same(d.Order), ""},
		{"documents.license.signer", same(signer), ""},
		{"documents.letter.row.note", same(d.Note), ""},
	}, err
}

// appeal says how a decision is appealed and until when, by the law of the day on
// which it was signed.
func (g gatherer) appeal(d models.Decision) ([2]string, error) {
	date := models.LegalDate(d.SignedAt)
	route, err := g.tx.AppealRoute(models.AppealRefusal, date)
	if models.CodeOf(err) == models.CodeNotFound {
		return g.text("documents.letter.appeal", nil), nil
	}
	if err != nil {
		return [2]string{}, err
	}
	days, err := g.tx.Holidays(date)
	if err != nil {
		return [2]string{}, err
	}
	periods, err := g.tx.Tollings()
	until := paperDate(route.Until(models.NewCalendar(days).Tolled(periods), d.SignedAt))
	args := func(body, court string) map[string]any {
		return map[string]any{"until": until, "months": strconv.FormatInt(route.Months, 10), "body": body, "court": court, "law": route.LegalRef}
	}
	return [2]string{g.issuer.papers.texts("kk", "documents.letter.appeal_route", args(route.Body.Kk, route.Court.Kk)),
		g.issuer.papers.texts("ru", "documents.letter.appeal_route", args(route.Body.Ru, route.Court.Ru))}, err
}
