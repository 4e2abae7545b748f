package api

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"rigistry/services/metering"
)

// pollingMetrics is what Prometheus sees of the polling in this process: sums over
// all meters, since a series for each of ten thousand would be too many. Which meter
// it is says the page of the fleet.
type pollingMetrics struct{ units, faults, exceptions, lag *prometheus.Desc }

func newPollingMetrics() pollingMetrics {
	return pollingMetrics{
		units:      prometheus.NewDesc("rigistry_meter_units", "Meters that are polled by this process, by state.", []string{"state"}, nil),
		faults:     prometheus.NewDesc("rigistry_meter_faults_total", "Faults of polling and of readings by kind.", []string{"fault"}, nil),
		exceptions: prometheus.NewDesc("rigistry_meter_exceptions_total", "Refusals of meters by Modbus exception code; 0 is unknown ones.", []string{"code"}, nil),
		lag:        prometheus.NewDesc("rigistry_meter_schedule_lag_seconds", "How long after their time polls begin.", []string{"quantile"}, nil),
	}
}

func (p pollingMetrics) describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.units, p.faults, p.exceptions, p.lag} {
		ch <- d
	}
}

func (p pollingMetrics) collect(ch chan<- prometheus.Metric, s *Server, units []metering.UnitHealth) {
	states, codes := map[string]int{"waiting": 0, "ok": 0, "late": 0, "dead": 0}, [12]int64{}
	for i := range units {
		states[units[i].State]++
		for code, n := range units[i].ExceptionCodes {
			codes[code] += n
		}
	}
	for state, n := range states {
		ch <- prometheus.MustNewConstMetric(p.units, prometheus.GaugeValue, float64(n), state)
	}
	for fault, n := range metering.Faults(units) {
		ch <- prometheus.MustNewConstMetric(p.faults, prometheus.CounterValue, float64(n), fault)
	}
	for code, n := range codes {
		ch <- prometheus.MustNewConstMetric(p.exceptions, prometheus.CounterValue, float64(n), strconv.Itoa(code))
	}
	if s.cfg.Lags != nil {
		lags := s.cfg.Lags()
		for q, d := range map[string]float64{"0.5": lags.P50.Seconds(), "0.99": lags.P99.Seconds(), "1": lags.Max.Seconds()} {
			ch <- prometheus.MustNewConstMetric(p.lag, prometheus.GaugeValue, d, q)
		}
	}
}
