package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) importRoutes() []route {
	const tag, base = "Imports", "/v1/imports"
	return []route{
		handle("GET", base, models.ActImportRead, tag, "Imports, the newest first", s.listImports),
		handle("POST", base, models.ActImportRun, tag, "Send a CSV or XLSX file as the raw body, at most 64 MiB; it is imported in the background, or checked only", s.postImport).
			with(http.StatusAccepted).upTo(licensing.MaxImportBytes),
		handle("GET", base+"/{id}", models.ActImportRead, tag, "One import: columns, first rows, progress, errors by kind", s.getImport),
		handle("GET", base+"/{id}/errors", models.ActImportRead, tag, "Why rows were refused, in the order of the file", s.listImportErrors),
		handle("GET", base+"/{id}/errors/file", models.ActImportRead, tag, "The refused rows as CSV with their errors, to be mended and sent again", s.getImportErrors),
		handle("POST", base+"/{id}/mapping", models.ActImportRun, tag, "Say which column is which field, and check again", s.postMapping),
		handle("POST", base+"/{id}/start", models.ActImportRun, tag, "Take into the register what a dry run found good", s.postStart),
		handle("POST", base+"/{id}/cancellation", models.ActImportRun, tag, "Stop an import; what it brought so far stays", s.postCancellation),
		handle("POST", base+"/{id}/undo", models.ActImportRun, tag, "Take the rigs of an import out of the register, except those changed since", s.postUndo),
	}
}

// ImportWire is an import as a job.
type ImportWire struct {
	ID         string              `json:"id"`
	Kind       string              `json:"kind" enum:"equipment"`
	Name       string              `json:"name" doc:"Of the file"`
	State      string              `json:"state" enum:"uploading,uploaded,checking,checked,running,done,failed,undoing,undone,cancelled"`
	DryRun     bool                `json:"dry_run" doc:"So far it was only checked"`
	Bytes      int64               `json:"bytes"`
	SHA256     string              `json:"sha256,omitempty"`
	Encoding   string              `json:"encoding,omitempty" doc:"utf-8, utf-16, windows-1251 or xlsx"`
	Columns    []ImportColumnWire  `json:"columns" nullable:"false"`
	Sample     [][]string          `json:"sample" nullable:"false" doc:"The first rows"`
	Progress   ImportProgress      `json:"progress"`
	Errors     []ImportErrorsCount `json:"errors" nullable:"false" doc:"How many rows have which error"`
	Problem    string              `json:"problem,omitempty" doc:"Why it failed: columns_missing: …, columns_twice: …, no_rows, broken_off, internal, or a sentence"`
	ByName     string              `json:"by_name,omitempty"`
	CreatedAt  time.Time           `json:"created_at"`
	FinishedAt *time.Time          `json:"finished_at,omitempty"`
	Allowed    []string            `json:"allowed" nullable:"false" doc:"What the caller may do now: map start cancel undo"`
}

// ImportColumnWire is a column of the file.
type ImportColumnWire struct {
	Heading string `json:"heading"`
	Field   string `json:"field" doc:"Of the register; empty when the column is left out"`
}

// ImportProgress is how far an import is. A dry run counts what it would import.
type ImportProgress struct {
	Rows          int64   `json:"rows"`
	Checked       int64   `json:"checked" doc:"Rows that the phase is through with"`
	Imported      int64   `json:"imported"`
	Known         int64   `json:"known" doc:"There already, saying the same"`
	Refused       int64   `json:"refused"`
	Alarms        int64   `json:"alarms" doc:"Of the refused, those that raised an alarm"`
	Undone        int64   `json:"undone"`
	Kept          int64   `json:"kept" doc:"Rigs that an undo left, because they were changed since"`
	RatePerSecond float64 `json:"rate_per_second"`
	ETASeconds    float64 `json:"eta_seconds"`
}

// ImportErrorsCount is how many rows have an error.
type ImportErrorsCount struct {
	Field string `json:"field"`
	Code  string `json:"code"`
	Text  string `json:"text"`
	Rows  int64  `json:"rows"`
}

func (s *Server) importWire(i licensing.Import, language string) ImportWire {
	w := ImportWire{ID: i.ID, Kind: i.Kind, Name: i.Name, State: i.State, DryRun: i.Goal == "check", Bytes: i.Bytes, SHA256: strings.TrimPrefix(i.Digest, "sha256:"),
		Encoding: i.Encoding, Columns: make([]ImportColumnWire, 0, len(i.Columns)), Sample: i.Sample, Errors: make([]ImportErrorsCount, 0, len(i.Counts)),
		Problem: i.Problem, ByName: i.ByName, CreatedAt: i.Created(), FinishedAt: optionalTime(i.Finished()), Allowed: i.Allowed,
		Progress: ImportProgress{Rows: i.Total, Checked: i.Done, Imported: i.Imported, Known: i.Known, Refused: i.Refused, Alarms: i.Alarms,
			Undone: i.Undone, Kept: i.Kept, RatePerSecond: i.Rate, ETASeconds: i.ETA.Seconds()}}
	for _, c := range i.Columns {
		w.Columns = append(w.Columns, ImportColumnWire{Heading: c.Heading, Field: c.Field})
	}
	for _, c := range i.Counts {
		w.Errors = append(w.Errors, ImportErrorsCount{Field: c.Field, Code: c.Code, Text: s.rowText(language, c.Field, c.Code, ""), Rows: c.Rows})
	}
	if w.Sample == nil {
		w.Sample = [][]string{}
	}
	return w
}

