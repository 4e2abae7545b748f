package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/gate"
	"rigistry/services/identity"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
	"rigistry/web"
)

// The size of the registry that the gate is measured at; each license has ten rigs.
const (
	gateLicenses = 50_000
	gatePoints   = 60_000
	gateFeeders  = 5_000
	gateParties  = 5_000
)

// BenchmarkGate compares the whole gate (token, decision, signature, durable record,
// ledger) with a bare gin handler that returns as many bytes and with the check written
// as three gorm queries and an insert, in turns, over loopback TCP. The load comes from
// another process; CPU is that of the server's process, without PostgreSQL's.
func BenchmarkGate(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			open := map[string]func(testing.TB, func() time.Time) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres}[engine]
			w := newGateBench(b, open(b, time.Now))
			for b.Loop() {
				w.measure()
			}
		})
	}
}

type gateBench struct {
	b        *testing.B
	store    *store.Store
	gate     *gate.Service
	token    string
	licenses []string
	bins     []string
	utility  string
	round    int
	servers  map[string]string // addresses by name
}

func newGateBench(b *testing.B, st *store.Store) *gateBench {
	w := &gateBench{b: b, store: st, servers: map[string]string{}}
	log := slog.New(slog.DiscardHandler)
	key := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }
	catalog, err := web.LoadCatalog()
	w.must(err)
	people, err := identity.New(st, log, identity.Config{Issuer: testBase, Passwords: identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		Signing: identity.SigningKey{KID: "k1", Private: key(1)}, Methods: []identity.Method{identity.MethodClientSecretBasic}})
	w.must(err)
	texts := func(lang, code string) (text, cure string) {
		return catalog.Text(lang, "gate.reason."+code+".text", nil), catalog.Text(lang, "gate.reason."+code+".cure", nil)
	}
	w.gate = gate.New(st, key(3), texts, time.Now)
	began := time.Now()
	w.fill()
	b.Logf("filled in %s", time.Since(began).Round(100*time.Millisecond))
	sealer := ledger.New(st, "bench.test/ledger", key(2), time.Now, log)
	server, err := New(Config{BaseURL: testBase, Version: "bench"}, Services{Store: st, Identity: people, Documents: documents.New(catalog.Text), Catalog: catalog,
		Ledger: sealer, Gate: w.gate}, log, time.Now)
	w.must(err)
	ctx, cancel := context.WithCancel(b.Context())
	b.Cleanup(cancel)
	go func() { _ = sealer.Run(ctx) }()
	c, err := people.CreateClient(ctx, models.System(), identity.NewClient{Name: "Bench", Role: models.RoleUtility, Utility: w.utility})
	w.must(err)
	token, err := people.Issue(ctx, identity.TokenRequest{GrantType: identity.GrantClientCredentials, HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret})
	w.must(err)
	w.token = token.Value
	w.serve("gate", server.Handler())
	w.serve("gorm", w.naive(naiveDB(b, st)))
	return w
}

func (w *gateBench) must(err error) {
	w.b.Helper()
	if err != nil {
		w.b.Fatal(err)
	}
}

func (w *gateBench) serve(name string, h http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second}
	go func() { _ = s.Serve(l) }()
	w.b.Cleanup(func() { _ = s.Close() })
	w.servers[name] = l.Addr().String()
}

