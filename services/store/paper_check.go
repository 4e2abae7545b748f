package store

import (
	"rigistry/models"
)

type paperBlockRow struct {
	ID       string `gorm:"column:id"`
	Utility  string `gorm:"column:utility_id"`
	First    int64  `gorm:"column:first_n"`
	Last     int64  `gorm:"column:last_n"`
	Secret   string `gorm:"column:secret"`
	IssuedBy string `gorm:"column:issued_by"`
	Issued   int64  `gorm:"column:issued_at"`
}

func (r paperBlockRow) block() models.PaperBlock {
	return models.PaperBlock{ID: r.ID, Utility: r.Utility, First: r.First, Last: r.Last, Secret: r.Secret, IssuedBy: r.IssuedBy, Issued: instant(r.Issued)}
}

// TakePaperNumbers counts the numbers of the forms up and gives the first of those
// that were taken.
func (tx *Tx) TakePaperNumbers(count int64) (int64, error) {
	return one[int64](tx, "sequence", "paper_checks", "UPDATE grid_sequences SET next = next + ? WHERE name = 'paper_checks' RETURNING next - ?", count, count)
}

// InsertPaperBlock adds a block with a form for each of its numbers.
func (tx *Tx) InsertPaperBlock(b models.PaperBlock) error {
	err := insert(tx, "paper_blocks", &paperBlockRow{ID: b.ID, Utility: b.Utility, First: b.First, Last: b.Last, Secret: b.Secret, IssuedBy: b.IssuedBy,
		Issued: micros(b.Issued)})
	for n := b.First; err == nil && n <= b.Last; n++ {
		err = insert(tx, "paper_checks", &paperCheckRow{ID: models.PaperNumber(n), N: n, Block: b.ID, Utility: b.Utility, State: string(models.PaperIssued), Version: 1})
	}
	return err
}

// PaperBlock finds a block.
func (tx *Tx) PaperBlock(id string) (models.PaperBlock, error) {
	r, err := one[paperBlockRow](tx, "paper block", id, "SELECT * FROM paper_blocks WHERE id = ?", id)
	return r.block(), err
}

// PaperBlocks lists blocks, the newest first, of one utility when it is not "". The
// cursor is an id.
func (tx *Tx) PaperBlocks(utility string, page Page) ([]models.PaperBlock, error) {
	w := &where{}
	w.equal("utility_id", utility)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[paperBlockRow](tx, "SELECT * FROM paper_blocks"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.PaperBlock, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.block())
	}
	return out, err
}

type paperCheckRow struct {
	ID          string `gorm:"column:id"`
	N           int64  `gorm:"column:n"`
	Block       string `gorm:"column:block_id"`
	Utility     string `gorm:"column:utility_id"`
	State       string `gorm:"column:state"`
	Answer      string `gorm:"column:answer"`
	AnsweredBy  string `gorm:"column:answered_by"`
	Answered    int64  `gorm:"column:answered_at"`
	Report      string `gorm:"column:report"`
	ReportedBy  string `gorm:"column:reported_by"`
	Reported    int64  `gorm:"column:reported_at"`
	Gate        string `gorm:"column:gate"`
	GateReasons string `gorm:"column:gate_reasons"`
	Check       string `gorm:"column:check_id"`
	Differences string `gorm:"column:differences"`
	WrongCodes  int64  `gorm:"column:wrong_codes"`
	SettledBy   string `gorm:"column:settled_by"`
	Settled     int64  `gorm:"column:settled_at"`
	Reason      string `gorm:"column:reason"`
	Version     int64  `gorm:"column:version"`
}

func (r paperCheckRow) check() (models.PaperCheck, error) {
	c := models.PaperCheck{Number: r.ID, Block: r.Block, Utility: r.Utility, State: models.PaperState(r.State), AnsweredBy: r.AnsweredBy, Answered: instant(r.Answered),
		ReportedBy: r.ReportedBy, Reported: instant(r.Reported), Gate: models.Outcome(r.Gate), Check: r.Check, WrongCodes: r.WrongCodes,
		SettledBy: r.SettledBy, Settled: instant(r.Settled), Reason: r.Reason, Version: r.Version}
	if r.Answer != "" {
		c.Answer = &models.PaperAnswer{}
	}
	if r.Report != "" {
		c.Report = &models.PaperReport{}
	}
	for _, part := range []struct {
		text string
		into any
	}{{r.Answer, c.Answer}, {r.Report, c.Report}, {r.GateReasons, &c.GateReasons}, {r.Differences, &c.Differences}} {
		if err := parse(part.text, part.into); err != nil {
			return c, err
		}
	}
	return c, nil
}

