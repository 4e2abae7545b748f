package documents

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rigistry/models"
)

// Statement is what the registry says about a document, in a form for programs;
// it is signed together with the pages.
type Statement struct {
	ID         string    `json:"id"`
	Number     string    `json:"number"`
	Kind       string    `json:"kind"`
	AsAt       time.Time `json:"as_at"`
	LedgerSize int64     `json:"ledger_size"`
}

// A signed file is a PDF, then comment lines that readers of PDF pass over:
//
//	%rigistry-document-signature/v1
//	%statement BASE64URL(JSON)
//	%key KID
//	%signature BASE64URL(Ed25519)
//	%%EOF
//
// The signature covers signatureDomain, the length of the PDF, the PDF and the
// statement. The block is short: readers look for the end of a PDF in its last
// 1024 bytes.
const (
	signatureMark   = "%rigistry-document-signature/v1\n"
	signatureDomain = "rigistry/document/v1\x00"
	maxBlock        = 900 // bytes
)

var base64url = base64.RawURLEncoding.Strict()

func signedMessage(pdf, statement []byte) []byte {
	m := fmt.Appendf([]byte(signatureDomain), "%d\x00", len(pdf))
	return append(append(m, pdf...), statement...)
}

func signatureBlock(statement []byte, kid string, signature []byte) string {
	return signatureMark + "%statement " + base64url.EncodeToString(statement) + "\n%key " + kid +
		"\n%signature " + base64url.EncodeToString(signature) + "\n%%EOF\n"
}

func kidOf(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// sign appends the signature block to a PDF.
func sign(pdf []byte, s Statement, key ed25519.PrivateKey) ([]byte, error) {
	statement, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode the statement of document %s: %w", s.Number, err)
	}
	if !bytes.HasSuffix(pdf, []byte("\n")) {
		pdf = append(pdf, '\n')
	}
	block := signatureBlock(statement, kidOf(key.Public().(ed25519.PublicKey)), ed25519.Sign(key, signedMessage(pdf, statement)))
	if len(block) > maxBlock {
		return nil, fmt.Errorf("the signature block of document %s has %d bytes", s.Number, len(block))
	}
	return append(pdf, block...), nil
}

// VerifyFile checks a signed document with public keys alone: every byte of the
// file is as the registry signed it, or there is an error that says what is wrong.
func VerifyFile(file []byte, keys []ed25519.PublicKey) (Statement, error) {
	at := bytes.LastIndex(file, []byte("\n"+signatureMark))
	if !bytes.HasPrefix(file, []byte("%PDF-")) || at < 0 {
		return Statement{}, errors.New("the file carries no signature of a registry")
	}
	pdf, block := file[:at+1], string(file[at+1:])
	var text, kid, signed string
	if _, err := fmt.Sscanf(block, "%"+signatureMark+"%%statement %s\n%%key %s\n%%signature %s\n%%%%EOF\n", &text, &kid, &signed); err != nil {
		return Statement{}, errors.New("the signature block is damaged")
	}
	statement, err := base64url.DecodeString(text)
	if err != nil {
		return Statement{}, errors.New("the statement in the signature block is damaged")
	}
	signature, err := base64url.DecodeString(signed)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return Statement{}, errors.New("the signature is damaged")
	}
	if signatureBlock(statement, kid, signature) != block {
		return Statement{}, errors.New("something was added to the signature block")
	}
	for _, key := range keys {
		if kidOf(key) != kid {
			continue
		}
		if !ed25519.Verify(key, signedMessage(pdf, statement), signature) {
			return Statement{}, errors.New("the file is not as it was signed")
		}
		var s Statement
		if err := json.Unmarshal(statement, &s); err != nil {
			return Statement{}, fmt.Errorf("the signed statement cannot be read: %w", err)
		}
		return s, nil
	}
	return Statement{}, fmt.Errorf("the key %s is not among the registry's document keys", kid)
}

func statementOf(d models.Document) Statement {
	return Statement{ID: d.ID, Number: d.Number, Kind: string(d.Kind), AsAt: d.AsAt, LedgerSize: d.LedgerSize}
}
