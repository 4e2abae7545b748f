package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/metering"
)

// ImportCmd is `rigistry import KIND FILE`.
type ImportCmd struct {
	Kind   string `arg:"" enum:"equipment,parties,grid,meters,readings" help:"What the rows are: ${enum}."`
	File   string `arg:"" type:"existingfile" help:"CSV (comma or semicolon, UTF-8) or XLSX with a heading row."`
	DryRun bool   `name:"dry-run" help:"Check every row and write none."`
	Sheet  string `help:"Sheet of an XLSX file; the first one when absent."`

	Mapping string `type:"existingfile" help:"Readings only: a JSON file that says how to read the file of a metering system."`
}

// importResult is what became of the rows, whoever took them.
type importResult struct {
	rows, added, known int
	failed             []rowFailure
}

type rowFailure struct {
	line int
	err  error
}

// Run imports the file. Rows that fail are named with their line; all others
// stand. Failed rows make the command fail.
func (c *ImportCmd) Run(app *App) error {
	if c.Mapping != "" {
		return c.intervals(app)
	}
	t, err := c.table()
	if err != nil {
		return err
	}
	s, err := app.OpenStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	r, err := app.assemble(s, app.baseURL(app.Config.Addr))
	if err != nil {
		return err
	}
	im := importer{app: app, registry: r, table: t, file: c.File, sheet: c.Sheet, dry: c.DryRun, started: app.Now()}
	result, err := im.run(c.Kind)
	if err != nil {
		return err
	}
	return c.report(app, result)
}

// table reads the file, except one of equipment: that is read as the console reads it.
func (c *ImportCmd) table() (*sheet, error) {
	if c.Kind == "equipment" {
		return nil, nil //nolint:nilnil // the importer reads it
	}
	t, err := readTable(c.File, c.Sheet)
	if err != nil {
		return nil, err
	}
	return t, t.require(importColumns[c.Kind])
}

// importColumns are the columns that each kind cannot do without.
var importColumns = map[string][]string{
	"parties":  {"bin_or_iin", "size"},
	"grid":     {"utility", "substation", "feeder"},
	"meters":   {"code", "role", "node"},
	"readings": {"at", "meter"},
}

func (c *ImportCmd) report(app *App, result importResult) error {
	for _, f := range result.failed {
		_, _ = fmt.Fprintf(app.Stdout, "%s:%d: %s\n", c.File, f.line, rowText(f.err))
	}
	verb := "added"
	if c.DryRun {
		verb = "would be added"
	}
	_, _ = fmt.Fprintf(app.Stdout, "%s: %d rows, %d %s, %d known already, %d failed\n", c.Kind, result.rows, result.added, verb, result.known, len(result.failed))
	if n := len(result.failed); n > 0 {
		return fmt.Errorf("%d of %d rows failed; the others stand. Correct those rows and import the file again", n, result.rows)
	}
	return nil
}

// rowText says what is wrong with a row, field by field.
func rowText(err error) string {
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err.Error()
	}
	text := ""
	for i, f := range e.Fields {
		if i > 0 {
			text += " "
		}
		text += f.Pointer + ": " + f.Detail
	}
	return text
}

// importer carries one import.
type importer struct {
	app      *App
	registry *registry
	table    *sheet
	file     string
	sheet    string
	total    int // rows, where the table is not read here
	dry      bool
	started  time.Time
}

func (im *importer) run(kind string) (importResult, error) {
	switch kind {
	case "equipment":
		return im.equipment()
	case "parties":
		return im.parties()
	case "grid":
		return im.grid()
	case "meters":
		return im.meters()
	}
	return im.readings()
}

func (im *importer) mode() licensing.ImportMode {
	if im.dry {
		return licensing.ImportDryRun
	}
	return licensing.ImportWrite
}

// progress tells on stderr how far the import is.
func (im *importer) progress(done int) {
	total := im.total
	if im.table != nil {
		total = len(im.table.rows)
	}
	rate := float64(done) / max(im.app.Now().Sub(im.started).Seconds(), 0.001)
	_, _ = fmt.Fprintf(im.app.Stderr, "\r%d of %d rows (%d%%), %.0f rows/s ", done, total, 100*done/max(total, 1), rate)
	if done >= total {
		_, _ = fmt.Fprintln(im.app.Stderr)
	}
}

func (im *importer) equipment() (importResult, error) {
	data, err := os.ReadFile(im.file)
	if err != nil {
		return importResult{}, fmt.Errorf("read %s: %w", im.file, err)
	}
	rows, bad, err := licensing.ReadRigs(im.file, data, im.sheet)
	if err != nil {
		return importResult{}, err
	}
	im.total = len(rows)
	report, err := im.registry.svc.Licensing.ImportEquipment(im.app.Ctx, models.System(), im.mode(), rows, im.progress)
	result := resultOf(report, nil, len(rows)+len(bad))
	for _, f := range bad {
		result.failed = append(result.failed, rowFailure{f.Line, f.Err})
	}
	slices.SortStableFunc(result.failed, func(a, b rowFailure) int { return a.line - b.line })
	return result, err
}

func (im *importer) parties() (importResult, error) {
	rows, bad := parsed(im.table, partyRow)
	report, err := im.registry.svc.Licensing.ImportParties(im.app.Ctx, models.System(), im.mode(), rows, im.progress)
	return resultOf(report, bad, len(im.table.rows)), err
}

func resultOf(r licensing.Report, bad []rowFailure, rows int) importResult {
	out := importResult{rows: rows, added: r.Added, known: r.Known, failed: bad}
	for _, f := range r.Failed {
		out.failed = append(out.failed, rowFailure{f.Line, f.Err})
	}
	return out
}

