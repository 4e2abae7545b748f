package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Impact tells what an act on a license would bring about now. It refuses what
// could not be done, but asks for no ground or note: they change nothing of it.
func (s *Service) Impact(ctx context.Context, actor models.Actor, number string, a models.LicenseAct) (out models.Impact, err error) {
	err = s.view(ctx, actor, models.ActLicenseActRead, func(tx *store.Tx) error {
		versions, err := tx.LicenseVersions(models.NormalizeIdentifier(number))
		if err != nil {
			return err
		}
		out, err = impactOf(tx, versions, a)
		return err
	})
	if err != nil {
		return models.Impact{}, err
	}
	return out, nil
}

// impactOf tries the act on a copy and reads what depends on the license.
func impactOf(tx *store.Tx, versions []models.License, a models.LicenseAct) (models.Impact, error) {
	if a.Ground == "" {
		a.Ground = "any"
	}
	if a.Kind == models.CorrectionAct && a.Correction == nil {
		a.Correction = &models.Correction{}
	}
	made, err := a.Apply(versions, models.Act{Drafter: "one", Signer: "another"}, tx.Now)
	if err != nil {
		return models.Impact{}, err
	}
	before, after := versions[len(versions)-1], made[len(made)-1]
	out := models.Impact{License: before.Number, Version: before.Version, Kind: a.Kind, At: tx.Now, State: after.State, ValidTo: after.ValidUntil, Approved: after.Approved}
	if after.Suspension != nil {
		out.Until = after.Suspension.Until
	}
	r := impactReader{tx: tx, effect: gateEffect(before.State, after.State), reason: reasonOf(after.State), out: &out, utilities: map[string]*models.ImpactUtility{}}
	if a.Kind == models.CorrectionAct { // it repairs the record and changes no right
		r.effect = models.GateUnchanged
	}
	err = r.read(before, a.Kind)
	return out, err
}

func gateEffect(before, after models.LicenseState) models.GateEffect {
	was, is := before == models.LicenseActive, after == models.LicenseActive
	switch {
	case was && !is:
		return models.GateCloses
	case !was && is:
		return models.GateOpens
	case !was:
		return models.GateStaysClosed
	}
	return models.GateUnchanged
}

func reasonOf(state models.LicenseState) models.ReasonCode {
	switch state {
	case models.LicenseSuspended:
		return models.ReasonLicenseSuspended
	case models.LicenseRevoked:
		return models.ReasonLicenseRevoked
	case models.LicenseTerminated:
		return models.ReasonLicenseTerminated
	case models.LicenseExpired:
		return models.ReasonLicenseExpired
	}
	return ""
}

// impactReader reads the parts of one impact.
type impactReader struct {
	tx        *store.Tx
	effect    models.GateEffect
	reason    models.ReasonCode
	out       *models.Impact
	utilities map[string]*models.ImpactUtility
}

func (r impactReader) read(l models.License, kind models.LicenseActKind) error {
	for _, step := range []func(models.License) error{r.points, r.tenants, r.orders, r.withdrawn} {
		if err := step(l); err != nil {
			return err
		}
	}
	for _, u := range r.utilities {
		r.out.Utilities = append(r.out.Utilities, *u)
	}
	slices.SortFunc(r.out.Utilities, func(a, b models.ImpactUtility) int { return strings.Compare(a.Code, b.Code) })
	r.letters(l, kind)
	return nil
}

func (r impactReader) points(l models.License) error {
	points, err := r.tx.PointsOfCodes(licensedCodes(l))
	if err != nil {
		return err
	}
	for _, p := range points {
		r.out.Points = append(r.out.Points, models.ImpactPoint{Code: p.Code, Utility: p.Utility, State: p.State, Energised: p.Energised,
			Reserved: p.Reserved, Permits: p.Permits, Effect: r.effect, Reason: r.reason})
		u, ok := r.utilities[p.Utility]
		if !ok {
			found, err := r.tx.Utility(p.Utility)
			if err != nil {
				return err
			}
			u = &models.ImpactUtility{ID: found.ID, Code: found.Code, Name: found.NameRu}
			r.utilities[p.Utility] = u
		}
		u.Points++
		u.Energised += p.Energised
	}
	return nil
}

