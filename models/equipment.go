package models

import (
	"slices"
	"strings"
	"time"
)

// EquipmentState is where a rig is in its life.
type EquipmentState string

// The states of a rig.
const (
	EquipmentActive   EquipmentState = "active"
	EquipmentStored   EquipmentState = "stored"
	EquipmentSold     EquipmentState = "sold"
	EquipmentExported EquipmentState = "exported"
	EquipmentScrapped EquipmentState = "scrapped"
	EquipmentSeized   EquipmentState = "seized"
)

// Equipment is one hardware-software complex (rig) in the register.
type Equipment struct {
	ID           string
	Manufacturer string
	Model        string
	Serial       string // unique with Manufacturer
	Algorithm    string
	HashrateTH   int64 // TH/s
	Nameplate    Watts
	Owner        string // party id
	Site         string // site id, "" when not placed
	License      string // license number, "" when none
	Customs      string // customs declaration number
	// ImportCountry is where it came from (ISO 3166-1 alpha-2), ImportDate when it
	// crossed the border (YYYY-MM-DD); "" when not known.
	ImportCountry string
	ImportDate    string
	ImportJob     string // the import that registered it, "" when none
	State         EquipmentState
	Version       int64
	Created       time.Time
	Updated       time.Time
}

// EquipmentStates lists the states.
func EquipmentStates() []EquipmentState {
	return []EquipmentState{EquipmentActive, EquipmentStored, EquipmentSold, EquipmentExported, EquipmentScrapped, EquipmentSeized}
}

// Key is what makes a rig one rig: manufacturer and serial without regard to
// case, spaces and hyphens.
func (e Equipment) Key() (manufacturer, serial string) {
	return equipmentKey(e.Manufacturer), equipmentKey(e.Serial)
}

func equipmentKey(text string) string {
	return strings.ReplaceAll(NormalizeIdentifier(text), "_", "")
}

// Check gives every field of the rig that is wrong.
func (e Equipment) Check() error {
	var v Invalid
	for _, f := range []struct{ pointer, value string }{{"/manufacturer", e.Manufacturer}, {"/model", e.Model}, {"/serial", e.Serial}} {
		if strings.TrimSpace(f.value) == "" {
			v.Add(f.pointer, "required", "Manufacturer, model and serial number are required.")
		}
	}
	for _, f := range []struct{ pointer, value string }{{"/manufacturer", e.Manufacturer}, {"/model", e.Model}, {"/serial", e.Serial},
		{"/algorithm", e.Algorithm}, {"/customs_declaration", e.Customs}} {
		if len(f.value) > maxEquipmentText {
			v.Add(f.pointer, "length", "This is longer than %d bytes.", maxEquipmentText)
		}
	}
	if e.Nameplate <= 0 || e.Nameplate > maxNameplate {
		v.Add("/nameplate_kw", "range", "The nameplate power is from 1 W to %s.", maxNameplate)
	}
	if e.HashrateTH < 0 {
		v.Add("/hashrate_th", "range", "The hash rate is 0 or more.")
	}
	if e.Owner == "" {
		v.Add("/owner", "required", "Name the owner of the rig.")
	}
	if e.ImportCountry != "" && !isCountryCode(e.ImportCountry) {
		v.Add("/import_country", "format", "Write the country as two letters, like CN.")
	}
	if e.ImportDate != "" && AddDays(e.ImportDate, 0) != e.ImportDate {
		v.Add("/import_date", "format", "Write the date as YYYY-MM-DD.")
	}
	if !slices.Contains(EquipmentStates(), e.State) {
		v.Add("/state", "unknown", "The state is one of %v.", EquipmentStates())
	}
	return v.Err()
}

func isCountryCode(text string) bool {
	return len(text) == 2 && !strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// A container of rigs under one serial is below 5 MW; a larger figure is a unit
// mistaken.
const (
	maxNameplate     Watts = 5_000_000
	maxEquipmentText int   = 200 // bytes
)
