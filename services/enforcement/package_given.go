package enforcement

import (
	"encoding/json"
	"strconv"
	"strings"

	"rigistry/models"
)

// The gaps that the check counts again from the sealed readings of a meter.
const (
	gapBare    = "readings_without_registers" // readings with values and no words
	gapNot     = "values_not_given"           // values that the words do not give
	gapForeign = "layout_of_another_profile"  // readings made by another profile, or another edition of it, than the meter's
)

// meterRecord is what of a meter's field of the record the check of values needs.
type meterRecord struct {
	Profile       string `json:"profile"`
	ProfileDigest string `json:"profile_sha256"` // of the profile in this package; "" where it is not known
	CT            string `json:"ct"`
	VT            string `json:"vt"`
}

// transformers reads the ratios of the meter's instrument transformers.
func (m meterRecord) transformers() (models.Transformers, bool) {
	var out [2]float64
	for i, text := range [2]string{m.CT, m.VT} {
		num, den, _ := strings.Cut(text, "/")
		n, err := strconv.ParseInt(num, 10, 64)
		d, err2 := strconv.ParseInt(den, 10, 64)
		if err != nil || err2 != nil || n < 1 || d < 1 {
			return models.Transformers{}, false
		}
		out[i] = float64(n) / float64(d)
	}
	return models.Transformers{Current: out[0], Voltage: out[1]}, true
}

// registersTally counts how the readings of a meter stand to their words.
type registersTally struct {
	meter        meterRecord
	transformers models.Transformers
	known        bool // what the meter is; else its values are not judged

	given         models.Given
	bare, foreign int64
	first         string // when the words do not give a value for the first time
}

func newRegistersTally(m meterRecord) registersTally {
	t := registersTally{meter: m}
	t.transformers, t.known = m.transformers()
	return t
}

func (t *registersTally) add(readings []models.Reading) {
	for i := range readings {
		r := &readings[i]
		switch {
		case r.Registers == nil && r.Values.Len() > 0:
			t.bare++
		case r.Registers == nil || !t.known:
		default:
			before := t.given.Not
			t.given.Judge(r.Registers, &r.Values, t.transformers)
			if before == 0 && t.given.Not > 0 {
				t.first = r.At.UTC().Format("2006-01-02T15:04:05.000000Z")
			}
			if l := r.Registers.Layout; l.Profile != t.meter.Profile || t.meter.ProfileDigest != "" && l.ProfileDigest != t.meter.ProfileDigest {
				t.foreign++
			}
		}
	}
}

// gapsOf writes down what of a meter's readings does not follow from its words.
func (t *registersTally) gapsOf(d *dossier, code string) {
	for name, n := range map[string]int64{gapBare: t.bare, gapNot: t.given.Not, gapForeign: t.foreign} {
		if n > 0 {
			d.missing(name, code, n)
		}
	}
}

// recordOf is the meter as its field of the record has it.
func (d *dossier) recordOf(m models.Meter) meterRecord {
	return meterRecord{Profile: m.Profile, ProfileDigest: d.digests[m.Profile], CT: ratioOf(m.CTNum, m.CTDen), VT: ratioOf(m.VTNum, m.VTDen)}
}

func ratioOf(num, den int64) string { return itoa(num) + "/" + itoa(den) }

// digestOf is the digest of a profile, "" of what has none.
func digestOf(profile any) string {
	if p, has := profile.(interface{ Digest() string }); has {
		return p.Digest()
	}
	return ""
}

// meterOf finds the meter of a file of chunks in the record.
func (v *packageCheck) meterOf(name string) (code string, m meterRecord, err error) {
	for id, l := range v.fieldv {
		c, is := strings.CutPrefix(id, "meter.")
		if !is || "readings/"+safeName(c) != name {
			continue
		}
		if l.Commitment == "" {
			if err := json.Unmarshal(l.Value, &m); err != nil {
				return "", m, broken(fileRecord, "the field %s cannot be read: %v", id, err)
			}
		}
		return c, m, nil
	}
	return "", m, broken(name+".chunks", "no meter of the record has these readings")
}

// gapsSaid reads what the gaps say of a meter; there is false when they were taken out.
func (v *packageCheck) gapsSaid(code string) (said map[string]int64, there bool, err error) {
	l := v.fieldv["gaps"]
	if l.Commitment != "" {
		return nil, false, nil
	}
	var gaps []gap
	if err := json.Unmarshal(l.Value, &gaps); err != nil {
		return nil, false, broken(fileRecord, "the gaps cannot be read: %v", err)
	}
	said = map[string]int64{}
	for _, g := range gaps {
		if g.What == code {
			said[g.Code] = g.N
		}
	}
	return said, true, nil
}

// end compares what was counted with what the gaps say. Packages of earlier releases do
// not say how many readings have no words; what the words do not give has to be said.
func (t *registersTally) end(v *packageCheck, name, code string) error {
	v.report.Given += t.given.Given
	v.report.Elsewhere += t.given.Other
	v.report.NotGiven += t.given.Not
	v.report.Bare += t.bare
	said, there, err := v.gapsSaid(code)
	if err != nil || !there {
		return err
	}
	if t.known && said[gapNot] != t.given.Not {
		return broken(name+".chunks", "the registers do not give %d of its values, first at %s, and the gaps say %d", t.given.Not, t.first, said[gapNot])
	}
	for _, c := range []struct {
		code string
		n    int64
	}{{gapBare, t.bare}, {gapForeign, t.foreign}} {
		if n, stated := said[c.code]; stated && n != c.n && (t.known || c.code == gapBare) {
			return broken(fileRecord, "the gaps say %d of %s of meter %s, and there are %d", n, c.code, code, c.n)
		}
	}
	return nil
}
