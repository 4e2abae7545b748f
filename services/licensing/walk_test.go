package licensing_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// walks is how many random sequences of commands each database is walked with;
// `make test` walks 50,000, `make walks` 100,000.
var (
	walks    = flag.Int("walks", 600, "random sequences of commands on each database")
	walkSeed = flag.Uint64("walkseed", 20261122, "seed of the random sequences")
)

// walker does random commands as random people and remembers, apart from the
// registry, who drafted what and who signed it.
type walker struct {
	*registry
	rng      *rand.Rand
	log      *ledger.Ledger
	fold     *fold
	people   []models.Actor
	parties  []models.Party
	open     []string // applications that are not decided, by id
	licenses []string // by number
	drafter  map[string]string
	done     map[string]int
	refused  map[models.Code]int
	trail    []string // of the sequence, for the report of a failure
}

func newWalker(r *registry, shard uint64) *walker {
	key := sha256.Sum256([]byte("walk"))
	w := &walker{registry: r, rng: rand.New(rand.NewPCG(*walkSeed, shard)), //nolint:gosec // a test wants the same numbers again
		log:     ledger.New(r.store, "walk.example", ed25519.NewKeyFromSeed(key[:]), r.clock.Now, slog.New(slog.DiscardHandler)),
		fold:    newFold(),
		drafter: map[string]string{}, done: map[string]int{}, refused: map[models.Code]int{}}
	for i, roles := range [][]models.Role{{models.RoleClerk}, {models.RoleClerk}, {models.RoleOfficer}, {models.RoleOfficer}, {models.RoleOfficer},
		{models.RoleHead}, {models.RoleHead}, {models.RoleOfficer, models.RoleHead}, {models.RoleClerk, models.RoleOfficer}, {models.RoleAuditor}} {
		w.people = append(w.people, models.Actor{ID: fmt.Sprintf("u%d", i), Kind: "person", Name: fmt.Sprintf("Person %d", i), Roles: roles,
			Unit: fmt.Sprintf("unit-%d", i%3)})
	}
	for i := range 8 {
		p := r.party(nil)
		w.parties = append(w.parties, p)
		w.people = append(w.people, models.Actor{ID: "a" + p.BinOrIin, Kind: "person", Name: "Applicant", Roles: []models.Role{models.RoleApplicant}, Party: p.ID})
		for s := range 3 { // neighbours own sites at the same points, so that they are in each other's way
			r.site(p.ID, fmt.Sprintf("W-CP%02d", i*2+s), fmt.Sprintf("W-CP%02d", i*2+s+1))
		}
	}
	return w
}

func pick[T any](w *walker, list []T) T { return list[w.rng.IntN(len(list))] }

// who is anybody, mostly somebody of a role that could.
func (w *walker) who(roles ...models.Role) models.Actor {
	if w.rng.IntN(5) == 0 {
		return pick(w, w.people)
	}
	fit := slices.DeleteFunc(slices.Clone(w.people), func(a models.Actor) bool {
		return !slices.ContainsFunc(roles, a.Is)
	})
	return pick(w, fit)
}

// note counts a command and keeps only what the registry may answer.
func (w *walker) note(name string, actor models.Actor, err error) bool {
	code := models.CodeOf(err)
	w.trail = append(w.trail, fmt.Sprintf("%s by %s: %v", name, actor.ID, err))
	if err == nil {
		w.done[name]++
		return true
	}
	w.refused[code]++
	switch code {
	case models.CodeInvalid, models.CodeConflict, models.CodeForbidden, models.CodeFourEyes, models.CodeNotFound, models.CodeVersionConflict:
	default:
		w.t.Errorf("%s by %s gave %q, which is no answer of a registry: %v", name, actor.ID, code, err)
	}
	return false
}

// sequence is a few random commands on one thing, with time going by between them.
func (w *walker) sequence() {
	w.trail = w.trail[:0]
	switch n := w.rng.IntN(10); {
	case len(w.open) < 20 || n == 0:
		w.begin()
	case n < 8 || len(w.licenses) == 0:
		id := pick(w, w.open)
		for range 1 + w.rng.IntN(8) {
			w.pass()
			w.onApplication(id)
		}
	default:
		number := pick(w, w.licenses)
		for range 1 + w.rng.IntN(3) {
			w.pass()
			w.onLicense(number)
		}
	}
	if w.rng.IntN(50) == 0 {
		w.tick()
	}
}

// pass lets time go by: minutes mostly, weeks now and then, and rarely so much that
// the terms of licenses come near their ends, when they can be renewed.
func (w *walker) pass() {
	d := time.Duration(1+w.rng.Int64N(int64(10*time.Minute)/1000)) * time.Microsecond
	switch n := w.rng.IntN(4000); {
	case n == 0:
		d = w.clock.Now().AddDate(0, 33, w.rng.IntN(20)).Sub(w.clock.Now())
	case n < 6:
		d = time.Duration(w.rng.IntN(20*24)) * time.Hour
	}
	w.clock.Advance(d.Truncate(time.Microsecond))
}

