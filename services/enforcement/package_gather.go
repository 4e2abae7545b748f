package enforcement

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// Redaction says what is taken out of a package: items by name, or all of a class.
type Redaction struct {
	Items  []string // "record:case.summary", "file:originals/…", "entry:17", or a class
	Reason string
	By     string // user id
}

// The classes of items that can be taken out together.
const (
	classPersons  = "persons"  // names, addresses, and ledger entries that name who acted
	classWords    = "words"    // free text of the case and of its acts
	classPictures = "pictures" // originals
	classEvents   = "events"   // what the devices of inspectors signed
)

// RedactionClasses lists the classes.
func RedactionClasses() []string {
	return []string{classPersons, classWords, classPictures, classEvents}
}

// dossier is a package in the making. Everything in it follows from the state of the
// register at a checkpoint of the ledger.
type dossier struct {
	tx         *store.Tx
	key        ed25519.PrivateKey
	caseID     string
	checkpoint ledger.Checkpoint
	remove     map[string]bool
	used       map[string]bool // what of remove was found

	record  []recordLine
	items   map[string]string
	removed []string
	reason  string // why it was taken out
	salts   []saltLine
	files   []madeFile
	about   []models.Ref
	places  []int64 // of entries that are evidence by themselves
	entries []store.LedgerEntry
	lines   []entryLine

	matter   Matter
	findings []models.Finding
	meters   []models.Meter
	windows  map[string][2]time.Time
	charts   []chart
	chunks   []chunkLine
	layouts  map[models.LayoutDigest]*models.RegisterLayout
	named    map[models.LayoutDigest]bool // layouts that the chunks of the package name
	profiles map[string]any               // of the meters, by id
	digests  map[string]string            // of the profiles
	gaps     []gap
	field    fieldEvidence
	wrongs   []models.Violation
}

// gap is something that the package does not have or cannot say.
type gap struct {
	Code string `json:"code"`
	What string `json:"what,omitempty"` // which meter, picture or place
	N    int64  `json:"n,omitempty"`
}

// madeFile is a file before it is measured.
type madeFile struct {
	path, what, covered string
	content             content
}

// taken tells whether an item, or its class, is to be taken out.
func (d *dossier) taken(item, class string) bool {
	for _, name := range []string{item, class} {
		if name != "" && d.remove[name] {
			d.used[name] = true
			return true
		}
	}
	return false
}

// note adds a field of the record.
func (d *dossier) note(id, class string, value any) error {
	b, err := jsonLines([]any{value})
	if err != nil {
		return fmt.Errorf("field %s: %w", id, err)
	}
	b = b[:len(b)-1]
	item := "record:" + id
	salt := saltOf(d.key, d.caseID, item)
	commitment := fieldCommitment(salt, item, b)
	d.items[item] = commitment
	if d.taken(item, class) {
		d.removed = append(d.removed, item)
		d.record = append(d.record, recordLine{ID: id, Commitment: commitment})
		return nil
	}
	d.record = append(d.record, recordLine{ID: id, Salt: salt, Value: b})
	return nil
}

// shown tells whether a field of the record can be told in the story.
func (d *dossier) shown(id string) bool {
	return !slices.Contains(d.removed, "record:"+id)
}

// original adds a file that can be taken out; everything else follows from the others.
func (d *dossier) original(f madeFile, sum, class string) bool {
	item := "file:" + f.path
	salt := saltOf(d.key, d.caseID, item)
	d.items[item] = fieldCommitment(salt, item, []byte(sum))
	if d.taken(item, class) {
		d.removed = append(d.removed, item)
		return false
	}
	d.salts = append(d.salts, saltLine{Item: item, Salt: salt})
	d.files = append(d.files, f)
	return true
}

func (d *dossier) derived(path, what string, b []byte) {
	d.files = append(d.files, madeFile{path: path, what: what, content: plain(b)})
}

func (d *dossier) missing(code, what string, n int64) {
	d.gaps = append(d.gaps, gap{Code: code, What: what, N: n})
}

