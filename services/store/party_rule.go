package store

import "rigistry/models"

type partyRuleRow struct {
	Code       string `gorm:"column:code"`
	ValuesJSON string `gorm:"column:values_json"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// PartyRules gives what the law asks of a digital miner on a legal date.
func (tx *Tx) PartyRules(date string) (models.PartyRules, error) {
	rows, err := many[partyRuleRow](tx, "SELECT * FROM party_rules WHERE "+onDate+" ORDER BY code", date, date)
	out := make(models.PartyRules, 0, len(rows))
	for _, r := range rows {
		rule := models.PartyRule{Code: r.Code, LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}
		if parseErr := parse(r.ValuesJSON, &rule.Allowed); err == nil {
			err = parseErr
		}
		out = append(out, rule)
	}
	return out, err
}

// AddPartyRules adds the rules that are not there yet and gives their number.
func (tx *Tx) AddPartyRules(rules models.PartyRules) (added int64, err error) {
	for _, r := range rules {
		allowed, err := text(r.Allowed)
		if err != nil {
			return added, err
		}
		n, err := exec(tx, `INSERT INTO party_rules (code, values_json, legal_ref, grade, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			r.Code, allowed, r.LegalRef, r.Grade, r.ValidFrom, r.ValidUntil)
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}
