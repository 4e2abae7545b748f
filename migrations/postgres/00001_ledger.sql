-- +goose Up
-- One row a fact, written in the transaction of the state it describes. leaf_index
-- is given after commit by the sealer; NULL means not sealed yet.
CREATE TABLE ledger_entries (
  id              TEXT PRIMARY KEY,
  at              BIGINT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind <> ''),
  subject_kind    TEXT NOT NULL,
  subject_id      TEXT NOT NULL,
  subject_version BIGINT NOT NULL,
  actor_kind      TEXT NOT NULL,
  actor_id        TEXT NOT NULL,
  actor_name      TEXT NOT NULL,
  utility         TEXT NOT NULL,
  request_id      TEXT NOT NULL,
  body            TEXT NOT NULL,
  salt            BYTEA NOT NULL,
  leaf_index      BIGINT UNIQUE
);
CREATE INDEX ledger_entries_unsealed ON ledger_entries (at, id) WHERE leaf_index IS NULL;
CREATE INDEX ledger_entries_subject ON ledger_entries (subject_kind, subject_id, leaf_index);
CREATE INDEX ledger_entries_utility ON ledger_entries (utility, leaf_index);

-- Stored hashes of the Merkle tree in the order of golang.org/x/mod/sumdb/tlog.
CREATE TABLE ledger_hashes (
  hash_index BIGINT PRIMARY KEY,
  hash       BYTEA NOT NULL
);

-- Signed checkpoints (C2SP signed note); the newest is the head.
CREATE TABLE ledger_checkpoints (
  tree_size BIGINT PRIMARY KEY,
  root      BYTEA NOT NULL,
  at        BIGINT NOT NULL,
  note      TEXT NOT NULL
);

-- Saved positions of the followers: the next leaf index each has to see.
CREATE TABLE ledger_followers (
  name     TEXT PRIMARY KEY,
  position BIGINT NOT NULL
);

-- Leases: work that one process may do at a time.
CREATE TABLE leases (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE leases;
DROP TABLE ledger_followers;
DROP TABLE ledger_checkpoints;
DROP TABLE ledger_hashes;
DROP TABLE ledger_entries;
