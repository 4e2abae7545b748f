package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readStrict reads one JSON value and nothing else: no unknown field, no field twice,
// no field in other letters, no bytes that are no text, nothing after the end.
func readStrict(b []byte, v any) error {
	if err := plainJSON(b); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// plainJSON tells what is wrong with a JSON text that two readers could read in two ways.
func plainJSON(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := plainValue(dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

const maxDepth = 20

func plainValue(dec *json.Decoder, depth int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	open, nested := t.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return errors.New("it is nested too deep")
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '{' {
			t, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ := t.(string)
			if seen[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
				return fmt.Errorf("the field %q stands twice or is none of ours", name)
			}
			seen[name] = true
		}
		if err := plainValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// kilowatts writes whole watts as kW exactly.
func kilowatts(watts int64) json.Number {
	s := fmt.Sprintf("%d.%03d", watts/1000, watts%1000)
	return json.Number(strings.TrimSuffix(strings.TrimRight(s, "0"), "."))
}

const maxWatts = 1 << 52

// wattsOf reads kW as whole watts.
func wattsOf(kw json.Number) (watts int64, ok bool) {
	f, err := strconv.ParseFloat(string(kw), 64)
	whole := math.Round(f * 1000)
	if err != nil || whole < 0 || whole > maxWatts || math.Abs(f*1000-whole) > 1e-6*math.Max(1, math.Abs(whole)*1e-6) {
		return 0, false
	}
	return int64(whole), true
}
