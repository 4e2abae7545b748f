-- +goose Up
-- Answers of the test mode. Nothing that is live reads them.
CREATE TABLE trial_checks (
  id          TEXT PRIMARY KEY,
  client_id   TEXT NOT NULL REFERENCES clients (id),
  request_key TEXT NOT NULL CHECK (request_key <> ''),
  body_digest TEXT NOT NULL,
  answer      TEXT NOT NULL,
  confirmed   TEXT NOT NULL,
  at          BIGINT NOT NULL,
  UNIQUE (client_id, request_key)
);

-- What the watch over insiders remembers of the ledger: one row for each fact at a
-- connection point that a pattern may need.
CREATE TABLE insider_facts (
  entry    BIGINT NOT NULL,
  item     BIGINT NOT NULL,
  kind     TEXT NOT NULL,
  utility  TEXT NOT NULL,
  point    TEXT NOT NULL,
  person   TEXT NOT NULL,
  check_id TEXT NOT NULL,
  party    TEXT NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (entry, item)
);
CREATE INDEX insider_facts_point ON insider_facts (point, at) WHERE point <> '';
CREATE INDEX insider_facts_person ON insider_facts (person, at) WHERE person <> '';
CREATE INDEX insider_facts_at ON insider_facts (at);

-- +goose Down
DROP TABLE insider_facts;
DROP TABLE trial_checks;
