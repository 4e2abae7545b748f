package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const (
	racers    = 64
	raceAsks  = 4
	raceWatts = 50_000
)

// raceKills says after how many answers the server is killed.
var raceKills = []int{30, 90, 150}

func TestGateRace_SixtyFourClientsOneFeederAndKillsOnSQLite(t *testing.T) { gateRace(t, "") }

func TestGateRace_SixtyFourClientsOneFeederAndKillsOnPostgreSQL(t *testing.T) {
	gateRace(t, storetest.PostgresURL(t))
}

// gateRace lets 64 clients ask for 12.8 MW below a feeder of 6 MW while the server is
// killed and started again. Every question ends with one answer, what is permitted is
// exactly what the feeder takes, and every permit verifies and is in the ledger once.
func gateRace(t *testing.T, database string) {
	t.Helper()
	w := newTown(t, database)
	w.start()
	var broken atomic.Int64
	answers, asked := w.askAll(&broken)
	if broken.Load() == 0 {
		t.Error("no request was broken off: the kills hit nothing")
	}
	var permits []client.Answer
	for _, a := range answers {
		switch a.Outcome {
		case client.Permitted:
			permits = append(permits, a)
		case client.Denied:
			if !slices.ContainsFunc(a.Reasons, func(r client.Reason) bool { return r.Code == "CAPACITY_EXCEEDED" }) {
				t.Errorf("denied for %+v", a.Reasons)
			}
		default:
			t.Errorf("%s for %+v", a.Outcome, a.Reasons)
		}
	}
	if len(answers) != racers*raceAsks || len(permits)*raceWatts != townFeeder {
		t.Errorf("%d answers to %d questions, %d permits of 50 kW on a feeder of 6 MW; want %d", len(answers), racers*raceAsks, len(permits), townFeeder/raceWatts)
	}
	w.askAgain(answers, asked)
	w.kill()
	w.inTheLedgerOnce(answers, len(permits))
	t.Logf("%d answers, %d permits, %d kills, %d requests broken off", len(answers), len(permits), len(raceKills), broken.Load())
}

// askAll asks from 64 clients at once, and kills and starts the server in between.
func (w *town) askAll(broken *atomic.Int64) (answers map[string]client.Answer, asked time.Time) {
	w.t.Helper()
	asked, answers = time.Now(), map[string]client.Answer{}
	type got struct {
		key string
		a   client.Answer
		err error
	}
	results := make(chan got, racers*raceAsks)
	var wg sync.WaitGroup
	clients := make([]*client.Client, townClients)
	for i := range clients {
		clients[i] = w.client(i, broken)
	}
	for i := range racers {
		wg.Go(func() {
			for n := range raceAsks {
				key := fmt.Sprintf("race-%02d-%d", i, n)
				a, err := clients[i%townClients].Check(w.t.Context(), w.request(i, key, raceWatts))
				results <- got{key, a, err}
			}
		})
	}
	go func() { wg.Wait(); close(results) }()
	for r := range results {
		if r.err != nil {
			w.t.Errorf("%s: %v", r.key, r.err)
			continue
		}
		answers[r.key] = r.a
		if slices.Contains(raceKills, len(answers)) {
			w.kill()
			w.start()
		}
	}
	return answers, asked
}

// askAgain asks everything again with the same keys: each answer comes back byte for byte.
func (w *town) askAgain(answers map[string]client.Answer, asked time.Time) {
	w.t.Helper()
	c := w.client(0, nil)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			for n := range raceAsks {
				key := fmt.Sprintf("race-%02d-%d", i, n)
				r := w.request(i, key, raceWatts)
				r.FirstAsked = asked
				again, err := c.Check(w.t.Context(), r)
				if err != nil || !bytes.Equal(again.Raw, answers[key].Raw) {
					w.t.Errorf("%s asked again: %v\n%s\nbefore:\n%s", key, err, again.Raw, answers[key].Raw)
				}
			}
		})
	}
	wg.Wait()
}

// inTheLedgerOnce seals what waits, checks the whole ledger with the program, and finds
// every answer in it once, and none that nobody got.
func (w *town) inTheLedgerOnce(answers map[string]client.Answer, permits int) {
	w.t.Helper()
	found, held := map[string]int{}, models.Watts(0)
	w.app.Now = func() time.Time { return time.Now().Add(20 * time.Second) } // the lease of the sealer that was killed is over
	w.open(func(r *registry) {
		_, err := r.svc.Ledger.Seal(w.t.Context())
		w.must(err)
		w.must(r.svc.Store.Update(w.t.Context(), func(tx *store.Tx) error {
			if err := tx.TakeGateTurn(); err != nil { // gives every answer its rows
				return err
			}
			held, err = tx.FeederLoad(w.feeder, "")
			return err
		}))
		w.must(r.svc.Store.View(w.t.Context(), func(tx *store.Tx) error {
			entries, err := tx.SealedEntries(0, 100_000, store.EntryFilter{Kinds: []string{"gate.answered"}})
			for _, e := range entries {
				var body struct {
					Answers []struct {
						ID string `json:"id"`
					} `json:"answers"`
				}
				if err := json.Unmarshal([]byte(e.Body), &body); err != nil {
					return err
				}
				for _, a := range body.Answers {
					found[a.ID]++
				}
			}
			return err
		}))
	})
	if want := models.Watts(permits * raceWatts); held != want || held > townFeeder {
		w.t.Errorf("%s are held on the feeder, want %s", held, want)
	}
	for key, a := range answers {
		if found[a.ID] != 1 {
			w.t.Errorf("%s: the answer %s is %d times in the ledger", key, a.ID, found[a.ID])
		}
		delete(found, a.ID)
	}
	if len(found) != 0 {
		w.t.Errorf("%d answers are in the ledger that nobody got: %v", len(found), found)
	}
	args := []string{"verify", "--ledger", w.data}
	if w.database != "" {
		args = append(args, "--database", w.database)
	}
	var out bytes.Buffer
	if code := run(context.Background(), args, strings.NewReader(""), &out, &out, time.Now); code != exitDone {
		w.t.Errorf("verify --ledger ends with %d:\n%s", code, out.String())
	}
}