// parsed reads every row as a value; what cannot be read is a failure of its row.
func parsed[T any](t *sheet, read func(*record) T) (rows []licensing.Row[T], bad []rowFailure) {
	for _, r := range t.rows {
		v := read(r)
		if err := r.bad.Err(); err != nil {
			bad = append(bad, rowFailure{r.line, err})
			continue
		}
		rows = append(rows, licensing.Row[T]{Line: r.line, Value: v})
	}
	return rows, bad
}

func (im *importer) grid() (importResult, error) {
	rows, bad := parsed(im.table, gridRow)
	result := importResult{rows: len(im.table.rows), added: len(rows), failed: bad}
	if im.dry {
		return result, im.formOnly()
	}
	values := values(rows)
	failed, err := im.registry.svc.Gate.Import(im.app.Ctx, models.System(), values, im.progress)
	for _, f := range failed {
		result.failed = append(result.failed, rowFailure{rows[f.Row].Line, f.Err})
		result.added--
	}
	return result, err
}

func values[T any](rows []licensing.Row[T]) []T {
	out := make([]T, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Value)
	}
	return out
}

// formOnly says what a dry run of this kind did not look at.
func (im *importer) formOnly() error {
	_, err := fmt.Fprintln(im.app.Stderr, "the dry run of this kind checks the form of each row, not what the registry would say to it")
	return err
}

func (im *importer) meters() (importResult, error) {
	rows, bad := parsed(im.table, meterOf)
	result := importResult{rows: len(im.table.rows), failed: bad}
	nodes, err := im.registry.nodes(im.app.Ctx)
	if err != nil {
		return result, err
	}
	for i, row := range rows {
		known, err := im.meter(row.Value, nodes)
		switch {
		case err == nil && known:
			result.known++
		case err == nil:
			result.added++
		case im.app.Ctx.Err() != nil:
			return result, im.app.Ctx.Err()
		case models.CodeOf(err) == "":
			return result, err
		default:
			result.failed = append(result.failed, rowFailure{row.Line, err})
		}
		if (i+1)%100 == 0 || i+1 == len(rows) {
			im.progress(i + 1)
		}
	}
	return result, nil
}

// meter registers one meter; one whose code is registered on the same node is
// known.
func (im *importer) meter(m models.Meter, nodes map[string]gridNode) (known bool, err error) {
	node, ok := nodes[m.Node.ID]
	if !ok {
		var v models.Invalid
		v.Add("/node", "unknown", "No substation, feeder, connection point or PDU has the code %q.", m.Node.ID)
		return false, v.Err()
	}
	m.Node, m.Utility = node.ref, node.utility
	old, err := im.registry.svc.Metering.Meter(im.app.Ctx, models.System(), m.Code)
	switch {
	case err == nil && old.Node == m.Node:
		return true, nil
	case err == nil:
		return false, models.Errorf(models.CodeConflict, "/code: meter %s is registered on another node.", m.Code)
	case models.CodeOf(err) != models.CodeNotFound:
		return false, err
	}
	if im.dry {
		return false, nil
	}
	_, err = im.registry.svc.Metering.RegisterMeter(im.app.Ctx, models.System(), m)
	return false, err
}

// gridNode is a node of the grid that a meter can measure.
type gridNode struct {
	ref     models.Ref
	utility string
}

// nodes gives the nodes of the grid by code.
func (r *registry) nodes(ctx context.Context) (map[string]gridNode, error) {
	tree, err := r.svc.Gate.Tree(ctx, models.System())
	out := map[string]gridNode{}
	for _, n := range tree.Substations {
		out[n.Code] = gridNode{models.Ref{Kind: "substation", ID: n.ID}, n.Utility}
	}
	for _, n := range tree.Feeders {
		out[n.Code] = gridNode{models.Ref{Kind: "feeder", ID: n.ID}, n.Utility}
	}
	for _, n := range tree.Points {
		out[n.Code] = gridNode{models.Ref{Kind: "connection_point", ID: n.ID}, n.Utility}
	}
	for _, n := range tree.PDUs {
		out[n.Code] = gridNode{models.Ref{Kind: "pdu", ID: n.ID}, n.Utility}
	}
	return out, err
}

const readingsBatch = 1000

// readings takes readings in through the same door as a collector. The collector
// is named after the bytes of the file, so importing a file twice changes nothing.
func (im *importer) readings() (importResult, error) {
	rows, bad := parsed(im.table, readingRow)
	result := importResult{rows: len(im.table.rows), failed: bad}
	if im.dry {
		result.added = len(rows)
		return result, im.formOnly()
	}
	digest, err := fileDigest(im.file)
	if err != nil {
		return result, err
	}
	for from := 0; from < len(rows); from += readingsBatch {
		some := rows[from:min(from+readingsBatch, len(rows))]
		batch := metering.Batch{Collector: "file-" + digest, Sequence: int64(from / readingsBatch), Readings: values(some)}
		taken, err := im.registry.svc.Metering.Ingest(im.app.Ctx, models.System(), batch)
		if err != nil {
			return result, err
		}
		result.added += taken.Accepted
		result.known += taken.Duplicate
		for _, what := range taken.Rejected {
			result.failed = append(result.failed, rowFailure{some[0].Line, fmt.Errorf("in the %d rows from here: %s", len(some), what)})
		}
		im.progress(from + len(some))
	}
	return result, nil
}

func fileDigest(name string) (string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12]), nil
}
