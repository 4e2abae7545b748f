package store

import (
	"errors"
	"time"

	"rigistry/models"
)

type requestRow struct {
	ID          string `gorm:"column:id"`
	Application string `gorm:"column:application"`
	Kind        string `gorm:"column:kind"`
	State       string `gorm:"column:state"`
	Agency      string `gorm:"column:agency"`
	Question    string `gorm:"column:question"`
	Items       string `gorm:"column:items"`
	AskedBy     string `gorm:"column:asked_by"`
	AskedAt     int64  `gorm:"column:asked_at"`
	SendBy      string `gorm:"column:send_by"`
	Due         string `gorm:"column:due"`
	Answer      string `gorm:"column:answer"`
	Changed     string `gorm:"column:changed"`
	ClosedBy    string `gorm:"column:closed_by"`
	ClosedAt    int64  `gorm:"column:closed_at"`
	Version     int64  `gorm:"column:version"`
}

func newRequestRow(r models.Request) (requestRow, error) {
	items, err := text(nonNil(r.Items))
	changed, err2 := text(nonNil(r.Changed))
	return requestRow{ID: r.ID, Application: r.Application, Kind: string(r.Kind), State: string(r.State), Agency: r.Agency, Question: r.Text,
		Items: items, AskedBy: r.AskedBy, AskedAt: micros(r.AskedAt), SendBy: r.SendBy, Due: r.Due, Answer: r.Answer, Changed: changed,
		ClosedBy: r.ClosedBy, ClosedAt: micros(r.ClosedAt), Version: r.Version}, errors.Join(err, err2)
}

func (r requestRow) request() (models.Request, error) {
	out := models.Request{ID: r.ID, Application: r.Application, Kind: models.RequestKind(r.Kind), State: models.RequestState(r.State),
		Agency: r.Agency, Text: r.Question, AskedBy: r.AskedBy, AskedAt: instant(r.AskedAt), SendBy: r.SendBy, Due: r.Due, Answer: r.Answer,
		ClosedBy: r.ClosedBy, ClosedAt: instant(r.ClosedAt), Version: r.Version}
	return out, errors.Join(parse(r.Items, &out.Items), parse(r.Changed, &out.Changed))
}

// InsertRequest adds a request. A second open correction of one application is a
// conflict.
func (tx *Tx) InsertRequest(r models.Request) error {
	row, err := newRequestRow(r)
	if err != nil {
		return err
	}
	return insert(tx, "application_requests", &row)
}

// UpdateRequest saves the answer to a request, or its new term, when it still has
// the version before r.Version.
func (tx *Tx) UpdateRequest(r models.Request) error {
	row, err := newRequestRow(r)
	if err != nil {
		return err
	}
	return updateVersion(tx, "application_requests", r.ID, r.Version-1, map[string]any{"state": row.State, "due": row.Due,
		"answer": row.Answer, "changed": row.Changed, "closed_by": row.ClosedBy, "closed_at": row.ClosedAt})
}

// VoidRequests ends what is still open of an application whose matter has ended.
func (tx *Tx) VoidRequests(application, by string) error {
	_, err := exec(tx, "UPDATE application_requests SET state = 'void', closed_by = ?, closed_at = ?, version = version + 1 WHERE application = ? AND state = 'open'",
		by, micros(tx.Now), application)
	return err
}

// Request finds a request of an application.
func (tx *Tx) Request(application, id string) (models.Request, error) {
	r, err := one[requestRow](tx, "request", id, "SELECT * FROM application_requests WHERE id = ? AND application = ?", id, application)
	if err != nil {
		return models.Request{}, err
	}
	return r.request()
}

// Requests gives all requests of an application in the order of time.
func (tx *Tx) Requests(application string) ([]models.Request, error) {
	return requests(many[requestRow](tx, "SELECT * FROM application_requests WHERE application = ? ORDER BY asked_at, id", application))
}

// RequestsEnded gives open requests whose last day for an answer is before a legal
// date, at most limit.
func (tx *Tx) RequestsEnded(date string, limit int) ([]models.Request, error) {
	return requests(many[requestRow](tx, "SELECT * FROM application_requests WHERE state = 'open' AND due < ? ORDER BY due, id LIMIT ?", date, limit))
}

func requests(rows []requestRow, err error) ([]models.Request, error) {
	out := make([]models.Request, 0, len(rows))
	for _, row := range rows {
		r, bad := row.request()
		out, err = append(out, r), errors.Join(err, bad)
	}
	return out, err
}

// contentForm is how the content of an application is stored.
type contentForm struct {
	SubType     models.SubType
	Language    string
	SupplyBasis string
	Declared    models.Watts
	Sites       []models.ApplicationSite
	Host        string
	Equipment   []models.DeclaredEquipment
	FeePaid     models.Tiyn
	FeeDocument string
	Note        string

	Base         string
	Reason       string
	Documents    string
	HostContract models.HostContract
}

type contentRow struct {
	Application string `gorm:"column:application"`
	Version     int64  `gorm:"column:version"`
	Content     string `gorm:"column:content"`
	Request     string `gorm:"column:request"`
	ReplacedAt  int64  `gorm:"column:replaced_at"`
}

// Content is what an application asked for until a correction replaced it.
type Content struct {
	Application models.Application // the content and its version only
	Request     string             // the correction request that led to the next content
	ReplacedAt  time.Time
}

// KeepContent keeps what an application asks for before the answer to a request
// replaces it.
func (tx *Tx) KeepContent(a models.Application, request string) error {
	content, err := text(contentForm{a.SubType, a.Language, a.SupplyBasis, a.Declared, nonNil(a.Sites), a.Host, nonNil(a.Equipment), a.FeePaid, a.FeeDocument, a.Note,
		a.Base, a.Reason, a.Documents, a.HostContract})
	if err != nil {
		return err
	}
	return insert(tx, "application_contents", &contentRow{a.ID, a.Version, content, request, micros(tx.Now)})
}

// Contents gives what an application asked for before each correction, the oldest
// first.
func (tx *Tx) Contents(application string) ([]Content, error) {
	rows, err := many[contentRow](tx, "SELECT * FROM application_contents WHERE application = ? ORDER BY version", application)
	out := make([]Content, 0, len(rows))
	for _, r := range rows {
		var f contentForm
		err = errors.Join(err, parse(r.Content, &f))
		out = append(out, Content{Request: r.Request, ReplacedAt: instant(r.ReplacedAt), Application: models.Application{ID: r.Application, Version: r.Version,
			SubType: f.SubType, Language: f.Language, SupplyBasis: f.SupplyBasis, Declared: f.Declared, Sites: f.Sites, Host: f.Host,
			Equipment: f.Equipment, FeePaid: f.FeePaid, FeeDocument: f.FeeDocument, Note: f.Note,
			Base: f.Base, Reason: f.Reason, Documents: f.Documents, HostContract: f.HostContract}})
	}
	return out, err
}
