-- +goose Up
-- Requests of the review: corrections asked of the applicant, and questions to other
-- agencies. items and changed are JSON. One correction is open at a time, and
-- whoever asked for it does not answer it.
CREATE TABLE application_requests (
  id          TEXT PRIMARY KEY,
  application TEXT NOT NULL REFERENCES applications (id),
  kind        TEXT NOT NULL CHECK (kind IN ('correction', 'agency')),
  state       TEXT NOT NULL CHECK (state IN ('open', 'answered', 'lapsed', 'agreed', 'objected', 'deemed_agreed', 'void')),
  agency      TEXT NOT NULL CHECK ((agency <> '') = (kind = 'agency')),
  question    TEXT NOT NULL,
  items       TEXT NOT NULL,
  asked_by    TEXT NOT NULL CHECK (asked_by <> ''),
  asked_at    BIGINT NOT NULL,
  send_by     TEXT NOT NULL,
  due         TEXT NOT NULL CHECK (length(due) = 10),
  answer      TEXT NOT NULL,
  changed     TEXT NOT NULL,
  closed_by   TEXT NOT NULL,
  closed_at   BIGINT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT request_closed_by_somebody CHECK ((state = 'open') = (closed_by = '')),
  CONSTRAINT request_kind_has_state CHECK (state IN ('open', 'void') OR (kind = 'correction') = (state IN ('answered', 'lapsed'))),
  CONSTRAINT request_four_eyes CHECK (state <> 'answered' OR asked_by <> closed_by)
);
CREATE INDEX application_requests_application ON application_requests (application, id);
CREATE INDEX application_requests_due ON application_requests (due) WHERE state = 'open';
CREATE UNIQUE INDEX application_requests_one_correction ON application_requests (application) WHERE kind = 'correction' AND state = 'open';

-- What an application asked for before each correction: content is JSON, version
-- the last version of the application that had it.
CREATE TABLE application_contents (
  application TEXT NOT NULL REFERENCES applications (id),
  version     BIGINT NOT NULL,
  content     TEXT NOT NULL,
  request     TEXT NOT NULL REFERENCES application_requests (id),
  replaced_at BIGINT NOT NULL,
  PRIMARY KEY (application, version)
);

-- +goose Down
DROP TABLE application_contents;
DROP TABLE application_requests;
