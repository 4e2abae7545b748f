package documents

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"rigistry/models"
)

// letter is what stands on a document that is no license: Kazakh and Russian side
// by side with equal content, the state language first.
type letter struct {
	kind       models.DocumentKind
	number     string
	lead       [][2]string // paragraphs before the particulars
	rows       []row
	reasons    []reason    // numbered, below the particulars
	table      []tableLine // of an extract
	closing    [][2]string // paragraphs after everything
	url        string      // of a public page, what the QR code holds
	asAt       time.Time   // the instant whose state it shows
	madeAt     time.Time
	ledgerSize int64
	issuedBy   string // name of who had it made, ""
	preview    bool   // a draft that was not issued: watermark, no number, no code
}

type reason struct {
	texts    [2]string
	legalRef string
}

// tableLine is a license in an extract: what each column holds, one line a string.
type tableLine [6][]string

const (
	letterQR = 27.0 // side of the QR code of a letter, millimetres
	qrGap    = 6.0  // between a QR code and the text beside it
	qrNote   = "documents.letter.public_page"
)

// letterPDF draws a letter.
func (s *Service) letterPDF(l letter) ([]byte, error) {
	if l.preview {
		return s.previewPDF(l)
	}
	if l.number == "" || l.url == "" || l.madeAt.IsZero() {
		return nil, errors.New("a document needs a number, an instant and the address of a public page")
	}
	p := &letterPaper{paper: s.begin("documents.letter."+string(l.kind)+".heading", l.number, l.madeAt), letter: l}
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.heading()
	p.paragraphs(l.lead)
	p.particulars(l.rows)
	p.reasons()
	p.extract()
	p.closing(l.closing)
	if err := p.standing(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write document %s as PDF: %w", l.number, err)
	}
	return out.Bytes(), nil
}

// begin makes an empty paper with fonts and metadata; the same instant gives the
// same bytes.
func (s *Service) begin(headingKey, number string, madeAt time.Time) *paper {
	p := &paper{Fpdf: fpdf.New("P", "mm", "A4", ""), texts: s.texts}
	p.SetCatalogSort(true)
	p.SetCreationDate(madeAt.UTC())
	p.SetModificationDate(madeAt.UTC())
	p.SetProducer("Rigistry", true)
	p.SetTitle(p.text(0, headingKey)+" "+number, true)
	p.SetLang("kk-KZ")
	p.AddUTF8FontFromBytes("noto", "", regular)
	p.AddUTF8FontFromBytes("noto", "B", bold)
	p.AliasNbPages("{nb}")
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, footerRoom)
	return p
}

// letterPaper is one letter being written.
type letterPaper struct {
	*paper
	letter letter
}

func (p *letterPaper) both(key string) [2]string { return [2]string{p.text(0, key), p.text(1, key)} }

func (p *letterPaper) heading() {
	p.SetDrawColor(11, 95, 115)
	p.SetLineWidth(0.9)
	p.Line(margin, margin, pageWidth-margin, margin)
	p.SetY(margin + 5)
	p.style("", 8.5, 1)
	p.columns(4.2, "L", p.both("documents.license.licensor_name"))
	p.Ln(3.5)
	p.style("B", 14, 0)
	p.columns(6.6, "L", p.both("documents.letter."+string(p.letter.kind)+".heading"))
	p.Ln(1)
	p.style("B", 11, 0)
	p.SetTextColor(11, 95, 115)
	date := paperDate(models.LegalDate(p.letter.madeAt))
	p.columns(6, "L", [2]string{"№ " + p.letter.number + " · " + date, "№ " + p.letter.number + " · " + date})
	p.Ln(3)
}

func (p *letterPaper) paragraphs(texts [][2]string) {
	for _, both := range texts {
		p.style("", 10, 0)
		p.room(p.height(4.9, both) + 2)
		p.columns(4.9, "L", both)
		p.Ln(2.5)
	}
}

