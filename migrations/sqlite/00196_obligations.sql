-- +goose Up
-- What the law asks of a holder again and again, by date: a change of the law is a
-- new row. due_day is the day of the month after a quarter, or a number of days
-- after an event. day_off says what happens when the due date is a day off.
CREATE TABLE obligation_kinds (
  code            TEXT NOT NULL,
  period          TEXT NOT NULL CHECK (period IN ('quarter', 'issue', 'verification', 'end')),
  due_day         INTEGER NOT NULL CHECK (due_day >= 0),
  day_off         TEXT NOT NULL CHECK (day_off IN ('next_working_day', 'same_day')),
  sub_type        TEXT NOT NULL CHECK (sub_type IN ('', 'I', 'II')),
  while_suspended INTEGER NOT NULL CHECK (while_suspended IN (0, 1)),
  blocks_gate     INTEGER NOT NULL CHECK (blocks_gate IN (0, 1)),
  outlives        INTEGER NOT NULL CHECK (outlives IN (0, 1)),
  legal_ref       TEXT NOT NULL CHECK (legal_ref <> ''),
  grade           TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk         TEXT NOT NULL,
  text_ru         TEXT NOT NULL,
  text_en         TEXT NOT NULL,
  valid_from      TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until     TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
) STRICT;

-- The rates of the fee for digital mining: tiyn for a kWh by source of supply or by
-- a ground such as no_meter. Of several that apply the highest counts.
CREATE TABLE fee_rates (
  source      TEXT NOT NULL CHECK (source <> ''),
  rate_tiyn   INTEGER NOT NULL CHECK (rate_tiyn >= 0),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  PRIMARY KEY (source, valid_from)
) STRICT;

-- Grounds on which two people may let an obligation go.
CREATE TABLE waiver_grounds (
  code        TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
) STRICT;

-- One duty of one license for one period. Whoever hands in does not accept, and
-- whoever proposes a waiver does not confirm it.
CREATE TABLE obligations (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  license     TEXT NOT NULL REFERENCES licenses (number),
  party       TEXT NOT NULL REFERENCES parties (id),
  subject     TEXT NOT NULL,
  period      TEXT NOT NULL CHECK (period <> ''),
  from_date   TEXT NOT NULL CHECK (length(from_date) = 10),
  until_date  TEXT NOT NULL CHECK (length(until_date) = 10),
  law_due     TEXT NOT NULL CHECK (length(law_due) = 10),
  due         TEXT NOT NULL CHECK (length(due) = 10),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL,
  blocks_gate INTEGER NOT NULL CHECK (blocks_gate IN (0, 1)),
  outlives    INTEGER NOT NULL CHECK (outlives IN (0, 1)),
  day_off     TEXT NOT NULL,
  amount_tiyn INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'fulfilled', 'accepted', 'waived', 'ended')),
  handed      TEXT NOT NULL,
  handed_on   TEXT NOT NULL,
  handed_at   INTEGER NOT NULL,
  handed_by   TEXT NOT NULL,
  note        TEXT NOT NULL,
  waiver_ground TEXT NOT NULL,
  waiver_note TEXT NOT NULL,
  waiver_by   TEXT NOT NULL,
  waiver_at   INTEGER NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  INTEGER NOT NULL,
  overdue_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT obligation_once UNIQUE (kind, license, subject, period),
  CONSTRAINT obligation_handed CHECK (state NOT IN ('fulfilled', 'accepted') OR handed_by <> '' AND handed_on <> ''),
  CONSTRAINT obligation_decided CHECK ((state IN ('accepted', 'waived', 'ended')) = (decided_by <> '')),
  CONSTRAINT obligation_accepted_by_another CHECK (state <> 'accepted' OR handed_by <> decided_by),
  CONSTRAINT obligation_waived_by_two CHECK (state <> 'waived' OR waiver_by <> '' AND waiver_ground <> '' AND waiver_by <> decided_by)
) STRICT;
CREATE INDEX obligations_license ON obligations (license, due);
CREATE INDEX obligations_party ON obligations (party, due);
CREATE INDEX obligations_due ON obligations (due, id);
CREATE INDEX obligations_open ON obligations (due, id) WHERE state = 'open';

-- Every version of an obligation, for reads as at an instant.
CREATE TABLE obligation_versions (
  id          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  license     TEXT NOT NULL,
  party       TEXT NOT NULL,
  subject     TEXT NOT NULL,
  period      TEXT NOT NULL,
  from_date   TEXT NOT NULL,
  until_date  TEXT NOT NULL,
  law_due     TEXT NOT NULL,
  due         TEXT NOT NULL,
  legal_ref   TEXT NOT NULL,
  grade       TEXT NOT NULL,
  blocks_gate INTEGER NOT NULL,
  outlives    INTEGER NOT NULL,
  day_off     TEXT NOT NULL,
  amount_tiyn INTEGER NOT NULL,
  state       TEXT NOT NULL,
  handed      TEXT NOT NULL,
  handed_on   TEXT NOT NULL,
  handed_at   INTEGER NOT NULL,
  handed_by   TEXT NOT NULL,
  note        TEXT NOT NULL,
  waiver_ground TEXT NOT NULL,
  waiver_note TEXT NOT NULL,
  waiver_by   TEXT NOT NULL,
  waiver_at   INTEGER NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  INTEGER NOT NULL,
  overdue_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;
CREATE INDEX obligation_versions_license ON obligation_versions (license, due);

-- Which version of a license the obligations follow, and the legal date they were
-- last looked at. The row of license '' says when the registry began.
CREATE TABLE obligation_marks (
  license  TEXT PRIMARY KEY,
  version  INTEGER NOT NULL,
  swept_on TEXT NOT NULL CHECK (length(swept_on) = 10)
) STRICT;

-- Reminders, each once: so many days before a due date. A reminder whose day was
-- before the thing itself is kept as not sent.
CREATE TABLE obligation_reminders (
  subject_kind TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  days         INTEGER NOT NULL,
  sent         INTEGER NOT NULL CHECK (sent IN (0, 1)),
  at           INTEGER NOT NULL,
  PRIMARY KEY (subject_kind, subject_id, days)
) STRICT;

-- What a party is told. data is JSON; occasion tells one from another of the same
-- kind about the same thing.
CREATE TABLE notices (
  id           TEXT PRIMARY KEY,
  party        TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind <> ''),
  subject_kind TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  occasion     TEXT NOT NULL,
  license      TEXT NOT NULL,
  due          TEXT NOT NULL,
  data         TEXT NOT NULL,
  at           INTEGER NOT NULL,
  read_at      INTEGER NOT NULL,
  read_by      TEXT NOT NULL,
  CONSTRAINT notice_once UNIQUE (party, kind, subject_kind, subject_id, occasion)
) STRICT;
CREATE INDEX notices_party ON notices (party, id);

-- +goose Down
DROP TABLE notices;
DROP TABLE obligation_reminders;
DROP TABLE obligation_marks;
DROP TABLE obligation_versions;
DROP TABLE obligations;
DROP TABLE waiver_grounds;
DROP TABLE fee_rates;
DROP TABLE obligation_kinds;
