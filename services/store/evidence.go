package store

import (
	"fmt"

	"rigistry/models"
)

type evidenceRow struct {
	SHA256     string `gorm:"column:sha256"`
	Bytes      int64  `gorm:"column:bytes"`
	MediaType  string `gorm:"column:media_type"`
	Width      int64  `gorm:"column:width"`
	Height     int64  `gorm:"column:height"`
	Exif       string `gorm:"column:exif"`
	Print      string `gorm:"column:print"`
	ReceivedAt int64  `gorm:"column:received_at"`
	ReceivedBy string `gorm:"column:received_by"`
	Entry      string `gorm:"column:entry"`
}

func (r evidenceRow) value() (models.EvidenceBlob, error) {
	b := models.EvidenceBlob{SHA256: r.SHA256, Bytes: r.Bytes, MediaType: r.MediaType, Width: r.Width, Height: r.Height, Received: instant(r.ReceivedAt),
		ReceivedBy: r.ReceivedBy, Entry: r.Entry}
	if err := parse(r.Exif, &b.Exif); err != nil {
		return b, fmt.Errorf("evidence %s: %w", r.SHA256, err)
	}
	return b, parse(r.Print, &b.Print)
}

// InsertEvidenceBlob adds the record of an original.
func (tx *Tx) InsertEvidenceBlob(b models.EvidenceBlob) error {
	r := evidenceRow{SHA256: b.SHA256, Bytes: b.Bytes, MediaType: b.MediaType, Width: b.Width, Height: b.Height, ReceivedAt: micros(b.Received),
		ReceivedBy: b.ReceivedBy, Entry: b.Entry}
	if err := texts(map[*string]any{&r.Exif: b.Exif, &r.Print: b.Print}); err != nil {
		return err
	}
	return insert(tx, "evidence_blobs", &r)
}

// EvidenceBlob finds the record of an original by its hash.
func (tx *Tx) EvidenceBlob(sha256 string) (models.EvidenceBlob, error) {
	r, err := one[evidenceRow](tx, "evidence", sha256, "SELECT * FROM evidence_blobs WHERE sha256 = ?", sha256)
	if err != nil {
		return models.EvidenceBlob{}, err
	}
	return r.value()
}

