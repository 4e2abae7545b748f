package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
)

// Pages renders the public pages. It is safe for concurrent use.
type Pages struct {
	catalog   *Catalog
	templates map[string]*template.Template
}

// pageNames are the templates; each file defines "title" and "content".
var pageNames = []string{"start", "verify", "register", "check", "help", "missing"}

// NewPages parses the templates.
func NewPages(c *Catalog) (*Pages, error) {
	p := &Pages{catalog: c, templates: map[string]*template.Template{}}
	for _, name := range pageNames {
		t, err := template.ParseFS(pages, "pages/base.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		p.templates[name] = t
	}
	return p, nil
}

// Frame is what every page knows: its language and the address it was asked by,
// to which a change of the language leads back.
type Frame struct {
	Lang string // kk, ru or en
	Back string // path and query, "/register?q=…"
}

// Public is a license as anybody may see it. Holder and HolderBin are "" for a
// natural person, whose data is not public.
type Public struct {
	Code      string // of the verification page
	Number    string
	Holder    string
	HolderBin string
	SubType   string // I or II
	State     string // of models.LicenseState
	ApprovedW int64
	Regions   []string // first two digits of KATO
	Issued    string   // legal date
	LastDay   string   // legal date, the last on which it is valid
	// SuspendedUntil is the legal date up to which it is suspended, "" otherwise.
	SuspendedUntil string
}

// Tone is the mark of the license's state.
func (p Public) Tone() string { return toneOf(p.State) }

// stateNotFound is the verdict on a code that no license has.
const stateNotFound = "not_found"

// licenseStates are the states of licenses in the order of the register's filter.
var licenseStates = []string{"active", "suspended", "expired", "terminated", "revoked"}

// toneOf gives the mark of a state: the same table as the console's.
func toneOf(state string) string {
	switch state {
	case "active":
		return "ok"
	case "suspended":
		return "stop"
	case "revoked", stateNotFound:
		return "refuse"
	}
	return "unknown"
}

// Verdict is the answer to a verification code: a license, or none found when
// State is "not_found".
type Verdict struct {
	Public
	CheckedAt time.Time
}

// NoLicense is the verdict on a code that no license has.
func NoLicense(checkedAt time.Time) *Verdict {
	return &Verdict{Public: Public{State: stateNotFound}, CheckedAt: checkedAt}
}

// TitleKey is the catalogue key of the verdict's word.
func (v Verdict) TitleKey() string { return "public.verdict." + v.State }

// TextKey is the catalogue key of the sentence under it.
func (v Verdict) TextKey() string { return "public.verdict." + v.State + "_text" }

// Register is a page of the register's search.
type Register struct {
	Query        string
	RegionFilter string
	StateFilter  string
	Rows         []Public
	Total        int // of all pages; 0 when not counted
	After        string
	Next         string // cursor of the next page, ""
}

// regionCodes are the first two digits of KATO: 17 regions and three cities.
var regionCodes = []string{"10", "11", "15", "19", "23", "27", "31", "33", "35", "39", "43", "47", "55", "59", "61", "62", "63", "71", "75", "79"}

// RegionChoices are the regions to filter by.
func (Register) RegionChoices() []string { return regionCodes }

// StateChoices are the states to filter by.
func (Register) StateChoices() []string { return licenseStates }

func (r Register) href(path, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": r.Query, "region": r.RegionFilter, "status": r.StateFilter, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// CSVHref leads to all rows of the search as a file.
func (r Register) CSVHref() string { return r.href("/register.csv", "") }

// NextHref leads to the next page, "" on the last.
func (r Register) NextHref() string {
	if r.Next == "" {
		return ""
	}
	return r.href("/register", r.Next)
}

// FirstHref leads to the first page, "" on it.
func (r Register) FirstHref() string {
	if r.After == "" {
		return ""
	}
	return r.href("/register", "")
}

// Version is a version of a license as its public page tells it.
type Version struct {
	Version     int64
	State       string
	ApprovedW   int64
	EffectiveAt time.Time // from when it holds
	RecordedAt  time.Time // since when the registry knows it
	Entry       int64     // index of its entry in the ledger, -1 for none yet
}

// Tone is the mark of the version's state.
func (v Version) Tone() string { return toneOf(v.State) }

// Late tells that it was recorded after it began to hold: a correction.
func (v Version) Late() bool { return v.RecordedAt.Sub(v.EffectiveAt) >= time.Minute }

// Check is what the page on checking shows of this registry.
type Check struct {
	BaseURL string
	Ledger  LedgerState
	Keys    []Key
}

// LedgerState is the newest signed state of the ledger; Size 0 is none yet.
type LedgerState struct {
	Size int64
	Root string
	At   time.Time
}

// Key is a published key.
type Key struct{ Purpose, Fingerprint string }

// view is what the templates see.
type view struct {
	Frame
	Register
	Check
	Name    string
	Code    string
	Verdict *Verdict
	History []Version
	catalog *Catalog
}

// Start renders the start page.
func (p *Pages) Start(f Frame) ([]byte, error) { return p.render(f, view{Name: "start"}) }

// Help renders the help page.
func (p *Pages) Help(f Frame) ([]byte, error) { return p.render(f, view{Name: "help"}) }

// Missing renders the page for an address that leads nowhere.
func (p *Pages) Missing(f Frame) ([]byte, error) { return p.render(f, view{Name: "missing"}) }

// Verify renders the answer to a code with the license's history, the newest version
// first, or the empty box when v is nil.
func (p *Pages) Verify(f Frame, code string, v *Verdict, history []Version) ([]byte, error) {
	return p.render(f, view{Name: "verify", Code: code, Verdict: v, History: history})
}

// Check renders the page that says how to check a license, a file and the ledger.
func (p *Pages) Check(f Frame, c Check) ([]byte, error) {
	return p.render(f, view{Name: "check", Check: c})
}

// Register renders a page of the search.
func (p *Pages) Register(f Frame, r Register) ([]byte, error) {
	return p.render(f, view{Name: "register", Register: r})
}

// render writes into memory, so that a fault leaves no half page behind.
func (p *Pages) render(f Frame, v view) ([]byte, error) {
	v.Frame, v.catalog = f, p.catalog
	var out bytes.Buffer
	if err := p.templates[v.Name].ExecuteTemplate(&out, "base", v); err != nil {
		return nil, fmt.Errorf("render %s: %w", v.Name, err)
	}
	return out.Bytes(), nil
}

// T gives a text; pairs are names and values of its placeholders.
func (v view) T(key string, pairs ...any) string {
	args := Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			args[name] = pairs[i+1]
		}
	}
	return v.catalog.Text(v.Lang, key, args)
}

