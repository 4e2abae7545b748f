package documents

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// A letter may need a second page, but never one with nothing on it but the code:
// whatever its length, the last paragraph stands on the page of the code.
func TestLetterPDF_TheCodeNeverStandsAlone(t *testing.T) {
	pages := regexp.MustCompile(`/Type /Page\b`)
	stamp := time.Date(2026, 11, 22, 11, 24, 0, 0, time.UTC)
	s := &Service{texts: texts(t)}
	seen := map[int]bool{}
	for rows := range 45 {
		l := letter{kind: models.DocumentRefusal, number: "DOC-2026-00007", url: "https://registry.example/v/7K3M9QWXA2BC", asAt: stamp, madeAt: stamp, ledgerSize: 741,
			issuedBy: "Айгерім Сәдуақасова", closing: [][2]string{{"алғашқы", "первый"}, {"СОҢҒЫ " + strings.Repeat("сөз ", 60), "ПОСЛЕДНИЙ " + strings.Repeat("слово ", 60)}}}
		for range rows {
			l.rows = append(l.rows, row{"documents.letter.row.name", [2]string{"а", "б"}, ""})
		}
		pdf, err := s.letterPDF(l)
		if err != nil {
			t.Fatal(err)
		}
		count := len(pages.FindAll(pdf, -1))
		seen[count] = true
		parts := strings.Split(pdfText(t, pdf), "DOC-2026-00007   ") // the footer of each page
		if len(parts) < count+1 {
			t.Fatalf("%d rows: %d pages with %d footers", rows, count, len(parts)-1)
		}
		page := parts[count-1] // from the footer before to the last one
		if !strings.Contains(page, "ПОСЛЕДНИЙ") || !strings.Contains(page, l.url) {
			t.Errorf("%d rows: the last of %d pages has no paragraph, or no code: %.200q", rows, count, page)
		}
	}
	if !seen[1] || !seen[2] {
		t.Errorf("pages that were tried: %v", seen)
	}
}
