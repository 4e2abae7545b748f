package models

import (
	"strings"
	"unicode"
)

// folds are the letters that people write for one another in Kazakh and Russian
// names. Both sides of a search are folded.
var folds = map[rune]rune{
	'ё': 'е', 'қ': 'к', 'ә': 'а', 'ң': 'н', 'ғ': 'г', 'ү': 'у', 'ұ': 'у', 'ө': 'о', 'і': 'и', 'һ': 'х',
}

// Fold makes a text comparable for search: lower case, Kazakh letters as the
// Russian ones that people type for them, anything but letters and digits as one
// space.
func Fold(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		r = unicode.ToLower(r)
		if f, ok := folds[r]; ok {
			r = f
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
