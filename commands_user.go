package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
)

// UserCmd is `rigistry user`. Who may run it holds the data folder, so it acts as
// the program itself.
type UserCmd struct {
	Create   UserCreateCmd   `cmd:"" help:"Add a person. The password is printed once."`
	List     UserListCmd     `cmd:"" help:"List people."`
	Disable  UserDisableCmd  `cmd:"" help:"Stop an account and end its sessions."`
	Password UserPasswordCmd `cmd:"" help:"Give a person a new password, printed once, and end the sessions."`
}

// UserCreateCmd adds a person.
type UserCreateCmd struct {
	Login        string        `arg:"" help:"Login: 3 to 64 of a-z 0-9 . _ @ + -."`
	Name         string        `required:"" help:"The person's name."`
	Role         []models.Role `required:"" help:"clerk, officer, head, inspector, auditor, admin, applicant or utility; several with commas."`
	Unit         string        `help:"Organisational unit."`
	Party        string        `help:"Party id, for an applicant."`
	Utility      string        `help:"Utility id, for a utility's person."`
	PasswordFile string        `help:"Read the password from a file instead of making one." type:"path"`
}

// Run adds the person.
func (cmd *UserCreateCmd) Run(app *App) error {
	n := identity.NewUser{Login: cmd.Login, Name: cmd.Name, Roles: cmd.Role, Unit: cmd.Unit, Party: cmd.Party, Utility: cmd.Utility}
	if cmd.PasswordFile != "" {
		var err error
		if n.Password, err = readSecret(cmd.PasswordFile); err != nil {
			return models.Errorf(models.CodeInvalid, "--password-file: %v", err)
		}
	}
	return app.withIdentity(func(people *identity.Service) error {
		u, password, err := people.CreateUser(app.Ctx, models.System(), n)
		if err != nil {
			return err
		}
		if cmd.PasswordFile != "" {
			password = ""
		}
		return app.printOnce([][2]string{{"id", u.ID}, {"login", u.Login}, {"password", password}})
	})
}

// UserListCmd lists people.
type UserListCmd struct{}

// Run lists them by login.
func (*UserListCmd) Run(app *App) error {
	return app.withIdentity(func(people *identity.Service) error {
		return app.table("LOGIN\tNAME\tROLES\tPARTY\tUTILITY\tSTATE\tID", func(after string) (rows []string, next string, err error) {
			users, err := people.Users(app.Ctx, models.System(), store.Page{Limit: listPage, After: after})
			for _, u := range users {
				roles := make([]string, 0, len(u.Roles))
				for _, r := range u.Roles {
					roles = append(roles, string(r))
				}
				rows = append(rows, strings.Join([]string{u.Login, u.Name, strings.Join(roles, ","), dash(u.Party), dash(u.Utility), stateOf(u.Disabled), u.ID}, "\t"))
				next = u.Login
			}
			return rows, next, err
		})
	})
}

// UserDisableCmd stops an account.
type UserDisableCmd struct {
	Login string `arg:"" help:"Login or id."`
}

// Run stops it.
func (cmd *UserDisableCmd) Run(app *App) error {
	return app.withIdentity(func(people *identity.Service) error {
		u, err := people.DisableUser(app.Ctx, models.System(), cmd.Login)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(app.Stdout, "%s cannot sign in any more; sessions have ended\n", u.Login)
		return err
	})
}

// UserPasswordCmd sets a new password.
type UserPasswordCmd struct {
	Login string `arg:"" help:"Login or id."`
}

// Run sets a random one and prints it once.
func (cmd *UserPasswordCmd) Run(app *App) error {
	return app.withIdentity(func(people *identity.Service) error {
		password, err := people.SetPassword(app.Ctx, models.System(), cmd.Login, "")
		if err != nil {
			return err
		}
		return app.printOnce([][2]string{{"login", cmd.Login}, {"password", password}})
	})
}

// ClientCmd is `rigistry client`.
type ClientCmd struct {
	Create  ClientCreateCmd  `cmd:"" help:"Add an API client. The secret is printed once."`
	List    ClientListCmd    `cmd:"" help:"List API clients."`
	Disable ClientDisableCmd `cmd:"" help:"Stop an API client and its tokens."`
}

