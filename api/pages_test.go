package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
)

// licensed puts a license with its holder, application and site into the store.
func (s *identityServer) licensed(n int, change func(*models.Party, *models.Site, *models.License)) models.License {
	s.t.Helper()
	number, err := models.NewLicenseNumber("DMA", int64(n))
	if err != nil {
		s.t.Fatal(err)
	}
	at := s.clock.Now()
	party := models.Party{ID: fmt.Sprint("party-", n), BinOrIin: fmt.Sprintf("%012d", 210440000000+n), Kind: models.PartyLegalEntity,
		NameKk: fmt.Sprintf("«Қуат %d» ЖШС", n), NameRu: fmt.Sprintf("ТОО «Куат %d»", n), Size: models.SizeLarge, Resident: true,
		Kato: "551010000", State: models.PartyActive, Version: 1, Created: at, Updated: at}
	site := models.Site{ID: fmt.Sprint("site-", n), Code: fmt.Sprintf("S-%05d", n), Owner: party.ID, NameKk: "ДӨО", NameRu: "ЦОД",
		Kato: "551010000", Region: "55", GridZone: "north", HostCapacity: 5_000_000, Version: 1, Created: at, Updated: at}
	code := fmt.Sprintf("AB%02d-CDEF-GH%02d", n, n)
	l := models.License{Number: number, Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: party.ID, HolderBin: party.BinOrIin,
		HolderName: party.NameRu, Application: fmt.Sprint("app-", n), Approved: 900_000, FirstIssued: "2026-03-02", Issued: "2026-03-02",
		ValidFrom: at, ValidUntil: at.AddDate(3, 0, 0), Order: "1", Verification: code, Drafter: "d", Signer: "s", EffectiveAt: at, RecordedAt: at,
		Sites: []models.LicensedSite{{Appendix: "001", Site: site.ID, SiteCode: site.Code, ConnectionPoints: []string{fmt.Sprint("CP", n)}, Approved: 900_000}}}
	if change != nil {
		change(&party, &site, &l)
	}
	err = s.store.Update(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertParty(party); err != nil {
			return err
		}
		if err := tx.InsertSite(site); err != nil {
			return err
		}
		if err := tx.InsertApplication(models.Application{ID: l.Application, Number: fmt.Sprintf("A-2026-%05d", n), Kind: models.ApplicationIssue, SubType: models.SubTypeI,
			State: models.ApplicationDraft, Applicant: party.ID, ApplicantBin: party.BinOrIin, Language: "ru", SupplyBasis: "auction",
			Version: 1, Created: at, Updated: at}); err != nil {
			return err
		}
		return tx.InsertLicense(l)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func has(t *testing.T, a answer, status int, wants ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Errorf("%s answers %d, want %d", a.body, a.StatusCode, status)
	}
	for _, w := range wants {
		if !strings.Contains(a.body, w) {
			t.Errorf("the page does not hold %q", w)
		}
	}
}

func TestVerify_GivesTheStateOfThisMomentByCodeHoweverItIsWritten(t *testing.T) {
	s := newIdentityServer(t)
	l := s.licensed(1, nil)
	for _, typed := range []string{l.Verification, strings.ToLower(strings.ReplaceAll(l.Verification, "-", "")), l.Number} {
		has(t, s.do("GET", "/v/"+typed, "", "Accept-Language", "en"), http.StatusOK, ">In force</h1>", l.Number, "ТОО «Куат 1»", l.HolderBin, "Pavlodar Region", "900\u202fkW", "2 March 2026")
	}
	has(t, s.do("GET", "/v/"+l.Verification, "", "Accept-Language", "kk"), http.StatusOK, ">Қолданыста</h1>", "«Қуат 1» ЖШС", "Павлодар облысы")
	has(t, s.do("GET", "/v/0000-0000-0000", "", "Accept-Language", "ru"), http.StatusNotFound, ">Не найдена</h1>")
	has(t, s.do("GET", "/v/"+strings.Repeat("9", 500), ""), http.StatusNotFound)
	to := s.do("GET", "/v?code=+ab01+cdef+gh01+", "")
	if to.StatusCode != http.StatusSeeOther || to.Header.Get("Location") != "/v/AB01CDEFGH01" {
		t.Errorf("the typed code leads with %d to %q", to.StatusCode, to.Header.Get("Location"))
	}
	s.clock.Set(l.ValidUntil)
	has(t, s.do("GET", "/v/"+l.Verification, "", "Accept-Language", "en"), http.StatusOK, ">Expired</h1>", `data-tone="unknown"`)
}

func TestPublic_ShowsNothingAboutAPerson(t *testing.T) {
	s := newIdentityServer(t)
	l := s.licensed(1, func(p *models.Party, _ *models.Site, l *models.License) {
		p.Kind, p.NameKk, p.NameRu, p.BinOrIin = models.PartySoleEntrepreneur, "Сериков Серік", "ИП Сериков", "850101300006"
		l.HolderBin, l.HolderName = p.BinOrIin, p.NameRu
	})
	for _, path := range []string{"/v/" + l.Verification, "/v1/public/licenses/" + l.Number, "/v1/public/licenses", "/register", "/register.csv", "/register?q=Сериков", "/register.csv?q=8501"} {
		a := s.do("GET", path, "")
		if a.StatusCode != http.StatusOK {
			t.Errorf("GET %s = %d %s", path, a.StatusCode, a.body)
		}
		// The search box repeats what the visitor typed; the rows must not know it.
		if strings.Contains(strings.ReplaceAll(a.body, `value="Сериков"`, ""), "Сериков") || strings.Contains(a.body, "850101300006") {
			t.Errorf("GET %s shows the person: %s", path, a.body)
		}
	}
}

func TestRegister_SearchesFiltersAndTurnsPages(t *testing.T) {
	s := newIdentityServer(t)
	for n := 1; n <= 30; n++ {
		s.licensed(n, func(_ *models.Party, site *models.Site, l *models.License) {
			if n%10 == 0 {
				site.Region, site.Kato = "71", "711010000"
				l.State = models.LicenseRevoked
			}
		})
	}
	rows := func(a answer) int { return strings.Count(a.body, `<tr>`) - 1 }
	first := s.do("GET", "/register", "", "Accept-Language", "en")
	if n := rows(first); n != 25 {
		t.Errorf("the first page has %d rows, want 25", n)
	}
	_, after, found := strings.Cut(first.body, `href="/register?after=`)
	if !found {
		t.Fatal("no link to the next page")
	}
	next, _, _ := strings.Cut(after, `"`)
	second := s.do("GET", "/register?after="+next, "", "Accept-Language", "en")
	if n := rows(second); n != 5 || !strings.Contains(second.body, `href="/register" rel="first"`) {
		t.Errorf("the second page has %d rows, want 5 and a way back", n)
	}
	for query, want := range map[string]int{
		"q=%D0%9A%D1%83%D0%B0%D1%82+7": 1, "q=" + "210440000012": 1, "region=71": 3, "status=revoked": 3, "status=active&region=71": 0,
		"status=nonsense": 25, "region=%27": 25, "q=%25": 0,
	} {
		a := s.do("GET", "/register?"+query, "", "Accept-Language", "en")
		n := max(0, rows(a))
		if a.StatusCode != http.StatusOK || n != want {
			t.Errorf("%s gives %d rows with %d, want %d", query, n, a.StatusCode, want)
		}
	}
	file := s.do("GET", "/register.csv", "")
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, "\ufeff"))).ReadAll()
	if err != nil || len(records) != 31 || !slices.Contains(records[0], "approved_kw") || !slices.Contains(records[1], "900") {
		t.Errorf("the file has %d records: %v", len(records), err)
	}
}

