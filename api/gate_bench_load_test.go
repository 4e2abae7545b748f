package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The load of BenchmarkGate comes from a process of its own, so that the time of the
// server can be told apart: this program again, with the load in its environment.

const loadVariable = "RIGISTRY_GATE_LOAD"

// gateLoad is what the process sends and for how long.
type gateLoad struct {
	Address, Path, Token string
	Connections, Batch   int
	Duration             time.Duration
	Keys                 string // beginning of every key
	Points               int
	Applicant            []string
	Licenses             []string // of the first points
}

// gateLoaded is what came of it.
type gateLoaded struct {
	Requests, Bad int
	Seconds       float64
	P50, P99      time.Duration
	Example       string
}

func init() {
	file := os.Getenv(loadVariable)
	if file == "" {
		return
	}
	var l gateLoad
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(l.run()); err != nil {
		panic(err)
	}
	os.Exit(0)
}

func (l gateLoad) run() gateLoaded {
	var (
		mu    sync.Mutex
		total gateLoaded
		took  []time.Duration
		wg    sync.WaitGroup
	)
	began := time.Now()
	for i := range l.Connections {
		wg.Go(func() {
			times, bad, example := l.connection(i, began.Add(l.Duration))
			mu.Lock()
			defer mu.Unlock()
			took = append(took, times...)
			total.Bad += bad
			if example != "" {
				total.Example = example
			}
		})
	}
	wg.Wait()
	total.Seconds, total.Requests = time.Since(began).Seconds(), len(took)
	slices.Sort(took)
	if len(took) > 0 {
		total.P50, total.P99 = took[len(took)/2], took[len(took)*99/100]
	}
	return total
}

func (l gateLoad) one(b []byte, n int) []byte {
	point := n % l.Points
	b = append(b, `{"reference":"WO-`...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `","connection_point":"P`...)
	b = strconv.AppendInt(b, int64(point), 10)
	b = append(b, `","applicant":"`...)
	if point < len(l.Licenses) {
		b = append(append(b, l.Applicant[point%len(l.Applicant)]...), `","license":"`...)
		b = append(append(b, l.Licenses[point]...), `","requested_kw":0.001,"purpose":"mining","event":"uprate"}`...)
		return b
	}
	return append(append(b, l.Applicant[0]...), `","requested_kw":0.001,"purpose":"other","event":"uprate"}`...)
}

func (l gateLoad) connection(i int, until time.Time) (took []time.Duration, bad int, example string) {
	c, err := net.Dial("tcp", l.Address)
	if err != nil {
		return nil, 1, err.Error()
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReaderSize(c, 64<<10)
	var request, body []byte
	head := "POST " + l.Path + " HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer " + l.Token + "\r\nContent-Type: application/json\r\nIdempotency-Key: " + l.Keys
	for n := 0; time.Now().Before(until); n++ {
		at := (n*l.Connections + i) * 7919 // a step that no count of points has in common
		if body = body[:0]; l.Batch > 0 {
			body = append(body, `{"checks":[`...)
			for k := range l.Batch {
				if k > 0 {
					body = append(body, ',')
				}
				body = l.one(body, at*l.Batch+k)
			}
			body = append(body, `]}`...)
		} else {
			body = l.one(body, at)
		}
		request = append(request[:0], head...)
		request = strconv.AppendInt(request, int64(i), 36)
		request = strconv.AppendInt(append(request, '-'), int64(n), 36)
		request = strconv.AppendInt(append(request, "\r\nContent-Length: "...), int64(len(body)), 10)
		request = append(append(request, "\r\n\r\n"...), body...)
		sent := time.Now()
		if _, err := c.Write(request); err != nil {
			return took, bad + 1, err.Error()
		}
		answer, status, err := readAnswer(r)
		if err != nil {
			return took, bad + 1, err.Error()
		}
		took = append(took, time.Since(sent))
		if status != "200" || !strings.Contains(answer, `"decision":"permit"`) {
			bad++
			example = status + " " + answer
		}
	}
	return took, bad, example
}

// readAnswer reads one HTTP answer with a length.
func readAnswer(r *bufio.Reader) (body, status string, err error) {
	length, chunked := -1, false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return "", "", err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if first {
			if len(text) < 12 {
				return "", "", fmt.Errorf("answer %q", text)
			}
			status = text[9:12]
			continue
		}
		if text == "" {
			break
		}
		if v, ok := strings.CutPrefix(text, "Content-Length: "); ok {
			if length, err = strconv.Atoi(v); err != nil {
				return "", "", err
			}
		}
		if text == "Transfer-Encoding: chunked" {
			chunked = true
		}
	}
	if chunked {
		return readChunks(r, status)
	}
	b := make([]byte, max(0, length))
	_, err = io.ReadFull(r, b)
	return string(b), status, err
}

func readChunks(r *bufio.Reader, status string) (string, string, error) {
	var out strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", "", err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return "", "", err
		}
		if _, err := io.CopyN(&out, r, n); err != nil {
			return "", "", err
		}
		if _, err := r.ReadString('\n'); err != nil || n == 0 {
			return out.String(), status, err
		}
	}
}
