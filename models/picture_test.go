package models

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// scene draws a picture of its own: a light that falls across, and things of many sizes.
func scene(seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 7))
	const w, h = 480, 360
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	sky := r.Float64() * 60
	for y := range h {
		for x := range w {
			v := uint8(200 - float64(y)*0.3 - sky)
			m.SetRGBA(x, y, color.RGBA{v, v, v - 20, 255})
		}
	}
	for range 70 {
		cx, cy, rx, ry := r.IntN(w), r.IntN(h), 5+r.IntN(60), 5+r.IntN(60)
		c := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
		for y := max(0, cy-ry); y < min(h, cy+ry); y++ {
			for x := max(0, cx-rx); x < min(w, cx+rx); x++ {
				if dx, dy := float64(x-cx)/float64(rx), float64(y-cy)/float64(ry); dx*dx+dy*dy < 1 {
					m.SetRGBA(x, y, c)
				}
			}
		}
	}
	return m
}

func encoded(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func printOfFile(t testing.TB, file []byte) PicturePrint {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return PrintOf(m)
}

// changed applies a point to point change.
func changed(m *image.RGBA, w, h int, at func(x, y int) (int, int), light func(v float64) float64) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := at(x, y)
			c := m.RGBAAt(u, v)
			f := func(b uint8) uint8 { return uint8(math.Min(255, math.Max(0, light(float64(b))))) }
			out.SetRGBA(x, y, color.RGBA{f(c.R), f(c.G), f(c.B), 255})
		}
	}
	return out
}

func same(v float64) float64 { return v }

func TestPicture_AReusedOneIsFoundAfterEachChangeAndDifferentOnesAreNot(t *testing.T) {
	const originals = 12
	found := map[string]int{}
	for seed := range uint64(originals) {
		m := scene(seed)
		earlier := printOfFile(t, encoded(t, m, 90))
		r := rand.New(rand.NewPCG(seed, 3))
		crop := func(share float64) *image.RGBA {
			w, h := int(480*share), int(360*share)
			dx, dy := r.IntN(480-w+1), r.IntN(360-h+1)
			return changed(m, w, h, func(x, y int) (int, int) { return x + dx, y + dy }, same)
		}
		for name, other := range map[string]image.Image{
			"encoded again":  m,
			"made smaller":   changed(m, 200, 150, func(x, y int) (int, int) { return x * 480 / 200, y * 360 / 150 }, same),
			"made brighter":  changed(m, 480, 360, func(x, y int) (int, int) { return x, y }, func(v float64) float64 { return v*1.2 + 15 }),
			"made darker":    changed(m, 480, 360, func(x, y int) (int, int) { return x, y }, func(v float64) float64 { return v * 0.6 }),
			"mirrored":       changed(m, 480, 360, func(x, y int) (int, int) { return 479 - x, y }, same),
			"cropped by 10%": crop(0.9),
			"cropped by 20%": crop(0.8),
			"cropped by 30%": crop(0.7),
		} {
			if score, _ := printOfFile(t, encoded(t, other, 45)).Resembles(earlier); score >= SamePicture {
				found[name]++
			}
		}
	}
	for name, least := range map[string]int{"encoded again": 12, "made smaller": 12, "made brighter": 12, "made darker": 12, "mirrored": 12,
		"cropped by 10%": 12, "cropped by 20%": 11, "cropped by 30%": 9} {
		t.Logf("%s: %d of %d found", name, found[name], originals)
		if found[name] < least {
			t.Errorf("%s: %d of %d found, want at least %d", name, found[name], originals, least)
		}
	}
	prints := []PicturePrint{}
	for seed := range uint64(80) {
		prints = append(prints, PrintOf(scene(1000+seed)))
	}
	wrong := 0
	for i := range prints {
		for j := range i {
			if score, _ := prints[i].Resembles(prints[j]); score > 0 {
				wrong++
			}
		}
	}
	t.Logf("%d of %d pairs of different pictures are taken to be the same", wrong, 80*79/2)
	if wrong > 0 {
		t.Errorf("%d pairs of different pictures are taken to be the same, want none", wrong)
	}
}

func TestPicture_OneColourSaysNothing(t *testing.T) {
	blank := PrintOf(image.NewGray(image.Rect(0, 0, 100, 100)))
	if score, _ := blank.Resembles(blank); score != 0 || !blank.Empty() {
		t.Errorf("two empty pictures resemble each other by %d", score)
	}
}

