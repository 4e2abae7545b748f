package store

import (
	"time"

	"rigistry/models"
)

// KeptAnswer is the answer that was given to a request with an idempotency key.
// Status is 0 while the first request has not finished.
type KeptAnswer struct {
	Digest  string // of method, path and body
	Status  int
	Headers map[string]string
	Body    []byte
}

type idempotencyRow struct {
	Actor   string `gorm:"column:actor"`
	Key     string `gorm:"column:request_key"`
	Digest  string `gorm:"column:digest"`
	Status  int64  `gorm:"column:status"`
	Headers string `gorm:"column:headers"`
	Body    []byte `gorm:"column:body"`
	At      int64  `gorm:"column:at"`
}

// ClaimKey takes the key for this request, or gives what is kept under it
// already. Two requests that race for one key get one claim.
func (tx *Tx) ClaimKey(actor, key, digest string) (kept *KeptAnswer, err error) {
	rows, err := many[idempotencyRow](tx, "SELECT * FROM idempotency_keys WHERE actor = ? AND request_key = ?", actor, key)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, insert(tx, "idempotency_keys", &idempotencyRow{Actor: actor, Key: key, Digest: digest, Headers: "{}", Body: []byte{}, At: micros(tx.Now)})
	}
	kept = &KeptAnswer{Digest: rows[0].Digest, Status: int(rows[0].Status), Body: rows[0].Body}
	return kept, parse(rows[0].Headers, &kept.Headers)
}

// KeepAnswer stores the answer under a key that was claimed.
func (tx *Tx) KeepAnswer(actor, key string, answer KeptAnswer) error {
	headers, err := text(answer.Headers)
	if err != nil {
		return err
	}
	n, err := exec(tx, "UPDATE idempotency_keys SET status = ?, headers = ?, body = ? WHERE actor = ? AND request_key = ? AND status = 0",
		answer.Status, headers, answer.Body, actor, key)
	if err == nil && n != 1 {
		return models.Errorf(models.CodeConflict, "The idempotency key was not claimed.")
	}
	return err
}

// ReleaseKey gives a claimed key back: the request failed and left nothing.
func (tx *Tx) ReleaseKey(actor, key string) error {
	_, err := exec(tx, "DELETE FROM idempotency_keys WHERE actor = ? AND request_key = ? AND status = 0", actor, key)
	return err
}

// ForgetKeys removes keys that were claimed before the instant, with their
// answers, and gives their number.
func (tx *Tx) ForgetKeys(before time.Time) (int64, error) {
	return exec(tx, "DELETE FROM idempotency_keys WHERE at < ?", micros(before))
}
