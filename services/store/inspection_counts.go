package store

// VisitCounts is how far a visit under way has come, as far as it has come in.
type VisitCounts struct {
	Inspection string `gorm:"column:inspection"`
	Serials    int64  `gorm:"column:serials"`  // scans of serial numbers
	Answers    int64  `gorm:"column:answers"`  // answers, also those that a later one replaced
	Files      int64  `gorm:"column:files"`    // originals that events name
	Received   int64  `gorm:"column:received"` // of those, that have come in
}

// VisitCountsOf gives the counts of inspections that have events.
func (tx *Tx) VisitCountsOf(inspections []string) (map[string]VisitCounts, error) {
	out := map[string]VisitCounts{}
	events, err := many[VisitCounts](tx, `SELECT inspection, COUNT(DISTINCT CASE WHEN kind = 'serial.scanned' THEN event_id END) AS serials,
		COUNT(DISTINCT CASE WHEN kind = 'answer.set' THEN event_id END) AS answers
		FROM inspection_events WHERE inspection IN ? GROUP BY inspection`, orNothing(inspections))
	if err != nil {
		return nil, err
	}
	for _, r := range events {
		out[r.Inspection] = r
	}
	files, err := many[VisitCounts](tx, `SELECT n.inspection, COUNT(DISTINCT n.sha256) AS files, COUNT(DISTINCT b.sha256) AS received
		FROM evidence_names n LEFT JOIN evidence_blobs b ON b.sha256 = n.sha256 WHERE n.inspection IN ? GROUP BY n.inspection`, orNothing(inspections))
	for _, r := range files {
		v := out[r.Inspection]
		v.Files, v.Received = r.Files, r.Received
		out[r.Inspection] = v
	}
	return out, err
}