// exifFile is a JPEG with an EXIF part of these values.
func exifFile(t testing.TB, software, made string, lat, lon uint32) []byte {
	t.Helper()
	var tiff bytes.Buffer
	le := binary.LittleEndian
	put := func(v ...any) {
		for _, x := range v {
			if err := binary.Write(&tiff, le, x); err != nil {
				t.Fatal(err)
			}
		}
	}
	soft, date := append([]byte(software), 0), append([]byte(made), 0)
	const root, gps, data = 8, 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 4*12 + 4
	put([]byte("II"), uint16(42), uint32(root))
	softAt, dateAt := uint32(data), uint32(data+len(soft))
	latAt := dateAt + uint32(len(date))
	put(uint16(3), uint16(0x0131), uint16(2), uint32(len(soft)), softAt, uint16(0x0132), uint16(2), uint32(len(date)), dateAt, uint16(0x8825), uint16(4), uint32(1), uint32(gps), uint32(0))
	put(uint16(4), uint16(1), uint16(2), uint32(2), []byte{'N', 0, 0, 0}, uint16(2), uint16(5), uint32(3), latAt,
		uint16(3), uint16(2), uint32(2), []byte{'E', 0, 0, 0}, uint16(4), uint16(5), uint32(3), latAt+24, uint32(0))
	put(soft, date)
	for _, degrees := range []uint32{lat, lon} {
		put(degrees, uint32(1), uint32(30), uint32(1), uint32(0), uint32(1))
	}
	part := append([]byte("Exif\x00\x00"), tiff.Bytes()...)
	plain := encoded(t, scene(1), 80)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, byte((len(part)+2)>>8), byte(len(part)+2))
	return append(append(out, part...), plain[2:]...)
}

func TestExif_IsReadAndWhatIsBrokenGivesNothing(t *testing.T) {
	file := exifFile(t, "Adobe Photoshop 25", "2026:11:22 10:00:00", 49, 82)
	x := ParseExif(file)
	if x.Software != "Adobe Photoshop 25" || !x.HasPlace || x.LatE7 != 495000000 || x.LonE7 != 825000000 || !x.Made.Equal(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("read %+v", x)
	}
	for n := range min(len(file), 400) {
		ParseExif(file[:n])
		broken := bytes.Clone(file)
		broken[n] ^= 0xFF
		ParseExif(broken)
	}
	if ParseExif([]byte("no picture")).Present {
		t.Error("a text has EXIF")
	}
}

func TestPhoto_IsFlaggedForWhatCannotBeAndAnHonestOneIsNot(t *testing.T) {
	start := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC) // 10:00 in the country
	photo := ProtocolPhoto{At: start.Add(time.Minute), HasPlace: true, LatE7: 495000000, LonE7: 825000000, Accuracy: 10, Source: "camera"}
	honest := PhotoFacts{Photo: photo, Started: start, SiteLat: 495001000, SiteLon: 825001000,
		Blob: &EvidenceBlob{Width: 10, Exif: Exif{Present: true, Made: time.Date(2026, 11, 22, 10, 1, 0, 0, time.UTC), HasPlace: true, LatE7: 495000100, LonE7: 825000100}}}
	for _, c := range []struct {
		name   string
		change func(f *PhotoFacts)
		want   string
	}{
		{"honest", func(*PhotoFacts) {}, ""},
		{"no file", func(f *PhotoFacts) { f.Blob = nil }, PhotoNotReceived},
		{"gallery", func(f *PhotoFacts) { f.Photo.Source = "gallery" }, PhotoGallery},
		{"no place", func(f *PhotoFacts) { f.Photo.HasPlace = false }, PhotoNoPlace},
		{"2 km away", func(f *PhotoFacts) { f.SiteLat += 200000 }, PhotoFar},
		{"far in a minute", func(f *PhotoFacts) {
			f.Before = &ProtocolPhoto{At: start, HasPlace: true, LatE7: 500000000, LonE7: 825000000}
		}, PhotoTravel},
		{"made an hour late", func(f *PhotoFacts) { f.Blob.Exif.Made = f.Blob.Exif.Made.Add(time.Hour) }, PhotoExifTime},
		{"made the day before", func(f *PhotoFacts) { f.Blob.Exif.Made = f.Blob.Exif.Made.Add(-24 * time.Hour) }, PhotoExifTime + " " + PhotoBeforeVisit},
		{"made elsewhere", func(f *PhotoFacts) { f.Blob.Exif.LatE7 += 1000000 }, PhotoExifPlace},
		{"edited", func(f *PhotoFacts) { f.Blob.Exif.Software = "GIMP 2.10" }, PhotoEdited},
		{"reused", func(f *PhotoFacts) { f.Matches = []PictureMatch{{Earlier: "x", Score: 950, How: "crop"}} }, PhotoReused},
		{"the same file", func(f *PhotoFacts) { f.NamedBy = "IN-2026-000001" }, PhotoSameFile},
		{"unreadable", func(f *PhotoFacts) { f.Blob.Width = 0 }, PhotoUnreadable},
	} {
		f, blob := honest, *honest.Blob
		f.Blob = &blob
		c.change(&f)
		got := ""
		for _, flag := range CheckPhoto(f) {
			if got != "" {
				got += " "
			}
			got += flag.Code
		}
		if got != c.want {
			t.Errorf("%s: flags %q, want %q", c.name, got, c.want)
		}
	}
}

func BenchmarkPicture_Resembles(b *testing.B) {
	one, other := PrintOf(scene(1)), PrintOf(scene(2))
	for b.Loop() {
		one.Resembles(other)
	}
}
