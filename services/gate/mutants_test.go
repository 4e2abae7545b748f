package gate

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"rigistry/api/client"
)

var mutantsFile = flag.String("mutants", "", "write the mutants with the verdicts of Go into this file, for web/verify")

const mutantCount = 10_000

// mutant is a permit or a status list to which something was done, and what this
// program says of it: valid, expired or refused.
type mutant struct {
	Kind    string    `json:"kind"` // permit or list
	Text    string    `json:"text"` // base64, so that it may be anything
	At      time.Time `json:"at"`
	Verdict string    `json:"verdict"`
	Done    string    `json:"done"`
}

// mutator makes mutants from a seed: the same ones every time.
type mutator struct {
	*rand.Rand
	key, foreign ed25519.PrivateKey
	now          time.Time
	permits      []string // good texts
	lists        []string
}

func newMutator(t *testing.T) *mutator {
	t.Helper()
	m := &mutator{Rand: rand.New(rand.NewPCG(2026, 11)), key: mutantKey(1), foreign: mutantKey(2), now: time.Date(2026, 11, 22, 9, 0, 0, 123456000, time.UTC)}
	for _, size := range []int{1, 2, 3, 5, 8, 33} {
		var ps []Permit
		for i := range size {
			ps = append(ps, Permit{ID: fmt.Sprintf("0197-%04d", i), Utility: "U-1", ConnectionPoint: "PS12-F03-CP007", License: "KZ18DMA00000042", LicenseVersion: 3,
				MaxKW: "900.5", ValidUntil: m.now.Add(15 * time.Minute), DecidedAt: m.now, RulesVersion: "r1", Revision: 18234, FactsDigest: "sha256:00",
				Event: "new_connection", Reference: "Өтінім <№ 118> & \u2028\tиә"})
		}
		texts, err := SignPermits(m.key, "01a2-batch", ps)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := SignPermit(m.key, ps[0])
		if err != nil {
			t.Fatal(err)
		}
		m.permits = append(append(m.permits, texts...), alone, alone)
	}
	for n := range 9 {
		l := StatusList{Version: int64(7 + n), Since: int64(n % 3), Utility: "U-1", IssuedAt: m.now, ExpiresAt: m.now.Add(StatusListLife),
			Licenses: StatusBits{IDs: []string{}}, Connections: StatusBits{IDs: []string{}}}
		var bits []byte
		for i := range n {
			bits = l.Licenses.add(bits, []string{"A", "KZ18", "KZ19", "KZ20", "Ä", "Қ", "\uff21", "\U0001f600"}[i], Status(i))
		}
		l.Licenses.Bits = base64.RawURLEncoding.EncodeToString(bits)
		text, err := SignStatusList(m.key, l)
		if err != nil {
			t.Fatal(err)
		}
		m.lists = append(m.lists, text)
	}
	return m
}

func mutantKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), seed))
}

func pick[T any](m *mutator, of ...T) T { return of[m.IntN(len(of))] }

// next makes one mutant without its verdict.
func (m *mutator) next() mutant {
	out := mutant{Kind: "permit", At: m.now.Add(time.Minute)}
	text := pick(m, m.permits...)
	if m.IntN(3) == 0 {
		out.Kind, text = "list", pick(m, m.lists...)
	}
	switch m.IntN(12) {
	case 0:
		out.Done = "nothing but the time"
		d := pick(m, 0, -1, 1, int(15*time.Minute), int(15*time.Minute)-1000, int(StatusListLife), int(StatusListLife)-1, -int(time.Hour), int(400*24*time.Hour))
		out.At = m.now.Add(time.Duration(d))
	case 1, 2, 3:
		text, out.Done = m.inText(text)
	default:
		text, out.Done = m.resigned(text)
	}
	if m.IntN(400) == 0 {
		text, out.Done = strings.Repeat(text, 1000), "huge"
	}
	out.Text = base64.StdEncoding.EncodeToString([]byte(text))
	return out
}

