package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"rigistry/services/gate"
)

// statusSeen is what the state file of verify remembers of status lists.
type statusSeen struct {
	Version  int64           `json:"version"`
	IssuedAt time.Time       `json:"issued_at"`
	Revision int64           `json:"revision,omitempty"` // of `rigistry gate`, which may share the file
	Keys     json.RawMessage `json:"keys,omitempty"`     // also its
}

// statusList checks a signed status list and, with a state file, that it is no older
// than one seen before. What was seen is on disk before the list is called good.
func (c *VerifyCmd) statusList(app *App, keys keySet, token string) error {
	l, err := gate.VerifyStatusList(token, keys.of("permit"), c.At)
	if err != nil {
		return notGenuine("status list: %v", err)
	}
	if c.State != "" {
		if err := rememberStatus(c.State, l); err != nil {
			return err
		}
	}
	what := "whole"
	if l.Since > 0 {
		what = fmt.Sprintf("changes after version %d", l.Since)
	}
	_, _ = fmt.Fprintf(app.Stdout, "status list version %d (%s): the signature holds\n  %s, %s\n  valid from %s until %s\n", l.Version, what,
		counted("licenses", l.Licenses), counted("connections", l.Connections), l.IssuedAt.Format(time.RFC3339), l.ExpiresAt.Format(time.RFC3339))
	return nil
}

// isStatusList tells by its header whether a compact JWS is a status list.
func isStatusList(header string) bool {
	b, err := base64.RawURLEncoding.DecodeString(header)
	var h struct {
		Type string `json:"typ"`
	}
	return err == nil && json.Unmarshal(b, &h) == nil && h.Type == gate.StatusListType
}

// counted says how many of each status there are.
func counted(noun string, b gate.StatusBits) string {
	var n [4]int
	for _, id := range b.IDs {
		if s, found := b.Of(id); found {
			n[s]++
		}
	}
	return fmt.Sprintf("%s: %d valid, %d suspended, %d revoked, %d pending", noun, n[gate.StatusValid], n[gate.StatusSuspended], n[gate.StatusRevoked], n[gate.StatusPending])
}

// rememberStatus refuses a list that is older than one seen before, or that builds on
// one never seen, and remembers a newer one.
func rememberStatus(path string, l gate.StatusList) error {
	var seen statusSeen
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("read the state: %w", err)
	default:
		if err := json.Unmarshal(content, &seen); err != nil {
			return notGenuine("the state file %s is damaged: %v", path, err)
		}
	}
	switch {
	case l.Version < seen.Version || l.IssuedAt.Before(seen.IssuedAt):
		return notGenuine("status list version %d of %s is older than version %d of %s, which was seen before", l.Version,
			l.IssuedAt.Format(time.RFC3339), seen.Version, seen.IssuedAt.Format(time.RFC3339))
	case l.Since > seen.Version:
		return notGenuine("the changes after version %d leave out those after version %d, which was the last seen", l.Since, seen.Version)
	}
	content, err = json.Marshal(statusSeen{Version: l.Version, IssuedAt: l.IssuedAt, Revision: seen.Revision, Keys: seen.Keys})
	if err == nil {
		err = replaceFile(path, content)
	}
	if err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	return nil
}

// replaceFile writes a file so that it holds the old or the new content after a crash.
func replaceFile(path string, content []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
