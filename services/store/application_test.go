package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
)

// The structured columns hold JSON under the names of the models' fields. Whoever
// renames such a field must migrate what is stored; this test says so.
func TestApplicationRow_StoredFormIsPinned(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	a := models.Application{
		ID: "a", Number: "A-1", Kind: models.ApplicationIssue, SubType: models.SubTypeI, State: models.ApplicationGranted, Applicant: "p",
		Sites:     []models.ApplicationSite{{Site: "s", SiteCode: "S-1", ConnectionPoints: []string{"CP1"}, Approved: 5}},
		Equipment: []models.DeclaredEquipment{{Manufacturer: "m", Model: "n", Units: 2, Nameplate: 3}},
		Missing:   []string{"x"}, Clock: models.Clock{Started: at, Pauses: []models.Pause{{From: at, Until: at, Reason: "agency"}}, Stopped: at},
		Checklist: []models.ChecklistItem{{Code: "FEE", LegalRef: "l", Result: models.ChecklistMet, Note: "n", By: "u", At: at}},
		Decision:  &models.Decision{Outcome: "grant", Drafter: "u1", DraftedAt: at, Signer: "u2", SignedAt: at, Order: "o"},
		Base:      "KZ18DMA00000042", Reason: "name_changed", Documents: models.DocumentsAttached,
		HostContract: models.HostContract{Number: "H-1", Date: "2026-02-01", Until: "2027-02-01"},
		Pinned: models.Pinned{Date: "2026-03-02", Fee: models.FilingFee{MilliMCI: 1, MCI: 2, Due: 3, LegalRef: "l"}, Days: 3, DaysRef: "l",
			Values: []models.PinnedID{{Code: "mci", ValidFrom: "2026-01-01"}}, Requirements: []models.PinnedID{{Code: "FEE", ValidFrom: "2023-04-01"}},
			Reason: models.PinnedID{Code: "name_changed", ValidFrom: "2023-04-01"}},
		Version: 4, Created: at, Updated: at, SubmittedAt: at, RegisteredAt: at, CompleteAt: at,
	}
	r, err := newApplicationRow(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ column, got, want string }{
		{"sites", r.Sites, `[{"Site":"s","SiteCode":"S-1","ConnectionPoints":["CP1"],"Approved":5}]`},
		{"equipment", r.Equipment, `[{"Manufacturer":"m","Model":"n","Units":2,"Nameplate":3}]`},
		{"missing", r.Missing, `["x"]`},
		{"clock", r.Clock, `{"Started":"2026-03-02T04:00:00Z","Pauses":[{"From":"2026-03-02T04:00:00Z","Until":"2026-03-02T04:00:00Z","Reason":"agency"}],"Stopped":"2026-03-02T04:00:00Z"}`},
		{"checklist", r.Checklist, `[{"Code":"FEE","LegalRef":"l","Result":"met","Note":"n","By":"u","At":"2026-03-02T04:00:00Z"}]`},
		{"decision", r.Decision, `{"Outcome":"grant","Reasons":null,"Note":"","Drafter":"u1","DraftedAt":"2026-03-02T04:00:00Z","Signer":"u2","SignedAt":"2026-03-02T04:00:00Z","DrafterUnit":"","SignerUnit":"","Seen":"","Order":"o"}`},
		{"host_contract", r.HostContract, `{"Number":"H-1","Date":"2026-02-01","Until":"2027-02-01"}`},
		{"pinned", r.Pinned, `{"Date":"2026-03-02","Fee":{"MilliMCI":1,"MCI":2,"Due":3,"LegalRef":"l"},"Days":3,"DaysRef":"l","Values":[{"Code":"mci","ValidFrom":"2026-01-01"}],` +
			`"Requirements":[{"Code":"FEE","ValidFrom":"2023-04-01"}],"Reason":{"Code":"name_changed","ValidFrom":"2023-04-01"}}`},
		{"drafter and signer", r.Drafter + r.Signer, "u1u2"},
	} {
		if c.got != c.want {
			t.Errorf("%s is stored as %s, want %s", c.column, c.got, c.want)
		}
	}
	back, err := r.application()
	if diff := cmp.Diff(a, back); err != nil || diff != "" {
		t.Errorf("read back: %v\n%s", err, diff)
	}
}
