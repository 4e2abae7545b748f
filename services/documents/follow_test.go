package documents

import (
	"crypto/ed25519"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func TestRun_WhatTheRegistryDecidesIsOnPaperOnceAndSigned(t *testing.T) {
	each(t, func(w *world) {
		entries := []models.SealedEntry{
			{ID: "e1", At: w.clock.Now(), Kind: "license.issued", Subject: models.Ref{Kind: "license", ID: w.license.Number}},
			{ID: "e2", At: w.clock.Now(), Kind: "license.issued", Subject: models.Ref{Kind: "license", ID: w.license.Number}, Utility: "ut1"},
			{ID: "e3", At: w.clock.Now(), Kind: "license.suspended", Subject: models.Ref{Kind: "license", ID: w.license.Number}},
			{ID: "e4", At: w.clock.Now(), Kind: "decision.signed", Subject: models.Ref{Kind: "application", ID: "app2"}, Body: `{"outcome":"refuse"}`},
			{ID: "e5", At: w.clock.Now(), Kind: "decision.signed", Subject: models.Ref{Kind: "application", ID: "app1"}, Body: `{"outcome":"grant"}`},
			{ID: "e6", At: w.clock.Now(), Kind: "license.issued", Subject: models.Ref{Kind: "license", ID: "KZ00DMA00000000"}},
			{ID: "e7", At: w.clock.Now(), Kind: "party.registered", Subject: models.Ref{Kind: "party", ID: "party1"}},
		}
		answer := func(entries ...models.SealedEntry) {
			t.Helper()
			for _, e := range entries {
				w.update(func(tx *store.Tx) error { return w.issuer.answer(tx, e) })
			}
		}
		count := func(want int) []models.Document {
			t.Helper()
			list, _, err := w.issuer.Documents(t.Context(), officer, store.DocumentFilter{}, store.Page{})
			w.must(err)
			if len(list) != want {
				w.t.Fatalf("%d documents are issued, want %d: %+v", len(list), want, list)
			}
			return list
		}
		answer(entries...)
		for _, d := range count(3) {
			_, file, err := w.issuer.File(t.Context(), officer, d.ID)
			w.must(err)
			if _, err := VerifyFile(file, []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}); err != nil || d.CreatedBy != "system" {
				t.Errorf("%s by %s: %v", d.Kind, d.CreatedBy, err)
			}
			w.inLedger(d)
		}
		answer(entries...)
		count(3)
		w.clock.Advance(time.Hour)
		answer(models.SealedEntry{ID: "e8", At: w.clock.Now(), Kind: "license.renewed", Subject: models.Ref{Kind: "license", ID: w.license.Number}})
		if list, _, err := w.issuer.Documents(t.Context(), applicant, store.DocumentFilter{Kind: string(models.DocumentLicense)}, store.Page{}); err != nil || len(list) != 2 {
			t.Errorf("the holder has %d licenses on paper after the renewal (%v), want 2", len(list), err)
		}
	})
}
