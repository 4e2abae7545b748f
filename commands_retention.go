package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"rigistry/services/metering"
)

// RetentionCmd is `rigistry retention`.
type RetentionCmd struct {
	DryRun bool `name:"dry-run" help:"Show what would go, and change nothing."`
}

// Help says where the terms are.
func (*RetentionCmd) Help() string {
	return `Takes away readings that have had their time; a server does the same every six hours. The terms are reference data,
"Numbers of the law", readings_kept_raw, _15m, _1h and _1d: two people change them. Readings of meters at or below a feeder with an
open finding, an open case or a legal hold in force stay, whatever their age. What went is an entry in the ledger.`
}

// Run shows what the terms take away, and takes it away.
func (cmd *RetentionCmd) Run(app *App) error {
	s, err := app.openAny(app.Ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	service := metering.New(s, app.Now)
	plan, err := service.RetentionPlan(app.Ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "RESOLUTION\tKEPT\tOLDER THAN\tROWS TO GO\tABOUT\tROWS HELD")
	for _, p := range plan {
		if p.Until.IsZero() {
			_, _ = fmt.Fprintf(w, "%s\tfor ever\t\t0\t0 MB\t\n", p.Class)
			continue
		}
		_, _ = fmt.Fprintf(w, "%s\t%d %s\t%s\t%d\t%.1f MB\t%d\n", p.Class, p.Law.Value, p.Law.Unit, p.Until.Format(time.DateOnly), p.Rows, float64(p.Bytes)/1e6, p.Held)
	}
	if err := w.Flush(); err != nil || cmd.DryRun {
		return err
	}
	gone, err := service.Retain(app.Ctx)
	for _, p := range plan {
		if gone[p.Class] > 0 {
			_, _ = fmt.Fprintf(app.Stdout, "%s: %d rows are gone\n", p.Class, gone[p.Class])
		}
	}
	return err
}
