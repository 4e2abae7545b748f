package models

import "time"

// WhatIfState is how far a what-if is.
type WhatIfState string

// The states: a what-if runs until it is done, cancelled or failed.
const (
	WhatIfRunning   WhatIfState = "running"
	WhatIfDone      WhatIfState = "done"
	WhatIfCancelled WhatIfState = "cancelled"
	WhatIfFailed    WhatIfState = "failed"
)

// WhatIf asks what the rules would have found in [From, Until) with other numbers,
// beside what they find with those in force on the day of asking.
type WhatIf struct {
	ID          string
	Values      map[string]float64 // in the place of those in force
	Present     string             // version of the table in force, which is compared with
	From, Until time.Time
	State       WhatIfState
	Permille    int64    // done, in thousandths
	Passed      []string // ids of the substations that are done
	Found       WhatIfFound
	Fault       string // why it failed
	AskedBy     string // user id
	AskedAt     time.Time
	EndedAt     time.Time
	Version     int64
}

// WhatIfFound are the findings of a what-if. Before is what the numbers in force
// raise, after what the others do: gained only after, lost only before.
type WhatIfFound struct {
	Gained, Lost, Kept []WhatIfFinding
}

// WhatIfFinding is a finding that a table of numbers raises; one for a rule and a
// target.
type WhatIfFinding struct {
	Target    Ref
	Code      string
	Rule      FindingRule
	Kind      string // of the evidence
	Tier      Tier
	Estimated Watts
	Raised    time.Time // when it could have been raised
	Finding   string    // id of the registry's own finding of that rule and target; "" for none
	Outcome   string    // of that finding: confirmed, refuted, or "" while nothing is known
}

// Judged is how many findings with a known outcome were right.
type Judged struct{ Confirmed, Refuted int }

// Precision is the share of what is known to be right, and false while nothing is
// known.
func (j Judged) Precision() (float64, bool) {
	if j.Confirmed+j.Refuted == 0 {
		return 0, false
	}
	return float64(j.Confirmed) / float64(j.Confirmed+j.Refuted), true
}

func (j Judged) with(list []WhatIfFinding) Judged {
	for _, f := range list {
		switch f.Outcome {
		case "confirmed":
			j.Confirmed++
		case "refuted":
			j.Refuted++
		}
	}
	return j
}

// Judged counts the outcomes that are known of what is found before and after.
func (f WhatIfFound) Judged() (before, after Judged) {
	return Judged{}.with(f.Kept).with(f.Lost), Judged{}.with(f.Kept).with(f.Gained)
}

// SumOfFindings is the power of findings together.
func SumOfFindings(list []WhatIfFinding) (w Watts) {
	for _, f := range list {
		w += f.Estimated
	}
	return w
}
