package metering

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Bounds of commissioning.
const (
	commissionOpen   = 20               // jobs of one collector that wait or go on
	commissionResult = 1 << 20          // bytes of an answer
	commissionRead   = 24 * time.Hour   // how long what was read holds for a binding
	linksEvery       = 20 * time.Second // how often it is noted that a collector asks for work
	linksForgotten   = 30 * 24 * time.Hour
	proposalsMost    = 8 // kept of a unit
	linkCodes        = 8 // named of a link
)

// CommissionLink is a link at which a collector may be asked for work.
type CommissionLink struct {
	Collector string
	Endpoint  string
	Meters    int      // that are read there already
	Codes     []string // of the first few of them
	Load      LinkLoad
	Asked     time.Time // when its collector last asked for work
}

// CommissionAsk is a job to be done.
type CommissionAsk struct {
	Task      models.CommissionTask
	Collector string
	Endpoint  string
	Units     []uint8
	Profile   string
}

// ScanResult is what a scan found: the units that answer, in the order they were asked.
type ScanResult struct{ Units []ScannedUnit }

// ScannedUnit is a unit that answers, or one that is polled already, by its meter's
// code, and was left alone.
type ScannedUnit struct {
	Found
	Meter string
}

// ReadResult is what a unit said when it was read once by a profile.
type ReadResult struct {
	At       time.Time
	Identity Identity
	SunSpec  *SunSpec
	Rows     []Row
	Raw      []Registers
	Quality  models.Quality // of the whole: a canary spoils all of it
}

// CommissionAnswer is the answer to a job: exactly one of the three.
type CommissionAnswer struct {
	Failure string
	Scan    *ScanResult
	Read    *ReadResult
}

// Shown is what the unit says, to be compared with its plate.
func (r *ReadResult) Shown() models.Shown {
	s := models.Shown{Vendor: r.Identity.Vendor, Model: r.Identity.Product, Quality: r.Quality}
	if r.SunSpec != nil {
		s.Vendor, s.Model, s.Serial = r.SunSpec.Maker, r.SunSpec.Model, r.SunSpec.Serial
	}
	for i := range r.Rows {
		if v := r.Rows[i].Value; v != nil {
			s.Values.SetBase(r.Rows[i].Quantity, *v)
		}
	}
	return s
}

// Sure tells whether the first proposal stands out: there is evidence for it that there
// is not for the next.
func (f *Found) Sure() bool {
	switch len(f.Proposals) {
	case 0:
		return false
	case 1:
		return true
	}
	return len(f.Proposals[0].Why) > len(f.Proposals[1].Why)
}

// CommissionLinks gives the links at which the actor may have something done, by
// collector and endpoint. A collector that never asked for work has none.
func (s *Service) CommissionLinks(ctx context.Context, actor models.Actor) ([]CommissionLink, error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, err
	}
	var out []CommissionLink
	err := s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		collectors, err := tx.CommissionLinks(tx.Now.Add(-linksForgotten))
		if err != nil {
			return err
		}
		meters, err := tx.PolledMeters()
		if err != nil {
			return err
		}
		at, loads := byLink(meters), loadsOf(meters)
		for _, c := range collectors {
			for _, endpoint := range c.Endpoints {
				key := endpointOf(endpoint)
				if _, err := ownerOf(actor, c, at[key]); err != nil {
					continue
				}
				link := CommissionLink{Collector: c.Collector, Endpoint: endpoint, Meters: len(at[key]), Load: loads[key], Asked: c.Asked}
				for _, m := range at[key][:min(len(at[key]), linkCodes)] {
					link.Codes = append(link.Codes, m.Code)
				}
				out = append(out, link)
			}
		}
		return nil
	})
	return out, err
}

func byLink(meters []store.PolledMeter) map[string][]store.PolledMeter {
	out := map[string][]store.PolledMeter{}
	for _, m := range meters {
		key := endpointOf(m.URL)
		out[key] = append(out[key], m)
	}
	return out
}

