package models

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// EnforcementCounts is what a year, a month or a region of enforcement comes to.
type EnforcementCounts struct {
	Opened      int64 // cases
	Confirmed   int64 // cases that ended as right
	Dismissed   int64
	Referrals   int64
	Criminal    int64 // criminal cases, by different numbers
	Sentences   int64 // of courts, convicting
	Fines       int64 // penalties imposed
	Fined       Tiyn
	Paid        Tiyn
	Blocked     Tiyn  // money seized
	Confiscated Tiyn  // money by rulings of courts
	Rigs        int64 // machines seized
	Found       Watts // power that the opened cases are about
	Proven      Watts // of the cases that ended as right
}

// Add adds up.
func (c EnforcementCounts) Add(o EnforcementCounts) EnforcementCounts {
	return EnforcementCounts{c.Opened + o.Opened, c.Confirmed + o.Confirmed, c.Dismissed + o.Dismissed, c.Referrals + o.Referrals, c.Criminal + o.Criminal,
		c.Sentences + o.Sentences, c.Fines + o.Fines, c.Fined + o.Fined, c.Paid + o.Paid, c.Blocked + o.Blocked, c.Confiscated + o.Confiscated,
		c.Rigs + o.Rigs, c.Found + o.Found, c.Proven + o.Proven}
}

// EnforcementCell is the counts of a month in a region.
type EnforcementCell struct {
	Region string // first two digits of the KATO code, "" where nothing has a place
	Month  int    // 1..12
	Counts EnforcementCounts
}

// EnforcementReport is a year of enforcement. Its cells add up to each of its sums.
type EnforcementReport struct {
	Year  string
	AsAt  time.Time // as known then
	Cells []EnforcementCell
}

// Total adds up the year.
func (r EnforcementReport) Total() (out EnforcementCounts) {
	for _, c := range r.Cells {
		out = out.Add(c.Counts)
	}
	return out
}

// Months adds up each of the twelve months.
func (r EnforcementReport) Months() []EnforcementCounts {
	out := make([]EnforcementCounts, 12)
	for _, c := range r.Cells {
		out[c.Month-1] = out[c.Month-1].Add(c.Counts)
	}
	return out
}

// Regions adds up each region that has anything, in the order of its code.
func (r EnforcementReport) Regions() []EnforcementCell {
	var out []EnforcementCell
	for _, c := range r.Cells {
		i := slices.IndexFunc(out, func(o EnforcementCell) bool { return o.Region == c.Region })
		if i < 0 {
			i, out = len(out), append(out, EnforcementCell{Region: c.Region})
		}
		out[i].Counts = out[i].Counts.Add(c.Counts)
	}
	slices.SortFunc(out, func(a, b EnforcementCell) int { return strings.Compare(a.Region, b.Region) })
	return out
}

// SortCells puts the cells in their order: by region, then by month.
func (r EnforcementReport) SortCells() {
	slices.SortFunc(r.Cells, func(a, b EnforcementCell) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), a.Month-b.Month)
	})
}
