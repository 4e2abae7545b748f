package licensing

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"rigistry/models"
)

// The bounds of a table that is read or written for a screen.
const (
	MaxTableBytes = 16 << 20
	MaxTableRows  = 200_000
	maxTableCells = 4_000_000
)

// Table is a spreadsheet as text: its rows with the line that a person would look
// for. Empty rows are left out.
type Table struct {
	Encoding string // utf-8, utf-16, windows-1251 or xlsx
	Lines    []int
	Rows     [][]string
}

// ReadTable reads a CSV, TSV or XLSX file, whichever its name says, whatever encoding
// and separator it has. It keeps nothing. CodeInvalid when the file cannot be read or
// has more than 200,000 rows.
func ReadTable(name string, data []byte) (Table, error) {
	t, err := openTable(name, data, "")
	if err != nil {
		return Table{}, err
	}
	defer t.close()
	out := Table{Encoding: t.encoding, Lines: []int{}, Rows: [][]string{}}
	cells := 0
	for {
		row, err := t.read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return Table{}, err
		}
		if cells += len(row.cells); len(out.Rows) == MaxTableRows || cells > maxTableCells {
			return Table{}, models.Errorf(models.CodeInvalid, "The file has more than %d rows or %d cells. Split it.", MaxTableRows, maxTableCells)
		}
		out.Lines, out.Rows = append(out.Lines, row.line), append(out.Rows, row.cells)
	}
}

// WriteWorkbook writes rows of text as an XLSX file with one sheet. Every cell is text,
// so nothing in it can become a formula.
func WriteWorkbook(rows [][]string) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // only memory
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for k, c := range row {
			cells[k] = c
		}
		place, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = w.SetRow(place, cells)
		}
		if err != nil {
			return nil, fmt.Errorf("write row %d of a workbook: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	return out.Bytes(), nil
}
