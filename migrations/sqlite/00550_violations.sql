-- +goose Up
-- Administrative offences. What an article sets for a kind of subject is the law by date:
-- two people change it as they change all reference data. Article 463 is activity
-- without a permit; half of the fine suffices within seven days of the protocol (article
-- 811), and a fine is paid within thirty days (article 893).
CREATE TABLE penalty_rules (
  article TEXT NOT NULL CHECK (article <> ''),
  part TEXT NOT NULL CHECK (part <> ''),
  subject TEXT NOT NULL CHECK (subject IN ('person', 'official', 'small', 'medium', 'large')),
  mci INTEGER NOT NULL CHECK (mci >= 0),
  confiscation INTEGER NOT NULL CHECK (confiscation IN (0, 1)),
  early_percent INTEGER NOT NULL CHECK (early_percent BETWEEN 0 AND 100),
  early_days INTEGER NOT NULL CHECK (early_days >= 0),
  pay_days INTEGER NOT NULL CHECK (pay_days >= 0),
  text_kk TEXT NOT NULL,
  text_ru TEXT NOT NULL,
  text_en TEXT NOT NULL,
  legal_ref TEXT NOT NULL CHECK (legal_ref <> ''),
  grade TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (article, part, subject, valid_from),
  CONSTRAINT penalty_rule_days CHECK (valid_until = '' OR valid_until > valid_from)
) STRICT;
INSERT INTO penalty_rules (article, part, subject, mci, confiscation, early_percent, early_days, pay_days, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until) VALUES
  ('463', '1', 'person', 15, 1, 50, 7, 30, 'Рұқсатсыз қызмет', 'Деятельность без разрешения', 'Activity without a permit', 'КоАП РК, ст. 463, ч. 1; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '1', 'official', 25, 1, 50, 7, 30, 'Рұқсатсыз қызмет', 'Деятельность без разрешения', 'Activity without a permit', 'КоАП РК, ст. 463, ч. 1; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '1', 'small', 25, 1, 50, 7, 30, 'Рұқсатсыз қызмет', 'Деятельность без разрешения', 'Activity without a permit', 'КоАП РК, ст. 463, ч. 1; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '1', 'medium', 40, 1, 50, 7, 30, 'Рұқсатсыз қызмет', 'Деятельность без разрешения', 'Activity without a permit', 'КоАП РК, ст. 463, ч. 1; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '1', 'large', 150, 1, 50, 7, 30, 'Рұқсатсыз қызмет', 'Деятельность без разрешения', 'Activity without a permit', 'КоАП РК, ст. 463, ч. 1; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '2', 'person', 30, 1, 50, 7, 30, 'Рұқсатсыз қызмет, бір жыл ішінде қайталанған', 'Деятельность без разрешения, повторно в течение года', 'Activity without a permit, again within a year', 'КоАП РК, ст. 463, ч. 2; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '2', 'official', 50, 1, 50, 7, 30, 'Рұқсатсыз қызмет, бір жыл ішінде қайталанған', 'Деятельность без разрешения, повторно в течение года', 'Activity without a permit, again within a year', 'КоАП РК, ст. 463, ч. 2; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '2', 'small', 50, 1, 50, 7, 30, 'Рұқсатсыз қызмет, бір жыл ішінде қайталанған', 'Деятельность без разрешения, повторно в течение года', 'Activity without a permit, again within a year', 'КоАП РК, ст. 463, ч. 2; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '2', 'medium', 80, 1, 50, 7, 30, 'Рұқсатсыз қызмет, бір жыл ішінде қайталанған', 'Деятельность без разрешения, повторно в течение года', 'Activity without a permit, again within a year', 'КоАП РК, ст. 463, ч. 2; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', ''),
  ('463', '2', 'large', 300, 1, 50, 7, 30, 'Рұқсатсыз қызмет, бір жыл ішінде қайталанған', 'Деятельность без разрешения, повторно в течение года', 'Activity without a permit, again within a year', 'КоАП РК, ст. 463, ч. 2; сокращённое производство: ст. 811; уплата: ст. 893', 'R', '2023-04-01', '');

