package stream

import "math"

const (
	// idleShare is how much of the time a rig stands still: restarts, heat, repair.
	idleShare = 0.03
	// rigUsualKW is the middle of the common rigs, 2.95 to 3.56 kW.
	rigUsualKW = 3.3
)

// outages is the standard deviation of a day of a load of rigs, kW, by how many of
// them stand still: n = kW/3.3 rigs, each off for about a day at a time and by itself,
// give a binomial number of running ones with the variance n·p·(1−p). The mean of d
// days has 1/d of it: an estimate of the first days of a small farm may lack a whole
// rig.
func outages(kw float64) float64 {
	return math.Sqrt(math.Max(kw, 0) * rigUsualKW * idleShare * (1 - idleShare))
}
