package metering

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// FileValue says what the numbers of an interval file are.
type FileValue string

// The kinds of numbers in interval files.
const (
	FileKWh   FileValue = "kwh"   // energy of each interval
	FileKW    FileValue = "kw"    // mean power of each interval
	FileIndex FileValue = "index" // the counter, in kWh, at each instant
)

// FileMapping says how a file of a metering system is to be read: names of columns are
// those of its heading. The zero value of what is not needed is left out.
type FileMapping struct {
	Delimiter    rune   // ';' when 0
	DecimalComma bool   // 1 234,5 and not 1,234.5
	Meter        string // column with the meter's code; or
	Code         string // the code itself, for a file of one meter
	Time         string // column with the date and time, or with the date beside Clock
	Clock        string // column with the time of day, "" when Time has both
	Layout       string // Go layout of both, joined by a space; "02.01.2006 15:04" when ""
	Zone         string // "+05:00", "UTC", or "kz": legal time of Almaty and Astana, see legalTime
	Value        string // column with the number
	Kind         FileValue
	Length       time.Duration // of an interval; not for an index
	AtEnd        bool          // the instant is the end of its interval, and not the beginning
}

// FileRow is what is wrong with a row of a file.
type FileRow struct {
	Line int
	Err  error
}

// maxFileRows bounds a file: a year of quarters of thirty meters.
const maxFileRows = 1_100_000

// fileValue is one number of a file.
type fileValue struct {
	line       int
	from, till time.Time // equal for an index
	wh         int64
}

// FileStretch is readings of one meter's counter without a hole, by the meter's code.
// Energies of intervals become a counter that begins at 0, so that each interval holds
// exactly the energy that the file gives it; a counter that begins anew explains nothing
// of the hole before it.
type FileStretch struct {
	Line     int // of its first value
	Readings []models.Reading
}

// ReadFile reads an interval file, meter by meter in order of time. Rows that cannot be
// read are named and left out; a row that contradicts another one of the same instant is
// one of them. An error means that nothing can be read.
func (m FileMapping) ReadFile(data []byte) (stretches []FileStretch, bad []FileRow, err error) {
	if err := m.check(); err != nil {
		return nil, nil, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = m.Delimiter, -1, true, true
	if r.Comma == 0 {
		r.Comma = ';'
	}
	heading, err := r.Read()
	if err != nil {
		return nil, nil, models.Errorf(models.CodeInvalid, "The file has no heading: %v.", err)
	}
	columns, err := m.columns(heading)
	if err != nil {
		return nil, nil, err
	}
	values, last := map[string][]fileValue{}, map[string]time.Time{}
	for rows := 0; ; rows++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.FieldPos(0)
		if err == nil && rows >= maxFileRows {
			return nil, nil, models.Errorf(models.CodeInvalid, "The file has more than %d rows. Split it.", maxFileRows)
		}
		if err == nil && len(strings.TrimSpace(strings.Join(record, ""))) == 0 {
			continue
		}
		var meter string
		var v fileValue
		if err == nil {
			meter, v, err = m.row(record, columns, last)
		}
		if err != nil {
			if bad = append(bad, FileRow{line, err}); len(bad) > 1000 {
				return nil, bad, models.Errorf(models.CodeInvalid, "More than 1000 rows cannot be read. Check the mapping.")
			}
			continue
		}
		v.line = line
		values[meter] = append(values[meter], v)
	}
	meters := make([]string, 0, len(values))
	for name := range values {
		meters = append(meters, name)
	}
	slices.Sort(meters)
	for _, name := range meters {
		some, wrong := m.counters(name, values[name])
		stretches, bad = append(stretches, some...), append(bad, wrong...)
	}
	slices.SortStableFunc(bad, func(a, b FileRow) int { return a.Line - b.Line })
	return stretches, bad, nil
}

func (m FileMapping) check() error {
	var bad models.Invalid
	if (m.Meter == "") == (m.Code == "") {
		bad.Add("/meter", "required", "Name the column with the meters' codes, or give the code of the one meter.")
	}
	if m.Time == "" || m.Value == "" {
		bad.Add("/time", "required", "Name the columns with the time and with the value.")
	}
	if !slices.Contains([]FileValue{FileKWh, FileKW, FileIndex}, m.Kind) {
		bad.Add("/kind", "unknown", "The values are kwh, kw or index.")
	}
	if m.Kind != FileIndex && (m.Length < time.Minute || m.Length > 24*time.Hour) {
		bad.Add("/length", "range", "Give the length of an interval, from 1 minute to a day.")
	}
	if m.Delimiter == '"' || m.Delimiter == '\n' || m.Delimiter == '\r' || m.Delimiter == 0xFFFD || m.Delimiter > 0x10FFFF || m.Delimiter < 0 {
		bad.Add("/delimiter", "range", "The delimiter is one character, such as ; or a tab.")
	}
	if _, err := zoneOf(m.Zone); err != nil {
		bad.Add("/zone", "format", "Write the zone as +05:00, UTC, or kz for the legal time of Almaty and Astana.")
	}
	return bad.Err()
}

