package enforcement_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store/storetest"
)

// filesOf reads the files of a package.
func filesOf(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestPackage_HasTheRegistersThatItsReadingsWereMadeOf(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	files := filesOf(t, content)
	layouts := map[string]*models.RegisterLayout{}
	for path, text := range files {
		if name, is := strings.CutPrefix(path, "readings/layouts/"); is {
			sum := sha256.Sum256(text)
			l, err := models.ParseRegisterLayout(string(text))
			if err != nil || name != hex.EncodeToString(sum[:])+".txt" || l.Profile != "eastron/sdm630" || len(l.ProfileDigest) != 64 {
				t.Errorf("%s: %+v %v", path, l, err)
			}
			layouts[hex.EncodeToString(sum[:])] = l
		}
	}
	if len(layouts) != 1 {
		t.Fatalf("%d layouts, want the one that the meter was read by", len(layouts))
	}
	// With the two files and nothing of this program's coding, a person gets the power and the
	// voltage in the table of readings.
	values := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(files["readings/M-__1.csv"])), "\n") {
		cells := strings.Split(line, ",")
		values[cells[0]] = cells
	}
	column := func(name string) int { return slices.Index(values["at"], name) }
	power, volts, lines := column("p_total"), column("v_l1"), strings.Split(strings.TrimSpace(string(files["readings/M-__1.registers.csv"])), "\n")
	if power < 0 || volts < 0 || len(lines) != 1+2*340-34 {
		t.Fatalf("%d lines of registers; columns %d %d of %v", len(lines), power, volts, values["at"])
	}
	for _, line := range lines[1:] {
		c := strings.Split(line, ",")
		column, scale := volts, 1000.0
		if c[4] == "52" {
			column, scale = power, 1
		}
		bits, err := strconv.ParseUint(c[5][:8], 16, 32)
		want, err2 := strconv.ParseFloat(values[c[0]][column], 64)
		if got := float64(math.Float32frombits(uint32(bits))); err != nil || err2 != nil || layouts[c[2]] == nil || math.Round(got*scale) != math.Round(want*scale) {
			t.Fatalf("%s: the words give %g, the table of readings says %g (%v %v)", line, got, want, err, err2)
		}
	}
}

func TestPackage_ALayoutOrTableTooManyOrTooFewIsNamed(t *testing.T) {
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	_, content := b.export(t, enforcement.PackageRequest{})
	parts := map[string]string{"no layout": layoutFile, "no table": "readings/M-__1.registers.csv", "another layout": "readings/layouts/00.txt", "a table of nobody": "readings/M2.registers.csv"}
	for name, forged := range forgeFiles(t, content) {
		var broken *enforcement.Broken
		if _, err := check(forged); !errors.As(err, &broken) || !isPart(broken.Part, parts[name]) {
			t.Errorf("%s: %v, want %s to be named", name, err, parts[name])
		}
	}
}

// forgeFiles gives packages with a file too few or too many, signed again.
func forgeFiles(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	layout := ""
	for path := range filesOf(t, content) {
		if isPart(path, layoutFile) {
			layout = path
		}
	}
	out := map[string][]byte{}
	for name, change := range map[string]func(f map[string][]byte){
		"no layout":         func(f map[string][]byte) { delete(f, layout) },
		"no table":          func(f map[string][]byte) { delete(f, "readings/M-__1.registers.csv") },
		"another layout":    func(f map[string][]byte) { f["readings/layouts/00.txt"] = f[layout] },
		"a table of nobody": func(f map[string][]byte) { f["readings/M2.registers.csv"] = f["readings/M-__1.registers.csv"] },
	} {
		files := filesOf(t, content)
		before := maps.Clone(files)
		change(files)
		if maps.EqualFunc(before, files, bytes.Equal) {
			t.Fatalf("%s: nothing was changed", name)
		}
		forged, err := enforcement.ResealFiles(files, documentKey)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = forged
	}
	return out
}