// gather collects everything about a case as of the checkpoint.
func (d *dossier) gather(sources PackageSources) error {
	for _, step := range []func() error{
		d.caseItself, d.findingsOf, func() error { return d.metersOf(sources) }, d.violationsOf, d.fieldOf,
		func() error { return d.rulesAndProfiles(sources) },
		d.readingsOf, func() error { return d.originalsOf(sources) }, d.entriesOf, d.entryLines, d.wordsOf, d.gapsOf,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for name := range d.remove {
		if !d.used[name] && !slices.Contains(RedactionClasses(), name) {
			var v models.Invalid
			v.Add("/redact", "unknown", "The package has no %q. Name a class (%s) or an item of %s.", name, strings.Join(RedactionClasses(), ", "), fileItems)
			return v.Err()
		}
	}
	return nil
}

func (d *dossier) caseItself() error {
	c := d.matter.Case
	d.about = append(d.about, models.Ref{Kind: "case", ID: c.ID})
	for _, f := range []struct {
		id, class string
		value     any
	}{
		{"case.number", "", c.Number}, {"case.source", "", c.Source}, {"case.state", "", c.State}, {"case.opened_at", "", c.Opened},
		{"case.estimated_w", "", int64(c.Estimated)}, {"case.outcome", "", c.Outcome}, {"case.dismissal", "", c.Dismissal},
		{"case.title", classWords, c.Title}, {"case.summary", classWords, c.Summary}, {"case.note", classWords, c.Note},
	} {
		if err := d.note(f.id, f.class, f.value); err != nil {
			return err
		}
	}
	for i, s := range d.matter.Subjects {
		class := ""
		if s.Kind == "person" || s.Kind == "premises" || s.Kind == "party" {
			class = classPersons
		}
		if err := d.note(fmt.Sprintf("subject.%03d", i+1), class, map[string]any{"kind": s.Kind, "ref": s.Ref, "label": s.Label, "added_at": s.Added}); err != nil {
			return err
		}
		switch s.Kind {
		case "connection_point", "license", "site", "feeder", "mismatch":
			d.about = append(d.about, models.Ref{Kind: s.Kind, ID: s.Ref})
		}
		if s.Kind == "connection_point" {
			if err := d.point(s.Ref); err != nil {
				return err
			}
		}
	}
	for i, a := range d.matter.Acts {
		if err := d.note(fmt.Sprintf("act.%03d", i+1), classWords, map[string]any{"id": a.ID, "kind": a.Kind, "on": a.On, "agency": a.Agency, "number": a.Number,
			"criminal_case": a.CriminalCase, "serials": a.Serials, "rigs": a.Rigs, "money_tiyn": int64(a.Money), "ruling": a.Ruling, "text": a.Text, "at": a.At,
			"place": a.Place, "fate": a.Fate}); err != nil {
			return err
		}
	}
	return d.seizedOf()
}

// point adds what the register says of a connection point, once.
func (d *dossier) point(id string) error {
	p, err := d.tx.ConnectionPoint(id)
	if models.CodeOf(err) == models.CodeNotFound {
		d.missing("point_unknown", id, 0)
		return nil
	}
	if err != nil {
		return err
	}
	if _, known := d.items["record:point."+p.Code]; known {
		return nil
	}
	d.about = append(d.about, models.Ref{Kind: "connection_point", ID: p.ID})
	if err := d.note("point."+p.Code, "", map[string]any{"id": p.ID, "code": p.Code, "feeder": p.FeederCode, "declared_use": p.DeclaredUse, "state": p.State,
		"permitted_w": int64(p.Permitted), "energised_w": int64(p.Energised), "license": p.License, "license_state": p.LicenseState, "licensed_w": int64(p.Licensed)}); err != nil {
		return err
	}
	return d.note("point."+p.Code+".consumer", classPersons, map[string]any{"bin_or_iin": p.ConsumerBin, "name": p.ConsumerName})
}

func (d *dossier) findingsOf() error {
	for _, s := range d.matter.Subjects {
		if s.Kind != "finding" {
			continue
		}
		f, err := d.tx.Finding(s.Ref)
		if models.CodeOf(err) == models.CodeNotFound {
			d.missing("finding_unknown", s.Ref, 0)
			continue
		}
		if err != nil {
			return err
		}
		d.findings = append(d.findings, f)
		d.about = append(d.about, models.Ref{Kind: "finding", ID: f.ID})
		d.places = append(d.places, f.Evidence.Entries...)
		if err := d.note("finding."+f.ID, "", map[string]any{"rule": f.Rule, "rule_version": f.RuleVersion, "target": f.TargetCode, "tier": f.Tier, "score": f.Score,
			"estimated_w": int64(f.Estimated), "low_w": int64(f.Low), "high_w": int64(f.High), "first_seen": f.FirstSeen, "last_seen": f.LastSeen,
			"raised_at": f.RaisedAt, "license": f.License, "evidence": f.Evidence}); err != nil {
			return err
		}
		if f.Target.Kind == "connection_point" {
			if err := d.point(f.Target.ID); err != nil {
				return err
			}
		}
		for i, m := range f.Evidence.Meters {
			if i < maxPackageMeters {
				d.widen(m, f.Evidence.From, f.Evidence.Until)
			} else if i == maxPackageMeters {
				d.missing("meters_left_out", f.ID, int64(len(f.Evidence.Meters)-maxPackageMeters))
			}
		}
	}
	if len(d.findings) == 0 {
		d.missing("no_finding", "", 0)
	}
	return nil
}

const (
	maxPackageMeters = 60
	maxPackageWindow = 62 * 24 * time.Hour
)

// widen adds a window of a meter's readings.
func (d *dossier) widen(meter string, from, until time.Time) {
	if until.After(d.checkpoint.At) || until.IsZero() {
		until = d.checkpoint.At
	}
	if w, known := d.windows[meter]; known {
		if w[0].Before(from) {
			from = w[0]
		}
		if w[1].After(until) {
			until = w[1]
		}
	}
	if until.Sub(from) > maxPackageWindow {
		from = until.Add(-maxPackageWindow)
	}
	d.windows[meter] = [2]time.Time{from, until}
}

func (d *dossier) metersOf(sources PackageSources) error {
	ids := make([]string, 0, len(d.windows))
	for id := range d.windows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		m, err := d.tx.Meter(id)
		if models.CodeOf(err) == models.CodeNotFound {
			d.missing("meter_unknown", id, 0)
			continue
		}
		if err != nil {
			return err
		}
		d.meters = append(d.meters, m)
		d.about = append(d.about, models.Ref{Kind: "meter", ID: m.ID})
		d.profileOf(m, sources)
		record := d.recordOf(m)
		if err := d.note("meter."+m.Code, "", map[string]any{"id": m.ID, "code": m.Code, "serial": m.Serial, "vendor": m.Vendor, "model": m.Model, "profile": m.Profile,
			"profile_sha256": record.ProfileDigest, "measures": m.Node, "ct": record.CT, "vt": record.VT, "accuracy_class": m.AccuracyClass,
			"verification_by": m.VerificationBy, "installed_from": m.InstalledFrom, "poll_s": int64(m.PollInterval / time.Second), "version": m.Version}); err != nil {
			return err
		}
		switch {
		case m.VerificationBy == "":
			d.missing("meter_verification_unknown", m.Code, 0)
		case m.VerificationBy < models.LegalDate(d.windows[id][1]):
			d.missing("meter_verification_over", m.Code, 0)
		}
	}
	slices.SortFunc(d.meters, func(a, b models.Meter) int { return strings.Compare(a.Code, b.Code) })
	return nil
}

