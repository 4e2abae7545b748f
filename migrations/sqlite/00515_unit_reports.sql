-- +goose Up
-- What edge collectors say about the polling of meters, the newest of each. The
-- readings themselves are kept; this is how the work goes now.
CREATE TABLE unit_reports (
  meter_id    TEXT PRIMARY KEY REFERENCES meters (id),
  collector   TEXT NOT NULL CHECK (collector <> ''),
  reported_at INTEGER NOT NULL CHECK (reported_at > 0),
  body        BLOB NOT NULL
) STRICT;
CREATE INDEX unit_reports_at ON unit_reports (reported_at);

-- +goose Down
DROP TABLE unit_reports;
