package licensing

import (
	"errors"
	"io"
	"slices"
	"strings"

	"rigistry/models"
)

// ImportColumn is a column of a file: its heading, and the field of the register that
// it is read as, "" when it is left out.
type ImportColumn struct {
	Heading string
	Field   string
}

// rigHeadings are the fields of a rig with what people write above them, in Kazakh,
// Russian and English. Spelling, case and punctuation do not count.
var rigHeadings = []struct {
	field string
	words []string
}{
	{"manufacturer", []string{"manufacturer", "maker", "brand", "vendor", "производитель", "изготовитель", "марка", "бренд", "завод-изготовитель", "өндіруші", "дайындаушы", "жасаушы", "өндіруші зауыт"}},
	{"model", []string{"model", "модель", "модель оборудования", "модель АПК", "тип", "наименование", "наименование оборудования", "үлгі", "үлгісі", "моделі", "жабдық үлгісі"}},
	{"serial", []string{"serial", "serial number", "serial no", "serial №", "s/n", "sn", "серийный номер", "серийный №", "серийный", "серийный номер АПК", "заводской номер", "зав №", "зав номер", "сериялық нөмір", "сериялық нөмірі", "зауыттық нөмір", "зауыттық нөмірі", "АБК сериялық нөмірі"}},
	{"algorithm", []string{"algorithm", "algo", "алгоритм", "алгоритм хеширования", "хештеу алгоритмі", "алгоритмі"}},
	{"hashrate_th", []string{"hashrate th", "hashrate", "hash rate", "hashrate th/s", "hash rate th/s", "хешрейт", "хэшрейт", "хешрейт th/s", "хэшрейт th/s", "хешрейт тх/с", "хэшрейт тх/с", "хешрейті", "хешрейт, TH", "хэш-жылдамдық", "хеш-жылдамдық"}},
	{"nameplate_kw", []string{"nameplate kw", "nameplate", "power kw", "power", "kw", "rated power kw", "мощность", "мощность квт", "квт", "номинальная мощность", "номинальная мощность квт", "паспортная мощность квт", "потребляемая мощность квт", "потребление квт", "қуат", "қуаты", "қуаты квт", "номиналды қуаты квт", "тұтынатын қуаты квт"}},
	{"nameplate_w", []string{"nameplate w", "power w", "w", "watt", "watts", "rated power w", "мощность вт", "вт", "номинальная мощность вт", "паспортная мощность вт", "потребляемая мощность вт", "потребление вт", "қуаты вт", "номиналды қуаты вт", "тұтынатын қуаты вт"}},
	{"owner", []string{"owner", "owner bin", "owner bin/iin", "bin", "iin", "bin/iin", "bin or iin", "владелец", "собственник", "бин", "иин", "бин/иин", "иин/бин", "бин владельца", "бин/иин владельца", "бин собственника", "иесі", "меншік иесі", "бсн", "жсн", "бсн/жсн", "жсн/бсн", "иесінің бсн", "иесінің бсн/жсн"}},
	{"site", []string{"site", "site code", "data centre", "data center", "dmdc", "площадка", "код площадки", "цод", "код цод", "цодм", "код цодм", "место установки", "местонахождение", "алаң", "алаң коды", "дөо", "дөо коды", "цмдөо", "орналасқан жері", "орнатылған жері"}},
	{"license", []string{"license", "licence", "license number", "licence number", "лицензия", "номер лицензии", "№ лицензии", "лицензия №", "лицензиясы", "лицензия нөмірі"}},
	{"customs_declaration", []string{"customs declaration", "customs", "customs declaration number", "гтд", "дт", "номер гтд", "номер дт", "№ гтд", "№ дт", "таможенная декларация", "номер таможенной декларации", "кедендік декларация", "кедендік декларация нөмірі", "кдт"}},
	{"import_country", []string{"import country", "country", "country of import", "country of origin", "страна", "страна ввоза", "страна импорта", "страна происхождения", "ел", "елі", "импорт елі", "әкелінген елі", "шығарылған елі", "шыққан елі"}},
	{"import_date", []string{"import date", "date of import", "дата ввоза", "дата импорта", "дата выпуска", "дата дт", "дата гтд", "әкелінген күні", "импорт күні", "әкелу күні"}},
	{"state", []string{"state", "status", "состояние", "статус", "күйі", "жағдайы", "мәртебесі"}},
}

