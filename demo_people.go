package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"

	"rigistry/models"
	"rigistry/services/identity"
)

// credentials is DATA/demo/credentials.json.
type credentials struct {
	BaseURL string             `json:"base_url"`
	Users   []credentialUser   `json:"users"`
	Clients []credentialClient `json:"clients"`
}

type credentialUser struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Login    string `json:"login"`
	Password string `json:"password"`
}

type credentialClient struct {
	Name   string `json:"name"`
	Role   string `json:"role"`
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// demoPeople are the people of the demonstration. Drafter and signer sit in
// different units.
var demoPeople = []struct {
	login, name string
	role        models.Role
	unit        string
}{
	{"clerk", "Гүлнәр Ахметова", models.RoleClerk, "front office"},
	{"officer", "Айгерім Сәдуақасова", models.RoleOfficer, "licensing, north"},
	{"officer2", "Марат Жүнісов", models.RoleOfficer, "licensing, south"},
	{"head", "Болат Қасымов", models.RoleHead, "management"},
	{"deputy", "Ләззат Оспанова", models.RoleHead, "legal"},
	{"inspector", "Ержан Төлегенов", models.RoleInspector, "inspection"},
	{"auditor", "Светлана Ким", models.RoleAuditor, "internal audit"},
	{"admin", "Тимур Исаев", models.RoleAdmin, "systems"},
}

// people creates the demo's people and clients and keeps their credentials.
func (d *demo) people(cast *demoCast) error {
	for _, p := range demoPeople {
		if err := d.person(cast, identity.NewUser{Login: p.login, Name: p.name, Roles: []models.Role{p.role}, Unit: p.unit}); err != nil {
			return err
		}
	}
	for _, a := range []struct{ login, name, party string }{
		{"applicant", "Дана Омарова", cast.party(newcomer)}, {"applicant2", "Серік Бекмұратов", cast.party(farmHolder)},
	} {
		if err := d.person(cast, identity.NewUser{Login: a.login, Name: a.name, Roles: []models.Role{models.RoleApplicant}, Party: a.party}); err != nil {
			return err
		}
	}
	if err := d.person(cast, identity.NewUser{Login: "engineer", Name: "Олжас Нұрпейісов", Roles: []models.Role{models.RoleUtility}, Utility: cast.utilities[0].ID}); err != nil {
		return err
	}
	for _, u := range cast.utilities {
		if err := d.client(identity.NewClient{Name: u.NameEn, Role: models.RoleUtility, Utility: u.ID}); err != nil {
			return err
		}
	}
	return d.client(identity.NewClient{Name: "Collector of PS12", Role: models.RoleCollector, Collector: "ps12", Utility: cast.utilities[0].ID})
}

func (d *demo) person(cast *demoCast, n identity.NewUser) (err error) {
	if n.Password, err = demoPassword(); err != nil {
		return err
	}
	user, _, err := d.registry.svc.Identity.CreateUser(d.app.Ctx, models.System(), n)
	if err != nil {
		return fmt.Errorf("create %s: %w", n.Login, err)
	}
	cast.actors[n.Login] = user.Actor()
	d.credentials.Users = append(d.credentials.Users, credentialUser{Name: n.Name, Role: string(n.Roles[0]), Login: n.Login, Password: n.Password})
	return nil
}

func (d *demo) client(n identity.NewClient) error {
	c, err := d.registry.svc.Identity.CreateClient(d.app.Ctx, models.System(), n)
	if err != nil {
		return fmt.Errorf("create client %s: %w", n.Name, err)
	}
	d.credentials.Clients = append(d.credentials.Clients, credentialClient{Name: n.Name, Role: string(n.Role), ID: c.Client.ID, Secret: c.Secret})
	return nil
}

// demoWords make passwords that can be typed while somebody reads them aloud.
var demoWords = []string{"altai", "basin", "cedar", "delta", "ember", "feeder", "garnet", "harbor", "indigo", "jasper", "kernel", "lagoon",
	"meadow", "nickel", "orchid", "pebble", "quartz", "river", "saddle", "timber", "umber", "velvet", "willow", "yarrow"}

// demoPassword is three words and four digits: 27 bits, for a demonstration that
// listens on this machine only.
func demoPassword() (string, error) {
	pick := func(n int) (int, error) {
		v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
		if err != nil {
			return 0, err
		}
		return int(v.Int64()), nil
	}
	var words [3]string
	for i := range words {
		n, err := pick(len(demoWords))
		if err != nil {
			return "", err
		}
		words[i] = demoWords[n]
	}
	n, err := pick(10_000)
	return fmt.Sprintf("%s-%s-%s-%04d", words[0], words[1], words[2], n), err
}

// saveCredentials writes DATA/demo/credentials.json.
func (d *demo) saveCredentials() error {
	text, err := json.MarshalIndent(d.credentials, "", "  ")
	if err != nil {
		return err
	}
	return writeDurably(d.file("credentials.json"), append(text, '\n'), 0o600)
}

func (c *credentials) parse(text []byte) error {
	if err := json.Unmarshal(text, c); err != nil {
		return models.Errorf(models.CodeInvalid, "The file of demo credentials cannot be read: %v", err)
	}
	return nil
}