// inText changes the compact text itself.
func (m *mutator) inText(text string) (mutated, done string) {
	b := []byte(text)
	at := m.IntN(len(b))
	parts := strings.Split(text, ".")
	part := m.IntN(3)
	switch done = pick(m, "bit", "character", "insert", "delete", "cut", "more", "padding", "spare bits", "alphabet", "parts", "space", "typ"); done {
	case "bit":
		b[at] ^= 1 << m.IntN(8)
		return string(b), done
	case "character":
		b[at] = "ABCXYZabcxyz0189-_+/=."[m.IntN(22)]
		return string(b), done
	case "insert":
		return text[:at] + pick(m, "A", "_", "=", "\n", "\r\n", " ", "\x00", ".", "é", "%2E") + text[at:], done
	case "delete":
		return text[:at] + text[at+1:], done
	case "cut":
		return text[:at], done
	case "more":
		return text + text[at:], done
	case "padding":
		parts[part] += strings.Repeat("=", 1+m.IntN(2))
	case "spare bits":
		last := parts[part]
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		i := strings.IndexByte(alphabet, last[len(last)-1])
		parts[part] = last[:len(last)-1] + string(alphabet[i^(1+m.IntN(3))])
	case "alphabet":
		return strings.NewReplacer("-", "+", "_", "/").Replace(text), done
	case "parts":
		parts[part] = pick(m, "", parts[(part+1)%3], parts[part]+"."+parts[part])
	case "space":
		return pick(m, " ", "\n", "\t", "\ufeff", "\u00a0") + text, done
	case "typ":
		parts[0] = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	}
	return strings.Join(parts, "."), done
}

// resigned changes the JSON of the header or the payload and signs what comes of it,
// so that only the form and the meaning can tell.
func (m *mutator) resigned(text string) (mutated, done string) {
	parts := strings.Split(text, ".")
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if m.IntN(3) == 0 {
		header, done = m.inJSON(header)
		done = "header: " + done
	} else {
		payload, done = m.inJSON(payload)
	}
	return m.sign(header, payload), done
}

// sign signs as the header says, as far as it can be read.
func (m *mutator) sign(header, payload []byte) string {
	key := m.key
	if m.IntN(50) == 0 {
		key = m.foreign
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	message := []byte(signed)
	var h permitBatchHeader
	if json.Unmarshal(header, &h) == nil && h.Type == PermitBatchType {
		var path [][32]byte
		for _, p := range h.Path {
			b, _ := base64.RawURLEncoding.DecodeString(p)
			path = append(path, [32]byte(append(b, make([]byte, 32)...)[:32]))
		}
		root, _ := permitRoot(permitLeaf(payload), h.Index, h.Size, path)
		message = batchStatement(h.Batch, h.Size, root)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, message))
}

var (
	jsonNumber = regexp.MustCompile(`:-?[0-9.]+`)
	jsonTime   = regexp.MustCompile(`"2026-[^"]*"`)
	jsonField  = regexp.MustCompile(`"[a-z_]+":("[^"]*"|[0-9.]+|\[[^\]]*\])`)
)

