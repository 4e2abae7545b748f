package detection

import (
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	// A dismissed finding is opened again when it is so much larger, or so much
	// later; a change of less than updateShare and updateW is no change.
	reopenShare = 1.10
	reopenAfter = 180 * 24 * time.Hour
	updateShare = 0.10
	updateW     = 1000
	// A draw that was not seen for so long has begun again.
	resumeAfter = 24 * time.Hour
)

// fact is what the ledger keeps of a finding.
type fact struct {
	Rule        string    `json:"rule"`
	RuleVersion string    `json:"rule_version"`
	Kind        string    `json:"kind"`
	Target      string    `json:"target"`
	License     string    `json:"license,omitempty"`
	Tier        string    `json:"tier"`
	State       string    `json:"state"`
	EstimatedW  int64     `json:"estimated_w"`
	LowW        int64     `json:"low_w"`
	HighW       int64     `json:"high_w"`
	FirstSeen   time.Time `json:"first_seen"`
	LastSeen    time.Time `json:"last_seen"`
	From        time.Time `json:"from"`
	Meters      []string  `json:"meters"`
	Change      string    `json:"change,omitempty"` // why it was updated or reopened
}

func appendFinding(tx *store.Tx, actor models.Actor, kind, change string, f models.Finding) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "finding", ID: f.ID}, SubjectVersion: f.Version, Actor: actor,
		Body: fact{Rule: string(f.Rule), RuleVersion: f.RuleVersion, Kind: f.Evidence.Kind, Target: f.TargetCode, License: f.License,
			Tier: string(f.Tier), State: string(f.State), EstimatedW: int64(f.Estimated), LowW: int64(f.Low), HighW: int64(f.High),
			FirstSeen: f.FirstSeen, LastSeen: f.LastSeen, From: f.Evidence.From, Meters: f.Evidence.Meters, Change: change}})
	return err
}

// raise adds a new finding.
func raise(tx *store.Tx, f models.Finding) error {
	f.ID, f.Version, f.State = tx.NewID(), 1, models.FindingOpen
	f.RaisedAt, f.Updated = tx.Now, tx.Now
	if err := tx.InsertFinding(f); err != nil {
		return err
	}
	return appendFinding(tx, models.System(), "finding.raised", "", f)
}

// refresh brings a known finding up to what is seen now. Only a real change is a
// fact for the ledger. A dismissed one rests until the cause grew or came back.
func refresh(tx *store.Tx, old, seen models.Finding) error {
	if seen.LastSeen.Before(old.LastSeen) {
		return nil // an older look
	}
	next := seen
	next.ID, next.Version, next.State, next.Reason, next.RaisedAt = old.ID, old.Version, old.State, old.Reason, old.RaisedAt
	if old.FirstSeen.Before(seen.Evidence.From) && !fromStream(seen) {
		next.FirstSeen = old.FirstSeen // the window does not reach back so far any more
	}
	change := changeOf(old, seen)
	next.Evidence.WatchUntil = old.Evidence.WatchUntil
	if until := old.Evidence.WatchUntil; old.State == models.FindingAcknowledged && !until.IsZero() && !tx.Now.Before(until) {
		change = "watched"
		next.State, next.Reason, next.Evidence.WatchUntil = models.FindingOpen, change, time.Time{}
	}
	if old.State == models.FindingDismissed || old.State == models.FindingClosed {
		switch {
		case float64(seen.Estimated) > reopenShare*float64(old.Estimated) && seen.Estimated-old.Estimated > updateW:
			change = "grew"
		case tx.Now.Sub(old.Updated) > reopenAfter:
			change = "lasts"
		case seen.LastSeen.Sub(old.LastSeen) > resumeAfter && seen.FirstSeen.After(old.Updated):
			change = "resumed"
		default:
			return nil
		}
		next.State, next.Reason = models.FindingOpen, change
	}
	if change == "" && seen.LastSeen.Equal(old.LastSeen) && seen.Estimated == old.Estimated && seen.FirstSeen.Equal(old.FirstSeen) {
		return nil
	}
	next.Updated = tx.Now
	if err := tx.UpdateFinding(next); err != nil {
		return err
	}
	if change == "" {
		return nil
	}
	kind := "finding.updated"
	if next.State != old.State {
		kind = "finding.reopened"
	}
	next.Version++
	return appendFinding(tx, models.System(), kind, change, next)
}

// changeOf says what changed really, or "".
func changeOf(old, seen models.Finding) string {
	delta := math.Abs(float64(seen.Estimated - old.Estimated))
	switch {
	case seen.Tier != old.Tier:
		return "tier"
	case delta > updateW && delta > updateShare*float64(old.Estimated):
		return "estimate"
	case seen.RuleVersion != old.RuleVersion:
		return "rule"
	case seen.LastSeen.Sub(old.LastSeen) > resumeAfter && seen.FirstSeen.After(old.LastSeen):
		return "resumed"
	}
	return ""
}
