package licensing

import (
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// rigRow is a row read as a rig: what it says, and what of it cannot be read.
type rigRow struct {
	line  int
	cells []string
	rig   models.Equipment
	bad   error
}

// rigReader reads the rows of a file as rigs.
type rigReader struct {
	table   *tableReader
	columns []ImportColumn
	pending []tableRow // read with the headings
}

// openRigs opens a file of rigs. columns that are not nil stand in the place of what
// the headings say.
func openRigs(name string, data []byte, sheet string, columns []ImportColumn) (*rigReader, error) {
	t, err := openTable(name, data, sheet)
	if err != nil {
		return nil, err
	}
	own, after, err := readHeadings(t)
	if err != nil {
		t.close()
		return nil, err
	}
	if columns == nil {
		columns = own
	}
	return &rigReader{table: t, columns: columns, pending: after}, nil
}

func (r *rigReader) close() { r.table.close() }

// row gives the next row as it is in the file.
func (r *rigReader) row() (tableRow, error) {
	if len(r.pending) > 0 {
		row := r.pending[0]
		r.pending = r.pending[1:]
		return row, nil
	}
	return r.table.read()
}

// skip passes over rows that an earlier run is through with.
func (r *rigReader) skip(n int64) error {
	for range n {
		if _, err := r.row(); err != nil {
			return err
		}
	}
	return nil
}

// next gives at most n rows, none after the last.
func (r *rigReader) next(n int) ([]rigRow, error) {
	out := make([]rigRow, 0, n)
	for len(out) < n {
		row, err := r.row()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, r.parse(row))
	}
	return out, nil
}

func (r *rigReader) parse(row tableRow) rigRow {
	c := rigCells{values: make(map[string]string, len(r.columns))}
	for i, cell := range row.cells {
		switch {
		case i < len(r.columns) && r.columns[i].Field != "":
			c.values[r.columns[i].Field] = cell
		case i >= len(r.columns) && cell != "":
			c.bad.Add("/", "length", "There are more cells than columns.")
		}
	}
	country, date := c.country(), c.date()
	e := models.Equipment{Manufacturer: c.values["manufacturer"], Model: c.values["model"], Serial: c.serial(), Algorithm: c.values["algorithm"],
		HashrateTH: c.hashrate(), Nameplate: c.power(), Owner: c.owner(), Site: c.values["site"], License: c.values["license"],
		Customs: c.values["customs_declaration"], ImportCountry: country, ImportDate: date, State: c.state()}
	return rigRow{line: row.line, cells: row.cells, rig: e, bad: c.bad.Err()}
}

// rigCells reads cells by field and collects what cannot be read.
type rigCells struct {
	values map[string]string
	bad    models.Invalid
}

// Excel shows a long number as 1.2E+15 and writes that into the file: the digits are
// gone. A number of ours has neither point nor plus.
var (
	damagedNumber = regexp.MustCompile(`^\d([.,]\d+E\+?\d{1,3}|E\+\d{1,3})$`)
	decimalNumber = regexp.MustCompile(`^\d+[.,]0+$`)
)

func (c *rigCells) serial() string {
	serial := c.values["serial"]
	switch upper := strings.ToUpper(serial); {
	case damagedNumber.MatchString(upper):
		c.bad.Add("/serial", "spreadsheet_number", "A spreadsheet turned this serial number into %s and its digits are lost. Format the column as text, type the number again and save the file.", serial)
	case decimalNumber.MatchString(serial):
		c.bad.Add("/serial", "spreadsheet_number", "A spreadsheet turned this serial number into the decimal number %s. Format the column as text and type it again.", serial)
	}
	return serial
}

func (c *rigCells) owner() string {
	t := models.NormalizeIdentifier(c.values["owner"])
	if len(t) >= 9 && len(t) < 12 { // a spreadsheet drops leading zeros
		padded := strings.Repeat("0", 12-len(t)) + t
		if _, err := models.CheckBin(padded); err == nil {
			return padded
		}
	}
	return t
}

// plainNumber takes out the spaces between thousands and makes a decimal comma a
// point.
func plainNumber(text string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009' {
			return -1
		}
		return r
	}, text), ",", ".")
}

