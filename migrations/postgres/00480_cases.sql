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
  restricted  BIGINT NOT NULL CHECK (restricted IN (0, 1)),
  due         TEXT NOT NULL,
  estimated_w BIGINT NOT NULL CHECK (estimated_w >= 0),
  dismissal   TEXT NOT NULL,
  note        TEXT NOT NULL,
  drafted_by  TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  salt        TEXT NOT NULL CHECK (salt <> ''),
  opened_by   TEXT NOT NULL CHECK (opened_by <> ''),
  opened_at   BIGINT NOT NULL,
  ended_at    BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT case_led CHECK (state = 'open' OR lead <> ''),
  CONSTRAINT case_ended CHECK ((state IN ('dismissed', 'closed')) = (ended_at > 0)),
  CONSTRAINT case_due CHECK ((state IN ('dismissed', 'closed')) = (due = '')),
  CONSTRAINT case_dismissed CHECK ((state IN ('dismissal_drafted', 'dismissed')) = (dismissal <> '')),
  CONSTRAINT case_closed CHECK ((state = 'closed') = (outcome <> ''))
);
CREATE INDEX cases_state ON cases (state, id);
CREATE INDEX cases_lead ON cases (lead, state, id);
CREATE TABLE case_numbers (
  year TEXT PRIMARY KEY,
  next BIGINT NOT NULL CHECK (next >= 1)
);

-- What or whom a case is about; found from both sides, so that cases about the same
-- thing find each other.
CREATE TABLE case_subjects (
  id       TEXT PRIMARY KEY,
  case_id  TEXT NOT NULL REFERENCES cases (id),
  kind     TEXT NOT NULL CHECK (kind IN ('connection_point', 'feeder', 'site', 'premises', 'license', 'party', 'person', 'finding', 'mismatch')),
  ref      TEXT NOT NULL,
  label    TEXT NOT NULL,
  folded   TEXT NOT NULL CHECK (folded <> ''),
  added_at BIGINT NOT NULL,
  added_by TEXT NOT NULL CHECK (added_by <> ''),
  CONSTRAINT case_subject_once UNIQUE (case_id, kind, folded)
);
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
  rigs          BIGINT NOT NULL CHECK (rigs >= 0),
  money_tiyn    BIGINT NOT NULL CHECK (money_tiyn >= 0),
  ruling        TEXT NOT NULL,
  body          TEXT NOT NULL,
  salt          TEXT NOT NULL CHECK (salt <> ''),
  at            BIGINT NOT NULL,
  by_user       TEXT NOT NULL CHECK (by_user <> ''),
  CONSTRAINT case_act_dated CHECK (kind = 'note' OR on_date <> '' AND number <> ''),
  CONSTRAINT case_act_referral CHECK ((kind = 'referral') = (agency <> '')),
  CONSTRAINT case_act_ruling CHECK ((kind = 'court') = (ruling <> ''))
);
CREATE INDEX case_acts_case ON case_acts (case_id, id);
CREATE INDEX case_acts_kind ON case_acts (kind, on_date);

CREATE TABLE cases_history (LIKE cases, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION cases_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cases_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER cases_keeps_history AFTER UPDATE OR DELETE ON cases FOR EACH ROW EXECUTE FUNCTION cases_keep_history();
CREATE TRIGGER cases_history_immutable BEFORE UPDATE OR DELETE ON cases_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER cases_history_no_truncate BEFORE TRUNCATE ON cases_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
DROP TABLE cases_history;
DROP TABLE case_acts;
DROP TABLE case_subjects;
DROP TABLE case_numbers;
DROP TABLE cases;
DROP FUNCTION cases_keep_history();
