package api

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) spoolRoutes() []route {
	return []route{
		handle("GET", "/v1/collectors/spools", models.ActMeterRead, "Metering", "How full the spools of edge collectors are, and what to look after", s.listSpools),
	}
}

// SpoolReportWire is what an edge collector says about its spool.
type SpoolReportWire struct {
	QuotaBytes int64   `json:"quota_bytes" minimum:"1"`
	HeldBytes  int64   `json:"held_bytes" minimum:"0"`
	Batches    int64   `json:"batches" minimum:"0" doc:"Still to deliver"`
	OldestS    float64 `json:"oldest_s" minimum:"0" maximum:"1000000000" doc:"Seconds that the oldest of them has waited"`
	Refused    int64   `json:"refused" minimum:"0" doc:"Batches set aside, which the server would not take or nobody can read"`
	Why        string  `json:"why,omitempty" maxLength:"2000" doc:"Of the newest of them"`
}

// SpoolWire is the newest report of a spool, judged.
type SpoolWire struct {
	Collector  string    `json:"collector"`
	Level      string    `json:"level" enum:"ok,watch,alarm" doc:"watch: somebody should look; alarm: readings are lost, or will be"`
	Reasons    []string  `json:"reasons" nullable:"false" doc:"The most urgent first: full (from 50 % of the quota, alarm from 80), missing, old (from 15 minutes, alarm from 24 hours), silent (5 minutes), refused, clock (off by more than 2 seconds, alarm from 30)"`
	Percent    float64   `json:"percent" doc:"Of the quota"`
	QuotaBytes int64     `json:"quota_bytes"`
	HeldBytes  int64     `json:"held_bytes"`
	Batches    int64     `json:"batches" doc:"Still to deliver"`
	OldestS    float64   `json:"oldest_s" doc:"Seconds that the oldest of them had waited when the collector reported"`
	Refused    int64     `json:"refused" doc:"Batches set aside"`
	Why        string    `json:"why,omitempty" doc:"Of the newest of them"`
	Missing    int64     `json:"missing" doc:"Of the newest 10,000 sequences: batches that never came and are not set aside"`
	ReportedAt time.Time `json:"reported_at"`
	ClockS     *float64  `json:"clock_offset_s,omitempty" doc:"Seconds that the collector's clock is ahead of ours; absent when it does not say"`
}

func (s *Server) listSpools(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[SpoolWire], error) {
	found, err := s.svc.Metering.Spools(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(st metering.SpoolState) SpoolWire {
		w := SpoolWire{Collector: st.Collector, Level: string(st.Level), Reasons: make([]string, len(st.Reasons)), Percent: math.Round(st.Percent()*10) / 10,
			QuotaBytes: st.Quota, HeldBytes: st.Held, Batches: st.Batches, OldestS: math.Round(st.Oldest.Seconds()), Refused: st.Refused, Why: st.Why,
			Missing: st.Missing, ReportedAt: st.Reported}
		if st.Clock != nil {
			s := math.Round(st.Clock.Seconds()*1000) / 1000
			w.ClockS = &s
		}
		for i, why := range st.Reasons {
			w.Reasons[i] = string(why)
		}
		return w
	}), nil
}

func (w *SpoolReportWire) report(collector string) metering.SpoolReport {
	return metering.SpoolReport{Collector: collector, Quota: w.QuotaBytes, Held: w.HeldBytes, Batches: w.Batches,
		Oldest: time.Duration(w.OldestS * float64(time.Second)), Refused: w.Refused, Why: w.Why}
}

// SpoolReportOf puts what a spool holds on the wire; an edge collector sends it with what
// it says about its meters.
func SpoolReportOf(r metering.SpoolReport) *SpoolReportWire {
	why := []rune(r.Why)
	return &SpoolReportWire{QuotaBytes: r.Quota, HeldBytes: r.Held, Batches: r.Batches, OldestS: r.Oldest.Seconds(), Refused: r.Refused,
		Why: string(why[:min(len(why), 2000)])}
}

// spoolPart says how edge collectors do. Trouble there is told, and does not make the
// server unready: it takes what comes. Names are not for everybody.
func (s *Server) spoolPart(ctx context.Context) PartWire {
	part := PartWire{Name: "collectors", OK: true}
	spools, err := s.svc.Metering.Spools(ctx, models.System())
	if err != nil {
		part.Degraded, part.Detail = true, "the collectors' reports cannot be read"
		return part
	}
	watch, alarm := 0, 0
	for i := range spools {
		switch spools[i].Level {
		case metering.SpoolWatch:
			watch++
		case metering.SpoolAlert:
			alarm++
		}
	}
	part.Detail = fmt.Sprintf("%d report their spools", len(spools))
	if part.Degraded = watch+alarm > 0; part.Degraded {
		part.Detail += fmt.Sprintf("; degraded: %d in alarm, %d to look after", alarm, watch)
	}
	return part
}

// spoolMetrics is what Prometheus sees of the spools, by collector.
type spoolMetrics struct{ percent, oldest, batches, refused, missing, silent, level, clock *prometheus.Desc }

func newSpoolMetrics() spoolMetrics {
	by := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("rigistry_spool_"+name, help, []string{"collector"}, nil)
	}
	return spoolMetrics{percent: by("percent", "How much of its quota a collector's spool holds."),
		oldest:  by("oldest_seconds", "How long the oldest batch of a spool had waited for the server when the collector reported."),
		batches: by("batches", "Batches in a spool that are still to deliver."),
		refused: by("refused_batches", "Batches in a spool that are set aside: the server would not take them, or nobody can read them."),
		missing: by("missing_batches", "Batches that the server lacks and the spool does not have, of the newest 10,000 sequences."),
		silent:  by("report_age_seconds", "How long ago a collector reported."),
		level:   by("level", "0 when all is well, 1 when somebody should look, 2 when readings are lost or will be."),
		clock:   prometheus.NewDesc("rigistry_collector_clock_offset_seconds", "How far a collector's clock is ahead of ours; readings are marked from 30 s off.", []string{"collector"}, nil)}
}

func (m spoolMetrics) describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.percent, m.oldest, m.batches, m.refused, m.missing, m.silent, m.level, m.clock} {
		ch <- d
	}
}

func (m spoolMetrics) collect(ctx context.Context, ch chan<- prometheus.Metric, s *Server) {
	spools, err := s.svc.Metering.Spools(ctx, models.System())
	if err != nil {
		return
	}
	levels := map[metering.SpoolLevel]float64{metering.SpoolOK: 0, metering.SpoolWatch: 1, metering.SpoolAlert: 2}
	for i := range spools {
		st := &spools[i]
		for d, v := range map[*prometheus.Desc]float64{m.percent: st.Percent(), m.oldest: st.Oldest.Seconds(), m.batches: float64(st.Batches),
			m.refused: float64(st.Refused), m.missing: float64(st.Missing), m.silent: s.now().Sub(st.Reported).Seconds(), m.level: levels[st.Level]} {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, st.Collector)
		}
		if st.Clock != nil {
			ch <- prometheus.MustNewConstMetric(m.clock, prometheus.GaugeValue, st.Clock.Seconds(), st.Collector)
		}
	}
}
