package identity_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const issuer = "https://registry.example"

// cheap keeps argon2id real and the tests fast.
var cheap = identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// seeded gives a key that is the same in every run.
func seeded(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

var admin = models.Actor{ID: "admin-1", Kind: "person", Name: "Admin", Roles: []models.Role{models.RoleAdmin}}

func config() identity.Config {
	return identity.Config{
		Issuer: issuer, Signing: identity.SigningKey{KID: "token-1", Private: seeded(1)}, Passwords: cheap,
		Published: []identity.PublicKey{
			{KID: "permit-1", Use: identity.KeyPermit, Key: seeded(2).Public().(ed25519.PublicKey)},
			{KID: "ledger-1", Use: identity.KeyLedger, Key: seeded(3).Public().(ed25519.PublicKey)},
		},
		Methods: []identity.Method{identity.MethodPrivateKeyJWT, identity.MethodClientSecretBasic},
	}
}

func service(t *testing.T, s *store.Store, cfg identity.Config) *identity.Service {
	t.Helper()
	svc, err := identity.New(s, slog.New(slog.DiscardHandler), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func each(t *testing.T, test func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		test(t, service(t, s, config()), s, clock)
	})
}

const password = "correct horse battery"

// actorBehind gives the person behind a cookie.
func actorBehind(ctx context.Context, svc *identity.Service, cookie string) (models.Actor, error) {
	session, err := svc.Session(ctx, cookie)
	if err != nil {
		return models.Actor{}, err
	}
	return session.User.Actor(), nil
}

func officer(t *testing.T, svc *identity.Service, login string) models.User {
	t.Helper()
	u, _, err := svc.CreateUser(context.Background(), admin, identity.NewUser{
		Login: login, Name: "Officer " + login, Roles: []models.Role{models.RoleOfficer}, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantCode(t *testing.T, err error, want models.Code) {
	t.Helper()
	if got := models.CodeOf(err); got != want {
		t.Fatalf("error %v has code %q, want %q", err, got, want)
	}
}

func kinds(t *testing.T, s *store.Store) (all []string, bodies string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) error {
		entries, err := tx.UnsealedEntries(1000)
		all, bodies = nil, ""
		for _, e := range entries {
			all = append(all, e.Kind)
			bodies += e.Body + "\n"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, bodies
}

func TestSignIn_GivesASessionThatIsThePersonWithTheRolesOfNow(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		u := officer(t, svc, "Aigul.Officer")
		if u.Login != "aigul.officer" {
			t.Errorf("login %q is not folded", u.Login)
		}
		session, err := svc.SignIn(ctx, identity.SignIn{Login: " AIGUL.officer ", Password: password, IP: "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		if len(session.Value) != 43 || !session.Until.Equal(clock.Now().Add(24*time.Hour)) {
			t.Errorf("session %d characters until %v, want 43 and 24 hours", len(session.Value), session.Until)
		}
		actor, err := actorBehind(ctx, svc, session.Value)
		if err != nil || actor.ID != u.ID || !actor.Is(models.RoleOfficer) || actor.Kind != "person" {
			t.Fatalf("SessionActor = %+v, %v", actor, err)
		}
		again, err := svc.SignIn(ctx, identity.SignIn{Login: u.Login, Password: password, IP: "10.0.0.1", Cookie: session.Value})
		if err != nil {
			t.Fatal(err)
		}
		if again.Value == session.Value {
			t.Error("the cookie was not rotated at sign-in")
		}
		_, err = actorBehind(ctx, svc, session.Value)
		wantCode(t, err, models.CodeUnauthenticated)
		if err := svc.SignOut(ctx, again.Value); err != nil {
			t.Fatal(err)
		}
		_, err = actorBehind(ctx, svc, again.Value)
		wantCode(t, err, models.CodeUnauthenticated)
		got, _ := kinds(t, s)
		if want := "user.created session.started session.started"; strings.Join(got, " ") != want {
			t.Errorf("ledger has %v, want %s", got, want)
		}
	})
}

func TestSession_EndsAfterTwelveIdleHoursAndTwentyFourInAll(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		officer(t, svc, "idle")
		signIn := func() string {
			session, err := svc.SignIn(ctx, identity.SignIn{Login: "idle", Password: password})
			if err != nil {
				t.Fatal(err)
			}
			return session.Value
		}
		idle := signIn()
		clock.Advance(12*time.Hour - time.Second)
		if _, err := actorBehind(ctx, svc, idle); err != nil {
			t.Fatalf("a second before the idle end: %v", err)
		}
		clock.Advance(12 * time.Hour)
		_, err := actorBehind(ctx, svc, idle)
		wantCode(t, err, models.CodeUnauthenticated)

		used := signIn()
		for range 3 {
			clock.Advance(8*time.Hour - time.Second)
			if _, err := actorBehind(ctx, svc, used); err != nil {
				t.Fatalf("a session in use ended early: %v", err)
			}
		}
		clock.Advance(3 * time.Second)
		_, err = actorBehind(ctx, svc, used)
		wantCode(t, err, models.CodeUnauthenticated)
		n, err := svc.Purge(ctx)
		if err != nil || n < 2 {
			t.Errorf("Purge = %d, %v; want at least the two ended sessions", n, err)
		}
	})
}

func TestSignIn_SaysTheSameForUnknownWrongAndDisabledAndKeepsNoSecret(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		officer(t, svc, "known")
		gone := officer(t, svc, "gone")
		if _, err := svc.DisableUser(ctx, admin, gone.ID); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, in := range []identity.SignIn{
			{Login: "my-secret-typed-as-login", Password: "whatever it is"},
			{Login: "known", Password: "another wrong one"},
			{Login: "gone", Password: password},
			{Login: "known", Password: strings.Repeat("long", 1000)},
			{Login: "", Password: ""},
		} {
			_, err := svc.SignIn(ctx, in)
			wantCode(t, err, models.CodeUnauthenticated)
			texts = append(texts, err.Error())
		}
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("answers differ: %q and %q", text, texts[0])
			}
		}
		got, bodies := kinds(t, s)
		if n := strings.Count(strings.Join(got, " "), "session.refused"); n != len(texts) {
			t.Errorf("%d refusals in the ledger, want %d", n, len(texts))
		}
		for _, secret := range []string{"my-secret", "whatever", "another wrong", password} {
			if strings.Contains(bodies, secret) {
				t.Errorf("the ledger holds %q", secret)
			}
		}
	})
}