// inJSON changes a JSON text.
func (m *mutator) inJSON(b []byte) (mutated []byte, done string) {
	text, at := string(b), m.IntN(len(b))
	replaceOne := func(form *regexp.Regexp, with func(string) string) string {
		all := form.FindAllStringIndex(text, -1)
		if len(all) == 0 {
			return text + " "
		}
		i := all[m.IntN(len(all))]
		return text[:i[0]] + with(text[i[0]:i[1]]) + text[i[1]:]
	}
	switch done = pick(m, "bit", "digit", "space", "twice", "drop", "reorder", "number", "time", "escape", "letters", "null", "more", "path", "word", "bits", "nothing"); done {
	case "bit":
		b = bytes.Clone(b)
		b[at] ^= 1 << m.IntN(8)
		return b, done
	case "digit":
		return []byte(replaceOne(regexp.MustCompile(`[0-9]`), func(string) string { return pick(m, "0", "1", "5", "9", "") })), done
	case "space":
		return []byte(text[:at] + pick(m, " ", "\n", "\t", "\u00a0", "\u200b", "\ufeff") + text[at:]), done
	case "twice":
		return []byte(replaceOne(jsonField, func(f string) string { return f + "," + f })), done
	case "drop":
		return []byte(strings.Replace(replaceOne(jsonField, func(string) string { return "" }), ",,", ",", 1)), done
	case "reorder":
		fields := jsonField.FindAllString(text, -1)
		if len(fields) < 2 {
			return []byte(text + "}"), done
		}
		i := m.IntN(len(fields) - 1)
		return []byte(strings.Replace(text, fields[i]+","+fields[i+1], fields[i+1]+","+fields[i], 1)), done
	case "number":
		return []byte(replaceOne(jsonNumber, func(n string) string {
			return ":" + pick(m, n[1:]+".0", n[1:]+"e0", n[1:]+"E+0", "0"+n[1:], "+"+n[1:], "-"+n[1:], `"`+n[1:]+`"`, "0", "-0", "-1", "1", "2", "3", "4", "00", "1.", ".5", "1e400",
				"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0x10", "1_0", "NaN", "null", "true", "٣")
		})), done
	case "time":
		return []byte(replaceOne(jsonTime, func(string) string { return `"` + pick(m, mutantTimes...) + `"` })), done
	case "escape":
		return []byte(replaceOne(regexp.MustCompile(`:"[^"]*"`), func(s string) string {
			return s[:2] + pick(m, `\u0041`, `\u003c`, `\u003C`, "<", "&", `\u0026`, `\/`, "\u2028", `\u2028`, `\u2029`, `\n`, `\u000a`, `\b`, `\u0008`, `\f`, `\u0001`, `\u001f`, "\x01",
				"\u007f", `\u007f`, `\ud83d\ude00`, "\U0001f600", `\ud83d`, `\ufffd`, "\ufffd", "\xff", "\xc0\xaf", "\xed\xa0\x80", `\"`, `\\`, `\'`, `\x41`, "é", "e\u0301", "Қ", "\u0000", `\u0000`, `\u00e9`) + s[2:]
		})), done
	case "letters":
		return []byte(replaceOne(regexp.MustCompile(`"[a-z_]+":`), func(s string) string {
			return pick(m, strings.ToUpper(s), strings.ToUpper(s[:2])+s[2:], strings.Replace(s, "s", "ſ", 1), strings.Replace(s, "k", "\u212a", 1), `"\u0069d":`, s+" ", " "+s, `"":`)
		})), done
	case "null":
		return []byte(replaceOne(jsonField, func(f string) string {
			return f[:strings.IndexByte(f, ':')+1] + pick(m, "null", `""`, "[]", "{}", "false", "[null]", `[""]`, `["A","A"]`, `["B","A"]`)
		})), done
	case "more":
		return []byte(pick(m, text+"{}", text+" ", text+"\n", text+text, text[:len(text)-1]+`,"more":1}`, "["+text+"]", text[:len(text)-1], "", "null", "{}", "\ufeff"+text)), done
	case "path":
		return []byte(m.inPath(text)), done
	case "word":
		return []byte(strings.NewReplacer(pick(m, []string{"EdDSA", "Ed25519"}, []string{"EdDSA", "none"}, []string{"gate-permit-batch+jws", "gate-permit+jws"}, []string{"gate-permit+jws", "status-list+jws"},
			[]string{"gate-permit+jws", "gate-permit-batch+jws"}, []string{"+jws", "+JWS"}, []string{"01a2-batch", `a\nb`}, []string{"01a2-batch", ""}, []string{"01a2-batch", "б<"},
			[]string{KeyID(m.key.Public().(ed25519.PublicKey)), KeyID(m.foreign.Public().(ed25519.PublicKey))}, []string{"new_connection", "uprate"}, []string{"U-1", ""})...).Replace(text)), done
	case "bits":
		return []byte(replaceOne(regexp.MustCompile(`"bits":"[^"]*"`), func(s string) string {
			v := s[8 : len(s)-1]
			return `"bits":"` + pick(m, "", "A", "AA", "AAA", "AQ", "_w", "__8", v+"A", v+"AA", v+"=", `\n`+v, v+`\r\n`, "+"+v, strings.ToLower(v), v+" ") + `"`
		})), done
	}
	return b, done
}

var mutantTimes = []string{"2026-11-22T09:00:00Z", "2026-11-22T09:00:00.1Z", "2026-11-22T09:00:00.10Z", "2026-11-22T09:00:00.000Z", "2026-11-22T09:00:00.123456789Z", "2026-11-22T09:00:00.1234567891Z",
	"2026-11-22T14:00:00+05:00", "2026-11-22T09:00:00+00:00", "2026-11-22T09:00:00-00:00", "2026-11-22t09:00:00Z", "2026-11-22T09:00:00z", "2026-11-22 09:00:00Z", "2026-11-22T09:00:60Z",
	"2026-11-22T24:00:00Z", "2026-02-29T09:00:00Z", "2028-02-29T09:00:00Z", "2026-11-31T09:00:00Z", "2026-11-22T09:00Z", "2026-11-22T9:00:00Z", "2026-11-22T09:00:00", "2026-11-22T09:00:00,5Z",
	"12026-11-22T09:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59.999999999Z", "2026-11-22T09:00:00+23:59", "2026-11-22T09:00:00+24:00",
	"2026-11-22T09:00:00+05:60", "2026-11-22T09:00:00-11:30", "2026-13-01T09:00:00Z", "2026-00-10T09:00:00Z", "2026-11-00T09:00:00Z", "", "now", "1763802000", "0099-03-01T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z"}

