-- +goose Up
-- Where a utility wants to be told that its feed went on. The signing key of an
-- endpoint is derived from the registry's webhook key and key_number; while a key is
-- exchanged, until previous_until_at, the one before signs too.
CREATE TABLE webhook_endpoints (
  id                TEXT PRIMARY KEY,
  utility           TEXT NOT NULL CHECK (utility <> ''),
  url               TEXT NOT NULL CHECK (url <> ''),
  kinds             TEXT NOT NULL,
  note              TEXT NOT NULL,
  state             TEXT NOT NULL CHECK (state IN ('active', 'removed')),
  key_number        BIGINT NOT NULL CHECK (key_number >= 1),
  previous_until_at BIGINT NOT NULL,
  failures          BIGINT NOT NULL CHECK (failures >= 0),
  failing_since_at  BIGINT NOT NULL,
  resume_at         BIGINT NOT NULL,
  alarm_at          BIGINT NOT NULL,
  created_by        TEXT NOT NULL CHECK (created_by <> ''),
  created_at        BIGINT NOT NULL,
  updated_at        BIGINT NOT NULL,
  version           BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT webhook_failing CHECK ((failures = 0) = (failing_since_at = 0)),
  CONSTRAINT webhook_alarm CHECK (alarm_at = 0 OR failures > 0)
);
CREATE INDEX webhook_endpoints_utility ON webhook_endpoints (utility, id);

-- One message to one endpoint. cursor is the place of the entry in the ledger, -1
-- for a trial; series tells the first sending (0) from replays.
CREATE TABLE webhook_messages (
  id           TEXT PRIMARY KEY,
  endpoint_id  TEXT NOT NULL REFERENCES webhook_endpoints (id),
  cursor       BIGINT NOT NULL CHECK (cursor >= -1),
  series       TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind <> ''),
  subject      TEXT NOT NULL,
  body         TEXT NOT NULL CHECK (length(body) < 20000),
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
  attempts     BIGINT NOT NULL CHECK (attempts >= 0),
  next_at      BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  delivered_at BIGINT NOT NULL,
  UNIQUE (endpoint_id, cursor, series),
  CONSTRAINT webhook_delivered CHECK ((state = 'delivered') = (delivered_at > 0))
);
CREATE INDEX webhook_messages_line ON webhook_messages (endpoint_id, cursor, id) WHERE state = 'waiting';
CREATE INDEX webhook_messages_due ON webhook_messages (next_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_list ON webhook_messages (endpoint_id, id);

CREATE TABLE webhook_attempts (
  message_id TEXT NOT NULL REFERENCES webhook_messages (id),
  number     BIGINT NOT NULL CHECK (number >= 1),
  at         BIGINT NOT NULL,
  status     BIGINT NOT NULL,
  took_ms    BIGINT NOT NULL CHECK (took_ms >= 0),
  fault      TEXT NOT NULL,
  excerpt    TEXT NOT NULL,
  PRIMARY KEY (message_id, number)
);

-- +goose Down
DROP TABLE webhook_attempts;
DROP TABLE webhook_messages;
DROP TABLE webhook_endpoints;