// UpdatePaperCheck saves a form that still has the version before c.Version.
func (tx *Tx) UpdatePaperCheck(c models.PaperCheck) error {
	texts := map[string]any{"answer": "", "report": "", "gate_reasons": "", "differences": ""}
	parts := map[string]any{"gate_reasons": c.GateReasons, "differences": c.Differences}
	if c.Answer != nil {
		parts["answer"] = c.Answer
	}
	if c.Report != nil {
		parts["report"] = c.Report
	}
	for column, part := range parts {
		written, err := text(part)
		if err != nil {
			return err
		}
		texts[column] = written
	}
	return updateVersion(tx, "paper_checks", c.Number, c.Version-1, map[string]any{"state": string(c.State), "answer": texts["answer"], "answered_by": c.AnsweredBy,
		"answered_at": micros(c.Answered), "report": texts["report"], "reported_by": c.ReportedBy, "reported_at": micros(c.Reported), "gate": string(c.Gate),
		"gate_reasons": texts["gate_reasons"], "check_id": c.Check, "differences": texts["differences"], "wrong_codes": c.WrongCodes, "settled_by": c.SettledBy,
		"settled_at": micros(c.Settled), "reason": c.Reason})
}

// PaperCheck finds a form by its number.
func (tx *Tx) PaperCheck(number string) (models.PaperCheck, error) {
	r, err := one[paperCheckRow](tx, "paper check", number, "SELECT * FROM paper_checks WHERE id = ?", number)
	if err != nil {
		return models.PaperCheck{}, err
	}
	return r.check()
}

// PaperFilter narrows a list of forms; "" does not narrow. Used leaves out those that
// nobody has entered.
type PaperFilter struct {
	Utility string
	State   string
	Block   string
	Used    bool
}

// PaperChecks lists forms, the highest number first. The cursor is a number.
func (tx *Tx) PaperChecks(f PaperFilter, page Page) ([]models.PaperCheck, error) {
	w := &where{}
	w.equal("utility_id", f.Utility)
	w.equal("state", f.State)
	w.equal("block_id", f.Block)
	if f.Used {
		w.add("state <> 'issued'")
	}
	if page.After != "" {
		w.add("n < (SELECT c.n FROM paper_checks c WHERE c.id = ?)", page.After)
	}
	rows, err := many[paperCheckRow](tx, "SELECT * FROM paper_checks"+w.sql()+" ORDER BY n DESC LIMIT ?", append(w.args, page.Size())...)
	if err != nil {
		return nil, err
	}
	out := make([]models.PaperCheck, 0, len(rows))
	for _, r := range rows {
		c, err := r.check()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// RevenueMetersThen gives the revenue meters that stand at a connection point at the
// instant of the transaction, with the last reading that had come by then. The state of
// a meter keeps its newest reading only, so for the past its quarter hours are asked, a
// week back.
func (tx *Tx) RevenueMetersThen(point, code string) ([]models.MeterFacts, error) {
	type row struct {
		Serial string `gorm:"column:serial"`
		URL    string `gorm:"column:url"`
		Last   int64  `gorm:"column:last_at"`
	}
	at, week := micros(tx.Now), micros(tx.Now.AddDate(0, 0, -7))
	rows, err := many[row](tx, `SELECT m.serial, m.url,
		COALESCE((SELECT MAX(i.last_at) FROM intervals i WHERE i.meter_id = m.id AND i.start_at > ? AND i.start_at <= ?), 0) AS last_at
		FROM meters m WHERE m.node_kind = 'connection_point' AND m.node_id IN (?, ?) AND m.role = 'revenue'
		AND m.installed_from <= ? AND (m.installed_until = 0 OR m.installed_until > ?) ORDER BY m.code`, week, at, point, code, at, at)
	out := make([]models.MeterFacts, 0, len(rows))
	for _, r := range rows {
		last := min(r.Last, at)
		out = append(out, models.MeterFacts{Serial: r.Serial, Linked: r.URL != "" || last != 0, Last: instant(last)})
	}
	return out, err
}
