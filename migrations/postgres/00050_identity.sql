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
  disabled_at   BIGINT NOT NULL,
  version       BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL
);

-- The cookie's value is never stored, only its SHA-256.
CREATE TABLE sessions (
  token_hash BYTEA PRIMARY KEY CHECK (length(token_hash) = 32),
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_until ON sessions (until_at);

-- Failed sign-ins by a digest of what is limited: login and address, or address.
CREATE TABLE signin_attempts (
  limit_key  BYTEA PRIMARY KEY CHECK (length(limit_key) = 32),
  failures   BIGINT NOT NULL CHECK (failures >= 0),
  last_at    BIGINT NOT NULL,
  blocked_until_at BIGINT NOT NULL
);
CREATE INDEX signin_attempts_last ON signin_attempts (last_at);

CREATE TABLE clients (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL CHECK (name <> ''),
  role        TEXT NOT NULL CHECK (role IN ('utility', 'collector')),
  utility     TEXT NOT NULL,
  collector   TEXT NOT NULL,
  secret_hash BYTEA NOT NULL CHECK (length(secret_hash) = 32),
  public_jwk  TEXT NOT NULL,
  disabled_at BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL
);

-- Client assertions already used (RFC 7523): one row makes a replay impossible.
CREATE TABLE client_assertions (
  client_id TEXT NOT NULL REFERENCES clients (id),
  jti_hash  BYTEA NOT NULL CHECK (length(jti_hash) = 32),
  until_at  BIGINT NOT NULL,
  PRIMARY KEY (client_id, jti_hash)
);
CREATE INDEX client_assertions_until ON client_assertions (until_at);

-- +goose Down
DROP TABLE client_assertions;
DROP TABLE clients;
DROP TABLE signin_attempts;
DROP TABLE sessions;
DROP TABLE users;
