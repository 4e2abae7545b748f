package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/enforcement"
)

func (s *Server) packageRoutes() []route {
	const tag = "Cases"
	return []route{
		handle("GET", "/v1/cases/{id}/package", models.ActCasePackage, tag, "The evidence of a case as one file that proves itself; taking it out is an entry of the ledger", s.getCasePackage),
		handle("GET", "/v1/enforcement/report", models.ActCaseRead, tag, "A year of enforcement by region and month", s.getEnforcementReport),
		handle("GET", "/v1/enforcement/report.csv", models.ActCaseRead, tag, "The same as a table", s.getEnforcementReportCSV),
		handle("GET", "/v1/enforcement/report.pdf", models.ActCaseRead, tag, "The same in Kazakh and Russian, to be published", s.getEnforcementReportPDF),
	}
}

type packageQuery struct {
	ByID
	Size   int64    `query:"size" minimum:"0" doc:"Size of the ledger whose state it shows: the same size gives the same bytes; the newest checkpoint when absent"`
	Redact []string `query:"redact" maxItems:"500" doc:"What is taken out: the classes persons, words, pictures, events, or items as items.txt names them"`
	Reason string   `query:"reason" maxLength:"1000" doc:"On what ground; with redact"`
}

func (s *Server) getCasePackage(ctx context.Context, actor models.Actor, in *packageQuery) (*huma.StreamResponse, error) {
	if s.svc.Packager == nil {
		return nil, models.Errorf(models.CodeUnavailable, "This server makes no packages.")
	}
	p, err := s.svc.Packager.Export(ctx, actor, enforcement.PackageRequest{Case: in.ID, Size: in.Size, Redact: in.Redact, Reason: in.Reason})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/zip")
		c.SetHeader("Content-Length", strconv.FormatInt(p.Bytes, 10))
		c.SetHeader("Content-Disposition", `attachment; filename="`+p.Name+`"`)
		c.SetHeader("ETag", `"`+p.SHA256+`"`)
		c.SetHeader("Cache-Control", "no-store")
		if _, err := p.WriteTo(c.BodyWriter()); err != nil {
			s.log.WarnContext(ctx, "a package broke off", "request_id", requestIDOf(ctx), "error", err)
			panic(http.ErrAbortHandler) // half a package must not look whole
		}
	}}, nil
}

type reportQuery struct {
	Year string `query:"year" maxLength:"4" doc:"The year now when absent; as it was known at known_at, where that is given"`
}

// EnforcementCountsWire is what a year, a month or a region comes to.
type EnforcementCountsWire struct {
	Opened         int64   `json:"opened" doc:"Cases"`
	Confirmed      int64   `json:"confirmed" doc:"Cases that ended as right"`
	Dismissed      int64   `json:"dismissed"`
	Referrals      int64   `json:"referrals"`
	Criminal       int64   `json:"criminal_cases"`
	Sentences      int64   `json:"sentences"`
	Fines          int64   `json:"fines"`
	FinedKzt       float64 `json:"fined_kzt"`
	PaidKzt        float64 `json:"paid_kzt"`
	BlockedKzt     float64 `json:"blocked_kzt"`
	ConfiscatedKzt float64 `json:"confiscated_kzt"`
	Rigs           int64   `json:"rigs_seized"`
	FoundKw        float64 `json:"found_kw" doc:"Power that the opened cases are about"`
	ProvenKw       float64 `json:"proven_kw" doc:"Of the cases that ended as right"`
}

// EnforcementRowWire is a row of the report.
type EnforcementRowWire struct {
	Region string                `json:"region,omitempty" doc:"First two digits of the KATO code; absent where nothing has a place"`
	Month  int                   `json:"month,omitempty" doc:"1 to 12"`
	Counts EnforcementCountsWire `json:"counts"`
}

