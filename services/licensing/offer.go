package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Offer is one kind of application for one sub-type on one legal date: what it costs
// and how long the decision takes, before anybody has begun it.
type Offer struct {
	Kind      models.ApplicationKind
	SubType   models.SubType
	Fee       models.FilingFee
	Days      int // working days from registration to the decision
	DaysRef   string
	MovedDays int  // the same when the holder is reorganised; 0 as Days
	NeedsBase bool // it is about a license that is there
}

// Offers gives every kind and sub-type on the legal date of an instant; the zero
// instant is now. The law is public: anybody may read it.
func (s *Service) Offers(ctx context.Context, at time.Time) (out []Offer, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		date := dateOf(tx, at)
		for _, kind := range models.ApplicationKinds() {
			for _, sub := range []models.SubType{models.SubTypeI, models.SubTypeII} {
				o, err := offerOn(tx, kind, sub, date)
				if err != nil {
					return err
				}
				out = append(out, o)
			}
		}
		return nil
	})
	return out, err
}

func offerOn(tx *store.Tx, kind models.ApplicationKind, sub models.SubType, date string) (Offer, error) {
	rule, _ := models.RuleOf(kind)
	o := Offer{Kind: kind, SubType: sub, NeedsBase: rule.Base != nil}
	days, err := tx.LegalValue(rule.Days, date)
	if err != nil {
		return o, err
	}
	o.Days, o.DaysRef = int(days.Value), days.LegalRef
	if rule.DaysMoved != "" {
		moved, err := tx.LegalValue(rule.DaysMoved, date)
		if err != nil {
			return o, err
		}
		o.MovedDays = int(moved.Value)
	}
	o.Fee, _, err = feeOn(tx, models.Application{Kind: kind, SubType: sub}, date)
	return o, err
}
