-- +goose Up
-- A utility's list of the points that it holds to be energised, matched with the
-- register and the meters. Written once; list is gzipped JSON with the digest that
-- the ledger has.
CREATE TABLE reconciliations (
  id            TEXT PRIMARY KEY,
  utility_id    TEXT NOT NULL REFERENCES utilities (id),
  request_key   TEXT NOT NULL,
  as_of_at      INTEGER NOT NULL CHECK (as_of_at > 0),
  list_digest   TEXT NOT NULL CHECK (list_digest <> ''),
  list          BLOB NOT NULL,
  points        INTEGER NOT NULL CHECK (points > 0),
  registered    INTEGER NOT NULL CHECK (registered >= 0),
  metered       INTEGER NOT NULL CHECK (metered >= 0),
  found         INTEGER NOT NULL CHECK (found >= 0),
  fresh         INTEGER NOT NULL CHECK (fresh >= 0),
  reopened      INTEGER NOT NULL CHECK (reopened >= 0),
  gone          INTEGER NOT NULL CHECK (gone >= 0),
  stake_w       INTEGER NOT NULL CHECK (stake_w >= 0),
  kinds         TEXT NOT NULL,
  result_digest TEXT NOT NULL CHECK (result_digest <> ''),
  sent_by       TEXT NOT NULL CHECK (sent_by <> ''),
  recorded_at   INTEGER NOT NULL,
  CONSTRAINT reconciliation_not_ahead CHECK (as_of_at <= recorded_at),
  CONSTRAINT reconciliation_once UNIQUE (utility_id, as_of_at, list_digest)
) STRICT;
CREATE UNIQUE INDEX reconciliations_key ON reconciliations (utility_id, request_key) WHERE request_key <> '';

-- A contradiction of one kind at one point, through the lists of its utility.
CREATE TABLE mismatches (
  id         TEXT PRIMARY KEY,
  utility_id TEXT NOT NULL REFERENCES utilities (id),
  kind       TEXT NOT NULL CHECK (kind IN ('energised_not_permitted', 'permitted_not_confirmed', 'disconnected_on_paper_drawing', 'load_over_license',
               'listed_unknown_point', 'registered_missing_from_list', 'consumer_differs', 'flat_load_unlicensed')),
  point_code TEXT NOT NULL CHECK (point_code <> ''),
  state      TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'corrected', 'gone')),
  stake_w    INTEGER NOT NULL CHECK (stake_w >= 0),
  evidence   TEXT NOT NULL,
  since_at   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  run        TEXT NOT NULL REFERENCES reconciliations (id),
  times      INTEGER NOT NULL CHECK (times >= 1),
  accepted_w INTEGER NOT NULL CHECK (accepted_w >= 0),
  decided_by TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  task_id    TEXT NOT NULL,
  version    INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT mismatch_once UNIQUE (utility_id, kind, point_code),
  CONSTRAINT mismatch_age CHECK (since_at <= seen_at),
  CONSTRAINT mismatch_decided CHECK (state NOT IN ('accepted', 'corrected') OR decided_by <> '' AND decided_at > 0 AND reason <> ''),
  CONSTRAINT mismatch_accepted CHECK (state <> 'accepted' OR accepted_w > 0)
) STRICT;
CREATE INDEX mismatches_rank ON mismatches (state, stake_w, id);

-- +goose Down
DROP TABLE mismatches;
DROP TABLE reconciliations;
