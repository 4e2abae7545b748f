package licensing

import (
	"slices"
	"strings"
	"testing"

	"rigistry/models"
)

// Any bytes are a table or are refused with a reason: a table's rows have something in
// them and are in the order of their lines.
func FuzzReadTable(f *testing.F) {
	workbook, err := WriteWorkbook([][]string{{"Код", "кВт"}, {"CP1", "900"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(byte(0), []byte("\xca\xee\xe4;\xea\xc2\xf2\r\n\r\nCP1;900\r\n"))
	f.Add(byte(0), []byte("Код,кВт\n,\nCP1,\"9\n00\"\n"))
	f.Add(byte(0), []byte("\xff\xfea\x00;\x00b\x00\n\x00"))
	f.Add(byte(1), []byte("\xef\xbb\xbfКод\tкВт\n\t\nCP1\t900\n"))
	f.Add(byte(2), workbook)
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		got, err := ReadTable([]string{"a.csv", "a.tsv", "a.xlsx"}[kind%3], data)
		if err != nil {
			if models.CodeOf(err) != models.CodeInvalid {
				t.Fatalf("%v is no reason for a person", err)
			}
			return
		}
		if len(got.Rows) != len(got.Lines) || got.Encoding == "" {
			t.Fatalf("%d rows and %d lines, encoding %q", len(got.Rows), len(got.Lines), got.Encoding)
		}
		for i, row := range got.Rows {
			empty := !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" })
			if empty || got.Lines[i] < 1 || (i > 0 && got.Lines[i] <= got.Lines[i-1]) {
				t.Fatalf("row %d is %q of line %d", i, row, got.Lines[i])
			}
		}
	})
}
