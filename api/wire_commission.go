package api

import (
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// CommissionLinkWire is a link at which a collector takes work.
type CommissionLinkWire struct {
	Collector string    `json:"collector"`
	Endpoint  string    `json:"endpoint"`
	Meters    int       `json:"meters" doc:"That are read there already"`
	Codes     []string  `json:"codes" nullable:"false" doc:"Of the first few of them"`
	LoadPct   float64   `json:"load_pct" doc:"How much of its time their plan keeps it busy"`
	AskedAt   time.Time `json:"asked_at" doc:"When its collector last asked for work"`
}

// CommissionAskWire asks for a job.
type CommissionAskWire struct {
	Task      string `json:"task" enum:"scan,read"`
	Collector string `json:"collector" minLength:"1" maxLength:"64"`
	Endpoint  string `json:"endpoint" minLength:"1" maxLength:"200"`
	Units     []int  `json:"units" minItems:"1" maxItems:"248" nullable:"false" doc:"Unit ids; one to read"`
	Profile   string `json:"profile,omitempty" maxLength:"64" doc:"To read by"`
}

// CommissionJobWire is a job of a collector.
type CommissionJobWire struct {
	ID        string     `json:"id"`
	Task      string     `json:"task" enum:"scan,read"`
	Collector string     `json:"collector"`
	Endpoint  string     `json:"endpoint"`
	Units     []int      `json:"units" nullable:"false"`
	Profile   string     `json:"profile,omitempty"`
	State     string     `json:"state" enum:"asked,taken,done,failed,cancelled,expired"`
	Progress  int        `json:"progress" doc:"Units that were asked already"`
	AskedAt   time.Time  `json:"asked_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	SeenAt    *time.Time `json:"seen_at,omitempty" doc:"When something was last heard of whoever does it"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Why       string     `json:"why,omitempty" doc:"Why it failed"`
	Scan      *ScanWire  `json:"scan,omitempty"`
	Read      *ReadWire  `json:"read,omitempty"`
	Meter     string     `json:"meter,omitempty" doc:"Id of the meter that was bound by this read"`
}

func unitNumbers(units []uint8) []int {
	out := make([]int, len(units))
	for i, u := range units {
		out[i] = int(u)
	}
	return out
}

func commissionJobWire(j *models.CommissionJob, now time.Time) CommissionJobWire {
	return CommissionJobWire{ID: j.ID, Task: string(j.Task), Collector: j.Collector, Endpoint: j.Endpoint, Units: unitNumbers(j.Units), Profile: j.Profile,
		State: string(j.State(now)), Progress: j.Progress, AskedAt: j.Asked, ExpiresAt: j.Expires, SeenAt: optionalTime(j.Seen), EndedAt: optionalTime(j.Ended), Why: j.Why}
}

// ScanWire is what a scan found.
type ScanWire struct {
	Units []ScannedUnitWire `json:"units" maxItems:"256" nullable:"false"`
}

// ScannedUnitWire is a unit that answers.
type ScannedUnitWire struct {
	Unit      int            `json:"unit" minimum:"0" maximum:"255"`
	Meter     string         `json:"meter,omitempty" maxLength:"64" doc:"Code of the meter that it is already; it was left alone"`
	Identity  IdentityWire   `json:"identity"`
	SunSpec   *SunSpecWire   `json:"sunspec,omitempty"`
	Proposals []ProposalWire `json:"proposals" maxItems:"64" nullable:"false" doc:"Profiles by which its registers make sense, the likeliest first"`
	Sure      bool           `json:"sure,omitempty" doc:"There is evidence for the first that there is not for the next"`
}

// IdentityWire is what a device says it is by function 43/14.
type IdentityWire struct {
	Vendor   string `json:"vendor,omitempty" maxLength:"256"`
	Product  string `json:"product,omitempty" maxLength:"256"`
	Revision string `json:"revision,omitempty" maxLength:"256"`
}

// SunSpecWire is what a device tells about itself as SunSpec has it.
type SunSpecWire struct {
	Base    int                `json:"base" minimum:"0" maximum:"65535"`
	Maker   string             `json:"maker" maxLength:"64"`
	Model   string             `json:"model" maxLength:"64"`
	Version string             `json:"version" maxLength:"64"`
	Serial  string             `json:"serial" maxLength:"64"`
	Models  []SunSpecModelWire `json:"models" maxItems:"64" nullable:"false"`
}

// SunSpecModelWire is a block of a SunSpec device.
type SunSpecModelWire struct {
	ID     int `json:"id" minimum:"0" maximum:"65535"`
	Addr   int `json:"addr" minimum:"0" maximum:"65535"`
	Length int `json:"length" minimum:"0" maximum:"65535"`
}

// ProposalWire is a profile by which a unit's registers make sense.
type ProposalWire struct {
	Profile  string   `json:"profile" maxLength:"64"`
	Why      []string `json:"why" maxItems:"8" nullable:"false"`
	Values   int      `json:"values" minimum:"0" maximum:"1000"`
	Of       int      `json:"of" minimum:"0" maximum:"1000"`
	PowerW   *int64   `json:"power_w,omitempty"`
	Identity bool     `json:"identity,omitempty" doc:"The device has told that it is of this profile"`
}

// ReadWire is what a unit said when it was read once; before the transformers' ratio.
type ReadWire struct {
	At        time.Time      `json:"at"`
	Identity  IdentityWire   `json:"identity"`
	SunSpec   *SunSpecWire   `json:"sunspec,omitempty"`
	Quality   string         `json:"quality" maxLength:"32"`
	Registers []RegisterWire `json:"registers" maxItems:"200" nullable:"false"`
	Raw       []RawReadWire  `json:"raw" maxItems:"400" nullable:"false"`
}

// RawReadWire is one request with what came.
type RawReadWire struct {
	ModbusReadWire
	Words string `json:"words" maxLength:"700" doc:"As on the wire, four hex digits each"`
}

func identityWire(i metering.Identity) IdentityWire {
	return IdentityWire{Vendor: i.Vendor, Product: i.Product, Revision: i.Revision}
}

func sunSpecWire(s *metering.SunSpec) *SunSpecWire {
	if s == nil {
		return nil
	}
	w := &SunSpecWire{Base: int(s.Base), Maker: s.Maker, Model: s.Model, Version: s.Version, Serial: s.Serial, Models: []SunSpecModelWire{}}
	for _, m := range s.Models {
		w.Models = append(w.Models, SunSpecModelWire{int(m.ID), int(m.Addr), int(m.Length)})
	}
	return w
}

func (w *SunSpecWire) sunSpec() *metering.SunSpec {
	if w == nil {
		return nil
	}
	s := &metering.SunSpec{Base: uint16(w.Base), Maker: w.Maker, Model: w.Model, Version: w.Version, Serial: w.Serial}
	for _, m := range w.Models {
		s.Models = append(s.Models, metering.SunSpecModel{ID: uint16(m.ID), Addr: uint16(m.Addr), Length: uint16(m.Length)})
	}
	return s
}

func scanWire(r *metering.ScanResult) *ScanWire {
	w := &ScanWire{Units: make([]ScannedUnitWire, len(r.Units))}
	for i := range r.Units {
		u := &r.Units[i]
		out := ScannedUnitWire{Unit: int(u.Unit), Meter: u.Meter, Identity: identityWire(u.Identity), SunSpec: sunSpecWire(u.SunSpec), Proposals: []ProposalWire{}, Sure: u.Sure()}
		for _, p := range u.Proposals {
			out.Proposals = append(out.Proposals, ProposalWire{Profile: p.Profile, Why: append([]string{}, p.Why...), Values: p.Values, Of: p.Of, PowerW: p.Power, Identity: p.Identity})
		}
		w.Units[i] = out
	}
	return w
}

func (w *ScanWire) scan() *metering.ScanResult {
	r := &metering.ScanResult{Units: make([]metering.ScannedUnit, len(w.Units))}
	for i := range w.Units {
		u := &w.Units[i]
		out := metering.ScannedUnit{Meter: u.Meter, Found: metering.Found{Unit: uint8(u.Unit), Identity: metering.Identity(u.Identity), SunSpec: u.SunSpec.sunSpec()}}
		for _, p := range u.Proposals {
			out.Proposals = append(out.Proposals, metering.Proposal{Profile: p.Profile, Why: p.Why, Values: p.Values, Of: p.Of, Power: p.PowerW, Identity: p.Identity})
		}
		r.Units[i] = out
	}
	return r
}

func readWire(r *metering.ReadResult) *ReadWire {
	w := &ReadWire{At: r.At, Identity: identityWire(r.Identity), SunSpec: sunSpecWire(r.SunSpec), Quality: r.Quality.String(), Registers: []RegisterWire{}, Raw: []RawReadWire{}}
	for _, row := range r.Rows {
		w.Registers = append(w.Registers, RegisterWire{Quantity: row.Quantity.String(), Value: row.Value, Unit: row.Unit, Quality: row.Quality.String(), Words: row.Registers})
	}
	for _, b := range r.Raw {
		w.Raw = append(w.Raw, RawReadWire{ModbusReadWire{int(b.FC), int(b.Addr), int(b.Count)}, metering.Hex(b.Words)})
	}
	return w
}

// read takes a read from the wire. Words that are none are named.
func (w *ReadWire) read() (*metering.ReadResult, error) {
	var bad models.Invalid
	r := &metering.ReadResult{At: w.At.UTC(), Identity: metering.Identity(w.Identity), SunSpec: w.SunSpec.sunSpec()}
	var known bool
	if r.Quality, known = models.ParseQuality(w.Quality); !known {
		bad.Add("/read/quality", "unknown", "%q is no quality.", w.Quality)
	}
	for i, row := range w.Registers {
		q, is := models.ParseQuantity(row.Quantity)
		quality, also := models.ParseQuality(row.Quality)
		if !is || !also {
			bad.Add("/read/registers/"+strconv.Itoa(i), "unknown", "%q of %q is no quantity with a quality.", row.Quantity, row.Quality)
			continue
		}
		r.Rows = append(r.Rows, metering.Row{Quantity: q, Value: row.Value, Unit: q.Unit(), Quality: quality, Registers: row.Words})
	}
	for i, b := range w.Raw {
		regs := metering.Registers{Request: metering.Request{FC: uint8(b.Function), Addr: uint16(b.Address), Count: uint16(b.Count)}, At: r.At}
		for word := range strings.FieldsSeq(b.Words) {
			n, err := strconv.ParseUint(word, 16, 16)
			if err != nil {
				bad.Add("/read/raw/"+strconv.Itoa(i), "format", "Write registers as four hex digits each.")
				break
			}
			regs.Words = append(regs.Words, uint16(n))
		}
		r.Raw = append(r.Raw, regs)
	}
	return r, bad.Err()
}