// rowText says what is wrong with a row in the caller's language, or what the
// service said where the catalogue has no words.
func (s *Server) rowText(language, field, code, otherwise string) string {
	for _, key := range []string{"import.error." + field + "." + code, "import.error." + code} {
		if text := s.svc.Catalog.Text(language, key, nil); text != key && text != "" {
			return text
		}
	}
	if otherwise == "" {
		return code
	}
	return otherwise
}

func (s *Server) importOutput(ctx context.Context, i licensing.Import, err error) (*output[ImportWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[ImportWire]{ETag: etag(i.Version), Body: s.importWire(i, languageOf(ctx))}, nil
}

type importsQuery struct {
	ListQuery
}

func (s *Server) listImports(ctx context.Context, actor models.Actor, in *importsQuery) (*listOutput[ImportWire], error) {
	found, next, err := s.svc.Licensing.Imports(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, func(i licensing.Import) ImportWire { return s.importWire(i, languageOf(ctx)) }), nil
}

func (s *Server) getImport(ctx context.Context, actor models.Actor, in *ByID) (*output[ImportWire], error) {
	i, err := s.svc.Licensing.Import(ctx, actor, in.ID)
	return s.importOutput(ctx, i, err)
}

// importPost takes the body as a stream: huma reads only bodies that it knows.
type importPost struct {
	Idempotent
	Kind   string `query:"kind" enum:"equipment" default:"equipment"`
	Name   string `query:"name" required:"true" maxLength:"200" doc:"Of the file, with its ending: .csv or .xlsx"`
	DryRun bool   `query:"dry_run" doc:"Check every row and write none; POST …/start goes on from there"`

	request huma.Context
}

// Resolve keeps the request for its body.
func (p *importPost) Resolve(c huma.Context) []error {
	p.request = c
	return nil
}

// uploadTime is how long an upload may take, on a slow line too.
const uploadTime = 10 * time.Minute

func (s *Server) postImport(ctx context.Context, actor models.Actor, in *importPost) (*created[ImportWire], error) {
	deadline := s.now().Add(uploadTime)
	if err := in.request.SetReadDeadline(deadline); err != nil {
		s.log.DebugContext(ctx, "no deadline of its own for an upload", "error", err)
	}
	writer := http.NewResponseController(humagin.Unwrap(in.request).Writer)
	if err := writer.SetWriteDeadline(deadline.Add(time.Minute)); err != nil {
		s.log.DebugContext(ctx, "no deadline of its own for an upload", "error", err)
	}
	mode := licensing.ImportWrite
	if in.DryRun {
		mode = licensing.ImportDryRun
	}
	i, err := s.svc.Licensing.UploadImport(ctx, actor, licensing.NewImport{Kind: in.Kind, Name: in.Name, Mode: mode, Key: in.Key}, in.request.BodyReader())
	if err != nil {
		return nil, err
	}
	return &created[ImportWire]{Location: "/v1/imports/" + i.ID, ETag: etag(i.Version), Body: s.importWire(i, languageOf(ctx))}, nil
}

// ImportRowError is one error of one row.
type ImportRowError struct {
	Row    int64    `json:"row" doc:"Line of the file; of an undo, a running number"`
	Field  string   `json:"field"`
	Code   string   `json:"code"`
	Text   string   `json:"text"`
	Detail string   `json:"detail" doc:"In English, with what it met"`
	Value  string   `json:"value"`
	Cells  []string `json:"cells" nullable:"false" doc:"The row as the file has it; of an undo, id, manufacturer, model and serial number of the rig"`
}

type importErrorsQuery struct {
	ByID
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After string `query:"after" maxLength:"40" doc:"Cursor: the value of next from the page before"`
	Code  string `query:"code" maxLength:"40"`
}

func (s *Server) listImportErrors(ctx context.Context, actor models.Actor, in *importErrorsQuery) (*listOutput[ImportRowError], error) {
	line, n, err := rowCursor(in.After)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.ImportErrors(ctx, actor, in.ID, in.Code, line, n, in.Limit)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) == in.Limit {
		next = rowCursorOf(found[len(found)-1])
	}
	return listOf(found, next, func(e store.ImportError) ImportRowError {
		return ImportRowError{Row: e.Line, Field: e.Field, Code: e.Code, Text: s.rowText(languageOf(ctx), e.Field, e.Code, e.Detail), Detail: e.Detail,
			Value: e.Value, Cells: cellsOf(e)}
	}), nil
}

