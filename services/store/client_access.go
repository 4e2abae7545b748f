package store

import (
	"time"

	"rigistry/models"
)

type clientKeyRow struct {
	ClientID   string `gorm:"column:client_id"`
	Credential string `gorm:"column:credential"`
	JWK        string `gorm:"column:jwk"`
	Proof      string `gorm:"column:proof"`
	AddedBy    string `gorm:"column:added_by"`
	AddedAt    int64  `gorm:"column:added_at"`
	RetireAt   int64  `gorm:"column:retire_at"`
	RetiredBy  string `gorm:"column:retired_by"`
	UsedAt     int64  `gorm:"column:used_at"`
}

// ClientKeys gives the recorded credentials of a client, the oldest first. What came
// with the registration is recorded with its first use or its end.
func (tx *Tx) ClientKeys(client string) ([]models.ClientKey, error) {
	rows, err := many[clientKeyRow](tx, "SELECT * FROM client_keys WHERE client_id = ? ORDER BY added_at, credential", client)
	out := make([]models.ClientKey, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.ClientKey{Client: r.ClientID, Credential: r.Credential, JWK: r.JWK, Proof: r.Proof, AddedBy: r.AddedBy,
			Added: instant(r.AddedAt), Retire: instant(r.RetireAt), RetiredBy: r.RetiredBy, Used: instant(r.UsedAt)})
	}
	return out, err
}

// PutClientKey records a credential, or its end and last use.
func (tx *Tx) PutClientKey(k models.ClientKey) error {
	_, err := exec(tx, `INSERT INTO client_keys (client_id, credential, jwk, proof, added_by, added_at, retire_at, retired_by, used_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (client_id, credential) DO UPDATE SET
		retire_at = excluded.retire_at, retired_by = excluded.retired_by, used_at = excluded.used_at`,
		k.Client, k.Credential, k.JWK, k.Proof, k.AddedBy, micros(k.Added), micros(k.Retire), k.RetiredBy, micros(k.Used))
	return err
}

// UseClientKey notes that a credential was used now.
func (tx *Tx) UseClientKey(k models.ClientKey) error {
	_, err := exec(tx, `INSERT INTO client_keys (client_id, credential, jwk, proof, added_by, added_at, retire_at, retired_by, used_at)
		VALUES (?, ?, ?, 'registration', ?, ?, 0, '', ?) ON CONFLICT (client_id, credential) DO UPDATE SET used_at = excluded.used_at`,
		k.Client, k.Credential, k.JWK, k.AddedBy, micros(k.Added), micros(tx.Now))
	return err
}

// InsertClientCode adds a one-time code by its SHA-256.
func (tx *Tx) InsertClientCode(client string, codeHash []byte, by string, until time.Time) error {
	_, err := exec(tx, "INSERT INTO client_codes (code_hash, client_id, issued_by, issued_at, until_at, used_at) VALUES (?, ?, ?, ?, ?, 0)",
		blob(codeHash), client, by, micros(tx.Now), micros(until))
	return err
}

// UseClientCode uses a code up; false says that there is no such code that is good.
func (tx *Tx) UseClientCode(client string, codeHash []byte) (bool, error) {
	n, err := exec(tx, "UPDATE client_codes SET used_at = ? WHERE code_hash = ? AND client_id = ? AND used_at = 0 AND until_at > ?",
		micros(tx.Now), blob(codeHash), client, micros(tx.Now))
	return n == 1, err
}

type clientTermsRow struct {
	PerMinute   int64  `gorm:"column:per_minute"`
	PerDay      int64  `gorm:"column:per_day"`
	Trial       int64  `gorm:"column:trial"`
	Operator    int64  `gorm:"column:operator"`
	Certificate string `gorm:"column:certificate"`
}

// ClientTerms gives what was decided about a client; the zero value when nothing was.
func (tx *Tx) ClientTerms(client string) (models.ClientTerms, error) {
	rows, err := many[clientTermsRow](tx, "SELECT * FROM client_terms WHERE client_id = ?", client)
	if err != nil || len(rows) == 0 {
		return models.ClientTerms{}, err
	}
	r := rows[0]
	return models.ClientTerms{PerMinute: r.PerMinute, PerDay: r.PerDay, Trial: r.Trial == 1, Operator: r.Operator == 1, Certificate: r.Certificate}, nil
}

// SetClientTerms saves it.
func (tx *Tx) SetClientTerms(client string, t models.ClientTerms) error {
	_, err := exec(tx, `INSERT INTO client_terms (client_id, per_minute, per_day, trial, operator, certificate, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (client_id) DO UPDATE SET per_minute = excluded.per_minute, per_day = excluded.per_day, trial = excluded.trial,
		operator = excluded.operator, certificate = excluded.certificate, updated_at = excluded.updated_at`,
		client, t.PerMinute, t.PerDay, flag(t.Trial), flag(t.Operator), t.Certificate, micros(tx.Now))
	return err
}

// AddClientUsage counts what a client asked on a day and gives the day's totals, of
// all processes.
func (tx *Tx) AddClientUsage(client string, u models.ClientUsage) (models.ClientUsage, error) {
	_, err := exec(tx, `INSERT INTO client_usage (client_id, day, checks, refused, unknown) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (client_id, day) DO UPDATE SET checks = client_usage.checks + excluded.checks,
		refused = client_usage.refused + excluded.refused, unknown = client_usage.unknown + excluded.unknown`, client, u.Day, u.Checks, u.Refused, u.Unknown)
	if err != nil {
		return u, err
	}
	return tx.ClientUsage(client, u.Day)
}

// ClientUsage gives what a client asked on a day.
func (tx *Tx) ClientUsage(client, day string) (models.ClientUsage, error) {
	type row struct {
		Checks  int64 `gorm:"column:checks"`
		Refused int64 `gorm:"column:refused"`
		Unknown int64 `gorm:"column:unknown"`
	}
	rows, err := many[row](tx, "SELECT checks, refused, unknown FROM client_usage WHERE client_id = ? AND day = ?", client, day)
	if err != nil || len(rows) == 0 {
		return models.ClientUsage{Day: day}, err
	}
	return models.ClientUsage{Day: day, Checks: rows[0].Checks, Refused: rows[0].Refused, Unknown: rows[0].Unknown}, nil
}

// ClientsOf gives the clients of a utility by id.
func (tx *Tx) ClientsOf(utility string) ([]models.Client, error) {
	rows, err := many[clientRow](tx, "SELECT * FROM clients WHERE role = 'utility' AND utility = ? ORDER BY id LIMIT 1000", utility)
	out := make([]models.Client, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.client())
	}
	return out, err
}
