package gate

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"rigistry/models"
)

// filled fills every field below v, so that one that is forgotten shows. Some pointers
// and lists stay empty when sparse is set.
func filled(t *testing.T, v reflect.Value, r *rand.Rand, sparse bool) {
	t.Helper()
	texts := []string{"P-1", "Қуат «көп»", "a<b>&\"c\"\\", "line\u2028end\u2029", "\x01\x7f\n\t", "bad\xff\xe2\x80", "€", "", "plain text"}
	if v.Type() == reflect.TypeFor[time.Time]() {
		at := time.UnixMicro(r.Int64N(4e15)).UTC()
		if r.IntN(4) == 0 {
			at = time.Time{}
		}
		v.Set(reflect.ValueOf(at))
		return
	}
	if v.Type() == reflect.TypeFor[json.Number]() {
		v.SetString(kilowatts(models.Watts(r.Int64N(1e9))).String())
		return
	}
	switch v.Kind() { //nolint:exhaustive // the default fails
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Int64, reflect.Int:
		v.SetInt(r.Int64N(1 << 62))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Struct:
		for i := range v.NumField() {
			filled(t, v.Field(i), r, sparse)
		}
	case reflect.Pointer:
		if sparse && r.IntN(2) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		filled(t, v.Elem(), r, sparse)
	case reflect.Slice:
		n := 1 + r.IntN(3)
		if sparse {
			n = r.IntN(3)
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			filled(t, v.Index(i), r, sparse)
		}
	default:
		t.Fatalf("a field of kind %s is not filled", v.Kind())
	}
}

// TestEncodeEqualsMarshal: what is digested, signed and stored is written by hand, and
// must be what json.Marshal writes.
func TestEncodeEqualsMarshal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a walk that repeats
	var (
		request models.CheckRequest
		facts   models.Facts
		answer  Answer
		permit  Permit
		body    answeredBody
	)
	same := func(v any, got []byte) {
		t.Helper()
		want, err := json.Marshal(v)
		if err != nil || string(got) != string(want) {
			t.Fatalf("%v\ngot  %s\nwant %s", err, got, want)
		}
	}
	for n := range 3000 {
		for _, v := range []any{&request, &facts, &answer, &permit, &body} {
			reflect.ValueOf(v).Elem().SetZero()
			filled(t, reflect.ValueOf(v).Elem(), r, n%2 == 1)
		}
		text, err := appendFacts(nil, &facts)
		if err != nil {
			t.Fatal(err)
		}
		same(facts, text)
		same(request, appendRequest(nil, &request))
		same(answer, appendAnswer(nil, &answer))
		same(permit, appendPermit(nil, &permit))
		same(body, appendBody(nil, &body))
	}
	empty, err := appendFacts(nil, &models.Facts{})
	if err != nil {
		t.Fatal(err)
	}
	same(models.Facts{}, empty)
	same(Answer{}, appendAnswer(nil, &Answer{}))
	same(models.CheckRequest{}, appendRequest(nil, &models.CheckRequest{}))
}