func cellsOf(e store.ImportError) []string {
	var cells []string
	_ = json.Unmarshal([]byte(e.Cells), &cells) // written by us; without cells the error still tells
	return orEmpty(cells)
}

func rowCursorOf(e store.ImportError) string {
	return strconv.FormatInt(e.Line, 10) + "." + strconv.FormatInt(e.N, 10)
}

func rowCursor(text string) (line, n int64, err error) {
	if text == "" {
		return 0, 0, nil
	}
	a, b, _ := strings.Cut(text, ".")
	line, errA := strconv.ParseInt(a, 10, 64)
	n, errB := strconv.ParseInt(b, 10, 64)
	if errA != nil || errB != nil {
		var v models.Invalid
		v.Add("?after", "format", "This is no cursor. Use the value of next.")
		return 0, 0, v.Err()
	}
	return line, n, nil
}

// getImportErrors writes the refused rows with the columns of the file, and after
// them what is wrong. Cells that a spreadsheet could take for a formula get an
// apostrophe, which an import takes away again.
func (s *Server) getImportErrors(ctx context.Context, actor models.Actor, in *ByID) (*huma.StreamResponse, error) {
	i, err := s.svc.Licensing.Import(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	language := languageOf(ctx)
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "text/csv; charset=utf-8")
		c.SetHeader("Content-Disposition", `attachment; filename="errors.csv"`)
		_, _ = io.WriteString(c.BodyWriter(), "\xef\xbb\xbf") // a lost client shows in Error below
		out := csv.NewWriter(c.BodyWriter())
		out.Comma = ';' // what Excel opens here without asking
		_ = out.Write(s.errorHeadings(i, language))
		if err := s.writeErrors(ctx, actor, i, out); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "a file of errors broke off", "error", err)
			panic(http.ErrAbortHandler) // so that the client sees that it is not whole
		}
	}}, nil
}

func (s *Server) errorHeadings(i licensing.Import, language string) []string {
	var out []string
	if i.State == licensing.ImportUndone || i.State == licensing.ImportUndoing {
		out = append(out, "id", "manufacturer", "model", "serial")
	} else {
		for _, c := range i.Columns {
			out = append(out, licensing.SafeCell(c.Heading))
		}
	}
	for _, key := range []string{"import.file.row", "import.file.error"} {
		out = append(out, s.svc.Catalog.Text(language, key, nil))
	}
	return out
}

// writeErrors writes a row once, with all of its errors in the last cell.
func (s *Server) writeErrors(ctx context.Context, actor models.Actor, i licensing.Import, out *csv.Writer) error {
	width := len(s.errorHeadings(i, "en")) - 2
	var row []string
	line, n := int64(0), int64(0)
	flush := func() {
		if row != nil {
			_ = out.Write(row) // shows in Error
		}
	}
	for {
		found, err := s.svc.Licensing.ImportErrors(ctx, actor, i.ID, "", line, n, exportPage)
		if err != nil {
			return err
		}
		for _, e := range found {
			text := s.rowText(languageOf(ctx), e.Field, e.Code, e.Detail)
			if row != nil && e.Line == line {
				row[width+1] += " " + text
				n = e.N
				continue
			}
			flush()
			line, n = e.Line, e.N
			row = make([]string, width+2)
			for k, cell := range cellsOf(e)[:min(width, len(cellsOf(e)))] {
				row[k] = licensing.SafeCell(cell)
			}
			row[width], row[width+1] = strconv.FormatInt(e.Line, 10), text
		}
		if len(found) < exportPage {
			flush()
			out.Flush()
			return out.Error()
		}
	}
}

// MappingInput names the field of each column, "" for one that is left out.
type MappingInput struct {
	Fields []string `json:"fields" nullable:"false" maxItems:"500"`
}

type mappingPost struct {
	ByID
	Idempotent
	Body MappingInput
}

func (s *Server) postMapping(ctx context.Context, actor models.Actor, in *mappingPost) (*output[ImportWire], error) {
	i, err := s.svc.Licensing.MapImport(ctx, actor, in.ID, in.Body.Fields)
	return s.importOutput(ctx, i, err)
}

type importStep struct {
	ByID
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postStart(ctx context.Context, actor models.Actor, in *importStep) (*output[ImportWire], error) {
	i, err := s.svc.Licensing.StartImport(ctx, actor, in.ID)
	return s.importOutput(ctx, i, err)
}

func (s *Server) postCancellation(ctx context.Context, actor models.Actor, in *importStep) (*output[ImportWire], error) {
	i, err := s.svc.Licensing.CancelImport(ctx, actor, in.ID)
	return s.importOutput(ctx, i, err)
}

func (s *Server) postUndo(ctx context.Context, actor models.Actor, in *importStep) (*output[ImportWire], error) {
	i, err := s.svc.Licensing.UndoImport(ctx, actor, in.ID)
	return s.importOutput(ctx, i, err)
}
