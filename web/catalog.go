package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// languages are the languages of the registry; the state language comes first
// and is what a reader gets who asks for none of them.
var languages = []string{"kk", "ru", "en"}

// maxAcceptLanguage bounds the header that is looked at.
const maxAcceptLanguage = 512

// Args are the values of a text's {{placeholders}}. "count" also chooses the
// plural form; it is an int.
type Args = map[string]any

// Catalog holds the texts for people in every language: flat keys in i18next's
// JSON format, version 4, the same files that the console reads.
type Catalog struct {
	texts   map[string]map[string]string
	matcher language.Matcher
}

// LoadCatalog reads the embedded catalogues.
func LoadCatalog() (*Catalog, error) { return readCatalog(locales, "locales") }

func readCatalog(files fs.FS, folder string) (*Catalog, error) {
	c := &Catalog{texts: map[string]map[string]string{}}
	tags := make([]language.Tag, 0, len(languages))
	for _, lang := range languages {
		raw, err := fs.ReadFile(files, path.Join(folder, lang+".json"))
		if err != nil {
			return nil, fmt.Errorf("catalogue of %s: %w", lang, err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("catalogue of %s: %w", lang, err)
		}
		c.texts[lang] = texts
		tags = append(tags, language.Make(lang))
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Languages gives kk, ru and en.
func (c *Catalog) Languages() []string { return append([]string(nil), languages...) }

// Known tells whether there is a catalogue of the language.
func (c *Catalog) Known(lang string) bool { return c.texts[lang] != nil }

// Match gives the language that fits an Accept-Language header best; Kazakh
// when none does.
func (c *Catalog) Match(acceptLanguage string) string {
	if len(acceptLanguage) > maxAcceptLanguage {
		return languages[0]
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return languages[0]
	}
	_, index, _ := c.matcher.Match(tags...)
	return languages[index]
}

// Has tells whether the language has a text for the key.
func (c *Catalog) Has(lang, key string) bool {
	_, ok := c.texts[lang][key]
	return ok
}

// Text gives the text of the key in the language with the placeholders filled
// in. With args["count"], the form that the language's plural rule asks for is
// taken. A key that no catalogue has gives the key itself, which shows on the
// page and fails the parity test.
func (c *Catalog) Text(lang, key string, args Args) string {
	texts := c.texts[lang]
	if texts == nil {
		texts, lang = c.texts[languages[0]], languages[0]
	}
	if count, ok := args["count"].(int); ok {
		if form, ok := texts[key+"_"+pluralForm(lang, count)]; ok {
			return interpolate(form, args)
		}
		if other, ok := texts[key+"_other"]; ok {
			return interpolate(other, args)
		}
	}
	text, ok := texts[key]
	if !ok {
		return key
	}
	return interpolate(text, args)
}

// forms are the names that i18next and CLDR give the plural forms.
var forms = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func pluralForm(lang string, count int) string {
	if count < 0 {
		count = -count
	}
	return forms[plural.Cardinal.MatchPlural(language.Make(lang), count%10_000_000, 0, 0, 0, 0)]
}

// interpolate fills in {{name}}; a name without a value stays as it is.
func interpolate(text string, args Args) string {
	if len(args) == 0 || !strings.Contains(text, "{{") {
		return text
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			out.WriteString("{{" + rest)
			return out.String()
		}
		if value, ok := args[strings.TrimSpace(strings.TrimPrefix(name, "-"))]; ok {
			out.WriteString(argText(value))
		} else {
			out.WriteString("{{" + name + "}}")
		}
		text = after
	}
}

func argText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	default:
		return fmt.Sprint(v)
	}
}
