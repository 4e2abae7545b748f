package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"rigistry/models"
)

// texts reads the catalogues themselves: a document with a missing text is a
// broken document.
func texts(t *testing.T) Texts {
	t.Helper()
	all := map[string]map[string]string{}
	for _, lang := range paperLanguages {
		raw, err := os.ReadFile("../../web/locales/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		catalogue := map[string]string{}
		if err := json.Unmarshal(raw, &catalogue); err != nil {
			t.Fatal(err)
		}
		all[lang] = catalogue
	}
	return func(lang, key string, args map[string]any) string {
		text, ok := all[lang][key]
		if !ok {
			t.Errorf("no text %s in %s", key, lang)
		}
		for name, value := range args {
			switch v := value.(type) {
			case int:
				text = strings.ReplaceAll(text, "{{"+name+"}}", strconv.Itoa(v))
			case string:
				text = strings.ReplaceAll(text, "{{"+name+"}}", v)
			}
		}
		return text
	}
}

// kazakh has every letter of the Kazakh alphabet that Russian lacks, and the
// signs that stand in documents.
const kazakh = "ӘәҒғҚқҢңӨөҰұҮүҺһІі«»—№₸"

func facts() LicenseFacts {
	return LicenseFacts{
		License: models.License{
			Number: "KZ18DMA00000042", Version: 3, SubType: models.SubTypeI, State: models.LicenseActive, HolderBin: "210440038887", HolderName: "ТОО «Куат Майнинг»",
			Approved: 1_184_500, FirstIssued: "2026-03-02", Issued: "2026-03-02", Order: "№ 117-НҚ", Verification: "7K3M-9QWX-A2BC",
			Sites: []models.LicensedSite{
				{Appendix: "001", Site: "site-1", SiteCode: "S-00012", ConnectionPoints: []string{"PS12-F03-CP007", "PS12-F03-CP008"}, Approved: 900_000},
				{Appendix: "002", Site: "site-2", SiteCode: "S-00013", ConnectionPoints: []string{"PS14-F01-CP001"}, Approved: 284_500},
			},
		},
		HolderKk: "«Қуат Майнинг» ЖШС " + kazakh, HolderRu: "ТОО «Куат Майнинг»",
		Address:   "Павлодар облысы, Екібастұз қаласы, Әуезов көшесі, 12",
		SiteNames: map[string][2]string{"site-1": {"Солтүстік деректерді өңдеу орталығы", "Северный центр обработки данных"}},
		LastDay:   "2029-03-01", LicensorKk: "Цифрлық активтер саласындағы уәкілетті орган", LicensorRu: "Уполномоченный орган в сфере цифровых активов",
		Signer: "Г. Сәрсенова", URL: "https://registry.example/v/7K3M9QWXA2BC", MadeAt: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC),
	}
}

var stream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)

// pdfText inflates the content streams and decodes what is shown: fpdf writes
// UTF-16BE strings for embedded fonts. One line an operator.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	var out strings.Builder
	for _, m := range stream.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte("BT ")) {
			continue
		}
		for i := 0; i < len(content); i++ {
			if content[i] != '(' {
				continue
			}
			var raw []byte
			for i++; i < len(content) && content[i] != ')'; i++ {
				if content[i] == '\\' {
					i++
					if content[i] == 'r' {
						raw = append(raw, '\r')
						continue
					}
				}
				raw = append(raw, content[i])
			}
			units := make([]uint16, 0, len(raw)/2)
			for j := 0; j+1 < len(raw); j += 2 {
				units = append(units, binary.BigEndian.Uint16(raw[j:]))
			}
			out.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return out.String()
}

func TestLicensePDF_SaysEverythingInKazakhAndRussian(t *testing.T) {
	f := facts()
	pdf, err := New(texts(t)).LicensePDF(f)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("RIGISTRY_KEEP_DOCUMENTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "license.pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := pdfText(t, pdf)
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"ЛИЦЕНЗИЯ", "KZ18DMA00000042", "«Қуат Майнинг» ЖШС", kazakh, "ТОО «Куат Майнинг»", "210440038887", "1 184,5 кВт", "284,5 кВт",
		"Рұқсат етілген қуат", "Разрешённая мощность", "02.03.2026", "01.03.2029", "PS12-F03-CP007, PS12-F03-CP008", "№ 117-НҚ", "Г. Сәрсенова",
		"https://registry.example/v/7K3M9QWXA2BC", "7K3M-9QWX-A2BC", "Солтүстік деректерді өңдеу орталығы", "Северный центр обработки данных", "02.03.2026 10:00 UTC+5",
	} {
		if !strings.Contains(flat, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("the document does not say %q", want)
		}
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("kk-KZ")) || !bytes.Contains(pdf, []byte("/FontFile2")) {
		t.Error("it is not a PDF in Kazakh with its fonts embedded")
	}
	if len(pdf) > 150_000 {
		t.Errorf("%d bytes: the fonts were not cut down to what is used", len(pdf))
	}
}