// EnforcementReportWire is a year of enforcement.
type EnforcementReportWire struct {
	Year      string                `json:"year"`
	AsKnownAt time.Time             `json:"as_known_at"`
	Total     EnforcementCountsWire `json:"total"`
	Regions   []EnforcementRowWire  `json:"regions" nullable:"false"`
	Months    []EnforcementRowWire  `json:"months" nullable:"false"`
	Cells     []EnforcementRowWire  `json:"cells" nullable:"false" doc:"By region and month, where there is anything"`
}

func countsWire(c models.EnforcementCounts) EnforcementCountsWire {
	return EnforcementCountsWire{c.Opened, c.Confirmed, c.Dismissed, c.Referrals, c.Criminal, c.Sentences, c.Fines, kzt(c.Fined), kzt(c.Paid), kzt(c.Blocked),
		kzt(c.Confiscated), c.Rigs, kw(c.Found), kw(c.Proven)}
}

func (s *Server) report(ctx context.Context, actor models.Actor, in *reportQuery) (models.EnforcementReport, error) {
	year := in.Year
	if year == "" {
		year = models.LegalDate(s.now())[:4]
	}
	return s.svc.Enforcement.Report(ctx, actor, year)
}

func (s *Server) getEnforcementReport(ctx context.Context, actor models.Actor, in *reportQuery) (*output[EnforcementReportWire], error) {
	r, err := s.report(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	w := EnforcementReportWire{Year: r.Year, AsKnownAt: r.AsAt, Total: countsWire(r.Total()), Regions: []EnforcementRowWire{}, Cells: []EnforcementRowWire{}}
	for _, c := range r.Regions() {
		w.Regions = append(w.Regions, EnforcementRowWire{Region: c.Region, Counts: countsWire(c.Counts)})
	}
	for i, c := range r.Months() {
		w.Months = append(w.Months, EnforcementRowWire{Month: i + 1, Counts: countsWire(c)})
	}
	for _, c := range r.Cells {
		w.Cells = append(w.Cells, EnforcementRowWire{Region: c.Region, Month: c.Month, Counts: countsWire(c.Counts)})
	}
	return &output[EnforcementReportWire]{Body: w}, nil
}

func (s *Server) getEnforcementReportCSV(ctx context.Context, actor models.Actor, in *reportQuery) (*pdfOutput, error) {
	r, err := s.report(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("\xef\xbb\xbf") // so that Excel reads UTF-8
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"year", "region", "month", "opened", "confirmed", "dismissed", "referrals", "criminal_cases", "sentences", "fines", "fined_kzt", "paid_kzt",
		"blocked_kzt", "confiscated_kzt", "rigs_seized", "found_kw", "proven_kw"}) // into memory; Error below
	whole, money := func(n int64) string { return strconv.FormatInt(n, 10) }, func(t models.Tiyn) string { return strconv.FormatFloat(kzt(t), 'f', 2, 64) }
	power := func(p models.Watts) string { return strconv.FormatFloat(kw(p), 'f', 3, 64) }
	for _, c := range r.Cells {
		n := c.Counts
		_ = w.Write([]string{r.Year, c.Region, strconv.Itoa(c.Month), whole(n.Opened), whole(n.Confirmed), whole(n.Dismissed), whole(n.Referrals), whole(n.Criminal),
			whole(n.Sentences), whole(n.Fines), money(n.Fined), money(n.Paid), money(n.Blocked), money(n.Confiscated), whole(n.Rigs), power(n.Found), power(n.Proven)})
	}
	w.Flush()
	return &pdfOutput{ContentType: "text/csv; charset=utf-8", ContentDisposition: `attachment; filename="enforcement-` + r.Year + `.csv"`, Body: []byte(b.String())}, w.Error()
}

func (s *Server) getEnforcementReportPDF(ctx context.Context, actor models.Actor, in *reportQuery) (*pdfOutput, error) {
	r, err := s.report(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	pdf, err := s.svc.Documents.ReportPDF(r)
	return &pdfOutput{ContentType: "application/pdf", ContentDisposition: `inline; filename="enforcement-` + r.Year + `.pdf"`, Body: pdf}, err
}