func TestSignIn_DelaysGrowFromTheSixthFailureAndLockNobodyElseOut(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		officer(t, svc, "target")
		bad := identity.SignIn{Login: "target", Password: "wrong wrong wrong", IP: "203.0.113.9"}
		for range 5 {
			_, err := svc.SignIn(ctx, bad)
			wantCode(t, err, models.CodeUnauthenticated)
		}
		var waits []time.Duration
		for range 3 {
			_, err := svc.SignIn(ctx, identity.SignIn{Login: "target", Password: password, IP: "203.0.113.9"})
			wantCode(t, err, models.CodeTooMany)
			var e *models.Error
			if !asError(err, &e) || e.RetryAfter <= 0 {
				t.Fatalf("%v names no time to wait", err)
			}
			waits = append(waits, e.RetryAfter)
			clock.Advance(e.RetryAfter)
			_, err = svc.SignIn(ctx, bad)
			wantCode(t, err, models.CodeUnauthenticated)
		}
		if waits[0] >= waits[1] || waits[1] >= waits[2] {
			t.Errorf("waits %v do not grow", waits)
		}
		if _, err := svc.SignIn(ctx, identity.SignIn{Login: "target", Password: password, IP: "198.51.100.1"}); err != nil {
			t.Errorf("the owner is locked out from another address: %v", err)
		}
		clock.Advance(2 * time.Hour)
		if _, err := svc.SignIn(ctx, identity.SignIn{Login: "target", Password: password, IP: "203.0.113.9"}); err != nil {
			t.Errorf("the address stays blocked: %v", err)
		}
	})
}

func TestSignIn_ManyLoginsFromOneAddressAreSlowedDown(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	var refused int
	for i := range 60 {
		_, err := svc.SignIn(context.Background(), identity.SignIn{Login: "guess" + string(rune('a'+i)), Password: "wrong wrong", IP: "2001:db8::" + string(rune('1'+i%8))})
		if models.CodeOf(err) == models.CodeTooMany {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("%d of 60 guesses over many logins were slowed, want at least 15", refused)
	}
}

func TestDisableUser_EndsTheSessionsAndIsIdempotent(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		u := officer(t, svc, "leaver")
		session, err := svc.SignIn(ctx, identity.SignIn{Login: "leaver", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			out, err := svc.DisableUser(ctx, admin, "Leaver")
			if err != nil || out.ID != u.ID || out.Disabled.IsZero() {
				t.Fatalf("DisableUser = %+v, %v", out, err)
			}
		}
		_, err = actorBehind(ctx, svc, session.Value)
		wantCode(t, err, models.CodeUnauthenticated)
		got, _ := kinds(t, s)
		if n := strings.Count(strings.Join(got, " "), "user.disabled"); n != 1 {
			t.Errorf("%d entries user.disabled, want 1", n)
		}
		self := models.Actor{ID: officer(t, svc, "selfish").ID, Kind: "person", Roles: []models.Role{models.RoleAdmin}}
		_, err = svc.DisableUser(ctx, self, "selfish")
		wantCode(t, err, models.CodeConflict)
	})
}

