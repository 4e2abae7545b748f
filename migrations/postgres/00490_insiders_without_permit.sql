-- +goose Up
-- Confirmations that were refused because there is no permit that holds: each once for
-- its answer, reason and person, so that the ledger is told once.
CREATE TABLE gate_refusals (
  check_id    TEXT NOT NULL,
  why         TEXT NOT NULL CHECK (why IN ('no_permit', 'lapsed', 'forbidden')),
  person      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (check_id, why, person)
);

-- Nobody reads facts by person, and for whom was asked is read from the answer.
DROP INDEX insider_facts_person;
ALTER TABLE insider_facts DROP COLUMN party;

-- +goose Down
ALTER TABLE insider_facts ADD COLUMN party TEXT NOT NULL DEFAULT '';
CREATE INDEX insider_facts_person ON insider_facts (person, at) WHERE person <> '';
DROP TABLE gate_refusals;
