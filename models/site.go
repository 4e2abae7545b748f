package models

import (
	"slices"
	"time"
)

// Site is a digital mining data centre: a place with power where rigs stand.
type Site struct {
	ID             string
	Code           string // "S-00012", unique
	Owner          string // party id
	NameKk         string
	NameRu         string
	Address        string
	Kato           string // nine digits
	Region         string // two digits, the first of Kato: "55" Pavlodar
	GridZone       string // north, south or west (KOREM)
	HostCapacity   Watts  // what the site can feed, own rigs and tenants together
	ConnectionCode []string
	Version        int64
	Created        time.Time
	Updated        time.Time
}

// GridZones lists the zones of the power exchange (KOREM): North and South trade
// jointly, West apart. They are not regions.
func GridZones() []string { return []string{"north", "south", "west"} }

// Check gives every field of the site that is wrong.
func (s Site) Check() error {
	var v Invalid
	if s.Owner == "" {
		v.Add("/owner", "required", "Name the party that owns the site.")
	}
	if s.NameKk == "" && s.NameRu == "" {
		v.Add("/name_ru", "required", "Give the name in Kazakh or in Russian, better in both.")
	}
	for _, f := range []struct{ pointer, value string }{{"/name_kk", s.NameKk}, {"/name_ru", s.NameRu}, {"/address", s.Address}} {
		if len(f.value) > maxText {
			v.Add(f.pointer, "length", "This is longer than %d bytes.", maxText)
		}
	}
	if s.Address == "" {
		v.Add("/address", "required", "The location of the data centre is part of every application.")
	}
	if err := CheckKato(s.Kato); err != nil {
		v.addIdentifier("/kato", err)
	}
	if !slices.Contains(GridZones(), s.GridZone) {
		v.Add("/grid_zone", "unknown", "The grid zone is north, south or west.")
	}
	if s.HostCapacity <= 0 {
		v.Add("/host_capacity_kw", "range", "The capacity of a site is more than 0 kW.")
	}
	return v.Err()
}
