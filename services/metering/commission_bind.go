package metering

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Binding says where a meter that was read once is, what is written on it, and why it
// differs from what it says. Reasons are by the codes of differences.
type Binding struct {
	Job       string // the read
	Code      string
	Role      models.MeterRole
	Node      models.Ref
	Every     time.Duration
	Plate     models.Nameplate
	Reasons   map[string]string
	Seals     string
	Act       string
	Installer string
}

// BindingCheck is what would hinder a binding, and how busy the link would be.
type BindingCheck struct {
	Differences []models.Difference
	Load        LinkLoad
	Permitted   models.Watts // of the connection point, else 0
}

// bound is everything that a binding is made of.
type bound struct {
	job    models.CommissionJob
	read   *ReadResult
	meter  models.Meter
	checks BindingCheck
}

// CheckBinding tells how the meter differs from its plate and how busy its link would
// be, before anything is bound. Fields that are not filled in yet are no errors.
func (s *Service) CheckBinding(ctx context.Context, actor models.Actor, b Binding) (out BindingCheck, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		w, err := b.prepare(tx, actor)
		if err != nil {
			return err
		}
		out = w.checks
		return nil
	})
	return out, err
}

// prepare gathers the read, the meter as it would be, and the checks.
func (b *Binding) prepare(tx *store.Tx, actor models.Actor) (w bound, err error) {
	if w.job, err = visibleJob(tx, actor, models.ActMeterWrite, b.Job); err != nil {
		return w, err
	}
	if w.read, err = ReadOf(&w.job); err != nil {
		return w, err
	}
	if w.read == nil {
		return w, models.Errorf(models.CodeInvalid, "Bind a meter by a job that has read it. This one is a %s that is %s.", w.job.Task, w.job.State(tx.Now))
	}
	w.meter = models.Meter{Code: strings.TrimSpace(b.Code), Serial: strings.TrimSpace(b.Plate.Serial), Vendor: b.Plate.Vendor, Model: b.Plate.Model,
		Profile: w.job.Profile, URL: w.job.Endpoint, Unit: w.job.Units[0], Role: b.Role, Node: b.Node, Utility: w.job.Utility,
		CTNum: b.Plate.CTNum, CTDen: b.Plate.CTDen, VTNum: b.Plate.VTNum, VTDen: b.Plate.VTDen, AccuracyClass: b.Plate.AccuracyClass,
		PollInterval: b.Every, VerificationBy: b.Plate.VerifiedUntil}
	withDefaults(&w.meter)
	if store.KnowsNodes(b.Node.Kind) && b.Node.ID != "" {
		nodes, err := tx.MeterNodes(b.Node.Kind, []string{b.Node.ID})
		if err != nil {
			return w, err
		}
		if len(nodes) == 1 && (w.job.Utility == "" || nodes[0].Utility == w.job.Utility) {
			w.checks.Permitted = nodes[0].Permitted
		}
	}
	shown := w.read.Shown()
	w.checks.Differences = b.Plate.Compare(&shown, w.checks.Permitted, models.LegalDate(tx.Now))
	w.checks.Load, err = loadWith(tx, &w.meter)
	return w, err
}

// loadWith reckons how busy the link of a meter would be with it. A unit that another
// meter has at that link is CodeConflict.
func loadWith(tx *store.Tx, m *models.Meter) (LinkLoad, error) {
	polled, err := tx.PolledMeters()
	if err != nil {
		return LinkLoad{}, err
	}
	key := endpointOf(m.URL)
	list := []models.Meter{{ID: "new", Code: m.Code, URL: m.URL, Unit: m.Unit, Profile: m.Profile, PollInterval: m.PollInterval}}
	for _, p := range byLink(polled)[key] {
		if p.Unit == m.Unit {
			return LinkLoad{}, models.Errorf(models.CodeConflict, "Unit %d at %s is the meter %s already. Record an exchange there if the device is another now.", m.Unit, key, p.Code)
		}
		list = append(list, models.Meter{ID: p.ID, Code: p.Code, URL: p.URL, Unit: p.Unit, Profile: p.Profile, PollInterval: p.Every})
	}
	if loads := PlannedLoad(list); len(loads) == 1 {
		return loads[0], nil
	}
	return LinkLoad{}, nil
}