// ownerOf gives the utility whose a link is, if the actor may see it: its collector's, or
// for a collector of no utility that of the meters there. A link at which nobody's meter
// is, is whoever's the collector is that asks about it.
func ownerOf(actor models.Actor, c store.CommissionLinks, there []store.PolledMeter) (string, error) {
	owner := c.Utility
	if owner == "" && len(there) == 0 {
		owner = actor.Utility
	}
	for _, m := range there {
		if owner == "" {
			owner = m.Utility
		}
		if c.Utility == "" && m.Utility != owner {
			return "", models.NotFound("link", "of one utility") // shared: nobody's to ask at
		}
	}
	return owner, models.Reach(actor, models.ActMeterRead, models.Scope{Utility: owner}, "link", "of this collector")
}

// AskCommission asks a collector to scan a gateway or to read a unit once. It refuses a
// collector that takes no such work, and a link that is not the collector's.
func (s *Service) AskCommission(ctx context.Context, actor models.Actor, in CommissionAsk) (models.CommissionJob, error) {
	var j models.CommissionJob
	if err := models.Can(actor, models.ActMeterWrite, models.Scope{}); err != nil {
		return j, err
	}
	if err := checkAsk(&in); err != nil {
		return j, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		endpoint, utility, err := ownLink(tx, actor, in)
		if err != nil {
			return err
		}
		open, err := tx.OpenCommissionJobs(in.Collector)
		if err != nil {
			return err
		}
		if len(open) >= commissionOpen {
			return models.Errorf(models.CodeConflict, "The collector %s has %d jobs to do already. Wait for them, or cancel some.", in.Collector, len(open))
		}
		j = models.CommissionJob{ID: tx.NewID(), Task: in.Task, Utility: utility, Collector: in.Collector, Endpoint: endpoint, Units: in.Units,
			Profile: in.Profile, AskedBy: actor.ID, Asked: tx.Now, Expires: tx.Now.Add(models.CommissionLife)}
		if err := tx.InsertCommissionJob(j); err != nil {
			return err
		}
		return appendJob(tx, actor, "meter.job_asked", &j, map[string]any{"units": len(in.Units), "expires_at": j.Expires})
	})
	return j, err
}

func checkAsk(in *CommissionAsk) error {
	var bad models.Invalid
	slices.Sort(in.Units)
	in.Units = slices.Compact(in.Units)
	switch in.Task {
	case models.CommissionScan:
		if len(in.Units) == 0 || len(in.Units) > 248 {
			bad.Add("/units", "range", "Say which unit ids to ask, such as 1-31.")
		}
		in.Profile = ""
	case models.CommissionRead:
		if len(in.Units) != 1 {
			bad.Add("/units", "range", "Name the one unit to read.")
		}
		profiles, err := ShippedProfiles()
		if err != nil {
			return err
		}
		if _, err := profiles.Find(in.Profile); err != nil {
			bad.Add("/profile", "unknown", "%v", err)
		}
	default:
		bad.Add("/task", "unknown", "A collector can scan or read.")
	}
	return bad.Err()
}

// ownLink finds the link of a collector, as the collector writes it, and whose it is.
func ownLink(tx *store.Tx, actor models.Actor, in CommissionAsk) (endpoint, utility string, err error) {
	collectors, err := tx.CommissionLinks(tx.Now.Add(-linksForgotten))
	if err != nil {
		return "", "", err
	}
	var bad models.Invalid
	i := slices.IndexFunc(collectors, func(c store.CommissionLinks) bool { return c.Collector == in.Collector })
	if i < 0 || (collectors[i].Utility != "" && models.Can(actor, models.ActMeterWrite, models.Scope{Utility: collectors[i].Utility}) != nil) {
		bad.Add("/collector", "unknown", "No collector %q asks for such work. Give its configuration a list \"commissioning\", and start it.", in.Collector)
		return "", "", bad.Err()
	}
	k := slices.IndexFunc(collectors[i].Endpoints, func(e string) bool { return endpointOf(e) == endpointOf(in.Endpoint) })
	if k < 0 {
		bad.Add("/endpoint", "not_its_link", "%s is no link of the collector %s. It asks only at its meters' and at those its configuration lists.", in.Endpoint, in.Collector)
		return "", "", bad.Err()
	}
	meters, err := tx.PolledMeters()
	if err != nil {
		return "", "", err
	}
	utility, err = ownerOf(actor, collectors[i], byLink(meters)[endpointOf(in.Endpoint)])
	return collectors[i].Endpoints[k], utility, err
}

