package main

import (
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
		Rules:   func(f models.Finding) any { return detection.Parameters(f.RaisedAt) },
		Profile: func(id string) (any, error) { return profiles.Find(id) },
		Evidence: func(sum string) (io.ReadCloser, error) {
			return os.Open(filepath.Join(folder, sum[:2], sum))
		},
	}), nil
}
