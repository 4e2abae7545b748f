-- +goose Up
-- A visit that an inspector makes: what the law demands for it, who goes, and how far it
-- has come. lat and lon are degrees times ten million, 0 and 0 for unknown. hold names
-- why nothing of it may be erased.
CREATE TABLE inspections (
  id           TEXT PRIMARY KEY,
  number       TEXT NOT NULL UNIQUE,
  kind         TEXT NOT NULL CHECK (kind IN ('planned', 'unscheduled', 'preventive')),
  case_id      TEXT NOT NULL,
  finding      TEXT NOT NULL,
  site         TEXT NOT NULL,
  point        TEXT NOT NULL,
  party        TEXT NOT NULL,
  license      TEXT NOT NULL,
  title        TEXT NOT NULL CHECK (title <> ''),
  address      TEXT NOT NULL,
  region       TEXT NOT NULL,
  lat_e7       BIGINT NOT NULL CHECK (lat_e7 BETWEEN -900000000 AND 900000000),
  lon_e7       BIGINT NOT NULL CHECK (lon_e7 BETWEEN -1800000000 AND 1800000000),
  planned_on   TEXT NOT NULL CHECK (length(planned_on) = 10),
  route        BIGINT NOT NULL CHECK (route >= 0),
  state        TEXT NOT NULL CHECK (state IN ('planned', 'ready', 'in_progress', 'submitted', 'finalized', 'cancelled')),
  lead         TEXT NOT NULL CHECK (lead <> ''),
  members      TEXT NOT NULL,
  agencies     TEXT NOT NULL,
  former       TEXT NOT NULL,
  legal        TEXT NOT NULL,
  checklist    TEXT NOT NULL CHECK (checklist <> ''),
  reason       TEXT NOT NULL,
  hold         TEXT NOT NULL,
  salt         TEXT NOT NULL CHECK (salt <> ''),
  created_by   TEXT NOT NULL CHECK (created_by <> ''),
  created_at   BIGINT NOT NULL,
  submitted_by TEXT NOT NULL,
  submitted_at BIGINT NOT NULL,
  finalized_by TEXT NOT NULL,
  finalized_at BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  version      BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT inspection_submitted CHECK (state <> 'submitted' OR submitted_by <> '' AND submitted_at > 0),
  CONSTRAINT inspection_finalized CHECK ((state = 'finalized') = (finalized_by <> '')),
  CONSTRAINT inspection_cancelled CHECK ((state = 'cancelled') = (reason <> ''))
);
CREATE INDEX inspections_state ON inspections (state, planned_on, id);
CREATE INDEX inspections_day ON inspections (planned_on, route, id);
CREATE INDEX inspections_case ON inspections (case_id, id);
CREATE TABLE inspection_numbers (
  year TEXT PRIMARY KEY,
  next BIGINT NOT NULL CHECK (next >= 1)
);

-- What the law demands of an inspection of a kind, by date, and why it matters. or_field
-- names the field that stands for it; days is the least number of calendar days between
-- the date in the field and the visit.
CREATE TABLE inspection_rules (
  kind        TEXT NOT NULL CHECK (kind IN ('planned', 'unscheduled', 'preventive')),
  field       TEXT NOT NULL CHECK (field <> ''),
  position    BIGINT NOT NULL,
  or_field    TEXT NOT NULL,
  days        BIGINT NOT NULL CHECK (days >= 0),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  why_kk      TEXT NOT NULL,
  why_ru      TEXT NOT NULL,
  why_en      TEXT NOT NULL,
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, field, valid_from)
);

-- The checklists of inspections, by date: sections, questions and the shots that are
-- required, as JSON in three languages.
CREATE TABLE checklists (
  version     TEXT PRIMARY KEY,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  body        TEXT NOT NULL CHECK (body <> ''),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0
);

