package api

import (
	"context"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/licensing"
)

func (s *Server) tableRoutes() []route {
	return []route{
		handle("POST", "/v1/tables", models.ActTableConvert, "Tables", "Read a CSV, TSV or XLSX file, sent as the raw body, as rows of text; nothing is kept", s.readTable).
			upTo(licensing.MaxTableBytes),
		handle("POST", "/v1/tables/workbook", models.ActTableConvert, "Tables", "Write rows of text as an XLSX file; nothing is kept", s.writeTable).upTo(licensing.MaxTableBytes),
	}
}

// TableWire is a spreadsheet as text.
type TableWire struct {
	Encoding string     `json:"encoding" doc:"utf-8, utf-16, windows-1251 or xlsx"`
	Lines    []int      `json:"lines" nullable:"false" doc:"The line of the file of each row; empty rows are left out"`
	Rows     [][]string `json:"rows" nullable:"false"`
}

// tablePost takes the body as a stream: huma reads only bodies that it knows.
type tablePost struct {
	Name string `query:"name" required:"true" maxLength:"200" doc:"Of the file, with its ending: .csv, .tsv, .txt or .xlsx"`

	request huma.Context
}

// Resolve keeps the request for its body.
func (p *tablePost) Resolve(c huma.Context) []error {
	p.request = c
	return nil
}

func (s *Server) readTable(_ context.Context, _ models.Actor, in *tablePost) (*output[TableWire], error) {
	data, err := io.ReadAll(io.LimitReader(in.request.BodyReader(), licensing.MaxTableBytes+1))
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "The file did not arrive whole. Send it again.")
	}
	if len(data) > licensing.MaxTableBytes {
		return nil, models.Errorf(models.CodeInvalid, "The file is larger than 16 MiB. Split it.")
	}
	t, err := licensing.ReadTable(in.Name, data)
	if err != nil {
		return nil, err
	}
	return &output[TableWire]{Body: TableWire{Encoding: t.Encoding, Lines: t.Lines, Rows: t.Rows}}, nil
}

// WorkbookInput is what an XLSX file is to hold.
type WorkbookInput struct {
	Rows [][]string `json:"rows" nullable:"false" minItems:"1" maxItems:"200000"`
}

type workbookPost struct {
	Body WorkbookInput
}

type workbookOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Server) writeTable(_ context.Context, _ models.Actor, in *workbookPost) (*workbookOutput, error) {
	file, err := licensing.WriteWorkbook(in.Body.Rows)
	if err != nil {
		return nil, err
	}
	return &workbookOutput{ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		Disposition: `attachment; filename="table.xlsx"`, Body: file}, nil
}
