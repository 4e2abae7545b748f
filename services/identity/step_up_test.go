package identity_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestStepUp_MakesTheSessionFreshForAnotherQuarterOfAnHourAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		u := officer(t, svc, "aigul")
		signedIn, err := svc.SignIn(ctx, identity.SignIn{Login: u.Login, Password: password, IP: "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		if want := clock.Now().Add(15 * time.Minute); !signedIn.FreshUntil.Equal(want) {
			t.Errorf("a sign-in is fresh until %v, want %v", signedIn.FreshUntil, want)
		}
		clock.Advance(time.Hour)
		before, err := svc.Session(ctx, signedIn.Value)
		if err != nil || !before.FreshUntil.Before(clock.Now()) {
			t.Fatalf("after an hour the session is fresh until %v (%v), want the past: reading must not renew it", before.FreshUntil, err)
		}
		_, err = svc.StepUp(ctx, identity.StepUp{Cookie: signedIn.Value, Password: "not this one at all", IP: "10.0.0.1"})
		wantCode(t, err, models.CodeInvalid)
		if still, err := svc.Session(ctx, signedIn.Value); err != nil || !still.FreshUntil.Equal(before.FreshUntil) {
			t.Errorf("a wrong password left fresh until %v (%v), want %v and the session alive", still.FreshUntil, err, before.FreshUntil)
		}
		renewed, err := svc.StepUp(ctx, identity.StepUp{Cookie: signedIn.Value, Password: password, IP: "10.0.0.1"})
		if err != nil || !renewed.FreshUntil.Equal(clock.Now().Add(15*time.Minute)) {
			t.Fatalf("fresh until %v (%v), want a quarter of an hour from %v", renewed.FreshUntil, err, clock.Now())
		}
		after, err := svc.Session(ctx, signedIn.Value)
		if err != nil || !after.FreshUntil.Equal(renewed.FreshUntil) || !after.Until.Equal(signedIn.Until) {
			t.Errorf("the session is fresh until %v and ends %v (%v), want %v and the old end %v", after.FreshUntil, after.Until, err, renewed.FreshUntil, signedIn.Until)
		}
		all, _ := kinds(t, s)
		if i := slices.Index(all, "session.renewed"); i < 1 || all[i-1] != "session.refused" {
			t.Errorf("the ledger has %v, want session.refused and then session.renewed", all)
		}
	})
}

func TestStepUp_IsLimitedLikeSignInAndNeedsALivingSession(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		u := officer(t, svc, "aigul")
		session, err := svc.SignIn(ctx, identity.SignIn{Login: u.Login, Password: password, IP: "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			_, err = svc.StepUp(ctx, identity.StepUp{Cookie: session.Value, Password: "a wrong password", IP: "10.0.0.1"})
			wantCode(t, err, models.CodeInvalid)
		}
		_, err = svc.StepUp(ctx, identity.StepUp{Cookie: session.Value, Password: password, IP: "10.0.0.1"})
		wantCode(t, err, models.CodeTooMany)
		_, err = svc.SignIn(ctx, identity.SignIn{Login: u.Login, Password: password, IP: "10.0.0.1"})
		wantCode(t, err, models.CodeTooMany)
		clock.Advance(time.Minute)
		if _, err = svc.StepUp(ctx, identity.StepUp{Cookie: session.Value, Password: password, IP: "10.0.0.1"}); err != nil {
			t.Errorf("the right password after the wait: %v", err)
		}
		if err := svc.SignOut(ctx, session.Value); err != nil {
			t.Fatal(err)
		}
		_, err = svc.StepUp(ctx, identity.StepUp{Cookie: session.Value, Password: password, IP: "10.0.0.1"})
		wantCode(t, err, models.CodeUnauthenticated)
	})
}
