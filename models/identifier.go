package models

import (
	"fmt"
	"strings"
	"time"
)

// IdentifierRule names the rule of a number's structure that was broken.
type IdentifierRule string

// The rules of a BIN, an IIN, a license number and a KATO code.
const (
	RuleLength       IdentifierRule = "length"         // wrong number of characters
	RuleDigits       IdentifierRule = "digits"         // something that is not a digit
	RuleMonth        IdentifierRule = "month"          // digits 3 and 4 are no month
	RuleDate         IdentifierRule = "date"           // an IIN's birth date that never was
	RuleType         IdentifierRule = "type"           // digit 5 is neither a day nor a kind of entity
	RuleCentury      IdentifierRule = "century"        // digit 7 of an IIN is no century
	RuleCheckDigit   IdentifierRule = "check_digit"    // the check digit does not agree
	RuleNoCheckDigit IdentifierRule = "no_check_digit" // no check digit exists for these eleven digits
	RuleFormat       IdentifierRule = "format"         // not KZ, two digits, three letters, eight digits
	RuleRegion       IdentifierRule = "region"         // the first two digits are no region
)

// IdentifierError says which rule a number breaks. It unwraps to an *Error with
// CodeInvalid.
type IdentifierError struct {
	Rule   IdentifierRule
	Detail string
}

func (e *IdentifierError) Error() string { return e.Detail }

// Unwrap gives the public error.
func (e *IdentifierError) Unwrap() error { return &Error{Code: CodeInvalid, Detail: e.Detail} }

func badIdentifier(rule IdentifierRule, format string, args ...any) *IdentifierError {
	return &IdentifierError{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// HolderKind tells an IIN (a person) from a BIN (an organisation) by structure.
type HolderKind string

// The kinds, by the fifth digit of a BIN; a person's is the tens of a day.
const (
	HolderPerson      HolderKind = "person"       // IIN
	HolderResident    HolderKind = "resident"     // BIN, legal entity of the country
	HolderNonResident HolderKind = "non_resident" // BIN, foreign legal entity
	HolderJoint       HolderKind = "joint"        // BIN, joint entrepreneurs
)

// NormalizeIdentifier takes out the spaces and hyphens that people paste with a
// number and makes its letters capital.
func NormalizeIdentifier(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '-', '\u00a0', '\u2009', '\u200b', '\u202f', '\u2011', '\u2013':
			return -1
		}
		return r
	}, text))
}

// CheckBin checks the twelve digits of a BIN or an IIN: the date, the type and the
// check digit. The error is an *IdentifierError.
func CheckBin(text string) (HolderKind, error) {
	if len(text) != 12 {
		return "", badIdentifier(RuleLength, "A BIN or IIN has 12 digits; this has %d characters.", len([]rune(text)))
	}
	if !allDigits(text) {
		return "", badIdentifier(RuleDigits, "A BIN or IIN has digits only.")
	}
	month := int(text[2]-'0')*10 + int(text[3]-'0')
	if month < 1 || month > 12 {
		return "", badIdentifier(RuleMonth, "Digits 3 and 4 of a BIN or IIN are a month from 01 to 12; here they are %s.", text[2:4])
	}
	kind, err := holderKind(text)
	if err != nil {
		return "", err
	}
	digit, ok := binCheckDigit(text[:11])
	if !ok {
		return "", badIdentifier(RuleNoCheckDigit, "No BIN or IIN begins with %s: both passes of its check give 10. Look for a wrong digit.", text[:11])
	}
	if digit != text[11] {
		return "", badIdentifier(RuleCheckDigit, "The last digit of this BIN or IIN must be %c and is %c. Look for a wrong or swapped digit.", digit, text[11])
	}
	return kind, nil
}

func holderKind(text string) (HolderKind, error) {
	switch text[4] {
	case '4':
		return HolderResident, nil
	case '5':
		return HolderNonResident, nil
	case '6':
		return HolderJoint, nil
	case '0', '1', '2', '3':
	default:
		return "", badIdentifier(RuleType, "Digit 5 of a BIN is 4, 5 or 6, and of an IIN the tens of a day; here it is %c.", text[4])
	}
	// Digit 7 of an IIN: 1 and 2 for births of the 1800s, 3 and 4 the 1900s, 5 and 6 the 2000s.
	if text[6] < '1' || text[6] > '6' {
		return "", badIdentifier(RuleCentury, "Digit 7 of an IIN is 1 to 6; here it is %c.", text[6])
	}
	century := 18 + int(text[6]-'1')/2
	if _, err := time.Parse("20060102", fmt.Sprintf("%d%s", century, text[:6])); err != nil {
		return "", badIdentifier(RuleDate, "The first six digits of an IIN are a birth date (YYMMDD); %s is none.", text[:6])
	}
	return HolderPerson, nil
}

// CompleteBin gives the BIN or IIN that begins with the eleven digits; some eleven
// digits have none (RuleNoCheckDigit).
func CompleteBin(eleven string) (string, error) {
	if len(eleven) != 11 || !allDigits(eleven) {
		return "", badIdentifier(RuleLength, "Eleven digits are needed.")
	}
	digit, ok := binCheckDigit(eleven)
	if !ok {
		return "", badIdentifier(RuleNoCheckDigit, "No BIN or IIN begins with %s.", eleven)
	}
	full := eleven + string(digit)
	_, err := CheckBin(full)
	return full, err
}

