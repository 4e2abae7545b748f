package models

import (
	"slices"
	"strconv"
	"time"
)

// Filing is everything that tells whether an application is fit to be filed, as
// it stands at one instant.
type Filing struct {
	Applicant Party
	Sites     map[string]Site // by id, those that exist
	Host      *License        // the license named as host, nil when there is none
	Fee       Tiyn            // the fee due on the day of filing
	At        time.Time
}

// Articles that refusals name.
const (
	articleResident = "Law 193-VII of 6 February 2023, Art. 1: a digital miner is an entrepreneur or a legal entity of the Republic of Kazakhstan"
	articleSize     = "Law 193-VII of 6 February 2023: digital miners are medium or large business entities"
	articleHost     = "Law 193-VII of 6 February 2023, Art. 9: sub-type II places its own rigs in the data centre of a licensee of sub-type I"
)

// Check gives every field that stands in the way of filing, by JSON Pointer into
// the application.
func (f Filing) Check(a Application) error {
	var v Invalid
	f.checkApplicant(&v)
	if a.Kind != ApplicationIssue {
		v.Add("/kind", "unknown", "The kind of application is issue.")
	}
	if !slices.Contains([]string{"kk", "ru", "en"}, a.Language) {
		v.Add("/language", "unknown", "The language is kk, ru or en.")
	}
	switch a.SubType {
	case SubTypeI:
		if !slices.Contains(SupplyBases(), a.SupplyBasis) {
			v.Add("/supply_basis", "unknown", "Say how power is obtained: %v.", SupplyBases())
		}
		if a.Host != "" {
			v.Add("/host_license", "not_allowed", "Sub-type I has a data centre of its own and no host.")
		}
	case SubTypeII:
		f.checkHost(&v, a)
	default:
		v.Add("/sub_type", "unknown", "The sub-type is I or II.")
	}
	f.checkSites(&v, a)
	checkDeclared(&v, a)
	if a.FeePaid < f.Fee {
		v.Add("/fee_paid_kzt", "range", "The fee is %s on this day; %s are shown as paid.", f.Fee, a.FeePaid)
	}
	if a.FeeDocument == "" {
		v.Add("/fee_document", "required", "Give the number of the payment document.")
	}
	return v.Err()
}

func (f Filing) checkApplicant(v *Invalid) {
	if !f.Applicant.Resident {
		v.Add("/applicant", "residency", "The applicant is not a resident. %s.", articleResident)
	}
	if f.Applicant.Size == SizeSmall {
		v.Add("/applicant", "size", "The applicant is a small business. %s.", articleSize)
	}
	if f.Applicant.State != PartyActive {
		v.Add("/applicant", "state", "The applicant is %s; only an active party can be licensed.", f.Applicant.State)
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

func (f Filing) checkSites(v *Invalid, a Application) {
	if len(a.Sites) == 0 {
		v.Add("/sites", "required", "Name at least one site.")
	}
	seenSites, seenPoints := map[string]bool{}, map[string]bool{}
	for i, s := range a.Sites {
		at := "/sites/" + strconv.Itoa(i)
		site, ok := f.Sites[s.Site]
		switch {
		case !ok:
			v.Add(at+"/site", "unknown", "There is no such site.")
		case seenSites[s.Site]:
			v.Add(at+"/site", "duplicate", "The site stands here twice.")
		default:
			f.checkSiteRight(v, at, a, site)
		}
		seenSites[s.Site] = true
		if s.Approved <= 0 {
			v.Add(at+"/approved_kw", "range", "The power asked for is more than 0 kW.")
		} else if ok && s.Approved > site.HostCapacity {
			v.Add(at+"/approved_kw", "range", "The site can feed %s; %s are asked for.", site.HostCapacity, s.Approved)
		}
		checkPoints(v, at, a.SubType, s, site, seenPoints)
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

func checkPoints(v *Invalid, at string, sub SubType, s ApplicationSite, site Site, seen map[string]bool) {
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
		}
		seen[code] = true
	}
}

func checkDeclared(v *Invalid, a Application) {
	var asked Watts
	for _, s := range a.Sites {
		asked += s.Approved
	}
	if asked > a.Declared {
		v.Add("/sites", "range", "The sites ask for %s together, more than the declared %s.", asked, a.Declared)
	}
	if len(a.Equipment) == 0 {
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
