package models

import (
	"slices"
	"strings"
	"unicode"
)

// The spelling of a name in search: Kazakh and Russian Cyrillic, what people type
// for Kazakh letters on a Russian keyboard, Kazakh in the Latin script of 2021 and
// the common transliterations (GOST 7.79, passports) all become one spelling of
// plain Latin letters. It is for comparing only and can be read by nobody.
// Source: Presidential Decree of 26.10.2017 No 569 as amended (Latin alphabet),
// its draft of 28.01.2021, and GOST 7.79-2000, system B.

// plainLetters gives the plain letter of each letter that is not a-z. i stands
// for every sound between i and y, w for sh, x for ch, j for zh.
var plainLetters = map[rune]string{
	'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'э': "e", 'ж': "j", 'з': "z",
	'и': "i", 'й': "i", 'ы': "i", 'і': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "o",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ф': "f", 'х': "h", 'һ': "h", 'ц': "ts", 'ч': "x",
	'ш': "w", 'щ': "w", 'ъ': "", 'ь': "", 'ю': "iu", 'я': "ia",
	'ä': "a", 'á': "a", 'ǵ': "g", 'ğ': "g", 'ı': "i", 'ï': "i", 'í': "i", 'ñ': "n", 'ń': "n", 'ŋ': "n", 'ö': "o", 'ó': "o", 'ş': "w", 'š': "w",
	'ŝ': "w", 'ü': "u", 'ū': "u", 'ú': "u", 'ŭ': "u", 'ý': "u", 'ç': "x", 'č': "x", 'ž': "j", 'ë': "e", 'é': "e", 'è': "e",
	'c': "k", 'q': "k", 'w': "v", 'x': "ks", 'y': "i",
}

// latinGroups are the groups of Latin letters that stand for one letter, longest
// first.
var latinGroups = []struct{ from, to string }{
	{"shch", "w"}, {"sch", "w"}, {"sh", "w"}, {"zh", "j"}, {"ch", "x"}, {"kh", "h"}, {"gh", "g"}, {"ck", "k"}, {"ph", "f"},
	{"ce", "tse"}, {"ci", "tsi"}, {"cy", "tsi"}, {"ye", "e"}, {"ju", "iu"},
}

// maxTerm bounds a term in letters; longer words are cut, on both sides of a search.
const maxTerm = 40

// SearchTerms gives the words of a text in the spelling of search, sorted, each
// once. A word with a digit is taken for a code: only its letters are spelled.
func SearchTerms(text string) []string {
	var out []string
	for _, word := range searchWords(text) {
		if t := spell(word); t != "" {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CodeTerms gives the terms that find a code: the whole of it without what
// separates its parts, and each part.
func CodeTerms(code string) []string {
	out := append(SearchTerms(code), spell(strings.Join(searchWords(code), "")))
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(t string) bool { return t == "" })
}

// legalForms are words that tell nothing about which party is meant, in the
// spelling of search.
var legalForms = []string{"to", "jws", "ao", "ak", "ip", "jk", "lp", "jsk", "oao", "zao"}

// WithoutLegalForms leaves out words like LLP, unless nothing else is there.
func WithoutLegalForms(terms []string) []string {
	out := slices.DeleteFunc(slices.Clone(terms), func(t string) bool { return slices.Contains(legalForms, t) })
	if len(out) == 0 {
		return terms
	}
	return out
}

// searchWords splits at what is neither letter nor digit. Apostrophes, which
// transliterations write for soft signs, and joining marks are left out.
func searchWords(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', 'ʹ', 'ʼ', '`', '´', '\u0301', '\u0308', '\u0306', '\u00ad', '\u200b':
			return -1
		}
		return unicode.ToLower(r)
	}, strings.ReplaceAll(text, "İ", "I"))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func spell(word string) string {
	code := strings.ContainsFunc(word, unicode.IsDigit)
	var b strings.Builder
	for rest := word; rest != ""; {
		group := ""
		for _, g := range latinGroups {
			if !code && strings.HasPrefix(rest, g.from) {
				group = g.from
				b.WriteString(g.to)
				break
			}
		}
		if group != "" {
			rest = rest[len(group):]
			continue
		}
		r := []rune(rest)[0]
		rest = rest[len(string(r)):]
		if plain, ok := plainLetters[r]; ok {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	out := b.String()
	if !code {
		out = settle(out)
	}
	if r := []rune(out); len(r) > maxTerm {
		out = string(r[:maxTerm])
	}
	return out
}

// settle makes the sounds that are written in several ways one: ng and n, ie and
// e, io and e after a consonant, and doubled letters.
func settle(plain string) string {
	var b []rune
	last := func(back int) rune {
		if len(b) < back {
			return 0
		}
		return b[len(b)-back]
	}
	for _, r := range plain {
		switch {
		case r == 'g' && last(1) == 'n':
			continue
		case r == 'e' && last(1) == 'i':
			b = b[:len(b)-1]
		case r == 'o' && last(1) == 'i' && !strings.ContainsRune("aeiou", last(2)):
			b, r = b[:len(b)-1], 'e'
		}
		if r != last(1) {
			b = append(b, r)
		}
	}
	return string(b)
}
