-- +goose Up
-- One row a key that a client sent with a request that creates something. The
-- answer is kept so that a retry is answered byte for byte alike; status 0 means
-- that the first request has not finished. The gate keeps its own answers.
CREATE TABLE idempotency_keys (
  actor       TEXT NOT NULL,
  request_key TEXT NOT NULL,
  digest      TEXT NOT NULL,
  status      INTEGER NOT NULL,
  headers     TEXT NOT NULL,
  body        BLOB NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (actor, request_key)
) STRICT;

-- +goose Down
DROP TABLE idempotency_keys;
