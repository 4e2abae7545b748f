package api

import (
	"math"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// page gives the piece of a list that the query asks for.
func (q ListQuery) page() store.Page { return store.Page{Limit: q.Limit, After: q.After} }

// at gives the instant that the query asks about, zero for now.
func (q ListQuery) at() (time.Time, error) { return instantOf("?as_at", q.AsAt) }

// instantOf reads an RFC 3339 instant; "" is the zero instant.
func instantOf(pointer, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		var v models.Invalid
		v.Add(pointer, "format", "Write the instant as RFC 3339, like 2026-03-02T04:00:00Z.")
		return time.Time{}, v.Err()
	}
	return t.UTC(), nil
}

// version gives the version that a change is based on, 0 for whatever it is now.
func (m IfMatch) version() (int64, error) {
	text := strings.Trim(strings.TrimPrefix(strings.TrimSpace(m.IfMatch), "W/"), `"`)
	if text == "" || text == "*" {
		return 0, nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 1 {
		return 0, models.Errorf(models.CodeVersionConflict, "If-Match %q is no version of this. Load it again and use its ETag.", m.IfMatch)
	}
	return v, nil
}

// etag is the entity tag of a version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// maxKw keeps every kilowatt figure well inside an integer of watts.
const maxKw = 1e9

// watts gives kilowatts of the wire as whole watts.
func watts(kw float64) models.Watts {
	return models.Watts(math.Round(min(max(kw, -maxKw), maxKw) * 1000))
}

// listOf answers a list with the items as they go over the wire; never null.
func listOf[T, W any](items []T, next string, wire func(T) W) *listOutput[W] {
	out := &listOutput[W]{Body: list[W]{Items: make([]W, 0, len(items)), Next: next}}
	for _, item := range items {
		out.Body.Items = append(out.Body.Items, wire(item))
	}
	return out
}
