package gate

import (
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// load gives the facts of a check from the index, as factLoader gives them from the
// database: a test walks both. The instant must be the one of advance.
func (x *index) load(utility string, r models.CheckRequest, now time.Time) models.Facts {
	f := models.Facts{Utility: utility, Revision: x.head.Size}
	if !x.oldest.IsZero() {
		f.Waiting = max(0, now.Sub(x.oldest))
	}
	if !x.head.At.IsZero() {
		f.Behind = max(0, x.head.At.Sub(now))
	}
	point := x.points[r.ConnectionPoint]
	if point != nil && point.Utility != utility {
		point = nil
	}
	license := r.License
	var on []store.LicensedPoint
	if point != nil {
		on = x.covers[point.Code]
	}
	for _, lp := range on {
		f.EverMining = true
		if lp.InForce == 1 {
			f.ClaimedBy = lp.License
			if license == "" && r.Purpose == models.PurposeMining {
				license = lp.License
			}
		}
	}
	if state, found := x.parties[r.Applicant]; found {
		f.Holder = &models.HolderFacts{Bin: r.Applicant, State: state}
	}
	f.Pending = x.pending[r.Applicant]
	x.license(&f, license, on, now)
	if point != nil {
		x.point(&f, point, now)
		x.stands(&f, r, point, license)
	}
	return f
}

func (x *index) license(f *models.Facts, number string, on []store.LicensedPoint, now time.Time) {
	l := x.licenses[number]
	if number == "" || l == nil {
		return
	}
	facts := licenseFacts(l.GateLicense)
	if at := slices.IndexFunc(on, func(p store.LicensedPoint) bool { return p.License == number }); at >= 0 {
		facts.Covers, facts.SiteApproved = true, models.Watts(on[at].Approved)
		for _, p := range l.points {
			below := x.points[p.Code]
			if below == nil {
				continue
			}
			load := below.Energised + below.held
			facts.Load += load
			// The point of no appendix belongs to the whole license, as in LicenseLoad.
			if on[at].Appendix == "" || p.Point.Appendix == on[at].Appendix {
				facts.SiteLoad += load
			}
		}
		f.Equipment = x.rigs[number+"|"+on[at].Site]
	}
	f.License = &facts
	today := models.LegalDate(now)
	for _, o := range x.duties[number] {
		if o.Open == 0 || o.Due < today {
			f.Overdue = append(f.Overdue, models.OverdueFacts{ID: o.ID, Kind: o.Kind, Period: o.Period, Due: o.Due, Text: x.texts[o.Kind]})
		}
	}
	if l.Host == "" {
		return
	}
	if host := x.licenses[x.inPlaceOf(l.Host, now)]; host != nil {
		h := licenseFacts(host.GateLicense)
		f.Host = &h
	}
}

func (x *index) point(f *models.Facts, p *indexPoint, now time.Time) {
	facts := models.PointFacts{
		ID: p.ID, Code: p.Code, State: string(p.State), Site: p.Site, DeclaredUse: p.DeclaredUse, ConsumerBin: p.ConsumerBin,
		Permitted: p.Permitted, Energised: p.Energised, Reserved: p.held, Technical: p.Technical, Act: p.Act,
		SupplyNumber: p.SupplyNumber, SupplyUntil: p.SupplyUntil, Automation: p.Automation,
		FeederID: p.feeder.ID, FeederCode: p.feeder.Code, FeederLimit: models.Watts(p.feeder.Limit), FeederLoad: p.feeder.load,
	}
	if s := p.feeder.parent; s != nil {
		facts.SubstationID, facts.SubstationLimit, facts.SubstationLoad = s.ID, models.Watts(s.Limit), s.load
	}
	f.Point = &facts
	f.Meters = []models.MeterFacts{}
	found := x.meters[p.ID]
	if more := x.meters[p.Code]; len(more) > 0 {
		found = append(slices.Clone(found), more...)
	}
	if len(found) > 1 {
		found = slices.Clone(found)
		slices.SortFunc(found, func(a, b *indexMeter) int { return strings.Compare(a.Code, b.Code) })
	}
	for _, m := range found {
		if m.Until != 0 && m.Until <= now.UnixMicro() {
			continue
		}
		meter := models.MeterFacts{Serial: m.Serial, Linked: m.URL != "" || m.Last != 0}
		if m.Last != 0 {
			meter.Last = time.UnixMicro(m.Last).UTC()
		}
		f.Meters = append(f.Meters, meter)
	}
}

// stands gathers the standing facts around a check, oldest first.
func (x *index) stands(f *models.Facts, r models.CheckRequest, p *indexPoint, license string) {
	f.Standing = []models.StandingFact{}
	if len(x.standing) > 0 {
		station := ""
		if p.feeder.parent != nil {
			station = p.feeder.parent.Code
		}
		for _, at := range [...]struct {
			scope models.StandingScope
			id    string
		}{{models.ScopeGrid, ""}, {models.ScopePoint, p.Code}, {models.ScopeFeeder, p.feeder.Code}, {models.ScopeSubstation, station},
			{models.ScopeSite, x.sites[p.Site]}, {models.ScopeLicense, license}, {models.ScopeParty, r.Applicant}} {
			for _, s := range x.standing[scopeKey(at.scope, at.id)] {
				if s.Until.IsZero() || s.Until.After(x.now) {
					f.Standing = append(f.Standing, s)
				}
			}
		}
		slices.SortFunc(f.Standing, func(a, b models.StandingFact) int { return strings.Compare(a.ID, b.ID) })
	}
	if r.Purpose == models.PurposeMining {
		f.SupplyByHour = x.supplied[scopeKey(models.ScopeLicense, license)] || x.supplied[scopeKey(models.ScopePoint, p.Code)]
	}
}
