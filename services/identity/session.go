package identity

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// How long a session lives: without use, and at all.
const (
	sessionIdle = 12 * time.Hour
	sessionMost = 24 * time.Hour
	// touchEvery bounds the writes that reading causes.
	touchEvery = time.Minute
)

// SignIn is what a person sends to sign in.
type SignIn struct {
	Login     string
	Password  string
	IP        string // address of the browser, for the limits
	Cookie    string // the session the browser held before, "" without one; it ends
	RequestID string
}

// Session is a signed-in person. Value goes into the cookie and nowhere else.
type Session struct {
	Value string
	User  models.User
	Until time.Time // when it ends at the latest
	// FreshUntil is until when the last proof by the password is fresh enough to sign.
	FreshUntil time.Time
}

// errSignIn is the one answer to an unknown login, a wrong password and a
// disabled account.
func errSignIn() error {
	return models.Errorf(models.CodeUnauthenticated, "The login or the password is wrong. Check both; an administrator can set a new password.")
}

// errEnded is the answer to a session that is over or was never one.
func errEnded() error {
	return models.Errorf(models.CodeUnauthenticated, "Your session has ended. Sign in again; what you typed is kept.")
}

// SignIn starts a session under a new cookie value. It gives CodeUnauthenticated
// for wrong credentials and CodeTooMany with RetryAfter after too many.
func (s *Service) SignIn(ctx context.Context, in SignIn) (Session, error) {
	login := foldLogin(in.Login)
	limits := limitsOf(login, in.IP)
	var (
		user  models.User
		hash  string
		known bool
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		user, hash, known = models.User{}, s.decoy, false
		if err := countAttempt(tx, limits); err != nil {
			return err
		}
		u, err := tx.UserByLogin(login)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		user, known = u, true
		hash, err = tx.PasswordHash(u.ID)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	password := in.Password
	if len(password) > maxPassword {
		password, hash = "", s.decoy
	}
	right, err := s.checkPassword(ctx, hash, password)
	if err != nil {
		return Session{}, err
	}
	if !right || !known || !user.Disabled.IsZero() {
		return Session{}, s.refuse(ctx, in, user, known)
	}
	return s.start(ctx, in, user, limits, hash)
}

// start makes the session, if the account is still what it was a moment ago.
func (s *Service) start(ctx context.Context, in SignIn, user models.User, limits []watched, hash string) (Session, error) {
	value, tokenHash, err := newSecret()
	if err != nil {
		return Session{}, err
	}
	out := Session{Value: value}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.User(user.ID)
		if err != nil {
			return err
		}
		hashNow, err := tx.PasswordHash(user.ID)
		if err != nil {
			return err
		}
		if !now.Disabled.IsZero() || hashNow != hash {
			return errSignIn()
		}
		if err := forgive(tx, limits); err != nil {
			return err
		}
		if in.Cookie != "" {
			if err := tx.DeleteSession(digest(in.Cookie)); err != nil {
				return err
			}
		}
		out.User, out.Until, out.FreshUntil = now, tx.Now.Add(sessionMost), tx.Now.Add(s.cfg.FreshFor)
		if err := tx.InsertSession(tokenHash, store.Session{User: now.ID, Created: tx.Now, Seen: tx.Now, Until: out.Until, Authenticated: tx.Now}); err != nil {
			return err
		}
		actor := now.Actor()
		actor.RequestID = in.RequestID
		_, err = tx.Append(models.Entry{
			Kind: "session.started", Subject: models.Ref{Kind: "user", ID: now.ID}, SubjectVersion: now.Version, Actor: actor, Body: struct{}{},
		})
		return err
	})
	if err != nil {
		return Session{}, err
	}
	return out, nil
}

// refuse writes the refusal down and gives the one answer.
func (s *Service) refuse(ctx context.Context, in SignIn, user models.User, known bool) error {
	reason, subject := "password", user.ID
	body := map[string]string{}
	switch {
	case !known:
		reason, subject = "unknown_login", "unknown"
		body["login_digest"] = s.pseudonym(foldLogin(in.Login))
	case !user.Disabled.IsZero():
		reason = "disabled"
	}
	body["reason"] = reason
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Append(models.Entry{
			Kind: "session.refused", Subject: models.Ref{Kind: "user", ID: subject},
			Actor: models.Actor{ID: "anonymous", Kind: "person", RequestID: in.RequestID}, Body: body,
		})
		return err
	})
	if err != nil {
		return err
	}
	return errSignIn()
}

// Session gives the session behind a cookie, without its value, with the roles of
// this moment. It gives
// CodeUnauthenticated when the session ended.
func (s *Service) Session(ctx context.Context, cookie string) (Session, error) {
	ended := errEnded()
	if cookie == "" || len(cookie) > 128 {
		return Session{}, ended
	}
	var (
		out   Session
		touch bool
		hash  = digest(cookie)
	)
	err := s.store.View(ctx, func(tx *store.Tx) error {
		session, err := tx.Session(hash)
		if err != nil {
			return err
		}
		if !tx.Now.Before(session.Until) || tx.Now.Sub(session.Seen) >= sessionIdle {
			return ended
		}
		touch = tx.Now.Sub(session.Seen) >= touchEvery
		user, err := tx.User(session.User)
		if err == nil && !user.Disabled.IsZero() {
			return ended
		}
		out = Session{User: user, Until: session.Until, FreshUntil: session.Authenticated.Add(s.cfg.FreshFor)}
		return err
	})
	if models.CodeOf(err) == models.CodeNotFound {
		err = ended
	}
	if err == nil && touch {
		err = s.store.Update(ctx, func(tx *store.Tx) error { return tx.TouchSession(hash) })
	}
	if err != nil {
		return Session{}, err
	}
	return out, nil
}

// SignOut ends the session of the cookie. One that ended already is no error.
func (s *Service) SignOut(ctx context.Context, cookie string) error {
	if cookie == "" {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteSession(digest(cookie)) })
}