-- Devices of the field: each signs with a key that does not leave it.
CREATE TABLE field_devices (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL CHECK (user_id <> ''),
  name          TEXT NOT NULL CHECK (name <> ''),
  public_key    TEXT NOT NULL UNIQUE,
  registered_at BIGINT NOT NULL,
  locked_at     BIGINT NOT NULL,
  locked_by     TEXT NOT NULL,
  CONSTRAINT field_device_locked CHECK ((locked_at > 0) = (locked_by <> ''))
);

-- What devices recorded on visits, as they signed it. A second text under the same id is
-- a version of its own; nothing is changed or dropped.
CREATE TABLE inspection_events (
  id          TEXT PRIMARY KEY,
  event_id    TEXT NOT NULL CHECK (event_id <> ''),
  hash        TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  inspection  TEXT NOT NULL REFERENCES inspections (id),
  device      TEXT NOT NULL REFERENCES field_devices (id),
  user_id     TEXT NOT NULL CHECK (user_id <> ''),
  seq         BIGINT NOT NULL CHECK (seq >= 1),
  prev        TEXT NOT NULL CHECK (length(prev) = 64),
  kind        TEXT NOT NULL CHECK (kind <> ''),
  device_at   BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  payload     TEXT NOT NULL,
  signature   TEXT NOT NULL CHECK (signature <> ''),
  flags       TEXT NOT NULL,
  entry       TEXT NOT NULL CHECK (entry <> '')
);
CREATE INDEX inspection_events_visit ON inspection_events (inspection, device, seq, id);
CREATE INDEX inspection_events_chain ON inspection_events (device, seq);
CREATE INDEX inspection_events_id ON inspection_events (event_id);

-- Which files the events of a visit name.
CREATE TABLE evidence_names (
  sha256     TEXT NOT NULL CHECK (length(sha256) = 64),
  hash       TEXT NOT NULL REFERENCES inspection_events (hash),
  inspection TEXT NOT NULL REFERENCES inspections (id),
  event_id   TEXT NOT NULL,
  named_at   BIGINT NOT NULL,
  PRIMARY KEY (sha256, hash)
);
CREATE INDEX evidence_names_inspection ON evidence_names (inspection);

-- The originals that the folder of evidence holds, and what was read from them.
CREATE TABLE evidence_blobs (
  sha256      TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  bytes       BIGINT NOT NULL CHECK (bytes > 0),
  media_type  TEXT NOT NULL,
  width       BIGINT NOT NULL,
  height      BIGINT NOT NULL,
  exif        TEXT NOT NULL,
  print       TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  received_by TEXT NOT NULL CHECK (received_by <> ''),
  entry       TEXT NOT NULL CHECK (entry <> '')
);
CREATE INDEX evidence_blobs_order ON evidence_blobs (received_at, sha256);
-- Pictures that look like an earlier one, found when they came in. score is a
-- thousandth of their correlation.
CREATE TABLE evidence_matches (
  sha256   TEXT NOT NULL REFERENCES evidence_blobs (sha256),
  earlier  TEXT NOT NULL REFERENCES evidence_blobs (sha256),
  score    BIGINT NOT NULL CHECK (score BETWEEN 0 AND 1000),
  how      TEXT NOT NULL CHECK (how IN ('whole', 'crop', 'mirror')),
  found_at BIGINT NOT NULL,
  PRIMARY KEY (sha256, earlier)
);
-- Who had an original in hands, and for what.
CREATE TABLE evidence_custody (
  id      TEXT PRIMARY KEY,
  sha256  TEXT NOT NULL REFERENCES evidence_blobs (sha256),
  act     TEXT NOT NULL CHECK (act IN ('received', 'received_again', 'viewed', 'exported', 'erased')),
  purpose TEXT NOT NULL,
  at      BIGINT NOT NULL,
  by_user TEXT NOT NULL CHECK (by_user <> ''),
  entry   TEXT NOT NULL CHECK (entry <> '')
);
CREATE INDEX evidence_custody_blob ON evidence_custody (sha256, id);

