package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func catalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sample(texts string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, lang := range languages {
		files["locales/"+lang+".json"] = &fstest.MapFile{Data: []byte(texts)}
	}
	return files
}

func TestText_TakesThePluralFormOfTheLanguage(t *testing.T) {
	c, err := readCatalog(sample(`{"n_one":"{{count}} one","n_few":"{{count}} few","n_many":"{{count}} many","n_other":"{{count}} other"}`), "locales")
	if err != nil {
		t.Fatal(err)
	}
	// Forms from CLDR's plural rules, the ones that Intl.PluralRules gives the console.
	for _, tc := range []struct {
		lang  string
		count int
		want  string
	}{
		{"ru", 1, "1 one"}, {"ru", 2, "2 few"}, {"ru", 5, "5 many"}, {"ru", 11, "11 many"}, {"ru", 21, "21 one"}, {"ru", 112, "112 many"},
		{"ru", 0, "0 many"}, {"ru", 1_000_001, "1000001 one"}, {"ru", 100_000_022, "100000022 few"},
		{"kk", 1, "1 one"}, {"kk", 2, "2 other"}, {"kk", 21, "21 other"}, {"en", 1, "1 one"}, {"en", 0, "0 other"}, {"en", 2, "2 other"},
	} {
		if got := c.Text(tc.lang, "n", Args{"count": tc.count}); got != tc.want {
			t.Errorf("Text(%s, %d) = %q, want %q", tc.lang, tc.count, got, tc.want)
		}
	}
}

