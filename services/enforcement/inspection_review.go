package enforcement

import (
	"context"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Review is a protocol beside what is declared, with its events as they came in.
type Review struct {
	Visit      Visit
	Events     []models.FieldEvent
	Receipts   map[string]Receipt // by hash of the event
	Devices    map[string]models.FieldDevice
	Protocol   models.Protocol
	Rigs       []models.RigLine
	Power      []models.PowerLine
	Unanswered []string // question:id and shot:id that are required
	Checklist  models.VisitChecklist
	Photos     []ReviewedPhoto
	Conflicts  []EventVersions
	Gaps       []Gap
	People     map[string]string
}

// ReviewedPhoto is a photo with what is found about it and who had it in hands.
type ReviewedPhoto struct {
	Photo   models.ProtocolPhoto
	Blob    *models.EvidenceBlob // nil when the file has not come in
	Flags   []models.PhotoFlag
	Custody []models.Custody
}

// EventVersions are texts that contradict each other under one id, as they came in.
type EventVersions struct {
	ID       string
	Versions []models.FieldEvent
	Counts   string // hash of the version that the protocol has, "" when it has none
}

// Gap is a run of events of a device that have not come in.
type Gap struct {
	Device   string
	From, To int64
}

// Review gives a protocol for its readers: what was found beside what is declared.
func (s *Service) Review(ctx context.Context, actor models.Actor, id string) (out Review, err error) {
	if err := models.Can(actor, models.ActInspectionRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		i, err := loadInspection(tx, actor, id)
		if err != nil {
			return err
		}
		out, err = review(tx, i)
		return err
	})
	return out, err
}

func review(tx *store.Tx, i models.Inspection) (out Review, err error) {
	if out.Visit, err = visit(tx, i); err != nil {
		return out, err
	}
	if out.Events, err = tx.InspectionEvents(i.ID); err != nil {
		return out, err
	}
	out.Protocol = models.FoldProtocol(out.Events)
	recorded := map[string]time.Time{}
	for _, e := range models.ByRecording(out.Events) {
		recorded[e.Hash] = e.Recorded
	}
	for n, e := range out.Events {
		out.Events[n].Recorded = recorded[e.Hash]
	}
	if out.Checklist, err = tx.Checklist(i.Checklist); err != nil {
		return out, err
	}
	out.Unanswered = out.Checklist.Unanswered(out.Protocol)
	if out.Rigs, err = rigsOf(tx, i, out.Protocol); err != nil {
		return out, err
	}
	if out.Power, err = powerOf(tx, i, out.Rigs, out.Protocol.Readings); err != nil {
		return out, err
	}
	if out.Photos, err = photosOf(tx, i, out.Protocol); err != nil {
		return out, err
	}
	if err := out.trace(tx); err != nil {
		return out, err
	}
	who := []string{}
	for _, e := range out.Events {
		who = append(who, e.User)
	}
	for _, p := range out.Photos {
		for _, c := range p.Custody {
			who = append(who, c.By)
		}
	}
	out.People, err = namesOf(tx, who)
	return out, err
}

// trace fills in receipts, devices, conflicts and gaps.
func (r *Review) trace(tx *store.Tx) error {
	receipts := make([]Receipt, 0, len(r.Events))
	byID, order := map[string][]models.FieldEvent{}, []string{}
	seqs := map[string][]int64{}
	r.Devices = map[string]models.FieldDevice{}
	for _, e := range r.Events {
		receipts = append(receipts, receiptOf(e))
		if len(byID[e.ID]) == 0 {
			order = append(order, e.ID)
		}
		byID[e.ID] = append(byID[e.ID], e)
		seqs[e.Device] = append(seqs[e.Device], e.Seq)
		if _, known := r.Devices[e.Device]; !known {
			d, err := tx.FieldDevice(e.Device)
			if err != nil {
				return err
			}
			r.Devices[e.Device] = d
		}
	}
	if err := fillPlaces(tx, receipts); err != nil {
		return err
	}
	r.Receipts = map[string]Receipt{}
	for _, one := range receipts {
		r.Receipts[one.Hash] = one
	}
	for _, id := range order {
		if len(byID[id]) > 1 {
			r.Conflicts = append(r.Conflicts, EventVersions{ID: id, Versions: byID[id], Counts: firstOf(byID[id])})
		}
	}
	r.Conflicts = append(r.Conflicts, versionsOfDevices(r.Events, r.Protocol.Voided)...)
	for device, list := range seqs {
		gaps, err := gapsOf(tx, device, slices.Min(list), slices.Max(list))
		if err != nil {
			return err
		}
		r.Gaps = append(r.Gaps, gaps...)
	}
	slices.SortFunc(r.Gaps, func(a, b Gap) int { return strings.Compare(a.Device, b.Device) })
	return nil
}

