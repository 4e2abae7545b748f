package models

import (
	"slices"
	"strconv"
	"time"
)

// Filing is everything that tells whether an application is fit to be filed, as
// it stands at one instant.
type Filing struct {
	Applicant    Party
	Rules        PartyRules            // what the law asks of an applicant on the day of filing
	Sites        map[string]Site       // by id, those that exist
	Host         *License              // the license named as host, nil when there is none
	Base         *License              // the license that the application is about, nil when there is none
	Pending      string                // number of another application that changes the base license, ""
	Reasons      []string              // codes that hold for the kind on this day
	RenewalFrom  string                // legal date from which renewal of the base license can be asked for
	Hosted       map[string]Watts      // by site id: approved to other tenants there
	Requirements []Requirement         // of the sub-type and kind on this day
	Points       map[string]PointLimit // by code, those of the grid register; nil: not looked at
	Attached     map[string]int        // files that stand, by requirement
	Fee          Tiyn                  // the fee due on the day of filing
	At           time.Time
}

// Articles that refusals name.
const (
	articleHost = "Law 193-VII of 6 February 2023, Art. 9: sub-type II places its own rigs in the data centre of a licensee of sub-type I"
)

// Check gives every field that stands in the way of filing, by JSON Pointer into
// the application. Tasks shows the same by question.
func (f Filing) Check(a Application) error {
	v := f.problems(a)
	return v.Err()
}

func (f Filing) problems(a Application) Invalid {
	var v Invalid
	rule, known := RuleOf(a.Kind)
	if !known {
		v.Add("/kind", "unknown", "The kind of application is one of %v.", ApplicationKinds())
		return v
	}
	f.checkApplicant(&v, rule)
	f.checkBase(&v, a, rule)
	if !slices.Contains([]string{"kk", "ru", "en"}, a.Language) {
		v.Add("/language", "unknown", "The language is kk, ru or en.")
	}
	switch a.SubType {
	case SubTypeI:
		if rule.Supply == NeedRequired && a.SupplyBasis == "" || rule.Supply != NeedNone && a.SupplyBasis != "" && !slices.Contains(SupplyBases(), a.SupplyBasis) {
			v.Add("/supply_basis", "unknown", "Say how power is obtained: %v.", SupplyBases())
		}
		if a.Host != "" {
			v.Add("/host_license", "not_allowed", "Sub-type I has a data centre of its own and no host.")
		}
	case SubTypeII:
		if rule.Sites == NeedRequired || a.Host != "" && rule.Sites != NeedNone {
			f.checkHost(&v, a)
			f.checkHostContract(&v, a)
		}
	default:
		v.Add("/sub_type", "unknown", "The sub-type is I or II.")
	}
	f.checkSites(&v, a, rule)
	checkEquipment(&v, a, rule)
	f.checkFee(&v, a)
	f.checkDocuments(&v, a)
	return v
}

func (f Filing) checkApplicant(v *Invalid, rule KindRule) {
	if rule.Entrants {
		f.Rules.Check(v, "/applicant", f.Applicant)
	}
}

// checkBase asks that the application is about a license of the applicant that can
// be changed so, for a reason that the law knows.
func (f Filing) checkBase(v *Invalid, a Application, rule KindRule) {
	if rule.Base == nil {
		if a.Base != "" {
			v.Add("/base_license", "not_allowed", "A first license is about no other license. Choose another kind of application.")
		}
		return
	}
	moved := a.Kind == ApplicationReissue && a.Reason == ReasonReorganisation
	switch {
	case a.Base == "":
		v.Add("/base_license", "required", "Name the license that this is about.")
	case f.Base == nil, f.Base.Holder != f.Applicant.ID && !moved:
		v.Add("/base_license", "unknown", "The applicant holds no license %s.", a.Base)
	case f.Base.StateAt(f.At) == LicenseSuperseded:
		v.Add("/base_license", "state", "License %s was superseded by a re-issue. Name the newer license.", a.Base)
	case !slices.Contains(rule.Base, f.Base.StateAt(f.At)):
		v.Add("/base_license", "state", "License %s is %s; this can be asked for while it is %s.", a.Base, f.Base.StateAt(f.At), orList(rule.Base))
	case f.Base.SubType != a.SubType:
		v.Add("/sub_type", "mismatch", "License %s is of sub-type %s. Another sub-type is another license.", a.Base, f.Base.SubType)
	case f.Pending != "":
		v.Add("/base_license", "pending", "Application %s about this license is not decided yet. Wait for it, or withdraw it.", f.Pending)
	case a.Kind == ApplicationRenewal && f.RenewalFrom != "" && LegalDate(f.At) < f.RenewalFrom:
		v.Add("/base_license", "early", "Renewal of license %s can be asked for from %s on.", a.Base, f.RenewalFrom)
	}
	switch {
	case a.Reason == "" && rule.Reasoned:
		v.Add("/reason", "required", "Say why: %v.", f.Reasons)
	case a.Reason != "" && !slices.Contains(f.Reasons, a.Reason):
		v.Add("/reason", "unknown", "%q is no reason for this kind of application today. The reasons are %v.", a.Reason, f.Reasons)
	}
}