// EvidenceBlobs gives the records of originals that are there, by hash, without prints.
func (tx *Tx) EvidenceBlobs(hashes []string) (map[string]models.EvidenceBlob, error) {
	out := map[string]models.EvidenceBlob{}
	for from := 0; from < len(hashes); from += maxInList {
		rows, err := many[evidenceRow](tx, "SELECT sha256, bytes, media_type, width, height, exif, received_at, received_by, entry FROM evidence_blobs WHERE sha256 IN ?",
			hashes[from:min(from+maxInList, len(hashes))])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if out[r.SHA256], err = r.value(); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// EvidencePrints gives prints of the pictures in the order of their hashes, after one.
func (tx *Tx) EvidencePrints(after string, limit int) ([]models.EvidenceBlob, error) {
	rows, err := many[evidenceRow](tx, "SELECT sha256, print FROM evidence_blobs WHERE width > 0 AND sha256 > ? ORDER BY sha256 LIMIT ?", after, limit)
	out := make([]models.EvidenceBlob, len(rows))
	for i, r := range rows {
		if out[i], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, err
}

type pictureMatchRow struct {
	SHA256  string `gorm:"column:sha256"`
	Earlier string `gorm:"column:earlier"`
	Score   int64  `gorm:"column:score"`
	How     string `gorm:"column:how"`
	FoundAt int64  `gorm:"column:found_at"`
}

// InsertPictureMatch adds that a picture looks like an earlier one.
func (tx *Tx) InsertPictureMatch(m models.PictureMatch) error {
	_, err := exec(tx, `INSERT INTO evidence_matches (sha256, earlier, score, how, found_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256, earlier) DO NOTHING`,
		m.SHA256, m.Earlier, m.Score, m.How, micros(m.Found))
	return err
}

// PictureMatches gives the earlier pictures that pictures look like, the most alike first.
func (tx *Tx) PictureMatches(hashes []string) (map[string][]models.PictureMatch, error) {
	rows, err := many[pictureMatchRow](tx, "SELECT * FROM evidence_matches WHERE sha256 IN ? ORDER BY sha256, score DESC, earlier", orNothing(hashes))
	out := map[string][]models.PictureMatch{}
	for _, r := range rows {
		out[r.SHA256] = append(out[r.SHA256], models.PictureMatch{SHA256: r.SHA256, Earlier: r.Earlier, Score: r.Score, How: r.How, Found: instant(r.FoundAt)})
	}
	return out, err
}

type custodyRow struct {
	ID      string `gorm:"column:id"`
	SHA256  string `gorm:"column:sha256"`
	Act     string `gorm:"column:act"`
	Purpose string `gorm:"column:purpose"`
	At      int64  `gorm:"column:at"`
	By      string `gorm:"column:by_user"`
	Entry   string `gorm:"column:entry"`
}

// InsertCustody adds who had an original in hands.
func (tx *Tx) InsertCustody(c models.Custody) error {
	return insert(tx, "evidence_custody", &custodyRow{ID: c.ID, SHA256: c.SHA256, Act: c.Act, Purpose: c.Purpose, At: micros(c.At), By: c.By, Entry: c.Entry})
}

// CustodyOf gives the custody of originals, the oldest first.
func (tx *Tx) CustodyOf(hashes []string) (map[string][]models.Custody, error) {
	out := map[string][]models.Custody{}
	for from := 0; from < len(hashes); from += maxInList {
		rows, err := many[custodyRow](tx, "SELECT * FROM evidence_custody WHERE sha256 IN ? ORDER BY id", hashes[from:min(from+maxInList, len(hashes))])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.SHA256] = append(out[r.SHA256], models.Custody{ID: r.ID, SHA256: r.SHA256, Act: r.Act, Purpose: r.Purpose, At: instant(r.At), By: r.By, Entry: r.Entry})
		}
	}
	return out, nil
}

// InspectionsNaming gives the inspections whose events name a file, by the first event.
func (tx *Tx) InspectionsNaming(sha256 string) ([]models.Inspection, error) {
	return inspections(many[inspectionRow](tx, `SELECT i.* FROM inspections i WHERE EXISTS (SELECT 1 FROM evidence_names n WHERE n.inspection = i.id AND n.sha256 = ?) ORDER BY i.id`, sha256))
}

// EvidenceName says that an event names a file.
type EvidenceName struct {
	SHA256     string `gorm:"column:sha256"`
	Hash       string `gorm:"column:hash"` // of the event
	Inspection string `gorm:"column:inspection"`
	Event      string `gorm:"column:event_id"`
	NamedAt    int64  `gorm:"column:named_at"` // microseconds
}

// EvidenceNames gives who named files, the earliest first.
func (tx *Tx) EvidenceNames(hashes []string) (map[string][]EvidenceName, error) {
	out := map[string][]EvidenceName{}
	for from := 0; from < len(hashes); from += maxInList {
		rows, err := many[EvidenceName](tx, "SELECT * FROM evidence_names WHERE sha256 IN ? ORDER BY named_at, hash", hashes[from:min(from+maxInList, len(hashes))])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.SHA256] = append(out[r.SHA256], r)
		}
	}
	return out, nil
}

// MissingEvidence gives the files that the events of an inspection name and that have
// not come in.
func (tx *Tx) MissingEvidence(inspection string, limit int) ([]string, error) {
	return many[string](tx, `SELECT DISTINCT n.sha256 FROM evidence_names n WHERE n.inspection = ? AND NOT EXISTS
		(SELECT 1 FROM evidence_blobs b WHERE b.sha256 = n.sha256) ORDER BY n.sha256 LIMIT ?`, inspection, limit)
}
