package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"rigistry/models"
)

type userRow struct {
	ID           string `gorm:"column:id"`
	Login        string `gorm:"column:login"`
	Name         string `gorm:"column:name"`
	Roles        string `gorm:"column:roles"`
	Unit         string `gorm:"column:unit"`
	Party        string `gorm:"column:party"`
	Utility      string `gorm:"column:utility"`
	PasswordHash string `gorm:"column:password_hash"`
	DisabledAt   int64  `gorm:"column:disabled_at"`
	Version      int64  `gorm:"column:version"`
	CreatedAt    int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt    int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

func (r userRow) user() (models.User, error) {
	u := models.User{
		ID: r.ID, Login: r.Login, Name: r.Name, Unit: r.Unit, Party: r.Party, Utility: r.Utility,
		Disabled: instant(r.DisabledAt), Version: r.Version, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt),
	}
	if err := parse(r.Roles, &u.Roles); err != nil {
		return models.User{}, fmt.Errorf("roles of user %s: %w", r.ID, err)
	}
	return u, nil
}

// InsertUser adds a person with the encoded hash of the password. A login that
// is taken gives CodeConflict.
func (tx *Tx) InsertUser(u models.User, passwordHash string) error {
	roles, err := text(u.Roles)
	if err != nil {
		return err
	}
	return insert(tx, "users", &userRow{
		ID: u.ID, Login: u.Login, Name: u.Name, Roles: roles, Unit: u.Unit, Party: u.Party, Utility: u.Utility,
		PasswordHash: passwordHash, DisabledAt: micros(u.Disabled), Version: u.Version,
		CreatedAt: micros(u.Created), UpdatedAt: micros(u.Updated),
	})
}

func userOf(r userRow, err error) (models.User, error) {
	if err != nil {
		return models.User{}, err
	}
	return r.user()
}

// User gives the person with the id.
func (tx *Tx) User(id string) (models.User, error) {
	return userOf(one[userRow](tx, "user", id, "SELECT * FROM users WHERE id = ?", id))
}

// UserByLogin gives the person with the folded login.
func (tx *Tx) UserByLogin(login string) (models.User, error) {
	return userOf(one[userRow](tx, "user", login, "SELECT * FROM users WHERE login = ?", login))
}

// PasswordHash gives the encoded hash of a person's password.
func (tx *Tx) PasswordHash(userID string) (string, error) {
	return one[string](tx, "user", userID, "SELECT password_hash FROM users WHERE id = ?", userID)
}

// SetPasswordHash replaces it, when the person's row still has the version.
func (tx *Tx) SetPasswordHash(userID string, version int64, passwordHash string) error {
	return updateVersion(tx, "users", userID, version, map[string]any{"password_hash": passwordHash, "updated_at": micros(tx.Now)})
}

