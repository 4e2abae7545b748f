package api

import (
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// ActInput drafts an act on a license.
type ActInput struct {
	License    string             `json:"license" maxLength:"32" doc:"License number"`
	Kind       string             `json:"kind" enum:"suspension,extension,lift,revocation,termination,correction"`
	Ground     string             `json:"ground,omitempty" maxLength:"64" doc:"Code of the catalogue /v1/reference/grounds; not for a correction"`
	Months     int                `json:"months,omitempty" minimum:"0" maximum:"6" doc:"Of a suspension, or added by an extension; 6 in all at most (Law 193-VII, Art. 9)"`
	Note       string             `json:"note,omitempty" maxLength:"2000" doc:"Required for a correction: what was wrong and what shows it"`
	Since      string             `json:"since,omitempty" format:"date-time" doc:"Of a correction: the instant from which it holds; the beginning of the license when absent"`
	Correction *LicenseCorrection `json:"correction,omitempty"`
}

// LicenseCorrection names what was recorded wrongly; what is absent stays.
type LicenseCorrection struct {
	HolderName  *string             `json:"holder_name,omitempty" maxLength:"500"`
	FirstIssued *string             `json:"first_issued_on,omitempty" maxLength:"10" example:"2026-03-02"`
	LastDay     *string             `json:"last_day,omitempty" maxLength:"10" doc:"Last legal date of the term" example:"2029-03-02"`
	Approved    []AppendixPowerWire `json:"approved,omitempty" nullable:"false" maxItems:"100" doc:"Approved power by appendix; never more than was recorded"`
}

// AppendixPowerWire is the power of an appendix.
type AppendixPowerWire struct {
	Appendix   string  `json:"appendix" maxLength:"16"`
	ApprovedKw float64 `json:"approved_kw" minimum:"0"`
}

func (c *LicenseCorrection) correction() *models.Correction {
	if c == nil {
		return nil
	}
	out := models.Correction{HolderName: c.HolderName, FirstIssued: c.FirstIssued, LastDay: c.LastDay}
	for _, a := range c.Approved {
		if out.Approved == nil {
			out.Approved = map[string]models.Watts{}
		}
		out.Approved[a.Appendix] = watts(a.ApprovedKw)
	}
	return &out
}

func correctionWire(c *models.Correction) *LicenseCorrection {
	if c == nil {
		return nil
	}
	out := &LicenseCorrection{HolderName: c.HolderName, FirstIssued: c.FirstIssued, LastDay: c.LastDay, Approved: []AppendixPowerWire{}}
	for _, appendix := range sortedKeys(c.Approved) {
		out.Approved = append(out.Approved, AppendixPowerWire{appendix, kw(c.Approved[appendix])})
	}
	return out
}

// ImpactWire is what an act brings about.
type ImpactWire struct {
	License     string              `json:"license"`
	Version     int64               `json:"version" doc:"Of the license"`
	Act         string              `json:"act" enum:"suspension,extension,lift,revocation,termination,correction"`
	At          time.Time           `json:"at" doc:"As the registry stood at this instant"`
	State       string              `json:"state" doc:"Of the license after the act"`
	Until       *time.Time          `json:"until,omitempty" doc:"End of the suspension after the act"`
	ValidUntil  time.Time           `json:"valid_until" doc:"End of the term after the act"`
	ApprovedKw  float64             `json:"approved_kw" doc:"After the act"`
	EnergisedKw float64             `json:"energised_kw" doc:"Load at the points whose gates close, stay closed or open"`
	ReservedKw  float64             `json:"reserved_kw" doc:"Held by open permits at those points"`
	Points      []ImpactPointWire   `json:"points" nullable:"false"`
	Tenants     []ImpactTenantWire  `json:"tenants" nullable:"false"`
	Utilities   []ImpactUtilityWire `json:"utilities" nullable:"false"`
	Orders      []ImpactOrderWire   `json:"orders" nullable:"false"`
	Letters     []ImpactLetterWire  `json:"letters" nullable:"false"`
}

// ImpactPointWire is a connection point and what becomes of its gate.
type ImpactPointWire struct {
	Code        string  `json:"code"`
	Utility     string  `json:"utility" doc:"Utility id"`
	State       string  `json:"state"`
	EnergisedKw float64 `json:"energised_kw"`
	ReservedKw  float64 `json:"reserved_kw"`
	Permits     int64   `json:"open_permits"`
	Effect      string  `json:"effect" enum:"closes,opens,stays_closed,unchanged"`
	Reason      string  `json:"reason,omitempty" doc:"Reason code of the gate after the act"`
}

// ImpactTenantWire is a license of sub-type II in the data centre.
type ImpactTenantWire struct {
	Number     string   `json:"number"`
	HolderName string   `json:"holder_name"`
	State      string   `json:"state"`
	ApprovedKw float64  `json:"approved_kw"`
	Points     []string `json:"connection_points" nullable:"false" doc:"From which it draws"`
	Effect     string   `json:"effect" enum:"closes,opens,stays_closed,unchanged"`
	Reason     string   `json:"reason,omitempty"`
}

// ImpactUtilityWire is a utility that finds the act in its feed.
type ImpactUtilityWire struct {
	ID          string  `json:"id"`
	Code        string  `json:"code"`
	Name        string  `json:"name"`
	Points      int64   `json:"points"`
	EnergisedKw float64 `json:"energised_kw"`
}

// ImpactOrderWire is a disconnection order that goes out or is withdrawn.
type ImpactOrderWire struct {
	Number   string    `json:"number,omitempty" doc:"Of one that is withdrawn"`
	Point    string    `json:"connection_point"`
	Utility  string    `json:"utility"`
	LoadKw   float64   `json:"load_kw"`
	Deadline time.Time `json:"deadline"`
	Effect   string    `json:"effect" enum:"issued,withdrawn"`
}

// ImpactLetterWire is a letter or notice.
type ImpactLetterWire struct {
	Kind string `json:"kind"`
	To   string `json:"to" enum:"holder,tenant,utility"`
	Name string `json:"name"`
	N    int64  `json:"count"`
}

func impactWire(i models.Impact) ImpactWire {
	w := ImpactWire{License: i.License, Version: i.Version, Act: string(i.Kind), At: i.At, State: string(i.State), Until: optionalTime(i.Until), ValidUntil: i.ValidTo,
		ApprovedKw: kw(i.Approved), EnergisedKw: kw(i.Energised()), ReservedKw: kw(i.Reserved()), Points: []ImpactPointWire{}, Tenants: []ImpactTenantWire{},
		Utilities: []ImpactUtilityWire{}, Orders: []ImpactOrderWire{}, Letters: []ImpactLetterWire{}}
	for _, p := range i.Points {
		w.Points = append(w.Points, ImpactPointWire{Code: p.Code, Utility: p.Utility, State: string(p.State), EnergisedKw: kw(p.Energised), ReservedKw: kw(p.Reserved),
			Permits: p.Permits, Effect: string(p.Effect), Reason: string(p.Reason)})
	}
	for _, t := range i.Tenants {
		w.Tenants = append(w.Tenants, ImpactTenantWire{Number: t.Number, HolderName: t.HolderName, State: string(t.State), ApprovedKw: kw(t.Approved),
			Points: orEmpty(t.Points), Effect: string(t.Effect), Reason: string(t.Reason)})
	}
	for _, u := range i.Utilities {
		w.Utilities = append(w.Utilities, ImpactUtilityWire{u.ID, u.Code, u.Name, u.Points, kw(u.Energised)})
	}
	for _, o := range i.Orders {
		effect := "withdrawn"
		if o.Issued {
			effect = "issued"
		}
		w.Orders = append(w.Orders, ImpactOrderWire{o.Number, o.Point, o.Utility, kw(o.Load), o.Deadline, effect})
	}
	for _, l := range i.Letters {
		w.Letters = append(w.Letters, ImpactLetterWire{l.Kind, l.To, l.Name, l.N})
	}
	return w
}

// ImpactChangeWire is one difference between then and now.
type ImpactChangeWire struct {
	Code    string `json:"code" doc:"state approved point_added point_removed energised reserved permits tenant_added tenant_removed tenant_state order_added order_removed"`
	Subject string `json:"subject"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

// ActWire is an act on a license.
type ActWire struct {
	ID            string             `json:"id"`
	Number        string             `json:"number"`
	License       string             `json:"license"`
	HolderName    string             `json:"holder_name"`
	BaseVersion   int64              `json:"base_version" doc:"Version of the license that the drafter saw"`
	Kind          string             `json:"kind" enum:"suspension,extension,lift,revocation,termination,correction"`
	Ground        string             `json:"ground,omitempty"`
	Months        int                `json:"months,omitempty"`
	Note          string             `json:"note,omitempty"`
	Since         *time.Time         `json:"since,omitempty"`
	Correction    *LicenseCorrection `json:"correction,omitempty"`
	State         string             `json:"state" enum:"drafted,provisional,signed,rejected,void,lapsed"`
	Drafter       string             `json:"drafter"`
	DrafterName   string             `json:"drafter_name"`
	DrafterUnit   string             `json:"drafter_unit,omitempty"`
	DraftedAt     time.Time          `json:"drafted_at"`
	ConfirmBy     *time.Time         `json:"confirm_by,omitempty" doc:"An urgent suspension falls at this instant unless another person confirmed it"`
	SignerName    string             `json:"signer_name,omitempty"`
	SignedAt      *time.Time         `json:"signed_at,omitempty"`
	Order         string             `json:"order,omitempty"`
	ResultVersion int64              `json:"result_version,omitempty" doc:"Version of the license that it made"`
	Reason        string             `json:"reason,omitempty" doc:"Why it was rejected or is void"`
	ClosedByName  string             `json:"closed_by_name,omitempty"`
	ClosedAt      *time.Time         `json:"closed_at,omitempty"`
	SignAt        string             `json:"sign_at,omitempty" doc:"Where another person signs or confirms it"`
	Impact        ImpactWire         `json:"impact" doc:"As its drafter saw it"`
	ImpactDigest  string             `json:"impact_digest"`
	ImpactNow     *ImpactWire        `json:"impact_now,omitempty" doc:"Of a draft that waits, as it would be now"`
	Changes       []ImpactChangeWire `json:"changes" nullable:"false" doc:"What differs between both"`
	Hindrance     string             `json:"hindrance,omitempty" doc:"Why it can no longer be signed"`
	Allowed       []string           `json:"allowed" nullable:"false" doc:"What the caller may do now: sign confirm reject take_back"`
	Version       int64              `json:"version"`
}

func actWire(d licensing.DescribedAct, actor models.Actor) ActWire {
	w := ActWire{ID: d.ID, Number: d.Number, License: d.License, HolderName: d.Holder, BaseVersion: d.Base, Kind: string(d.Kind), Ground: d.Ground, Months: d.Months,
		Note: d.Note, Since: optionalTime(d.Since), Correction: correctionWire(d.Correction), State: string(d.State), Drafter: d.Drafter, DrafterName: d.People[d.Drafter],
		DrafterUnit: d.DrafterUnit, DraftedAt: d.DraftedAt, ConfirmBy: optionalTime(d.ConfirmBy), SignerName: d.People[d.Signer], SignedAt: optionalTime(d.SignedAt),
		Order: d.Order, ResultVersion: d.ResultVersion, Reason: d.Reason, ClosedByName: d.People[d.ClosedBy], ClosedAt: optionalTime(d.ClosedAt),
		Impact: impactWire(d.Then), ImpactDigest: d.ImpactDigest, Changes: []ImpactChangeWire{}, Hindrance: d.Hindrance, Allowed: d.Allowed(actor), Version: d.Version}
	switch d.State {
	case models.LicenseActDrafted:
		w.SignAt = "/v1/acts/" + d.ID + "/signature"
	case models.LicenseActProvisional:
		w.SignAt = "/v1/acts/" + d.ID + "/confirmation"
	}
	if d.Now != nil {
		now := impactWire(*d.Now)
		w.ImpactNow = &now
	}
	for _, c := range d.Changes {
		w.Changes = append(w.Changes, ImpactChangeWire(c))
	}
	return w
}