// tick is what the program does by itself.
func (w *walker) tick() {
	if _, err := w.ExpireDue(w.ctx); err != nil {
		w.t.Errorf("ExpireDue: %v", err)
	}
	if _, err := w.EndRequests(w.ctx); err != nil {
		w.t.Errorf("EndRequests: %v", err)
	}
	if _, err := w.LapseActs(w.ctx); err != nil {
		w.t.Errorf("LapseActs: %v", err)
	}
	if _, err := w.NoteSuspensionsOver(w.ctx); err != nil {
		w.t.Errorf("NoteSuspensionsOver: %v", err)
	}
}

func (w *walker) begin() {
	p := pick(w, w.parties)
	actor := w.who(models.RoleClerk, models.RoleApplicant)
	a, err := w.CreateDraft(w.ctx, actor, w.asked(p))
	if w.note("draft", actor, err) {
		w.open = append(w.open, a.ID)
	}
}

// asked is what a party could ask for: some of its sites, now and then too much.
func (w *walker) asked(p models.Party) models.Application {
	sites, _, err := w.Sites(w.ctx, head, store.SiteFilter{Owner: p.ID}, store.Page{})
	if err != nil || len(sites) == 0 {
		w.t.Fatalf("sites of %s: %v", p.ID, err)
	}
	a := request(p, pick(w, sites))
	a.Sites[0].Approved = models.Watts(400_000 + 100_000*w.rng.Int64N(8))
	if w.rng.IntN(12) == 0 {
		a.FeePaid = 1
	}
	if w.rng.IntN(3) == 0 {
		w.about(p, &a)
	}
	return a
}

// about makes an application one about a license of the party, where it has one.
func (w *walker) about(p models.Party, a *models.Application) {
	for range 6 { // of many licenses a few are looked at
		if len(w.licenses) == 0 {
			return
		}
		if number := pick(w, w.licenses); w.licenseNow(number).Holder == p.ID {
			a.Base = number
			break
		}
	}
	if a.Base == "" {
		return
	}
	kinds := models.ApplicationKinds()
	a.Kind = kinds[1+w.rng.IntN(len(kinds)-1)]
	if w.licenseNow(a.Base).ValidUntil.Sub(w.clock.Now()) < 90*24*time.Hour {
		a.Kind = models.ApplicationRenewal
	}
	a.Reason = map[models.ApplicationKind]string{models.ApplicationReissue: "name_changed", models.ApplicationAppendixChange: "power_changed",
		models.ApplicationDuplicate: "lost", models.ApplicationTermination: "own_wish"}[a.Kind]
	rule, _ := models.RuleOf(a.Kind)
	if rule.Sites == models.NeedNone || rule.Sites == models.NeedOptional && w.rng.IntN(2) == 0 {
		a.Sites = nil
	}
	if rule.Equipment == models.NeedNone {
		a.Equipment = nil
	}
	if rule.Supply == models.NeedNone {
		a.SupplyBasis = ""
	}
}

func (w *walker) report(t *testing.T, sequences int, took time.Duration) {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(w.done)) {
		names = append(names, fmt.Sprintf("%s %d", n, w.done[n]))
	}
	t.Logf("%d sequences in %s; done: %s; refused: %v; %d licenses, %d ledger entries", sequences, took.Round(time.Second),
		strings.Join(names, ", "), w.refused, len(w.fold.licenses), w.fold.entries)
}

// walkers is how many walk side by side, each with a database of its own.
const walkers = 3

// TestWalk_NoSequenceOfCommandsBreaksTheRegistry walks random sequences of
// commands by random actors: never one person on both sides of a four-eyes act,
// never two licenses in force that overlap for one connection point, versions
// without gaps, and the fold of the ledger equals the tables.
func TestWalk_NoSequenceOfCommandsBreaksTheRegistry(t *testing.T) {
	for shard := range uint64(walkers) {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				t.Parallel()
				newWalker(open(t, s, clock), shard).walk(t, *walks/walkers)
			})
		})
	}
}

func (w *walker) walk(t *testing.T, sequences int) {
	started, every := time.Now(), max(500, sequences/10)
	for i := range sequences {
		if w.sequence(); t.Failed() {
			t.Fatalf("sequence %d of seed %d:\n%s", i, *walkSeed, strings.Join(w.trail, "\n"))
		}
		if i%every == every-1 || i == sequences-1 {
			w.check(t)
			if t.Failed() {
				t.Fatalf("broken in the sequences before %d of seed %d", i, *walkSeed)
			}
		}
	}
	w.report(t, sequences, time.Since(started))
	for _, name := range []string{"draft", "submit", "register", "accept", "check", "decide", "grant", "refuse", "withdraw", "sign issue", "sign reissue", "sign appendix_change",
		"sign renewal", "sign duplicate", "sign termination", "sign suspension", "sign extension", "sign lift", "sign revocation", "sign correction", "confirm", "reject", "order"} {
		if sequences >= 10_000 && w.done[name] == 0 {
			t.Errorf("no %q succeeded in %d sequences: the walk does not reach what it is to prove", name, sequences)
		}
	}
}
