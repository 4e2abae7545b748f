package identity

import (
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// NewUser is a person to add.
type NewUser struct {
	Login    string // 3 to 64 of a-z 0-9 . _ @ + -; case does not count
	Name     string
	Roles    []models.Role
	Unit     string
	Party    string // party id, for an applicant
	Utility  string // utility id, for a utility's person
	Password string // "" makes a random one
}

// loginForm is ASCII so that no two logins look alike.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{2,63}$`)

const maxName = 200

func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

func (n NewUser) check() error {
	var v models.Invalid
	if !loginForm.MatchString(n.Login) {
		v.Add("/login", "format", "Use 3 to 64 of the letters a-z, digits and . _ @ + -.")
	}
	if n.Name == "" || len(n.Name) > maxName {
		v.Add("/name", "required", "Give the person's name, at most %d bytes.", maxName)
	}
	if len(n.Roles) == 0 {
		v.Add("/roles", "required", "Give at least one role.")
	}
	for _, r := range n.Roles {
		if !slices.Contains(models.Roles(), r) || r == models.RoleCollector {
			v.Add("/roles", "unknown", "%q is not a role that a person can hold.", r)
		}
	}
	if slices.Contains(n.Roles, models.RoleApplicant) && n.Party == "" {
		v.Add("/party", "required", "An applicant acts for a party: give its id.")
	}
	if slices.Contains(n.Roles, models.RoleUtility) && n.Utility == "" {
		v.Add("/utility", "required", "A utility's person needs the utility's id.")
	}
	checkNewPassword(&v, n.Password, n.Login)
	return v.Err()
}

// CreateUser adds a person and gives the password once more, which is the only
// time a random one is shown. CodeInvalid names the wrong fields, CodeConflict
// says that the login is taken.
func (s *Service) CreateUser(ctx context.Context, actor models.Actor, n NewUser) (models.User, string, error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return models.User{}, "", err
	}
	n.Login, n.Name = foldLogin(n.Login), strings.TrimSpace(n.Name)
	if n.Password == "" {
		n.Password = rand.Text()
	}
	if err := n.check(); err != nil {
		return models.User{}, "", err
	}
	hash, err := s.hashPassword(ctx, n.Password)
	if err != nil {
		return models.User{}, "", err
	}
	var made models.User
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		made = models.User{
			ID: tx.NewID(), Login: n.Login, Name: n.Name, Roles: n.Roles, Unit: n.Unit, Party: n.Party, Utility: n.Utility,
			Version: 1, Created: tx.Now, Updated: tx.Now,
		}
		if err := tx.InsertUser(made, hash); err != nil {
			return err
		}
		_, err := tx.Append(models.Entry{
			Kind: "user.created", Subject: models.Ref{Kind: "user", ID: made.ID}, SubjectVersion: made.Version, Actor: actor,
			Body: userFact{Login: made.Login, Name: made.Name, Roles: made.Roles, Unit: made.Unit, Party: made.Party, Utility: made.Utility},
		})
		return err
	})
	if models.CodeOf(err) == models.CodeConflict {
		err = &models.Error{Code: models.CodeConflict, Detail: "The login " + n.Login + " is taken. Choose another one.",
			Fields: []models.FieldError{{Pointer: "/login", Code: "taken", Detail: "This login is taken."}}}
	}
	if err != nil {
		return models.User{}, "", err
	}
	return made, n.Password, nil
}

// userFact is what the ledger keeps about a new person. It is a body, of which
// the tree holds a salted digest only.
type userFact struct {
	Login   string        `json:"login"`
	Name    string        `json:"name"`
	Roles   []models.Role `json:"roles"`
	Unit    string        `json:"unit,omitempty"`
	Party   string        `json:"party,omitempty"`
	Utility string        `json:"utility,omitempty"`
}

// Users lists people by login; the cursor is the last login.
func (s *Service) Users(ctx context.Context, actor models.Actor, page store.Page) (out []models.User, err error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Users(page)
		return err
	})
	return out, err
}

// DisableUser stops a person's account by id or login and ends the sessions.
// Doing it again changes nothing. Nobody may disable themselves.
func (s *Service) DisableUser(ctx context.Context, actor models.Actor, idOrLogin string) (out models.User, err error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return models.User{}, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if out, err = findUser(tx, idOrLogin); err != nil {
			return err
		}
		if out.ID == actor.ID {
			return models.Errorf(models.CodeConflict, "You cannot disable your own account. Ask another administrator.")
		}
		if !out.Disabled.IsZero() {
			return nil
		}
		if err := tx.DisableUser(out.ID, out.Version); err != nil {
			return err
		}
		out.Disabled, out.Updated, out.Version = tx.Now, tx.Now, out.Version+1
		_, err := tx.Append(models.Entry{
			Kind: "user.disabled", Subject: models.Ref{Kind: "user", ID: out.ID}, SubjectVersion: out.Version, Actor: actor, Body: struct{}{},
		})
		return err
	})
	return out, err
}

// NameOf gives a person's name for a document; "" for an id that is no person's,
// such as the program's.
func (s *Service) NameOf(ctx context.Context, id string) (name string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.User(id)
		if models.CodeOf(err) == models.CodeNotFound {
			name = ""
			return nil
		}
		name = u.Name
		return err
	})
	return name, err
}

// SetPassword gives a person another password, random when "", and ends the
// sessions. It gives the password once.
func (s *Service) SetPassword(ctx context.Context, actor models.Actor, idOrLogin, password string) (string, error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return "", err
	}
	if password == "" {
		password = rand.Text()
	}
	var v models.Invalid
	if checkNewPassword(&v, password, ""); v.Err() != nil {
		return "", v.Err()
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := findUser(tx, idOrLogin)
		if err != nil {
			return err
		}
		if err := tx.SetPasswordHash(u.ID, u.Version, hash); err != nil {
			return err
		}
		if err := tx.DeleteUserSessions(u.ID); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{
			Kind: "user.password_reset", Subject: models.Ref{Kind: "user", ID: u.ID}, SubjectVersion: u.Version + 1, Actor: actor, Body: struct{}{},
		})
		return err
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

func findUser(tx *store.Tx, idOrLogin string) (models.User, error) {
	u, err := tx.User(idOrLogin)
	if models.CodeOf(err) == models.CodeNotFound {
		return tx.UserByLogin(foldLogin(idOrLogin))
	}
	return u, err
}
