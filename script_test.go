package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A script is a conversation with a running server, readable by somebody who
// knows the API and not the program:
//
//	as head                            sign in as the demo person of that role (officer 2: the second one)
//	client utility 1                   take a token as the first API client of that role: ${client_id}, ${secret_file}
//	POST /v1/parties {"…": "…"}        a request; the body may go on in indented lines
//	header Idempotency-Key k1          stands before the request it belongs to
//	=> 201                             the status that must come
//	check state == "draft"             a path into the answer and the JSON value that must stand there
//	check reasons.*.code has "X"       one of the values
//	keep app = id                      a variable for later: ${app}
//	within 1s                          repeat the next request until its checks hold
//	save permit to permit.txt          a text of the answer into the data folder
//	run verify ${data}/permit.txt => 0 the program itself, and its exit code
type script struct {
	t       *testing.T
	server  *server
	vars    map[string]string
	http    *http.Client
	bearer  string
	headers map[string]string
	within  time.Duration

	line   int
	status int
	body   []byte
}

func runScript(t *testing.T, srv *server, file string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, server: srv, headers: map[string]string{}, vars: map[string]string{"data": srv.data, "url": srv.url, "run": strconv.FormatInt(time.Now().UnixNano()%1e6, 10)}}
	lines := joinContinuations(string(text))
	for i := 0; i < len(lines); i++ {
		s.line = lines[i].number
		verb, rest, _ := strings.Cut(s.expand(lines[i].text), " ")
		if isMethod(verb) {
			i += s.exchange(verb, rest, lines[i+1:])
			continue
		}
		s.command(verb, rest)
	}
}

type scriptLine struct {
	number int
	text   string
}

func joinContinuations(text string) []scriptLine {
	var out []scriptLine
	for i, l := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(l) == "" || strings.HasPrefix(l, "#"):
		case (l[0] == ' ' || l[0] == '\t') && len(out) > 0:
			out[len(out)-1].text += " " + strings.TrimSpace(l)
		default:
			out = append(out, scriptLine{i + 1, strings.TrimSpace(l)})
		}
	}
	return out
}

func isMethod(word string) bool {
	return slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, word)
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

func (s *script) expand(text string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		name := v[2 : len(v)-1]
		value, ok := s.vars[name]
		if !ok {
			s.fail("no variable %q", name)
		}
		return value
	})
}

func (s *script) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("line %d: %s\nlast answer: %d %s", s.line, fmt.Sprintf(format, args...), s.status, s.body)
}

// command runs everything that is not a request.
func (s *script) command(verb, rest string) {
	switch verb {
	case "as":
		s.signIn(rest)
	case "client":
		s.takeToken(rest)
	case "header":
		name, value, _ := strings.Cut(rest, " ")
		s.headers[name] = value
	case "within":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.fail("%v", err)
		}
		s.within = d
	case "keep":
		name, path, _ := strings.Cut(rest, " = ")
		s.vars[name] = plain(s.one(path))
	case "save":
		path, file, _ := strings.Cut(rest, " to ")
		if err := os.WriteFile(filepath.Join(s.server.data, file), []byte(plain(s.one(path))), 0o600); err != nil {
			s.fail("%v", err)
		}
	case "run":
		command, want, _ := strings.Cut(rest, " => ")
		var out bytes.Buffer
		code := run(context.Background(), strings.Fields(command), nil, &out, &out, time.Now)
		s.body = out.Bytes()
		if strconv.Itoa(code) != want {
			s.fail("`rigistry %s` ended with %d, want %s", command, code, want)
		}
	case "check", "=>":
		s.fail("%q belongs right after a request", verb)
	default:
		s.fail("no such command %q", verb)
	}
}

// exchange sends a request and checks its answer; it gives the number of lines
// after the request that it used.
func (s *script) exchange(method, rest string, after []scriptLine) int {
	used := 0
	for used < len(after) && (strings.HasPrefix(after[used].text, "=>") || strings.HasPrefix(after[used].text, "check ")) {
		used++
	}
	deadline := time.Now().Add(s.within)
	for {
		s.send(method, rest)
		problem := s.judge(after[:used])
		if problem == "" {
			break
		}
		if time.Now().After(deadline) {
			s.fail("%s", problem)
		}
		time.Sleep(20 * time.Millisecond) // between polls of a condition with a deadline
	}
	s.within, s.headers = 0, map[string]string{}
	return used
}

