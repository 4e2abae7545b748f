package models

// bounds are what a quantity can be anywhere on a power system, in base units. They
// are wide on purpose: a profile knows its meter better. The highest voltage in
// service is 1,150 kV (Ekibastuz to Kokshetau); the largest power station has
// 22.5 GW.
var bounds = map[Quantity]struct{ least, most float64 }{
	QPTotal: {-25e9, 25e9}, QPL1: {-25e9, 25e9}, QPL2: {-25e9, 25e9}, QPL3: {-25e9, 25e9}, QQTotal: {-25e9, 25e9}, QSTotal: {-25e9, 25e9},
	QVL1: {-1.5e6, 1.5e6}, QVL2: {-1.5e6, 1.5e6}, QVL3: {-1.5e6, 1.5e6}, QUL12: {-1.5e6, 1.5e6}, QUL23: {-1.5e6, 1.5e6}, QUL31: {-1.5e6, 1.5e6},
	QIL1: {-1e6, 1e6}, QIL2: {-1e6, 1e6}, QIL3: {-1e6, 1e6}, QIN: {-1e6, 1e6},
	QPF: {-1.1, 1.1}, QPFL1: {-1.1, 1.1}, QPFL2: {-1.1, 1.1}, QPFL3: {-1.1, 1.1},
	QF: {0, 500}, QEImport: {0, 1e17}, QEExport: {0, 1e17},
}

// LeaveOutImpossible makes quantities absent that no power system has, and says so
// in the quality. A reading with no quantity at all that calls itself good becomes
// QualityNotAvailable.
func (r *Reading) LeaveOutImpossible() {
	for q, stored := range r.Values.All() {
		b, ok := bounds[q]
		if v := q.Base(stored); ok && (v < b.least || v > b.most) {
			r.Values.Clear(q)
			r.Quality = r.Quality.Worse(QualityOutOfRange)
		}
	}
	if r.Values.Len() == 0 {
		r.Quality = r.Quality.Worse(QualityNotAvailable)
	}
}
