package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Submit files a draft, pins the law of the day to it and keeps the receipt.
// Everything that stands in the way comes back at once, by JSON Pointer; small
// businesses and non-residents are refused with the article.
func (s *Service) Submit(ctx context.Context, actor models.Actor, id string, version int64) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationFile, "application.submitted", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			pinned, err := pin(tx, a)
			if err != nil {
				return a, nil, err
			}
			n, err := a.Submit(actor, tx.Now)
			if err != nil {
				return a, nil, err
			}
			n.Pinned = pinned
			if err := fitToFile(tx, n); err != nil {
				return a, nil, err
			}
			receipt, err := receiptOf(tx, n)
			if err != nil {
				return a, nil, err
			}
			return n, map[string]any{"declared_w": a.Declared, "fee_paid_tiyn": a.FeePaid, "host": a.Host, "reason": a.Reason, "content_digest": receipt.Digest,
				"register_by": receipt.RegisterBy}, tx.InsertReceipt(receipt)
		}})
}

// pin takes down the law as it stands today for a case that is being filed.
func pin(tx *store.Tx, a models.Application) (p models.Pinned, err error) {
	rule, known := models.RuleOf(a.Kind)
	if !known {
		return p, nil // Check says so
	}
	p.Date = models.LegalDate(tx.Now)
	days, err := tx.LegalValue(rule.DaysFor(a.Reason), p.Date)
	if err != nil {
		return p, err
	}
	p.Days, p.DaysRef = int(days.Value), days.LegalRef
	var used []models.LegalValue
	if p.Fee, used, err = feeOn(tx, a, p.Date); err != nil {
		return p, err
	}
	for _, v := range append(used, days) {
		p.Values = append(p.Values, models.PinnedID{Code: v.Code, ValidFrom: v.ValidFrom})
	}
	requirements, err := tx.Requirements(a.SubType, p.Date)
	if err != nil {
		return p, err
	}
	for _, r := range models.RequirementsFor(a.Kind, requirements) {
		p.Requirements = append(p.Requirements, models.PinnedID{Code: r.Code, ValidFrom: r.ValidFrom})
	}
	reasons, err := tx.ApplicationReasons(a.Kind, p.Date)
	if i := slices.IndexFunc(reasons, func(r models.ApplicationReason) bool { return r.Code == a.Reason }); i >= 0 {
		p.Reason = models.PinnedID{Code: a.Reason, ValidFrom: reasons[i].ValidFrom}
	}
	return p, err
}

// feeOn is what an application costs on a legal date, and the values that make it.
func feeOn(tx *store.Tx, a models.Application, date string) (fee models.FilingFee, used []models.LegalValue, err error) {
	rule, _ := models.RuleOf(a.Kind)
	percent := models.LegalValue{Value: 100}
	if rule.Percent != "" {
		percent, err = tx.LegalValue(rule.Percent, date)
		if models.CodeOf(err) == models.CodeNotFound {
			return fee, nil, nil // no row, no fee
		}
		if err != nil {
			return fee, nil, err
		}
		used = append(used, percent)
	}
	code := models.ValueFeeI
	if a.SubType == models.SubTypeII {
		code = models.ValueFeeII
	}
	units, err := tx.LegalValue(code, date)
	if err != nil {
		return fee, nil, err
	}
	mci, err := tx.LegalValue(models.ValueMCI, date)
	return models.FeeOf(units, mci, percent.Value), append(used, units, mci), err
}

// feeDue is the fee of a first license of the sub-type on a legal date.
func feeDue(tx *store.Tx, subType models.SubType, date string) (models.Tiyn, error) {
	fee, _, err := feeOn(tx, models.Application{Kind: models.ApplicationIssue, SubType: subType}, date)
	return fee.Due, err
}

// termOf gives the statutory term of a case: as pinned at its filing, or, for a draft
// and for a case filed before pinning began, as on its day.
func termOf(tx *store.Tx, a models.Application) (days int, legalRef string, err error) {
	if a.IsPinned() {
		return a.Pinned.Days, a.Pinned.DaysRef, nil
	}
	rule, _ := models.RuleOf(a.Kind)
	v, err := tx.LegalValue(rule.DaysFor(a.Reason), dateOf(tx, a.RegisteredAt))
	return int(v.Value), v.LegalRef, err
}

