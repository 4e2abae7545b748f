package web

import (
	"strconv"
	"strings"
	"time"
)

// narrow is the narrow no-break space: between thousands and before a unit.
const narrow = "\u202f"

var months = map[string][12]string{
	"kk": {"қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"},
	"ru": {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// kilowattUnit is the unit's sign in each language.
var kilowattUnit = map[string]string{"kk": "кВт", "ru": "кВт", "en": "kW"}

// Kilowatts writes whole watts as people read them: one decimal below 100 kW,
// none from there on.
func Kilowatts(lang string, watts int64) string {
	sign := ""
	if watts < 0 {
		sign, watts = "\u2212", -watts
	}
	var text string
	if watts < 99_950 {
		tenths := (watts + 50) / 100
		mark := ","
		if lang == "en" {
			mark = "."
		}
		text = strconv.FormatInt(tenths/10, 10) + mark + strconv.FormatInt(tenths%10, 10)
	} else {
		text = Count((watts + 500) / 1000)
	}
	return sign + text + narrow + kilowattUnit[lang]
}

// Count writes a whole number with thousands apart.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "\u2212", digits[1:]
	}
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, parts...), narrow)
}

// LegalDate writes a date YYYY-MM-DD in words; what is not one stays as it is.
func LegalDate(lang, date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	month, day, year := months[lang][t.Month()-1], strconv.Itoa(t.Day()), strconv.Itoa(t.Year())
	switch lang {
	case "kk":
		return year + " ж. " + day + " " + month
	case "ru":
		return day + " " + month + " " + year + " г."
	}
	return day + " " + month + " " + year
}

// almaty is the one zone of Kazakhstan since 1 March 2024.
var almaty = time.FixedZone("UTC+5", 5*60*60)

// Instant writes an instant with its date and the zone.
func Instant(lang string, t time.Time) string {
	local := t.In(almaty)
	return LegalDate(lang, local.Format(time.DateOnly)) + ", " + local.Format("15:04") + " UTC+5"
}
