package documents

import (
	"bytes"
	_ "embed" // the fonts
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"rigistry/models"
)

// Noto Sans 2.004, SIL Open Font License 1.1 (fonts/OFL.txt). fpdf embeds only
// the glyphs that a document uses.
//
//go:embed fonts/NotoSans-Regular.ttf
var regular []byte

//go:embed fonts/NotoSans-Bold.ttf
var bold []byte

// Texts gives the text of a key in a language with its {{placeholders}} filled
// in: the shared catalogue.
type Texts func(lang, key string, args map[string]any) string

// Service makes documents. It is safe for concurrent use.
type Service struct{ texts Texts }

// New makes the service on the catalogue of texts.
func New(texts Texts) *Service { return &Service{texts: texts} }

// LicenseFacts is all that stands on a license's paper.
type LicenseFacts struct {
	License    models.License
	HolderKk   string // name in Kazakh; the version's own name when ""
	HolderRu   string
	Address    string
	SiteNames  map[string][2]string // by site id: Kazakh, Russian
	LastDay    string               // legal date, the last on which it is valid
	LicensorKk string
	LicensorRu string
	Signer     string    // name of who signed, ""
	URL        string    // of the public page, what the QR code holds
	MadeAt     time.Time // when the paper is made; the same instant gives the same bytes
}

// Measures of the page in millimetres (A4, portrait).
const (
	pageWidth  = 210.0
	margin     = 18.0
	gutter     = 8.0
	column     = (pageWidth - 2*margin - gutter) / 2
	qrSide     = 32.0
	footerRoom = 20.0
)

var paperLanguages = [2]string{"kk", "ru"} // equal content, the state language first

// paper is one document being written.
type paper struct {
	*fpdf.Fpdf
	texts Texts
	facts LicenseFacts
}

// LicensePDF makes the paper of a license version: Kazakh and Russian side by
// side with equal content, the appendix, and the QR code of its public page.
func (s *Service) LicensePDF(facts LicenseFacts) ([]byte, error) {
	if facts.License.Number == "" || facts.URL == "" || facts.LastDay == "" {
		return nil, errors.New("a license document needs a number, a last day and the address of its public page")
	}
	if facts.HolderKk == "" {
		facts.HolderKk = facts.License.HolderName
	}
	if facts.HolderRu == "" {
		facts.HolderRu = facts.License.HolderName
	}
	p := s.begin("documents.license.heading", facts.License.Number, facts.MadeAt)
	p.facts = facts
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.heading()
	p.particulars()
	if err := p.verification(); err != nil {
		return nil, err
	}
	p.appendix()
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write the license as PDF: %w", err)
	}
	return out.Bytes(), nil
}

func (p *paper) text(language int, key string) string {
	return p.texts(paperLanguages[language], key, nil)
}

// style sets the font and its colour: 0 is ink, 1 the grey of labels.
func (p *paper) style(weight string, points float64, grey int) {
	p.SetFont("noto", weight, points)
	if grey == 0 {
		p.SetTextColor(15, 29, 43)
	} else {
		p.SetTextColor(84, 103, 120)
	}
}

func (p *paper) left(language int) float64 { return margin + float64(language)*(column+gutter) }

// columns writes a text in each language beside the other and goes below the
// longer one.
func (p *paper) columns(height float64, align string, texts [2]string) {
	top, bottom := p.GetY(), p.GetY()
	for i, text := range texts {
		p.SetXY(p.left(i), top)
		p.MultiCell(column, height, text, "", align, false)
		bottom = max(bottom, p.GetY())
	}
	p.SetXY(margin, bottom)
}

func (p *paper) heading() {
	p.SetDrawColor(11, 95, 115)
	p.SetLineWidth(0.9)
	p.Line(margin, margin, pageWidth-margin, margin)
	p.SetY(margin + 5)
	p.style("", 8.5, 1)
	p.columns(4.2, "L", [2]string{p.facts.LicensorKk, p.facts.LicensorRu})
	p.Ln(5)
	p.style("B", 20, 0)
	p.columns(9, "L", [2]string{p.text(0, "documents.license.heading"), p.text(1, "documents.license.heading")})
	p.Ln(1)
	p.style("B", 14, 0)
	p.SetTextColor(11, 95, 115)
	p.columns(7, "L", [2]string{p.facts.License.Number, p.facts.License.Number})
	p.Ln(1)
	p.style("", 10, 0)
	p.columns(5, "L", [2]string{p.text(0, "documents.license.activity"), p.text(1, "documents.license.activity")})
	p.style("", 8.5, 1)
	p.columns(4.6, "L", [2]string{p.text(0, "documents.license.not_transferable"), p.text(1, "documents.license.not_transferable")})
	p.Ln(3)
}

// row is one particular: a label key and its value in each language.
type row struct {
	key    string
	values [2]string
	weight string
}

func same(v string) [2]string { return [2]string{v, v} }