// BindMeter registers a meter by what it said when it was read once. What blocks must be
// mended, every other difference needs a reason, and its link may not be planned over
// the limit. It counts as commissioned when its first good reading has come.
func (s *Service) BindMeter(ctx context.Context, actor models.Actor, b Binding) (models.Meter, models.Commissioning, error) {
	var m models.Meter
	var c models.Commissioning
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		w, err := b.prepare(tx, actor)
		if err != nil {
			return err
		}
		if c, err = b.commissioning(&w, tx.Now); err != nil {
			return err
		}
		m = w.meter
		if err := resolveNode(tx, &m); err != nil {
			return err
		}
		if w.job.Utility != "" && m.Utility != w.job.Utility {
			var bad models.Invalid
			bad.Add("/node", "unknown", "There is no %s %q of the utility whose gateway this is.", b.Node.Kind, b.Node.ID)
			return bad.Err()
		}
		if err := models.Can(actor, models.ActMeterWrite, models.Scope{Utility: m.Utility}); err != nil {
			return err
		}
		m.ID, m.Version, m.InstalledFrom = tx.NewID(), 1, tx.Now
		if err := tx.InsertMeter(m); err != nil {
			return err
		}
		c.ID, c.Meter, c.Utility, c.BoundBy, c.Bound, c.Salt = tx.NewID(), m.ID, m.Utility, actor.ID, tx.Now, rand.Text()
		if err := tx.InsertCommissioning(c); err != nil {
			return err
		}
		if err := installed(tx, actor, &w, &m, &c); err != nil {
			return err
		}
		if err := appendMeter(tx, actor, "meter.registered", m); err != nil {
			return err
		}
		return appendBound(tx, actor, &w, &m, &c)
	})
	if err != nil {
		return models.Meter{}, models.Commissioning{}, err
	}
	return m, c, s.JoinCounters(ctx)
}

// commissioning is the record of a binding, or everything that is wrong with it.
func (b *Binding) commissioning(w *bound, now time.Time) (models.Commissioning, error) {
	var bad models.Invalid
	c := models.Commissioning{Job: w.job.ID, Collector: w.job.Collector, Plate: b.Plate, Seals: strings.TrimSpace(b.Seals), Act: strings.TrimSpace(b.Act),
		Installer: strings.TrimSpace(b.Installer)}
	for _, d := range w.checks.Differences {
		reason := strings.TrimSpace(b.Reasons[d.Code])
		switch {
		case d.Blocks:
			bad.Add("/reasons/"+d.Code, "blocks", "This must be mended first: %s (%s, %s).", d.Code, cmp.Or(d.Typed, "–"), cmp.Or(d.Shown, "–"))
		case len([]rune(reason)) < 10 || len(reason) > 1000:
			bad.Add("/reasons/"+d.Code, "required", "Written: %s, the meter says: %s. Write in 10 to 1,000 characters why that is right.", cmp.Or(d.Typed, "–"), cmp.Or(d.Shown, "–"))
		}
		c.Differences = append(c.Differences, models.ExplainedDifference{Difference: d, Reason: reason})
	}
	if now.Sub(w.job.Ended) > commissionRead {
		bad.Add("/job", "old", "The meter was read more than a day ago. Read it again.")
	}
	if w.meter.Serial == "" {
		bad.Add("/plate/serial", "required", "Give the serial number on the plate.")
	}
	for _, f := range [][2]string{{"/seals", c.Seals}, {"/act", c.Act}, {"/installer", c.Installer}} {
		if f[1] == "" || len(f[1]) > 200 {
			bad.Add(f[0], "required", "This is needed, in at most 200 characters.")
		}
	}
	today := models.LegalDate(now)
	for _, d := range [][2]string{{"/plate/verified_on", b.Plate.VerifiedOn}, {"/plate/verified_until", b.Plate.VerifiedUntil}} {
		if _, err := time.Parse(time.DateOnly, d[1]); err != nil {
			bad.Add(d[0], "format", "Write the date as 2027-06-30.")
		}
	}
	if b.Plate.VerifiedOn > today || (b.Plate.VerifiedUntil != "" && b.Plate.VerifiedUntil <= b.Plate.VerifiedOn) {
		bad.Add("/plate/verified_on", "range", "The verification is not in the future, and before its due date.")
	}
	if w.checks.Load.Over() {
		bad.Add("/every_s", "overload", "%s. Poll this meter less often, or connect it to another gateway.", w.checks.Load)
	}
	err := bad.Err()
	var more, known *models.Error
	if fields := checkMeter(&w.meter); errors.As(fields, &more) {
		if errors.As(err, &known) {
			known.Fields = append(known.Fields, more.Fields...)
			return c, err
		}
		return c, fields
	} else if fields != nil {
		return c, fields
	}
	return c, err
}

