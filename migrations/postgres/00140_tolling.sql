-- +goose Up
-- Periods of legal dates in which no statutory term runs for anybody. until_date is
-- not included. A period holds once somebody else than its proposer confirmed it.
CREATE TABLE tolling_periods (
  id          TEXT PRIMARY KEY,
  from_date   TEXT NOT NULL CHECK (length(from_date) = 10),
  until_date  TEXT NOT NULL CHECK (length(until_date) = 10),
  reason      TEXT NOT NULL CHECK (reason <> ''),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at BIGINT NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT tolling_from_before_until CHECK (from_date < until_date),
  CONSTRAINT tolling_decided_by_somebody CHECK ((state = 'proposed') = (decided_by = '')),
  CONSTRAINT tolling_four_eyes CHECK (state <> 'confirmed' OR proposed_by <> decided_by)
);

-- +goose Down
DROP TABLE tolling_periods;
