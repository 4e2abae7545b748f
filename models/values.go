package models

import (
	"encoding/binary"
	"errors"
)

// valuesVersion is the first byte of the binary form of Values. Quantities may
// be added at the end of the list without a new version, never moved.
const valuesVersion = 1

var errValues = errors.New("the bytes are no values of version 1")

// AppendBinary appends the canonical binary form: version, the set of present
// quantities, and each as a zigzag varint. The same values give the same bytes.
func (v *Values) AppendBinary(b []byte) []byte {
	b = append(b, valuesVersion)
	b = binary.AppendUvarint(b, v.present)
	for _, stored := range v.All() {
		b = binary.AppendVarint(b, stored)
	}
	return b
}

// ParseValues reads the binary form.
func ParseValues(b []byte) (Values, error) {
	var v Values
	if len(b) == 0 || b[0] != valuesVersion {
		return v, errValues
	}
	present, n := binary.Uvarint(b[1:])
	if n <= 0 || present>>QuantityCount != 0 {
		return v, errValues
	}
	rest := b[1+n:]
	for q := range Quantities() {
		if present&(1<<q) == 0 {
			continue
		}
		stored, n := binary.Varint(rest)
		if n <= 0 {
			return Values{}, errValues
		}
		v.Set(q, stored)
		rest = rest[n:]
	}
	if len(rest) != 0 {
		return Values{}, errValues
	}
	return v, nil
}
