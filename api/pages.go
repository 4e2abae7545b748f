package api

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/web"
)

// registerRows is how many licenses a page of the public register shows.
const registerRows = 25

// mountPages mounts what people see in a browser: the public pages, the files of
// the console, and the metrics.
func (s *Server) mountPages() error {
	pages, err := web.NewPages(s.svc.Catalog)
	if err != nil {
		return err
	}
	p := &publicPages{Server: s, pages: pages}
	e := s.engine
	for path, handler := range map[string]gin.HandlerFunc{
		"/": p.start, "/v": p.verifyBox, "/v/:code": p.verify, "/v/:code/qr.svg": p.qr, "/register": p.register,
		"/register.csv": p.registerCSV, "/help": p.help, "/check": p.check, "/lang/:lang": p.language,
		"/public/*file": gin.WrapH(web.Assets()), "/app/*file": gin.WrapH(web.App("app")), "/field/*file": fieldApp(), "/field": toField,
		"/app": func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/app/") },
	} {
		e.GET(path, handler)
		e.HEAD(path, handler)
	}
	e.GET("/metrics", s.metricsHandler())
	e.NoRoute(p.missing)
	return nil
}

// publicPages answers with HTML.
type publicPages struct {
	*Server
	pages *web.Pages
}

const (
	languageCookie = "rigistry_language"
	aYear          = 365 * 24 * 60 * 60 // seconds
)

// frame finds the language: ?lang=, then the cookie, then Accept-Language.
func (p *publicPages) frame(c *gin.Context) web.Frame {
	lang := c.Query("lang")
	if !p.svc.Catalog.Known(lang) {
		lang, _ = c.Cookie(languageCookie)
	}
	if !p.svc.Catalog.Known(lang) {
		lang = languageOf(c.Request.Context())
	}
	query := c.Request.URL.Query()
	query.Del("lang")
	back := url.URL{Path: c.Request.URL.Path, RawQuery: query.Encode()}
	return web.Frame{Lang: lang, Back: back.String()}
}

// show answers with a page. Its language depends on cookies and its facts on the
// moment, so nobody keeps it.
func (p *publicPages) show(c *gin.Context, status int, page []byte, err error) {
	if err != nil {
		p.fail(c, p.problemOf(c.Request.Context(), err))
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Data(status, "text/html; charset=utf-8", page)
}

func (p *publicPages) start(c *gin.Context) {
	page, err := p.pages.Start(p.frame(c))
	p.show(c, http.StatusOK, page, err)
}

func (p *publicPages) help(c *gin.Context) {
	page, err := p.pages.Help(p.frame(c))
	p.show(c, http.StatusOK, page, err)
}

// missing answers for addresses that lead nowhere: a page to browsers, a problem
// to programs.
func (p *publicPages) missing(c *gin.Context) {
	if strings.HasPrefix(c.Request.URL.Path, "/v1/") || !strings.Contains(c.GetHeader("Accept"), "text/html") {
		p.fail(c, newProblem(http.StatusNotFound, "", "There is nothing at this path. See /openapi.json.", ""))
		return
	}
	page, err := p.pages.Missing(p.frame(c))
	p.show(c, http.StatusNotFound, page, err)
}

// language keeps the chosen language in a cookie and leads back.
func (p *publicPages) language(c *gin.Context) {
	if lang := c.Param("lang"); p.svc.Catalog.Known(lang) {
		http.SetCookie(c.Writer, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: aYear,
			HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteLaxMode})
	}
	c.Redirect(http.StatusSeeOther, localPath(c.Query("back")))
}

// localPath gives the path when it stays on this site, else the start page.
func localPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	return u.String()
}

// maxCode is longer than any code or license number with its hyphens.
const maxCode = 64

// verifyBox shows the empty box, or leads to the page of the code typed in.
func (p *publicPages) verifyBox(c *gin.Context) {
	code := strings.ToUpper(strings.Join(strings.Fields(c.Query("code")), ""))
	if code != "" && len(code) <= maxCode {
		c.Redirect(http.StatusSeeOther, "/v/"+url.PathEscape(code))
		return
	}
	page, err := p.pages.Verify(p.frame(c), "", nil, nil)
	p.show(c, http.StatusOK, page, err)
}

