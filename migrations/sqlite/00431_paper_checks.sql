-- +goose Up
-- Numbered forms for checks by phone: blocks of numbers that the registry gave a
-- utility on a sheet, and what became of each number. secret makes the codes.
CREATE TABLE paper_blocks (
  id         TEXT PRIMARY KEY,
  utility_id TEXT NOT NULL REFERENCES utilities (id),
  first_n    INTEGER NOT NULL UNIQUE CHECK (first_n > 0),
  last_n     INTEGER NOT NULL,
  secret     TEXT NOT NULL CHECK (length(secret) = 64),
  issued_by  TEXT NOT NULL CHECK (issued_by <> ''),
  issued_at  INTEGER NOT NULL,
  CONSTRAINT paper_block_size CHECK (last_n >= first_n AND last_n - first_n < 200)
) STRICT;
CREATE INDEX paper_blocks_utility ON paper_blocks (utility_id, id);

CREATE TABLE paper_checks (
  id          TEXT PRIMARY KEY,
  n           INTEGER NOT NULL UNIQUE,
  block_id    TEXT NOT NULL REFERENCES paper_blocks (id),
  utility_id  TEXT NOT NULL REFERENCES utilities (id),
  state       TEXT NOT NULL CHECK (state IN ('issued', 'answered', 'reported', 'matched', 'differs', 'settled', 'spoiled')),
  answer      TEXT NOT NULL,
  answered_by TEXT NOT NULL,
  answered_at INTEGER NOT NULL,
  report      TEXT NOT NULL,
  reported_by TEXT NOT NULL,
  reported_at INTEGER NOT NULL,
  gate        TEXT NOT NULL CHECK (gate IN ('', 'permit', 'deny', 'refer')),
  gate_reasons TEXT NOT NULL,
  check_id    TEXT NOT NULL,
  differences TEXT NOT NULL,
  wrong_codes INTEGER NOT NULL CHECK (wrong_codes >= 0),
  settled_by  TEXT NOT NULL,
  settled_at  INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT paper_answer CHECK ((answer = '') = (answered_by = '') AND (answer = '') = (answered_at = 0)),
  CONSTRAINT paper_report CHECK ((report = '') = (reported_by = '') AND (report = '') = (reported_at = 0)),
  CONSTRAINT paper_compared CHECK (state NOT IN ('matched', 'differs', 'settled') OR answer <> '' AND report <> '' AND gate <> ''),
  CONSTRAINT paper_settled CHECK ((state = 'settled') = (settled_by <> '') AND (settled_by = '') = (reason = '')),
  CONSTRAINT paper_four_eyes CHECK (settled_by = '' OR settled_by <> answered_by)
) STRICT;
CREATE INDEX paper_checks_utility ON paper_checks (utility_id, state, n);
CREATE INDEX paper_checks_state ON paper_checks (state, n);

INSERT INTO grid_sequences (name, next) VALUES ('paper_checks', 1);

-- +goose Down
DELETE FROM grid_sequences WHERE name = 'paper_checks';
DROP TABLE paper_checks;
DROP TABLE paper_blocks;
