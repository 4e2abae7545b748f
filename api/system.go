package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rigistry/models"
)

// HealthWire says that the process answers.
type HealthWire struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

// PartWire is the state of one part the server needs.
type PartWire struct {
	Name     string `json:"name"`
	OK       bool   `json:"ok"`
	Degraded bool   `json:"degraded,omitempty" doc:"It does its work, and somebody should look after it"`
	Detail   string `json:"detail"`
}

// ReadyWire says whether the server can do its work, part by part.
type ReadyWire struct {
	Ready bool       `json:"ready"`
	Parts []PartWire `json:"parts" nullable:"false"`
}

// readyOutput answers 200 or 503 with the same body.
type readyOutput struct {
	Status int
	Body   ReadyWire
}

func (s *Server) systemRoutes() []route {
	return []route{
		handle("GET", "/healthz", models.ActPublicRead, "System", "The process answers", s.getHealth),
		handle("GET", "/readyz", models.ActPublicRead, "System", "The state of each part: store, ledger, gate, collectors", s.getReady),
	}
}

func (s *Server) getHealth(context.Context, models.Actor, *struct{}) (*output[HealthWire], error) {
	return &output[HealthWire]{Body: HealthWire{Status: "ok", Version: s.cfg.Version}}, nil
}

func (s *Server) getReady(ctx context.Context, _ models.Actor, _ *struct{}) (*readyOutput, error) {
	ready := ReadyWire{Ready: true, Parts: []PartWire{s.storePart(ctx), s.ledgerPart(ctx), s.gatePart(ctx), s.spoolPart(ctx)}}
	for _, p := range ready.Parts {
		ready.Ready = ready.Ready && p.OK
	}
	status := http.StatusOK
	if !ready.Ready {
		status = http.StatusServiceUnavailable
	}
	return &readyOutput{Status: status, Body: ready}, nil
}

func (s *Server) storePart(ctx context.Context) PartWire {
	settings, err := s.svc.Store.Settings(ctx)
	if err != nil {
		return PartWire{Name: "store", Detail: "the database does not answer"}
	}
	part := PartWire{Name: "store", OK: true, Detail: s.svc.Store.Engine()}
	for _, set := range settings {
		part.Detail += fmt.Sprintf(" %s=%s", set.Name, set.Got)
		part.OK = part.OK && set.OK
	}
	return part
}

// maxUnsealedAge is how long an entry may wait for its place in the tree before
// the ledger counts as behind.
const maxUnsealedAge = 30 * time.Second

func (s *Server) ledgerPart(ctx context.Context) PartWire {
	head, err := s.svc.Ledger.Head(ctx)
	if err != nil {
		return PartWire{Name: "ledger", Detail: "the head cannot be read"}
	}
	part := PartWire{Name: "ledger", OK: true, Detail: fmt.Sprintf("%d entries sealed, %d waiting", head.Size, head.Unsealed)}
	if head.Unsealed > 0 && !head.OldestUnsealed.IsZero() && s.now().Sub(head.OldestUnsealed) > maxUnsealedAge {
		part.OK, part.Detail = false, part.Detail+"; the sealer is behind"
	}
	return part
}

func (s *Server) gatePart(ctx context.Context) PartWire {
	// The facts in memory follow the store before they are decided from, and an answer
	// commits only if nothing that it was decided from has changed: the gate is as fresh
	// as the store, or it does not answer.
	if err := s.svc.Gate.Ready(ctx); err != nil {
		return PartWire{Name: "gate", Detail: "the facts cannot be read"}
	}
	return PartWire{Name: "gate", OK: true, Detail: fmt.Sprintf("facts of %d entries in memory, which the next check brings up to date; rules %s",
		s.svc.Gate.Revision(), s.svc.Gate.RulesVersion())}
}

// meterCollector shows the polling counters of this process to Prometheus.
type meterCollector struct {
	server  *Server
	polls   *prometheus.Desc
	entries *prometheus.Desc
	hooks   *prometheus.Desc
	oldest  *prometheus.Desc
	polling pollingMetrics
	spools  spoolMetrics
}

// Describe names the metrics.
func (m *meterCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.polls
	ch <- m.entries
	ch <- m.hooks
	ch <- m.oldest
	m.polling.describe(ch)
	m.spools.describe(ch)
}

// Collect reads them.
func (m *meterCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if head, err := m.server.svc.Ledger.Head(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(m.entries, prometheus.GaugeValue, float64(head.Size))
	}
	if h, err := m.server.svc.Webhooks.Health(ctx); err == nil {
		for state, n := range map[string]int64{"good": h.Active - h.Failing, "failing": h.Failing - h.Dead, "dead": h.Dead} {
			ch <- prometheus.MustNewConstMetric(m.hooks, prometheus.GaugeValue, float64(n), state)
		}
		ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, h.Age(m.server.now()).Seconds())
	}
	m.spools.collect(ctx, ch, m.server)
	if m.server.cfg.Collector == nil {
		return
	}
	totals := map[string]int64{}
	units := m.server.cfg.Collector()
	m.polling.collect(ch, m.server, units)
	for _, u := range units {
		totals["ok"] += u.OK
		totals["timeout"] += u.Timeouts
		totals["exception"] += u.Exceptions
		totals["error"] += u.Errors
	}
	for result, n := range totals {
		ch <- prometheus.MustNewConstMetric(m.polls, prometheus.CounterValue, float64(n), result)
	}
}

// metricsHandler serves /metrics from a registry of its own.
func (s *Server) metricsHandler() gin.HandlerFunc {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&meterCollector{server: s, polling: newPollingMetrics(), spools: newSpoolMetrics(),
		polls:   prometheus.NewDesc("rigistry_meter_reads_total", "Reads of meters by result.", []string{"result"}, nil),
		entries: prometheus.NewDesc("rigistry_ledger_entries", "Entries sealed in the ledger.", nil, nil),
		hooks:   prometheus.NewDesc("rigistry_webhook_endpoints", "Endpoints of utilities by how they do; dead ones raised an alarm.", []string{"health"}, nil),
		oldest:  prometheus.NewDesc("rigistry_webhook_oldest_seconds", "How long the oldest message to an endpoint has waited.", nil, nil),
	})
	return gin.WrapH(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}
