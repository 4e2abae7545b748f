package models

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// Exif is what a picture says about itself (EXIF 2.32). It proves nothing: it is set
// beside what the device recorded.
type Exif struct {
	Present  bool
	Made     time.Time // UTC when HasZone, else the digits as if they were UTC
	HasZone  bool
	Maker    string
	Model    string
	Software string
	HasPlace bool
	LatE7    int64
	LonE7    int64
}

// maxExifText bounds the texts that are kept.
const maxExifText = 100

// ParseExif reads the EXIF part of a JPEG. A file without one, or with a broken one,
// gives what could be read.
func ParseExif(file []byte) Exif {
	tiff := exifPart(file)
	if len(tiff) < 8 {
		return Exif{}
	}
	t := tiffReader{b: tiff, order: binary.LittleEndian}
	switch string(tiff[:2]) {
	case "II":
	case "MM":
		t.order = binary.BigEndian
	default:
		return Exif{}
	}
	root := t.tags(t.order.Uint32(tiff[4:]))
	x := Exif{Present: true, Maker: t.text(root[0x010F]), Model: t.text(root[0x0110]), Software: t.text(root[0x0131])}
	made, zone := t.text(root[0x0132]), ""
	if e, ok := root[0x8769]; ok {
		sub := t.tags(e.value)
		if original := t.text(sub[0x9003]); original != "" {
			made, zone = original, t.text(sub[0x9011])
		}
	}
	if at, err := time.Parse("2006:01:02 15:04:05-07:00", made+zone); err == nil {
		x.Made, x.HasZone = at.UTC(), true
	} else if at, err := time.Parse("2006:01:02 15:04:05", made); err == nil {
		x.Made = at
	}
	if e, ok := root[0x8825]; ok {
		gps := t.tags(e.value)
		lat, okLat := t.degrees(gps[2])
		lon, okLon := t.degrees(gps[4])
		if okLat && okLon && (lat != 0 || lon != 0) {
			if strings.HasPrefix(t.text(gps[1]), "S") {
				lat = -lat
			}
			if strings.HasPrefix(t.text(gps[3]), "W") {
				lon = -lon
			}
			x.HasPlace, x.LatE7, x.LonE7 = true, int64(math.Round(lat*1e7)), int64(math.Round(lon*1e7))
		}
	}
	return x
}

// exifPart finds the TIFF structure in the segments of a JPEG.
func exifPart(file []byte) []byte {
	if len(file) < 4 || file[0] != 0xFF || file[1] != 0xD8 {
		return nil
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xFF && file[at+1] != 0xDA; {
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		if size < 2 || at+2+size > len(file) {
			return nil
		}
		if body := file[at+4 : at+2+size]; file[at+1] == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body[6:]
		}
		at += 2 + size
	}
	return nil
}

type tiffTag struct {
	kind  uint16
	count uint32
	value uint32 // or offset
	at    int    // where the value stands in the directory
}

type tiffReader struct {
	b     []byte
	order binary.ByteOrder
}

// tags reads one directory; what lies outside the part is left out.
func (t tiffReader) tags(offset uint32) map[uint16]tiffTag {
	out := map[uint16]tiffTag{}
	at := int64(offset)
	if at < 0 || at+2 > int64(len(t.b)) {
		return out
	}
	n := int64(t.order.Uint16(t.b[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(t.b)) {
			break
		}
		out[t.order.Uint16(t.b[e:])] = tiffTag{kind: t.order.Uint16(t.b[e+2:]), count: t.order.Uint32(t.b[e+4:]), value: t.order.Uint32(t.b[e+8:]), at: int(e + 8)}
	}
	return out
}

// text reads an ASCII value, "" when it is none.
func (t tiffReader) text(e tiffTag) string {
	if e.kind != 2 || e.count == 0 {
		return ""
	}
	from, n := int64(e.value), int64(e.count)
	if n <= 4 {
		from = int64(e.at)
	}
	if from+n > int64(len(t.b)) {
		return ""
	}
	s, _, _ := strings.Cut(string(t.b[from:from+n]), "\x00")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), maxExifText)])
}

// degrees reads three rationals as degrees.
func (t tiffReader) degrees(e tiffTag) (float64, bool) {
	if e.kind != 5 || e.count != 3 || int64(e.value)+24 > int64(len(t.b)) {
		return 0, false
	}
	sum, unit := 0.0, 1.0
	for i := range 3 {
		at := int(e.value) + 8*i
		over, under := t.order.Uint32(t.b[at:]), t.order.Uint32(t.b[at+4:])
		if under == 0 {
			return 0, false
		}
		sum += float64(over) / float64(under) / unit
		unit *= 60
	}
	return sum, sum <= 180
}