// fill writes rows directly, by the thousand.
func (w *gateBench) fill() {
	u, err := w.gate.RegisterUtility(w.b.Context(), models.System(), models.Utility{Code: "U", NameRu: "U", Bin: "210440038887"})
	w.must(err)
	w.utility = u.ID
	for n := int64(1); len(w.bins) < gateParties; n++ {
		stem := fmt.Sprintf("2104400%04d", n)
		for digit := range 10 {
			if bin := stem + strconv.Itoa(digit); valid(bin) {
				w.bins = append(w.bins, bin)
				break
			}
		}
	}
	for n := range int64(gateLicenses) {
		number, err := models.NewLicenseNumber("DMA", n+1)
		w.must(err)
		w.licenses = append(w.licenses, number)
	}
	db := storetest.Raw(w.b, w.store)
	now := time.Now().UnixMicro()
	from, until := now-365*86400e6, now+365*86400e6
	w.rows(db, "parties (id, bin, kind, name_kk, name_ru, size, resident, address, kato, email, phone, state, search, version, created_at, updated_at)", gateParties, func(i int) []any {
		return []any{fmt.Sprint("h", i), w.bins[i], "legal_entity", "A", "A", "large", 1, "", "551010000", "", "", "active", "a", 1, now, now}
	})
	w.rows(db, "substations (id, code, name, utility_id, volt_kv, limit_w, kato, version)", gateFeeders/10, func(i int) []any {
		return []any{fmt.Sprint("s", i), fmt.Sprint("S", i), "S", w.utility, 110, int64(1e12), "", 1}
	})
	w.rows(db, "feeders (id, code, substation_id, utility_id, volt_kv, limit_w, version)", gateFeeders, func(i int) []any {
		return []any{fmt.Sprint("f", i), fmt.Sprint("F", i), fmt.Sprint("s", i/10), w.utility, 10, int64(1e11), 1}
	})
	w.rows(db, "connection_points (id, code, feeder_id, utility_id, consumer_bin, declared_use, site, state, permitted_w, energised_w, tc_number, tc_limit_w, tc_purpose, tc_until, act, "+
		"supply_number, supply_until, automation, version, changed_at)", gatePoints, func(i int) []any {
		use, purpose, load := "mining", "mining", int64(30_000)
		if i >= gateLicenses {
			use, purpose, load = "bakery", "other", 0
		}
		state := map[bool]string{true: "energised", false: "planned"}[load > 0]
		return []any{fmt.Sprint("p", i), fmt.Sprint("P", i), fmt.Sprint("f", i%gateFeeders), w.utility, w.bins[i%gateParties], use, fmt.Sprint("site", i), state, int64(1e9), load,
			"TC", int64(1e9), purpose, 0, "A", "S", 0, 1, 1, now}
	})
	w.rows(db, "licenses (number, version, sub_type, state, holder, holder_bin, approved_w, host, valid_from, valid_until, verification, changed_at)", gateLicenses, func(i int) []any {
		return []any{w.licenses[i], 1, "I", "active", fmt.Sprint("h", i%gateParties), w.bins[i%gateParties], int64(1e9), "", from, until, fmt.Sprint("v", i), now}
	})
	w.rows(db, "license_points (number, connection_code, site, appendix, approved_w, in_force)", gateLicenses, func(i int) []any {
		return []any{w.licenses[i], fmt.Sprint("P", i), fmt.Sprint("site", i), "001", int64(1e9), 1}
	})
	_, err = db.Exec(`INSERT INTO equipment (id, manufacturer, model, serial, manufacturer_key, serial_key, algorithm, hashrate_th, nameplate_w, owner, site, license, customs, state, version,
		created_at, updated_at) SELECT l.number || k.column1, 'M', 'X', l.number || k.column1, 'M', l.number || k.column1, 'sha256', 100, 3300, l.holder, p.site, l.number, '', 'active', 1, l.changed_at, l.changed_at
		FROM licenses l JOIN license_points p ON p.number = l.number CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) k`)
	w.must(err)
	w.rows(db, "meters (id, code, serial, vendor, model, profile, url, unit, role, node_kind, node_id, utility, ct_num, ct_den, vt_num, vt_den, accuracy_class, poll_ms, verification_by, installed_from, installed_until, version)",
		gatePoints, func(i int) []any {
			return []any{fmt.Sprint("m", i), fmt.Sprint("M", i), fmt.Sprint("SN", i), "", "", "", "tcp://x", 1, "revenue", "connection_point", fmt.Sprint("p", i), w.utility, 1, 1, 1, 1, "", 1000, "", from, 0, 1}
		})
	w.rows(db, "meter_states (meter_id, at, step_us, quality, vals, base_at, base_step_us, base_vals)", gatePoints, func(i int) []any {
		return []any{fmt.Sprint("m", i), now, 0, 0, []byte{}, now, 0, []byte{}}
	})
	w.must(func() error { _, err := db.Exec("DELETE FROM gate_changes"); return err }())
	_ = db.Close()
}

func valid(bin string) bool {
	_, err := models.CheckBin(bin)
	return err == nil
}