// checklistOf gives the requirements of a case: as pinned at its filing, or as on
// its day.
func checklistOf(tx *store.Tx, a models.Application) ([]models.Requirement, error) {
	if a.IsPinned() {
		return tx.PinnedRequirements(a.SubType, a.Pinned.Requirements)
	}
	all, err := tx.Requirements(a.SubType, dateOf(tx, a.SubmittedAt))
	return models.RequirementsFor(a.Kind, all), err
}

// filingOf gathers what tells whether an application can be filed or granted. What
// was pinned at its filing stays as it was then.
func filingOf(tx *store.Tx, a models.Application) (f models.Filing, err error) {
	f = models.Filing{Sites: map[string]models.Site{}, Attached: map[string]int{}, At: tx.Now}
	if f.Applicant, err = tx.Party(a.Applicant); err != nil {
		return f, err
	}
	if f.Rules, err = tx.PartyRules(dateOf(tx, a.SubmittedAt)); err != nil {
		return f, err
	}
	keys := make([]string, 0, len(a.Sites))
	for _, as := range a.Sites {
		keys = append(keys, as.Site)
	}
	sites, err := tx.SitesByKey(keys)
	if err != nil {
		return f, err
	}
	for _, site := range sites {
		f.Sites[site.ID] = site
	}
	host, err := tx.InPlaceOf(a.Host, tx.Now)
	if err != nil {
		return f, err
	}
	if f.Host, err = licenseOrNone(tx, host); err != nil {
		return f, err
	}
	var codes []string
	for _, as := range a.Sites {
		codes = append(codes, as.ConnectionPoints...)
	}
	if f.Points, err = tx.PointLimits(codes); err != nil {
		return f, err
	}
	if f.Requirements, err = checklistOf(tx, a); err != nil {
		return f, err
	}
	attached, err := tx.Attachments(a.ID)
	if err != nil {
		return f, err
	}
	for _, x := range attached {
		if x.RemovedBy == "" {
			f.Attached[x.Requirement]++
		}
	}
	if f.Hosted, err = tx.HostedAt(keys, a.Base); err != nil {
		return f, err
	}
	return f, baseOf(tx, a, &f)
}

func licenseOrNone(tx *store.Tx, number string) (*models.License, error) {
	if number == "" {
		return nil, nil //nolint:nilnil // no license is an answer
	}
	l, err := tx.License(number, tx.Now)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, nil //nolint:nilnil // no license is an answer
	}
	return &l, err
}

// baseOf gathers what concerns the license that an application is about, the reasons
// and the fee.
func baseOf(tx *store.Tx, a models.Application, f *models.Filing) (err error) {
	date := models.LegalDate(tx.Now)
	if a.IsPinned() {
		date, f.Fee = a.Pinned.Date, a.Pinned.Fee.Due
	} else {
		fee, _, err := feeOn(tx, a, date)
		if err != nil {
			return err
		}
		f.Fee = fee.Due
	}
	reasons, err := tx.ApplicationReasons(a.Kind, date)
	if err != nil {
		return err
	}
	for _, r := range reasons {
		f.Reasons = append(f.Reasons, r.Code)
	}
	if f.Base, err = licenseOrNone(tx, a.Base); err != nil || f.Base == nil {
		return err
	}
	rule, _ := models.RuleOf(a.Kind)
	if rule.Claims {
		if f.Pending, err = tx.ChangePending(a.Base, a.ID); err != nil {
			return err
		}
	}
	if a.Kind != models.ApplicationRenewal {
		return nil
	}
	months, err := tx.LegalValue(models.ValueRenewalMonths, date)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil // no row, no window
	}
	f.RenewalFrom = models.AddMonths(models.LegalDate(f.Base.ValidUntil.Add(-1)), -int(months.Value))
	return err
}

// fitToFile refuses, by field, what cannot be filed or corrected to.
func fitToFile(tx *store.Tx, a models.Application) error {
	filing, err := filingOf(tx, a)
	if err != nil {
		return err
	}
	return filing.Check(a)
}

// receiptOf makes the receipt of an application that is being filed.
func receiptOf(tx *store.Tx, a models.Application) (models.Receipt, error) {
	content, err := filedContent(tx, a)
	if err != nil {
		return models.Receipt{}, err
	}
	today := models.LegalDate(tx.Now)
	cal, err := calendar(tx)
	if err != nil {
		return models.Receipt{}, err
	}
	days, err := tx.LegalValue(models.ValueCompletenessDays, today)
	sum := sha256.Sum256(content)
	return models.Receipt{Application: a.ID, Version: a.Version, Reference: a.Number, Filed: tx.Now, Digest: hex.EncodeToString(sum[:]),
		Content: string(content), RegisterBy: cal.AddWorkingDays(today, int(days.Value))}, err
}

