-- +goose Up
-- What edge collectors say about their spools, the newest of each: how full, since when
-- its oldest batch waits, and what the server would not take. missing is what the server
-- lacked between the batches it had when the report came.
CREATE TABLE collector_reports (
  collector   TEXT PRIMARY KEY CHECK (collector <> ''),
  utility     TEXT NOT NULL,
  reported_at BIGINT NOT NULL CHECK (reported_at > 0),
  quota_bytes BIGINT NOT NULL CHECK (quota_bytes > 0),
  held_bytes  BIGINT NOT NULL CHECK (held_bytes >= 0),
  batches     BIGINT NOT NULL CHECK (batches >= 0),
  oldest_us   BIGINT NOT NULL CHECK (oldest_us >= 0),
  refused     BIGINT NOT NULL CHECK (refused >= 0),
  refused_why TEXT NOT NULL,
  missing     BIGINT NOT NULL CHECK (missing >= 0)
);
CREATE INDEX collector_reports_at ON collector_reports (reported_at);

-- +goose Down
DROP TABLE collector_reports;
