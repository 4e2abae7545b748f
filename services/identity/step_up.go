package identity

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// StepUp is what a signed-in person sends to prove again who they are.
type StepUp struct {
	Cookie    string
	Password  string
	IP        string // address of the browser, for the limits
	RequestID string
}

// errStepUp is a wrong password of somebody whose session goes on. It is a fault of
// the field and not CodeUnauthenticated, with which a screen would sign them out.
func errStepUp() error {
	var v models.Invalid
	v.Add("/password", "wrong_password", "The password is wrong. Nothing was signed and what you entered is kept.")
	return v.Err()
}

// StepUp makes the session fresh for another while, and gives it. It is limited
// like SignIn: CodeTooMany with RetryAfter after too many wrong passwords. A wrong
// one is CodeInvalid with the field, an ended session CodeUnauthenticated.
func (s *Service) StepUp(ctx context.Context, in StepUp) (Session, error) {
	session, err := s.Session(ctx, in.Cookie)
	if err != nil {
		return Session{}, err
	}
	limits := limitsOf(session.User.Login, in.IP)
	var hash string
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := countAttempt(tx, limits); err != nil {
			return err
		}
		hash, err = tx.PasswordHash(session.User.ID)
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
	if err := s.settleStepUp(ctx, in, &session, proof{limits: limits, hash: hash, right: right}); err != nil {
		return Session{}, err
	}
	return session, nil
}

// proof is a password that was looked at.
type proof struct {
	limits []watched
	hash   string // against which it was compared
	right  bool
}

// settleStepUp writes down how the proof ended and, when it was right, renews the
// session, if that and the password are still what they were a moment ago.
func (s *Service) settleStepUp(ctx context.Context, in StepUp, session *Session, p proof) error {
	wrong := false
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		actor := session.User.Actor()
		actor.RequestID = in.RequestID
		entry := models.Entry{Kind: "session.renewed", Subject: models.Ref{Kind: "user", ID: session.User.ID}, SubjectVersion: session.User.Version,
			Actor: actor, Body: struct{}{}}
		hash, err := tx.PasswordHash(session.User.ID)
		if err != nil {
			return err
		}
		if wrong = !p.right || hash != p.hash; wrong {
			entry.Kind, entry.Body = "session.refused", map[string]string{"reason": "step_up"}
			_, err := tx.Append(entry)
			return err
		}
		if err := forgive(tx, p.limits); err != nil {
			return err
		}
		token := digest(in.Cookie)
		if _, err := tx.Session(token); models.CodeOf(err) == models.CodeNotFound {
			return errEnded()
		} else if err != nil {
			return err
		}
		if err := tx.AuthenticateSession(token); err != nil {
			return err
		}
		session.FreshUntil = tx.Now.Add(s.cfg.FreshFor)
		_, err = tx.Append(entry)
		return err
	})
	if err == nil && wrong {
		err = errStepUp()
	}
	return err
}