// firstOf gives the hash of the text that counts among several under one id: the one that
// came in first.
func firstOf(versions []models.FieldEvent) string {
	for _, e := range versions {
		if !slices.Contains(e.Flags, models.FlagConflict) {
			return e.Hash
		}
	}
	return ""
}

// gapsOf gives what lacks between two events of a device, whatever visit they are of.
func gapsOf(tx *store.Tx, device string, from, to int64) (out []Gap, err error) {
	there, err := tx.DeviceSeqs(device, to)
	next := from
	for _, seq := range there {
		if seq > next {
			out = append(out, Gap{Device: device, From: next, To: seq - 1})
		}
		next = max(next, seq+1)
	}
	return out, err
}

func rigsOf(tx *store.Tx, i models.Inspection, p models.Protocol) ([]models.RigLine, error) {
	declared, err := declaredAt(tx, i)
	if err != nil {
		return nil, err
	}
	folds := make([]string, 0, len(p.Scans))
	for _, s := range p.Scans {
		folds = append(folds, models.SerialFold(s.Serial))
	}
	elsewhere, err := tx.SitesOfSerials(folds, i.Site)
	if err != nil {
		return nil, err
	}
	return models.CompareRigs(declared, p.Scans, elsewhere), nil
}

func photosOf(tx *store.Tx, i models.Inspection, p models.Protocol) ([]ReviewedPhoto, error) {
	hashes := make([]string, 0, len(p.Photos))
	for _, f := range p.Photos {
		hashes = append(hashes, f.SHA256)
	}
	blobs, err := tx.EvidenceBlobs(hashes)
	if err != nil {
		return nil, err
	}
	matches, err := tx.PictureMatches(hashes)
	if err != nil {
		return nil, err
	}
	hands, err := tx.CustodyOf(hashes)
	if err != nil {
		return nil, err
	}
	names, err := tx.EvidenceNames(hashes)
	if err != nil {
		return nil, err
	}
	out := make([]ReviewedPhoto, 0, len(p.Photos))
	for n, photo := range p.Photos {
		facts := models.PhotoFacts{Photo: photo, Started: p.Started, SiteLat: i.LatE7, SiteLon: i.LonE7, Matches: matches[photo.SHA256]}
		// Two devices may be in two places; one may not, and its clock is one.
		for before := range slices.Backward(p.Photos[:n]) {
			if p.Photos[before].Device == photo.Device {
				facts.Before = &p.Photos[before]
				break
			}
		}
		if b, ok := blobs[photo.SHA256]; ok {
			facts.Blob = &b
		}
		if first := names[photo.SHA256]; len(first) > 0 && first[0].Event != photo.Event {
			if facts.NamedBy, err = namedBy(tx, i, first[0]); err != nil {
				return nil, err
			}
		}
		out = append(out, ReviewedPhoto{Photo: photo, Blob: facts.Blob, Flags: models.CheckPhoto(facts), Custody: hands[photo.SHA256]})
	}
	return out, nil
}

// namedBy is the number of the other inspection that named a file first, or the event of
// this one.
func namedBy(tx *store.Tx, i models.Inspection, first store.EvidenceName) (string, error) {
	if first.Inspection == i.ID {
		return first.Event, nil
	}
	other, err := tx.Inspection(first.Inspection)
	return other.Number, err
}
