package store

import "errors"

// ForgetSearchIndex empties the index of search, as if it had never been made.
func (tx *Tx) ForgetSearchIndex() error {
	_, a := exec(tx, "DELETE FROM search_terms")
	_, b := exec(tx, "DELETE FROM search_index")
	return errors.Join(a, b)
}

// ForgetComparison empties what is kept of the likeness of parties, as if it had
// never been made.
func (tx *Tx) ForgetComparison() error {
	_, a := exec(tx, "DELETE FROM party_keys")
	_, b := exec(tx, "DELETE FROM party_pairs")
	_, c := exec(tx, "DELETE FROM party_index")
	return errors.Join(a, b, c)
}