func TestSetPassword_ReplacesTheOldOneAndEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		officer(t, svc, "forgetful")
		session, err := svc.SignIn(ctx, identity.SignIn{Login: "forgetful", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := svc.SetPassword(ctx, admin, "forgetful", "")
		if err != nil || len(fresh) < 20 {
			t.Fatalf("SetPassword = %q, %v", fresh, err)
		}
		_, err = actorBehind(ctx, svc, session.Value)
		wantCode(t, err, models.CodeUnauthenticated)
		_, err = svc.SignIn(ctx, identity.SignIn{Login: "forgetful", Password: password})
		wantCode(t, err, models.CodeUnauthenticated)
		if _, err := svc.SignIn(ctx, identity.SignIn{Login: "forgetful", Password: fresh}); err != nil {
			t.Error(err)
		}
	})
}

func TestCreateUser_RefusesWhatIsWrongFieldByField(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	ctx := context.Background()
	officer(t, svc, "taken")
	for _, c := range []struct {
		name, pointer string
		code          models.Code
		user          identity.NewUser
	}{
		{"login with Cyrillic look-alikes", "/login", models.CodeInvalid, identity.NewUser{Login: "аdmin", Name: "A", Roles: []models.Role{models.RoleClerk}, Password: password}},
		{"short password", "/password", models.CodeInvalid, identity.NewUser{Login: "short", Name: "A", Roles: []models.Role{models.RoleClerk}, Password: "elevenchars"}},
		{"password with the login", "/password", models.CodeInvalid, identity.NewUser{Login: "assel", Name: "A", Roles: []models.Role{models.RoleClerk}, Password: "I am Assel, truly"}},
		{"no roles", "/roles", models.CodeInvalid, identity.NewUser{Login: "norole", Name: "A", Password: password}},
		{"a machine's role", "/roles", models.CodeInvalid, identity.NewUser{Login: "machine", Name: "A", Roles: []models.Role{models.RoleCollector}, Password: password}},
		{"the program's role", "/roles", models.CodeInvalid, identity.NewUser{Login: "system", Name: "A", Roles: []models.Role{models.RoleSystem}, Password: password}},
		{"applicant without party", "/party", models.CodeInvalid, identity.NewUser{Login: "noparty", Name: "A", Roles: []models.Role{models.RoleApplicant}, Password: password}},
		{"utility person without utility", "/utility", models.CodeInvalid, identity.NewUser{Login: "nogrid", Name: "A", Roles: []models.Role{models.RoleUtility}, Password: password}},
		{"taken login in another case", "/login", models.CodeConflict, identity.NewUser{Login: "TAKEN", Name: "A", Roles: []models.Role{models.RoleClerk}, Password: password}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := svc.CreateUser(ctx, admin, c.user)
			wantCode(t, err, c.code)
			var e *models.Error
			if !asError(err, &e) || len(e.Fields) != 1 || e.Fields[0].Pointer != c.pointer {
				t.Errorf("fields %+v, want one at %s", e.Fields, c.pointer)
			}
		})
	}
}

func TestAdministration_IsForAdministratorsOnly(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	ctx := context.Background()
	head := models.Actor{ID: "h", Kind: "person", Roles: []models.Role{models.RoleHead, models.RoleOfficer, models.RoleAuditor}}
	calls := map[string]func(models.Actor) error{
		"create user":    func(a models.Actor) error { _, _, err := svc.CreateUser(ctx, a, identity.NewUser{}); return err },
		"list users":     func(a models.Actor) error { _, err := svc.Users(ctx, a, store.Page{}); return err },
		"disable user":   func(a models.Actor) error { _, err := svc.DisableUser(ctx, a, "x"); return err },
		"set password":   func(a models.Actor) error { _, err := svc.SetPassword(ctx, a, "x", ""); return err },
		"create client":  func(a models.Actor) error { _, err := svc.CreateClient(ctx, a, identity.NewClient{}); return err },
		"list clients":   func(a models.Actor) error { _, err := svc.Clients(ctx, a, store.Page{}); return err },
		"disable client": func(a models.Actor) error { _, err := svc.DisableClient(ctx, a, "x"); return err },
	}
	for name, call := range calls {
		wantNamed(t, name, call(head), models.CodeForbidden)
		wantNamed(t, name, call(models.Actor{}), models.CodeUnauthenticated)
		if code := models.CodeOf(call(admin)); code == models.CodeForbidden || code == models.CodeUnauthenticated {
			t.Errorf("%s: an administrator got %s", name, code)
		}
	}
}

func wantNamed(t *testing.T, name string, err error, want models.Code) {
	t.Helper()
	if got := models.CodeOf(err); got != want {
		t.Errorf("%s gave %v, want code %s", name, err, want)
	}
}
