package models

import "time"

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
