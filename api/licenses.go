package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) licenseRoutes() []route {
	return []route{
		handle("GET", "/v1/licenses", models.ActLicenseRead, "Licenses", "Licenses as they are, or as they were; an applicant sees its own", s.listLicenses),
		handle("GET", "/v1/licenses/{number}", models.ActLicenseRead, "Licenses", "One license as it is, or as it was", s.getLicense),
		handle("GET", "/v1/licenses/{number}/versions", models.ActLicenseRead, "Licenses", "Every version, the first one first", s.listLicenseVersions),
		handle("GET", "/v1/licenses/{number}/timeline", models.ActLicenseRead, "Licenses", "What happened to the license, from the ledger", s.getLicenseTimeline),
		handle("GET", "/v1/licenses/{number}/qr.svg", models.ActLicenseRead, "Licenses", "The QR code of its public page", s.getLicenseQR),
	}
}

type licensesQuery struct {
	ListQuery
	State           string `query:"state" enum:"active,suspended,revoked,expired,terminated,superseded"`
	Holder          string `query:"holder" maxLength:"64" doc:"Party id"`
	SubType         string `query:"sub_type" enum:"I,II"`
	Host            string `query:"host" maxLength:"32" doc:"License number of the host"`
	Site            string `query:"site" maxLength:"64" doc:"Site id"`
	ConnectionPoint string `query:"connection_point" maxLength:"64" doc:"Code"`
	Region          string `query:"region" pattern:"^[0-9]{2}$" doc:"Two digits of KATO of a site"`
	Q               string `query:"q" maxLength:"200" doc:"Words of the holder's name by their beginnings in any spelling, or the beginning of a license number, BIN or IIN"`
}

func (s *Server) listLicenses(ctx context.Context, actor models.Actor, in *licensesQuery) (*listOutput[LicenseWire], error) {
	at, err := in.at()
	if err != nil {
		return nil, err
	}
	found, next, err := s.svc.Licensing.Licenses(ctx, actor, store.LicenseFilter{State: in.State, Holder: in.Holder, SubType: in.SubType,
		Host: in.Host, Site: in.Site, ConnectionPoint: in.ConnectionPoint, Region: in.Region, Query: in.Q, AsAt: at}, in.page())
	if err != nil {
		return nil, err
	}
	hosts, err := s.svc.Licensing.HostStates(ctx, found, at)
	if err != nil {
		return nil, err
	}
	return listOf(found, next, licenseView{actor, hosts, s.cfg.BaseURL}.wire), nil
}

func (s *Server) getLicense(ctx context.Context, actor models.Actor, in *byNumber) (*output[LicenseWire], error) {
	at, err := instantOf("?as_at", in.AsAt)
	if err != nil {
		return nil, err
	}
	l, err := s.svc.Licensing.License(ctx, actor, in.Number, at)
	if err != nil {
		return nil, err
	}
	hosts, err := s.svc.Licensing.HostStates(ctx, []models.License{l}, at)
	if err != nil {
		return nil, err
	}
	out := licenseView{actor, hosts, s.cfg.BaseURL}.wire(l)
	chain, err := s.svc.Licensing.Succession(ctx, l.Number)
	if err != nil {
		return nil, err
	}
	out.Supersedes, out.SupersededBy = chain.Supersedes, chain.SupersededBy
	if store.MomentOf(ctx).Past() {
		out.Allowed = []string{}
	} else if out.Provisional, err = s.provisional(ctx, actor, l); err != nil {
		return nil, err
	}
	return &output[LicenseWire]{ETag: etag(l.Version), Body: out}, nil
}

// provisional tells of an urgent suspension that another person still has to confirm.
func (s *Server) provisional(ctx context.Context, actor models.Actor, l models.License) (*ProvisionalWire, error) {
	if l.State != models.LicenseSuspended {
		return nil, nil
	}
	a, err := s.svc.Licensing.Urgent(ctx, actor, l.Number)
	if err != nil || a == nil {
		return nil, err
	}
	w := &ProvisionalWire{ConfirmBy: a.ConfirmBy}
	if models.Can(actor, models.ActLicenseActRead, models.Scope{}) == nil {
		w.Act, w.Number = a.ID, a.Number
	}
	return w, nil
}

