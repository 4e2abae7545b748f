package api

import (
	"math"
	"slices"

	"rigistry/models"
	"rigistry/services/licensing"
)

// RequirementWire is one qualification requirement as it holds from a legal date.
type RequirementWire struct {
	Code      string `json:"code"`
	SubType   string `json:"sub_type" enum:"I,II"`
	Evidence  string `json:"evidence" doc:"document, register or inspection"`
	TextKk    string `json:"text_kk"`
	TextRu    string `json:"text_ru"`
	TextEn    string `json:"text_en"`
	LegalRef  string `json:"legal_ref"`
	Grade     string `json:"grade" enum:"S,R" doc:"S: read in a source; R: recalled, to be confirmed"`
	ValidFrom string `json:"valid_from" doc:"Legal date"`

	NeedsFile bool     `json:"needs_file" doc:"An application with attached documents has a file for it before filing"`
	Kinds     []string `json:"kinds" nullable:"false" doc:"Kinds of application that look at it"`
}

// HolidayWire is a day that is not what its day of the week says.
type HolidayWire struct {
	Date     string `json:"date"`
	Kind     string `json:"kind" enum:"holiday,moved_day_off,working_saturday"`
	NameKk   string `json:"name_kk"`
	NameRu   string `json:"name_ru"`
	NameEn   string `json:"name_en"`
	LegalRef string `json:"legal_ref"`
}

func partyWire(p models.Party) PartyWire {
	return PartyWire{ID: p.ID, BinOrIin: p.BinOrIin, Kind: string(p.Kind), NameKk: p.NameKk, NameRu: p.NameRu, Size: string(p.Size),
		Resident: p.Resident, Address: p.Address, Kato: p.Kato, Email: p.Email, Phone: p.Phone, State: string(p.State),
		Merged: p.MergedInto, Version: p.Version, Updated: p.Updated}
}

func partyOf(w PartyWire) models.Party {
	return models.Party{BinOrIin: w.BinOrIin, Kind: models.PartyKind(w.Kind), NameKk: w.NameKk, NameRu: w.NameRu,
		Size: models.BusinessSize(w.Size), Resident: w.Resident, Address: w.Address, Kato: w.Kato, Email: w.Email, Phone: w.Phone,
		State: models.PartyState(w.State)}
}

func siteWire(s models.Site) SiteWire {
	return SiteWire{ID: s.ID, Code: s.Code, Owner: s.Owner, NameKk: s.NameKk, NameRu: s.NameRu, Address: s.Address, Kato: s.Kato,
		GridZone: s.GridZone, HostCapacityKw: kw(s.HostCapacity), ConnectionPoints: orEmpty(s.ConnectionCode), Version: s.Version}
}

