package main

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// demoCase is one application of the story and how far it has come.
type demoCase struct {
	holder  string // key of the party
	host    string // key of the host, for sub-type II
	filed   time.Duration
	kw      float64
	rigs    int64
	far     progress
	checked int // requirements looked at, for one in review
}

type progress int

// How far an application has come.
const (
	drafting progress = iota
	submitted
	registered
	returned
	inReview
	decisionDrafted
	refused
	granted
)

const day = 24 * time.Hour

// demoCases are the applications, the oldest first; filed is how long ago.
func demoCases() []demoCase {
	return []demoCase{
		{holder: retiredHolder, filed: (3*365 + 45) * day, kw: 450, rigs: 120, far: granted},
		{holder: revokedHolder, filed: 800 * day, kw: 900, rigs: 250, far: granted},
		{holder: stoppedHolder, filed: 500 * day, kw: 180, rigs: 50, far: granted},
		{holder: farmHolder, filed: 420 * day, kw: 600, rigs: 164, far: granted},
		{holder: endedHolder, filed: 410 * day, kw: 700, rigs: 190, far: granted},
		{holder: strandedOne, host: stoppedHolder, filed: 300 * day, kw: 60, rigs: 16, far: granted},
		{holder: overHolder, filed: 240 * day, kw: 300, rigs: 88, far: granted},
		{holder: tenantHolder, host: farmHolder, filed: 110 * day, kw: 120, rigs: 34, far: granted},
		{holder: readyHolder, filed: 70 * day, kw: 800, rigs: 220, far: granted},
		{holder: "queue1", filed: 60 * day, kw: 800, rigs: 230, far: refused},
		{holder: "queue2", filed: 29 * day, kw: 1000, rigs: 280, far: inReview, checked: 4},
		{holder: thirdTry, filed: 20 * day, kw: 850, rigs: 240, far: decisionDrafted},
		{holder: secondTry, filed: 17 * day, kw: 800, rigs: 230, far: inReview, checked: 9},
		{holder: "queue3", filed: 12 * day, kw: 1200, rigs: 340, far: returned},
		{holder: "queue4", filed: 4 * day, kw: 1400, rigs: 400, far: registered},
		{holder: "queue1", filed: 20 * time.Hour, kw: 800, rigs: 230, far: submitted},
		{holder: "queue3", filed: 2 * time.Hour, kw: 900, rigs: 250, far: drafting},
	}
}

const rigWatts = 3400

// cases takes every application as far as it has come, at the times it happened.
func (d *demo) cases(cast *demoCast) error {
	for _, c := range demoCases() {
		if err := d.file1(cast, c); err != nil {
			return fmt.Errorf("application of %s: %w", c.holder, err)
		}
	}
	return nil
}

// ago sets the clock of the registry to so long before now, within office hours.
func (d *demo) ago(before time.Duration) { d.clock.set(d.app.Now().Add(-before)) }

func (d *demo) file1(cast *demoCast, c demoCase) error {
	lic, ctx := d.registry.svc.Licensing, d.app.Ctx
	d.ago(c.filed)
	request, err := d.request(cast, c)
	if err != nil {
		return err
	}
	clerk, officer, head := cast.actors["clerk"], cast.actors["officer"], cast.actors["head"]
	a, err := lic.CreateDraft(ctx, clerk, request)
	if err != nil || c.far == drafting {
		return err
	}
	if a, err = lic.Submit(ctx, clerk, a.ID, a.Version); err != nil || c.far == submitted {
		return err
	}
	d.ago(c.filed - time.Hour)
	if a, err = lic.Register(ctx, clerk, a.ID, a.Version); err != nil || c.far == registered {
		return err
	}
	d.ago(c.filed - day)
	if c.far == returned {
		_, err = lic.CompletenessCheck(ctx, officer, a.ID, a.Version, []string{"акт разграничения балансовой принадлежности", "документ об оплате сбора"})
		return err
	}
	if a, err = lic.CompletenessCheck(ctx, officer, a.ID, a.Version, nil); err != nil {
		return err
	}
	if a, err = d.review(cast, c, a); err != nil || c.far == inReview {
		return err
	}
	d.ago(c.filed - 12*day)
	decision := models.Decision{Outcome: models.OutcomeGrant}
	if c.far == refused {
		decision = models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"REQUIREMENTS_NOT_MET"}, Note: "Автоматика не принята системным оператором."}
	}
	if a, err = lic.DraftDecision(ctx, officer, a.ID, a.Version, decision); err != nil || c.far == decisionDrafted {
		return err
	}
	d.ago(c.filed - 13*day)
	signed, err := lic.Sign(ctx, head, a.ID, a.Version)
	if err != nil {
		return err
	}
	if signed.License == nil {
		return d.appealed(cast, c, a.ID)
	}
	cast.licenses[c.holder] = signed.License.Number
	d.ago(c.filed - 14*day)
	return d.rigs(cast, c, signed.License.Number)
}

// review looks at the requirements, all of them or as many as the case has.
func (d *demo) review(cast *demoCast, c demoCase, a models.Application) (models.Application, error) {
	done := len(a.Checklist)
	if c.far == inReview {
		done = min(c.checked, done)
	}
	for i, item := range a.Checklist[:done] {
		d.ago(c.filed - time.Duration(2+i/2)*day)
		result := models.ChecklistItem{Code: item.Code, Result: models.ChecklistMet}
		if c.far == refused && item.Code == "EMERGENCY_AUTOMATION" {
			result = models.ChecklistItem{Code: item.Code, Result: models.ChecklistNotMet, Note: "Акт приёмки автоматики не представлен."}
		}
		var err error
		if a, err = d.registry.svc.Licensing.CheckItem(d.app.Ctx, cast.actors["officer"], a.ID, a.Version, result); err != nil {
			return a, err
		}
	}
	return a, nil
}

