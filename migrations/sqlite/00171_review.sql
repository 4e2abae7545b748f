-- +goose Up
-- Drafter and signer sit in different units where both have one. voided is JSON: the
-- last draft that fell before it was signed.
ALTER TABLE applications ADD COLUMN drafter_unit TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN signer_unit TEXT NOT NULL DEFAULT ''
  CONSTRAINT application_different_units CHECK (signer_unit = '' OR drafter_unit <> signer_unit);
ALTER TABLE applications ADD COLUMN voided TEXT NOT NULL DEFAULT 'null';

-- What the queue of the review is read by: what is under way, the earliest due date
-- first, what has none last.
CREATE INDEX applications_queue ON applications ((CASE WHEN due = '' THEN '9999-12-31' ELSE due END), id)
  WHERE state IN ('submitted', 'registered', 'in_review', 'decision_drafted');
CREATE INDEX applications_officer ON applications (officer, state);

-- Conflicts of interest. The person concerned never withdraws one.
CREATE TABLE application_conflicts (
  id               TEXT PRIMARY KEY,
  application      TEXT NOT NULL REFERENCES applications (id),
  person           TEXT NOT NULL CHECK (person <> ''),
  reason           TEXT NOT NULL CHECK (reason <> ''),
  declared_by      TEXT NOT NULL CHECK (declared_by <> ''),
  declared_at      INTEGER NOT NULL,
  withdrawn_by     TEXT NOT NULL,
  withdrawn_reason TEXT NOT NULL,
  withdrawn_at     INTEGER NOT NULL,
  version          INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT conflict_four_eyes CHECK (withdrawn_by <> person),
  CONSTRAINT conflict_withdrawn_with_reason CHECK ((withdrawn_by = '') = (withdrawn_reason = ''))
) STRICT;
CREATE INDEX application_conflicts_application ON application_conflicts (application, id);
CREATE UNIQUE INDEX application_conflicts_one_stands ON application_conflicts (application, person) WHERE withdrawn_by = '';

-- How decisions are appealed: dated data, never overwritten.
CREATE TABLE appeal_routes (
  code        TEXT NOT NULL,
  months      INTEGER NOT NULL CHECK (months > 0),
  body_kk     TEXT NOT NULL,
  body_ru     TEXT NOT NULL,
  body_en     TEXT NOT NULL,
  court_kk    TEXT NOT NULL,
  court_ru    TEXT NOT NULL,
  court_en    TEXT NOT NULL,
  legal_ref   TEXT NOT NULL,
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
) STRICT;

-- Appeals against refusals: decision and clock are JSON, as they were. Neither the
-- drafter nor the signer of the refusal records the outcome.
CREATE TABLE application_appeals (
  id          TEXT PRIMARY KEY,
  application TEXT NOT NULL REFERENCES applications (id),
  state       TEXT NOT NULL CHECK (state IN ('open', 'upheld', 'dismissed')),
  body        TEXT NOT NULL CHECK (body <> ''),
  filed_by    TEXT NOT NULL CHECK (filed_by <> ''),
  filed_at    INTEGER NOT NULL,
  decision    TEXT NOT NULL,
  clock       TEXT NOT NULL,
  drafter     TEXT NOT NULL,
  signer      TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  note        TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT appeal_closed_by_somebody CHECK ((state = 'open') = (recorded_by = '')),
  CONSTRAINT appeal_four_eyes CHECK (recorded_by <> drafter AND recorded_by <> signer)
) STRICT;
CREATE INDEX application_appeals_application ON application_appeals (application, id);
CREATE UNIQUE INDEX application_appeals_one_open ON application_appeals (application) WHERE state = 'open';

-- Filters that a person keeps under a name: the query of the queue's address.
CREATE TABLE saved_filters (
  user_id    TEXT NOT NULL REFERENCES users (id),
  name       TEXT NOT NULL CHECK (name <> ''),
  query      TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, name)
) STRICT;

-- +goose Down
DROP TABLE saved_filters;
DROP TABLE application_appeals;
DROP TABLE appeal_routes;
DROP TABLE application_conflicts;
DROP INDEX applications_officer;
DROP INDEX applications_queue;
ALTER TABLE applications DROP COLUMN voided;
ALTER TABLE applications DROP COLUMN signer_unit;
ALTER TABLE applications DROP COLUMN drafter_unit;
