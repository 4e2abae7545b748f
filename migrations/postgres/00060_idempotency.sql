-- +goose Up
-- One row a key that a client sent with a request that creates something. The
-- answer is kept so that a retry is answered byte for byte alike; status 0 means
-- that the first request has not finished. The gate keeps its own answers.
CREATE TABLE idempotency_keys (
  actor       TEXT NOT NULL,
  request_key TEXT NOT NULL,
  digest      TEXT NOT NULL,
  status      BIGINT NOT NULL,
  headers     TEXT NOT NULL,
  body        BYTEA NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (actor, request_key)
);

-- +goose Down
DROP TABLE idempotency_keys;
