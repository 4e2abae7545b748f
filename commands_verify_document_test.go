package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/store"
	"rigistry/web"
)

func TestVerify_ADocumentPassesAndAChangedByteFails(t *testing.T) {
	dir, keys, now := sealedFolder(t)
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "rigistry.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	clerk := models.Actor{ID: "u1", Kind: "person", Name: "Clerk", Roles: []models.Role{models.RoleClerk}}
	issuer := documents.NewIssuer(documents.New(catalog.Text), s, keys.Document, "https://registry.example")
	d, err := issuer.Issue(t.Context(), clerk, models.DocumentRequest{Kind: models.DocumentAbsence, BinOrIin: "210440038887", From: "2026-01-01", To: "2026-03-01"})
	if err != nil {
		t.Fatal(err)
	}
	_, file, err := issuer.File(t.Context(), clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "certificate.pdf")
	write := func(content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file)
	code, out := verify(t, now, path)
	for _, want := range []string{d.Number, "absence", "20 sealed entries", d.SHA256} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Fatalf("control: exit %d without %q\n%s", code, want, out)
		}
	}
	for _, at := range []int{0, 9, len(file) / 3, len(file) / 2, len(file) - 500, len(file) - 200, len(file) - 30, len(file) - 1} {
		changed := bytes.Clone(file)
		changed[at] ^= 1
		write(changed)
		if code, out := verify(t, now, path); code != exitFailed {
			t.Errorf("byte %d changed: exit %d\n%s", at, code, out)
		}
	}
	write(file)
	if err := os.Remove(filepath.Join(dir, "keys", "document.key")); err != nil {
		t.Fatal(err)
	}
	again, err := (&App{Ctx: t.Context(), Now: now, Config: &Config{Data: dir}, Log: slog.New(slog.DiscardHandler)}).Keys()
	if err != nil || again.Document.Equal(keys.Document) || !again.Permit.Equal(keys.Permit) {
		t.Fatalf("a data folder without a document key does not get one alone (%v)", err)
	}
	if code, out := verify(t, now, path); code != exitFailed {
		t.Errorf("the document of another key: exit %d\n%s", code, out)
	}
}