// RigFields lists the fields that a column can be read as.
func RigFields() []string {
	out := make([]string, 0, len(rigHeadings))
	for _, h := range rigHeadings {
		out = append(out, h.field)
	}
	return out
}

var rigSynonyms = func() map[string]string {
	out := map[string]string{}
	for _, h := range rigHeadings {
		out[models.Fold(h.field)] = h.field
		for _, w := range h.words {
			out[models.Fold(w)] = h.field
		}
	}
	return out
}()

// columnsOf recognises headings. A field that two headings name is the first's.
func columnsOf(headings []string) []ImportColumn {
	taken := map[string]bool{}
	out := make([]ImportColumn, 0, len(headings))
	for _, h := range headings {
		field := rigSynonyms[models.Fold(h)]
		if taken[field] {
			field = ""
		}
		taken[field] = field != ""
		out = append(out, ImportColumn{Heading: h, Field: field})
	}
	return out
}

func recognised(columns []ImportColumn) int {
	n := 0
	for _, c := range columns {
		if c.Field != "" {
			n++
		}
	}
	return n
}

// headingRows is how far down the row of headings may stand, under a title.
const headingRows = 10

// readHeadings finds the row of headings: the first of the beginning that names three
// fields or more, else the first row. It gives the rows after it that were read.
func readHeadings(t *tableReader) (columns []ImportColumn, after []tableRow, err error) {
	var first []tableRow
	for range headingRows {
		row, err := t.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if c := columnsOf(row.cells); recognised(c) >= 3 {
			return c, nil, nil
		}
		first = append(first, row)
	}
	if len(first) == 0 {
		return nil, nil, models.Errorf(models.CodeInvalid, "The file is empty. A row of headings names the columns; a rig is a row below it.")
	}
	return columnsOf(first[0].cells), first[1:], nil
}

// missingFields are what a file of rigs cannot do without and no column is read as.
func missingFields(columns []ImportColumn) []string {
	have := func(field string) bool {
		return slices.ContainsFunc(columns, func(c ImportColumn) bool { return c.Field == field })
	}
	var missing []string
	for _, f := range []string{"manufacturer", "model", "serial", "owner"} {
		if !have(f) {
			missing = append(missing, f)
		}
	}
	if !have("nameplate_kw") && !have("nameplate_w") {
		missing = append(missing, "nameplate_kw")
	}
	return missing
}

// namedTwice are fields that more than one heading names.
func namedTwice(columns []ImportColumn) (out []string) {
	count := map[string]int{}
	for _, c := range columns {
		if f := rigSynonyms[models.Fold(c.Heading)]; f != "" {
			if count[f]++; count[f] == 2 {
				out = append(out, f)
			}
		}
	}
	return out
}

// checkColumns refuses columns from which no rig can be read.
func checkColumns(columns []ImportColumn) error {
	var v models.Invalid
	seen := map[string]bool{}
	for _, c := range columns {
		if c.Field == "" {
			continue
		}
		if !slices.Contains(RigFields(), c.Field) {
			v.Add("/columns", "unknown", "%q is no field of a rig.", c.Field)
		}
		if seen[c.Field] {
			v.Add("/columns", "duplicate", "Two columns are read as %s. Leave one out.", c.Field)
		}
		seen[c.Field] = true
	}
	if missing := missingFields(columns); len(missing) > 0 {
		var headings []string
		for _, c := range columns {
			headings = append(headings, c.Heading)
		}
		v.Add("/columns", "required", "No column is read as %s. The headings are: %s.", strings.Join(missing, ", "), strings.Join(headings, ", "))
	}
	return v.Err()
}