// height gives how much room two texts beside each other take in the font that is
// set.
func (p *letterPaper) height(line float64, both [2]string) float64 {
	lines := 1
	for _, text := range both {
		lines = max(lines, len(p.SplitText(text, column)))
	}
	return float64(lines) * line
}

func (p *letterPaper) particulars(rows []row) {
	for _, r := range rows {
		if r.values[0] == "" && r.values[1] == "" {
			continue
		}
		p.style(r.weight, 10, 0)
		p.room(p.height(4.9, r.values) + 6)
		p.rule()
		p.style("", 7.5, 1)
		p.columns(3.8, "L", p.both(r.key))
		p.style(r.weight, 10, 0)
		p.columns(4.9, "L", r.values)
		p.Ln(1)
	}
	if len(rows) > 0 {
		p.rule()
		p.Ln(2)
	}
}

func (p *letterPaper) reasons() {
	if len(p.letter.reasons) == 0 {
		return
	}
	p.room(24)
	p.style("B", 11, 0)
	p.columns(5.5, "L", p.both("documents.letter.reasons"))
	p.Ln(1)
	for i, r := range p.letter.reasons {
		number := strconv.Itoa(i+1) + ". "
		texts := [2]string{number + r.texts[0], number + r.texts[1]}
		p.style("", 10, 0)
		p.room(p.height(4.9, texts) + 6)
		p.columns(4.9, "L", texts)
		p.style("", 8.5, 1)
		p.columns(4.2, "L", same(r.legalRef))
		p.Ln(1.5)
	}
	p.Ln(1.5)
}

// extractColumns are the columns of an extract: the key of the head and the width.
var extractColumns = [6]struct {
	key   string
	width float64
}{{"number", 37}, {"holder", 46}, {"bin", 25}, {"state", 27}, {"approved", 17}, {"validity", 22}}

const tableHeight = 3.9 // of a line

func (p *letterPaper) tableHead() {
	p.SetFillColor(236, 241, 243)
	p.Rect(margin, p.GetY(), pageWidth-2*margin, 2*tableHeight+1.6, "F")
	top, x := p.GetY()+0.8, margin
	for _, c := range extractColumns {
		p.style("B", 6.6, 0)
		p.SetXY(x, top)
		p.CellFormat(c.width, tableHeight, p.text(0, "documents.letter.extract."+c.key), "", 0, "L", false, 0, "")
		p.style("", 6.6, 1)
		p.SetXY(x, top+tableHeight)
		p.CellFormat(c.width, tableHeight, p.text(1, "documents.letter.extract."+c.key), "", 0, "L", false, 0, "")
		x += c.width
	}
	p.SetXY(margin, top+2*tableHeight+1.2)
}

// extract draws the licenses of an extract, each with a rule above; the head
// stands on every page.
func (p *letterPaper) extract() {
	if len(p.letter.table) == 0 {
		return
	}
	_, pageHeight := p.GetPageSize()
	p.room(30)
	p.tableHead()
	for _, line := range p.letter.table {
		p.style("", 8, 0)
		var cells [6][]string
		tall := 1
		for i, c := range extractColumns {
			for _, text := range line[i] {
				if text != "" {
					cells[i] = append(cells[i], p.SplitText(text, c.width-1)...)
				}
			}
			tall = max(tall, len(cells[i]))
		}
		if p.GetY()+float64(tall)*tableHeight+1.4 > pageHeight-footerRoom {
			p.AddPage()
			p.tableHead()
			p.style("", 8, 0)
		}
		top, x := p.GetY()+0.7, margin
		for i, c := range extractColumns {
			for n, text := range cells[i] {
				p.SetXY(x, top+float64(n)*tableHeight)
				p.CellFormat(c.width, tableHeight, text, "", 0, "L", false, 0, "")
			}
			x += c.width
		}
		p.SetXY(margin, top+float64(tall)*tableHeight+0.7)
		p.rule()
		p.SetY(p.GetY() - 0.9)
	}
	p.Ln(4)
}

