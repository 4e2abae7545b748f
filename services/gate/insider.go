package gate

import (
	"context"
	"encoding/json"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// insiderVersion is the version of the rules about people inside utilities.
const insiderVersion = "insider-2"

// insiderBody is what the entries of the gate, of orders and of meters say about a
// connection point; each kind fills a part.
type insiderBody struct {
	ConnectionPoint string   `json:"connection_point"`
	Check           string   `json:"check"`
	Node            string   `json:"node"`
	NodeKind        string   `json:"node_kind"`
	Unpermitted     []string `json:"unpermitted"`
	Answers         []struct {
		ID              string         `json:"id"`
		Decision        models.Outcome `json:"decision"`
		ConnectionPoint string         `json:"connection_point"`
	} `json:"answers"`
}

var insiderKinds = map[string]models.InsiderKind{
	"connection.energised": models.InsiderConfirm, "gate.lapsed": models.InsiderLapse, "order.objected": models.InsiderObject,
	"order.issued": models.InsiderOrder, "meter.changed": models.InsiderMeter,
	"gate.confirmation_refused": models.InsiderUnmet, "reconciliation.received": models.InsiderFound,
}

// followInsiders keeps what the ledger says about each connection point and raises
// findings where it shows a pattern. It follows the ledger, so it costs an answer of
// the gate nothing.
func (s *Service) followInsiders(_ context.Context, tx *store.Tx, batch []models.SealedEntry) error {
	touched := map[string]bool{}
	for _, e := range batch {
		facts, err := insiderFacts(tx, e)
		if err != nil {
			return fmt.Errorf("what entry %d says about a connection point: %w", e.Index, err)
		}
		if err := tx.InsertInsiderFacts(facts); err != nil {
			return err
		}
		for _, f := range facts {
			touched[f.Point] = true
		}
	}
	if len(touched) == 0 {
		return nil
	}
	window := models.InsiderRulesAt(tx.Now).Window
	for code := range touched {
		facts, err := tx.InsiderFacts(code, tx.Now.Add(-2*window))
		if err != nil {
			return err
		}
		if err := namesParties(tx, facts); err != nil {
			return fmt.Errorf("for whom was asked at %s: %w", code, err)
		}
		for _, p := range models.InsiderPatterns(facts) {
			if err := raiseInsider(tx, code, p); err != nil {
				return fmt.Errorf("a finding about %s: %w", code, err)
			}
		}
	}
	return tx.ForgetInsiderFacts(tx.Now.Add(-3 * window))
}

// namesParties fills in for whom was asked, where there are refusals and permits to be
// compared. It is read from the answers and not kept a second time.
func namesParties(tx *store.Tx, facts []models.InsiderFact) error {
	kinds, ids := map[models.InsiderKind]bool{}, []string{}
	for _, f := range facts {
		if f.Check != "" && (f.Kind == models.InsiderRefused || f.Kind == models.InsiderPermit) {
			kinds[f.Kind] = true
			ids = append(ids, f.Check)
		}
	}
	if len(kinds) < 2 {
		return nil
	}
	requests, err := tx.RequestsOf(ids[max(0, len(ids)-mostCompared):])
	if err != nil {
		return err
	}
	for i, f := range facts {
		var asked models.CheckRequest
		if text := requests[f.Check]; text != "" {
			if err := json.Unmarshal([]byte(text), &asked); err != nil {
				return fmt.Errorf("read the stored request %s: %w", f.Check, err)
			}
		}
		facts[i].Party = asked.Applicant
	}
	return nil
}

// mostCompared bounds how many of a point's newest answers are compared by applicant.
const mostCompared = 200

// insiderFacts reads an entry. Its actor with the person named is who did it.
func insiderFacts(tx *store.Tx, e models.SealedEntry) (out []models.InsiderFact, err error) {
	kind, known := insiderKinds[e.Kind]
	if !known && e.Kind != "gate.answered" {
		return nil, nil
	}
	var body insiderBody
	if json.Unmarshal([]byte(e.Body), &body) != nil {
		return nil, nil // erased on an order: it says nothing any more
	}
	base := models.InsiderFact{Entry: e.Index, Kind: kind, Utility: e.Utility, Point: body.ConnectionPoint, Check: body.Check, At: e.At,
		Person: models.Actor{ID: e.ActorID, Operator: e.ActorName}.PersonKey()}
	switch e.Kind {
	case "gate.answered":
		for i, a := range body.Answers {
			f := base
			f.Item, f.Check, f.Point, f.Kind = int64(i), a.ID, a.ConnectionPoint, models.InsiderRefused
			if a.Decision == models.OutcomePermit {
				f.Kind = models.InsiderPermit
			}
			out = append(out, f)
		}
		return out, nil
	case "reconciliation.received":
		for i, code := range body.Unpermitted {
			f := base
			f.Item, f.Point = int64(i), code
			out = append(out, f)
		}
		return out, nil
	case "gate.lapsed":
		base.Check = e.Subject.ID
		if base.Point, err = tx.PointOfCheck(e.Subject.ID); err != nil {
			return nil, err
		}
	case "meter.changed":
		base.Point = ""
		if body.NodeKind != "feeder" && body.Node != "" {
			p, err := tx.ConnectionPoint(body.Node)
			if err != nil && models.CodeOf(err) != models.CodeNotFound {
				return nil, err
			}
			base.Point = p.Code
		}
	}
	if base.Point == "" {
		return nil, nil
	}
	return []models.InsiderFact{base}, nil
}

// raiseInsider raises a finding, or brings the one there is up to date. One that was
// put to rest stays so until something new happens after it.
func raiseInsider(tx *store.Tx, code string, p models.InsiderPattern) error {
	point, err := tx.ConnectionPoint(code)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil // asked about, but no point of the register
	}
	if err != nil {
		return err
	}
	f := models.Finding{Rule: p.Rule, RuleVersion: insiderVersion, Target: models.Ref{Kind: "connection_point", ID: point.ID}, TargetCode: point.Code,
		Feeder: point.Feeder, Substation: point.Substation, Utility: point.Utility, Tier: models.TierInspect, FirstSeen: p.First, LastSeen: p.Last,
		RaisedAt: tx.Now, Updated: tx.Now, State: models.FindingOpen, Version: 1,
		Evidence: models.Evidence{Kind: string(p.Rule), From: p.First, Until: p.Last, Onset: p.First, Meters: []string{}, Entries: p.Entries,
			Numbers: map[string]float64{"count": float64(len(p.Entries))}}}
	known, err := tx.Findings(store.FindingFilter{Rule: string(p.Rule), Target: point.ID}, store.Page{Limit: 1})
	if err != nil {
		return err
	}
	kind := "finding.raised"
	if len(known) == 1 {
		old := known[0]
		if !p.Last.After(old.LastSeen) {
			return nil
		}
		f.ID, f.Version, f.State, f.Reason, f.RaisedAt, f.FirstSeen = old.ID, old.Version, old.State, old.Reason, old.RaisedAt, old.FirstSeen
		kind = "finding.updated"
		if old.State == models.FindingDismissed || old.State == models.FindingClosed {
			f.State, f.Reason, kind = models.FindingOpen, "resumed", "finding.reopened"
		}
		if err := tx.UpdateFinding(f); err != nil {
			return err
		}
		f.Version++
	} else {
		f.ID = tx.NewID()
		if err := tx.InsertFinding(f); err != nil {
			return err
		}
	}
	// No utility sees the entry in its feed: it is about its own people.
	_, err = tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "finding", ID: f.ID}, SubjectVersion: f.Version, Actor: models.System(),
		Body: map[string]any{"rule": p.Rule, "rule_version": insiderVersion, "target": point.Code, "entries": p.Entries, "state": f.State}})
	return err
}
