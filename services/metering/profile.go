package metering

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"rigistry/models"
)

//go:embed profiles/*.yaml
var profileFiles embed.FS

// Profiles is the set of register profiles that are known, by id.
type Profiles struct {
	list []models.Profile
}

// shipped loads the embedded profiles once; they cannot change while the
// program runs.
var shipped = sync.OnceValues(func() (*Profiles, error) { return LoadProfiles(profileFiles, "profiles") })

// ShippedProfiles gives the profiles that are part of the program.
func ShippedProfiles() (*Profiles, error) { return shipped() }

// LoadProfiles reads every .yaml file of a folder, strictly. The error names
// each file and field that is wrong.
func LoadProfiles(files fs.FS, dir string) (*Profiles, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	p := &Profiles{}
	var problems []error
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read profile: %w", err)
		}
		one, err := ParseProfile(path.Base(name), data)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if _, exists := p.find(one.ID); exists {
			problems = append(problems, fmt.Errorf("%s: id: another file has the id %q", path.Base(name), one.ID))
			continue
		}
		p.list = append(p.list, *one)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	slices.SortFunc(p.list, func(a, b models.Profile) int { return strings.Compare(a.ID, b.ID) })
	return p, nil
}

// All lists the profiles by id. The caller must not change them.
func (p *Profiles) All() []models.Profile { return p.list }

func (p *Profiles) find(id string) (*models.Profile, bool) {
	for i := range p.list {
		if p.list[i].ID == id {
			return &p.list[i], true
		}
	}
	return nil, false
}

// Find gives the profile with the id, or with the part of it after the slash
// when only one profile has that ("sdm630" for "eastron/sdm630"). The error has
// CodeInvalid and names the ids there are.
func (p *Profiles) Find(id string) (*models.Profile, error) {
	if found, ok := p.find(id); ok {
		return found, nil
	}
	var match *models.Profile
	ids := make([]string, 0, len(p.list))
	for i := range p.list {
		ids = append(ids, p.list[i].ID)
		if _, short, _ := strings.Cut(p.list[i].ID, "/"); id != "" && strings.EqualFold(short, id) {
			if match != nil {
				match = nil
				break
			}
			match = &p.list[i]
		}
	}
	if match != nil {
		return match, nil
	}
	return nil, models.Errorf(models.CodeInvalid, "There is no register profile %q. There are: %s.", id, strings.Join(ids, ", "))
}

// ParseProfile reads one profile file. Unknown keys, a register outside the
// address space, two readings of one register that disagree, a value longer than
// a request, missing evidence and any access but reading are refused; the error
// names the file and the field.
func ParseProfile(file string, data []byte) (*models.Profile, error) {
	var f fileProfile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document", file)
	}
	b := &profileBuilder{file: file, f: &f}
	p := b.build()
	if len(b.problems) > 0 {
		return nil, errors.Join(b.problems...)
	}
	return p, nil
}

// profileBuilder turns a file into a profile and collects what is wrong with it.
type profileBuilder struct {
	file     string
	f        *fileProfile
	problems []error
}

func (b *profileBuilder) bad(field, format string, args ...any) {
	b.problems = append(b.problems, fmt.Errorf("%s: %s: %s", b.file, field, fmt.Sprintf(format, args...)))
}

var profileID = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)

func (b *profileBuilder) build() *models.Profile {
	f := b.f
	p := &models.Profile{ID: f.ID, Vendor: f.Vendor, Models: f.Models}
	if f.Schema != "rigistry-profile/1" {
		b.bad("schema", "is %q; this program reads rigistry-profile/1", f.Schema)
	}
	if !profileID.MatchString(f.ID) {
		b.bad("id", "%q is not of the form vendor/model in lower case", f.ID)
	}
	if f.Vendor == "" || len(f.Models) == 0 {
		b.bad("models", "a vendor and at least one model are needed")
	}
	if f.Defaults.Access != "ro" {
		b.bad("defaults.access", "is %q; only ro is accepted, this program never writes to a meter", f.Defaults.Access)
	}
	if !slices.Contains([]int{0, 1, 30001, 40001}, f.AddressBase) {
		b.bad("address_base", "is %d; it may be 0, 1, 30001 or 40001", f.AddressBase)
	}
	p.Evidence = b.evidence()
	p.Limits = b.limits()
	for i, id := range f.Identify {
		field := fmt.Sprintf("identify[%d]", i)
		enc := b.encoding(field, id.Type, id.Order, 0)
		if len(id.AnyOf) == 0 {
			b.bad(field+".any_of", "is empty")
			continue
		}
		p.Identify = append(p.Identify, models.ProfileIdentify{FC: b.fc(field, id.FC), Addr: b.addr(field+".addr", id.Addr, enc.Width()), Enc: enc, AnyOf: id.AnyOf, Optional: id.Optional})
	}
	for i, o := range f.Options {
		field := fmt.Sprintf("options[%d]", i)
		enc := b.encoding(field, o.Type, o.Order, 0)
		if o.Name == "" || len(o.Map) == 0 {
			b.bad(field, "an option needs a name and a map")
			continue
		}
		p.Options = append(p.Options, models.ProfileOption{Name: o.Name, FC: b.fc(field, o.FC), Addr: b.addr(field+".addr", o.Addr, enc.Width()), Enc: enc, Values: o.Map})
	}
	if len(f.Points) == 0 {
		b.bad("points", "there are none")
	}
	for i := range f.Points {
		if pt, ok := b.point(i, p); ok {
			p.Points = append(p.Points, pt)
		}
	}
	b.together(p)
	return p
}