// ClientCreateCmd adds an API client.
type ClientCreateCmd struct {
	Name      string      `arg:"" help:"A name that says whose system it is."`
	Role      models.Role `required:"" help:"utility or collector." enum:"utility,collector"`
	Utility   string      `help:"Utility id, for a utility."`
	Collector string      `help:"Collector id, for a collector."`
	JWK       string      `name:"jwk" help:"File with the public key as JSON Web Key (Ed25519 or P-256), for private_key_jwt." type:"path"`
}

// Run adds it.
func (cmd *ClientCreateCmd) Run(app *App) error {
	n := identity.NewClient{Name: cmd.Name, Role: cmd.Role, Utility: cmd.Utility, Collector: cmd.Collector}
	if cmd.JWK != "" {
		key, err := os.ReadFile(cmd.JWK)
		if err != nil {
			return models.Errorf(models.CodeInvalid, "--jwk: %v", err)
		}
		if !json.Valid(key) {
			return models.Errorf(models.CodeInvalid, "--jwk: %s is not JSON.", cmd.JWK)
		}
		n.PublicJWK = string(key)
	}
	return app.withIdentity(func(people *identity.Service) error {
		c, err := people.CreateClient(app.Ctx, models.System(), n)
		if err != nil {
			return err
		}
		return app.printOnce([][2]string{{"client_id", c.Client.ID}, {"client_secret", c.Secret}})
	})
}

// ClientListCmd lists API clients.
type ClientListCmd struct{}

// Run lists them by id.
func (*ClientListCmd) Run(app *App) error {
	return app.withIdentity(func(people *identity.Service) error {
		return app.table("CLIENT_ID\tNAME\tROLE\tUTILITY\tCOLLECTOR\tKEY\tSTATE", func(after string) (rows []string, next string, err error) {
			clients, err := people.Clients(app.Ctx, models.System(), store.Page{Limit: listPage, After: after})
			for _, c := range clients {
				key := "secret"
				if c.PublicJWK != "" {
					key = "secret,jwk"
				}
				rows = append(rows, strings.Join([]string{c.ID, c.Name, string(c.Role), dash(c.Utility), dash(c.Collector), key, stateOf(c.Disabled)}, "\t"))
				next = c.ID
			}
			return rows, next, err
		})
	})
}

// ClientDisableCmd stops an API client.
type ClientDisableCmd struct {
	ID string `arg:"" help:"Client id."`
}

// Run stops it.
func (cmd *ClientDisableCmd) Run(app *App) error {
	return app.withIdentity(func(people *identity.Service) error {
		c, err := people.DisableClient(app.Ctx, models.System(), cmd.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(app.Stdout, "%s is stopped; a running server refuses its tokens within seconds\n", c.Name)
		return err
	})
}

// withIdentity opens the store and runs fn with the identity service.
func (app *App) withIdentity(fn func(*identity.Service) error) error {
	s, err := app.OpenStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	r, err := app.assemble(s, app.baseURL(app.Config.Addr))
	if err != nil {
		return err
	}
	return fn(r.svc.Identity)
}

// printOnce prints what will not be shown again; empty values are left out.
func (app *App) printOnce(pairs [][2]string) error {
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	for _, p := range pairs {
		if p[1] != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", p[0], p[1])
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(app.Stderr, "Keep what is printed above now: a secret is not shown again.")
	return err
}

// listPage is how many rows a list reads at a time.
const listPage = 500

// table prints every page of a list in columns.
func (app *App) table(head string, page func(after string) (rows []string, next string, err error)) error {
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, head)
	for after := ""; ; {
		rows, next, err := page(after)
		if err != nil {
			return err
		}
		for _, r := range rows {
			_, _ = fmt.Fprintln(w, r)
		}
		if len(rows) < listPage {
			return w.Flush()
		}
		after = next
	}
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func stateOf(disabled time.Time) string {
	if disabled.IsZero() {
		return "active"
	}
	return "disabled " + models.LegalDate(disabled)
}
