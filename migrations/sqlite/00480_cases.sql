-- +goose Up
-- A matter of enforcement. What a second person has to look at is held here too: nobody
-- dismisses a case on a draft of their own without the lot having let it pass.
CREATE TABLE cases (
  id          TEXT PRIMARY KEY,
  number      TEXT NOT NULL UNIQUE,
  source      TEXT NOT NULL CHECK (source IN ('finding', 'mismatch', 'tip', 'officer')),
  title       TEXT NOT NULL CHECK (title <> ''),
  summary     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'investigating', 'dismissal_drafted', 'dismissed', 'closed')),
  lead        TEXT NOT NULL,
  members     TEXT NOT NULL,
  restricted  INTEGER NOT NULL CHECK (restricted IN (0, 1)),
  due         TEXT NOT NULL,
  estimated_w INTEGER NOT NULL CHECK (estimated_w >= 0),
  dismissal   TEXT NOT NULL,
  note        TEXT NOT NULL,
  drafted_by  TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  salt        TEXT NOT NULL CHECK (salt <> ''),
  opened_by   TEXT NOT NULL CHECK (opened_by <> ''),
  opened_at   INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT case_led CHECK (state = 'open' OR lead <> ''),
  CONSTRAINT case_ended CHECK ((state IN ('dismissed', 'closed')) = (ended_at > 0)),
  CONSTRAINT case_due CHECK ((state IN ('dismissed', 'closed')) = (due = '')),
  CONSTRAINT case_dismissed CHECK ((state IN ('dismissal_drafted', 'dismissed')) = (dismissal <> '')),
  CONSTRAINT case_closed CHECK ((state = 'closed') = (outcome <> ''))
) STRICT;
CREATE INDEX cases_state ON cases (state, id);
CREATE INDEX cases_lead ON cases (lead, state, id);
CREATE TABLE case_numbers (
  year TEXT PRIMARY KEY,
  next INTEGER NOT NULL CHECK (next >= 1)
) STRICT;

-- What or whom a case is about; found from both sides, so that cases about the same
-- thing find each other.
CREATE TABLE case_subjects (
  id       TEXT PRIMARY KEY,
  case_id  TEXT NOT NULL REFERENCES cases (id),
  kind     TEXT NOT NULL CHECK (kind IN ('connection_point', 'feeder', 'site', 'premises', 'license', 'party', 'person', 'finding', 'mismatch')),
  ref      TEXT NOT NULL,
  label    TEXT NOT NULL,
  folded   TEXT NOT NULL CHECK (folded <> ''),
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL CHECK (added_by <> ''),
  CONSTRAINT case_subject_once UNIQUE (case_id, kind, folded)
) STRICT;
CREATE INDEX case_subjects_same ON case_subjects (kind, folded);

-- What was done in a case, written once. salt makes the digest in the ledger tell
-- nothing, and lets whoever may see the words check them against it; that of a case is
-- for its other words.
CREATE TABLE case_acts (
  id            TEXT PRIMARY KEY,
  case_id       TEXT NOT NULL REFERENCES cases (id),
  kind          TEXT NOT NULL CHECK (kind IN ('note', 'referral', 'seizure', 'court')),
  on_date       TEXT NOT NULL,
  agency        TEXT NOT NULL,
  number        TEXT NOT NULL,
  criminal_case TEXT NOT NULL,
  serials       TEXT NOT NULL,
  rigs          INTEGER NOT NULL CHECK (rigs >= 0),
  money_tiyn    INTEGER NOT NULL CHECK (money_tiyn >= 0),
  ruling        TEXT NOT NULL,
  body          TEXT NOT NULL,
  salt          TEXT NOT NULL CHECK (salt <> ''),
  at            INTEGER NOT NULL,
  by_user       TEXT NOT NULL CHECK (by_user <> ''),
  CONSTRAINT case_act_dated CHECK (kind = 'note' OR on_date <> '' AND number <> ''),
  CONSTRAINT case_act_referral CHECK ((kind = 'referral') = (agency <> '')),
  CONSTRAINT case_act_ruling CHECK ((kind = 'court') = (ruling <> ''))
) STRICT;
CREATE INDEX case_acts_case ON case_acts (case_id, id);
CREATE INDEX case_acts_kind ON case_acts (kind, on_date);

CREATE TABLE cases_history (
  id TEXT, number TEXT, source TEXT, title TEXT, summary TEXT, state TEXT, lead TEXT, members TEXT, restricted INTEGER, due TEXT, estimated_w INTEGER, dismissal TEXT, note TEXT, drafted_by TEXT, outcome TEXT, salt TEXT, opened_by TEXT, opened_at INTEGER, ended_at INTEGER, updated_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER cases_history_update AFTER UPDATE ON cases
BEGIN
  INSERT INTO cases_history (id, number, source, title, summary, state, lead, members, restricted, due, estimated_w, dismissal, note, drafted_by, outcome, salt, opened_by, opened_at, ended_at, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.source, OLD.title, OLD.summary, OLD.state, OLD.lead, OLD.members, OLD.restricted, OLD.due, OLD.estimated_w, OLD.dismissal, OLD.note, OLD.drafted_by, OLD.outcome, OLD.salt, OLD.opened_by, OLD.opened_at, OLD.ended_at, OLD.updated_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM cases_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cases_history_delete AFTER DELETE ON cases
BEGIN
  INSERT INTO cases_history (id, number, source, title, summary, state, lead, members, restricted, due, estimated_w, dismissal, note, drafted_by, outcome, salt, opened_by, opened_at, ended_at, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.source, OLD.title, OLD.summary, OLD.state, OLD.lead, OLD.members, OLD.restricted, OLD.due, OLD.estimated_w, OLD.dismissal, OLD.note, OLD.drafted_by, OLD.outcome, OLD.salt, OLD.opened_by, OLD.opened_at, OLD.ended_at, OLD.updated_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM cases_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cases_history_no_update BEFORE UPDATE ON cases_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cases_history_no_delete BEFORE DELETE ON cases_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE cases_history;
DROP TABLE case_acts;
DROP TABLE case_subjects;
DROP TABLE case_numbers;
DROP TABLE cases;
