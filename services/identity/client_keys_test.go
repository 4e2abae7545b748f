package identity_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func jwkOf(key ed25519.PrivateKey) string {
	return `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) + `"}`
}

// statement is a JWT by a key: an assertion when typ is JWT, else a proof about a key.
func statement(t *testing.T, clock *storetest.Clock, key ed25519.PrivateKey, typ, client, aud, jti, jkt string) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": client, "sub": client, "aud": aud, "jti": jti, "iat": clock.Now().Unix(), "exp": clock.Now().Add(2 * time.Minute).Unix()}
	if jkt != "" {
		claims["jkt"] = jkt
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["typ"] = typ
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKeys_AUtilityExchangesItsKeyItselfAndTheOldOnesTokensDie(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		old, young, lost := seeded(21), seeded(22), seeded(23)
		c, err := svc.CreateClient(ctx, admin, identity.NewClient{Name: "Grid", Role: models.RoleUtility, Utility: "u-1", PublicJWK: jwkOf(old)})
		if err != nil {
			t.Fatal(err)
		}
		id, self := c.Client.ID, c.Client.Actor()
		enter := func(key ed25519.PrivateKey, jti string) (identity.Token, error) {
			return svc.Issue(ctx, identity.TokenRequest{GrantType: "client_credentials", AssertionType: identity.AssertionJWT,
				Assertion: statement(t, clock, key, "JWT", id, issuer, jti, "")})
		}
		token, err := enter(old, "a1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enter(young, "a2"); err == nil {
			t.Fatal("a key that nobody registered was taken")
		}
		name := identity.ThumbprintForTest(jwkOf(young))
		proof := func(jti string) string {
			return statement(t, clock, young, "client-key-proof+jwt", id, issuer, jti, name)
		}
		change := func(key ed25519.PrivateKey, jti string) string {
			return statement(t, clock, key, "client-key-change+jwt", id, issuer, jti, name)
		}
		good := identity.NewKey{JWK: jwkOf(young), Proof: proof("p1"), Change: change(old, "c1")}
		for what, n := range map[string]identity.NewKey{
			"no proof":                {JWK: good.JWK, Change: change(old, "c2")},
			"proof by the old key":    {JWK: good.JWK, Proof: statement(t, clock, old, "client-key-proof+jwt", id, issuer, "p3", name), Change: change(old, "c3")},
			"change by a strange key": {JWK: good.JWK, Proof: proof("p4"), Change: change(lost, "c4")},
			"change by the new key":   {JWK: good.JWK, Proof: proof("p5"), Change: change(young, "c5")},
			"an assertion as change":  {JWK: good.JWK, Proof: proof("p6"), Change: statement(t, clock, old, "JWT", id, issuer, "c6", name)},
			"about another key":       {JWK: good.JWK, Proof: proof("p7"), Change: statement(t, clock, old, "client-key-change+jwt", id, issuer, "c7", "x")},
			"for another server":      {JWK: good.JWK, Proof: proof("p8"), Change: statement(t, clock, old, "client-key-change+jwt", id, "https://other.example", "c8", name)},
			"a wrong code":            {JWK: good.JWK, Proof: proof("p9"), Code: "GUESS"},
			"neither code nor change": {JWK: good.JWK, Proof: proof("p10")},
		} {
			if _, err := svc.AddKey(ctx, self, id, n); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		stranger := models.Actor{ID: "x", Kind: "person", Roles: []models.Role{models.RoleUtility}, Utility: "u-2"}
		if _, err := svc.AddKey(ctx, stranger, id, good); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility added a key: %v", err)
		}
		if _, err := svc.AddKey(ctx, self, id, good); err != nil { // the control for all of the above
			t.Fatal(err)
		}
		if _, err := svc.AddKey(ctx, self, id, good); err == nil {
			t.Error("proofs were taken twice")
		}
		if _, err := enter(young, "a3"); err != nil {
			t.Errorf("the new key: %v", err)
		}
		if _, err := svc.Authenticate(ctx, token.Value); err != nil {
			t.Errorf("during the overlap the old key's token is refused: %v", err)
		}
		oldName := identity.ThumbprintForTest(jwkOf(old))
		if _, err := svc.RetireKey(ctx, self, id, oldName, clock.Now()); err != nil {
			t.Fatal(err)
		}
		_, err = svc.Authenticate(ctx, token.Value)
		wantCode(t, err, models.CodeUnauthenticated)
		if _, err := enter(old, "a4"); err == nil {
			t.Error("a retired key was taken")
		}
		if _, err := svc.RetireKey(ctx, self, id, models.CredentialSecret, clock.Now()); err != nil {
			t.Fatal(err)
		}
		_, err = svc.Issue(ctx, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: id, BasicSecret: c.Secret})
		wantCode(t, err, models.CodeInvalidClient)
		_, err = svc.RetireKey(ctx, self, id, name, clock.Now())
		wantCode(t, err, models.CodeConflict)

		code, _, err := svc.IssueCode(ctx, models.Actor{ID: "o", Kind: "person", Roles: []models.Role{models.RoleOfficer}}, id)
		if err != nil {
			t.Fatal(err)
		}
		third := seeded(24)
		byCode := identity.NewKey{JWK: jwkOf(third), Code: code, Proof: statement(t, clock, third, "client-key-proof+jwt", id, issuer, "p11", identity.ThumbprintForTest(jwkOf(third)))}
		if k, err := svc.AddKey(ctx, self, id, byCode); err != nil || k.Proof != "code" {
			t.Errorf("by a code: %+v, %v", k, err)
		}
		fourth := seeded(25)
		byCode.JWK, byCode.Proof = jwkOf(fourth), statement(t, clock, fourth, "client-key-proof+jwt", id, issuer, "p12", identity.ThumbprintForTest(jwkOf(fourth)))
		if _, err := svc.AddKey(ctx, self, id, byCode); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a code was taken twice: %v", err)
		}
		a, err := svc.AccessOf(ctx, self, id)
		if err != nil || len(a.Keys) != 4 {
			t.Fatalf("%+v (%v), want four credentials", a.Keys, err)
		}
		for _, k := range a.Keys {
			if k.Credential == name && k.Used.IsZero() {
				t.Error("the use of the new key is not noted")
			}
		}
	})
}

