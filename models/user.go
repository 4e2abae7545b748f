package models

import "time"

// User is a person who signs in. The password is never part of it.
type User struct {
	ID       string
	Login    string // lower case, unique
	Name     string
	Roles    []Role
	Unit     string    // organisational unit, ""
	Party    string    // party id of an applicant, ""
	Utility  string    // utility id of a utility's person, ""
	Disabled time.Time // zero while the account works
	Version  int64
	Created  time.Time
	Updated  time.Time
}

// Actor is the person as the one who does something.
func (u User) Actor() Actor {
	return Actor{ID: u.ID, Kind: "person", Name: u.Name, Roles: u.Roles, Unit: u.Unit, Party: u.Party, Utility: u.Utility}
}

// Client is a machine that calls the API: a utility's system or a collector.
type Client struct {
	ID        string // the client_id of OAuth 2.0
	Name      string
	Role      Role      // utility or collector
	Utility   string    // utility id, of either role
	Collector string    // collector id, "" for a utility's system
	PublicJWK string    // JSON Web Key for private_key_jwt, "" without one
	Disabled  time.Time // zero while it works
	Version   int64
	Created   time.Time
	Updated   time.Time
}

// Actor is the client as the one who does something.
func (c Client) Actor() Actor {
	return Actor{ID: c.ID, Kind: "client", Name: c.Name, Roles: []Role{c.Role}, Utility: c.Utility, Collector: c.Collector}
}
