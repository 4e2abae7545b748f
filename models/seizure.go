package models

import (
	"slices"
	"strconv"
	"time"
)

// RigFate is what becomes of a machine that was seized.
type RigFate string

// The fates. A machine is held until one of the two is written down.
const (
	RigHeld        RigFate = "held"
	RigReturned    RigFate = "returned"
	RigConfiscated RigFate = "confiscated"
)

// RigFates lists what a decision can say of seized machines.
func RigFates() []RigFate { return []RigFate{RigReturned, RigConfiscated} }

// SeizedRig is one machine of a record of seizure. A machine that the register does not
// know is one by its serial number alone.
type SeizedRig struct {
	ID      string
	Case    string // case id
	Act     string // id of the act that took it
	Number  string // of that record of seizure
	Serial  string
	Rig     string         // id in the register, "" when the register does not know it
	Was     EquipmentState // in the register before, "" when unknown there
	Place   string         // where it is stored
	On      string         // legal date of the seizure
	At      time.Time      // of recording
	Fate    RigFate
	Decided string // id of the act that decided the fate, "" while it is held
	Until   string // legal date of that act, "" while it is held
}

// RigCandidate chooses the rig of the register that a seized serial number names: the
// only one with it, or the only one of several that stands where the case is. A number
// that is merely alike names none: a machine of somebody else is not seized by a
// misreading.
func RigCandidate(serial string, known []Equipment, sites []string) (Equipment, bool) {
	same := []Equipment{}
	for _, e := range known {
		if equipmentKey(e.Serial) == equipmentKey(serial) {
			same = append(same, e)
		}
	}
	if len(same) > 1 {
		same = slices.DeleteFunc(same, func(e Equipment) bool { return e.Site == "" || !slices.Contains(sites, e.Site) })
	}
	if len(same) != 1 {
		return Equipment{}, false
	}
	return same[0], true
}

// Settles picks, of the machines that are held in a case, those that an act decides
// about: the ones it lists, or all of them. A serial number that is not held is refused
// by its place in the list.
func (a CaseAct) Settles(held []SeizedRig) ([]SeizedRig, error) {
	held = slices.Clone(held)
	held = slices.DeleteFunc(held, func(r SeizedRig) bool { return r.Fate != RigHeld })
	var v Invalid
	if len(held) == 0 {
		v.Add("/fate", "nothing_held", "No machine is held in this case. Write down the seizure first.")
		return nil, v.Err()
	}
	if len(a.Serials) == 0 {
		for _, r := range held {
			if a.On < r.On {
				v.Add("/on", "order", "Machines of record %s were seized on %s. What becomes of them is decided later.", r.Number, r.On)
				break
			}
		}
		return held, v.Err()
	}
	var out []SeizedRig
	for i, s := range a.Serials {
		at := slices.IndexFunc(held, func(r SeizedRig) bool { return SameSerial(r.Serial, s) })
		switch {
		case at < 0:
			v.Add("/serials/"+strconv.Itoa(i), "not_held", "No machine with this serial number is held in this case.")
		case a.On < held[at].On:
			v.Add("/on", "order", "%s was seized on %s. What becomes of it is decided later.", s, held[at].On)
		case slices.ContainsFunc(out, func(r SeizedRig) bool { return r.ID == held[at].ID }):
			v.Add("/serials/"+strconv.Itoa(i), "twice", "This serial number stands here twice.")
		default:
			out = append(out, held[at])
		}
	}
	return out, v.Err()
}

// SameSerial tells whether two serial numbers are one, without regard to case, spaces
// and hyphens.
func SameSerial(a, b string) bool { return equipmentKey(a) == equipmentKey(b) }

// agencyNames are how the register of equipment names who took a machine, in Russian and
// Kazakh.
var agencyNames = map[string]string{
	"financial_monitoring": "АФМ РК / ҚР ҚМА", "police": "МВД РК / ҚР ІІМ", "prosecutor": "Прокуратура РК / ҚР Прокуратурасы",
	"energy_supervision": "КАЭНК / АЭҚБК", "tax": "КГД МФ РК / ҚР ҚМ МКК",
}

// AgencyName is how the register of equipment names an agency.
func AgencyName(code string) string { return agencyNames[code] }
