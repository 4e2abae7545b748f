-- +goose Up
-- Administrative offences. What an article sets for a kind of subject is the law by date:
-- two people change it as they change all reference data. Article 463 is activity
-- without a permit; half of the fine suffices within seven days of the protocol (article
-- 811), and a fine is paid within thirty days (article 893).
CREATE TABLE penalty_rules (
  article TEXT NOT NULL CHECK (article <> ''),
  part TEXT NOT NULL CHECK (part <> ''),
  subject TEXT NOT NULL CHECK (subject IN ('person', 'official', 'small', 'medium', 'large')),
  mci BIGINT NOT NULL CHECK (mci >= 0),
  confiscation BIGINT NOT NULL CHECK (confiscation IN (0, 1)),
  early_percent BIGINT NOT NULL CHECK (early_percent BETWEEN 0 AND 100),
  early_days BIGINT NOT NULL CHECK (early_days >= 0),
  pay_days BIGINT NOT NULL CHECK (pay_days >= 0),
  text_kk TEXT NOT NULL,
  text_ru TEXT NOT NULL,
  text_en TEXT NOT NULL,
  legal_ref TEXT NOT NULL CHECK (legal_ref <> ''),
  grade TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (article, part, subject, valid_from),
  CONSTRAINT penalty_rule_days CHECK (valid_until = '' OR valid_until > valid_from)
);
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
  mci BIGINT NOT NULL CHECK (mci >= 0),
  index_tiyn BIGINT NOT NULL CHECK (index_tiyn > 0),
  fine_tiyn BIGINT NOT NULL CHECK (fine_tiyn >= 0),
  early_tiyn BIGINT NOT NULL CHECK (early_tiyn BETWEEN 0 AND fine_tiyn),
  early_by TEXT NOT NULL,
  confiscate BIGINT NOT NULL CHECK (confiscate IN (0, 1)),
  rule_from TEXT NOT NULL,
  legal_ref TEXT NOT NULL CHECK (legal_ref <> ''),
  decision TEXT NOT NULL,
  decided_on TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  due TEXT NOT NULL,
  paid_tiyn BIGINT NOT NULL CHECK (paid_tiyn >= 0),
  paid_on TEXT NOT NULL,
  appeal TEXT NOT NULL,
  appeal_on TEXT NOT NULL,
  appeal_end TEXT NOT NULL CHECK (appeal_end IN ('', 'upheld', 'changed', 'cancelled')),
  drawn_by TEXT NOT NULL CHECK (drawn_by <> ''),
  salt TEXT NOT NULL CHECK (salt <> ''),
  recorded_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT violation_decided CHECK ((decision <> '') = (decided_by <> '') AND (state = 'protocol' OR decided_by <> '')),
  CONSTRAINT violation_four_eyes CHECK (decided_by <> drawn_by),
  CONSTRAINT violation_appealed CHECK (state <> 'appealed' OR appeal <> ''),
  CONSTRAINT violation_protocol UNIQUE (protocol, protocol_on)
);
CREATE INDEX violations_case ON violations (case_id, id);
CREATE INDEX violations_state ON violations (state, due, id);
CREATE TABLE violation_payments (
  id          TEXT PRIMARY KEY,
  violation   TEXT NOT NULL REFERENCES violations (id),
  paid_on     TEXT NOT NULL CHECK (length(paid_on) = 10),
  amount_tiyn BIGINT NOT NULL CHECK (amount_tiyn > 0),
  number      TEXT NOT NULL CHECK (number <> ''),
  at          BIGINT NOT NULL,
  by_user     TEXT NOT NULL CHECK (by_user <> ''),
  CONSTRAINT violation_payment_once UNIQUE (violation, number)
);

CREATE TABLE penalty_rules_history (LIKE penalty_rules, replaced_at BIGINT NOT NULL, PRIMARY KEY (article, part, subject, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION penalty_rules_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO penalty_rules_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER penalty_rules_keeps_history AFTER UPDATE OR DELETE ON penalty_rules FOR EACH ROW EXECUTE FUNCTION penalty_rules_keep_history();
CREATE TRIGGER penalty_rules_history_immutable BEFORE UPDATE OR DELETE ON penalty_rules_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER penalty_rules_history_no_truncate BEFORE TRUNCATE ON penalty_rules_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE violations_history (LIKE violations, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION violations_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO violations_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER violations_keeps_history AFTER UPDATE OR DELETE ON violations FOR EACH ROW EXECUTE FUNCTION violations_keep_history();
CREATE TRIGGER violations_history_immutable BEFORE UPDATE OR DELETE ON violations_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER violations_history_no_truncate BEFORE TRUNCATE ON violations_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
DROP TABLE violation_payments;
DROP TABLE violations;
DROP TABLE penalty_rules;
DROP TABLE penalty_rules_history;
DROP TABLE violations_history;
DROP FUNCTION penalty_rules_keep_history();
DROP FUNCTION violations_keep_history();