// fileColumns are the places of the columns in a row, -1 for none.
type fileColumns struct{ meter, time, clock, value int }

func (m FileMapping) columns(heading []string) (fileColumns, error) {
	var bad models.Invalid
	find := func(field, name string) int {
		if name == "" {
			return -1
		}
		i := slices.IndexFunc(heading, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(name)) })
		if i < 0 {
			bad.Add("/"+field, "unknown", "The heading has no column %q.", name)
		}
		return i
	}
	c := fileColumns{find("meter", m.Meter), find("time", m.Time), find("clock", m.Clock), find("value", m.Value)}
	return c, bad.Err()
}

func (m FileMapping) row(record []string, c fileColumns, last map[string]time.Time) (meter string, v fileValue, err error) {
	cell := func(i int) string {
		if i < 0 || i >= len(record) {
			return ""
		}
		return strings.TrimSpace(strings.ReplaceAll(record[i], "\u00a0", " "))
	}
	if meter = m.Code; meter == "" {
		meter = cell(c.meter)
	}
	if meter == "" {
		return "", v, models.Errorf(models.CodeInvalid, "The meter is missing.")
	}
	text := cell(c.time)
	if m.Clock != "" {
		text += " " + cell(c.clock)
	}
	at, err := m.instant(text, last[meter])
	if err != nil {
		return "", v, err
	}
	last[meter] = at
	wh, err := m.wattHours(cell(c.value))
	switch {
	case err != nil:
		return "", v, err
	case m.Kind == FileIndex:
		return meter, fileValue{from: at, till: at, wh: wh}, nil
	case m.AtEnd:
		return meter, fileValue{from: at.Add(-m.Length), till: at, wh: wh}, nil
	}
	return meter, fileValue{from: at, till: at.Add(m.Length), wh: wh}, nil
}

// wattHours reads a number and rounds it to whole Wh.
func (m FileMapping) wattHours(text string) (int64, error) {
	number := strings.ReplaceAll(text, " ", "")
	if m.DecimalComma {
		number = strings.ReplaceAll(strings.ReplaceAll(number, ".", ""), ",", ".")
	} else {
		number = strings.ReplaceAll(number, ",", "")
	}
	v, err := strconv.ParseFloat(number, 64)
	most := 1e12
	if m.Kind != FileIndex {
		most = 1e8 // so that no sum of a file leaves what an int64 holds
	}
	if err != nil || !(v >= 0 && v < most) {
		return 0, models.Errorf(models.CodeInvalid, "%q is no amount of energy or power.", text)
	}
	if v *= 1000; m.Kind == FileKW {
		v *= m.Length.Hours()
	}
	return int64(math.Round(v)), nil
}

// counters makes the readings of a meter's values.
func (m FileMapping) counters(meter string, values []fileValue) (out []FileStretch, bad []FileRow) {
	slices.SortStableFunc(values, func(a, b fileValue) int { return a.from.Compare(b.from) })
	put := func(at time.Time, wh int64) {
		r := models.Reading{Meter: meter, At: at, Step: m.Length, Source: models.SourceFile}
		r.Values.Set(models.QEImport, wh)
		last := &out[len(out)-1]
		last.Readings = append(last.Readings, r)
	}
	var counter int64
	var till time.Time
	for i, v := range values {
		switch {
		case i > 0 && v.from.Equal(values[i-1].from):
			if v.wh != values[i-1].wh {
				bad = append(bad, FileRow{v.line, models.Errorf(models.CodeConflict, "Line %d says something else of the same time.", values[i-1].line)})
				values[i].wh, values[i].line = values[i-1].wh, values[i-1].line
			}
		case m.Kind == FileIndex:
			if len(out) == 0 {
				out = append(out, FileStretch{Line: v.line})
			}
			put(v.from, v.wh)
		case v.from.Before(till):
			bad = append(bad, FileRow{v.line, models.Errorf(models.CodeConflict, "The interval begins before the one ahead of it has ended.")})
		default:
			if len(out) == 0 || v.from.After(till) {
				out, counter = append(out, FileStretch{Line: v.line}), 0
				put(v.from, 0)
			}
			counter, till = counter+v.wh, v.till
			put(till, counter)
		}
	}
	return out, bad
}
