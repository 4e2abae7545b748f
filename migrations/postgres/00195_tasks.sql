-- +goose Up
-- Things that somebody has to do by a legal date: one for a kind, a subject and a
-- due date, however often it is asked for.
CREATE TABLE tasks (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind <> ''),
  subject_kind TEXT NOT NULL CHECK (subject_kind <> ''),
  subject_id   TEXT NOT NULL CHECK (subject_id <> ''),
  license      TEXT NOT NULL,
  party        TEXT NOT NULL,
  due          TEXT NOT NULL CHECK (length(due) = 10),
  role         TEXT NOT NULL CHECK (role <> ''),
  assignee     TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
  reason       TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  closed_at    BIGINT NOT NULL,
  closed_by    TEXT NOT NULL,
  outcome      TEXT NOT NULL,
  updated_at   BIGINT NOT NULL,
  version      BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT task_once UNIQUE (kind, subject_kind, subject_id, due),
  CONSTRAINT task_closed_by_somebody CHECK ((state = 'open') = (closed_by = '')),
  CONSTRAINT task_closed_at CHECK ((state = 'open') = (closed_at = 0))
);
CREATE INDEX tasks_open ON tasks (due, id) WHERE state = 'open';
CREATE INDEX tasks_subject ON tasks (subject_kind, subject_id);
CREATE INDEX tasks_party ON tasks (party, due);

-- +goose Down
DROP TABLE tasks;