// CommissionJob gives a job that the actor may see.
func (s *Service) CommissionJob(ctx context.Context, actor models.Actor, id string) (j models.CommissionJob, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		j, err = visibleJob(tx, actor, models.ActMeterRead, id)
		return err
	})
	return j, err
}

func visibleJob(tx *store.Tx, actor models.Actor, action models.Action, id string) (models.CommissionJob, error) {
	j, err := tx.CommissionJob(id)
	if err != nil {
		return j, err
	}
	if j.Utility == "" && actor.Utility != "" {
		return models.CommissionJob{}, models.NotFound("job", id)
	}
	return j, models.Reach(actor, action, models.Scope{Utility: j.Utility}, "job", id)
}

// CommissionJobs lists jobs that the actor may see, the newest first, without results.
func (s *Service) CommissionJobs(ctx context.Context, actor models.Actor, page store.Page) (out []models.CommissionJob, err error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, err
	}
	utility := ""
	if models.Can(actor, models.ActMeterRead, models.Scope{Utility: "another"}) != nil {
		if utility = actor.Utility; utility == "" {
			return nil, nil
		}
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.CommissionJobs(utility, page)
		return err
	})
	return out, err
}

// CancelCommission ends a job that is not answered; its collector stops within seconds.
// One that has its end gives CodeConflict.
func (s *Service) CancelCommission(ctx context.Context, actor models.Actor, id string) (j models.CommissionJob, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if j, err = visibleJob(tx, actor, models.ActMeterWrite, id); err != nil {
			return err
		}
		if state := j.State(tx.Now); state.Over() {
			return models.Errorf(models.CodeConflict, "The job is %s already.", state)
		}
		j.Outcome, j.Ended = models.CommissionCancelled, tx.Now
		if err := tx.MoveCommissionJob(j.Lease, j); err != nil {
			return err
		}
		return appendJob(tx, actor, "meter.job_cancelled", &j, nil)
	})
	return j, err
}

func appendJob(tx *store.Tx, actor models.Actor, kind string, j *models.CommissionJob, more map[string]any) error {
	body := map[string]any{"task": j.Task, "collector": j.Collector, "endpoint": j.Endpoint, "profile": j.Profile}
	for k, v := range more {
		body[k] = v
	}
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "commissioning_job", ID: j.ID}, Actor: actor, Utility: j.Utility, Body: body})
	return err
}

// ScanOf reads the result of a scan; nil when the job has none.
func ScanOf(j *models.CommissionJob) (*ScanResult, error) {
	if j.Task != models.CommissionScan || len(j.Result) == 0 {
		return nil, nil
	}
	out := &ScanResult{}
	return out, json.Unmarshal(j.Result, out)
}

// ReadOf reads the result of a read; nil when the job has none.
func ReadOf(j *models.CommissionJob) (*ReadResult, error) {
	if j.Task != models.CommissionRead || len(j.Result) == 0 {
		return nil, nil
	}
	out := &ReadResult{}
	return out, json.Unmarshal(j.Result, out)
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// shorten keeps a text that others wrote within bounds.
func shorten(text string, most int) string {
	r := []rune(strings.ToValidUTF8(text, ""))
	return string(r[:min(len(r), most)])
}