func TestText_FillsPlaceholdersOnceAndKeepsWhatItDoesNotKnow(t *testing.T) {
	c, err := readCatalog(sample(`{"a":"{{x}} and {{ y }} and {{z}}","b":"open {{x","c":"{{- x}}"}`), "locales")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a": "{{y}} and 7 and {{z}}", "b": "open {{x", "c": "{{y}}", "missing.key": "missing.key"} {
		if got := c.Text("en", key, Args{"x": "{{y}}", "y": 7}); got != want {
			t.Errorf("Text(%s) = %q, want %q", key, got, want)
		}
	}
}

func TestMatch_GivesTheReadersLanguageAndKazakhOtherwise(t *testing.T) {
	c := catalog(t)
	for header, want := range map[string]string{
		"": "kk", "*": "kk", "ja": "kk", "de": "en", "ru": "ru", "en-GB,en;q=0.9": "en", "ru-KZ,kk;q=0.5": "ru", "kk-KZ": "kk",
		"de,en;q=0.4,ru;q=0.8": "ru", "x;;;q=": "kk", strings.Repeat("en,", 1000): "kk",
	} {
		if got := c.Match(header); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", header, got, want)
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func TestCatalogues_HaveTheSameKeysAndPlaceholders(t *testing.T) {
	c := catalog(t)
	suffix := regexp.MustCompile(`_(zero|one|two|few|many|other)$`)
	shape := func(lang string) map[string]string {
		out := map[string]string{}
		for key, text := range c.texts[lang] {
			names := placeholder.FindAllString(text, -1)
			slices.Sort(names)
			stem := suffix.ReplaceAllString(key, "")
			if stem != key && len(names) == 0 {
				continue // "one day" may leave the number out
			}
			out[stem] = strings.Join(slices.Compact(names), " ")
		}
		return out
	}
	want := shape("en")
	if len(want) < 100 {
		t.Fatalf("only %d texts", len(want))
	}
	for _, lang := range []string{"kk", "ru"} {
		got := shape(lang)
		for key, names := range want {
			if _, ok := got[key]; !ok {
				t.Errorf("%s has no %s", lang, key)
			} else if got[key] != names {
				t.Errorf("%s of %s has placeholders %q, English has %q", key, lang, got[key], names)
			}
		}
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Errorf("English has no %s", key)
			}
		}
	}
}

func TestCatalogues_HaveEveryPluralFormTheirLanguageNeeds(t *testing.T) {
	c := catalog(t)
	needs := map[string][]string{"kk": {"one", "other"}, "en": {"one", "other"}, "ru": {"one", "few", "many"}}
	for lang, forms := range needs {
		for key := range c.texts[lang] {
			stem, isPlural := strings.CutSuffix(key, "_one")
			if !isPlural {
				continue
			}
			for _, form := range forms {
				if !c.Has(lang, stem+"_"+form) {
					t.Errorf("%s: %s has no form %s", lang, stem, form)
				}
			}
		}
	}
}

var checkedAt = time.Date(2026, 11, 22, 9, 2, 0, 0, time.UTC)

func license(state string) Public {
	return Public{Code: "7K3M-9QWX-A2BC", Number: "KZ18DMA00000042", Holder: "«Қуат Майнинг» ЖШС", HolderBin: "210440038887", SubType: "I", State: state,
		ApprovedW: 1_184_000, Regions: []string{"55"}, Issued: "2026-03-02", LastDay: "2029-03-01"}
}

func renderAll(t *testing.T, lang string) map[string]string {
	t.Helper()
	p, err := NewPages(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	f := Frame{Lang: lang, Back: "/register?q=a&region=55"}
	out := map[string]string{}
	add := func(name string, page []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = string(page)
	}
	page, err := p.Start(f)
	add("start", page, err)
	page, err = p.Help(f)
	add("help", page, err)
	page, err = p.Missing(f)
	add("missing", page, err)
	page, err = p.Verify(f, "", nil, nil)
	add("verify", page, err)
	for _, state := range append(slices.Clone(licenseStates), "superseded") {
		l := license(state)
		if state == "suspended" {
			l.SuspendedUntil = "2026-12-31"
		}
		page, err = p.Verify(f, l.Code, &Verdict{Public: l, CheckedAt: checkedAt}, []Version{{Version: 1, State: "active", ApprovedW: 900_000, EffectiveAt: checkedAt, RecordedAt: checkedAt, Entry: 7}})
		add(state, page, err)
	}
	page, err = p.Verify(f, "XXXX", NoLicense(checkedAt), nil)
	add("not found", page, err)
	for _, n := range []int{0, 1, 3, 25} {
		page, err = p.Register(f, Register{Query: "a&b", RegionFilter: "55", Rows: slices.Repeat([]Public{license("active")}, n), Total: 99, After: "c1", Next: "c2"})
		add(fmt.Sprintf("register of %d", n), page, err)
	}
	return out
}

// loose is what must not stand in a finished page: a catalogue key, a
// placeholder, or a mark of a template that went wrong.
var loose = regexp.MustCompile(`\b(public|region|documents)\.[a-z_.]+[a-zA-Z0-9]*|\{\{|<no value>|ZgotmplZ|%!`)

func TestPages_AreWholeInEveryLanguageAndNeedNoScript(t *testing.T) {
	for _, lang := range languages {
		for name, html := range renderAll(t, lang) {
			text := strings.ReplaceAll(html, "/public/public.css", "")
			if found := loose.FindString(text); found != "" {
				t.Errorf("%s in %s shows %q", name, lang, found)
			}
			for _, bad := range []string{"<script", " style=", "onclick", "http://", "//cdn"} {
				if strings.Contains(html, bad) {
					t.Errorf("%s in %s holds %q", name, lang, bad)
				}
			}
			if !strings.Contains(html, `<html lang="`+lang+`">`) || strings.Count(html, "<h1") != 1 {
				t.Errorf("%s in %s: wrong language or not one heading", name, lang)
			}
		}
	}
}

func TestVerify_SaysTheVerdictTheFactsAndWhenItWasChecked(t *testing.T) {
	pages := renderAll(t, "en")
	for name, want := range map[string][]string{
		"active":    {`data-tone="ok"`, ">In force</h1>", "KZ18DMA00000042", "«Қуат Майнинг» ЖШС", "1\u202f184\u202fkW", "Pavlodar Region", "1 March 2029", "22 November 2026, 14:02 UTC&#43;5", "7K3M-9QWX-A2BC"},
		"suspended": {`data-tone="stop"`, ">Suspended</h1>", "31 December 2026"},
		"revoked":   {`data-tone="refuse"`, ">Revoked</h1>"},
		"expired":   {`data-tone="unknown"`, ">Expired</h1>"},
		"not found": {`data-tone="refuse"`, ">Not found</h1>"},
	} {
		for _, w := range want {
			if !strings.Contains(pages[name], w) {
				t.Errorf("the page of %s does not hold %q", name, w)
			}
		}
	}
	if strings.Contains(pages["not found"], "<dl") {
		t.Error("a code without a license shows facts")
	}
}

func TestPages_ShowWhatVisitorsTypeAsTextOnly(t *testing.T) {
	p, err := NewPages(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	const evil = `"><script>alert(1)</script>`
	l := license("active")
	l.Holder, l.Code = evil, evil
	verify, err := p.Verify(Frame{Lang: "en", Back: evil}, evil, &Verdict{Public: l, CheckedAt: checkedAt}, nil)
	if err != nil {
		t.Fatal(err)
	}
	register, err := p.Register(Frame{Lang: "en", Back: evil}, Register{Query: evil, RegionFilter: evil, Rows: []Public{l}, Next: evil})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(verify)+string(register), "<script") {
		t.Error("what a visitor typed became markup")
	}
}

func TestKilowatts_RoundByOneRule(t *testing.T) {
	for _, tc := range []struct {
		lang  string
		watts int64
		want  string
	}{
		{"en", 0, "0.0 kW"}, {"ru", 1_250, "1,3 кВт"}, {"en", 99_949, "99.9 kW"}, {"en", 99_950, "100 kW"}, {"kk", 1_184_000, "1 184 кВт"}, {"en", -41_000, "\u221241.0 kW"},
		{"en", 12_345_678_000, "12 345 678 kW"},
	} {
		if got := strings.ReplaceAll(Kilowatts(tc.lang, tc.watts), narrow, " "); got != tc.want {
			t.Errorf("Kilowatts(%s, %d) = %q, want %q", tc.lang, tc.watts, got, tc.want)
		}
	}
}

func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestApp_ServesTheConsoleAsBuilt(t *testing.T) {
	h := app(fstest.MapFS{
		"dist/app/index.html":               {Data: []byte("<html>console")},
		"dist/app/assets/index-B1x9_kQ2.js": {Data: []byte("plain script")},
		"dist/app/assets/index-B1x9_kQ2.js.br": {
			Data: []byte("brotli"),
		},
		"dist/app/assets/index-B1x9_kQ2.js.gz": {Data: []byte("gzip")},
		"dist/app/.vite/manifest.json":         {Data: []byte("{}")},
	}, "app")
	const script = "/app/assets/index-B1x9_kQ2.js"
	for _, tc := range []struct {
		path, accept, body, encoding, cache string
		status                              int
	}{
		{"/app/", "", "<html>console", "", "no-cache", 200},
		{"/app/licenses/KZ18DMA00000042", "", "<html>console", "", "no-cache", 200},
		{script, "", "plain script", "", "public, max-age=31536000, immutable", 200},
		{script, "gzip, br", "brotli", "br", "public, max-age=31536000, immutable", 200},
		{script, "gzip", "gzip", "gzip", "public, max-age=31536000, immutable", 200},
		{script, "br;q=0, gzip;q=0.5", "gzip", "gzip", "public, max-age=31536000, immutable", 200},
		{script, "br;q=0.000", "plain script", "", "public, max-age=31536000, immutable", 200},
		{"/app/assets/old-AAAAAAAA.js", "", "", "", "", 404},
		{"/app/../web.go", "", "", "", "", 404},
		{"/app/.vite/manifest.json", "", "", "", "", 404},
		{script + ".br", "", "", "", "", 404},
	} {
		w := get(t, h, tc.path, "Accept-Encoding", tc.accept)
		if w.Code != tc.status {
			t.Errorf("GET %s = %d, want %d", tc.path, w.Code, tc.status)
			continue
		}
		if tc.status == 200 && (w.Body.String() != tc.body || w.Header().Get("Content-Encoding") != tc.encoding || w.Header().Get("Cache-Control") != tc.cache) {
			t.Errorf("GET %s (%s) = %q %v", tc.path, tc.accept, w.Body, w.Header())
		}
	}
	tag := get(t, h, "/app/").Header().Get("ETag")
	if again := get(t, h, "/app/", "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified {
		t.Errorf("the second load of the page answers %d, want 304", again.Code)
	}
}

func TestApp_ThatWasNotBuiltSaysHowToBuildIt(t *testing.T) {
	w := get(t, app(fstest.MapFS{"dist/.gitkeep": {}}, "app"), "/app/queue")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
}

func TestAssets_AreServedByNameOnly(t *testing.T) {
	h := Assets()
	if w := get(t, h, "/public/public.css"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("style: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/public/", "/public/../base.html", "/public/nothing.css"} {
		if w := get(t, h, path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, w.Code)
		}
	}
}

func TestCatalogues_AreValidJSONWithSortedKeys(t *testing.T) {
	for _, lang := range languages {
		raw, err := locales.ReadFile("locales/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(raw)))
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		before := ""
		for d.More() {
			key, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			if name := fmt.Sprint(key); name <= before {
				t.Errorf("%s: %s comes after %s", lang, name, before)
			}
			before = fmt.Sprint(key)
			if _, err := d.Token(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