func (p *paper) particulars() {
	l := p.facts.License
	rows := []row{
		{"documents.license.holder", [2]string{p.facts.HolderKk, p.facts.HolderRu}, "B"},
		{"documents.license.bin", same(l.HolderBin), ""},
		{"documents.license.address", same(p.facts.Address), ""},
		{"documents.license.subtype", same(string(l.SubType)), ""},
		{"documents.license.approved", p.kilowatts(l.Approved), "B"},
		{"documents.license.host", same(l.Host), ""},
		{"documents.license.first_issued", same(paperDate(l.FirstIssued)), ""},
		{"documents.license.issued", same(paperDate(l.Issued)), ""},
		{"documents.license.last_day", same(paperDate(p.facts.LastDay)), "B"},
		{"documents.license.order", same(l.Order), ""},
		{"documents.license.signer", same(p.facts.Signer), ""},
		{"documents.license.version", same(strconv.FormatInt(l.Version, 10)), ""},
	}
	for _, r := range rows {
		if r.values[0] == "" && r.values[1] == "" {
			continue
		}
		p.rule()
		p.style("", 7.5, 1)
		p.columns(3.8, "L", [2]string{p.text(0, r.key), p.text(1, r.key)})
		p.style(r.weight, 10, 0)
		p.columns(4.9, "L", r.values)
		p.Ln(1)
	}
	p.rule()
}

func (p *paper) rule() {
	p.SetDrawColor(200, 209, 216)
	p.SetLineWidth(0.15)
	p.Line(margin, p.GetY(), pageWidth-margin, p.GetY())
	p.Ln(0.9)
}

// verification draws the QR code with the code in letters beside it.
func (p *paper) verification() error {
	p.Ln(3)
	return p.code(p.facts.URL, qrSide, func(x, width float64) {
		for i := range paperLanguages {
			p.style("", 8.5, 0)
			p.SetX(x)
			p.MultiCell(width, 4.3, p.text(i, "documents.license.verify"), "", "L", false)
			p.Ln(0.8)
		}
		p.SetX(x)
		p.style("B", 9, 0)
		p.MultiCell(width, 4.6, p.facts.URL, "", "L", false)
		if p.facts.License.Verification != "" {
			p.SetX(x)
			p.style("", 8.5, 1)
			p.MultiCell(width, 4.6, p.text(0, "documents.license.code")+" / "+p.text(1, "documents.license.code")+": "+inGroups(p.facts.License.Verification), "", "L", false)
		}
	})
}

// room begins a new page when the height does not fit any more.
func (p *paper) room(height float64) {
	_, pageHeight := p.GetPageSize()
	if p.GetY()+height > pageHeight-footerRoom {
		p.AddPage()
	}
}

// appendix lists the sites, their connection points and the power approved there.
func (p *paper) appendix() {
	if len(p.facts.License.Sites) == 0 {
		return
	}
	p.room(40)
	p.style("B", 11, 0)
	p.columns(5.5, "L", [2]string{p.text(0, "documents.license.sites"), p.text(1, "documents.license.sites")})
	p.Ln(1.5)
	for _, site := range p.facts.License.Sites {
		names := p.facts.SiteNames[site.Site]
		var texts [2]string
		power := p.kilowatts(site.Approved)
		for i := range paperLanguages {
			texts[i] = strings.TrimSpace(site.SiteCode + " " + names[i])
		}
		p.room(24)
		p.rule()
		p.style("", 7.5, 1)
		p.columns(3.8, "L", [2]string{p.text(0, "documents.license.appendix") + " № " + site.Appendix, p.text(1, "documents.license.appendix") + " № " + site.Appendix})
		p.style("B", 9.5, 0)
		p.columns(4.7, "L", texts)
		p.style("", 9, 0)
		for i := range texts {
			texts[i] = p.text(i, "documents.license.connections") + ": " + strings.Join(site.ConnectionPoints, ", ") + "\n" +
				p.text(i, "documents.license.approved") + ": " + power[i]
		}
		p.columns(4.5, "L", texts)
		p.Ln(1)
	}
}

func (p *paper) footer() {
	p.SetY(-14)
	p.style("", 7.5, 1)
	page := map[string]any{"page": p.PageNo(), "pages": "{nb}"}
	line := fmt.Sprintf("%s · %d   %s / %s", p.facts.License.Number, p.facts.License.Version,
		p.texts("kk", "documents.page", page), p.texts("ru", "documents.page", page))
	p.SetX(margin)
	p.CellFormat(pageWidth-2*margin-40, 4, line, "", 0, "L", false, 0, "")
	p.CellFormat(40, 4, stamp(p.facts.MadeAt), "", 0, "R", false, 0, "")
}

// almaty is the one zone of Kazakhstan since 1 March 2024.
var almaty = time.FixedZone("UTC+5", 5*60*60)

// kilowatts writes power exactly, because the paper is what the holder is held to.
func (p *paper) kilowatts(w models.Watts) (out [2]string) {
	whole, rest := int64(w)/1000, int64(w)%1000
	number := grouped(whole)
	if rest != 0 {
		number += "," + strings.TrimRight(fmt.Sprintf("%03d", rest), "0")
	}
	for i := range out {
		out[i] = number + "\u00a0" + p.text(i, "documents.unit.kw")
	}
	return out
}

func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u00a0" + digits[i:]
	}
	return digits
}

// paperDate writes a legal date as documents do, 02.03.2026.
func paperDate(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("02.01.2006")
}

func inGroups(code string) string {
	code = strings.ReplaceAll(code, "-", "")
	var groups []string
	for len(code) > 4 {
		groups = append(groups, code[:4])
		code = code[4:]
	}
	return strings.Join(append(groups, code), "-")
}
