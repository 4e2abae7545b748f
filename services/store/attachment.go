package store

import "rigistry/models"

type attachmentRow struct {
	ID          string `gorm:"column:id"`
	Application string `gorm:"column:application"`
	Requirement string `gorm:"column:requirement"`
	Name        string `gorm:"column:name"`
	MediaType   string `gorm:"column:media_type"`
	Bytes       int64  `gorm:"column:bytes"`
	SHA256      string `gorm:"column:sha256"`
	CreatedBy   string `gorm:"column:created_by"`
	CreatedAt   int64  `gorm:"column:created_at;autoCreateTime:false"`
	RemovedBy   string `gorm:"column:removed_by"`
	RemovedAt   int64  `gorm:"column:removed_at"`
}

func (r attachmentRow) attachment() models.Attachment {
	return models.Attachment{ID: r.ID, Application: r.Application, Requirement: r.Requirement, Name: r.Name, MediaType: r.MediaType, Bytes: r.Bytes,
		SHA256: r.SHA256, By: r.CreatedBy, Created: instant(r.CreatedAt), RemovedBy: r.RemovedBy, Removed: instant(r.RemovedAt)}
}

func attachments(rows []attachmentRow, err error) ([]models.Attachment, error) {
	out := make([]models.Attachment, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.attachment())
	}
	return out, err
}

// InsertAttachment adds the record of an attachment, and its content when no other
// attachment has it.
func (tx *Tx) InsertAttachment(a models.Attachment, content []byte) error {
	_, err := exec(tx, "INSERT INTO attachment_files (sha256, bytes, content) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING", a.SHA256, a.Bytes, content)
	if err != nil {
		return err
	}
	return insert(tx, "application_attachments", &attachmentRow{ID: a.ID, Application: a.Application, Requirement: a.Requirement, Name: a.Name,
		MediaType: a.MediaType, Bytes: a.Bytes, SHA256: a.SHA256, CreatedBy: a.By, CreatedAt: micros(a.Created)})
}

// RemoveAttachment marks an attachment that stands as removed.
func (tx *Tx) RemoveAttachment(a models.Attachment) error {
	n, err := exec(tx, "UPDATE application_attachments SET removed_by = ?, removed_at = ? WHERE id = ? AND removed_by = ''", a.RemovedBy, micros(a.Removed), a.ID)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

// Attachments gives the attachments of an application in the order of time, also
// those that were removed.
func (tx *Tx) Attachments(application string) ([]models.Attachment, error) {
	return attachments(many[attachmentRow](tx, "SELECT * FROM application_attachments WHERE application = ? ORDER BY id", application))
}

// Attachment finds an attachment of an application.
func (tx *Tx) Attachment(application, id string) (models.Attachment, error) {
	r, err := one[attachmentRow](tx, "attachment", id, "SELECT * FROM application_attachments WHERE application = ? AND id = ?", application, id)
	return r.attachment(), err
}

// AttachmentFile gives a content by its hash.
func (tx *Tx) AttachmentFile(sha256 string) ([]byte, error) {
	type row struct {
		Content []byte `gorm:"column:content"`
	}
	r, err := one[row](tx, "file", sha256, "SELECT content FROM attachment_files WHERE sha256 = ?", sha256)
	return r.Content, err
}
