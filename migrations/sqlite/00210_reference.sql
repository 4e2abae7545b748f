-- +goose Up
-- Paragraphs of the registry's letters by date, with {{placeholders}} that their
-- documents fill in. A change of the words is a new row.
CREATE TABLE letter_texts (
  code        TEXT NOT NULL CHECK (code <> ''),
  text_kk     TEXT NOT NULL CHECK (text_kk <> ''),
  text_ru     TEXT NOT NULL CHECK (text_ru <> ''),
  text_en     TEXT NOT NULL CHECK (text_en <> ''),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (code, valid_from)
) STRICT;

-- Proposed changes of reference data, each decided by another person than proposed
-- it. lines is JSON.
CREATE TABLE reference_changes (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL CHECK (kind <> ''),
  note        TEXT NOT NULL CHECK (note <> ''),
  lines       TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at INTEGER NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT reference_decided_by_somebody CHECK ((state = 'proposed') = (decided_by = '')),
  CONSTRAINT reference_four_eyes CHECK (state <> 'confirmed' OR proposed_by <> decided_by),
  CONSTRAINT reference_rejection_says_why CHECK (state <> 'rejected' OR reason <> '')
) STRICT;
CREATE INDEX reference_changes_state ON reference_changes (state, id);

CREATE TABLE letter_texts_history (
  code TEXT, text_kk TEXT, text_ru TEXT, text_en TEXT, legal_ref TEXT, grade TEXT, valid_from TEXT, valid_until TEXT,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER letter_texts_history_update AFTER UPDATE ON letter_texts
BEGIN
  INSERT INTO letter_texts_history (code, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.code, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM letter_texts_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER letter_texts_history_delete AFTER DELETE ON letter_texts
BEGIN
  INSERT INTO letter_texts_history (code, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.code, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM letter_texts_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER letter_texts_history_no_update BEFORE UPDATE ON letter_texts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER letter_texts_history_no_delete BEFORE DELETE ON letter_texts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE reference_changes_history (
  id TEXT, kind TEXT, note TEXT, lines TEXT, state TEXT, proposed_by TEXT, proposed_at INTEGER, decided_by TEXT,
  decided_at INTEGER, reason TEXT, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER reference_changes_history_update AFTER UPDATE ON reference_changes
BEGIN
  INSERT INTO reference_changes_history (id, kind, note, lines, state, proposed_by, proposed_at, decided_by,
    decided_at, reason, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.note, OLD.lines, OLD.state, OLD.proposed_by, OLD.proposed_at, OLD.decided_by,
    OLD.decided_at, OLD.reason, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM reference_changes_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reference_changes_history_delete AFTER DELETE ON reference_changes
BEGIN
  INSERT INTO reference_changes_history (id, kind, note, lines, state, proposed_by, proposed_at, decided_by,
    decided_at, reason, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.note, OLD.lines, OLD.state, OLD.proposed_by, OLD.proposed_at, OLD.decided_by,
    OLD.decided_at, OLD.reason, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM reference_changes_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reference_changes_history_no_update BEFORE UPDATE ON reference_changes_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reference_changes_history_no_delete BEFORE DELETE ON reference_changes_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER reference_changes_history_delete;
DROP TRIGGER reference_changes_history_update;
DROP TABLE reference_changes_history;
DROP TRIGGER letter_texts_history_delete;
DROP TRIGGER letter_texts_history_update;
DROP TABLE letter_texts_history;
DROP TABLE reference_changes;
DROP TABLE letter_texts;
