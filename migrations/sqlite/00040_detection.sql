-- +goose Up
-- One row a cause: a rule and the node it concerns. evidence is models.Evidence as
-- JSON; score is in thousandths of a nat.
CREATE TABLE findings (
  id            TEXT PRIMARY KEY,
  rule          TEXT NOT NULL CHECK (rule <> ''),
  rule_version  TEXT NOT NULL,
  target_kind   TEXT NOT NULL,
  target_id     TEXT NOT NULL,
  target_code   TEXT NOT NULL,
  feeder_id     TEXT NOT NULL REFERENCES feeders (id),
  substation_id TEXT NOT NULL,
  utility_id    TEXT NOT NULL,
  license       TEXT NOT NULL,
  tier          TEXT NOT NULL CHECK (tier IN ('A', 'B', 'C')),
  score         INTEGER NOT NULL,
  estimated_w   INTEGER NOT NULL,
  low_w         INTEGER NOT NULL,
  high_w        INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at  INTEGER NOT NULL,
  raised_at     INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'dismissed', 'closed')),
  reason        TEXT NOT NULL,
  evidence      TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  UNIQUE (rule, target_kind, target_id),
  CONSTRAINT finding_interval CHECK (low_w <= estimated_w AND estimated_w <= high_w),
  CONSTRAINT finding_dismissed_says_why CHECK (state <> 'dismissed' OR reason <> '')
) STRICT;
CREATE INDEX findings_raised ON findings (raised_at, id);
CREATE INDEX findings_target ON findings (target_id);

-- What detection remembers of a feeder between two looks: what is still to be
-- looked at, since when its readings come live, and its last balance, as JSON.
CREATE TABLE detection_state (
  feeder_id     TEXT PRIMARY KEY REFERENCES feeders (id),
  due_at        INTEGER NOT NULL,
  live_from_at  INTEGER NOT NULL,
  live_at       INTEGER NOT NULL,
  evaluated_at  INTEGER NOT NULL,
  notes         TEXT NOT NULL
) STRICT;
CREATE INDEX detection_state_due ON detection_state (due_at) WHERE due_at > 0;

-- +goose Down
DROP TABLE detection_state;
DROP TABLE findings;