-- A violation of a case. Who drew up the protocol does not decide on it; the same
-- protocol makes one violation.
CREATE TABLE violations (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  article TEXT NOT NULL CHECK (article <> ''),
  part TEXT NOT NULL CHECK (part <> ''),
  subject TEXT NOT NULL CHECK (subject IN ('person', 'official', 'small', 'medium', 'large')),
  name TEXT NOT NULL CHECK (name <> ''),
  party TEXT NOT NULL,
  offence_on TEXT NOT NULL CHECK (length(offence_on) = 10),
  protocol TEXT NOT NULL CHECK (protocol <> ''),
  protocol_on TEXT NOT NULL CHECK (protocol_on >= offence_on),
  state TEXT NOT NULL CHECK (state IN ('protocol', 'imposed', 'appealed', 'paid', 'cancelled')),
  mci INTEGER NOT NULL CHECK (mci >= 0),
  index_tiyn INTEGER NOT NULL CHECK (index_tiyn > 0),
  fine_tiyn INTEGER NOT NULL CHECK (fine_tiyn >= 0),
  early_tiyn INTEGER NOT NULL CHECK (early_tiyn BETWEEN 0 AND fine_tiyn),
  early_by TEXT NOT NULL,
  confiscate INTEGER NOT NULL CHECK (confiscate IN (0, 1)),
  rule_from TEXT NOT NULL,
  legal_ref TEXT NOT NULL CHECK (legal_ref <> ''),
  decision TEXT NOT NULL,
  decided_on TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  due TEXT NOT NULL,
  paid_tiyn INTEGER NOT NULL CHECK (paid_tiyn >= 0),
  paid_on TEXT NOT NULL,
  appeal TEXT NOT NULL,
  appeal_on TEXT NOT NULL,
  appeal_end TEXT NOT NULL CHECK (appeal_end IN ('', 'upheld', 'changed', 'cancelled')),
  drawn_by TEXT NOT NULL CHECK (drawn_by <> ''),
  salt TEXT NOT NULL CHECK (salt <> ''),
  recorded_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT violation_decided CHECK ((decision <> '') = (decided_by <> '') AND (state = 'protocol' OR decided_by <> '')),
  CONSTRAINT violation_four_eyes CHECK (decided_by <> drawn_by),
  CONSTRAINT violation_appealed CHECK (state <> 'appealed' OR appeal <> ''),
  CONSTRAINT violation_protocol UNIQUE (protocol, protocol_on)
) STRICT;
CREATE INDEX violations_case ON violations (case_id, id);
CREATE INDEX violations_state ON violations (state, due, id);
CREATE TABLE violation_payments (
  id          TEXT PRIMARY KEY,
  violation   TEXT NOT NULL REFERENCES violations (id),
  paid_on     TEXT NOT NULL CHECK (length(paid_on) = 10),
  amount_tiyn INTEGER NOT NULL CHECK (amount_tiyn > 0),
  number      TEXT NOT NULL CHECK (number <> ''),
  at          INTEGER NOT NULL,
  by_user     TEXT NOT NULL CHECK (by_user <> ''),
  CONSTRAINT violation_payment_once UNIQUE (violation, number)
) STRICT;