// Users lists people by login.
func (tx *Tx) Users(page Page) ([]models.User, error) {
	rows, err := many[userRow](tx, "SELECT * FROM users WHERE login > ? ORDER BY login LIMIT ?", page.After, page.Size())
	if err != nil {
		return nil, err
	}
	out := make([]models.User, 0, len(rows))
	for _, r := range rows {
		u, err := r.user()
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// DisableUser stops the account, when it still has the version, and ends the
// person's sessions.
func (tx *Tx) DisableUser(id string, version int64) error {
	if err := updateVersion(tx, "users", id, version, map[string]any{"disabled_at": micros(tx.Now), "updated_at": micros(tx.Now)}); err != nil {
		return err
	}
	return tx.DeleteUserSessions(id)
}

// Session is a signed-in browser as it is stored.
type Session struct {
	User    string
	Created time.Time
	Seen    time.Time
	Until   time.Time // absolute end
	// Authenticated is when the person last proved who they are by the password.
	Authenticated time.Time
}

type sessionRow struct {
	TokenHash []byte `gorm:"column:token_hash"`
	UserID    string `gorm:"column:user_id"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
	SeenAt    int64  `gorm:"column:seen_at"`
	UntilAt   int64  `gorm:"column:until_at"`

	AuthenticatedAt int64 `gorm:"column:authenticated_at"`
}

// InsertSession adds a session under the SHA-256 of its cookie's value.
func (tx *Tx) InsertSession(tokenHash []byte, s Session) error {
	return insert(tx, "sessions", &sessionRow{
		TokenHash: tokenHash, UserID: s.User, CreatedAt: micros(s.Created), SeenAt: micros(s.Seen), UntilAt: micros(s.Until),
		AuthenticatedAt: micros(s.Authenticated),
	})
}

// Session gives the session with the hash, expired or not.
func (tx *Tx) Session(tokenHash []byte) (Session, error) {
	r, err := one[sessionRow](tx, "session", "of this cookie", "SELECT * FROM sessions WHERE token_hash = ?", tokenHash)
	return Session{User: r.UserID, Created: instant(r.CreatedAt), Seen: instant(r.SeenAt), Until: instant(r.UntilAt),
		Authenticated: instant(r.AuthenticatedAt)}, err
}

// TouchSession notes that the session was used now.
func (tx *Tx) TouchSession(tokenHash []byte) error {
	_, err := exec(tx, "UPDATE sessions SET seen_at = ? WHERE token_hash = ?", micros(tx.Now), tokenHash)
	return err
}

// AuthenticateSession notes that the person proved who they are now.
func (tx *Tx) AuthenticateSession(tokenHash []byte) error {
	_, err := exec(tx, "UPDATE sessions SET authenticated_at = ?, seen_at = ? WHERE token_hash = ?", micros(tx.Now), micros(tx.Now), tokenHash)
	return err
}

// DeleteSession ends a session; one that is gone already is no error.
func (tx *Tx) DeleteSession(tokenHash []byte) error {
	_, err := exec(tx, "DELETE FROM sessions WHERE token_hash = ?", tokenHash)
	return err
}

// DeleteUserSessions ends every session of a person.
func (tx *Tx) DeleteUserSessions(userID string) error {
	_, err := exec(tx, "DELETE FROM sessions WHERE user_id = ?", userID)
	return err
}

// Attempts are the failed sign-ins under one limit.
type Attempts struct {
	Failures     int64
	Last         time.Time
	BlockedUntil time.Time
}

// blob is bytes as one parameter. gorm spells a plain slice that follows a "("
// out into one parameter a byte.
type blob []byte

// Value gives the bytes to the driver.
func (b blob) Value() (driver.Value, error) { return []byte(b), nil }

type attemptRow struct {
	Failures       int64 `gorm:"column:failures"`
	LastAt         int64 `gorm:"column:last_at"`
	BlockedUntilAt int64 `gorm:"column:blocked_until_at"`
}

// Attempts gives the failures under a limit; none is the zero value.
func (tx *Tx) Attempts(limitKey []byte) (Attempts, error) {
	rows, err := many[attemptRow](tx, "SELECT failures, last_at, blocked_until_at FROM signin_attempts WHERE limit_key = ?", limitKey)
	if err != nil || len(rows) == 0 {
		return Attempts{}, err
	}
	return Attempts{Failures: rows[0].Failures, Last: instant(rows[0].LastAt), BlockedUntil: instant(rows[0].BlockedUntilAt)}, nil
}

// SetAttempts saves the failures under a limit.
func (tx *Tx) SetAttempts(limitKey []byte, a Attempts) error {
	_, err := exec(tx, `INSERT INTO signin_attempts (limit_key, failures, last_at, blocked_until_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (limit_key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, blocked_until_at = excluded.blocked_until_at`,
		blob(limitKey), a.Failures, micros(a.Last), micros(a.BlockedUntil))
	return err
}

type clientRow struct {
	ID         string `gorm:"column:id"`
	Name       string `gorm:"column:name"`
	Role       string `gorm:"column:role"`
	Utility    string `gorm:"column:utility"`
	Collector  string `gorm:"column:collector"`
	SecretHash []byte `gorm:"column:secret_hash"`
	PublicJWK  string `gorm:"column:public_jwk"`
	DisabledAt int64  `gorm:"column:disabled_at"`
	Version    int64  `gorm:"column:version"`
	CreatedAt  int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt  int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

func (r clientRow) client() models.Client {
	return models.Client{
		ID: r.ID, Name: r.Name, Role: models.Role(r.Role), Utility: r.Utility, Collector: r.Collector, PublicJWK: r.PublicJWK,
		Disabled: instant(r.DisabledAt), Version: r.Version, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt),
	}
}

// InsertClient adds an API client with the SHA-256 of its secret. An id that is
// taken gives CodeConflict.
func (tx *Tx) InsertClient(c models.Client, secretHash []byte) error {
	return insert(tx, "clients", &clientRow{
		ID: c.ID, Name: c.Name, Role: string(c.Role), Utility: c.Utility, Collector: c.Collector, SecretHash: secretHash,
		PublicJWK: c.PublicJWK, DisabledAt: micros(c.Disabled), Version: c.Version, CreatedAt: micros(c.Created), UpdatedAt: micros(c.Updated),
	})
}

// Client gives the API client and the SHA-256 of its secret.
func (tx *Tx) Client(id string) (models.Client, []byte, error) {
	r, err := one[clientRow](tx, "client", id, "SELECT * FROM clients WHERE id = ?", id)
	return r.client(), r.SecretHash, err
}

// Clients lists API clients by id.
func (tx *Tx) Clients(page Page) ([]models.Client, error) {
	rows, err := many[clientRow](tx, "SELECT * FROM clients WHERE id > ? ORDER BY id LIMIT ?", page.After, page.Size())
	out := make([]models.Client, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.client())
	}
	return out, err
}

// DisableClient stops a client, when it still has the version.
func (tx *Tx) DisableClient(id string, version int64) error {
	return updateVersion(tx, "clients", id, version, map[string]any{"disabled_at": micros(tx.Now), "updated_at": micros(tx.Now)})
}

// ErrReplayed says that a client assertion was used before.
var ErrReplayed = errors.New("the client assertion was used before")

// UseAssertion marks the assertion's id as used until the instant, or gives
// ErrReplayed.
func (tx *Tx) UseAssertion(clientID string, jtiHash []byte, until time.Time) error {
	n, err := exec(tx, `INSERT INTO client_assertions (client_id, jti_hash, until_at) VALUES (?, ?, ?)
		ON CONFLICT (client_id, jti_hash) DO NOTHING`, clientID, blob(jtiHash), micros(until))
	if err == nil && n != 1 {
		return ErrReplayed
	}
	return err
}

// PurgeIdentity removes sessions that ended or were idle since, attempts that
// are older and assertions that could not be replayed any more. It gives the number of rows.
func (tx *Tx) PurgeIdentity(idleSince, attemptsBefore time.Time) (int64, error) {
	var total int64
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"DELETE FROM sessions WHERE until_at <= ? OR seen_at <= ?", []any{micros(tx.Now), micros(idleSince)}},
		{"DELETE FROM signin_attempts WHERE last_at < ? AND blocked_until_at <= ?", []any{micros(attemptsBefore), micros(tx.Now)}},
		{"DELETE FROM client_assertions WHERE until_at < ?", []any{micros(tx.Now)}},
	} {
		n, err := exec(tx, q.sql, q.args...)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