func TestCell_KeepsSpreadsheetsFromRunningNames(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "-2": "'-2", "+7": "'+7", "\tx": "'\tx", "ТОО": "ТОО", "": ""} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLanguage_IsChosenByLinkAndKeptWithoutScript(t *testing.T) {
	s := newIdentityServer(t)
	has(t, s.do("GET", "/", "", "Accept-Language", "ru"), http.StatusOK, `<html lang="ru">`)
	has(t, s.do("GET", "/?lang=en", "", "Accept-Language", "ru"), http.StatusOK, `<html lang="en">`)
	has(t, s.do("GET", "/?lang=xx", "", "Accept-Language", "ru"), http.StatusOK, `<html lang="ru">`)
	chosen := s.do("GET", "/lang/kk?back=%2Fregister%3Fq%3Da", "")
	if chosen.StatusCode != http.StatusSeeOther || chosen.Header.Get("Location") != "/register?q=a" || len(chosen.Cookies()) != 1 {
		t.Fatalf("choice: %d %v", chosen.StatusCode, chosen.Header)
	}
	c := chosen.Cookies()[0]
	has(t, s.do("GET", "/help", "", "Accept-Language", "ru", "Cookie", c.Name+"="+c.Value), http.StatusOK, `<html lang="kk">`)
}

func TestLocalPath_NeverLeavesTheSite(t *testing.T) {
	for _, back := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "evil", "/\t/evil.example", "http:/evil", "/%0a\n"} {
		if got := localPath(back); got != "/" {
			t.Errorf("localPath(%q) = %q, want /", back, got)
		}
	}
	if got := localPath("/v/AB-CD?x=1"); got != "/v/AB-CD?x=1" {
		t.Errorf("localPath keeps %q", got)
	}
}

func TestPages_AnswerBrowsersWithPagesAndProgramsWithProblems(t *testing.T) {
	s := newIdentityServer(t)
	for _, path := range []string{"/", "/v", "/register", "/help"} {
		a := s.do("GET", path, "", "Accept", "text/html", "Accept-Language", "en")
		has(t, a, http.StatusOK, "<h1")
		if a.Header.Get("Content-Security-Policy") == "" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s has headers %v", path, a.Header)
		}
	}
	has(t, s.do("GET", "/nothing/here", "", "Accept", "text/html", "Accept-Language", "en"), http.StatusNotFound, "There is no such page")
	s.problem(s.do("GET", "/v1/nothing", "", "Accept", "text/html"), http.StatusNotFound, "not_found")
	s.problem(s.do("GET", "/nothing", "", "Accept", "application/json"), http.StatusNotFound, "not_found")
	s.problem(s.do("POST", "/register", "", "Accept", "text/html"), http.StatusMethodNotAllowed, "method_not_allowed")
	if a := s.do("GET", "/public/public.css", ""); a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style: %d %v", a.StatusCode, a.Header)
	}
	if a := s.do("GET", "/app", ""); a.Header.Get("Location") != "/app/" {
		t.Errorf("/app leads to %q", a.Header.Get("Location"))
	}
	has(t, s.do("GET", "/v/ABCD-EFGH-JKMN/qr.svg", ""), http.StatusOK, "<svg ")
}
