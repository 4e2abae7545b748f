package api

import "time"

// SessionInput signs a person in.
type SessionInput struct {
	Login    string `json:"login" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"500"`
}

// UserWire is a person.
type UserWire struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Login    string   `json:"login"`
	Roles    []string `json:"roles" nullable:"false"`
	Unit     string   `json:"unit,omitempty"`
	Party    string   `json:"party,omitempty"`
	Utility  string   `json:"utility,omitempty"`
	Disabled bool     `json:"disabled"`
	Version  int64    `json:"version"`
}

// SessionWire is who is signed in and what they may do.
type SessionWire struct {
	User        UserWire  `json:"user"`
	Permissions []string  `json:"permissions" nullable:"false" doc:"Actions of the permission table"`
	ExpiresAt   time.Time `json:"expires_at"`
	FreshUntil  time.Time `json:"fresh_until" doc:"Until then a signature needs no further password"`
}

// UserInput creates a person.
type UserInput struct {
	Name     string   `json:"name" minLength:"1" maxLength:"200"`
	Login    string   `json:"login" minLength:"1" maxLength:"200"`
	Password string   `json:"password" minLength:"12" maxLength:"500"`
	Roles    []string `json:"roles" minItems:"1" nullable:"false"`
	Unit     string   `json:"unit,omitempty" maxLength:"100"`
	Party    string   `json:"party,omitempty"`
	Utility  string   `json:"utility,omitempty"`
}

// ClientWire is an API client.
type ClientWire struct {
	ID        string `json:"id"`
	ClientID  string `json:"client_id"`
	Name      string `json:"name"`
	Role      string `json:"role" enum:"utility,collector"`
	Utility   string `json:"utility,omitempty"`
	Collector string `json:"collector,omitempty"`
	Secret    string `json:"client_secret,omitempty" doc:"Shown once, when created"`
	Disabled  bool   `json:"disabled"`
	Version   int64  `json:"version"`
}

// ClientInput creates an API client.
type ClientInput struct {
	Name      string         `json:"name" minLength:"1" maxLength:"200"`
	Role      string         `json:"role" enum:"utility,collector"`
	Utility   string         `json:"utility,omitempty" doc:"Utility id, for role utility"`
	Collector string         `json:"collector,omitempty" maxLength:"64" doc:"Collector id, for role collector"`
	Key       map[string]any `json:"public_jwk,omitempty" doc:"For private_key_jwt"`
}

// TokenWire is an access token (RFC 6749).
type TokenWire struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type" enum:"Bearer"`
	ExpiresIn   int    `json:"expires_in" doc:"Seconds"`
}
