// Package api owns HTTP: the routes, the wire types, who may call what, and how
// an error reaches a client. A handler translates, calls one service and
// translates back; it decides nothing.
//
// It promises: every route stands in one table with an authorization action and
// an OpenAPI operation; every error is an RFC 9457 problem; what is not in the
// closed set of models.Code leaves as a 500 with a request id and no text; a
// cookie is never accepted with a bearer token.
package api