// filedContent is what was filed as canonical JSON: the members of each object in
// the order of their names, no white space, whole watts and tiyn.
func filedContent(tx *store.Tx, a models.Application) ([]byte, error) {
	attached, err := tx.Attachments(a.ID)
	if err != nil {
		return nil, err
	}
	files := []map[string]any{}
	for _, x := range attached {
		if x.RemovedBy == "" {
			files = append(files, map[string]any{"requirement": x.Requirement, "name": x.Name, "media_type": x.MediaType, "bytes": x.Bytes, "sha256": x.SHA256})
		}
	}
	sites := []map[string]any{}
	for _, x := range a.Sites {
		sites = append(sites, map[string]any{"site": x.Site, "site_code": x.SiteCode, "connection_points": append([]string{}, x.ConnectionPoints...), "approved_w": x.Approved})
	}
	rigs := []map[string]any{}
	for _, x := range a.Equipment {
		rigs = append(rigs, map[string]any{"manufacturer": x.Manufacturer, "model": x.Model, "units": x.Units, "nameplate_w": x.Nameplate})
	}
	out, err := json.Marshal(map[string]any{
		"reference": a.Number, "kind": a.Kind, "sub_type": a.SubType, "applicant": a.Applicant, "applicant_bin": a.ApplicantBin,
		"base_license": a.Base, "reason": a.Reason, "language": a.Language, "supply_basis": a.SupplyBasis, "declared_w": a.Declared,
		"host_license": a.Host, "host_contract": map[string]any{"number": a.HostContract.Number, "date": a.HostContract.Date, "until": a.HostContract.Until},
		"documents": a.Documents, "fee_paid_tiyn": a.FeePaid, "fee_document": a.FeeDocument, "note": a.Note,
		"sites": sites, "equipment": rigs, "attachments": files, "filed_at": a.SubmittedAt, "law_of": a.Pinned.Date,
	})
	if err != nil {
		return nil, fmt.Errorf("write down what was filed: %w", err)
	}
	return out, nil
}

// Tasks is what an application needs before it can be filed, question by question.
type Tasks struct {
	Tasks    []models.FilingTask
	Ready    bool
	Fee      models.FilingFee
	TermDays int    // working days from registration to decision
	TermRef  string // its legal reference
}

// Tasks gives the machine completeness check of an application as it stands: the
// same that Submit runs.
func (s *Service) Tasks(ctx context.Context, actor models.Actor, key string) (out Tasks, err error) {
	err = s.viewOne(ctx, actor, key, func(tx *store.Tx, a models.Application) error {
		pinned := a.Pinned
		if !a.IsPinned() {
			if pinned, err = pin(tx, a); err != nil {
				return err
			}
		}
		filing, err := filingOf(tx, a)
		if err != nil {
			return err
		}
		tasks := filing.Tasks(a)
		out = Tasks{Tasks: tasks, Ready: models.Ready(tasks), Fee: pinned.Fee, TermDays: pinned.Days, TermRef: pinned.DaysRef}
		return nil
	})
	return out, err
}

// Receipt gives the receipt of the last filing of an application.
func (s *Service) Receipt(ctx context.Context, actor models.Actor, key string) (out models.Receipt, err error) {
	err = s.viewOne(ctx, actor, key, func(tx *store.Tx, a models.Application) (err error) {
		out, err = tx.Receipt(a.ID)
		return err
	})
	return out, err
}

// viewOne runs a read of one application that the actor may see.
func (s *Service) viewOne(ctx context.Context, actor models.Actor, key string, fn func(tx *store.Tx, a models.Application) error) error {
	return s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

// ApplicationReasons gives the reasons for applications of a kind on the legal date
// of an instant; "" gives all kinds and the zero instant is now. The law is public.
func (s *Service) ApplicationReasons(ctx context.Context, kind models.ApplicationKind, at time.Time) (out []models.ApplicationReason, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.ApplicationReasons(kind, dateOf(tx, at))
		return err
	})
	return out, err
}
