package stream

import (
	"math"
	"syscall"
	"testing"
	"time"
)

// BenchmarkBacktest_ReadingsPerSecond pushes the readings of 2,040 meters through whole
// days of half hours, as a backtest does once they are parsed, and reads the same values
// in a plain loop that only adds them up. Both are told by CPU time of one core, so that
// what else the machine does counts for neither.
func BenchmarkBacktest_ReadingsPerSecond(b *testing.B) {
	t := homesOf(2000)
	n := len(t.Meters)
	e, err := New(t)
	if err != nil {
		b.Fatal(err)
	}
	const days = 7
	kw := make([]float64, days*48*n)
	for i := range days * 48 {
		for m := range n {
			v := 0.3 + 0.2*math.Sin(float64(i%48)/8) + 0.1*float64((i*7+m*13)%11)/11
			if t.Meters[m].Side != "" {
				v = 50 * 0.36
			}
			kw[i*n+m] = v
		}
	}
	register := make([]float64, n)
	at := begin.Unix()
	week := func() {
		for i := range days * 48 {
			for m := range n {
				v := kw[i*n+m]
				register[m] += v / 2
				e.Push(m, at, v, register[m])
			}
			at += halfHour
		}
		e.Finish(at)
	}
	for range 6 {
		week() // the rings are full, and every rule runs
	}
	var pushing, reading time.Duration
	sum := 0.0
	weeks := 0
	for b.Loop() {
		weeks++
		before := spent(b)
		week()
		between := spent(b)
		for range 10 {
			for i := range days * 48 {
				for m := range n {
					v := kw[i*n+m]
					register[m] += v / 2
					sum += v + register[m]
				}
			}
		}
		pushing, reading = pushing+between-before, reading+(spent(b)-between)/10
	}
	readings := float64(weeks) * float64(len(kw))
	b.ReportMetric(readings/pushing.Seconds(), "readings/s")
	b.ReportMetric(readings/reading.Seconds(), "read/s")
	if sum != sum {
		b.Fatal("the plain loop has no sum")
	}
}

// spent is the CPU time of the process in its own code.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