func (w *gateBench) rows(db *sql.DB, table string, n int, row func(i int) []any) {
	w.b.Helper()
	const together = 500
	tx, err := db.Begin()
	w.must(err)
	for at := 0; at < n; at += together {
		var (
			q    strings.Builder
			args []any
		)
		q.WriteString("INSERT INTO " + table + " VALUES ")
		for i := at; i < min(n, at+together); i++ {
			if i > at {
				q.WriteByte(',')
			}
			q.WriteByte('(')
			for j, a := range row(i) {
				if j > 0 {
					q.WriteByte(',')
				}
				args = append(args, a)
				if q.WriteByte('?'); w.store.Engine() == "postgres" {
					q.WriteString(strconv.Itoa(len(args)))
				}
			}
			q.WriteByte(')')
		}
		text := q.String()
		if w.store.Engine() == "postgres" {
			text = strings.ReplaceAll(text, "?", "$")
		}
		_, err := tx.Exec(text, args...)
		w.must(err)
	}
	w.must(tx.Commit())
}

// naiveDB opens the database of a store by gorm as most programs do it: durable like the
// store, but with no other care.
func naiveDB(b *testing.B, s *store.Store) *gorm.DB {
	address := storetest.Address(b, s)
	dialector := postgres.Open(address)
	if s.Engine() == "sqlite" {
		dialector = sqlite.New(sqlite.Config{DriverName: "sqlite", DSN: strings.TrimPrefix(address, "sqlite:") +
			"?_txlock=immediate&_pragma=busy_timeout(20000)&_pragma=synchronous(FULL)&_pragma=journal_mode(WAL)"})
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		b.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		b.Fatal(err)
	}
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	b.Cleanup(func() { _ = pool.Close() })
	return db
}

// naive is the check as it is often written: three queries and an insert.
func (w *gateBench) naive(db *gorm.DB) http.Handler {
	w.must(db.Exec("CREATE TABLE bench_decisions (id TEXT PRIMARY KEY, point TEXT, decision TEXT, at BIGINT)").Error)
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.POST("/v1/gate/checks", func(c *gin.Context) {
		var in CheckInput
		if err := c.ShouldBindJSON(&in); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		type point struct {
			ID, FeederID                                  string
			EnergisedW, PermittedW, TcLimitW, FeederLimit int64
		}
		type license struct {
			State, HolderBin string
			ApprovedW        int64
		}
		var (
			p    point
			l    license
			rigs int64
		)
		err := db.Table("connection_points").Select("connection_points.id, feeder_id, energised_w, permitted_w, tc_limit_w, feeders.limit_w AS feeder_limit").
			Joins("JOIN feeders ON feeders.id = feeder_id").Where("connection_points.code = ?", in.ConnectionPoint).Scan(&p).Error
		if err == nil && in.License != "" {
			err = db.Table("licenses").Select("state, holder_bin, licenses.approved_w").Joins("JOIN license_points lp ON lp.number = licenses.number AND lp.connection_code = ?", in.ConnectionPoint).
				Where("licenses.number = ?", in.License).Scan(&l).Error
		}
		if err == nil {
			err = db.Table("equipment").Select("COALESCE(SUM(nameplate_w), 0)").Where("license = ? AND license <> '' AND state = 'active'", in.License).Scan(&rigs).Error
		}
		decision := "permit"
		if p.ID == "" || p.EnergisedW+1 > p.PermittedW || in.License != "" && (l.State != "active" || l.HolderBin != in.Applicant || rigs == 0) {
			decision = "deny"
		}
		if err == nil {
			err = db.Table("bench_decisions").Create(map[string]any{"id": c.GetHeader("Idempotency-Key"), "point": p.ID, "decision": decision, "at": time.Now().UnixMicro()}).Error
		}
		if err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.JSON(http.StatusOK, map[string]string{"decision": decision})
	})
	return e
}

// bytesLike serves the bytes of an answer from a bare gin handler.
func (w *gateBench) bytesLike(answer string) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.POST("/v1/gate/checks", func(c *gin.Context) {
		if _, err := c.GetRawData(); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.Data(http.StatusOK, "application/json", []byte(answer))
	})
	w.serve("gin", e)
}

type gateRound struct {
	gateLoaded
	cpu time.Duration // of a request
}