// Kw writes watts as kilowatts.
func (v view) Kw(watts int64) string { return Kilowatts(v.Lang, watts) }

// Number writes a count.
func (v view) Number(n int64) string { return Count(n) }

// Date writes a legal date.
func (v view) Date(date string) string { return LegalDate(v.Lang, date) }

// At writes an instant in UTC+5.
func (v view) At(t time.Time) string { return Instant(v.Lang, t) }

// Region names a region by its two digits.
func (v view) Region(code string) string { return v.catalog.Text(v.Lang, "region."+code, nil) }

// CodeGroups writes the code in groups of four, as it stands on paper.
func (v view) CodeGroups() string { return GroupCode(v.Code) }

// Typed is what stands in the box: a code that was not found, to be corrected.
func (v view) Typed() string {
	if v.Verdict != nil && v.Verdict.State != stateNotFound {
		return ""
	}
	return v.Code
}

// States are the states that the help page explains.
func (v view) States() []Public {
	out := make([]Public, 0, len(licenseStates))
	for _, s := range licenseStates {
		out = append(out, Public{State: s})
	}
	return out
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

// Languages are the links that change the language and lead back to this page.
func (v view) Languages() []languageLink {
	out := make([]languageLink, 0, len(languages))
	for _, code := range languages {
		out = append(out, languageLink{
			Code: code, Name: v.catalog.Text(code, "public.language", nil), Current: code == v.Lang,
			Href: "/lang/" + code + "?back=" + url.QueryEscape(v.Back),
		})
	}
	return out
}

// GroupCode writes a code in groups of four characters.
func GroupCode(code string) string {
	code = strings.ReplaceAll(code, "-", "")
	var groups []string
	for len(code) > 4 {
		groups = append(groups, code[:4])
		code = code[4:]
	}
	return strings.Join(append(groups, code), "-")
}
