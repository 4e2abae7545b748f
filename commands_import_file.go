package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"rigistry/models"
	"rigistry/services/metering"
)

// Help shows the form of the mapping of interval files.
func (*ImportCmd) Help() string {
	return `Files of metering systems are read with --mapping, a JSON file that says how:

  {"delimiter": ";", "decimal_comma": true, "meter": "Meter", "time": "Date", "clock": "Time", "layout": "02.01.2006 15:04",
   "zone": "kz", "value": "kWh", "kind": "kwh", "length_min": 30, "at_end": false}

meter, time, clock and value name columns of the heading; "code" gives the code of the one meter of a file instead. kind is
kwh (energy of each interval), kw (mean power) or index (the counter in kWh). zone is +05:00, UTC, or kz: the legal time of
Almaty and Astana, UTC+6 until 1 March 2024 and UTC+5 since; the hour that came twice is read as two hours. A file again
changes nothing; one that goes on where another ended continues its counter.`
}

// fileMapping is the form of a mapping on the disk.
type fileMapping struct {
	Delimiter    string  `json:"delimiter"`
	DecimalComma bool    `json:"decimal_comma"`
	Meter        string  `json:"meter"`
	Code         string  `json:"code"`
	Time         string  `json:"time"`
	Clock        string  `json:"clock"`
	Layout       string  `json:"layout"`
	Zone         string  `json:"zone"`
	Value        string  `json:"value"`
	Kind         string  `json:"kind"`
	LengthMin    float64 `json:"length_min"`
	AtEnd        bool    `json:"at_end"`
}

func readMapping(name string) (metering.FileMapping, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return metering.FileMapping{}, models.Errorf(models.CodeInvalid, "--mapping: %v", err)
	}
	var f fileMapping
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return metering.FileMapping{}, models.Errorf(models.CodeInvalid, "%s: %v. Its form is shown by `rigistry import --help`.", name, err)
	}
	if utf8.RuneCountInString(f.Delimiter) > 1 {
		return metering.FileMapping{}, models.Errorf(models.CodeInvalid, "%s: the delimiter is one character.", name)
	}
	m := metering.FileMapping{DecimalComma: f.DecimalComma, Meter: f.Meter, Code: f.Code, Time: f.Time, Clock: f.Clock, Layout: f.Layout,
		Zone: f.Zone, Value: f.Value, Kind: metering.FileValue(f.Kind), Length: time.Duration(f.LengthMin * float64(time.Minute)), AtEnd: f.AtEnd}
	if f.Delimiter != "" {
		m.Delimiter, _ = utf8.DecodeRuneInString(f.Delimiter)
	}
	return m, nil
}

// intervals takes in a file of a metering system.
func (c *ImportCmd) intervals(app *App) error {
	if c.Kind != "readings" {
		return models.Errorf(models.CodeInvalid, "--mapping is for readings.")
	}
	mapping, err := readMapping(c.Mapping)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	s, err := app.OpenStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	mode := metering.FileWrite
	if c.DryRun {
		mode = metering.FileDryRun
	}
	got, err := metering.New(s, s.Now).ImportFile(app.Ctx, models.System(), mapping, data, mode)
	if err != nil {
		return err
	}
	result := importResult{rows: got.Readings + len(got.Bad), added: got.Added, known: got.Known}
	if c.DryRun {
		result.added = got.Readings
	}
	for _, f := range got.Bad {
		result.failed = append(result.failed, rowFailure{f.Line, f.Err})
	}
	return c.report(app, result)
}
