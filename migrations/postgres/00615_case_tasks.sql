-- +goose Up
-- The steps that cases have, by date: their words in three languages and how many working
-- days each usually has.
CREATE TABLE case_task_kinds (
  code        TEXT NOT NULL CHECK (code <> ''),
  position    BIGINT NOT NULL,
  days        BIGINT NOT NULL CHECK (days BETWEEN 1 AND 250),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL CHECK (text_kk <> ''),
  text_ru     TEXT NOT NULL CHECK (text_ru <> ''),
  text_en     TEXT NOT NULL CHECK (text_en <> ''),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (code, valid_from)
);

-- What a task of a case asks for: a step by its code, or a title of its own. Who has it,
-- until when and how it ended stand in tasks, under the same id. Written once.
CREATE TABLE case_tasks (
  id        TEXT PRIMARY KEY REFERENCES tasks (id),
  case_id   TEXT NOT NULL REFERENCES cases (id),
  kind      TEXT NOT NULL,
  title     TEXT NOT NULL,
  days      BIGINT NOT NULL CHECK (days BETWEEN 1 AND 250),
  salt      TEXT NOT NULL CHECK (salt <> ''),
  opened_at BIGINT NOT NULL,
  opened_by TEXT NOT NULL CHECK (opened_by <> ''),
  CONSTRAINT case_task_named CHECK ((kind = '') <> (title = ''))
);
CREATE INDEX case_tasks_case ON case_tasks (case_id, id);

INSERT INTO case_task_kinds (code, position, days, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until) VALUES
  ('plan_visit', 1, 10, 'Внутренний регламент реестра до приказа министерства', 'R', 'Тексеруді жоспарлау', 'Запланировать проверку', 'Plan an inspection', '2023-04-01', ''),
  ('ask_utility', 2, 5, 'Внутренний регламент реестра до приказа министерства', 'R', 'Желі компаниясынан деректер мен құжаттар сұрату', 'Запросить данные и документы у сетевой компании', 'Ask the grid company for its data and papers', '2023-04-01', ''),
  ('identify_user', 3, 10, 'Внутренний регламент реестра до приказа министерства', 'R', 'Үй-жайдың меншік иесі мен жалға алушысын анықтау', 'Установить собственника и арендатора помещения', 'Find out who owns and who rents the premises', '2023-04-01', ''),
  ('hear_subject', 4, 10, 'Внутренний регламент реестра до приказа министерства', 'R', 'Субъектіден түсініктеме алу', 'Получить объяснения субъекта', 'Take the explanation of the subject', '2023-04-01', ''),
  ('count_energy', 5, 15, 'Внутренний регламент реестра до приказа министерства', 'R', 'Лицензиясыз тұтынылған энергияны есептеу', 'Рассчитать энергию, потреблённую без лицензии', 'Work out the energy drawn without a license', '2023-04-01', ''),
  ('store_seized', 6, 3, 'Внутренний регламент реестра до приказа министерства', 'R', 'Алынған аппараттарды сақтауға тапсыру', 'Сдать изъятые аппараты на хранение', 'Hand the seized machines over for storage', '2023-04-01', ''),
  ('refer', 7, 5, 'Внутренний регламент реестра до приказа министерства', 'R', 'Материалдарды өкілетті органға беру', 'Передать материалы уполномоченному органу', 'Refer the material to the competent agency', '2023-04-01', '');

-- +goose Down
DROP TABLE case_tasks;
DROP TABLE case_task_kinds;