// standingLines are the texts beside the code: where the truth stands, who had the
// paper made, what it shows and how to check it.
func (p *letterPaper) standingLines() []standingLine {
	lines := make([]standingLine, 0, 6)
	for i := range paperLanguages {
		lines = append(lines, standingLine{"", 8.5, 0, 4.3, p.text(i, qrNote)})
	}
	lines = append(lines, standingLine{"B", 9, 0, 4.6, p.letter.url})
	if p.letter.issuedBy != "" {
		lines = append(lines, standingLine{"", 8.5, 1, 4.6,
			p.text(0, "documents.letter.issued_by") + " / " + p.text(1, "documents.letter.issued_by") + ": " + p.letter.issuedBy})
	}
	args := map[string]any{"at": stamp(p.letter.asAt), "size": grouped(p.letter.ledgerSize)}
	for _, lang := range paperLanguages {
		lines = append(lines, standingLine{"", 7.5, 1, 3.6, p.texts(lang, "documents.letter.standing", args)})
	}
	return lines
}

// standingLine is a text beside the code; size in points, height in millimetres.
type standingLine struct {
	weight string
	size   float64
	shade  int
	height float64
	text   string
}

const (
	standingGap   = 0.6                                     // between the texts beside the code, millimetres
	standingWidth = pageWidth - 2*margin - letterQR - qrGap // of those texts
)

// standingHeight is how much room the foot of the letter takes.
func (p *letterPaper) standingHeight() float64 {
	height := 0.0
	for _, l := range p.standingLines() {
		p.style(l.weight, l.size, l.shade)
		height += float64(len(p.SplitText(l.text, standingWidth)))*l.height + standingGap
	}
	return max(height, letterQR) + 2
}

// closing writes the last paragraphs. The very last one stays on the page of the
// code: a page that holds nothing but a code says nothing about what it belongs to.
func (p *letterPaper) closing(texts [][2]string) {
	if len(texts) == 0 {
		return
	}
	last := len(texts) - 1
	p.paragraphs(texts[:last])
	foot := p.standingHeight()
	p.style("", 10, 0)
	p.room(p.height(4.9, texts[last]) + 2.5 + foot)
	p.paragraphs(texts[last:])
}

// standing draws the code, and beside it how to check the document.
func (p *letterPaper) standing() error {
	p.room(p.standingHeight())
	return p.code(p.letter.url, letterQR, func(x, width float64) {
		for _, l := range p.standingLines() {
			p.style(l.weight, l.size, l.shade)
			p.SetX(x)
			p.MultiCell(width, l.height, l.text, "", "L", false)
			p.Ln(standingGap)
		}
	})
}

// code draws a QR code at the left and lets beside write at its right.
func (p *paper) code(url string, side float64, beside func(x, width float64)) error {
	size, runs, err := bars(url)
	if err != nil {
		return err
	}
	p.room(side + 2)
	top, module := p.GetY(), side/float64(size)
	p.SetFillColor(0, 0, 0)
	for _, r := range runs {
		p.Rect(margin+float64(r.x)*module, top+float64(r.y)*module, float64(r.width)*module, module, "F")
	}
	p.SetXY(margin+side+qrGap, top)
	beside(margin+side+qrGap, pageWidth-2*margin-side-qrGap)
	p.SetXY(margin, max(p.GetY(), top+side)+4)
	return nil
}

func (p *letterPaper) footer() {
	p.SetY(-14)
	p.style("", 7.5, 1)
	page := map[string]any{"page": p.PageNo(), "pages": "{nb}"}
	line := p.letter.number + "   " + p.texts("kk", "documents.page", page) + " / " + p.texts("ru", "documents.page", page)
	p.SetX(margin)
	p.CellFormat(pageWidth-2*margin-40, 4, line, "", 0, "L", false, 0, "")
	p.CellFormat(40, 4, stamp(p.letter.madeAt), "", 0, "R", false, 0, "")
}

// stamp writes an instant as documents do.
func stamp(at time.Time) string { return at.In(almaty).Format("02.01.2006 15:04") + " UTC+5" }