-- Orders to put something right that an inspection gave. What feeds the gate is the
-- obligation of the license.
CREATE TABLE remedy_orders (
  id         TEXT PRIMARY KEY,
  number     TEXT NOT NULL UNIQUE,
  inspection TEXT NOT NULL REFERENCES inspections (id),
  license    TEXT NOT NULL,
  obligation TEXT NOT NULL,
  body       TEXT NOT NULL CHECK (body <> ''),
  article    TEXT NOT NULL CHECK (article <> ''),
  due        TEXT NOT NULL CHECK (length(due) = 10),
  salt       TEXT NOT NULL CHECK (salt <> ''),
  issued_at  BIGINT NOT NULL,
  issued_by  TEXT NOT NULL CHECK (issued_by <> '')
);
CREATE INDEX remedy_orders_inspection ON remedy_orders (inspection, id);

CREATE TABLE inspections_history (LIKE inspections, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION inspections_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER inspections_keeps_history AFTER UPDATE OR DELETE ON inspections FOR EACH ROW EXECUTE FUNCTION inspections_keep_history();
CREATE TRIGGER inspections_history_immutable BEFORE UPDATE OR DELETE ON inspections_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER inspections_history_no_truncate BEFORE TRUNCATE ON inspections_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER inspection_events_immutable BEFORE UPDATE OR DELETE ON inspection_events FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER inspection_events_no_truncate BEFORE TRUNCATE ON inspection_events FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_names_immutable BEFORE UPDATE OR DELETE ON evidence_names FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_names_no_truncate BEFORE TRUNCATE ON evidence_names FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_custody_immutable BEFORE UPDATE OR DELETE ON evidence_custody FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_custody_no_truncate BEFORE TRUNCATE ON evidence_custody FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_matches_immutable BEFORE UPDATE OR DELETE ON evidence_matches FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER evidence_matches_no_truncate BEFORE TRUNCATE ON evidence_matches FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER remedy_orders_immutable BEFORE UPDATE OR DELETE ON remedy_orders FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER remedy_orders_no_truncate BEFORE TRUNCATE ON remedy_orders FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'act_number', 1, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің нөмірі', 'Номер акта о назначении', 'Number of the act of appointment', 'Тағайындау актісінсіз тексеру заңсыз, оның нәтижелері дәлел бола алмайды.', 'Без акта о назначении проверка незаконна, и её результаты не могут быть доказательством.', 'Without an act of appointment the inspection is unlawful and nothing found in it is evidence.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'act_date', 2, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің күні', 'Дата акта о назначении', 'Date of the act of appointment', 'Акт тексеру басталғанға дейін шығарылуы тиіс.', 'Акт выносится до начала проверки.', 'The act has to be made before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'registration_number', 3, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'ҚСжАЕК-те тіркеу нөмірі', 'Номер регистрации в КПСиСУ', 'Registration number at the legal statistics body', 'Құқықтық статистика комитетінде тіркелмеген тексеру жарамсыз деп танылады.', 'Проверка, не зарегистрированная в Комитете по правовой статистике, признаётся недействительной.', 'An inspection that is not registered with the legal statistics committee is void.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'registration_date', 4, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'Тіркеу күні', 'Дата регистрации', 'Date of registration', 'Тіркеу тексеру басталғанға дейін жүргізіледі.', 'Регистрация проводится до начала проверки.', 'Registration comes before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'inspector_card', 6, '', 0, 'Предпринимательский кодекс РК, гл. 13', 'S', 'Инспектор куәлігінің нөмірі', 'Номер служебного удостоверения', 'Number of the inspector''s card', 'Куәлік көрсетілмесе, субъект инспекторды объектіге жібермеуге құқылы.', 'Без предъявления удостоверения субъект вправе не допустить инспектора на объект.', 'Without the card shown, the subject may refuse the inspector entry.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'checklist_version', 7, '', 0, 'Совместный приказ № 164/НҚ-49 (04.2023) в ред. № 662/НҚ-184, с 14.01.2024', 'S', 'Тексеру парағының нұсқасы', 'Версия проверочного листа', 'Version of the checklist', 'Тексеру парағынан тыс талаптарды тексеруге болмайды.', 'Проверять требования, которых нет в проверочном листе, нельзя.', 'Nothing may be inspected that does not stand in the checklist.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'entry_power', 8, '', 0, 'Предпринимательский кодекс РК, ст. 152', 'R', 'Кіру өкілеттігінің негізі', 'Основание полномочий на вход', 'Ground of the power to enter', 'Меншік иесінің келісімінсіз үй-жайға кіру үшін заңды негіз қажет.', 'Вход в помещение без согласия владельца требует законного основания.', 'Entering premises without the owner''s consent needs a ground in law.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('planned', 'notice_date', 5, 'notice_exception', 30, 'Предпринимательский кодекс РК: уведомление не менее чем за 30 календарных дней, в исключительных случаях за 1 день', 'S', 'Хабарлама берілген күн', 'Дата уведомления', 'Date of the notice', 'Субъект кемінде 30 күнтізбелік күн бұрын хабардар етіледі, немесе ерекше жағдайдың себебі көрсетіледі.', 'Субъект уведомляется не менее чем за 30 календарных дней, либо указывается причина исключения.', 'The subject is told at least 30 calendar days before, or the reason for the exception is given.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'act_number', 1, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің нөмірі', 'Номер акта о назначении', 'Number of the act of appointment', 'Тағайындау актісінсіз тексеру заңсыз, оның нәтижелері дәлел бола алмайды.', 'Без акта о назначении проверка незаконна, и её результаты не могут быть доказательством.', 'Without an act of appointment the inspection is unlawful and nothing found in it is evidence.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'act_date', 2, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің күні', 'Дата акта о назначении', 'Date of the act of appointment', 'Акт тексеру басталғанға дейін шығарылуы тиіс.', 'Акт выносится до начала проверки.', 'The act has to be made before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'registration_number', 3, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'ҚСжАЕК-те тіркеу нөмірі', 'Номер регистрации в КПСиСУ', 'Registration number at the legal statistics body', 'Құқықтық статистика комитетінде тіркелмеген тексеру жарамсыз деп танылады.', 'Проверка, не зарегистрированная в Комитете по правовой статистике, признаётся недействительной.', 'An inspection that is not registered with the legal statistics committee is void.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'registration_date', 4, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'Тіркеу күні', 'Дата регистрации', 'Date of registration', 'Тіркеу тексеру басталғанға дейін жүргізіледі.', 'Регистрация проводится до начала проверки.', 'Registration comes before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'inspector_card', 6, '', 0, 'Предпринимательский кодекс РК, гл. 13', 'S', 'Инспектор куәлігінің нөмірі', 'Номер служебного удостоверения', 'Number of the inspector''s card', 'Куәлік көрсетілмесе, субъект инспекторды объектіге жібермеуге құқылы.', 'Без предъявления удостоверения субъект вправе не допустить инспектора на объект.', 'Without the card shown, the subject may refuse the inspector entry.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'checklist_version', 7, '', 0, 'Совместный приказ № 164/НҚ-49 (04.2023) в ред. № 662/НҚ-184, с 14.01.2024', 'S', 'Тексеру парағының нұсқасы', 'Версия проверочного листа', 'Version of the checklist', 'Тексеру парағынан тыс талаптарды тексеруге болмайды.', 'Проверять требования, которых нет в проверочном листе, нельзя.', 'Nothing may be inspected that does not stand in the checklist.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'entry_power', 8, '', 0, 'Предпринимательский кодекс РК, ст. 152', 'R', 'Кіру өкілеттігінің негізі', 'Основание полномочий на вход', 'Ground of the power to enter', 'Меншік иесінің келісімінсіз үй-жайға кіру үшін заңды негіз қажет.', 'Вход в помещение без согласия владельца требует законного основания.', 'Entering premises without the owner''s consent needs a ground in law.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('unscheduled', 'notice_date', 5, 'notice_exception', 1, 'Предпринимательский кодекс РК: уведомление не менее чем за 30 календарных дней, в исключительных случаях за 1 день', 'S', 'Хабарлама берілген күн', 'Дата уведомления', 'Date of the notice', 'Субъект кемінде 1 күнтізбелік күн бұрын хабардар етіледі, немесе ерекше жағдайдың себебі көрсетіледі.', 'Субъект уведомляется не менее чем за 1 календарных дней, либо указывается причина исключения.', 'The subject is told at least 1 calendar days before, or the reason for the exception is given.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'act_number', 1, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің нөмірі', 'Номер акта о назначении', 'Number of the act of appointment', 'Тағайындау актісінсіз тексеру заңсыз, оның нәтижелері дәлел бола алмайды.', 'Без акта о назначении проверка незаконна, и её результаты не могут быть доказательством.', 'Without an act of appointment the inspection is unlawful and nothing found in it is evidence.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'act_date', 2, '', 0, 'Предпринимательский кодекс РК, ст. 144-1', 'R', 'Тағайындау актісінің күні', 'Дата акта о назначении', 'Date of the act of appointment', 'Акт тексеру басталғанға дейін шығарылуы тиіс.', 'Акт выносится до начала проверки.', 'The act has to be made before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'registration_number', 3, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'ҚСжАЕК-те тіркеу нөмірі', 'Номер регистрации в КПСиСУ', 'Registration number at the legal statistics body', 'Құқықтық статистика комитетінде тіркелмеген тексеру жарамсыз деп танылады.', 'Проверка, не зарегистрированная в Комитете по правовой статистике, признаётся недействительной.', 'An inspection that is not registered with the legal statistics committee is void.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'registration_date', 4, '', 0, 'Приказ Генерального прокурора РК № 162 от 25.12.2020', 'S', 'Тіркеу күні', 'Дата регистрации', 'Date of registration', 'Тіркеу тексеру басталғанға дейін жүргізіледі.', 'Регистрация проводится до начала проверки.', 'Registration comes before the inspection begins.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'inspector_card', 6, '', 0, 'Предпринимательский кодекс РК, гл. 13', 'S', 'Инспектор куәлігінің нөмірі', 'Номер служебного удостоверения', 'Number of the inspector''s card', 'Куәлік көрсетілмесе, субъект инспекторды объектіге жібермеуге құқылы.', 'Без предъявления удостоверения субъект вправе не допустить инспектора на объект.', 'Without the card shown, the subject may refuse the inspector entry.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'checklist_version', 7, '', 0, 'Совместный приказ № 164/НҚ-49 (04.2023) в ред. № 662/НҚ-184, с 14.01.2024', 'S', 'Тексеру парағының нұсқасы', 'Версия проверочного листа', 'Version of the checklist', 'Тексеру парағынан тыс талаптарды тексеруге болмайды.', 'Проверять требования, которых нет в проверочном листе, нельзя.', 'Nothing may be inspected that does not stand in the checklist.', '2023-04-01', '');
INSERT INTO inspection_rules (kind, field, position, or_field, days, legal_ref, grade, text_kk, text_ru, text_en, why_kk, why_ru, why_en, valid_from, valid_until) VALUES
  ('preventive', 'notice_date', 5, 'notice_exception', 30, 'Предпринимательский кодекс РК: уведомление не менее чем за 30 календарных дней, в исключительных случаях за 1 день', 'S', 'Хабарлама берілген күн', 'Дата уведомления', 'Date of the notice', 'Субъект кемінде 30 күнтізбелік күн бұрын хабардар етіледі, немесе ерекше жағдайдың себебі көрсетіледі.', 'Субъект уведомляется не менее чем за 30 календарных дней, либо указывается причина исключения.', 'The subject is told at least 30 calendar days before, or the reason for the exception is given.', '2023-04-01', '');
