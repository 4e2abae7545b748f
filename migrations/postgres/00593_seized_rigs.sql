-- +goose Up
-- A seizure says who took the machines and where they are stored; a ruling or a release
-- says what becomes of them.
ALTER TABLE case_acts ADD COLUMN place TEXT NOT NULL DEFAULT '', ADD COLUMN fate TEXT NOT NULL DEFAULT '' CHECK (fate IN ('', 'returned', 'confiscated')),
  DROP CONSTRAINT case_acts_kind_check, DROP CONSTRAINT case_act_referral,
  ADD CONSTRAINT case_acts_kind_check CHECK (kind IN ('note', 'referral', 'seizure', 'release', 'court')),
  ADD CONSTRAINT case_act_referral CHECK (kind = 'seizure' OR (kind = 'referral') = (agency <> '')),
  ADD CONSTRAINT case_act_fate CHECK (fate = '' OR kind = 'court' OR kind = 'release' AND fate = 'returned'),
  ADD CONSTRAINT case_act_place CHECK (place = '' OR kind = 'seizure');

-- Each machine of a record of seizure, written once, and what became of it, written once
-- too: nothing is held and given back at the same time.
CREATE TABLE seized_rigs (
  id         TEXT PRIMARY KEY,
  case_id    TEXT NOT NULL REFERENCES cases (id),
  act_id     TEXT NOT NULL REFERENCES case_acts (id),
  serial     TEXT NOT NULL CHECK (serial <> ''),
  serial_key TEXT NOT NULL CHECK (serial_key <> ''),
  equipment  TEXT REFERENCES equipment (id),
  was        TEXT NOT NULL,
  place      TEXT NOT NULL CHECK (place <> ''),
  on_date    TEXT NOT NULL CHECK (length(on_date) = 10),
  at         BIGINT NOT NULL,
  CONSTRAINT seized_once_in_an_act UNIQUE (act_id, serial_key),
  CONSTRAINT seized_known CHECK ((equipment IS NULL) = (was = ''))
);
CREATE INDEX seized_rigs_case ON seized_rigs (case_id, id);
CREATE INDEX seized_rigs_equipment ON seized_rigs (equipment) WHERE equipment IS NOT NULL;
CREATE INDEX seized_rigs_serial ON seized_rigs (serial_key);
CREATE TABLE seized_ends (
  seized  TEXT PRIMARY KEY REFERENCES seized_rigs (id),
  act_id  TEXT NOT NULL REFERENCES case_acts (id),
  fate    TEXT NOT NULL CHECK (fate IN ('returned', 'confiscated')),
  on_date TEXT NOT NULL CHECK (length(on_date) = 10),
  at      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE seized_ends;
DROP TABLE seized_rigs;
DELETE FROM case_acts WHERE kind = 'release';
UPDATE case_acts SET agency = '' WHERE kind = 'seizure';
ALTER TABLE case_acts DROP CONSTRAINT case_act_place, DROP CONSTRAINT case_act_fate, DROP CONSTRAINT case_act_referral, DROP CONSTRAINT case_acts_kind_check,
  DROP COLUMN place, DROP COLUMN fate,
  ADD CONSTRAINT case_acts_kind_check CHECK (kind IN ('note', 'referral', 'seizure', 'court')),
  ADD CONSTRAINT case_act_referral CHECK ((kind = 'referral') = (agency <> ''));
