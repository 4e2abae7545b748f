package api

import (
	"fmt"
	"net/http"
	"testing"
)

func TestTolling_TwoPeopleStopEveryClock(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	base := "/v1/applications/" + id
	o.as("clerk", "POST", base+"/registration", fields{}, http.StatusOK)
	period := fields{"from": "2026-03-10", "until": "2026-03-12", "reason": "The portal is down", "legal_ref": "Order 7"}
	o.as("clerk", "POST", "/v1/tolling", period, http.StatusForbidden)
	o.as("officer", "POST", "/v1/tolling", fields{"from": "2026-03-12", "until": "2026-03-10", "reason": "x", "legal_ref": "y"}, http.StatusUnprocessableEntity)
	proposed := o.as("officer", "POST", "/v1/tolling", period, http.StatusCreated)
	if fmt.Sprint(proposed["allowed"]) != "[reject]" {
		t.Errorf("who proposed is offered %v", proposed["allowed"])
	}
	path := "/v1/tolling/" + proposed["id"].(string)
	if app := o.as("clerk", "GET", base, nil, http.StatusOK); app["clock"].(fields)["due"] != "2026-03-27" {
		t.Errorf("a proposal alone moved the due date to %v", app["clock"])
	}
	o.as("officer", "POST", path+"/confirmation", nil, http.StatusConflict)
	if got := o.as("head", "POST", path+"/confirmation", nil, http.StatusOK); got["state"] != "confirmed" {
		t.Errorf("confirmed = %v", got)
	}
	o.as("head", "POST", path+"/rejection", nil, http.StatusConflict)
	if app := o.as("clerk", "GET", base, nil, http.StatusOK); app["clock"].(fields)["due"] != "2026-03-31" {
		t.Errorf("two tolled working days give %v, want 2026-03-31", app["clock"])
	}
	events := o.as("clerk", "GET", base+"/clock", nil, http.StatusOK)["items"].([]any)
	if len(events) != 2 || events[1].(fields)["kind"] != "tolled" || events[1].(fields)["at"] != "2026-03-09T19:00:00Z" || events[1].(fields)["legal_ref"] != "Order 7" {
		t.Errorf("the clock's ledger = %v", events)
	}
	if list := o.as("clerk", "GET", "/v1/tolling", nil, http.StatusOK)["items"].([]any); len(list) != 1 || list[0].(fields)["proposed_by_name"] != "OFFICER" {
		t.Errorf("the list = %v", list)
	}
}