func (f Filing) checkHost(v *Invalid, a Application) {
	switch {
	case a.Host == "":
		v.Add("/host_license", "required", "Name the license of the data centre that hosts the rigs. %s.", articleHost)
	case f.Host == nil:
		v.Add("/host_license", "unknown", "There is no license %s. %s.", a.Host, articleHost)
	case f.Host.SubType != SubTypeI:
		v.Add("/host_license", "sub_type", "License %s is of sub-type II and hosts nobody. %s.", a.Host, articleHost)
	case f.Host.StateAt(f.At) != LicenseActive:
		v.Add("/host_license", "state", "License %s is %s; a host must be active. %s.", a.Host, f.Host.StateAt(f.At), articleHost)
	case f.Host.Holder == f.Applicant.ID:
		v.Add("/host_license", "mismatch", "The host is the applicant itself: ask for sub-type I.")
	}
}

func (f Filing) checkHostContract(v *Invalid, a Application) {
	c, today := a.HostContract, LegalDate(f.At)
	if c.Number == "" {
		v.Add("/host_contract/number", "required", "Give the number of the hosting contract. %s.", articleHost)
	}
	if AddDays(c.Date, 0) == "" {
		v.Add("/host_contract/date", "required", "Give the date of the hosting contract as YYYY-MM-DD.")
	} else if c.Date > today {
		v.Add("/host_contract/date", "range", "The hosting contract is dated after today.")
	}
	switch {
	case c.Until == "":
	case AddDays(c.Until, 0) == "":
		v.Add("/host_contract/until", "format", "Give the last day of the hosting contract as YYYY-MM-DD, or leave it out.")
	case c.Until < today:
		v.Add("/host_contract/until", "range", "The hosting contract ended on %s.", c.Until)
	}
}

func (f Filing) checkSites(v *Invalid, a Application, rule KindRule) {
	if rule.Sites == NeedNone && len(a.Sites) > 0 {
		v.Add("/sites", "not_allowed", "This kind of application changes no sites.")
		return
	}
	if rule.Sites == NeedRequired && len(a.Sites) == 0 {
		v.Add("/sites", "required", "Name at least one site.")
	}
	var asked Watts
	seenSites, seenPoints := map[string]bool{}, map[string]bool{}
	for i, s := range a.Sites {
		at := "/sites/" + strconv.Itoa(i)
		site, ok := f.Sites[s.Site]
		switch {
		case s.Site == "":
			v.Add(at+"/site", "required", "Choose the site.")
		case !ok:
			v.Add(at+"/site", "unknown", "There is no such site.")
		case seenSites[s.Site]:
			v.Add(at+"/site", "duplicate", "The site stands here twice.")
		default:
			f.checkSiteRight(v, at, a, site)
		}
		seenSites[s.Site] = true
		f.checkPower(v, at, s, site)
		f.checkPoints(v, at, a.SubType, s, seenPoints)
		asked += s.Approved
	}
	if asked > a.Declared && len(a.Sites) > 0 {
		v.Add("/sites", "power", "The sites ask for %s together, more than the declared %s.", asked, a.Declared)
	}
}

