package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// openText opens a file, unpacked when its name ends with .gz.
func openText(path string) (*bufio.Reader, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, models.Errorf(models.CodeInvalid, "%v", err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return bufio.NewReaderSize(f, 1<<20), f, nil
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		_ = f.Close()
		return nil, nil, models.Errorf(models.CodeInvalid, "%s: %v", path, err)
	}
	return bufio.NewReaderSize(z, 1<<20), f, nil
}

// clock turns RFC 3339 texts into Unix seconds; the same text comes many times.
type clock struct {
	text []byte
	unix int64
}

func (c *clock) parse(text []byte) (int64, error) {
	if bytes.Equal(text, c.text) {
		return c.unix, nil
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return 0, err
	}
	c.text, c.unix = append(c.text[:0], text...), t.Unix()
	return c.unix, nil
}

// feed pushes readings and weather into the engine, in order of time, and gives
// the number of readings.
func (c *BacktestCmd) feed(engine *stream.Engine, step time.Duration) (int, error) {
	weather, err := readWeather(c.Weather)
	if err != nil {
		return 0, err
	}
	in, file, err := openText(c.Readings)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	if _, err := in.ReadSlice('\n'); err != nil {
		return 0, models.Errorf(models.CodeInvalid, "%s: no header: %v", c.Readings, err)
	}
	numbers := map[string]int{}
	var now clock
	last, count := int64(math.MinInt64), 0
	for line := 2; ; line++ {
		text, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(text)) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return count, fmt.Errorf("%s, line %d: %w", c.Readings, line, err)
		}
		at, meter, kw, kwh, err := parseReading(&now, text)
		if err != nil {
			return count, models.Errorf(models.CodeInvalid, "%s, line %d: %v", c.Readings, line, err)
		}
		if at < last {
			return count, models.Errorf(models.CodeInvalid, "%s, line %d: not sorted by time", c.Readings, line)
		}
		for len(weather) > 0 && weather[0].at <= at {
			engine.Weather(weather[0].at, weather[0].celsius)
			weather = weather[1:]
		}
		last = at
		i, known := numbers[string(meter)]
		if !known {
			i = engine.Meter(string(meter))
			numbers[string(meter)] = i
		}
		if i >= 0 {
			engine.Push(i, at, kw, kwh)
			count++
		}
	}
	if count > 0 {
		engine.Finish(last + int64(step/time.Second))
	}
	return count, nil
}

// parseReading splits a line; empty numbers are NaN.
func parseReading(now *clock, line []byte) (at int64, meter []byte, kw, kwh float64, err error) {
	line = bytes.TrimRight(line, "\r\n")
	var field [4][]byte
	n := 0
	for n < 3 {
		i := bytes.IndexByte(line, ',')
		if i < 0 {
			break
		}
		field[n], line = line[:i], line[i+1:]
		n++
	}
	field[n] = line
	if n < 2 {
		return 0, nil, 0, 0, errors.New("want timestamp,meter_id,kw,kwh")
	}
	if at, err = now.parse(field[0]); err != nil {
		return 0, nil, 0, 0, err
	}
	if kw, err = number(field[2]); err != nil {
		return 0, nil, 0, 0, err
	}
	kwh, err = number(field[3])
	return at, field[1], kw, kwh, err
}

// number reads a decimal; nothing is NaN. Plain decimals are read here, others by
// strconv.
func number(text []byte) (float64, error) {
	if len(text) == 0 {
		return math.NaN(), nil
	}
	digits, scale, i := int64(0), -1, 0
	negative := text[0] == '-'
	if negative {
		i = 1
	}
	for ; i < len(text); i++ {
		switch ch := text[i]; {
		case ch >= '0' && ch <= '9' && len(text) < 17:
			digits = digits*10 + int64(ch-'0')
			if scale >= 0 {
				scale++
			}
		case ch == '.' && scale < 0:
			scale = 0
		default:
			return strconv.ParseFloat(string(text), 64)
		}
	}
	v := float64(digits)
	if scale > 0 {
		v /= powers[scale]
	}
	if negative {
		v = -v
	}
	return v, nil
}

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17}

type temperature struct {
	at      int64
	celsius float64
}

// readWeather reads the whole weather file: one line an interval.
func readWeather(path string) ([]temperature, error) {
	if path == "" {
		return nil, nil
	}
	in, file, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var out []temperature
	scanner := bufio.NewScanner(in)
	for line := 1; scanner.Scan(); line++ {
		at, value, ok := strings.Cut(strings.TrimSpace(scanner.Text()), ",")
		if line == 1 || !ok || value == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "%s, line %d: %v", path, line, err)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "%s, line %d: %v", path, line, err)
		}
		out = append(out, temperature{t.Unix(), v})
	}
	return out, scanner.Err()
}
