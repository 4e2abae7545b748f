package store

import "rigistry/models"

type violationRow struct {
	ID         string `gorm:"column:id"`
	Case       string `gorm:"column:case_id"`
	Article    string `gorm:"column:article"`
	Part       string `gorm:"column:part"`
	Subject    string `gorm:"column:subject"`
	Name       string `gorm:"column:name"`
	Party      string `gorm:"column:party"`
	OffenceOn  string `gorm:"column:offence_on"`
	Protocol   string `gorm:"column:protocol"`
	ProtocolOn string `gorm:"column:protocol_on"`
	State      string `gorm:"column:state"`
	MCI        int64  `gorm:"column:mci"`
	Index      int64  `gorm:"column:index_tiyn"`
	Fine       int64  `gorm:"column:fine_tiyn"`
	Early      int64  `gorm:"column:early_tiyn"`
	EarlyBy    string `gorm:"column:early_by"`
	Confiscate int64  `gorm:"column:confiscate"`
	RuleFrom   string `gorm:"column:rule_from"`
	LegalRef   string `gorm:"column:legal_ref"`
	Decision   string `gorm:"column:decision"`
	DecidedOn  string `gorm:"column:decided_on"`
	DecidedBy  string `gorm:"column:decided_by"`
	Due        string `gorm:"column:due"`
	Paid       int64  `gorm:"column:paid_tiyn"`
	PaidOn     string `gorm:"column:paid_on"`
	Appeal     string `gorm:"column:appeal"`
	AppealOn   string `gorm:"column:appeal_on"`
	AppealEnd  string `gorm:"column:appeal_end"`
	DrawnBy    string `gorm:"column:drawn_by"`
	Salt       string `gorm:"column:salt"`
	RecordedAt int64  `gorm:"column:recorded_at"`
	UpdatedAt  int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version    int64  `gorm:"column:version"`
}

func rowOfViolation(x models.Violation) violationRow {
	return violationRow{ID: x.ID, Case: x.Case, Article: x.Article, Part: x.Part, Subject: string(x.Subject), Name: x.Name, Party: x.Party,
		OffenceOn: x.OffenceOn, Protocol: x.Protocol, ProtocolOn: x.ProtocolOn, State: string(x.State), MCI: x.MCI, Index: int64(x.Index),
		Fine: int64(x.Fine), Early: int64(x.Early), EarlyBy: x.EarlyBy, Confiscate: flag(x.Confiscate), RuleFrom: x.RuleFrom, LegalRef: x.LegalRef,
		Decision: x.Decision, DecidedOn: x.DecidedOn, DecidedBy: x.DecidedBy, Due: x.Due, Paid: int64(x.Paid), PaidOn: x.PaidOn, Appeal: x.Appeal,
		AppealOn: x.AppealOn, AppealEnd: x.AppealEnd, DrawnBy: x.DrawnBy, Salt: x.Salt, RecordedAt: micros(x.Recorded), UpdatedAt: micros(x.Updated), Version: x.Version}
}

func (r violationRow) violation() models.Violation {
	return models.Violation{ID: r.ID, Case: r.Case, Article: r.Article, Part: r.Part, Subject: models.PenaltySubject(r.Subject), Name: r.Name, Party: r.Party,
		OffenceOn: r.OffenceOn, Protocol: r.Protocol, ProtocolOn: r.ProtocolOn, State: models.ViolationState(r.State), MCI: r.MCI, Index: models.Tiyn(r.Index),
		Fine: models.Tiyn(r.Fine), Early: models.Tiyn(r.Early), EarlyBy: r.EarlyBy, Confiscate: r.Confiscate != 0, RuleFrom: r.RuleFrom, LegalRef: r.LegalRef,
		Decision: r.Decision, DecidedOn: r.DecidedOn, DecidedBy: r.DecidedBy, Due: r.Due, Paid: models.Tiyn(r.Paid), PaidOn: r.PaidOn, Appeal: r.Appeal,
		AppealOn: r.AppealOn, AppealEnd: r.AppealEnd, DrawnBy: r.DrawnBy, Salt: r.Salt, Recorded: instant(r.RecordedAt), Updated: instant(r.UpdatedAt), Version: r.Version}
}

// InsertViolation adds a violation. A protocol that has one already gives CodeConflict.
func (tx *Tx) InsertViolation(x models.Violation) error {
	row := rowOfViolation(x)
	return insert(tx, "violations", &row)
}

