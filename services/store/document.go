package store

import "rigistry/models"

type documentRow struct {
	ID          string `gorm:"column:id"`
	Number      string `gorm:"column:number"`
	Kind        string `gorm:"column:kind"`
	SubjectKind string `gorm:"column:subject_kind"`
	SubjectID   string `gorm:"column:subject_id"`
	License     string `gorm:"column:license"`
	Party       string `gorm:"column:party"`
	SHA256      string `gorm:"column:sha256"`
	Bytes       int64  `gorm:"column:bytes"`
	LedgerSize  int64  `gorm:"column:ledger_size"`
	AsAt        int64  `gorm:"column:facts_at"`
	CreatedBy   string `gorm:"column:created_by"`
	CreatedAt   int64  `gorm:"column:created_at"`
}

type documentFileRow struct {
	Document string `gorm:"column:document"`
	Content  []byte `gorm:"column:content"`
}

func (r documentRow) document() models.Document {
	return models.Document{ID: r.ID, Number: r.Number, Kind: models.DocumentKind(r.Kind), Subject: models.Ref{Kind: r.SubjectKind, ID: r.SubjectID},
		License: r.License, Party: r.Party, SHA256: r.SHA256, Bytes: r.Bytes, LedgerSize: r.LedgerSize, AsAt: instant(r.AsAt),
		CreatedBy: r.CreatedBy, CreatedAt: instant(r.CreatedAt)}
}

// InsertDocument adds the record of a document and its file. Neither ever changes.
func (tx *Tx) InsertDocument(d models.Document, content []byte) error {
	err := insert(tx, "documents", &documentRow{ID: d.ID, Number: d.Number, Kind: string(d.Kind), SubjectKind: d.Subject.Kind, SubjectID: d.Subject.ID,
		License: d.License, Party: d.Party, SHA256: d.SHA256, Bytes: d.Bytes, LedgerSize: d.LedgerSize, AsAt: micros(d.AsAt),
		CreatedBy: d.CreatedBy, CreatedAt: micros(d.CreatedAt)})
	if err != nil {
		return err
	}
	return insert(tx, "document_files", &documentFileRow{Document: d.ID, Content: content})
}

// Document gives the record of a document by id or number.
func (tx *Tx) Document(idOrNumber string) (models.Document, error) {
	r, err := one[documentRow](tx, "document", idOrNumber, "SELECT * FROM documents WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	return r.document(), err
}

// DocumentFile gives the bytes of a document.
func (tx *Tx) DocumentFile(id string) ([]byte, error) {
	r, err := one[documentFileRow](tx, "document", id, "SELECT * FROM document_files WHERE document = ?", id)
	return r.Content, err
}

// DocumentFilter narrows a list of documents; "" does not narrow.
type DocumentFilter struct {
	Kind    string
	License string // number of the license it is about
	Subject string // id of its subject
	Party   string // party id of whom it is about
}

// Documents lists documents, the newest first, before the id.
func (tx *Tx) Documents(f DocumentFilter, page Page) ([]models.Document, error) {
	w := where{}
	w.equal("kind", f.Kind)
	w.equal("license", f.License)
	w.equal("subject_id", f.Subject)
	w.equal("party", f.Party)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[documentRow](tx, "SELECT * FROM documents"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Document, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.document())
	}
	return out, err
}

// LicensesEverOf gives each license that a BIN or IIN ever held: every version that
// held for some time, as is known now, in the order of numbers and versions.
func (tx *Tx) LicensesEverOf(binOrIin string) ([]models.License, error) {
	return tx.licenses(many[licenseRow](tx, `SELECT v.* FROM license_versions v WHERE v.number IN
		(SELECT number FROM license_versions WHERE holder_bin = ?) AND `+heldSometime+` ORDER BY v.number, v.version`, binOrIin))
}

// LicensesEverAt gives each license that ever covered a connection point: every
// version that held for some time, as is known now, in the order of numbers and
// versions.
func (tx *Tx) LicensesEverAt(code string) ([]models.License, error) {
	return tx.licenses(many[licenseRow](tx, `SELECT v.* FROM license_versions v WHERE v.number IN
		(SELECT number FROM license_sites WHERE connection_code = ?) AND `+heldSometime+` ORDER BY v.number, v.version`, code))
}
