-- +goose Up
-- A seizure says who took the machines and where they are stored; a ruling or a release
-- says what becomes of them.
CREATE TABLE case_acts_next (
  id            TEXT PRIMARY KEY,
  case_id       TEXT NOT NULL REFERENCES cases (id),
  kind          TEXT NOT NULL CHECK (kind IN ('note', 'referral', 'seizure', 'release', 'court')),
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
  place         TEXT NOT NULL DEFAULT '',
  fate          TEXT NOT NULL DEFAULT '' CHECK (fate IN ('', 'returned', 'confiscated')),
  CONSTRAINT case_act_dated CHECK (kind = 'note' OR on_date <> '' AND number <> ''),
  CONSTRAINT case_act_referral CHECK (kind = 'seizure' OR (kind = 'referral') = (agency <> '')),
  CONSTRAINT case_act_ruling CHECK ((kind = 'court') = (ruling <> '')),
  CONSTRAINT case_act_fate CHECK (fate = '' OR kind = 'court' OR kind = 'release' AND fate = 'returned'),
  CONSTRAINT case_act_place CHECK (place = '' OR kind = 'seizure')
) STRICT;
INSERT INTO case_acts_next (id, case_id, kind, on_date, agency, number, criminal_case, serials, rigs, money_tiyn, ruling, body, salt, at, by_user)
SELECT id, case_id, kind, on_date, agency, number, criminal_case, serials, rigs, money_tiyn, ruling, body, salt, at, by_user FROM case_acts;
DROP TABLE case_acts;
ALTER TABLE case_acts_next RENAME TO case_acts;
CREATE INDEX case_acts_case ON case_acts (case_id, id);
CREATE INDEX case_acts_kind ON case_acts (kind, on_date);

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
  at         INTEGER NOT NULL,
  CONSTRAINT seized_once_in_an_act UNIQUE (act_id, serial_key),
  CONSTRAINT seized_known CHECK ((equipment IS NULL) = (was = ''))
) STRICT;
CREATE INDEX seized_rigs_case ON seized_rigs (case_id, id);
CREATE INDEX seized_rigs_equipment ON seized_rigs (equipment) WHERE equipment IS NOT NULL;
CREATE INDEX seized_rigs_serial ON seized_rigs (serial_key);
CREATE TABLE seized_ends (
  seized  TEXT PRIMARY KEY REFERENCES seized_rigs (id),
  act_id  TEXT NOT NULL REFERENCES case_acts (id),
  fate    TEXT NOT NULL CHECK (fate IN ('returned', 'confiscated')),
  on_date TEXT NOT NULL CHECK (length(on_date) = 10),
  at      INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE seized_ends;
DROP TABLE seized_rigs;
DELETE FROM case_acts WHERE kind = 'release';
CREATE TABLE case_acts_before (
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
INSERT INTO case_acts_before SELECT id, case_id, kind, on_date, CASE kind WHEN 'referral' THEN agency ELSE '' END, number, criminal_case, serials, rigs, money_tiyn, ruling, body, salt, at, by_user FROM case_acts;
DROP TABLE case_acts;
ALTER TABLE case_acts_before RENAME TO case_acts;
CREATE INDEX case_acts_case ON case_acts (case_id, id);
CREATE INDEX case_acts_kind ON case_acts (kind, on_date);
