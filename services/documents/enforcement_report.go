package documents

import (
	"bytes"
	"fmt"
	"strconv"

	"rigistry/models"
)

const reportKeys = "documents.report."

// reportColumns are the columns of the yearly report: the first names the region or month.
var reportColumns = []struct {
	key   string
	width float64
	of    func(models.EnforcementCounts) string
}{
	{"opened", 15, func(c models.EnforcementCounts) string { return grouped(c.Opened) }},
	{"confirmed", 15, func(c models.EnforcementCounts) string { return grouped(c.Confirmed) }},
	{"criminal", 15, func(c models.EnforcementCounts) string { return grouped(c.Criminal) }},
	{"sentences", 15, func(c models.EnforcementCounts) string { return grouped(c.Sentences) }},
	{"rigs", 15, func(c models.EnforcementCounts) string { return grouped(c.Rigs) }},
	{"found", 15, func(c models.EnforcementCounts) string { return megawatts(c.Found) }},
	{"fined", 18, func(c models.EnforcementCounts) string { return tenge(c.Fined) }},
	{"blocked", 18, func(c models.EnforcementCounts) string { return tenge(c.Blocked) }},
	{"confiscated", 18, func(c models.EnforcementCounts) string { return tenge(c.Confiscated) }},
}

// megawatts and tenge write sums as a table does: MW with two decimals, thousands of KZT.
func megawatts(w models.Watts) string {
	return strconv.FormatFloat(float64(w)/1e6, 'f', 2, 64)
}

func tenge(t models.Tiyn) string { return grouped(int64(t) / 100_000) }

// ReportPDF draws the yearly report of enforcement in Kazakh and Russian: what the year
// came to by region and by month, and a chart of the months. The same report gives the
// same bytes.
func (s *Service) ReportPDF(r models.EnforcementReport) ([]byte, error) {
	p := s.begin(reportKeys+"heading", r.Year, r.AsAt)
	p.SetFooterFunc(func() {
		p.SetY(-14)
		p.style("", 7.5, 1)
		page := map[string]any{"page": p.PageNo(), "pages": "{nb}"}
		p.SetX(margin)
		p.CellFormat(pageWidth-2*margin-40, 4, p.texts("kk", "documents.page", page)+" / "+p.texts("ru", "documents.page", page), "", 0, "L", false, 0, "")
		p.CellFormat(40, 4, stamp(r.AsAt), "", 0, "R", false, 0, "")
	})
	p.AddPage()
	p.style("B", 14, 0)
	p.columns(6.6, "L", [2]string{p.text(0, reportKeys+"heading") + " " + r.Year, p.text(1, reportKeys+"heading") + " " + r.Year})
	p.Ln(2)
	p.style("", 9, 1)
	at := map[string]any{"at": stamp(r.AsAt)}
	p.columns(4.4, "L", [2]string{p.texts("kk", reportKeys+"note", at), p.texts("ru", reportKeys+"note", at)})
	p.Ln(4)
	p.reportHead(reportKeys + "region")
	for _, c := range r.Regions() {
		key := "region." + c.Region
		if c.Region == "" {
			key = reportKeys + "nowhere"
		}
		p.reportLine([2]string{p.text(0, key), p.text(1, key)}, c.Counts, "")
	}
	p.reportLine([2]string{p.text(0, reportKeys+"total"), p.text(1, reportKeys+"total")}, r.Total(), "B")
	p.Ln(6)
	p.reportHead(reportKeys + "month")
	months := r.Months()
	for i, c := range months {
		name := fmt.Sprintf("%02d.%s", i+1, r.Year)
		p.reportLine([2]string{name, ""}, c, "")
	}
	p.Ln(6)
	p.reportBars(months)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write the report of %s as PDF: %w", r.Year, err)
	}
	return out.Bytes(), nil
}

const reportFirst = pageWidth - 2*margin - 144 // of the first column

func (p *paper) reportHead(first string) {
	p.room(30)
	p.SetFillColor(236, 241, 243)
	p.Rect(margin, p.GetY(), pageWidth-2*margin, 2*tableHeight+1.6, "F")
	top := p.GetY() + 0.8
	for i := range paperLanguages {
		p.style(map[int]string{0: "B"}[i], 5.4, i)
		p.SetXY(margin, top+float64(i)*tableHeight)
		p.CellFormat(reportFirst, tableHeight, p.text(i, first), "", 0, "L", false, 0, "")
		for _, c := range reportColumns {
			p.CellFormat(c.width, tableHeight, p.text(i, reportKeys+c.key), "", 0, "R", false, 0, "")
		}
	}
	p.SetY(top + 2*tableHeight + 1.4)
}

func (p *paper) reportLine(name [2]string, c models.EnforcementCounts, weight string) {
	p.room(9)
	top := p.GetY()
	p.style(weight, 7, 0)
	p.SetXY(margin, top)
	p.CellFormat(reportFirst, tableHeight, name[0], "", 0, "L", false, 0, "")
	for _, col := range reportColumns {
		p.CellFormat(col.width, tableHeight, col.of(c), "", 0, "R", false, 0, "")
	}
	p.SetY(top + tableHeight)
	if name[1] != "" {
		p.style("", 6, 1)
		p.SetX(margin)
		p.CellFormat(reportFirst, tableHeight-0.6, name[1], "", 0, "L", false, 0, "")
		p.SetY(p.GetY() + tableHeight - 0.6)
	}
	p.SetDrawColor(215, 222, 226)
	p.SetLineWidth(0.1)
	p.Line(margin, p.GetY()+0.3, pageWidth-margin, p.GetY()+0.3)
	p.SetY(p.GetY() + 0.8)
}

// reportBars draws the power that was found, by month.
func (p *paper) reportBars(months []models.EnforcementCounts) {
	const height, width = 40.0, (pageWidth - 2*margin) / 12
	p.room(height + 16)
	p.style("B", 9, 0)
	p.columns(4.6, "L", [2]string{p.text(0, reportKeys+"chart"), p.text(1, reportKeys+"chart")})
	top, most := p.GetY()+6, models.Watts(1)
	for _, c := range months {
		most = max(most, c.Found)
	}
	for i, c := range months {
		tall := height * float64(c.Found) / float64(most)
		x := margin + float64(i)*width
		p.SetFillColor(11, 95, 115)
		p.Rect(x+2, top+height-tall, width-4, tall, "F")
		p.style("", 6.5, 1)
		p.SetXY(x, top+height-tall-4)
		p.CellFormat(width, 4, megawatts(c.Found), "", 0, "C", false, 0, "")
		p.SetXY(x, top+height+0.5)
		p.CellFormat(width, 4, fmt.Sprintf("%02d", i+1), "", 0, "C", false, 0, "")
	}
	p.SetY(top + height + 6)
}
