package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"rigistry/models"
)

// sheet is a table with named columns.
type sheet struct {
	columns []string
	rows    []*record
}

// record is one row: the line a person would look for, and its cells by column.
// Reading a cell that is not what it should be adds to bad.
type record struct {
	line  int
	cells map[string]string
	bad   models.Invalid
}

// readTable reads a CSV or an XLSX file. Headings are taken without regard to case
// and with spaces as underscores; empty rows are left out.
func readTable(name, sheetName string) (*sheet, error) {
	var (
		lines [][]string
		err   error
	)
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		lines, err = readXLSX(name, sheetName)
	case ".csv", ".txt":
		lines, err = readCSV(name)
	default:
		err = models.Errorf(models.CodeInvalid, "%s is neither .csv nor .xlsx.", name)
	}
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, models.Errorf(models.CodeInvalid, "%s is empty. The first row names the columns.", name)
	}
	t := &sheet{}
	seen := map[string]bool{}
	for _, h := range lines[0] {
		h = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(h)), " ", "_")
		if h != "" && seen[h] {
			return nil, models.Errorf(models.CodeInvalid, "%s has the column %q twice.", name, h)
		}
		seen[h] = true
		t.columns = append(t.columns, h)
	}
	for i, line := range lines[1:] {
		r := &record{line: i + 2, cells: map[string]string{}}
		for j, cell := range line {
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			if j >= len(t.columns) || t.columns[j] == "" {
				r.bad.Add("", "length", "There are more cells than columns.")
				continue
			}
			r.cells[t.columns[j]] = cell
		}
		if len(r.cells) > 0 || r.bad.Err() != nil {
			t.rows = append(t.rows, r)
		}
	}
	return t, nil
}

// readCSV reads the file with its line numbers: a cell with line breaks counts as
// one row, as in a spreadsheet. The separator is what the heading has more of.
func readCSV(name string) ([][]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	heading, _, _ := bytes.Cut(b, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	if bytes.Count(heading, []byte(";")) > bytes.Count(heading, []byte(",")) {
		r.Comma = ';'
	}
	var lines [][]string
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "%s is no readable CSV: %v.", name, err)
		}
		lines = append(lines, line)
	}
}

// readXLSX reads raw cell values, so that long numbers stay whole.
func readXLSX(name, sheetName string) ([][]string, error) {
	f, err := excelize.OpenFile(name, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%s is no readable XLSX file: %v.", name, err)
	}
	defer func() { _ = f.Close() }() // only read
	if sheetName == "" {
		sheetName = f.GetSheetName(0)
	}
	lines, err := f.GetRows(sheetName, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%s has no readable sheet %q: %v.", name, sheetName, err)
	}
	return lines, nil
}

// require says which columns are missing.
func (t *sheet) require(columns []string) error {
	have := map[string]bool{}
	for _, c := range t.columns {
		have[c] = true
	}
	for _, c := range columns {
		if !have[c] {
			return models.Errorf(models.CodeInvalid, "The column %q is missing. There are: %s.", c, strings.Join(t.columns, ", "))
		}
	}
	return nil
}

// text gives a cell, "" when it is empty.
func (r *record) text(column string) string { return r.cells[column] }

// identifier gives a BIN or IIN. A spreadsheet drops leading zeros of what it
// takes for a number; they are put back when the check digit then agrees.
func (r *record) identifier(column string) string {
	t := models.NormalizeIdentifier(r.cells[column])
	if len(t) >= 9 && len(t) < 12 {
		if padded := strings.Repeat("0", 12-len(t)) + t; checks(padded) {
			return padded
		}
	}
	return t
}

func checks(bin string) bool { _, err := models.CheckBin(bin); return err == nil }

// integer gives a whole number, 0 when the cell is empty.
func (r *record) integer(column string) int64 {
	cell := r.cells[column]
	if cell == "" {
		return 0
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(cell, " ", ""), 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1e15 {
		r.bad.Add("/"+column, "type", "%q is no whole number.", cell)
		return 0
	}
	return int64(v)
}

// number gives a number and whether there is one.
func (r *record) number(column string) (float64, bool) {
	cell := r.cells[column]
	if cell == "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(cell, ",", "."), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		r.bad.Add("/"+column, "type", "%q is no number.", cell)
		return 0, false
	}
	return v, true
}

// power gives a power from a column in kilowatts, where "1.2 MW" is also read, or
// from its twin in watts.
func (r *record) power(name string) models.Watts {
	if cell := r.cells[name+"_w"]; cell != "" {
		return models.Watts(r.integer(name + "_w"))
	}
	cell := r.cells[name+"_kw"]
	if cell == "" {
		return 0
	}
	w, err := models.ParseWatts(cell)
	if err != nil {
		r.bad.Add("/"+name+"_kw", "type", "%v", err)
	}
	return w
}

// yes gives a yes or no; otherwise is what an empty cell means.
func (r *record) yes(column string, otherwise string) bool {
	cell := strings.ToLower(r.cells[column])
	if cell == "" {
		cell = otherwise
	}
	switch cell {
	case "yes", "true", "1", "да", "иә":
		return true
	case "no", "false", "0", "нет", "жоқ":
		return false
	}
	r.bad.Add("/"+column, "type", "%q is neither yes nor no.", cell)
	return false
}

// instant gives an instant: RFC 3339, or a legal date for its beginning.
func (r *record) instant(column string) time.Time {
	cell := r.cells[column]
	if cell == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339, cell); err == nil {
		return t.UTC()
	}
	t, err := models.StartOfDay(cell)
	if err != nil {
		r.bad.Add("/"+column, "format", "Write %q as 2026-03-02T04:00:00Z or as 2026-03-02.", cell)
	}
	return t
}

// ratio gives a transformer ratio like 400/5, 1/1 when the cell is empty.
func (r *record) ratio(column string) (num, den int64) {
	cell := r.cells[column]
	if cell == "" {
		return 1, 1
	}
	a, b, ok := strings.Cut(strings.ReplaceAll(cell, ":", "/"), "/")
	if !ok {
		b = "1"
	}
	num, errA := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	den, errB := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if errA != nil || errB != nil || num < 1 || den < 1 {
		r.bad.Add("/"+column, "format", "%q is no transformer ratio. Write it like 400/5.", cell)
		return 1, 1
	}
	return num, den
}
