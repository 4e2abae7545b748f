package licensing

import (
	"slices"
	"testing"

	"rigistry/models"
)

func TestTable_IsReadAsItWasWrittenAndAFormulaStaysText(t *testing.T) {
	rows := [][]string{{"Код", "кВт"}, {"PS12-F03-CP007", "900"}, {"=1+1", "210440038887"}}
	file, err := WriteWorkbook(rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadTable("list.xlsx", file)
	if err != nil || got.Encoding != "xlsx" || !slices.EqualFunc(got.Rows, rows, slices.Equal) || !slices.Equal(got.Lines, []int{1, 2, 3}) {
		t.Errorf("%+v %v, want %v", got, err, rows)
	}
}

func TestTable_TakesWhatOfficesSave(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		data []byte
	}{
		"semicolons in Windows-1251":     {"a.csv", []byte("\xca\xee\xe4;\xea\xc2\xf2\r\n\r\nCP1;900\r\n")},
		"tabs in UTF-8":                  {"a.tsv", []byte("\xef\xbb\xbfКод\tкВт\n\t\nCP1\t900\n")},
		"an apostrophe before a formula": {"a.csv", []byte("Код,кВт\n,\nCP1,'=900\n")},
	} {
		got, err := ReadTable(c.file, c.data)
		if err != nil || len(got.Rows) != 2 || got.Rows[0][0] != "Код" || got.Rows[1][0] != "CP1" || got.Lines[1] != 3 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	for file, data := range map[string]string{"a.pdf": "x", "a.xlsx": "no workbook"} {
		if _, err := ReadTable(file, []byte(data)); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("%s: %v, want invalid", file, err)
		}
	}
}
