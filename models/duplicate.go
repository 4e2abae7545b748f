package models

import (
	"slices"
	"strings"
	"unicode"
)

// The signs that two parties are one.
const (
	SignName        = "name"         // the same words in any spelling
	SignSimilarName = "similar_name" // most of the words, or one letter apart
	SignNumber      = "number"       // BIN or IIN one digit off, or two digits swapped
	SignPhone       = "phone"
	SignEmail       = "email"
	SignAddress     = "address"
	SignPerson      = "person" // one human being directs or owns both
)

// signWeights are how much each sign tells, of 100.
var signWeights = map[string]int64{SignName: 50, SignSimilarName: 25, SignNumber: 30, SignPhone: 25, SignEmail: 25, SignAddress: 15, SignPerson: 20}

// MinDuplicateScore is the score from which a pair is shown. No sign but the name
// reaches it alone: numbers that are given out one after another are one digit off.
const MinDuplicateScore = 40

// Duplicate is a pair of parties that look like one.
type Duplicate struct {
	A, B  string // party ids, A < B
	Score int64  // MinDuplicateScore to 100
	Signs []string
}

// Resemblance scores two parties. persons are the keys of the people of each that
// hold today. ok is false when the pair is not worth showing.
func Resemblance(a, b Comparable) (d Duplicate, ok bool) {
	d = Duplicate{A: a.ID, B: b.ID}
	if d.A > d.B {
		d.A, d.B = d.B, d.A
	}
	if sign := nameSign(a.Names, b.Names); sign != "" {
		d.Signs = append(d.Signs, sign)
	}
	for _, s := range []struct {
		sign string
		same bool
	}{
		{SignNumber, NearNumber(a.Number, b.Number)},
		{SignPhone, a.Phone != "" && a.Phone == b.Phone},
		{SignEmail, a.Email != "" && a.Email == b.Email},
		{SignAddress, a.Address != "" && a.Address == b.Address},
		{SignPerson, slices.ContainsFunc(a.Persons, func(p string) bool { return slices.Contains(b.Persons, p) })},
	} {
		if s.same {
			d.Signs = append(d.Signs, s.sign)
		}
	}
	for _, s := range d.Signs {
		d.Score += signWeights[s]
	}
	d.Score = min(d.Score, 100)
	return d, d.Score >= MinDuplicateScore
}

// Comparable is a party in the form in which parties are compared; "" says that it
// has nothing to compare.
type Comparable struct {
	ID      string
	Number  string   // BIN or IIN
	Names   []string // each as its words in the spelling of search, without legal forms, sorted
	Phone   string   // last ten digits
	Email   string
	Address string // words in the spelling of search, sorted
	Persons []string
}

// minAddressWords is how many words an address needs to tell something.
const minAddressWords = 3

// ComparableOf gives the form of a party in which it is compared.
func ComparableOf(p Party, persons []string) Comparable {
	c := Comparable{ID: p.ID, Number: p.BinOrIin, Email: strings.ToLower(strings.TrimSpace(p.Email)), Persons: persons}
	for _, name := range []string{p.NameRu, p.NameKk} {
		if n := strings.Join(WithoutLegalForms(SearchTerms(name)), " "); n != "" && !slices.Contains(c.Names, n) {
			c.Names = append(c.Names, n)
		}
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, p.Phone)
	if len(digits) >= 10 {
		c.Phone = digits[len(digits)-10:]
	}
	if words := SearchTerms(p.Address); len(words) >= minAddressWords {
		c.Address = strings.Join(words, " ")
	}
	return c
}

// nameSign compares every name of one with every name of the other.
func nameSign(a, b []string) string {
	sign := ""
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return SignName
			}
			if similarNames(x, y) {
				sign = SignSimilarName
			}
		}
	}
	return sign
}

// similarNames tells whether two names in the spelling of search share most of
// their words, or are one or two letters apart.
func similarNames(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	shared := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			shared++
		}
	}
	if shared*2 > len(x)+len(y)-shared {
		return true
	}
	const fewLetters = 6 // in shorter names two letters make another name
	ra, rb := []rune(a), []rune(b)
	return min(len(ra), len(rb)) >= fewLetters && lettersApart(ra, rb) <= 2
}

// lettersApart is the edit distance, cut at 3.
func lettersApart(a, b []rune) int {
	const cut = 3
	if len(a)-len(b) >= cut || len(b)-len(a) >= cut {
		return cut
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range a {
		before := row[0]
		row[0] = i + 1
		for j, s := range b {
			cost := before
			if r != s {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(b)], cut)
}

// NearNumber tells whether two BINs or IINs are one digit off or have two
// neighbouring digits swapped, leaving out the check digit, which follows.
func NearNumber(a, b string) bool {
	if len(a) != 12 || len(b) != 12 || a[:11] == b[:11] {
		return false
	}
	return slices.Contains(NearNumbers(a), b)
}

// NearNumbers gives every valid number that is one digit off, or has two
// neighbouring digits swapped, in the first eleven.
func NearNumbers(number string) []string {
	if len(number) != 12 || !allDigits(number) {
		return nil
	}
	var out []string
	add := func(eleven []byte) {
		if full, err := CompleteBin(string(eleven)); err == nil && full != number {
			out = append(out, full)
		}
	}
	for i := range 11 {
		for d := byte('0'); d <= '9'; d++ {
			if other := []byte(number[:11]); other[i] != d {
				other[i] = d
				add(other)
			}
		}
		if i < 10 && number[i] != number[i+1] {
			other := []byte(number[:11])
			other[i], other[i+1] = other[i+1], other[i]
			add(other)
		}
	}
	return out
}
