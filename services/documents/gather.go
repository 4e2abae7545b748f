package documents

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// gatherer reads what stands on a document from one snapshot.
type gatherer struct {
	tx      *store.Tx
	issuer  *Issuer
	request models.DocumentRequest
	letters map[string]models.Text // paragraphs of letters that hold today, by code
}

// gatherFrom prepares to read from a snapshot.
func (i *Issuer) gatherFrom(tx *store.Tx, r models.DocumentRequest) (gatherer, error) {
	letters, err := tx.LetterTexts(models.LegalDate(tx.Now))
	return gatherer{tx: tx, issuer: i, request: r, letters: letters}, err
}

func (g gatherer) gather() (draft, error) {
	return map[models.DocumentKind]func() (draft, error){
		models.DocumentLicense: g.license, models.DocumentAppendix: g.appendix, models.DocumentRefusal: g.refusal,
		models.DocumentSuspension: g.suspension, models.DocumentDisconnection: g.disconnection,
		models.DocumentAbsence: g.absence, models.DocumentExtract: g.extract,
	}[g.request.Kind]()
}

// letterKeys is what the catalogue keys of letters begin with; the rest is the code
// of the paragraph in the reference data, which people change.
const letterKeys = "documents.letter."

// text gives a text in both languages of the paper: the paragraph of a letter as it
// holds today, or else what the catalogue says.
func (g gatherer) text(key string, args map[string]any) (out [2]string) {
	if t, found := g.letters[strings.TrimPrefix(key, letterKeys)]; found && strings.HasPrefix(key, letterKeys) {
		return [2]string{models.FillPlaceholders(t.Kk, args), models.FillPlaceholders(t.Ru, args)}
	}
	for i, lang := range paperLanguages {
		out[i] = g.issuer.papers.texts(lang, key, args)
	}
	return out
}

func names(p models.Party) [2]string {
	kk, ru := p.NameKk, p.NameRu
	if kk == "" {
		kk = ru
	}
	if ru == "" {
		ru = kk
	}
	return [2]string{kk, ru}
}

// nameOf gives a person's name, "" for what is no person.
func (g gatherer) nameOf(user string) (string, error) {
	u, err := g.tx.User(user)
	if models.CodeOf(err) == models.CodeNotFound {
		return "", nil
	}
	return u.Name, err
}

// ground gives the words of a ground on a legal date; its code when the catalogue
// does not have it.
func (g gatherer) ground(kind models.GroundKind, code, date string) (reason, error) {
	known, err := g.tx.Grounds(kind, date)
	for _, ground := range known {
		if ground.Code == code {
			return reason{[2]string{ground.Text.Kk, ground.Text.Ru}, ground.LegalRef}, err
		}
	}
	return reason{texts: same(code)}, err
}

func (g gatherer) page(code string) string { return g.issuer.baseURL + "/v/" + code }

func (g gatherer) inForce() (l models.License, holder models.Party, err error) {
	if l, err = g.tx.License(g.request.License, g.tx.Now); err != nil {
		return l, holder, pointed("/license", err)
	}
	if !l.InForce(g.tx.Now) {
		return l, holder, models.Errorf(models.CodeConflict, "License %s is %s. An extract from the register shows it; a license on paper would mislead.", l.Number, l.StateAt(g.tx.Now))
	}
	holder, err = g.tx.Party(l.Holder)
	return l, holder, err
}

// pointed makes a thing that is not there an error of the field that names it.
func pointed(pointer string, err error) error {
	if models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	var v models.Invalid
	v.Add(pointer, "unknown", "%s", err.Error())
	return v.Err()
}