func (s *script) send(method, rest string) {
	path, body, _ := strings.Cut(rest, " ")
	req, err := http.NewRequest(method, s.server.url+path, strings.NewReader(body))
	if err != nil {
		s.fail("%v", err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range s.headers {
		req.Header.Set(name, value)
	}
	if s.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+s.bearer)
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.fail("%v", err)
	}
	defer func() { _ = res.Body.Close() }()
	s.status = res.StatusCode
	if s.body, err = io.ReadAll(res.Body); err != nil {
		s.fail("%v", err)
	}
}

// judge checks the status and the values, and says what is not as it should be.
func (s *script) judge(checks []scriptLine) string {
	if len(checks) == 0 || !strings.HasPrefix(checks[0].text, "=>") {
		return "a request needs a status: => 200"
	}
	for _, c := range checks {
		text := s.expand(c.text)
		if want, ok := strings.CutPrefix(text, "=> "); ok {
			if strconv.Itoa(s.status) != want {
				return fmt.Sprintf("status %d, want %s", s.status, want)
			}
			continue
		}
		path, relation, want := splitCheck(strings.TrimPrefix(text, "check "))
		got := s.values(path)
		var expected any
		if err := json.Unmarshal([]byte(want), &expected); err != nil {
			return fmt.Sprintf("line %d: %q is not JSON", c.number, want)
		}
		has := slices.ContainsFunc(got, func(v any) bool { return fmt.Sprint(v) == fmt.Sprint(expected) })
		if relation == "lacks" && has || relation != "lacks" && !has || relation == "==" && len(got) != 1 {
			return fmt.Sprintf("line %d: %s is %v, want %s %s", c.number, path, got, relation, want)
		}
	}
	return ""
}

func splitCheck(text string) (path, relation, want string) {
	for _, r := range []string{"==", "has", "lacks"} {
		if p, w, ok := strings.Cut(text, " "+r+" "); ok {
			return p, r, w
		}
	}
	return text, "", ""
}

// values gives what stands at a dotted path; * goes through all items of a list.
func (s *script) values(path string) []any {
	var root any
	if err := json.Unmarshal(s.body, &root); err != nil {
		return nil
	}
	found := []any{root}
	for _, step := range strings.Split(path, ".") {
		var next []any
		for _, v := range found {
			switch v := v.(type) {
			case map[string]any:
				if inner, ok := v[step]; ok {
					next = append(next, inner)
				}
			case []any:
				if step == "*" {
					next = append(next, v...)
				} else if i, err := strconv.Atoi(step); err == nil && i < len(v) {
					next = append(next, v[i])
				}
			}
		}
		found = next
	}
	return found
}

func (s *script) one(path string) any {
	got := s.values(path)
	if len(got) == 0 {
		s.fail("nothing stands at %s", path)
	}
	return got[0]
}

func plain(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func (s *script) signIn(who string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.fail("%v", err)
	}
	s.http, s.bearer = &http.Client{Jar: jar, Timeout: 20 * time.Second}, ""
	if who == "nobody" {
		return
	}
	user := s.server.user(s.t, who)
	body, err := json.Marshal(map[string]string{"login": user.Login, "password": user.Password})
	if err != nil {
		s.fail("%v", err)
	}
	s.send("POST", "/v1/session "+string(body))
	if s.status != http.StatusOK && s.status != http.StatusCreated {
		s.fail("%s could not sign in", who)
	}
}

func (s *script) takeToken(who string) {
	client := s.server.client(s.t, who)
	s.vars["client_id"], s.vars["secret_file"] = client.ID, filepath.Join(s.server.data, "client-secret.txt")
	if err := os.WriteFile(s.vars["secret_file"], []byte(client.Secret), 0o600); err != nil {
		s.fail("%v", err)
	}
	s.http = &http.Client{Timeout: 20 * time.Second}
	req, err := http.NewRequest(http.MethodPost, s.server.url+"/v1/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		s.fail("%v", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(client.ID, client.Secret)
	res, err := s.http.Do(req)
	if err != nil {
		s.fail("%v", err)
	}
	defer func() { _ = res.Body.Close() }()
	s.status = res.StatusCode
	s.body, _ = io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		s.fail("no token for %s", who)
	}
	s.bearer = plain(s.one("access_token"))
}
