-- +goose Up
CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  login         TEXT NOT NULL UNIQUE CHECK (login <> '' AND login = lower(login)),
  name          TEXT NOT NULL CHECK (name <> ''),
  roles         TEXT NOT NULL,
  unit          TEXT NOT NULL,
  party         TEXT NOT NULL,
  utility       TEXT NOT NULL,
  password_hash TEXT NOT NULL CHECK (password_hash <> ''),
  disabled_at   INTEGER NOT NULL,
  version       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT;

-- The cookie's value is never stored, only its SHA-256.
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  until_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_until ON sessions (until_at);

-- Failed sign-ins by a digest of what is limited: login and address, or address.
CREATE TABLE signin_attempts (
  limit_key  BLOB PRIMARY KEY CHECK (length(limit_key) = 32),
  failures   INTEGER NOT NULL CHECK (failures >= 0),
  last_at    INTEGER NOT NULL,
  blocked_until_at INTEGER NOT NULL
) STRICT;
CREATE INDEX signin_attempts_last ON signin_attempts (last_at);

CREATE TABLE clients (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL CHECK (name <> ''),
  role        TEXT NOT NULL CHECK (role IN ('utility', 'collector')),
  utility     TEXT NOT NULL,
  collector   TEXT NOT NULL,
  secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
  public_jwk  TEXT NOT NULL,
  disabled_at INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

-- Client assertions already used (RFC 7523): one row makes a replay impossible.
CREATE TABLE client_assertions (
  client_id TEXT NOT NULL REFERENCES clients (id),
  jti_hash  BLOB NOT NULL CHECK (length(jti_hash) = 32),
  until_at  INTEGER NOT NULL,
  PRIMARY KEY (client_id, jti_hash)
) STRICT;
CREATE INDEX client_assertions_until ON client_assertions (until_at);

-- +goose Down
DROP TABLE client_assertions;
DROP TABLE clients;
DROP TABLE signin_attempts;
DROP TABLE sessions;
DROP TABLE users;