func siteOf(w SiteWire) models.Site {
	return models.Site{Code: w.Code, Owner: w.Owner, NameKk: w.NameKk, NameRu: w.NameRu, Address: w.Address, Kato: w.Kato,
		GridZone: w.GridZone, HostCapacity: watts(w.HostCapacityKw), ConnectionCode: w.ConnectionPoints}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func equipmentWire(e models.Equipment) EquipmentWire {
	return EquipmentWire{ID: e.ID, Manufacturer: e.Manufacturer, Model: e.Model, Serial: e.Serial, Algorithm: e.Algorithm,
		HashrateTh: e.HashrateTH, NameplateKw: kw(e.Nameplate), Owner: e.Owner, Site: e.Site, License: e.License, Customs: e.Customs,
		State: string(e.State), Version: e.Version, ImportCountry: e.ImportCountry, ImportDate: e.ImportDate, Import: e.ImportJob}
}

func equipmentOf(w EquipmentWire) models.Equipment {
	return models.Equipment{Manufacturer: w.Manufacturer, Model: w.Model, Serial: w.Serial, Algorithm: w.Algorithm, HashrateTH: w.HashrateTh,
		Nameplate: watts(w.NameplateKw), Owner: w.Owner, Site: w.Site, License: w.License, Customs: w.Customs,
		State: models.EquipmentState(w.State), ImportCountry: w.ImportCountry, ImportDate: w.ImportDate}
}

func groundWire(g models.Ground) GroundWire {
	return GroundWire{Code: g.Code, Act: string(g.Kind), TextKk: g.Text.Kk, TextRu: g.Text.Ru, TextEn: g.Text.En, LegalRef: g.LegalRef}
}

func requirementWire(r models.Requirement) RequirementWire {
	return RequirementWire{Code: r.Code, SubType: string(r.SubType), Evidence: r.Evidence, TextKk: r.Text.Kk, TextRu: r.Text.Ru, TextEn: r.Text.En,
		LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, NeedsFile: r.NeedsFile, Kinds: kindsOf(r)}
}

func holidayWire(h models.Holiday) HolidayWire {
	return HolidayWire{Date: h.Date, Kind: string(h.Kind), NameKk: h.NameKk, NameRu: h.NameRu, NameEn: h.NameEn, LegalRef: h.LegalRef}
}

// applicationOf makes the request of an application. The wire has tenge, the
// registry tiyn.
func applicationOf(w ApplicationInput) models.Application {
	a := models.Application{Kind: models.ApplicationKind(w.Kind), SubType: models.SubType(w.SubType), Applicant: w.Applicant, Language: w.Language,
		SupplyBasis: w.SupplyBasis, Host: w.Host, FeePaid: models.Tiyn(math.Round(min(w.FeePaidKzt, 1e13) * 100)), FeeDocument: w.FeeDocument, Note: w.Note,
		Base: w.BaseLicense, Reason: w.Reason, Documents: w.Documents}
	if c := w.HostContract; c != nil {
		a.HostContract = models.HostContract(*c)
	}
	for _, s := range w.Sites {
		a.Sites = append(a.Sites, models.ApplicationSite{Site: s.Site, ConnectionPoints: s.ConnectionPoints, Approved: watts(s.ApprovedKw)})
	}
	for _, e := range w.Equipment {
		a.Equipment = append(a.Equipment, models.DeclaredEquipment{Manufacturer: e.Manufacturer, Model: e.Model, Units: e.Units, Nameplate: watts(e.NameplateKw)})
	}
	return a
}

// reviewSteps are what nobody with a conflict of interest does.
var reviewSteps = []string{"register", "completeness_check", "assign", "check_item", "draft_decision", "sign", "ask"}

func applicationWire(d licensing.Described, actor models.Actor, language string) ApplicationWire {
	name := d.Party.Name()
	if language == "kk" && d.Party.NameKk != "" {
		name = d.Party.NameKk
	}
	w := ApplicationWire{ID: d.ID, Number: d.Number, Kind: string(d.Kind), SubType: string(d.SubType), State: string(d.State),
		Applicant: d.Applicant, ApplicantBin: d.ApplicantBin, ApplicantName: name, Region: d.Region, Language: d.Language,
		SupplyBasis: d.SupplyBasis, DeclaredKw: kw(d.Declared), Sites: []ApplicationSiteWire{}, Host: d.Host,
		Equipment: []DeclaredEquipmentWire{}, FeePaidKzt: float64(d.FeePaid) / 100, FeeDocument: d.FeeDocument, Note: d.Note,
		SubmittedAt: optionalTime(d.SubmittedAt), RegisteredAt: optionalTime(d.RegisteredAt), Missing: orEmpty(d.Missing),
		Officer: d.Officer, OfficerName: d.People[d.Officer], Checklist: []ChecklistItemWire{}, License: d.License,
		Allowed: d.Allowed(actor), Version: d.Version, UpdatedAt: d.Updated,
		Clock: ClockWire{Due: d.Term.Due, WorkingDaysUsed: d.Term.Used, WorkingDaysLeft: d.Term.Left, TermDays: d.Term.Days,
			Provisional: d.Term.Beyond,
			Standing:    d.Term.Waiting != "", StartedAt: optionalTime(d.Application.Clock.Started), LegalRef: d.Term.LegalRef}}
	w.BaseLicense, w.Reason, w.Documents, w.LawOf, w.HostContract = d.Base, d.Reason, d.Documents, d.Pinned.Date, hostContractWire(d.HostContract)
	w.Appeal = appealRouteWire(d.Appeal, language)
	if d.Unbiased(actor, d.Conflicts) != nil {
		w.Allowed = slices.DeleteFunc(w.Allowed, func(step string) bool { return slices.Contains(reviewSteps, step) })
	}
	for _, s := range d.Sites {
		w.Sites = append(w.Sites, ApplicationSiteWire{Site: s.Site, SiteCode: s.SiteCode, ConnectionPoints: orEmpty(s.ConnectionPoints), ApprovedKw: kw(s.Approved)})
	}
	for _, e := range d.Equipment {
		w.Equipment = append(w.Equipment, DeclaredEquipmentWire{Manufacturer: e.Manufacturer, Model: e.Model, Units: e.Units, NameplateKw: kw(e.Nameplate)})
	}
	for _, c := range d.Checklist {
		text := d.Requirements[c.Code].Text
		w.Checklist = append(w.Checklist, ChecklistItemWire{Code: c.Code, TextKk: text.Kk, TextRu: text.Ru, TextEn: text.En,
			LegalRef: c.LegalRef, Result: string(c.Result), Note: c.Note, By: c.By})
	}
	if x := d.Decision; x != nil {
		w.Decision = &DecisionWire{Outcome: x.Outcome, Reasons: orEmpty(x.Reasons), Note: x.Note, Drafter: x.Drafter, DrafterName: d.People[x.Drafter],
			DraftedAt: optionalTime(x.DraftedAt), Signer: x.Signer, SignerName: d.People[x.Signer], SignedAt: optionalTime(x.SignedAt), Order: x.Order}
	}
	return w
}

// licenseView is what a license's wire form needs beside the license.
type licenseView struct {
	actor   models.Actor
	hosts   map[string]licensing.Host
	baseURL string
}

func (v licenseView) wire(l models.License) LicenseWire {
	w := LicenseWire{Number: l.Number, Version: l.Version, SubType: string(l.SubType), State: string(l.State), Holder: l.Holder,
		HolderBin: l.HolderBin, HolderName: l.HolderName, Application: l.Application, Sites: []LicensedSiteWire{}, ApprovedKw: kw(l.Approved),
		Host: l.Host, HostState: string(v.hosts[l.Host].State), FirstIssued: l.FirstIssued, Issued: l.Issued, ValidFrom: l.ValidFrom,
		ValidUntil: l.ValidUntil, Order: l.Order, Ground: l.Ground, VerificationCode: l.Verification,
		VerificationURL: v.baseURL + "/v/" + l.Verification, Drafter: l.Drafter, Signer: l.Signer, EffectiveAt: l.EffectiveAt,
		RecordedAt: l.RecordedAt, Allowed: l.Allowed(v.actor), Corrects: l.Corrects, Act: l.ActID}
	if h := v.hosts[l.Host]; h.State != "" && h.State != models.LicenseActive {
		w.HostSince, w.HostGround = optionalTime(h.Since), h.Ground
	}
	for _, s := range l.Sites {
		w.Sites = append(w.Sites, LicensedSiteWire{Appendix: s.Appendix, Site: s.Site, SiteCode: s.SiteCode,
			ConnectionPoints: orEmpty(s.ConnectionPoints), ApprovedKw: kw(s.Approved)})
	}
	if x := l.Suspension; x != nil {
		w.Suspension = &SuspensionWire{Ground: x.Ground, Months: x.Months, From: x.From, Until: x.Until, Note: x.Note}
	}
	return w
}