// hashrate gives whole TH/s; what a data sheet gives finer is rounded.
func (c *rigCells) hashrate() int64 {
	cell := c.values["hashrate_th"]
	if cell == "" {
		return 0
	}
	text := strings.ToLower(plainNumber(cell))
	for _, unit := range []string{"th/s", "ths", "th", "тх/с", "т/с", "тх"} {
		text = strings.TrimSuffix(text, unit)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1e9 || v > 0 && v < 0.5 {
		c.bad.Add("/hashrate_th", "type", "%q is no hash rate in TH/s. Leave the cell empty for a machine that is measured otherwise.", cell)
		return 0
	}
	return int64(math.Round(v))
}

var powerUnits = strings.NewReplacer("мвт", "mw", "квт", "kw", "вт", "w")

// power gives watts of a column in kilowatts, where "3500 W" is also read, or of its
// twin in watts.
func (c *rigCells) power() models.Watts {
	field, cell, unit := "nameplate_kw", c.values["nameplate_kw"], ""
	if cell == "" {
		field, cell, unit = "nameplate_w", c.values["nameplate_w"], "w"
	}
	if cell == "" {
		return 0 // refused with the rig
	}
	text := powerUnits.Replace(strings.ToLower(plainNumber(cell)))
	if !strings.HasSuffix(text, "w") {
		text += unit
	}
	w, err := models.ParseWatts(text)
	if err != nil {
		c.bad.Add("/"+field, "type", "%q is no power. Write it like 3.5 (kW) or 3500 W.", cell)
		return 1 // so that the rig is not refused for it twice
	}
	return w
}

// countries are the names of the countries that rigs come from.
var countries = map[string]string{"китай": "CN", "китаи": "CN", "кнр": "CN", "china": "CN", "кытай": "CN", "кытаи": "CN", "хкр": "CN", "гонконг": "HK", "hong kong": "HK", "россия": "RU", "рф": "RU",
	"ресей": "RU", "ресеи": "RU", "russia": "RU", "сша": "US", "usa": "US", "акш": "US", "малайзия": "MY", "malaysia": "MY", "таиланд": "TH", "thailand": "TH", "кыргызстан": "KG",
	"узбекистан": "UZ", "озбекстан": "UZ", "казахстан": "KZ", "казакстан": "KZ", "грузия": "GE", "оаэ": "AE", "бае": "AE", "тайвань": "TW", "сингапур": "SG", "турция": "TR", "туркия": "TR"}

func (c *rigCells) country() string {
	cell := c.values["import_country"]
	if code, ok := countries[models.Fold(cell)]; ok {
		return code
	}
	return strings.ToUpper(cell) // refused with the rig when it is none
}

// spreadsheetEpoch is day 0 of the dates of spreadsheets.
var spreadsheetEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func (c *rigCells) date() string {
	cell := c.values["import_date"]
	if cell == "" {
		return ""
	}
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "02/01/2006", "2006.01.02", "2006-01-02T15:04:05Z", "2006-01-02 15:04:05"} {
		if d, err := time.Parse(layout, cell); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	if days, err := strconv.ParseFloat(cell, 64); err == nil && days > 30000 && days < 60000 {
		return spreadsheetEpoch.AddDate(0, 0, int(days)).Format(time.DateOnly)
	}
	c.bad.Add("/import_date", "format", "%q is no date. Write it like 15.03.2024 or 2024-03-15.", cell)
	return ""
}

// rigStates are the states as people write them.
var rigStates = map[string]models.EquipmentState{"active": models.EquipmentActive, "в работе": models.EquipmentActive, "работает": models.EquipmentActive, "действует": models.EquipmentActive,
	"жумыста": models.EquipmentActive, "колданыста": models.EquipmentActive, "stored": models.EquipmentStored, "на складе": models.EquipmentStored, "на хранении": models.EquipmentStored, "хранение": models.EquipmentStored,
	"сактауда": models.EquipmentStored, "коимада": models.EquipmentStored, "коймада": models.EquipmentStored}

// state gives where the rig is. A rig enters the register in work or in storage; what
// became of it later is recorded as an event.
func (c *rigCells) state() models.EquipmentState {
	cell := c.values["state"]
	if cell == "" {
		return models.EquipmentActive
	}
	s, ok := rigStates[models.Fold(cell)]
	if !ok {
		c.bad.Add("/state", "unknown", "%q is no state to be registered in. It is active or stored; a sale, a seizure or a removal is recorded as an event.", cell)
		return models.EquipmentActive
	}
	return s
}