func (r impactReader) tenants(l models.License) error {
	numbers, err := r.tx.TenantsOf(l.Number)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		t, err := r.tx.License(number, time.Time{})
		if err != nil {
			return err
		}
		tenant := models.ImpactTenant{Number: t.Number, Holder: t.Holder, HolderName: t.HolderName, State: t.StateAt(r.tx.Now), Approved: t.Approved,
			Points: feedOf(l, t), Effect: r.effect}
		if r.out.State != models.LicenseActive {
			tenant.Reason = models.ReasonHostSuspended
		}
		r.out.Tenants = append(r.out.Tenants, tenant)
	}
	return nil
}

// orders lists the disconnection orders that go out: one for each point that
// carries load, as the follower of the ledger makes them.
func (r impactReader) orders(l models.License) error {
	losesRight := r.effect == models.GateCloses || r.effect == models.GateStaysClosed && r.out.State != models.LicenseSuspended
	if !losesRight {
		return nil
	}
	points, err := r.tx.EnergisedPointsOf(l.Number)
	if err != nil {
		return err
	}
	ground := "license.suspended"
	switch r.out.State {
	case models.LicenseRevoked, models.LicenseTerminated, models.LicenseExpired:
		ground = "license." + string(r.out.State)
	}
	term, deadline, err := r.tx.OrderDeadline(ground)
	if err != nil || !term.Orders {
		return err
	}
	for _, p := range points {
		r.out.Orders = append(r.out.Orders, models.ImpactOrder{Point: p.Code, Utility: p.Utility, Load: p.Energised, Deadline: deadline, Issued: true})
	}
	return nil
}

// withdrawn lists the orders that a lift withdraws: those the meters have not
// confirmed yet.
func (r impactReader) withdrawn(l models.License) error {
	if r.effect != models.GateOpens {
		return nil
	}
	open, err := r.tx.Orders(store.OrderFilter{License: l.Number, Open: "open"}, store.Page{Limit: 1000})
	for _, o := range open {
		if o.State != models.OrderVerified {
			r.out.Orders = append(r.out.Orders, models.ImpactOrder{Number: o.Number, Point: o.PointCode, Utility: o.Utility, Deadline: o.Deadline})
		}
	}
	return err
}

func (r impactReader) letters(l models.License, kind models.LicenseActKind) {
	add := func(letter models.ImpactLetter) { r.out.Letters = append(r.out.Letters, letter) }
	add(models.ImpactLetter{Kind: string(kind), To: "holder", ID: l.Holder, Name: l.HolderName, N: 1})
	if r.effect == models.GateUnchanged || kind == models.ExtensionAct {
		return
	}
	host := "host_suspended"
	if r.effect == models.GateOpens {
		host = "host_resumed"
	}
	for _, t := range r.out.Tenants {
		add(models.ImpactLetter{Kind: host, To: "tenant", ID: t.Holder, Name: t.HolderName, N: 1})
	}
	for _, u := range r.out.Utilities {
		add(models.ImpactLetter{Kind: "notice", To: "utility", ID: u.ID, Name: u.Name, N: 1})
		n := int64(0)
		for _, o := range r.out.Orders {
			if o.Utility == u.ID && o.Issued {
				n++
			}
		}
		if n > 0 {
			add(models.ImpactLetter{Kind: "disconnection_order", To: "utility", ID: u.ID, Name: u.Name, N: n})
		}
	}
}

// packed gives an impact as it is kept with a draft, and a digest of what matters
// in it: instants that move with the hour do not count.
func packed(i models.Impact) (text, digest string, err error) {
	b, err := json.Marshal(i)
	if err != nil {
		return "", "", fmt.Errorf("keep an impact: %w", err)
	}
	i.At, i.Until = time.Time{}, time.Time{}
	i.Orders = slices.Clone(i.Orders)
	for k := range i.Orders {
		i.Orders[k].Deadline = time.Time{}
	}
	still, err := json.Marshal(i)
	if err != nil {
		return "", "", fmt.Errorf("digest an impact: %w", err)
	}
	sum := sha256.Sum256(still)
	return string(b), hex.EncodeToString(sum[:]), nil
}

func unpacked(text string) (i models.Impact, err error) {
	if err = json.Unmarshal([]byte(text), &i); err != nil {
		err = fmt.Errorf("read a kept impact: %w", err)
	}
	return i, err
}
