package store

// TrialCheck is an answer of the test mode. Nothing that is live reads or writes it.
type TrialCheck struct {
	ID         string `gorm:"column:id"`
	Client     string `gorm:"column:client_id"`
	Key        string `gorm:"column:request_key"`
	BodyDigest string `gorm:"column:body_digest"`
	Answer     string `gorm:"column:answer"`
	Confirmed  string `gorm:"column:confirmed"`
	At         int64  `gorm:"column:at"`
}

// TrialCheckByKey gives the answer that a client's key has, found is false for none.
func (tx *Tx) TrialCheckByKey(client, key string) (c TrialCheck, found bool, err error) {
	rows, err := many[TrialCheck](tx, "SELECT * FROM trial_checks WHERE client_id = ? AND request_key = ?", client, key)
	if err != nil || len(rows) == 0 {
		return c, false, err
	}
	return rows[0], true, nil
}

// TrialCheck gives an answer of a client by its id.
func (tx *Tx) TrialCheck(client, id string) (TrialCheck, error) {
	return one[TrialCheck](tx, "check", id, "SELECT * FROM trial_checks WHERE client_id = ? AND id = ?", client, id)
}

// InsertTrialCheck keeps an answer.
func (tx *Tx) InsertTrialCheck(c TrialCheck) error {
	c.At = micros(tx.Now)
	return insert(tx, "trial_checks", &c)
}

// ConfirmTrialCheck keeps what was confirmed.
func (tx *Tx) ConfirmTrialCheck(client, id, confirmed string) error {
	_, err := exec(tx, "UPDATE trial_checks SET confirmed = ? WHERE client_id = ? AND id = ? AND confirmed = ''", confirmed, client, id)
	return err
}