func TestUsage_QuotasHoldByMinuteAndDayAndSurviveTheProcess(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		c, err := svc.CreateClient(ctx, admin, identity.NewClient{Name: "Grid", Role: models.RoleUtility, Utility: "u-1"})
		if err != nil {
			t.Fatal(err)
		}
		id, own := c.Client.ID, identity.Limits{PerMinute: 3, PerDay: 5}
		for i := range 3 {
			if a := svc.Admit(id, own); a.Refused != nil || a.Remaining != int64(3-i) {
				t.Fatalf("check %d: %+v", i, a)
			}
			svc.Count(id, 1, nil)
		}
		a := svc.Admit(id, own)
		wantCode(t, a.Refused, models.CodeTooMany)
		clock.Advance(time.Minute)
		if a := svc.Admit(id, own); a.Refused != nil || a.Remaining != 2 || a.Limit != 5 {
			t.Errorf("the next minute: %+v, want two left of the day", a)
		}
		svc.Count(id, 2, nil)
		a = svc.Admit(id, own)
		wantCode(t, a.Refused, models.CodeTooMany)
		if err := svc.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		another := service(t, s, config())
		another.Count(id, 1, nil)
		if err := another.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		a = another.Admit(id, own)
		wantCode(t, a.Refused, models.CodeTooMany)
		if err := another.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		access, err := svc.AccessOf(ctx, admin, id)
		if err != nil || access.Usage.Checks != 6 || access.Usage.Refused != 3 {
			t.Errorf("%+v (%v), want 6 checks and 3 refusals", access.Usage, err)
		}
		clock.Advance(24 * time.Hour)
		if a := svc.Admit(id, own); a.Refused != nil {
			t.Errorf("the next day: %v", a.Refused)
		}
	})
}

func TestUsage_WhoTriesNamesIsSlowedThenRefusedAndReportedOnce(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		name := func(i int) []string { return []string{"point " + string(rune('a'+i%26)) + string(rune('a'+i/26))} }
		for range 1000 { // one wrong name again and again is a mistake, not a search
			if svc.Count("c", 1, name(0)) {
				t.Fatal("one name alone raised the alarm")
			}
		}
		if a := svc.Admit("c", identity.Limits{}); a.Wait != 0 || a.Refused != nil {
			t.Errorf("one name alone: %+v", a)
		}
		alarms, slowed, refusedAt := 0, 0, 0
		for i := 1; i < 500; i++ {
			a := svc.Admit("c", identity.Limits{})
			if a.Refused != nil {
				refusedAt = i
				break
			}
			if a.Wait > 0 {
				slowed++
			}
			if svc.Count("c", 1, name(i)) {
				alarms++
			}
		}
		if alarms != 1 || slowed < 100 || refusedAt != 300 {
			t.Errorf("%d alarms, %d slowed, refused at %d; want 1, at least 100, 300", alarms, slowed, refusedAt)
		}
		if a := svc.Admit("other", identity.Limits{}); a.Wait != 0 || a.Refused != nil {
			t.Errorf("another client pays for it: %+v", a)
		}
		clock.Advance(models.ProbeWindow)
		if a := svc.Admit("c", identity.Limits{}); a.Wait != 0 || a.Refused != nil {
			t.Errorf("after the window: %+v", a)
		}
	})
}