func TestLicensePDF_OfTheSameFactsIsTheSameBytes(t *testing.T) {
	s := New(texts(t))
	a, err := s.LicensePDF(facts())
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.LicensePDF(facts())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two runs differ")
	}
	f := facts()
	f.License.Approved++
	c, err := s.LicensePDF(f)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a, c) {
		t.Error("one watt more changes nothing")
	}
}

func TestLicensePDF_WithManySitesGoesOnToFurtherPages(t *testing.T) {
	f := facts()
	for range 40 {
		f.License.Sites = append(f.License.Sites, f.License.Sites[0])
	}
	pdf, err := New(texts(t)).LicensePDF(f)
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Count(string(pdf), "/Type /Page\n")
	if pages < 3 || pages > 10 {
		t.Errorf("%d pages", pages)
	}
	if n := strings.Count(pdfText(t, pdf), "S-00012"); n != 2*41 {
		t.Errorf("the site stands %d times, want 41 in each language", n)
	}
}

func TestLicensePDF_WithoutItsPublicPageIsRefused(t *testing.T) {
	for _, spoil := range []func(*LicenseFacts){
		func(f *LicenseFacts) { f.URL = "" }, func(f *LicenseFacts) { f.LastDay = "" }, func(f *LicenseFacts) { f.License.Number = "" },
		func(f *LicenseFacts) { f.URL = strings.Repeat("x", 400) },
	} {
		f := facts()
		spoil(&f)
		if _, err := New(texts(t)).LicensePDF(f); err == nil {
			t.Errorf("a document without what it needs was made: %+v", f)
		}
	}
}

// glyphs gives the character map of a font: format 4 of the OpenType cmap table.
func glyphs(t *testing.T, font []byte) map[rune]bool {
	t.Helper()
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	out := map[rune]bool{}
	for i := range u16(4) {
		if string(font[12+16*i:16+16*i]) != "cmap" {
			continue
		}
		cmap := u32(12 + 16*i + 8)
		for j := range u16(cmap + 2) {
			sub := cmap + u32(cmap+4+8*j+4)
			if u16(sub) != 4 {
				continue
			}
			segments := u16(sub+6) / 2
			ends, starts := sub+14, sub+16+2*segments
			for s := range segments {
				for c := u16(starts + 2*s); c <= u16(ends+2*s) && c < 0xffff; c++ {
					out[rune(c)] = true
				}
			}
		}
	}
	return out
}

func TestFonts_HaveEveryLetterThatTheCatalogueAndKazakhNeed(t *testing.T) {
	for name, font := range map[string][]byte{"regular": regular, "bold": bold} {
		have := glyphs(t, font)
		if have['\u4e00'] {
			t.Fatal("the check finds Chinese in Noto Sans: it proves nothing")
		}
		for _, r := range kazakh + "АаЯяЁё0123456789.,:/-·\u00a0" {
			if !have[r] {
				t.Errorf("%s has no %c (U+%04X)", name, r, r)
			}
		}
	}
}

func TestQRSVG_DrawsTheSymbolWithItsQuietZone(t *testing.T) {
	s := New(nil)
	const url = "https://registry.example/v/7K3M9QWXA2BC"
	svg, err := s.QRSVG(url)
	if err != nil {
		t.Fatal(err)
	}
	size, runs, err := bars(url)
	if err != nil {
		t.Fatal(err)
	}
	// ISO/IEC 18004: a symbol has 17+4v modules a side and a finder pattern, seven
	// modules wide, in three corners.
	if (size-17)%4 != 0 {
		t.Errorf("%d modules a side", size)
	}
	var finders int
	for _, r := range runs {
		if r.width == 7 && (r.y == 0 || r.y == 6 || r.y == size-7 || r.y == size-1) && (r.x == 0 || r.x == size-7) {
			finders++
		}
	}
	if finders != 6 {
		t.Errorf("%d edges of finder patterns, want 6", finders)
	}
	text := string(svg)
	if want := `viewBox="0 0 ` + strconv.Itoa(size+8) + " " + strconv.Itoa(size+8) + `"`; !strings.Contains(text, want) || !strings.Contains(text, "M4 4h7v1h-7z") {
		t.Errorf("the quiet zone of four modules is missing: %.160s", text)
	}
	if strings.Count(text, "v1h-") != len(runs) {
		t.Error("runs are missing")
	}
	for _, bad := range []string{"", strings.Repeat("x", 301)} {
		if _, err := s.QRSVG(bad); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a text of %d bytes gave %v", len(bad), err)
		}
	}
}