// profileOf looks for the profile of a meter.
func (d *dossier) profileOf(m models.Meter, sources PackageSources) {
	if _, known := d.profiles[m.Profile]; known || m.Profile == "" {
		return
	}
	if p, err := sources.Profile(m.Profile); err == nil { // what is not there is a gap
		d.profiles[m.Profile], d.digests[m.Profile] = p, digestOf(p)
	}
}

// rulesAndProfiles adds what the rules compared with, and how registers became quantities.
func (d *dossier) rulesAndProfiles(sources PackageSources) error {
	seen := map[string]bool{}
	for _, f := range d.findings {
		if name := "rules." + f.RuleVersion; !seen[name] {
			seen[name] = true
			if err := d.note(name, "", sources.Rules(f)); err != nil {
				return err
			}
		}
	}
	for _, m := range d.meters {
		if name := "profile." + m.Profile; m.Profile != "" && !seen[name] {
			seen[name] = true
			p, there := d.profiles[m.Profile]
			if !there {
				d.missing("profile_unknown", m.Profile, 0)
				continue
			}
			if err := d.note(name, "", p); err != nil {
				return err
			}
		}
	}
	return nil
}

// gapsOf writes down what the package cannot say.
func (d *dossier) gapsOf() error {
	slices.SortStableFunc(d.gaps, func(a, b gap) int { return strings.Compare(a.Code+"\x00"+a.What, b.Code+"\x00"+b.What) })
	return d.note("gaps", "", append([]gap{}, d.gaps...))
}

// PackageSources is what a package has from outside the store.
type PackageSources struct {
	Key     ed25519.PrivateKey // the registry's document key
	KeySet  []byte             // its public keys as a JWKS
	Page    []byte             // the page that checks a package in a browser, nil where it was not built
	Rules   func(models.Finding) any
	Profile func(id string) (any, error)
	// Evidence opens an original by its SHA-256.
	Evidence func(sum string) (io.ReadCloser, error)
	Texts    func(lang, key string, args map[string]any) string
}