func (b *profileBuilder) evidence() models.ProfileEvidence {
	f := b.f.Evidence
	e := models.ProfileEvidence{Grade: models.EvidenceGrade(f.Grade), VerifiedOn: f.VerifiedOn}
	for i, s := range f.Sources {
		if s.Title == "" {
			b.bad(fmt.Sprintf("evidence.sources[%d].title", i), "is missing")
		}
		e.Sources = append(e.Sources, models.ProfileSource{Title: s.Title, Rev: s.Rev, Page: s.Page})
	}
	need := map[models.EvidenceGrade]int{models.EvidenceOfficial: 1, models.EvidenceTwoSource: 2, models.EvidenceSingle: 1, models.EvidenceUnverified: 0}
	least, known := need[e.Grade]
	switch {
	case !known:
		b.bad("evidence.grade", "is %q; it must be official, two-source, single or unverified", f.Grade)
	case len(e.Sources) < least:
		b.bad("evidence.sources", "the grade %s needs at least %d, there are %d", e.Grade, least, len(e.Sources))
	}
	return e
}

func (b *profileBuilder) limits() models.ProfileLimits {
	f := b.f.Limits
	l := models.ProfileLimits{MaxRegs: 125, QtyMultiple: 1, MaxGap: -1, ResponseTimeout: time.Second, MaxConns: 1}
	switch {
	case f.MaxRegs < 0 || f.MaxRegs > 125:
		b.bad("limits.max_regs", "is %d; Modbus allows 1 to 125", f.MaxRegs)
	case f.MaxRegs > 0:
		l.MaxRegs = uint16(f.MaxRegs)
	}
	switch {
	case f.QtyMultiple < 0 || f.QtyMultiple > 8:
		b.bad("limits.qty_multiple", "is %d; it may be 1 to 8", f.QtyMultiple)
	case f.QtyMultiple > 0:
		l.QtyMultiple = uint16(f.QtyMultiple)
	}
	if gap := f.MaxGap.Value; gap != "" && gap != "auto" {
		if err := f.MaxGap.Decode(&l.MaxGap); err != nil || l.MaxGap < 0 {
			b.bad("limits.max_gap", "is %q; it may be auto or a number of registers", gap)
		}
	}
	for i, r := range f.NoGapRanges {
		field := fmt.Sprintf("limits.no_gap_ranges[%d]", i)
		if r[1] < r[0] {
			b.bad(field, "ends before it begins")
			continue
		}
		count := r[1] - r[0] + 1
		l.NoGap = append(l.NoGap, models.RegRange{FC: b.fc(field, 0), Addr: b.addr(field, r[0], count), Count: uint16(count)})
	}
	for i, r := range f.AtomicBlocks {
		field := fmt.Sprintf("limits.atomic_blocks[%d]", i)
		if r[1] < 1 || r[1] > int(l.MaxRegs) {
			b.bad(field, "has %d registers; a request takes 1 to %d", r[1], l.MaxRegs)
			continue
		}
		l.Atomic = append(l.Atomic, models.RegRange{FC: b.fc(field, 0), Addr: b.addr(field, r[0], r[1]), Count: uint16(r[1])})
	}
	duration := func(field, text string, into *time.Duration) {
		if text == "" {
			return
		}
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > time.Minute {
			b.bad("limits."+field, "%q is not a duration from 0s to 1m", text)
			return
		}
		*into = d
	}
	duration("min_delay", f.MinDelay, &l.MinDelay)
	duration("after_connect", f.AfterConnect, &l.AfterConnect)
	duration("response_timeout", f.ResponseTimeout, &l.ResponseTimeout)
	if f.MaxConns > 0 {
		l.MaxConns = f.MaxConns
	}
	return l
}