// installed makes the register that was read the beginning of the meter's energy.
func installed(tx *store.Tx, actor models.Actor, w *bound, m *models.Meter, c *models.Commissioning) error {
	shown := w.read.Shown()
	register, has := shown.Values.Get(models.QEImport)
	if !has {
		return nil
	}
	first, fits := m.Primary(models.WattHours(register))
	if !fits || first < 0 {
		return nil
	}
	x, err := tx.InsertMeterExchange(models.MeterExchange{ID: tx.NewID(), Meter: m.ID, Kind: models.ExchangeInstalled, At: tx.Now, NewSerial: m.Serial,
		NewProfile: m.Profile, NewRatio: m.RatioText(), First: first, FinalExport: -1, FirstExport: -1, NewSeals: c.Seals, Act: c.Act, Actor: actor.ID, MeterVersion: m.Version})
	if err != nil {
		return err
	}
	return appendExchange(tx, actor, m, &x)
}

// appendBound says in the ledger what was bound; what people wrote is there as a salted
// digest.
func appendBound(tx *store.Tx, actor models.Actor, w *bound, m *models.Meter, c *models.Commissioning) error {
	codes := []string{}
	for _, d := range c.Differences {
		codes = append(codes, d.Code)
	}
	private, err := json.Marshal([]any{c.Installer, c.Differences})
	if err != nil {
		return err
	}
	_, err = tx.Append(models.Entry{Kind: "meter.bound", Subject: models.Ref{Kind: "meter", ID: m.ID}, SubjectVersion: m.Version, Actor: actor, Utility: m.Utility,
		Body: map[string]any{"commissioning": c.ID, "job": c.Job, "collector": c.Collector, "read": digestOf(w.job.Result), "seals": c.Seals, "act": c.Act,
			"verified_on": c.Plate.VerifiedOn, "verified_until": c.Plate.VerifiedUntil, "differences": codes, "written": digestOf(append([]byte(c.Salt), private...))}})
	return err
}

// Commissioning gives how a meter that the actor may see was bound, by its id or by the
// job it was read with.
func (s *Service) Commissioning(ctx context.Context, actor models.Actor, meterOrJob string) (c models.Commissioning, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if c, err = tx.Commissioning(meterOrJob); err != nil {
			return err
		}
		return models.Reach(actor, models.ActMeterRead, models.Scope{Utility: c.Utility}, "commissioning", meterOrJob)
	})
	return c, err
}

// ConfirmCommissionings marks the meters whose first good reading has come through the
// normal path since they were bound, and counts them.
func (s *Service) ConfirmCommissionings(ctx context.Context) (n int, err error) {
	waiting := false
	err = s.store.View(ctx, func(tx *store.Tx) error {
		ready, err := readyCommissionings(tx)
		waiting = len(ready) > 0
		return err
	})
	if err != nil || !waiting {
		return 0, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		n = 0
		ready, err := readyCommissionings(tx)
		if err != nil {
			return err
		}
		for _, c := range ready {
			first, err := tx.ConfirmCommissioning(c.ID, c.FirstReading)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			n++
			if _, err := tx.Append(models.Entry{Kind: "meter.commissioned", Subject: models.Ref{Kind: "meter", ID: c.Meter}, Actor: models.System(), Utility: c.Utility,
				Body: map[string]any{"commissioning": c.ID, "first_reading_at": c.FirstReading}}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// readyCommissionings gives those whose meter's newest reading is good and came after
// the binding, with its instant.
func readyCommissionings(tx *store.Tx) ([]models.Commissioning, error) {
	waiting, err := tx.WaitingCommissionings()
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	ids := make([]string, len(waiting))
	for i, c := range waiting {
		ids[i] = c.Meter
	}
	states, err := tx.MeterStates(ids)
	var out []models.Commissioning
	for _, c := range waiting {
		newest := states[c.Meter].Latest
		if _, power := newest.Values.Power(); power && newest.Quality == models.QualityGood && newest.At.After(c.Bound) {
			c.FirstReading = newest.At
			out = append(out, c)
		}
	}
	return out, err
}

// confirmEvery is how often first readings are looked for.
const confirmEvery = 2 * time.Second

// RunCommissioning confirms what was commissioned until ctx ends.
func (s *Service) RunCommissioning(ctx context.Context, log *slog.Logger) error {
	ticker := time.NewTicker(confirmEvery)
	defer ticker.Stop()
	for {
		if _, err := s.ConfirmCommissionings(ctx); err != nil && ctx.Err() == nil {
			log.Error("the first readings of commissioned meters could not be looked for and are tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