// ByLicense addresses a license by its number alone.
type ByLicense struct {
	Number string `path:"number" maxLength:"32" doc:"License number, KZ and 13 characters"`
}

func (s *Server) listLicenseVersions(ctx context.Context, actor models.Actor, in *ByLicense) (*listOutput[LicenseWire], error) {
	found, err := s.svc.Licensing.LicenseVersions(ctx, actor, in.Number)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", licenseView{actor: actor, baseURL: s.cfg.BaseURL}.wire), nil
}

func (s *Server) getLicenseTimeline(ctx context.Context, actor models.Actor, in *byNumber) (*listOutput[EventWire], error) {
	versions, err := s.svc.Licensing.LicenseVersions(ctx, actor, in.Number)
	if err != nil {
		return nil, err
	}
	return s.timeline(ctx, actor, models.Ref{Kind: "license", ID: versions[0].Number})
}

// toldOutside are the facts of an application or a license that its holder, and a
// utility, may see. What is not here is the office's own: what it weighs before it
// decides, and who may not take part. A new kind of fact is so until it is named here.
var toldOutside = map[string]bool{
	"application.drafted": true, "application.amended": true, "application.submitted": true, "application.attachment_added": true,
	"application.attachment_removed": true, "application.registered": true, "application.checked": true, "application.correction_requested": true,
	"application.corrected": true, "application.correction_lapsed": true, "application.withdrawn": true, "application.appealed": true,
	"application.appeal_decided": true, "application.reopened": true, "decision.signed": true,
	"license.issued": true, "license.reissued": true, "license.superseded": true, "license.renewed": true, "license.appendix_changed": true,
	"license.points_dropped": true, "license.duplicate_issued": true, "license.suspended": true, "license.suspension_extended": true,
	"license.suspension_confirmed": true, "license.suspension_over": true, "license.lifted": true, "license.revoked": true, "license.terminated": true,
	"license.expired": true, "license.corrected": true, "license.host_suspended": true, "license.host_resumed": true, "license.reminder": true,
}

// insideOnly are fields of those facts that stay inside: who drafted, and that a draft
// fell.
var insideOnly = []string{"drafter", "draft_voided", "draft_void_reason", "act_id", "impact_digest"}

// toldBody gives a body without what stays inside.
func toldBody(body string) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		return nil, fmt.Errorf("read the body of an entry: %w", err)
	}
	for _, name := range insideOnly {
		delete(fields, name)
	}
	return json.Marshal(fields)
}

// timeline answers what the ledger holds about a thing that the caller may see.
// Who did it, and what is not decided yet, is shown to the registry's own people
// only.
func (s *Server) timeline(ctx context.Context, actor models.Actor, subject models.Ref) (*listOutput[EventWire], error) {
	entries, err := s.svc.Ledger.EntriesOf(ctx, subject)
	if err != nil {
		return nil, err
	}
	inside := models.Can(actor, models.ActEventsRead, models.Scope{Utility: "?"}) == nil || actor.Is(models.RoleClerk) || actor.Is(models.RoleInspector)
	out := []EventWire{}
	for _, e := range entries {
		if e.Utility != "" || !inside && !toldOutside[e.Kind] {
			continue // the same fact again for a utility's feed, or nothing for outsiders
		}
		w := EventWire{Index: e.Index, ID: e.ID, At: e.At, Kind: e.Kind, SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID, SubjectVersion: e.SubjectVersion}
		if e.Body != "" {
			w.Body = json.RawMessage(e.Body)
		}
		if e.Body != "" && !inside {
			if w.Body, err = toldBody(e.Body); err != nil {
				return nil, err
			}
		}
		if inside {
			w.Actor, w.ActorKind = e.ActorName, e.ActorKind
		}
		out = append(out, w)
	}
	return &listOutput[EventWire]{Body: list[EventWire]{Items: out}}, nil
}

// file answers bytes with their media type.
type file struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *Server) getLicenseQR(ctx context.Context, actor models.Actor, in *ByLicense) (*file, error) {
	l, err := s.svc.Licensing.License(ctx, actor, in.Number, time.Time{})
	if err != nil {
		return nil, err
	}
	svg, err := s.svc.Documents.QRSVG(s.verificationURL(l.Verification))
	return &file{ContentType: "image/svg+xml", Body: svg}, err
}
