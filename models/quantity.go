package models

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Watts is active power in whole watts; positive is import from the grid.
type Watts int64

// WattHours is active energy in whole watt-hours.
type WattHours int64

// Tiyn is money in hundredths of a tenge.
type Tiyn int64

// String gives the power as people read it: kW with one decimal below 100 kW,
// none above, as everywhere, W below 1 kW.
func (w Watts) String() string {
	a := math.Abs(float64(w))
	switch {
	case a < 1000:
		return fmt.Sprintf("%d W", int64(w))
	case a < 100_000:
		return fmt.Sprintf("%.1f kW", float64(w)/1000)
	default:
		return fmt.Sprintf("%.0f kW", float64(w)/1000)
	}
}

// String gives the energy in kWh with one decimal.
func (e WattHours) String() string { return fmt.Sprintf("%.1f kWh", float64(e)/1000) }

// String gives the money in tenge.
func (t Tiyn) String() string { return fmt.Sprintf("%d.%02d KZT", int64(t)/100, int64(t)%100) }

// ParseWatts reads "900 kW", "1.2MW", "3500 W" or a bare number of kW. At most
// three decimals of a kilowatt are kept exactly; anything finer is refused.
func ParseWatts(text string) (Watts, error) {
	t := strings.TrimSpace(strings.ReplaceAll(text, " ", " "))
	unit := 1000.0
	low := strings.ToLower(t)
	for _, u := range []struct {
		suffix string
		watts  float64
	}{{"mw", 1e6}, {"kw", 1e3}, {"w", 1}} {
		if strings.HasSuffix(low, u.suffix) {
			t, unit = strings.TrimSpace(t[:len(t)-len(u.suffix)]), u.watts
			break
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(t, ",", "."), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, Errorf(CodeInvalid, "%q is not a power. Write it as 900 kW, 1.2 MW or 3500 W.", text)
	}
	w := v * unit
	if math.Abs(w) > 1e13 || math.Abs(w-math.Round(w)) > 1e-6*math.Max(1, math.Abs(w)) {
		return 0, Errorf(CodeInvalid, "%q cannot be kept in whole watts. Give at most three decimals of a kilowatt.", text)
	}
	return Watts(math.Round(w)), nil
}
