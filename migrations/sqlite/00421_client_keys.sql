-- +goose Up
-- The keys a client proves itself with, beside the one of its registration. proof
-- says what authorised it: registration, an older key or a one-time code. The
-- credential 'secret' stands for the client's secret when that was retired.
CREATE TABLE client_keys (
  client_id  TEXT NOT NULL REFERENCES clients (id),
  credential TEXT NOT NULL CHECK (credential <> ''),
  jwk        TEXT NOT NULL,
  proof      TEXT NOT NULL CHECK (proof IN ('registration', 'key', 'code')),
  added_by   TEXT NOT NULL,
  added_at   INTEGER NOT NULL,
  retire_at  INTEGER NOT NULL,
  retired_by TEXT NOT NULL,
  used_at    INTEGER NOT NULL,
  PRIMARY KEY (client_id, credential),
  CONSTRAINT client_key_retired CHECK ((retire_at > 0) = (retired_by <> ''))
) STRICT;

-- Codes that let a client register a key without an older one; one use each.
CREATE TABLE client_codes (
  code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),
  client_id TEXT NOT NULL REFERENCES clients (id),
  issued_by TEXT NOT NULL CHECK (issued_by <> ''),
  issued_at INTEGER NOT NULL,
  until_at  INTEGER NOT NULL CHECK (until_at > issued_at),
  used_at   INTEGER NOT NULL
) STRICT;

-- What an officer decided about a client: how much it may ask, whether it is for
-- trials only, whether it must name the person, and the certificate it must show.
CREATE TABLE client_terms (
  client_id   TEXT PRIMARY KEY REFERENCES clients (id),
  per_minute  INTEGER NOT NULL CHECK (per_minute >= 0),
  per_day     INTEGER NOT NULL CHECK (per_day >= 0),
  trial       INTEGER NOT NULL CHECK (trial IN (0, 1)),
  operator    INTEGER NOT NULL CHECK (operator IN (0, 1)),
  certificate TEXT NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

-- What a client asked on a legal date.
CREATE TABLE client_usage (
  client_id TEXT NOT NULL REFERENCES clients (id),
  day       TEXT NOT NULL CHECK (length(day) = 10),
  checks    INTEGER NOT NULL CHECK (checks >= 0),
  refused   INTEGER NOT NULL CHECK (refused >= 0),
  unknown   INTEGER NOT NULL CHECK (unknown >= 0),
  PRIMARY KEY (client_id, day)
) STRICT;

-- +goose Down
DROP TABLE client_usage;
DROP TABLE client_terms;
DROP TABLE client_codes;
DROP TABLE client_keys;