func (g gatherer) license() (draft, error) {
	l, holder, err := g.inForce()
	if err != nil {
		return draft{}, err
	}
	both := names(holder)
	licensor := g.text("documents.license.licensor_name", nil)
	facts := &LicenseFacts{License: l, HolderKk: both[0], HolderRu: both[1], Address: holder.Address, SiteNames: map[string][2]string{},
		LastDay: models.LastDay(l.ValidUntil), URL: g.page(l.Verification), LicensorKk: licensor[0], LicensorRu: licensor[1]}
	for _, s := range l.Sites {
		site, err := g.tx.Site(s.Site)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return draft{}, err
		}
		facts.SiteNames[s.Site] = [2]string{site.NameKk, site.NameRu}
	}
	facts.Signer, err = g.nameOf(l.Signer)
	return draft{subject: models.Ref{Kind: "license", ID: l.Number}, license: l.Number, party: l.Holder, asAt: g.tx.Now, paper: facts}, err
}

func (g gatherer) kilowatts(w models.Watts) [2]string {
	return (&paper{texts: g.issuer.papers.texts}).kilowatts(w)
}

func (g gatherer) appendix() (draft, error) {
	l, holder, err := g.inForce()
	if err != nil {
		return draft{}, err
	}
	at := slices.IndexFunc(l.Sites, func(s models.LicensedSite) bool { return s.Appendix == g.request.Appendix })
	if at < 0 {
		return draft{}, pointed("/appendix", models.NotFound("appendix", g.request.Appendix))
	}
	licensed := l.Sites[at]
	site, err := g.tx.Site(licensed.Site)
	if err != nil {
		return draft{}, err
	}
	signer, err := g.nameOf(l.Signer)
	return draft{subject: models.Ref{Kind: "license", ID: l.Number}, license: l.Number, party: l.Holder, asAt: g.tx.Now, letter: &letter{
		url: g.page(l.Verification), lead: [][2]string{g.text("documents.letter.appendix.lead", map[string]any{"license": l.Number})},
		rows: []row{
			{"documents.letter.row.license", same(l.Number), "B"},
			{"documents.letter.row.appendix", same("№ " + licensed.Appendix), "B"},
			{"documents.license.holder", names(holder), "B"},
			{"documents.license.bin", same(l.HolderBin), ""},
			{"documents.license.site", [2]string{strings.TrimSpace(licensed.SiteCode + " " + site.NameKk), strings.TrimSpace(licensed.SiteCode + " " + site.NameRu)}, "B"},
			{"documents.letter.row.address", same(site.Address), ""},
			{"documents.license.connections", same(strings.Join(licensed.ConnectionPoints, ", ")), ""},
			{"documents.license.approved", g.kilowatts(licensed.Approved), "B"},
			{"documents.license.issued", same(paperDate(l.Issued)), ""},
			{"documents.license.last_day", same(paperDate(models.LastDay(l.ValidUntil))), ""},
			{"documents.license.version", same(strconv.FormatInt(l.Version, 10)), ""},
			{"documents.license.order", same(l.Order), ""},
			{"documents.license.signer", same(signer), ""},
		}}}, err
}

func (g gatherer) refusal() (draft, error) {
	a, err := g.tx.Application(g.request.Application)
	if err != nil {
		return draft{}, pointed("/application", err)
	}
	if a.State != models.ApplicationRefused || a.Decision == nil {
		return draft{}, models.Errorf(models.CodeConflict, "Application %s has not been refused, so there is no refusal to put on paper.", a.Number)
	}
	l, err := g.refusalLetter(a, *a.Decision)
	if err != nil {
		return draft{}, err
	}
	return draft{subject: models.Ref{Kind: "application", ID: a.ID}, party: a.Applicant, asAt: g.tx.Now, letter: l}, nil
}

