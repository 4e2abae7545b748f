package enforcement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // originals of the field
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"rigistry/models"
	"rigistry/services/store"
)

// KeepEvidence makes the service keep originals in a folder, by their hash. Several
// servers of one registry share the folder.
func (s *Service) KeepEvidence(folder string) *Service {
	s.evidence = folder
	return s
}

// maxPixels bounds the pictures that are looked at; larger ones are kept all the same.
const maxPixels = 60_000_000

func badHash(pointer string) error {
	var v models.Invalid
	v.Add(pointer, "format", "The name of a file is its SHA-256 in 64 lower-case hex digits.")
	return v.Err()
}

// PutEvidence keeps a file under its hash: on the disk and in the ledger before it
// returns. The same file again changes nothing; fresh tells whether it is new.
func (s *Service) PutEvidence(ctx context.Context, actor models.Actor, name, mediaType string, content []byte) (out models.EvidenceBlob, fresh bool, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return out, false, err
	}
	if !models.HexHash(name) {
		return out, false, badHash("/sha256")
	}
	if len(content) == 0 || len(content) > models.MaxEvidenceBytes {
		return out, false, models.Errorf(models.CodeTooLarge, "A file of evidence has 1 byte to %d MiB.", models.MaxEvidenceBytes>>20)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != name {
		var v models.Invalid
		v.Add("/sha256", "hash", "The bytes that came have another SHA-256. Nothing was kept; send the file again.")
		return out, false, v.Err()
	}
	if err := s.write(name, content); err != nil {
		return out, false, err
	}
	made := look(content)
	made.SHA256, made.Bytes, made.MediaType, made.ReceivedBy = name, int64(len(content)), mediaOf(mediaType), actor.ID
	matches, err := s.alike(ctx, made)
	if err != nil {
		return out, false, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		known, err := tx.EvidenceBlob(name)
		if err == nil {
			out, fresh = known, false
			return nil
		}
		if models.CodeOf(err) != models.CodeNotFound {
			return err
		}
		out, fresh = made, true
		out.Received = tx.Now
		if out.Entry, err = evidenceFact(tx, actor, "evidence.received", name, map[string]any{"bytes": out.Bytes, "media_type": out.MediaType}); err != nil {
			return err
		}
		if err := tx.InsertEvidenceBlob(out); err != nil {
			return err
		}
		for _, m := range matches {
			m.Found = tx.Now
			if err := tx.InsertPictureMatch(m); err != nil {
				return err
			}
		}
		return tx.InsertCustody(models.Custody{ID: tx.NewID(), SHA256: name, Act: models.CustodyReceived, At: tx.Now, By: actor.ID, Entry: out.Entry})
	})
	return out, fresh, err
}

func evidenceFact(tx *store.Tx, actor models.Actor, kind, name string, body map[string]any) (string, error) {
	return tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "evidence", ID: name}, Actor: actor, Body: body})
}

// mediaOf keeps the kinds of files that the field makes; anything else is bytes.
func mediaOf(mediaType string) string {
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(mediaType)), ";")
	switch kind {
	case "image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf":
		return kind
	}
	return "application/octet-stream"
}

// look reads what can be read from a picture. A file that is none, or too large, gives
// no width.
func look(content []byte) (b models.EvidenceBlob) {
	b.Exif = models.ParseExif(content)
	head, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || head.Width < 1 || head.Height < 1 || head.Width > maxPixels/head.Height {
		return b
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return b
	}
	b.Width, b.Height, b.Print = int64(head.Width), int64(head.Height), models.PrintOf(picture)
	return b
}

const printPage = 1000

// alike compares a picture with every earlier one.
func (s *Service) alike(ctx context.Context, b models.EvidenceBlob) (out []models.PictureMatch, err error) {
	if b.Print.Empty() {
		return nil, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		for after := ""; ; {
			earlier, err := tx.EvidencePrints(after, printPage)
			if err != nil {
				return err
			}
			for _, e := range earlier {
				if after = e.SHA256; e.SHA256 == b.SHA256 {
					continue
				}
				if score, how := b.Print.Resembles(e.Print); score > 0 {
					out = append(out, models.PictureMatch{SHA256: b.SHA256, Earlier: e.SHA256, Score: score, How: how})
				}
			}
			if len(earlier) < printPage {
				return nil
			}
		}
	})
	return out, err
}

// HasEvidence tells whether a file is there.
func (s *Service) HasEvidence(ctx context.Context, actor models.Actor, name string) (out models.EvidenceBlob, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.EvidenceBlob(name)
		return err
	})
	return out, err
}

