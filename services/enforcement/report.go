package enforcement

import (
	"context"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Report counts a legal year of enforcement by region and month: a case in the month of
// its opening and again in that of its end, an act, a decision and a payment in the month
// of its date. Restricted cases are counted like all others; a sum names nobody.
func (s *Service) Report(ctx context.Context, actor models.Actor, year string) (out models.EnforcementReport, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return out, err
	}
	if n, err := strconv.Atoi(year); err != nil || n < 2020 || n > 2100 || len(year) != 4 {
		var v models.Invalid
		v.Add("/year", "range", "Give a year from 2020 to 2100.")
		return out, v.Err()
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		c := counting{year: year, regions: map[string]string{}, cells: map[cellKey]*models.EnforcementCounts{}, criminal: map[string]bool{}}
		if err := c.count(tx); err != nil {
			return err
		}
		out = models.EnforcementReport{Year: year, AsAt: tx.Moment().KnownAt}
		for key, counts := range c.cells {
			out.Cells = append(out.Cells, models.EnforcementCell{Region: key.region, Month: key.month, Counts: *counts})
		}
		out.SortCells()
		return nil
	})
	return out, err
}

type cellKey struct {
	region string
	month  int
}

type counting struct {
	year     string
	regions  map[string]string // region by case
	cells    map[cellKey]*models.EnforcementCounts
	criminal map[string]bool
}

// at gives the cell of a case on a legal date, nil when that is in another year.
func (c *counting) at(caseID, day string) *models.EnforcementCounts {
	if len(day) != len(time.DateOnly) || day[:4] != c.year {
		return nil
	}
	month, err := strconv.Atoi(day[5:7])
	if err != nil {
		return nil
	}
	key := cellKey{c.regions[caseID], month}
	if c.cells[key] == nil {
		c.cells[key] = &models.EnforcementCounts{}
	}
	return c.cells[key]
}

func (c *counting) count(tx *store.Tx) error {
	cases, err := tx.YearCases(c.year)
	if err != nil {
		return err
	}
	for _, x := range cases {
		if len(x.Kato) >= 2 {
			c.regions[x.ID] = x.Kato[:2]
		}
		c.addCase(x)
	}
	acts, err := tx.YearActs(c.year)
	if err != nil {
		return err
	}
	for _, a := range acts {
		c.addAct(a)
	}
	fines, err := tx.YearFines(c.year)
	if err != nil {
		return err
	}
	for _, f := range fines {
		if cell := c.at(f.Case, f.DecidedOn); cell != nil && f.State != models.ViolationCancelled {
			cell.Fines, cell.Fined = cell.Fines+1, cell.Fined+f.Fine
		}
	}
	payments, err := tx.YearPayments(c.year)
	for _, p := range payments {
		if cell := c.at(p.Violation, p.On); cell != nil {
			cell.Paid += p.Amount
		}
	}
	return err
}

func (c *counting) addCase(x store.YearCase) {
	if cell := c.at(x.ID, models.LegalDate(time.UnixMicro(x.OpenedAt))); cell != nil {
		cell.Opened, cell.Found = cell.Opened+1, cell.Found+models.Watts(x.Estimated)
	}
	if x.EndedAt == 0 {
		return
	}
	cell := c.at(x.ID, models.LegalDate(time.UnixMicro(x.EndedAt)))
	if cell == nil {
		return
	}
	confirmed, _ := models.Case{State: models.CaseState(x.State), Outcome: models.CaseOutcome(x.Outcome)}.Confirms()
	switch {
	case confirmed:
		cell.Confirmed, cell.Proven = cell.Confirmed+1, cell.Proven+models.Watts(x.Estimated)
	case models.CaseState(x.State) == models.CaseDismissed:
		cell.Dismissed++
	}
}

func (c *counting) addAct(a store.YearAct) {
	cell := c.at(a.Case, a.On)
	if cell == nil {
		return
	}
	if a.CriminalCase != "" && !c.criminal[a.CriminalCase] {
		c.criminal[a.CriminalCase] = true
		cell.Criminal++
	}
	switch models.CaseActKind(a.Kind) {
	case models.CaseReferred:
		cell.Referrals++
	case models.CaseSeized:
		cell.Rigs, cell.Blocked = cell.Rigs+a.Rigs, cell.Blocked+models.Tiyn(a.Money)
	case models.CaseJudged:
		if a.Ruling == "convicted" {
			cell.Sentences, cell.Confiscated = cell.Sentences+1, cell.Confiscated+models.Tiyn(a.Money)
		}
	}
}