CREATE TABLE penalty_rules_history (
  article TEXT, part TEXT, subject TEXT, mci INTEGER, confiscation INTEGER, early_percent INTEGER, early_days INTEGER, pay_days INTEGER, text_kk TEXT, text_ru TEXT, text_en TEXT, legal_ref TEXT, grade TEXT, valid_from TEXT, valid_until TEXT, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (article, part, subject, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER penalty_rules_history_update AFTER UPDATE ON penalty_rules
BEGIN
  INSERT INTO penalty_rules_history (article, part, subject, mci, confiscation, early_percent, early_days, pay_days, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.article, OLD.part, OLD.subject, OLD.mci, OLD.confiscation, OLD.early_percent, OLD.early_days, OLD.pay_days, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM penalty_rules_history h WHERE h.article = OLD.article AND h.part = OLD.part AND h.subject = OLD.subject AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER penalty_rules_history_delete AFTER DELETE ON penalty_rules
BEGIN
  INSERT INTO penalty_rules_history (article, part, subject, mci, confiscation, early_percent, early_days, pay_days, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.article, OLD.part, OLD.subject, OLD.mci, OLD.confiscation, OLD.early_percent, OLD.early_days, OLD.pay_days, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM penalty_rules_history h WHERE h.article = OLD.article AND h.part = OLD.part AND h.subject = OLD.subject AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER penalty_rules_history_no_update BEFORE UPDATE ON penalty_rules_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER penalty_rules_history_no_delete BEFORE DELETE ON penalty_rules_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE violations_history (
  id TEXT, case_id TEXT, article TEXT, part TEXT, subject TEXT, name TEXT, party TEXT, offence_on TEXT, protocol TEXT, protocol_on TEXT, state TEXT, mci INTEGER, index_tiyn INTEGER, fine_tiyn INTEGER, early_tiyn INTEGER, early_by TEXT, confiscate INTEGER, rule_from TEXT, legal_ref TEXT, decision TEXT, decided_on TEXT, decided_by TEXT, due TEXT, paid_tiyn INTEGER, paid_on TEXT, appeal TEXT, appeal_on TEXT, appeal_end TEXT, drawn_by TEXT, salt TEXT, recorded_at INTEGER, updated_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER violations_history_update AFTER UPDATE ON violations
BEGIN
  INSERT INTO violations_history (id, case_id, article, part, subject, name, party, offence_on, protocol, protocol_on, state, mci, index_tiyn, fine_tiyn, early_tiyn, early_by, confiscate, rule_from, legal_ref, decision, decided_on, decided_by, due, paid_tiyn, paid_on, appeal, appeal_on, appeal_end, drawn_by, salt, recorded_at, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.case_id, OLD.article, OLD.part, OLD.subject, OLD.name, OLD.party, OLD.offence_on, OLD.protocol, OLD.protocol_on, OLD.state, OLD.mci, OLD.index_tiyn, OLD.fine_tiyn, OLD.early_tiyn, OLD.early_by, OLD.confiscate, OLD.rule_from, OLD.legal_ref, OLD.decision, OLD.decided_on, OLD.decided_by, OLD.due, OLD.paid_tiyn, OLD.paid_on, OLD.appeal, OLD.appeal_on, OLD.appeal_end, OLD.drawn_by, OLD.salt, OLD.recorded_at, OLD.updated_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM violations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_history_delete AFTER DELETE ON violations
BEGIN
  INSERT INTO violations_history (id, case_id, article, part, subject, name, party, offence_on, protocol, protocol_on, state, mci, index_tiyn, fine_tiyn, early_tiyn, early_by, confiscate, rule_from, legal_ref, decision, decided_on, decided_by, due, paid_tiyn, paid_on, appeal, appeal_on, appeal_end, drawn_by, salt, recorded_at, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.case_id, OLD.article, OLD.part, OLD.subject, OLD.name, OLD.party, OLD.offence_on, OLD.protocol, OLD.protocol_on, OLD.state, OLD.mci, OLD.index_tiyn, OLD.fine_tiyn, OLD.early_tiyn, OLD.early_by, OLD.confiscate, OLD.rule_from, OLD.legal_ref, OLD.decision, OLD.decided_on, OLD.decided_by, OLD.due, OLD.paid_tiyn, OLD.paid_on, OLD.appeal, OLD.appeal_on, OLD.appeal_end, OLD.drawn_by, OLD.salt, OLD.recorded_at, OLD.updated_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM violations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_history_no_update BEFORE UPDATE ON violations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_history_no_delete BEFORE DELETE ON violations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE violation_payments;
DROP TABLE violations;
DROP TABLE penalty_rules;
DROP TABLE penalty_rules_history;
DROP TABLE violations_history;
