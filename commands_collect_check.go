package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"rigistry/models"
	"rigistry/services/metering"
)

// check prints what a collector with the configuration needs, and refuses when its spool
// would not hold three days.
func (c *CollectCmd) check(app *App, cfg collectConfig) error {
	meters := cfg.meters()
	need, err := metering.NeedOf(meters)
	if err != nil {
		return err
	}
	endpoints := map[string]bool{}
	for _, m := range meters {
		endpoints[m.URL] = true
	}
	quota := int64(metering.DefaultSpoolQuota)
	if cfg.SpoolMB > 0 {
		quota = cfg.SpoolMB << 20
	}
	_, _ = fmt.Fprintf(app.Stdout, "%s is in order: collector %s, %d meters on %d endpoints, %.1f readings a second, to %s\n",
		c.Config, cfg.Collector, len(meters), len(endpoints), need.PerSecond, cfg.Server)
	_, _ = fmt.Fprintf(app.Stdout, "spool: %.0f hours without the server take at most %s; it may hold %s\n", metering.SpoolKeeps.Hours(), megabytes(need.Bytes), megabytes(quota))
	var v models.Invalid
	if need.Bytes > quota {
		v.Add("/spool_mb", "too_small", "Set it to %d: the spool would be full before %.0f hours are over.", int64(math.Ceil(float64(need.Bytes)/(1<<20))), metering.SpoolKeeps.Hours())
	}
	free, known := diskFree(existing(app.Config.Data))
	if known {
		_, _ = fmt.Fprintf(app.Stdout, "disk: %s are free for %s\n", megabytes(free), filepath.Join(app.Config.Data, "spool.db"))
		if need.Bytes > free {
			v.Add("/data", "disk_full", "Give the collector another disk with --data: %s are free, and the spool may need %s.", megabytes(free), megabytes(need.Bytes))
		}
	}
	return v.Err()
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

// existing gives the nearest folder above a path that is there.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}