// UpdateViolation saves a violation when its row has the version before x.Version.
func (tx *Tx) UpdateViolation(x models.Violation) error {
	r := rowOfViolation(x)
	return updateVersion(tx, "violations", x.ID, x.Version-1, map[string]any{"state": r.State, "fine_tiyn": r.Fine, "early_tiyn": r.Early, "decision": r.Decision,
		"decided_on": r.DecidedOn, "decided_by": r.DecidedBy, "due": r.Due, "paid_tiyn": r.Paid, "paid_on": r.PaidOn, "appeal": r.Appeal,
		"appeal_on": r.AppealOn, "appeal_end": r.AppealEnd, "updated_at": r.UpdatedAt})
}

// Violation gives a violation by its id.
func (tx *Tx) Violation(id string) (models.Violation, error) {
	r, err := one[violationRow](tx, "violation", id, "SELECT * FROM violations WHERE id = ?", id)
	return r.violation(), err
}

// ViolationFilter narrows a list of violations; "" does not narrow.
type ViolationFilter struct {
	Case    string // id
	State   string
	Overdue string // legal date: due before it and not paid
	Seen    string // user id: leaves out those of restricted cases that this person does not see
}

// Violations lists violations, the newest first.
func (tx *Tx) Violations(f ViolationFilter, page Page) ([]models.Violation, error) {
	w := where{}
	for _, c := range [][2]string{{"case_id", f.Case}, {"state", f.State}} {
		if c[1] != "" {
			w.add(c[0]+" = ?", c[1])
		}
	}
	if f.Overdue != "" {
		w.add("state = 'imposed' AND due < ? AND paid_tiyn < fine_tiyn", f.Overdue)
	}
	if f.Seen != "" {
		w.add(`case_id IN (SELECT id FROM cases WHERE restricted = 0 OR lead = ? OR members LIKE ? ESCAPE '!')`, f.Seen, `%"`+likeWords.Replace(f.Seen)+`"%`)
	}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[violationRow](tx, "SELECT * FROM violations"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Violation, len(rows))
	for i, r := range rows {
		out[i] = r.violation()
	}
	return out, err
}

type violationPaymentRow struct {
	ID        string `gorm:"column:id"`
	Violation string `gorm:"column:violation"`
	On        string `gorm:"column:paid_on"`
	Amount    int64  `gorm:"column:amount_tiyn"`
	Number    string `gorm:"column:number"`
	At        int64  `gorm:"column:at"`
	By        string `gorm:"column:by_user"`
}

// InsertViolationPayment keeps a payment. One that is there gives CodeConflict.
func (tx *Tx) InsertViolationPayment(p models.ViolationPayment) error {
	return insert(tx, "violation_payments", &violationPaymentRow{p.ID, p.Violation, p.On, int64(p.Amount), p.Number, micros(p.At), p.By})
}

// ViolationPayments gives the payments for a violation, the oldest first.
func (tx *Tx) ViolationPayments(id string) ([]models.ViolationPayment, error) {
	rows, err := many[violationPaymentRow](tx, "SELECT * FROM violation_payments WHERE violation = ? ORDER BY id", id)
	out := make([]models.ViolationPayment, len(rows))
	for i, r := range rows {
		out[i] = models.ViolationPayment{ID: r.ID, Violation: r.Violation, On: r.On, Amount: models.Tiyn(r.Amount), Number: r.Number, At: instant(r.At), By: r.By}
	}
	return out, err
}

type penaltyRow struct {
	Article      string `gorm:"column:article"`
	Part         string `gorm:"column:part"`
	Subject      string `gorm:"column:subject"`
	MCI          int64  `gorm:"column:mci"`
	Confiscation int64  `gorm:"column:confiscation"`
	EarlyPercent int64  `gorm:"column:early_percent"`
	EarlyDays    int64  `gorm:"column:early_days"`
	PayDays      int64  `gorm:"column:pay_days"`
	LegalRef     string `gorm:"column:legal_ref"`
	Grade        string `gorm:"column:grade"`
	ValidFrom    string `gorm:"column:valid_from"`
	ValidUntil   string `gorm:"column:valid_until"`
}

// PenaltyRule gives what an article sets for a kind of subject on a legal date.
func (tx *Tx) PenaltyRule(article, part string, subject models.PenaltySubject, date string) (models.PenaltyRule, error) {
	r, err := one[penaltyRow](tx, "penalty on "+date, article+", "+part, "SELECT * FROM penalty_rules WHERE article = ? AND part = ? AND subject = ? AND "+onDate+
		" ORDER BY valid_from DESC", article, part, string(subject), date, date)
	return models.PenaltyRule{Article: r.Article, Part: r.Part, Subject: models.PenaltySubject(r.Subject), MCI: r.MCI, Confiscation: r.Confiscation != 0,
		EarlyPercent: r.EarlyPercent, EarlyDays: r.EarlyDays, PayDays: r.PayDays, LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}, err
}
