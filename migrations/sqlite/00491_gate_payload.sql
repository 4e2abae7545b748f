-- +goose Up
-- PostgreSQL only: there the answers of a commit are written without its compression.
SELECT 1;

-- +goose Down
SELECT 1;
