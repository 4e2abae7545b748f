package licensing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"rigistry/models"
)

// tableRow is one row of a file: the line that a person would look for, and cells.
type tableRow struct {
	line  int
	cells []string
}

// tableReader gives the rows of a file one by one, and io.EOF after the last. Empty
// rows are left out.
type tableReader struct {
	encoding string // utf-8, utf-16, windows-1251 or xlsx
	read     func() (tableRow, error)
	close    func()
}

// maxUnzipped bounds what an XLSX file may unpack to.
const maxUnzipped = 1 << 30

// openTable opens a CSV or XLSX file by the ending of its name.
func openTable(name string, data []byte, sheet string) (*tableReader, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		return openXLSX(name, data, sheet)
	case ".csv", ".txt", ".tsv":
		return openCSV(name, data), nil
	}
	return nil, models.Errorf(models.CodeInvalid, "%s is neither .csv nor .xlsx.", name)
}

func openCSV(name string, data []byte) *tableReader {
	text, encoding := decodeText(data)
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.ReuseRecord = false
	r.Comma = separator(text)
	read := func() (tableRow, error) {
		for {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return tableRow{}, io.EOF
			}
			if err != nil {
				return tableRow{}, models.Errorf(models.CodeInvalid, "%s is no readable CSV: %v.", name, err)
			}
			line, _ := r.FieldPos(0)
			if row := (tableRow{line, trimmed(cells)}); !row.empty() {
				return row, nil
			}
		}
	}
	return &tableReader{encoding: encoding, read: read, close: func() {}}
}

// openXLSX reads raw cell values, so that long numbers stay whole.
func openXLSX(name string, data []byte, sheet string) (*tableReader, error) {
	unreadable := func(err error) error {
		return models.Errorf(models.CodeInvalid, "%s is no readable XLSX file: %v. Save it again as XLSX, or as CSV.", name, err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, unreadable(err)
	}
	if sheet == "" {
		sheet = f.GetSheetName(0)
	}
	rows, err := f.Rows(sheet)
	if err != nil {
		_ = f.Close()
		return nil, unreadable(err)
	}
	line := 0
	read := func() (tableRow, error) {
		for rows.Next() {
			line++
			cells, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				return tableRow{}, unreadable(err)
			}
			if row := (tableRow{line, trimmed(cells)}); !row.empty() {
				return row, nil
			}
		}
		if err := rows.Error(); err != nil {
			return tableRow{}, unreadable(err)
		}
		return tableRow{}, io.EOF
	}
	r := &tableReader{encoding: "xlsx", read: read, close: func() { _ = rows.Close(); _ = f.Close() }} // only read
	return r.readAhead(), nil
}

// ahead is how many rows of a workbook are unpacked before they are asked for.
const ahead = 4096

// readAhead reads in a goroutine of its own, so that unpacking a workbook does not
// wait for the database. close ends it.
func (r *tableReader) readAhead() *tableReader {
	type item struct {
		row tableRow
		err error
	}
	items, stop, done := make(chan item, ahead), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			row, err := r.read()
			select {
			case items <- item{row, err}:
			case <-stop:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	var ended error
	next := func() (tableRow, error) {
		if ended != nil {
			return tableRow{}, ended
		}
		i := <-items
		ended = i.err
		return i.row, i.err
	}
	return &tableReader{encoding: r.encoding, read: next, close: sync.OnceFunc(func() { close(stop); <-done; r.close() })}
}

func (r tableRow) empty() bool {
	for _, c := range r.cells {
		if c != "" {
			return false
		}
	}
	return true
}

// trimmed cleans cells: the spaces around them, characters that no database holds,
// and the apostrophe with which a file of errors keeps a spreadsheet from reading a
// cell as a formula.
func trimmed(cells []string) []string {
	for i, c := range cells {
		c = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c, "\uFFFD"), "\x00", ""))
		if len(c) > 1 && c[0] == '\'' && dangerous(c[1:]) {
			c = c[1:]
		}
		cells[i] = c
	}
	return cells
}

// dangerous tells whether a spreadsheet could take a cell for a formula.
func dangerous(cell string) bool {
	return cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0]))
}

// SafeCell is a cell of a file that a spreadsheet opens: what it could take for a
// formula gets an apostrophe in front. Reading the file takes it away again.
func SafeCell(cell string) string {
	if dangerous(cell) {
		return "'" + cell
	}
	return cell
}

// separator is what the first line has most of, outside quotes.
func separator(text []byte) rune {
	heading, quoted := string(text[:min(len(text), 1<<16)]), false
	counts := map[rune]int{}
	for _, r := range heading {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted && len(counts) > 0 {
			break
		}
		if !quoted && strings.ContainsRune(",;\t|", r) {
			counts[r]++
		}
	}
	best := ','
	for _, r := range ";\t|" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// decodeText gives the text as UTF-8 and what it was: UTF-8, UTF-16 with its mark, or
// else the one-byte Cyrillic of Windows. Of that the Kazakh table (KZ-1048, state
// standard 1048-2002) is taken: it has all Russian letters of Windows-1251, and Kazakh
// ones in the place of Serbian and Ukrainian.
func decodeText(data []byte) (text []byte, encoding string) {
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		return rest, "utf-8"
	}
	for _, mark := range []struct {
		bom         string
		first, next int
	}{{"\xff\xfe", 0, 1}, {"\xfe\xff", 1, 0}} {
		if rest, ok := bytes.CutPrefix(data, []byte(mark.bom)); ok {
			units := make([]uint16, len(rest)/2)
			for i := range units {
				units[i] = uint16(rest[2*i+mark.first]) | uint16(rest[2*i+mark.next])<<8
			}
			return []byte(string(utf16.Decode(units))), "utf-16"
		}
	}
	if utf8.Valid(data) {
		return data, "utf-8"
	}
	out := make([]byte, 0, len(data)+len(data)/2)
	for _, b := range data {
		switch {
		case b < 0x80:
			out = append(out, b)
		case b >= 0xC0:
			out = utf8.AppendRune(out, 'А'+rune(b-0xC0))
		default:
			out = utf8.AppendRune(out, kz1048[b-0x80])
		}
	}
	return out, "windows-1251"
}

// kz1048 are the characters of the bytes 0x80 to 0xBF.
var kz1048 = []rune("ЂЃ‚ѓ„…†‡€‰Љ‹ЊҚҺЏ" + "ђ‘’“”•–—\uFFFD™љ›њқһџ" + "\u00a0ҰұӘ¤Ө¦§Ё©Ғ«¬\u00ad®Ү" + "°±Ііөµ¶·ё№ғ»әҢңү")