// request is what an application asks for.
func (d *demo) request(cast *demoCast, c demoCase) (models.Application, error) {
	approved := watts(c.kw)
	a := models.Application{Kind: models.ApplicationIssue, SubType: models.SubTypeI, Applicant: cast.party(c.holder), Language: "ru", SupplyBasis: "auction",
		Declared: approved, FeePaid: 8_650_000 * mrpTiyn, FeeDocument: "ПП-2026-0118",
		Equipment: []models.DeclaredEquipment{{Manufacturer: "Bitmain", Model: "Antminer S21", Units: c.rigs, Nameplate: rigWatts}}}
	owner := c.holder
	if c.host != "" {
		a.SubType, a.Host, owner = models.SubTypeII, cast.licenses[c.host], c.host
		concluded := models.LegalDate(d.app.Now().Add(-c.filed - 10*day))
		a.HostContract = models.HostContract{Number: "Х-12/" + concluded[:4], Date: concluded}
	}
	site, err := d.siteOf(cast, owner, approved*2)
	if err != nil {
		return a, err
	}
	asked := models.ApplicationSite{Site: site.ID, Approved: approved}
	if c.host == "" {
		asked.ConnectionPoints = site.ConnectionCode
	}
	a.Sites = []models.ApplicationSite{asked}
	return a, nil
}

// rigs puts the declared equipment into the register.
func (d *demo) rigs(cast *demoCast, c demoCase, license string) error {
	owner := c.holder
	if c.host != "" {
		owner = c.host
	}
	rows := make([]licensing.Row[models.Equipment], 0, c.rigs)
	for i := range c.rigs {
		rows = append(rows, licensing.Row[models.Equipment]{Line: int(i) + 1, Value: models.Equipment{Manufacturer: "Bitmain", Model: "Antminer S21",
			Serial: fmt.Sprintf("S21-%s-%05d", cast.parties[c.holder].BinOrIin[6:], i+1), Algorithm: "SHA-256", HashrateTH: 200, Nameplate: rigWatts,
			Owner: cast.party(c.holder), Site: cast.sites[owner].ID, License: license, Customs: "55302/120326/0001234"}})
	}
	report, err := d.registry.svc.Licensing.ImportEquipment(d.app.Ctx, cast.actors["clerk"], licensing.ImportWrite, rows, nil)
	if err == nil && len(report.Failed) > 0 {
		err = fmt.Errorf("rig %d: %w", report.Failed[0].Line, report.Failed[0].Err)
	}
	return err
}

// endings suspends, revokes, ends and expires what the story says: the officer
// drafts, the head signs. One draft waits for a signature, and one slip of the pen
// was corrected.
func (d *demo) endings(cast *demoCast) error {
	d.ago(180 * day)
	if err := d.enact(cast, models.LicenseAct{License: cast.licenses[revokedHolder], Kind: models.RevocationAct, Ground: "REPEATED_BREACH"}); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	d.ago(90 * day)
	if err := d.enact(cast, models.LicenseAct{License: cast.licenses[endedHolder], Kind: models.TerminationAct, Ground: "HOLDER_REQUEST"}); err != nil {
		return fmt.Errorf("terminate: %w", err)
	}
	d.ago(40 * day)
	since, err := d.registry.svc.Licensing.License(d.app.Ctx, models.System(), cast.licenses[overHolder], time.Time{})
	if err != nil {
		return fmt.Errorf("read what to correct: %w", err)
	}
	firstIssued := models.AddDays(since.FirstIssued, -1)
	err = d.enact(cast, models.LicenseAct{License: since.Number, Kind: models.CorrectionAct, Since: since.EffectiveAt, Correction: &models.Correction{FirstIssued: &firstIssued},
		Note: "В приказе о выдаче стоит предыдущий день."})
	if err != nil {
		return fmt.Errorf("correct: %w", err)
	}
	d.ago(26 * day)
	err = d.enact(cast, models.LicenseAct{License: cast.licenses[stoppedHolder], Kind: models.SuspensionAct, Ground: "REPORTS_OVERDUE", Months: 3})
	if err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	d.ago(3 * time.Hour)
	_, err = d.registry.svc.Licensing.DraftAct(d.app.Ctx, cast.actors["officer"], models.LicenseAct{License: cast.licenses[stoppedHolder], Kind: models.ExtensionAct,
		Ground: "REPORTS_OVERDUE", Months: 2, Note: "Отчёт за квартал так и не представлен."}, licensing.AnyVersion)
	if err != nil {
		return fmt.Errorf("draft an extension: %w", err)
	}
	d.ago(0)
	_, err = d.registry.svc.Licensing.ExpireDue(d.app.Ctx)
	return err
}

// enact has an act drafted by the officer and signed by the head.
func (d *demo) enact(cast *demoCast, a models.LicenseAct) error {
	lic := d.registry.svc.Licensing
	drafted, err := lic.DraftAct(d.app.Ctx, cast.actors["officer"], a, licensing.AnyVersion)
	if err != nil {
		return err
	}
	_, err = lic.SignAct(d.app.Ctx, cast.actors["head"], drafted.ID, drafted.Version)
	return err
}