// binCheckDigit weighs the digits 1..11, and when the remainder by 11 is 10, by
// 3..11, 1, 2. When it is 10 again there is no such number.
func binCheckDigit(eleven string) (byte, bool) {
	for _, shift := range []int{0, 2} {
		sum := 0
		for i := range 11 {
			sum += int(eleven[i]-'0') * ((i+shift)%11 + 1)
		}
		if c := sum % 11; c < 10 {
			return byte('0' + c), true
		}
	}
	return 0, false
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// NewLicenseNumber gives the license number of a series of three letters and a
// running number of at most eight digits: KZ, two check digits (ISO 7064 MOD 97-10,
// as in an IBAN), the series, the number.
func NewLicenseNumber(series string, n int64) (string, error) {
	if !threeLetters(series) || n < 1 || n > 99_999_999 {
		return "", Errorf(CodeInvalid, "A license number needs a series of three capital letters and a number from 1 to 99999999; got %q and %d.", series, n)
	}
	tail := fmt.Sprintf("%s%08d", series, n)
	return "KZ" + licenseCheckDigits(tail) + tail, nil
}

// CheckLicenseNumber checks the structure and the check digits of a license
// number. The error is an *IdentifierError.
func CheckLicenseNumber(text string) error {
	if len(text) != 15 {
		return badIdentifier(RuleLength, "A license number has 15 characters; this has %d.", len([]rune(text)))
	}
	if text[:2] != "KZ" || !allDigits(text[2:4]) || !threeLetters(text[4:7]) || !allDigits(text[7:]) {
		return badIdentifier(RuleFormat, "A license number is KZ, two digits, three capital letters and eight digits, like KZ18LAA00032760.")
	}
	if want := licenseCheckDigits(text[4:]); want != text[2:4] {
		return badIdentifier(RuleCheckDigit, "The check digits of this license number do not agree. Look for a wrong or swapped character.")
	}
	return nil
}

func threeLetters(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range 3 {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// licenseCheckDigits is 98 minus the remainder by 97 of tail + "KZ" + "00" with
// A=10 … Z=35.
func licenseCheckDigits(tail string) string {
	rem := 0
	for _, c := range []byte(tail + "KZ00") {
		if c >= 'A' {
			rem = (rem*100 + int(c-'A') + 10) % 97
		} else {
			rem = (rem*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%02d", 98-rem)
}

// Region is a region or city of republican significance, by the first two digits
// of a KATO code.
type Region struct {
	Code                   string // two digits
	NameKk, NameRu, NameEn string
}

// Regions lists them as they are since 2022, when 10, 33 and 62 were made (ISO
// 3166-2:KZ).
func Regions() []Region {
	return []Region{
		{"10", "Абай облысы", "Область Абай", "Abai Region"},
		{"11", "Ақмола облысы", "Акмолинская область", "Akmola Region"},
		{"15", "Ақтөбе облысы", "Актюбинская область", "Aktobe Region"},
		{"19", "Алматы облысы", "Алматинская область", "Almaty Region"},
		{"23", "Атырау облысы", "Атырауская область", "Atyrau Region"},
		{"27", "Батыс Қазақстан облысы", "Западно-Казахстанская область", "West Kazakhstan Region"},
		{"31", "Жамбыл облысы", "Жамбылская область", "Zhambyl Region"},
		{"33", "Жетісу облысы", "Область Жетысу", "Jetisu Region"},
		{"35", "Қарағанды облысы", "Карагандинская область", "Karaganda Region"},
		{"39", "Қостанай облысы", "Костанайская область", "Kostanay Region"},
		{"43", "Қызылорда облысы", "Кызылординская область", "Kyzylorda Region"},
		{"47", "Маңғыстау облысы", "Мангистауская область", "Mangystau Region"},
		{"55", "Павлодар облысы", "Павлодарская область", "Pavlodar Region"},
		{"59", "Солтүстік Қазақстан облысы", "Северо-Казахстанская область", "North Kazakhstan Region"},
		{"61", "Түркістан облысы", "Туркестанская область", "Turkestan Region"},
		{"62", "Ұлытау облысы", "Область Улытау", "Ulytau Region"},
		{"63", "Шығыс Қазақстан облысы", "Восточно-Казахстанская область", "East Kazakhstan Region"},
		{"71", "Астана қаласы", "Город Астана", "Astana"},
		{"75", "Алматы қаласы", "Город Алматы", "Almaty"},
		{"79", "Шымкент қаласы", "Город Шымкент", "Shymkent"},
	}
}

// CheckKato checks a KATO code: nine digits that begin with a region. The error
// is an *IdentifierError.
func CheckKato(text string) error {
	if len(text) != 9 {
		return badIdentifier(RuleLength, "A KATO code has 9 digits; this has %d characters.", len([]rune(text)))
	}
	if !allDigits(text) {
		return badIdentifier(RuleDigits, "A KATO code has digits only.")
	}
	for _, r := range Regions() {
		if r.Code == text[:2] {
			return nil
		}
	}
	return badIdentifier(RuleRegion, "No region has the code %s.", text[:2])
}
