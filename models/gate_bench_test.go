package models_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
)

func TestJudge_DecidesAsDecideDoes(t *testing.T) {
	license, other := gateLicense(t, 42), gateLicense(t, 43)
	for _, c := range gateCases(license, other) {
		f, r := gateFacts(license), gateRequest(license)
		c.change(&f, &r)
		want := models.Decide(f, r, gateAt, models.DefaultGateParameters())
		if len(want.Trace) == 0 {
			t.Fatalf("%s: no trace", c.name)
		}
		want.Trace = nil
		if diff := cmp.Diff(want, models.Judge(f, r, gateAt, models.DefaultGateParameters())); diff != "" {
			t.Errorf("%s (-Decide +Judge):\n%s", c.name, diff)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	number, err := models.NewLicenseNumber("DMA", 42)
	if err != nil {
		b.Fatal(err)
	}
	f, r, p := gateFacts(number), gateRequest(number), models.DefaultGateParameters()
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			models.Judge(f, r, gateAt, p)
		}
	})
	b.Run("decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			models.Decide(f, r, gateAt, p)
		}
	})
}