// load runs the load from another process against a server.
func (w *gateBench) load(server string, connections, batch int, duration time.Duration) gateRound {
	w.b.Helper()
	w.round++
	l := gateLoad{Address: w.servers[server], Path: "/v1/gate/checks", Token: w.token, Connections: connections, Batch: batch, Duration: duration,
		Keys: fmt.Sprintf("r%d-", w.round), Points: gatePoints, Applicant: w.bins, Licenses: w.licenses}
	if batch > 0 {
		l.Path += "/batch"
	}
	text, err := json.Marshal(l)
	w.must(err)
	file := w.b.TempDir() + "/load" // an environment may not be so long
	w.must(os.WriteFile(file, text, 0o600))
	cmd := exec.CommandContext(w.b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), loadVariable+"="+file)
	var before, after syscall.Rusage
	w.must(syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	out, err := cmd.Output()
	w.must(err)
	w.must(syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	var r gateRound
	w.must(json.Unmarshal(out, &r.gateLoaded))
	if r.Bad > 0 || r.Requests == 0 {
		w.b.Fatalf("%s: %d of %d answers were bad, like %s", server, r.Bad, r.Requests, r.Example)
	}
	spent := func(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
	r.cpu = (spent(after) - spent(before)) / time.Duration(r.Requests)
	return r
}

const (
	benchRounds = 3
	benchTime   = time.Second
)

func (w *gateBench) measure() {
	l := gateLoad{Points: gatePoints, Applicant: w.bins, Licenses: w.licenses}
	request, err := http.NewRequestWithContext(w.b.Context(), http.MethodPost, "http://"+w.servers["gate"]+"/v1/gate/checks", bytes.NewReader(l.one(nil, 1)))
	w.must(err)
	request.Header.Set("Authorization", "Bearer "+w.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", fmt.Sprint("first", w.round))
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	w.must(err)
	var answer bytes.Buffer
	_, err = answer.ReadFrom(response.Body)
	w.must(err)
	_ = response.Body.Close()
	if !strings.Contains(answer.String(), `"decision":"permit"`) {
		w.b.Fatalf("the first answer: %s", answer.String())
	}
	w.b.Logf("the first answer, with the index read, after %s; %d bytes", time.Since(began).Round(time.Millisecond), answer.Len())
	if w.servers["gin"] == "" {
		w.bytesLike(answer.String())
	}
	for _, connections := range []int{32, 256} {
		rounds := map[string][]gateRound{}
		for range benchRounds {
			for _, server := range []string{"gin", "gate"} {
				rounds[server] = append(rounds[server], w.load(server, connections, 0, benchTime))
			}
		}
		w.report(connections, rounds)
	}
	var batches []float64
	for range benchRounds {
		r := w.load("gate", 8, 100, benchTime)
		batches = append(batches, float64(r.Requests*100)/r.Seconds)
	}
	w.b.ReportMetric(median(batches), "batched-checks/s")
	// The queries come last: what is left of them when the load ends would slow the others.
	gateRate, gormRate := w.load("gate", 32, 0, benchTime), w.load("gorm", 32, 0, benchTime)
	w.b.Logf(" 32 connections gorm %8.1f req/s", float64(gormRate.Requests)/gormRate.Seconds)
	w.b.ReportMetric(float64(gateRate.Requests)/gateRate.Seconds*gormRate.Seconds/float64(gormRate.Requests), "rate/gorm@32")
	settle := time.Now()
	_, err = w.gate.Checks(w.b.Context(), models.System(), gate.RecordFilter{}, store.Page{Limit: 1})
	w.must(err)
	w.b.Logf("the rest of the rows after the load took %s", time.Since(settle).Round(time.Millisecond))
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	w.must(err)
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "VmHWM") {
			w.b.Log(strings.TrimSpace(line))
		}
	}
}

func (w *gateBench) report(connections int, rounds map[string][]gateRound) {
	of := func(server string, value func(gateRound) float64) float64 {
		var all []float64
		for _, r := range rounds[server] {
			all = append(all, value(r))
		}
		return median(all)
	}
	rate := func(r gateRound) float64 { return float64(r.Requests) / r.Seconds }
	cpu := func(r gateRound) float64 { return float64(r.cpu.Microseconds()) }
	p99 := func(r gateRound) float64 { return float64(r.P99.Microseconds()) }
	for _, server := range []string{"gin", "gate"} {
		w.b.Logf("%3d connections %-4s %8.0f req/s  %5.0f us CPU  p99 %7.0f us", connections, server, of(server, rate), of(server, cpu), of(server, p99))
	}
	name := func(what string) string { return fmt.Sprintf("%s@%d", what, connections) }
	w.b.ReportMetric(of("gate", rate)/of("gin", rate), name("rate/gin"))
	w.b.ReportMetric(of("gate", cpu)/of("gin", cpu), name("cpu/gin"))
	w.b.ReportMetric(of("gate", p99)/of("gin", p99), name("p99/gin"))
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
