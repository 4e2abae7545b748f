-- +goose Up
-- Meters are commissioned at gateways that only a collector reaches. Each collector that
-- takes such work, the links it may ask at, and when it last asked for work.
CREATE TABLE commissioning_links (
  collector TEXT PRIMARY KEY CHECK (collector <> ''),
  utility   TEXT NOT NULL,
  endpoints TEXT NOT NULL,
  asked_at  INTEGER NOT NULL CHECK (asked_at > 0)
) STRICT;

-- One task for one collector: a scan of a gateway, or one unit read once. What was asked
-- never changes; nothing does after its end, so there is one answer at most.
CREATE TABLE commissioning_jobs (
  id          TEXT PRIMARY KEY,
  task        TEXT NOT NULL CHECK (task IN ('scan', 'read')),
  utility     TEXT NOT NULL,
  collector   TEXT NOT NULL CHECK (collector <> ''),
  endpoint    TEXT NOT NULL CHECK (endpoint <> ''),
  units       TEXT NOT NULL,
  profile     TEXT NOT NULL,
  asked_by    TEXT NOT NULL CHECK (asked_by <> ''),
  asked_at    INTEGER NOT NULL CHECK (asked_at > 0),
  expires_at  INTEGER NOT NULL CHECK (expires_at > asked_at),
  lease       TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries       INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  progress    INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 256),
  seen_at     INTEGER NOT NULL DEFAULT 0,
  outcome     TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'done', 'failed', 'cancelled')),
  why         TEXT NOT NULL DEFAULT '',
  result      TEXT NOT NULL DEFAULT '',
  ended_at    INTEGER NOT NULL DEFAULT 0,
  CHECK ((task = 'read') = (profile <> '')),
  CHECK ((outcome = '') = (ended_at = 0)),
  CHECK ((outcome = 'done') = (result <> '')),
  CHECK ((outcome = 'failed') = (why <> '')),
  CHECK (outcome NOT IN ('done', 'failed') OR lease <> '')
) STRICT;
CREATE INDEX commissioning_jobs_open ON commissioning_jobs (collector, asked_at) WHERE ended_at = 0;
CREATE INDEX commissioning_jobs_asked ON commissioning_jobs (utility, asked_at);
-- +goose StatementBegin
CREATE TRIGGER commissioning_jobs_once BEFORE UPDATE ON commissioning_jobs
WHEN OLD.ended_at <> 0 OR NEW.tries < OLD.tries OR NEW.id IS NOT OLD.id OR NEW.task IS NOT OLD.task OR NEW.utility IS NOT OLD.utility OR NEW.collector IS NOT OLD.collector OR NEW.endpoint IS NOT OLD.endpoint OR NEW.units IS NOT OLD.units OR NEW.profile IS NOT OLD.profile OR NEW.asked_by IS NOT OLD.asked_by OR NEW.asked_at IS NOT OLD.asked_at OR NEW.expires_at IS NOT OLD.expires_at
BEGIN SELECT RAISE(ABORT, 'what was asked of a collector, and its answer, never change'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER commissioning_jobs_no_delete BEFORE DELETE ON commissioning_jobs
BEGIN SELECT RAISE(ABORT, 'a job of a collector is never deleted'); END;
-- +goose StatementEnd

-- A meter that was bound to its place after it was read once: its plate, in what it
-- differs from what the meter said and why that is right, its seals and who installed it.
-- Written once, but for the first good reading that came through the normal path.
CREATE TABLE commissionings (
  id           TEXT PRIMARY KEY,
  meter_id     TEXT NOT NULL UNIQUE REFERENCES meters (id),
  job_id       TEXT NOT NULL UNIQUE REFERENCES commissioning_jobs (id),
  utility      TEXT NOT NULL,
  collector    TEXT NOT NULL,
  plate        TEXT NOT NULL,
  differences  TEXT NOT NULL,
  seals        TEXT NOT NULL CHECK (seals <> ''),
  act          TEXT NOT NULL CHECK (act <> ''),
  installer    TEXT NOT NULL CHECK (installer <> ''),
  salt         TEXT NOT NULL CHECK (salt <> ''),
  bound_by     TEXT NOT NULL CHECK (bound_by <> ''),
  bound_at     INTEGER NOT NULL CHECK (bound_at > 0),
  confirmed_at INTEGER NOT NULL DEFAULT 0 CHECK (confirmed_at = 0 OR confirmed_at >= bound_at),
  first_at     INTEGER NOT NULL DEFAULT 0 CHECK ((first_at = 0) = (confirmed_at = 0) AND (first_at = 0 OR first_at >= bound_at))
) STRICT;
CREATE INDEX commissionings_waiting ON commissionings (bound_at) WHERE confirmed_at = 0;
-- +goose StatementBegin
CREATE TRIGGER commissionings_once BEFORE UPDATE ON commissionings
WHEN OLD.confirmed_at <> 0 OR NEW.id IS NOT OLD.id OR NEW.meter_id IS NOT OLD.meter_id OR NEW.job_id IS NOT OLD.job_id OR NEW.utility IS NOT OLD.utility OR NEW.collector IS NOT OLD.collector OR NEW.plate IS NOT OLD.plate OR NEW.differences IS NOT OLD.differences OR NEW.seals IS NOT OLD.seals OR NEW.act IS NOT OLD.act OR NEW.installer IS NOT OLD.installer OR NEW.salt IS NOT OLD.salt OR NEW.bound_by IS NOT OLD.bound_by OR NEW.bound_at IS NOT OLD.bound_at
BEGIN SELECT RAISE(ABORT, 'how a meter was commissioned never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER commissionings_no_delete BEFORE DELETE ON commissionings
BEGIN SELECT RAISE(ABORT, 'how a meter was commissioned is never deleted'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE commissionings;
DROP TABLE commissioning_jobs;
DROP TABLE commissioning_links;
