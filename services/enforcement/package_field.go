package enforcement

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// fieldEvidence is what inspectors brought from the visits of a case.
type fieldEvidence struct {
	visits []store.PackedInspection
	events []store.PackedEvent
	files  []store.PackedOriginal
}

// fieldOf adds the inspections of the case with what the devices signed.
func (d *dossier) fieldOf() (err error) {
	if d.field.visits, err = d.tx.PackedInspections(d.caseID); err != nil {
		return err
	}
	for i, v := range d.field.visits {
		d.about = append(d.about, models.Ref{Kind: "inspection", ID: v.ID})
		id := fmt.Sprintf("inspection.%03d", i+1)
		if err := d.note(id, "", map[string]any{"id": v.ID, "number": v.Number, "kind": v.Kind, "state": v.State, "planned_on": v.PlannedOn, "checklist": v.Checklist}); err != nil {
			return err
		}
		if err := d.note(id+".legal", classWords, v.Legal); err != nil {
			return err
		}
		if err := d.note(id+".place", classPersons, map[string]string{"title": v.Title, "address": v.Address}); err != nil {
			return err
		}
		if v.State != "finalized" {
			d.missing("inspection_not_finalized", v.Number, 0)
		}
		events, err := d.tx.PackedEvents(v.ID)
		if err != nil {
			return err
		}
		d.field.events = append(d.field.events, events...)
	}
	if len(d.field.visits) == 0 {
		d.missing("no_inspection", "", 0)
	}
	return d.eventFiles()
}

// eventFiles writes the events and the keys of their devices, and looks for the
// originals that they name.
func (d *dossier) eventFiles() error {
	slices.SortStableFunc(d.field.events, func(a, b store.PackedEvent) int {
		if a.Device != b.Device {
			if a.Device < b.Device {
				return -1
			}
			return 1
		}
		return int(a.Seq - b.Seq)
	})
	ids := make([]string, 0, len(d.field.events))
	for _, e := range d.field.events {
		ids = append(ids, e.Entry)
	}
	proven, err := d.tx.EntriesNamed(ids, d.checkpoint.Size)
	if err != nil {
		return err
	}
	places := map[string]int64{}
	for _, e := range proven {
		places[e.ID] = e.Index
	}
	var (
		lines   []eventLine
		devices []deviceLine
		named   = map[string]bool{}
	)
	for _, e := range d.field.events {
		place, sealed := places[e.Entry]
		if !sealed { // received after the checkpoint
			continue
		}
		d.places = append(d.places, place)
		l := eventLine{Payload: e.Payload, Signature: e.Signature, Received: stampOf(e.Received), Flags: e.Flags, Entry: e.Entry}
		item := "event:" + e.Hash
		if d.items[item] != "" {
			continue
		}
		d.items[item] = e.Hash
		if d.taken(item, classEvents) {
			d.removed = append(d.removed, item)
			l = eventLine{Hash: e.Hash, Received: l.Received}
		}
		lines = append(lines, l)
		if !slices.ContainsFunc(devices, func(k deviceLine) bool { return k.ID == e.Device }) {
			devices = append(devices, deviceLine{ID: e.Device, PublicKey: e.PublicKey})
		}
		var p signedPayload
		if json.Unmarshal([]byte(e.Payload), &p) == nil {
			for _, sum := range []string{p.Body.SHA256, p.Body.Image} {
				named[sum] = sum != ""
			}
		}
	}
	for _, f := range []struct {
		path, what string
		make       func() ([]byte, error)
	}{
		{fileEvents, "What the inspectors' devices recorded, each event as its device signed it.", func() ([]byte, error) { return jsonLines(lines) }},
		{fileDevices, "The public keys of those devices.", func() ([]byte, error) { return jsonLines(devices) }},
	} {
		b, err := f.make()
		if err != nil {
			return err
		}
		d.derived(f.path, f.what, b)
	}
	delete(named, "")
	sums := make([]string, 0, len(named))
	for sum := range named {
		sums = append(sums, sum)
	}
	slices.Sort(sums)
	found, err := d.tx.PackedOriginals(sums)
	if err != nil {
		return err
	}
	for _, sum := range sums {
		i := slices.IndexFunc(found, func(o store.PackedOriginal) bool { return o.SHA256 == sum })
		if i < 0 {
			d.missing("original_not_received", sum, 0)
			continue
		}
		d.field.files = append(d.field.files, found[i])
	}
	return nil
}

// extensions are how originals are called.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/heic": ".heic", "application/pdf": ".pdf", "video/mp4": ".mp4"}

// originalsOf adds the originals byte for byte.
func (d *dossier) originalsOf(sources PackageSources) error {
	for _, o := range d.field.files {
		open := func() (io.ReadCloser, error) { return sources.Evidence(o.SHA256) }
		f, err := open()
		if errors.Is(err, fs.ErrNotExist) {
			d.missing("original_lost", o.SHA256, 0)
			continue
		}
		if err != nil {
			return fmt.Errorf("open original %s: %w", o.SHA256, err)
		}
		if err := f.Close(); err != nil {
			return err
		}
		proven, err := d.tx.EntriesNamed([]string{o.Entry}, d.checkpoint.Size)
		if err != nil {
			return err
		}
		for _, e := range proven {
			d.places = append(d.places, e.Index)
		}
		file := madeFile{path: folderOriginal + o.SHA256 + extensions[o.MediaType], what: "An original, byte for byte as the device sent it.", covered: "entry " + o.Entry,
			content: func(w io.Writer) error {
				f, err := open()
				if err != nil {
					return err
				}
				_, err = io.Copy(w, f)
				if closed := f.Close(); err == nil {
					err = closed
				}
				return err
			}}
		d.original(file, o.SHA256, classPictures)
	}
	return nil
}