INSERT INTO checklists (version, legal_ref, grade, body, valid_from, valid_until) VALUES ('mining/2024-01', 'Совместный приказ № 164/НҚ-49 (04.2023) в ред. № 662/НҚ-184, с 14.01.2024', 'R', '{"sections": [{"id": "access", "title": {"kk": "Кіру және құжаттар", "ru": "Доступ и документы", "en": "Access and papers"}, "questions": [{"id": "papers_shown", "text": {"kk": "Акт пен куәлік көрсетілді ме?", "ru": "Акт и удостоверение предъявлены?", "en": "Were the act and the card shown?"}, "kind": "yes_no", "required": true, "why": {"kk": "Көрсетілмесе, тексеру жарамсыз.", "ru": "Иначе проверка недействительна.", "en": "Otherwise the inspection is void."}}, {"id": "subject_present", "text": {"kk": "Субъектінің атынан кім қатысады?", "ru": "Кто присутствует от субъекта?", "en": "Who is present for the subject?"}, "kind": "choice", "required": true, "why": {"kk": "Хаттамаға сол адам қол қояды.", "ru": "Это лицо подписывает протокол.", "en": "This person signs the protocol."}, "choices": ["head", "representative", "worker", "nobody"]}, {"id": "license_shown", "text": {"kk": "Лицензия көрсетілді ме?", "ru": "Лицензия предъявлена?", "en": "Was a license shown?"}, "kind": "choice", "required": true, "why": {"kk": "Лицензиясыз майнинг заңсыз.", "ru": "Майнинг без лицензии незаконен.", "en": "Mining without a license is unlawful."}, "choices": ["yes", "no", "other_site"]}]}, {"id": "supply", "title": {"kk": "Электрмен жабдықтау", "ru": "Электроснабжение", "en": "Supply"}, "questions": [{"id": "meter_serial", "text": {"kk": "Есептегіштің зауыттық нөмірі", "ru": "Заводской номер счётчика", "en": "Serial number of the meter"}, "kind": "text", "required": true, "why": {"kk": "Тіркелген есептегішпен салыстырылады.", "ru": "Сверяется с реестром.", "en": "Compared with the register."}}, {"id": "seals_intact", "text": {"kk": "Пломбалар бүтін бе?", "ru": "Пломбы целы?", "en": "Are the seals intact?"}, "kind": "yes_no", "required": true, "why": {"kk": "Бұзылған пломба араласудың белгісі.", "ru": "Нарушенная пломба — признак вмешательства.", "en": "A broken seal is a sign of interference."}}, {"id": "bypass_found", "text": {"kk": "Есептегішті айналып өтетін қосылу бар ма?", "ru": "Есть ли подключение в обход счётчика?", "en": "Is there a connection that bypasses the meter?"}, "kind": "yes_no", "required": true, "why": {"kk": "Есепсіз тұтынудың дәлелі.", "ru": "Доказательство безучётного потребления.", "en": "Proof of unmetered consumption."}}, {"id": "load_kw", "text": {"kk": "Өлшенген жүктеме", "ru": "Измеренная нагрузка", "en": "Measured load"}, "kind": "number", "required": true, "why": {"kk": "Лицензиядағы қуатпен салыстырылады.", "ru": "Сравнивается с мощностью лицензии.", "en": "Compared with the power of the license."}, "unit": "kW"}, {"id": "automation", "text": {"kk": "Төтенше автоматика жұмыс істей ме?", "ru": "Противоаварийная автоматика работает?", "en": "Does the emergency automation work?"}, "kind": "yes_no", "required": false, "why": {"kk": "Онсыз желіге қосуға болмайды.", "ru": "Без неё подключение не допускается.", "en": "Without it no connection is allowed."}}]}, {"id": "equipment", "title": {"kk": "Жабдық", "ru": "Оборудование", "en": "Equipment"}, "questions": [{"id": "racks", "text": {"kk": "Тіректер саны", "ru": "Число стоек", "en": "Number of racks"}, "kind": "number", "required": false, "why": {"kk": "Санау толық болуы керек.", "ru": "Подсчёт должен быть полным.", "en": "The count has to be complete."}, "unit": "racks"}, {"id": "rigs_total", "text": {"kk": "Аппараттардың жалпы саны", "ru": "Всего аппаратов", "en": "Rigs altogether"}, "kind": "number", "required": true, "why": {"kk": "Мәлімделген санмен салыстырылады.", "ru": "Сравнивается с заявленным.", "en": "Compared with what was declared."}, "unit": "rigs"}, {"id": "rigs_running", "text": {"kk": "Жұмыс істеп тұрғаны", "ru": "Из них работает", "en": "Of these running"}, "kind": "number", "required": true, "why": {"kk": "Жүктемені түсіндіреді.", "ru": "Объясняет нагрузку.", "en": "Explains the load."}, "unit": "rigs"}, {"id": "other_owner", "text": {"kk": "Басқа біреудің жабдығы бар ма?", "ru": "Есть ли оборудование других лиц?", "en": "Is there equipment of others?"}, "kind": "yes_no", "required": true, "why": {"kk": "Олар үшін II түрлі лицензия керек.", "ru": "Для него нужна лицензия II подвида.", "en": "It needs a license of sub-type II."}}]}, {"id": "premises", "title": {"kk": "Үй-жай", "ru": "Помещение", "en": "Premises"}, "questions": [{"id": "safety", "text": {"kk": "Өрт қауіпсіздігі сақталған ба?", "ru": "Пожарная безопасность соблюдена?", "en": "Is fire safety kept?"}, "kind": "yes_no", "required": true, "why": {"kk": "Адамдардың қауіпсіздігі.", "ru": "Безопасность людей.", "en": "Safety of people."}}, {"id": "residential", "text": {"kk": "Тұрғын үй ішінде ме?", "ru": "В жилом доме?", "en": "In a residential building?"}, "kind": "yes_no", "required": true, "why": {"kk": "Тұрғын үйде майнингке тыйым салынған.", "ru": "В жилых домах майнинг запрещён.", "en": "Mining in residential buildings is forbidden."}}]}], "shots": [{"id": "entrance", "title": {"kk": "Кіреберіс", "ru": "Вход", "en": "Entrance"}, "required": true}, {"id": "meter", "title": {"kk": "Есептегіш пен пломбалар", "ru": "Счётчик и пломбы", "en": "Meter and seals"}, "required": true}, {"id": "hall", "title": {"kk": "Залдың жалпы көрінісі", "ru": "Общий вид зала", "en": "The hall as a whole"}, "required": true}, {"id": "label", "title": {"kk": "Аппараттың жапсырмасы", "ru": "Этикетка аппарата", "en": "Label of a rig"}, "required": false}, {"id": "wiring", "title": {"kk": "Кіріс щиты", "ru": "Вводной щит", "en": "Incoming panel"}, "required": false}]}', '2024-01-14', '');
-- An order to put something right is given by an inspection and never raised by the
-- calendar: its row is in force on no day and gives the name of the kind.
INSERT INTO obligation_kinds (code, period, due_day, day_off, sub_type, while_suspended, blocks_gate, outlives, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until, recorded_at) VALUES
  ('REMEDY_ORDER', 'end', 0, 'same_day', '', 1, 1, 0, 'Предпринимательский кодекс РК, ст. 152: предписание об устранении нарушений', 'R', 'Бұзушылықтарды жою туралы нұсқама', 'Предписание об устранении нарушений', 'Order to remedy violations', '2023-04-01', '2023-04-01', 0);

-- +goose Down
DROP TABLE remedy_orders;
DROP TABLE evidence_custody;
DROP TABLE evidence_matches;
DROP TABLE evidence_blobs;
DROP TABLE evidence_names;
DROP TABLE inspection_events;
DROP TABLE field_devices;
DROP TABLE checklists;
DROP TABLE inspection_rules;
DROP TABLE inspection_numbers;
DROP TABLE inspections_history;
DROP TABLE inspections;
DELETE FROM obligation_kinds WHERE code = 'REMEDY_ORDER';
DROP FUNCTION inspections_keep_history();