// checkPower asks that the site can feed what is asked for, together with the
// tenants that it feeds already. The zero site is unknown and was named before.
func (f Filing) checkPower(v *Invalid, at string, s ApplicationSite, site Site) {
	switch hosted := f.Hosted[s.Site]; {
	case s.Approved <= 0:
		v.Add(at+"/approved_kw", "range", "The power asked for is more than 0 kW.")
	case site.ID == "":
	case s.Approved > site.HostCapacity:
		v.Add(at+"/approved_kw", "range", "The site can feed %s; %s are asked for.", site.HostCapacity, s.Approved)
	case hosted+s.Approved > site.HostCapacity:
		v.Add(at+"/approved_kw", "host_capacity", "The site can feed %s and %s of it are approved to other tenants; %s are asked for.",
			site.HostCapacity, hosted, s.Approved)
	}
}

// checkSiteRight asks that sub-type I stands in a data centre of the applicant
// and sub-type II in one of the host's license.
func (f Filing) checkSiteRight(v *Invalid, at string, a Application, site Site) {
	if a.SubType == SubTypeI && site.Owner != f.Applicant.ID {
		v.Add(at+"/site", "owner", "Site %s belongs to somebody else. Sub-type I needs a data centre of its own; sub-type II names a host.", site.Code)
	}
	if a.SubType == SubTypeII && f.Host != nil && !slices.ContainsFunc(f.Host.Sites, func(h LicensedSite) bool { return h.Site == site.ID }) {
		v.Add(at+"/site", "host", "Site %s is not on the license of the host.", site.Code)
	}
}

func (f Filing) checkPoints(v *Invalid, at string, sub SubType, s ApplicationSite, seen map[string]bool) {
	site := f.Sites[s.Site]
	if sub == SubTypeII && len(s.ConnectionPoints) > 0 {
		v.Add(at+"/connection_points", "not_allowed", "Sub-type II has no connection to the grid of its own.")
		return
	}
	if sub == SubTypeI && len(s.ConnectionPoints) == 0 {
		v.Add(at+"/connection_points", "required", "Name the connection points of the site.")
	}
	for j, code := range s.ConnectionPoints {
		p := at + "/connection_points/" + strconv.Itoa(j)
		switch {
		case code == "":
			v.Add(p, "required", "A connection point has a code.")
		case seen[code]:
			v.Add(p, "duplicate", "Connection point %s stands here twice.", code)
		case len(site.ConnectionCode) > 0 && !slices.Contains(site.ConnectionCode, code):
			v.Add(p, "unknown", "Connection point %s does not belong to site %s.", code, site.Code)
		case f.Points != nil && f.Points[code].Feeder == "":
			v.Add(p, "unknown", "Connection point %s is not in the grid register. Check the code, or ask the utility to enter it.", code)
		}
		seen[code] = true
	}
}

func checkEquipment(v *Invalid, a Application, rule KindRule) {
	if rule.Equipment == NeedRequired && len(a.Equipment) == 0 {
		v.Add("/equipment", "required", "Declare at least one model of equipment.")
	}
	for i, e := range a.Equipment {
		at := "/equipment/" + strconv.Itoa(i)
		if e.Manufacturer == "" {
			v.Add(at+"/manufacturer", "required", "Name the manufacturer.")
		}
		if e.Model == "" {
			v.Add(at+"/model", "required", "Name the model.")
		}
		if e.Units < 1 {
			v.Add(at+"/units", "range", "Declare at least one unit.")
		}
		if e.Nameplate < 1 {
			v.Add(at+"/nameplate_kw", "range", "The nameplate power is more than 0 W.")
		}
	}
}

func (f Filing) checkFee(v *Invalid, a Application) {
	if f.Fee == 0 {
		return
	}
	if a.FeePaid < f.Fee {
		v.Add("/fee_paid_kzt", "range", "The fee is %s on this day; %s are shown as paid.", f.Fee, a.FeePaid)
	}
	if a.FeeDocument == "" {
		v.Add("/fee_document", "required", "Give the number of the payment document.")
	}
}

// checkDocuments asks for a file for each requirement that needs one, unless the
// documents come on paper.
func (f Filing) checkDocuments(v *Invalid, a Application) {
	switch a.Documents {
	case DocumentsPaper:
	case DocumentsAttached:
		for _, r := range f.Requirements {
			if r.NeedsFile && f.Attached[r.Code] == 0 {
				v.Add("/documents/"+r.Code, "required", "Attach a file for %s: %s.", r.Code, r.Text.En)
			}
		}
	default:
		v.Add("/documents", "unknown", "Documents are attached, or come on paper.")
	}
}
