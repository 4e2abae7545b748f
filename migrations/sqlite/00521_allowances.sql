-- +goose Up
-- Flat loads that are known and mine nothing, with the reason, until a date. Another
-- person than proposed an allowance puts it in force.
CREATE TABLE allowances (
  id          TEXT PRIMARY KEY,
  point_id    TEXT NOT NULL REFERENCES connection_points (id),
  point_code  TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind <> ''),
  reason      TEXT NOT NULL CHECK (reason <> ''),
  limit_w     INTEGER NOT NULL CHECK (limit_w > 0),
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL CHECK (length(valid_until) = 10),
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'rejected', 'ended')),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at INTEGER NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  INTEGER NOT NULL,
  decision    TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT allowance_decided_by_somebody CHECK ((state = 'proposed') = (decided_by = '')),
  CONSTRAINT allowance_four_eyes CHECK (state <> 'active' OR proposed_by <> decided_by),
  CONSTRAINT allowance_says_why CHECK (state IN ('proposed', 'active') OR decision <> '')
) STRICT;
CREATE INDEX allowances_point ON allowances (point_id, state);

-- Innocent explanations that officers recorded for findings; written once.
CREATE TABLE finding_refutations (
  id          TEXT PRIMARY KEY,
  finding_id  TEXT NOT NULL REFERENCES findings (id),
  kind        TEXT NOT NULL CHECK (kind <> ''),
  note        TEXT NOT NULL CHECK (note <> ''),
  recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX finding_refutations_finding ON finding_refutations (finding_id, id);

-- How findings turned out, by the case that was decided about them.
CREATE TABLE finding_outcomes (
  finding_id TEXT PRIMARY KEY REFERENCES findings (id),
  case_id    TEXT NOT NULL,
  rule       TEXT NOT NULL CHECK (rule <> ''),
  class      TEXT NOT NULL,
  region     TEXT NOT NULL,
  officer    TEXT NOT NULL,
  confirmed  INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  decided_at INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE finding_outcomes;
DROP TABLE finding_refutations;
DROP TABLE allowances;
