package models

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// PersonRole is what a person is to a party.
type PersonRole string

// The roles of persons. A beneficial owner holds at least 25 % directly or through
// others, or controls the party otherwise.
const (
	RoleDirector        PersonRole = "director"
	RoleBeneficialOwner PersonRole = "beneficial_owner"
)

// WholeShare is all of a party in basis points.
const WholeShare = 10_000

// PartyPerson is what was known about a person in a role at a party: one version of
// one line. It is personal data throughout.
type PartyPerson struct {
	ID          string // of the line; stays over versions
	Version     int64
	Party       string // party id
	Role        PersonRole
	Name        string
	IIN         string // twelve digits; "" only for a foreigner
	Citizenship string // ISO 3166-1 alpha-2
	ShareBP     int64  // basis points, of a beneficial owner; else 0
	ValidFrom   string // legal date from which it is so
	ValidUntil  string // legal date from which it is not any more; "" is open; ValidFrom: it never was
	Note        string // why it was corrected or ended
	Salt        []byte // of the digest in the ledger
	RecordedBy  string // user id
	RecordedAt  time.Time
}

// Key is the same for one human being: the IIN, or the folded name and the
// citizenship of who has none.
func (p PartyPerson) Key() string {
	if p.IIN != "" {
		return p.IIN
	}
	return p.Citizenship + " " + Fold(p.Name)
}

// HeldOn tells whether the line was in effect on a legal date.
func (p PartyPerson) HeldOn(date string) bool {
	return p.ValidFrom <= date && (p.ValidUntil == "" || date < p.ValidUntil)
}

// Never tells whether the line was recorded in error: it is in effect on no day.
func (p PartyPerson) Never() bool { return p.ValidUntil == p.ValidFrom }

// Overlaps tells whether both lines are in effect on some day.
func (p PartyPerson) Overlaps(q PartyPerson) bool {
	return !p.Never() && !q.Never() && (q.ValidUntil == "" || p.ValidFrom < q.ValidUntil) && (p.ValidUntil == "" || q.ValidFrom < p.ValidUntil)
}

// Check gives every field of the line that is wrong. today is the legal date of the
// instant: what is known has begun.
func (p PartyPerson) Check(today string) error {
	var v Invalid
	if strings.TrimSpace(p.Name) == "" || len(p.Name) > maxText {
		v.Add("/name", "required", "Give the full name, at most %d bytes.", maxText)
	}
	if len(p.Citizenship) != 2 || strings.ToUpper(p.Citizenship) != p.Citizenship || strings.Trim(p.Citizenship, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		v.Add("/citizenship", "format", "Write the citizenship as two capital letters (ISO 3166), like KZ.")
	}
	p.checkIIN(&v)
	switch {
	case p.Role != RoleDirector && p.Role != RoleBeneficialOwner:
		v.Add("/role", "unknown", "The role is director or beneficial_owner.")
	case p.Role == RoleDirector && p.ShareBP != 0:
		v.Add("/share_percent", "not_allowed", "A director has no share. Record the share with the role of beneficial owner.")
	case p.Role == RoleBeneficialOwner && (p.ShareBP < 1 || p.ShareBP > WholeShare):
		v.Add("/share_percent", "range", "The share is more than 0 and at most 100 %%.")
	}
	if !isDate(p.ValidFrom) {
		v.Add("/valid_from", "format", "Write the first day as YYYY-MM-DD.")
	} else if p.ValidFrom > today {
		v.Add("/valid_from", "range", "The first day is not after today, %s.", today)
	}
	checkPersonEnd(&v, p, today)
	return v.Err()
}

func (p PartyPerson) checkIIN(v *Invalid) {
	if p.IIN == "" {
		if p.Citizenship == "KZ" {
			v.Add("/iin", "required", "A citizen of Kazakhstan has an IIN.")
		}
		return
	}
	kind, err := CheckBin(p.IIN)
	switch {
	case err != nil:
		v.addIdentifier("/iin", err)
	case kind != HolderPerson:
		v.Add("/iin", "type", "This is the BIN of an organisation. A person has an IIN.")
	}
}

func checkPersonEnd(v *Invalid, p PartyPerson, today string) {
	switch {
	case p.ValidUntil == "":
	case !isDate(p.ValidUntil):
		v.Add("/valid_until", "format", "Write the first day on which it is not so any more as YYYY-MM-DD.")
	case p.ValidUntil < p.ValidFrom:
		v.Add("/valid_until", "range", "The end is not before the beginning, %s. The same day says that it never was so.", p.ValidFrom)
	case p.ValidUntil > AddDays(today, 1):
		v.Add("/valid_until", "range", "The end is at most tomorrow: what is to come is recorded when it has come.")
	}
}

func isDate(s string) bool { return s != "" && AddDays(s, 0) == s }

// CheckPersons says whether the lines of one party agree with one another: the
// owners' shares are at most 100 % on every day, and nobody stands twice in a role
// on a day. The pointers are those of one line.
func CheckPersons(lines []PartyPerson) error {
	var v Invalid
	for i, p := range lines {
		for _, q := range lines[i+1:] {
			if p.Role == q.Role && p.Key() == q.Key() && p.Overlaps(q) {
				v.Add("/valid_from", "duplicate", "This person has the role already, from %s. Correct or end that line.", min(p.ValidFrom, q.ValidFrom))
				return v.Err()
			}
		}
	}
	if date, sum := mostShares(lines); sum > WholeShare {
		v.Add("/share_percent", "range", "The shares of the owners sum to %d.%02d %% on %s. End or correct another owner first.", sum/100, sum%100, date)
	}
	return v.Err()
}

// mostShares gives the day on which the owners' shares sum to most. The sum only
// rises on a first day, so that those are all that is to be looked at.
func mostShares(lines []PartyPerson) (date string, most int64) {
	for _, at := range lines {
		var sum int64
		for _, p := range lines {
			if p.HeldOn(at.ValidFrom) {
				sum += p.ShareBP
			}
		}
		if sum > most {
			date, most = at.ValidFrom, sum
		}
	}
	return date, most
}

// SortPersons puts directors before owners, and each from the last to the first.
func SortPersons(lines []PartyPerson) {
	slices.SortStableFunc(lines, func(a, b PartyPerson) int {
		return cmp.Or(-cmp.Compare(a.Role, b.Role), -cmp.Compare(a.ValidFrom, b.ValidFrom), cmp.Compare(a.ID, b.ID))
	})
}
