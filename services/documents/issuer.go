package documents

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Issuer makes documents from what the register holds, signs them and keeps what
// it issued. It is safe for concurrent use.
type Issuer struct {
	papers  *Service
	store   *store.Store
	key     ed25519.PrivateKey
	baseURL string
}

// NewIssuer makes the issuer. key signs documents; baseURL is where the public
// pages are. It starts nothing.
func NewIssuer(papers *Service, s *store.Store, key ed25519.PrivateKey, baseURL string) *Issuer {
	return &Issuer{papers: papers, store: s, key: key, baseURL: baseURL}
}

// draft is a document before it is drawn: what it is about and what stands on it.
type draft struct {
	subject models.Ref
	license string
	party   string
	asAt    time.Time
	letter  *letter       // nil for a license
	paper   *LicenseFacts // nil for a letter
}

// Issue makes, signs and keeps a document. CodeInvalid names what is wrong with
// the request; CodeConflict says that the register does not hold what the document
// would say: no refusal, or a license where its absence was to be certified.
//
// The facts and the number are of one snapshot. Drawing takes time and needs no
// database, so it stands between two transactions: a number can be skipped by a
// crash, and is never used twice.
func (i *Issuer) Issue(ctx context.Context, actor models.Actor, r models.DocumentRequest) (models.Document, error) {
	if err := models.Can(actor, models.ActDocumentIssue, models.Scope{}); err != nil {
		return models.Document{}, err
	}
	r.License, r.BinOrIin = models.NormalizeIdentifier(r.License), models.NormalizeIdentifier(r.BinOrIin)
	var (
		d models.Document
		w draft
	)
	err := i.store.Update(ctx, func(tx *store.Tx) (err error) {
		d, w, err = i.begin(tx, actor, r)
		return err
	})
	if err != nil {
		return models.Document{}, err
	}
	file, err := i.draw(w, &d, actor.Name)
	if err != nil {
		return models.Document{}, err
	}
	if err := i.store.Update(ctx, func(tx *store.Tx) error { return keep(tx, actor, d, file) }); err != nil {
		return models.Document{}, err
	}
	return d, nil
}

// begin gathers the facts of a document and gives it its number.
func (i *Issuer) begin(tx *store.Tx, actor models.Actor, r models.DocumentRequest) (d models.Document, w draft, err error) {
	if err := r.Check(models.LegalDate(tx.Now)); err != nil {
		return d, w, err
	}
	g, err := i.gatherFrom(tx, r)
	if err != nil {
		return d, w, err
	}
	if w, err = g.gather(); err != nil {
		return d, w, err
	}
	head, err := tx.Head()
	if err != nil {
		return d, w, err
	}
	series, n, err := tx.NextNumber("document")
	d = models.Document{ID: tx.NewID(), Number: fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n), Kind: r.Kind, Subject: w.subject,
		License: w.license, Party: w.party, LedgerSize: head.Size, AsAt: w.asAt, CreatedBy: actor.ID, CreatedAt: tx.Now}
	return d, w, err
}

// keep stores a document with its bytes and leaves the fact.
func keep(tx *store.Tx, actor models.Actor, d models.Document, file []byte) error {
	if err := tx.InsertDocument(d, file); err != nil {
		return err
	}
	_, err := tx.Append(models.Entry{Kind: "document.issued", Subject: models.Ref{Kind: "document", ID: d.ID}, Actor: actor, Body: factOf(d)})
	return err
}

// factOf is what the ledger says of a document. Whom it is about is personal data
// and is not there; the digest binds it.
func factOf(d models.Document) map[string]any {
	body := map[string]any{"number": d.Number, "kind": d.Kind, "sha256": d.SHA256, "bytes": d.Bytes, "ledger_size": d.LedgerSize, "as_at": d.AsAt}
	if d.License != "" {
		body["license"] = d.License
	}
	return body
}

// draw makes and signs the file, and tells the document its digest and length.
func (i *Issuer) draw(w draft, d *models.Document, issuedBy string) ([]byte, error) {
	var (
		pdf []byte
		err error
	)
	if w.paper != nil {
		w.paper.MadeAt = d.CreatedAt
		pdf, err = i.papers.LicensePDF(*w.paper)
	} else {
		l := *w.letter
		l.kind, l.number, l.asAt, l.madeAt, l.ledgerSize, l.issuedBy = d.Kind, d.Number, d.AsAt, d.CreatedAt, d.LedgerSize, issuedBy
		pdf, err = i.papers.letterPDF(l)
	}
	if err != nil {
		return nil, err
	}
	file, err := sign(pdf, statementOf(*d), i.key)
	sum := sha256.Sum256(file)
	d.SHA256, d.Bytes = hex.EncodeToString(sum[:]), int64(len(file))
	return file, err
}

// mayRead narrows what an actor reads to the documents about its party, when it
// reads as an applicant only; "" for everybody else.
func mayRead(actor models.Actor) (party string, err error) {
	if err := models.Can(actor, models.ActDocumentRead, models.Scope{}); err != nil {
		return "", err
	}
	const other = "another party" // no id looks like this
	if models.Can(actor, models.ActDocumentRead, models.Scope{Party: other}) == nil {
		return "", nil
	}
	if actor.Party == "" {
		return other, nil
	}
	return actor.Party, nil
}

// Document gives the record of a document by id or number. An applicant sees
// those about its own party.
func (i *Issuer) Document(ctx context.Context, actor models.Actor, idOrNumber string) (d models.Document, err error) {
	party, err := mayRead(actor)
	if err != nil {
		return d, err
	}
	err = i.store.View(ctx, func(tx *store.Tx) error {
		d, err = tx.Document(idOrNumber)
		if err == nil && party != "" && d.Party != party {
			err = models.NotFound("document", idOrNumber)
		}
		return err
	})
	if err != nil {
		return models.Document{}, err
	}
	return d, nil
}

// File gives a document with its bytes, as they were signed.
func (i *Issuer) File(ctx context.Context, actor models.Actor, idOrNumber string) (d models.Document, content []byte, err error) {
	if d, err = i.Document(ctx, actor, idOrNumber); err != nil {
		return d, nil, err
	}
	err = i.store.View(ctx, func(tx *store.Tx) error {
		content, err = tx.DocumentFile(d.ID)
		return err
	})
	return d, content, err
}

// Documents lists what was issued, the newest first, and gives the cursor of the
// next page. An applicant sees what is about its own party.
func (i *Issuer) Documents(ctx context.Context, actor models.Actor, f store.DocumentFilter, page store.Page) (out []models.Document, next string, err error) {
	party, err := mayRead(actor)
	if err != nil {
		return nil, "", err
	}
	if party != "" {
		f.Party = party
	}
	err = i.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Documents(f, page)
		return err
	})
	if err == nil && len(out) == page.Size() {
		next = out[len(out)-1].ID
	}
	return out, next, err
}
