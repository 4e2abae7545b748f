package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const (
	approvalFeeders = 50
	perFeeder       = 4         // applications for each feeder
	feederLimit     = 1_000_000 // carries two of them
	askedPower      = 400_000
	approvers       = 64
)

// approvalWorld makes feeders and, on each, drafted grants that do not all fit, and
// gives the ids of the applications.
func approvalWorld(t *testing.T, s *store.Store) []string {
	t.Helper()
	ctx := t.Context()
	if _, err := licensing.New(s).Seed(ctx); err != nil {
		t.Fatal(err)
	}
	var ids []string
	err := s.Update(ctx, func(tx *store.Tx) error {
		ids = nil
		for _, err := range []error{
			tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1}),
			tx.InsertSubstation(models.Substation{ID: "s", Code: "S", Utility: "u", VoltKV: 110, Limit: 1e12, Version: 1}),
			tx.InsertParty(models.Party{ID: "p", BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameKk: "А", NameRu: "А", Size: models.SizeLarge,
				Resident: true, Kato: "551010000", State: models.PartyActive, Version: 1}),
		} {
			if err != nil {
				return err
			}
		}
		for f := range approvalFeeders {
			feeder := fmt.Sprintf("F%02d", f)
			if err := tx.InsertFeeder(models.Feeder{ID: feeder, Code: feeder, Substation: "s", Utility: "u", VoltKV: 10, Limit: feederLimit, Version: 1}); err != nil {
				return err
			}
			for n := range perFeeder {
				id, err := draftedGrant(tx, feeder, fmt.Sprintf("%s-CP%d", feeder, n))
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func draftedGrant(tx *store.Tx, feeder, point string) (string, error) {
	err := tx.InsertConnectionPoint(models.ConnectionPoint{ID: point, Code: point, Feeder: feeder, Utility: "u", State: models.ConnectionPlanned,
		Permitted: askedPower, Act: "A", Version: 1})
	if err != nil {
		return "", err
	}
	site := models.Site{ID: tx.NewID(), Code: "S-" + point, Owner: "p", NameRu: "ЦОД", Address: "x", Kato: "551010000", Region: "55", GridZone: "north",
		HostCapacity: askedPower, ConnectionCode: []string{point}, Version: 1}
	if err := tx.InsertSite(site); err != nil {
		return "", err
	}
	at := tx.Now
	a := models.Application{ID: tx.NewID(), Number: "A-" + point, Kind: models.ApplicationIssue, SubType: models.SubTypeI, State: models.ApplicationDrafted,
		Applicant: "p", ApplicantBin: "210440038887", Language: "kk", SupplyBasis: "auction", Declared: askedPower, Documents: models.DocumentsPaper,
		Sites:     []models.ApplicationSite{{Site: site.ID, SiteCode: site.Code, ConnectionPoints: []string{point}, Approved: askedPower}},
		Equipment: []models.DeclaredEquipment{{Manufacturer: "B", Model: "S", Units: 1, Nameplate: 3500}}, FeePaid: 865_000_000, FeeDocument: "PP",
		SubmittedAt: at, RegisteredAt: at, CompleteAt: at, Clock: models.Clock{Started: at}, FiledBy: "clerk",
		Pinned:   models.Pinned{Date: models.LegalDate(at), Days: 15, Fee: models.FilingFee{Due: 865_000_000}},
		Decision: &models.Decision{Outcome: models.OutcomeGrant, Drafter: "officer", DraftedAt: at}, Version: 5, Created: at, Updated: at}
	return a.ID, tx.InsertApplication(a)
}

// approveAll signs everything by so many people at once, and gives how many were
// signed and refused, and how many feeders carry more than they can.
func approveAll(t *testing.T, s *store.Store, ids []string) (granted, refused, exceeded int) {
	t.Helper()
	service := licensing.New(s)
	head := models.Actor{ID: "head", Kind: "person", Roles: []models.Role{models.RoleHead}}
	var mu sync.Mutex
	var group sync.WaitGroup
	work := make(chan string)
	for range approvers {
		group.Go(func() {
			for id := range work {
				_, err := service.Sign(context.Background(), head, id, licensing.AnyVersion)
				mu.Lock()
				switch {
				case err == nil:
					granted++
				case models.CodeOf(err) == models.CodeConflict:
					refused++
				default:
					t.Errorf("a signature failed: %v", err)
				}
				mu.Unlock()
			}
		})
	}
	for n := range perFeeder { // neighbours on one feeder come from different people
		for f := range approvalFeeders {
			work <- ids[f*perFeeder+n]
		}
	}
	close(work)
	group.Wait()
	sums, err := s.Approvals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range sums {
		if sum > feederLimit {
			exceeded++
		}
	}
	return granted, refused, exceeded
}

func TestApprovals_64PeopleAt50FeedersNeverExceedALimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ids := approvalWorld(t, s)
		begun := time.Now()
		granted, refused, exceeded := approveAll(t, s, ids)
		t.Logf("%d granted, %d refused in %s", granted, refused, time.Since(begun).Round(time.Millisecond))
		if fit := approvalFeeders * (feederLimit / askedPower); granted != fit || refused != len(ids)-fit || exceeded != 0 {
			t.Errorf("%d granted, %d refused, %d feeders exceeded; want %d, %d and none", granted, refused, exceeded, fit, len(ids)-fit)
		}
	})
}

// The control: the same without turn, locks and serializable transactions lets at
// least one feeder be promised twice.
func TestApprovals_WithoutTheLockALimitIsExceeded(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Postgres(t, clock.Now)
	ids := approvalWorld(t, s)
	// Neighbours at the same time: each feeder's applications one after another.
	granted, _, exceeded := approveAll(t, s.Unguarded(), byFeeder(ids))
	t.Logf("%d granted, %d feeders exceeded", granted, exceeded)
	if exceeded == 0 {
		t.Error("no feeder was exceeded without the lock: this test proves nothing about the lock")
	}
}

// byFeeder orders the applications so that those of one feeder are signed together.
func byFeeder(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids { // approveAll takes index f*perFeeder+n for n outside, f inside
		n, f := i/approvalFeeders, i%approvalFeeders
		out[f*perFeeder+n] = id
	}
	return out
}
