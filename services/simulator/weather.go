package simulator

import "time"

// Outside is the outdoor temperature of the world at an instant, °C: what the loads that
// heat and cool see.
func (w *World) Outside(at time.Time) float64 { return momentAt(at.Unix()/60, w.weather).outside }
