package api

import "time"

// ListQuery is the query of every cursor list. Types that inputs embed are exported:
// huma takes no parameters from an embedded type that is not.
type ListQuery struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After string `query:"after" doc:"Cursor: the value of next from the page before"`
	AsAt  string `query:"as_at" format:"date-time" doc:"State as at this instant (RFC 3339); now when absent"`
}

// list is what every list answers.
type list[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`

	AsAt    *time.Time `json:"as_at,omitempty" doc:"The instant whose state this is, when one was asked about"`
	KnownAt *time.Time `json:"known_at,omitempty" doc:"The instant whose knowledge this is, when one was asked about"`
}

// listOutput wraps a list as an answer.
type listOutput[T any] struct{ Body list[T] }

// output wraps a body as an answer with an entity tag (the version in quotes).
type output[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// created answers 201 with the place of the new thing.
type created[T any] struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     T
}

// ByID addresses a thing by the identifier in the path.
type ByID struct {
	ID string `path:"id" maxLength:"64" doc:"Identifier, or code where the thing has one"`
}

// byNumber addresses a license by its number.
type byNumber struct {
	Number string `path:"number" maxLength:"32" doc:"License number, KZ and 13 characters"`
	AsAt   string `query:"as_at" format:"date-time" doc:"State as at this instant (RFC 3339); now when absent"`
}

// IfMatch carries the version a change is based on.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"ETag of the version this change is based on; absent means the newest"`
}

// Idempotent carries the key of a request that creates something.
type Idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"128" doc:"Client-made key: the same key and body give the same answer"`
}

// kw gives whole watts as kilowatts, the unit of the wire.
func kw[W ~int64](w W) float64 { return float64(w) / 1000 }

// optionalTime is nil for the zero instant.
func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