func (p *publicPages) verify(c *gin.Context) {
	f, code := p.frame(c), c.Param("code")
	var (
		found licensing.PublicLicense
		err   error = models.NotFound("license", "with this code")
	)
	if len(code) <= maxCode {
		found, err = p.svc.Licensing.Public(c.Request.Context(), code)
	}
	status, verdict := http.StatusOK, web.NoLicense(p.svc.Store.Now())
	var history []web.Version
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		status = http.StatusNotFound
	case err != nil:
		p.show(c, 0, nil, err)
		return
	default:
		code, verdict = found.Verification, &web.Verdict{Public: publicView(f.Lang, found), CheckedAt: found.CheckedAt}
	}
	if found.Number != "" {
		if history, err = p.historyOf(c.Request.Context(), found.Number); err != nil {
			p.show(c, 0, nil, err)
			return
		}
	}
	page, err := p.pages.Verify(f, code, verdict, history)
	p.show(c, status, page, err)
}

func publicView(lang string, l licensing.PublicLicense) web.Public {
	v := web.Public{
		Code: l.Verification, Number: l.Number, Holder: holderName(lang, l), HolderBin: l.HolderBin, SubType: string(l.SubType),
		State: string(l.State), ApprovedW: int64(l.Approved), Regions: l.Regions, Issued: l.Issued, LastDay: models.LastDay(l.ValidUntil),
	}
	if !l.SuspendedUntil.IsZero() {
		v.SuspendedUntil = models.LastDay(l.SuspendedUntil)
	}
	return v
}

// qr draws the address of a license's public page.
func (p *publicPages) qr(c *gin.Context) {
	code := c.Param("code")
	if len(code) > maxCode {
		p.missing(c)
		return
	}
	svg, err := p.svc.Documents.QRSVG(p.verificationURL(url.PathEscape(code)))
	if err != nil {
		p.fail(c, p.problemOf(c.Request.Context(), err))
		return
	}
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, "image/svg+xml", svg)
}

// search reads the query of the register; what is not a choice does not narrow.
func search(c *gin.Context) web.Register {
	r := web.Register{Query: strings.TrimSpace(c.Query("q")), RegionFilter: c.Query("region"), StateFilter: c.Query("status"), After: c.Query("after")}
	if len(r.Query) > 200 {
		r.Query = ""
	}
	if !slices.Contains(r.RegionChoices(), r.RegionFilter) {
		r.RegionFilter = ""
	}
	if !slices.Contains(r.StateChoices(), r.StateFilter) {
		r.StateFilter = ""
	}
	return r
}

func filterOf(r web.Register) licensing.PublicFilter {
	return licensing.PublicFilter{Query: r.Query, State: r.StateFilter, Region: r.RegionFilter}
}

func (p *publicPages) register(c *gin.Context) {
	f, r := p.frame(c), search(c)
	found, next, err := p.svc.Licensing.PublicRegister(c.Request.Context(), filterOf(r), store.Page{Limit: registerRows, After: r.After})
	if err != nil {
		p.show(c, 0, nil, err)
		return
	}
	r.Next = next
	for _, l := range found {
		r.Rows = append(r.Rows, publicView(f.Lang, l))
	}
	page, err := p.pages.Register(f, r)
	p.show(c, http.StatusOK, page, err)
}

// registerCSV writes every row of the search, page by page.
func (p *publicPages) registerCSV(c *gin.Context) {
	f, r, ctx := p.frame(c), search(c), c.Request.Context()
	page := store.Page{Limit: 500}
	found, next, err := p.svc.Licensing.PublicRegister(ctx, filterOf(r), page)
	if err != nil {
		p.show(c, 0, nil, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="licenses.csv"`)
	_, _ = c.Writer.WriteString("\ufeff") // spreadsheets take it for UTF-8 by this mark
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true // RFC 4180
	_ = w.Write([]string{"number", "holder", "bin", "sub_type", "state", "regions", "approved_kw", "issued_on", "valid_to", "verification_url"})
	for {
		for _, l := range found {
			_ = w.Write([]string{l.Number, cell(holderName(f.Lang, l)), cell(l.HolderBin), string(l.SubType), string(l.State), strings.Join(l.Regions, " "),
				strconv.FormatFloat(kw(l.Approved), 'f', -1, 64), l.Issued, models.LastDay(l.ValidUntil), p.verificationURL(l.Verification)})
		}
		w.Flush()
		if next == "" || w.Error() != nil {
			return
		}
		page.After = next
		if found, next, err = p.svc.Licensing.PublicRegister(ctx, filterOf(r), page); err != nil {
			p.log.ErrorContext(ctx, "the register's file was cut off", "request_id", requestIDOf(ctx), "error", err)
			panic(http.ErrAbortHandler) // half a file must not look whole
		}
	}
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
