package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/services/enforcement"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/web"
)

// evidenceFolder is where originals are kept.
func (app *App) evidenceFolder() string { return filepath.Join(app.Config.Data, "evidence") }

// packager makes evidence packages from the store, the originals, the rules and the
// register profiles of this program.
func (app *App) packager(s *store.Store, keys *Keys, texts *web.Catalog) (*enforcement.Packager, error) {
	set, err := json.MarshalIndent(map[string]any{"keys": keys.jwks()}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the public keys of packages: %w", err)
	}
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return nil, err
	}
	folder := app.evidenceFolder()
	return enforcement.NewPackager(s, enforcement.PackageSources{
		Key: keys.Document, KeySet: append(set, '\n'), Page: web.VerifierPage(), Texts: texts.Text,
		Rules:   func(f models.Finding) any { return packageRules{app.Ctx, s, f} },
		Profile: func(id string) (any, error) { return profiles.Find(id) },
		Evidence: func(sum string) (io.ReadCloser, error) {
			return os.Open(filepath.Join(folder, sum[:2], sum))
		},
	}), nil
}

// packageRules is written as the numbers that a finding was judged by.
type packageRules struct {
	ctx     context.Context //nolint:containedctx // it is written while the command runs
	store   *store.Store
	finding models.Finding
}

// MarshalJSON reads the table of the finding's version.
func (p packageRules) MarshalJSON() ([]byte, error) {
	table, err := detection.RulesOf(p.ctx, p.store, p.finding)
	if err != nil {
		return nil, err
	}
	type number struct {
		Name   string  `json:"name"`
		Value  float64 `json:"value"`
		Unit   string  `json:"unit"`
		Source string  `json:"source"`
	}
	out := struct {
		RuleVersion string   `json:"rule_version"`
		Version     string   `json:"version"`
		Parameters  []number `json:"parameters"`
	}{RuleVersion: p.finding.RuleVersion, Version: table.Version}
	for _, r := range table.Rows {
		out.Parameters = append(out.Parameters, number{r.Name, r.Value, r.Unit, r.Source})
	}
	return json.Marshal(out)
}