// EvidenceFile gives an original byte for byte and writes down who had it in hands: as
// viewed, or with a purpose as exported. A file whose bytes have changed is not given.
func (s *Service) EvidenceFile(ctx context.Context, actor models.Actor, name, purpose string) (out models.EvidenceBlob, content []byte, err error) {
	if err := models.Can(actor, models.ActEvidenceRead, models.Scope{}); err != nil {
		return out, nil, err
	}
	if !models.HexHash(name) {
		return out, nil, models.NotFound("evidence", name)
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = visibleEvidence(tx, actor, name)
		return err
	})
	if err != nil {
		return out, nil, err
	}
	if content, err = s.read(name); err != nil {
		return out, nil, err
	}
	act := models.CustodyViewed
	if purpose != "" {
		act = models.CustodyExported
	}
	return out, content, s.store.Update(ctx, func(tx *store.Tx) error { return custody(tx, actor, name, act, purpose) })
}

func custody(tx *store.Tx, actor models.Actor, name, act, purpose string) error {
	entry, err := evidenceFact(tx, actor, "evidence."+act, name, map[string]any{})
	if err != nil {
		return err
	}
	return tx.InsertCustody(models.Custody{ID: tx.NewID(), SHA256: name, Act: act, Purpose: purpose, At: tx.Now, By: actor.ID, Entry: entry})
}

// visibleEvidence finds an original that an inspection names which the actor may know
// of, or that the actor sent.
func visibleEvidence(tx *store.Tx, actor models.Actor, name string) (models.EvidenceBlob, error) {
	b, err := tx.EvidenceBlob(name)
	if err != nil || b.ReceivedBy == actor.ID || (models.Inspection{}).Sees(actor) {
		return b, err
	}
	naming, err := tx.EvidenceNames([]string{name})
	if err != nil {
		return b, err
	}
	for _, n := range naming[name] {
		if _, err := loadInspection(tx, actor, n.Inspection); err == nil || models.CodeOf(err) != models.CodeNotFound {
			return b, err
		}
	}
	return models.EvidenceBlob{}, models.NotFound("evidence", name)
}

// EraseEvidence removes an original that nothing keeps: no inspection that names it is
// held or under way, and no case of theirs goes on. What remains is its record, its
// custody and the ledger.
func (s *Service) EraseEvidence(ctx context.Context, actor models.Actor, name, reason string) error {
	if err := models.Can(actor, models.ActEvidenceHold, models.Scope{}); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		var v models.Invalid
		v.Add("/reason", "required", "Say on what ground it is erased.")
		return v.Err()
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.EvidenceBlob(name); err != nil {
			return err
		}
		naming, err := tx.EvidenceNames([]string{name})
		if err != nil {
			return err
		}
		for _, n := range naming[name] {
			if err := erasable(tx, n.Inspection); err != nil {
				return err
			}
		}
		return custody(tx, actor, name, models.CustodyErased, reason)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("erase evidence %s: %w", name, err)
	}
	return syncFolder(filepath.Dir(s.path(name)))
}

func erasable(tx *store.Tx, inspection string) error {
	i, err := tx.Inspection(inspection)
	if err != nil {
		return err
	}
	if i.Hold != "" {
		return models.Errorf(models.CodeConflict, "Inspection %s is under a legal hold. Lift the hold first.", i.Number)
	}
	if !i.Over() {
		return models.Errorf(models.CodeConflict, "Inspection %s has not ended.", i.Number)
	}
	if i.Case == "" {
		return nil
	}
	c, err := tx.Case(i.Case)
	if err == nil && !c.Over() {
		return models.Errorf(models.CodeConflict, "Case %s, which inspection %s belongs to, goes on.", c.Number, i.Number)
	}
	return err
}

func (s *Service) path(name string) string { return filepath.Join(s.evidence, name[:2], name) }

// read gives the bytes of an original, after comparing them with its name.
func (s *Service) read(name string) ([]byte, error) {
	content, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, models.Errorf(models.CodeConflict, "The file of this evidence is not there: it was erased, or the folder of evidence is not whole. Look at its custody.")
	}
	if err != nil {
		return nil, fmt.Errorf("read evidence %s: %w", name, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != name {
		return nil, models.Errorf(models.CodeConflict, "The file of this evidence has changed on the disk and is not given. Restore it from a backup.")
	}
	return content, nil
}

// write keeps the bytes under their name, on the disk before it returns: the file, then
// its folder. A full disk leaves nothing behind.
func (s *Service) write(name string, content []byte) error {
	if s.evidence == "" {
		return models.Errorf(models.CodeUnavailable, "This server keeps no evidence.")
	}
	if _, err := s.read(name); err == nil {
		return nil
	}
	err := placeFile(s.path(name), func(f io.Writer) error { return s.put(f, content) })
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) { // the last: a limit of this process or of the file system
		return models.Errorf(models.CodeStorageFull, "There is no room for the file on the server. Nothing was kept of it; keep it on the device and send it later.")
	}
	if err != nil {
		return fmt.Errorf("keep evidence %s: %w", name, err)
	}
	return nil
}

// placeFile writes a file whole and durably, or not at all.
func placeFile(path string, content content) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := content(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if err := syncFolder(folder); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(folder))
}

func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