// inPath changes the proof of a batch.
func (m *mutator) inPath(text string) string {
	i, until := strings.Index(text, `"path":[`), strings.LastIndexByte(text, ']')
	if i < 0 || until < i {
		return strings.Replace(text, "{", `{"path":[],`, 1)
	}
	var path []string
	if inside := text[i+8 : until]; inside != "" {
		path = strings.Split(inside, ",")
	}
	one := `"` + base64.RawURLEncoding.EncodeToString(make([]byte, 32)) + `"`
	switch m.IntN(6) {
	case 0:
		path = append(path, one)
	case 1:
		path = append([]string{one}, path...)
	case 2:
		path = path[:max(0, len(path)-1)]
	case 3:
		path = append(path, path...)
	case 4:
		for range 45 {
			path = append(path, one)
		}
	case 5:
		path = append(path, pick(m, `""`, `"A"`, "null", "1", `"`+strings.Repeat("A", 42)+`B"`, `"`+strings.Repeat("A", 43)+`="`, `"`+strings.Repeat("A", 44)+`"`))
	}
	return text[:i+8] + strings.Join(path, ",") + text[until:]
}

// verdict is what this package says, and what the client package says.
func (m *mutator) verdict(c mutant, text string, pinned client.Keys) (ours, theirs string) {
	keys := []ed25519.PublicKey{m.key.Public().(ed25519.PublicKey)}
	word := func(err error, expired error) string {
		switch {
		case err == nil:
			return "valid"
		case errors.Is(err, expired):
			return "expired"
		}
		return "refused"
	}
	if c.Kind == "list" {
		_, err := VerifyStatusList(text, keys, c.At)
		_, second := client.VerifyStatusList(text, pinned, c.At)
		return word(err, ErrStatusListExpired), word(second, client.ErrTime)
	}
	_, err := VerifyPermit(text, keys, c.At)
	_, second := client.VerifyPermit(text, pinned, c.At)
	return word(err, ErrPermitExpired), word(second, client.ErrTime)
}

// Two implementations in Go agree here; web/verify/agreement.test.ts runs this test with
// -mutants and holds the one in TypeScript against the same verdicts.
func TestMutants_TwoImplementationsAgreeOnTenThousand(t *testing.T) {
	m := newMutator(t)
	jwks, err := json.Marshal(map[string]any{"keys": []map[string]string{{"kty": "OKP", "crv": "Ed25519", "purpose": "permit",
		"x": base64.RawURLEncoding.EncodeToString(m.key.Public().(ed25519.PublicKey))}}})
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := client.ParseKeys(jwks)
	if err != nil {
		t.Fatal(err)
	}
	out := struct {
		JWKS    string   `json:"jwks"`
		Mutants []mutant `json:"mutants"`
	}{JWKS: string(jwks)}
	said := map[string]int{}
	for i := range mutantCount {
		c := m.next()
		text, err := base64.StdEncoding.DecodeString(c.Text)
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := m.verdict(c, string(text), pinned)
		if ours != theirs {
			t.Errorf("mutant %d (%s, %s): the gate says %s, the client %s\n%.1500s", i, c.Kind, c.Done, ours, theirs, text)
		}
		c.Verdict = ours
		said[c.Kind+" "+ours]++
		out.Mutants = append(out.Mutants, c)
	}
	for _, verdict := range []string{"permit valid", "permit expired", "permit refused", "list valid", "list expired", "list refused"} {
		if said[verdict] < 30 {
			t.Errorf("%d mutants are %s: too few to compare", said[verdict], verdict)
		}
	}
	t.Logf("%d mutants: %v", len(out.Mutants), said)
	if *mutantsFile == "" {
		return
	}
	content, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(*mutantsFile, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
