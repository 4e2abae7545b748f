package api

import (
	"context"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) publicRoutes() []route {
	return []route{
		handle("GET", "/v1/public/licenses", models.ActPublicRead, "Public", "Search the public register", s.listPublic),
		handle("GET", "/v1/public/licenses/{number}", models.ActPublicRead, "Public", "A license by number or verification code, without personal data", s.getPublic),
	}
}

// publicQuery narrows the public register.
type publicQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After  string `query:"after" maxLength:"100" doc:"Cursor: the value of next from the page before"`
	Query  string `query:"q" maxLength:"100" doc:"Words of a name by their beginnings in any spelling, or the beginning of a BIN or of a license number"`
	State  string `query:"state" enum:"active,suspended,revoked,expired,terminated" doc:"State as it stands now"`
	Region string `query:"region" pattern:"^[0-9]{2}$" doc:"First two digits of KATO"`
}

func (s *Server) listPublic(ctx context.Context, _ models.Actor, in *publicQuery) (*listOutput[PublicLicenseWire], error) {
	found, next, err := s.svc.Licensing.PublicRegister(ctx, licensing.PublicFilter{Query: in.Query, State: in.State, Region: in.Region},
		store.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return nil, err
	}
	out := &listOutput[PublicLicenseWire]{Body: list[PublicLicenseWire]{Items: make([]PublicLicenseWire, 0, len(found)), Next: next}}
	for _, l := range found {
		out.Body.Items = append(out.Body.Items, publicWire(languageOf(ctx), l))
	}
	return out, nil
}

// publicKey addresses a license in public: by number, or by the code on paper.
type publicKey struct {
	Number string `path:"number" maxLength:"64" doc:"License number, or the verification code on the paper"`
}

func (s *Server) getPublic(ctx context.Context, _ models.Actor, in *publicKey) (*output[PublicLicenseWire], error) {
	l, err := s.svc.Licensing.Public(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return &output[PublicLicenseWire]{Body: publicWire(languageOf(ctx), l)}, nil
}

func publicWire(lang string, l licensing.PublicLicense) PublicLicenseWire {
	regions := l.Regions
	if regions == nil {
		regions = []string{}
	}
	return PublicLicenseWire{
		Number: l.Number, Version: l.Version, SubType: string(l.SubType), State: string(l.State),
		HolderName: holderName(lang, l), HolderBin: l.HolderBin, ApprovedKw: kw(l.Approved), Regions: regions,
		IssuedOn: l.Issued, ValidUntil: l.ValidUntil, CheckedAt: l.CheckedAt,
	}
}

// holderName is the name in Kazakh for readers of Kazakh, else in Russian, which
// is how legal entities write themselves in both other languages.
func holderName(lang string, l licensing.PublicLicense) string {
	if lang == "kk" && l.HolderNameKk != "" {
		return l.HolderNameKk
	}
	if l.HolderNameRu != "" {
		return l.HolderNameRu
	}
	return l.HolderNameKk
}

// verificationURL is the public page of a license.
func (s *Server) verificationURL(code string) string { return s.cfg.BaseURL + "/v/" + code }

// pdfOutput is a document to keep or print.
type pdfOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}
