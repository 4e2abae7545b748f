-- +goose Up
-- Changes of what the rules of detection compare with. The program brings a table; a
-- confirmed change takes the place of the numbers it names from its legal date on.
-- Another person confirms than proposed. named is JSON: numbers by name.
CREATE TABLE detection_parameter_changes (
  id          TEXT PRIMARY KEY,
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  note        TEXT NOT NULL CHECK (note <> ''),
  named       TEXT NOT NULL CHECK (named <> ''),
  what_if     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at INTEGER NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT parameters_decided_by_somebody CHECK ((state = 'proposed') = (decided_by = '')),
  CONSTRAINT parameters_four_eyes CHECK (state <> 'confirmed' OR proposed_by <> decided_by),
  CONSTRAINT parameters_decision_says_why CHECK (state = 'proposed' OR reason <> '')
) STRICT;
-- A table is named by its day, so there is one for a day.
CREATE UNIQUE INDEX detection_parameter_days ON detection_parameter_changes (valid_from) WHERE state = 'confirmed';
CREATE INDEX detection_parameter_states ON detection_parameter_changes (state, id);

-- What the rules would have found in the past with other numbers. named and found are
-- JSON; passed are the ids of the substations that are done.
CREATE TABLE detection_what_ifs (
  id          TEXT PRIMARY KEY,
  named       TEXT NOT NULL CHECK (named <> ''),
  present     TEXT NOT NULL,
  from_at     INTEGER NOT NULL,
  until_at    INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
  permille    INTEGER NOT NULL CHECK (permille BETWEEN 0 AND 1000),
  passed      TEXT NOT NULL,
  found       TEXT NOT NULL,
  fault       TEXT NOT NULL,
  asked_by    TEXT NOT NULL CHECK (asked_by <> ''),
  asked_at    INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT what_if_has_days CHECK (until_at > from_at),
  CONSTRAINT what_if_ends CHECK ((state = 'running') = (ended_at = 0)),
  CONSTRAINT what_if_failed_says_why CHECK (state <> 'failed' OR fault <> '')
) STRICT;
CREATE UNIQUE INDEX detection_what_if_one ON detection_what_ifs (state) WHERE state = 'running';

-- +goose Down
DROP TABLE detection_what_ifs;
DROP TABLE detection_parameter_changes;