func (g gatherer) suspension() (draft, error) {
	versions, err := g.tx.LicenseVersions(g.request.License)
	if err != nil {
		return draft{}, pointed("/license", err)
	}
	var l models.License
	for _, v := range versions {
		if v.State == models.LicenseSuspended && v.Suspension != nil {
			l = v
		}
	}
	if l.Suspension == nil {
		return draft{}, models.Errorf(models.CodeConflict, "License %s was never suspended, so there is no order to put on paper.", versions[0].Number)
	}
	holder, err := g.tx.Party(l.Holder)
	if err != nil {
		return draft{}, err
	}
	signer, err := g.nameOf(l.Signer)
	if err != nil {
		return draft{}, err
	}
	from, until := paperDate(models.LegalDate(l.Suspension.From)), paperDate(models.LastDay(l.Suspension.Until))
	ground, err := g.ground(models.GroundSuspend, l.Suspension.Ground, models.LegalDate(l.Suspension.From))
	return draft{subject: models.Ref{Kind: "license", ID: l.Number}, license: l.Number, party: l.Holder, asAt: g.tx.Now, letter: &letter{
		url: g.page(l.Verification), reasons: []reason{ground},
		lead: [][2]string{g.text("documents.letter.suspension.lead", map[string]any{"license": l.Number, "from": from, "until": until})},
		rows: []row{
			{"documents.letter.row.license", same(l.Number), "B"},
			{"documents.license.holder", names(holder), "B"},
			{"documents.license.bin", same(l.HolderBin), ""},
			{"documents.license.order", same(l.Order), "B"},
			{"documents.letter.row.suspended_from", same(stamp(l.Suspension.From)), ""},
			{"documents.letter.row.suspended_until", same(until), ""},
			{"documents.letter.row.months", same(strconv.Itoa(l.Suspension.Months)), ""},
			{"documents.letter.row.note", same(l.Suspension.Note), ""},
			{"documents.license.signer", same(signer), ""},
		},
		closing: [][2]string{g.text("documents.letter.suspension.closing", nil), g.text("documents.letter.appeal", nil)}}}, err
}

func (g gatherer) disconnection() (draft, error) {
	o, err := g.tx.Order(g.request.Order)
	if err != nil {
		return draft{}, pointed("/order", err)
	}
	utility, err := g.tx.Utility(o.Utility)
	if err != nil {
		return draft{}, err
	}
	url, about, err := g.orderAbout(o)
	if err != nil {
		return draft{}, err
	}
	deadline := stamp(o.Deadline)
	lead := g.text("documents.letter.disconnection_order.lead", map[string]any{"point": o.PointCode, "deadline": deadline})
	return draft{subject: models.Ref{Kind: "disconnection_order", ID: o.ID}, license: o.License, asAt: g.tx.Now, letter: &letter{
		url: url, lead: [][2]string{{utility.NameKk + ". " + lead[0], utility.NameRu + ". " + lead[1]}},
		rows: slices.Concat([]row{
			{"documents.letter.row.order_number", same(o.Number), "B"},
			{"documents.letter.row.utility", [2]string{utility.NameKk, utility.NameRu}, "B"},
			{"documents.letter.row.point", same(o.PointCode), "B"},
		}, about, []row{
			{"documents.letter.row.ground", g.text("event."+o.Ground, nil), ""},
			{"documents.letter.row.order_issued", same(stamp(o.Issued)), ""},
			{"documents.letter.row.deadline", same(deadline), "B"},
		}),
		closing: [][2]string{g.text("documents.letter.disconnection_order.closing", nil)}}}, nil
}

// orderAbout gives the page that an order leads to and whose load it is about. An order
// that rests on no license leads to the register and names nobody.
func (g gatherer) orderAbout(o models.DisconnectionOrder) (url string, about []row, err error) {
	if o.License == "" {
		return g.issuer.baseURL + "/register", nil, nil
	}
	l, err := g.tx.License(o.License, time.Time{})
	if err != nil {
		return "", nil, err
	}
	holder, err := g.tx.Party(l.Holder)
	return g.page(l.Verification), []row{
		{"documents.letter.row.consumer", names(holder), ""},
		{"documents.license.bin", same(l.HolderBin), ""},
		{"documents.letter.row.license", same(o.License + " · " + strconv.FormatInt(o.LicenseVersion, 10)), ""},
	}, err
}

// registerPage is the public register, narrowed to a legal entity: people are not
// found there by their number.
func (g gatherer) registerPage(p models.Party, known bool) string {
	if known && !p.NaturalPerson() {
		return g.issuer.baseURL + "/register?q=" + url.QueryEscape(p.BinOrIin)
	}
	return g.issuer.baseURL + "/register"
}
