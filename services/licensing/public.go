package licensing

import (
	"context"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// PublicLicense is what anybody may see of a license: no personal data. A holder
// who is a person has neither name nor number here.
type PublicLicense struct {
	Number       string
	Version      int64
	SubType      models.SubType
	State        models.LicenseState
	HolderKind   models.PartyKind
	HolderNameKk string
	HolderNameRu string
	HolderBin    string
	Approved     models.Watts
	Regions      []string // two digits of KATO each
	FirstIssued  string   // legal date
	Issued       string   // legal date
	ValidUntil   time.Time
	// SuspendedUntil is the end of the term of the suspension it is under, zero
	// otherwise.
	SuspendedUntil time.Time
	Verification   string
	CheckedAt      time.Time
}

// Public gives a license by its number or by the code of its public page. It
// needs no sign-in.
func (s *Service) Public(ctx context.Context, key string) (out PublicLicense, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		l, err := tx.License(models.NormalizeIdentifier(key), tx.Now)
		if models.CodeOf(err) == models.CodeNotFound {
			l, err = tx.LicenseByVerification(normalizeCode(key))
		}
		if err != nil {
			return err
		}
		out, err = public(tx, l, tx.Now)
		return err
	})
	return out, err
}

// PublicFilter narrows the public register; "" does not narrow.
type PublicFilter struct {
	Query  string
	State  string // active, suspended, revoked, expired, terminated
	Region string // two digits of KATO
}

// PublicRegister lists the public register by part of a legal entity's name, the
// beginning of its BIN or of a license number, and gives the cursor of the next
// page. People are found by the license number only. It needs no sign-in.
func (s *Service) PublicRegister(ctx context.Context, f PublicFilter, page store.Page) (out []PublicLicense, cursor string, err error) {
	query := f.Query
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		found, err := tx.Licenses(store.LicenseFilter{Query: query, State: f.State, Region: f.Region}, page)
		if err != nil {
			return err
		}
		cursor = next(found, page, func(l models.License) string { return l.Number })
		number := models.NormalizeIdentifier(query)
		for _, l := range found {
			p, err := public(tx, l, tx.Now)
			if err != nil {
				return err
			}
			if p.HolderBin == "" && strings.TrimSpace(query) != "" && !strings.HasPrefix(l.Number, number) {
				continue // found by the name of a person, which is not public
			}
			out = append(out, p)
		}
		return nil
	})
	return out, cursor, err
}

func public(tx *store.Tx, l models.License, at time.Time) (PublicLicense, error) {
	holder, err := tx.Party(l.Holder)
	if err != nil {
		return PublicLicense{}, err
	}
	p := PublicLicense{Number: l.Number, Version: l.Version, SubType: l.SubType, State: l.StateAt(at), HolderKind: holder.Kind,
		Approved: l.Approved, FirstIssued: l.FirstIssued, Issued: l.Issued, ValidUntil: l.ValidUntil, Verification: l.Verification, CheckedAt: at}
	if p.State == models.LicenseSuspended && l.Suspension != nil {
		p.SuspendedUntil = l.Suspension.Until
	}
	if !holder.NaturalPerson() {
		p.HolderNameKk, p.HolderNameRu, p.HolderBin = holder.NameKk, holder.NameRu, l.HolderBin
	}
	keys := make([]string, 0, len(l.Sites))
	for _, s := range l.Sites {
		keys = append(keys, s.Site)
	}
	sites, err := tx.SitesByKey(keys)
	for _, s := range sites {
		p.Regions = append(p.Regions, s.Region)
	}
	slices.Sort(p.Regions)
	p.Regions = slices.Compact(p.Regions)
	return p, err
}
