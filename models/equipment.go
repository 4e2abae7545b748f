package models

import "time"

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
	State        EquipmentState
	Version      int64
	Created      time.Time
	Updated      time.Time
}
