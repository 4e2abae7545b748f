package store

import "errors"

// ForgetSearchIndex empties the index of search, as if it had never been made.
func (tx *Tx) ForgetSearchIndex() error {
	_, a := exec(tx, "DELETE FROM search_terms")
	_, b := exec(tx, "DELETE FROM search_index")
	return errors.Join(a, b)
}
