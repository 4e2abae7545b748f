package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/licensing"
)

func TestObligations_FromTheQuarterToAcceptanceOverHTTP(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	o.drafted(id)
	number, _ := o.as("head", "POST", "/v1/applications/"+id+"/signature", nil, http.StatusOK)["license"].(string)
	sweep := func() {
		t.Helper()
		if err := licensing.New(o.store).SweepObligations(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	list := func(query string) []any {
		t.Helper()
		return o.as("officer", "GET", "/v1/obligations?license="+number+query, nil, http.StatusOK)["items"].([]any)
	}
	if n := len(list("&state=upcoming")); n != 2 {
		t.Fatalf("%d upcoming obligations, want the report and the fee of this quarter", n)
	}
	o.as("clerk", "POST", "/v1/obligations", fields{"license": number, "kind": "QUARTERLY_REPORT", "period": "2026-Q1"}, http.StatusForbidden)
	o.as("officer", "POST", "/v1/obligations", fields{"license": number, "kind": "QUARTERLY_REPORT", "period": "2026-Q1"}, http.StatusConflict)
	o.as("officer", "POST", "/v1/obligations", fields{"license": number, "kind": "QUARTERLY_REPORT", "period": "2025-Q1"}, http.StatusUnprocessableEntity)
	first := list("&kind=LICENSE_FEE")[0].(fields)
	if first["state"] != "accepted" || first["amount_kzt"].(float64) <= 0 {
		t.Errorf("the license fee = %v, want accepted with the license at the value of the day of filing", first)
	}
	report := list("&kind=QUARTERLY_REPORT")[0].(fields)
	path := "/v1/obligations/" + report["id"].(string)
	o.as("officer", "POST", path+"/acceptance", nil, http.StatusConflict)
	evidence := o.as("officer", "GET", path+"/evidence", nil, http.StatusOK)
	if evidence["measured_kwh"] != nil || evidence["declared_kwh"] != nil {
		t.Errorf("evidence without readings = %v, want null for what is not known", evidence)
	}
	o.as("officer", "POST", path+"/waiver", fields{"ground": "NO_SUCH", "note": "x"}, http.StatusUnprocessableEntity)
	waived := o.as("officer", "POST", path+"/waiver", fields{"ground": "NOTHING_OWED", "note": "Off all quarter"}, http.StatusOK)
	if fmt.Sprint(waived["allowed"]) != "[reject_waiver]" {
		t.Errorf("who proposed is offered %v", waived["allowed"])
	}
	o.as("officer", "POST", path+"/waiver/confirmation", nil, http.StatusConflict)
	if got := o.as("head", "POST", path+"/waiver/confirmation", nil, http.StatusOK); got["state"] != "waived" {
		t.Errorf("confirmed = %v", got["state"])
	}
	tasks := o.as("officer", "GET", "/v1/tasks?license="+number, nil, http.StatusOK)["items"].([]any)
	if len(tasks) != 1 || tasks[0].(fields)["kind"] != "obligation_waiver" || tasks[0].(fields)["state"] != "done" {
		t.Errorf("tasks = %v, want the one of the waiver, done", tasks)
	}
	counts := o.as("officer", "GET", "/v1/obligations/counts?license="+number, nil, http.StatusOK)
	if counts["upcoming"] != 1.0 || counts["overdue"] != 0.0 {
		t.Errorf("counts = %v", counts)
	}
}

func TestObligationKinds_AreThereInThreeLanguagesWithTheirLaw(t *testing.T) {
	w := newWhole(t)
	rules, grounds, err := w.svc.Licensing.ObligationRules(context.Background())
	if err != nil || len(rules) < 5 || len(grounds) < 3 {
		t.Fatalf("%d kinds, %d grounds (%v)", len(rules), len(grounds), err)
	}
	for _, r := range rules {
		for lang, text := range map[string]string{"kk": r.Text.Kk, "ru": r.Text.Ru, "en": r.Text.En} {
			if strings.TrimSpace(text) == "" || r.LegalRef == "" {
				t.Errorf("%s has no text in %s, or no legal source", r.Code, lang)
			}
			if key := "obligation.name." + r.Code; w.svc.Catalog.Text(lang, key, nil) != text {
				t.Errorf("%s in %s: the catalogue says %q and the seed %q", r.Code, lang, w.svc.Catalog.Text(lang, key, nil), text)
			}
		}
	}
	for _, code := range []string{models.ObligationReport, models.ObligationMiningFee, models.ObligationLicenseFee, models.ObligationVerification, models.ObligationStopNotice} {
		found := false
		for _, r := range rules {
			found = found || r.Code == code
		}
		if !found {
			t.Errorf("%s is not among the kinds", code)
		}
	}
}
