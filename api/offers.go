package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

func (s *Server) offerRoutes() []route {
	return []route{
		handle("GET", "/v1/reference/application-services", models.ActPublicRead, "Reference", "What each kind of application costs and how long it takes, by sub-type", s.listOffers),
	}
}

// ApplicationServiceWire is one kind of application for one sub-type.
type ApplicationServiceWire struct {
	Kind             string        `json:"kind" enum:"issue,reissue,appendix_change,renewal,duplicate,termination"`
	SubType          string        `json:"sub_type" enum:"I,II"`
	Fee              FilingFeeWire `json:"fee"`
	TermWorkingDays  int           `json:"term_working_days" doc:"From registration to the decision"`
	MovedWorkingDays int           `json:"moved_working_days,omitempty" doc:"The same when the holder is reorganised, where that differs"`
	TermLegalRef     string        `json:"term_legal_ref,omitempty"`
	NeedsBase        bool          `json:"needs_base" doc:"It is about a license that is there"`
}

func offerWire(o licensing.Offer) ApplicationServiceWire {
	return ApplicationServiceWire{Kind: string(o.Kind), SubType: string(o.SubType), TermWorkingDays: o.Days, MovedWorkingDays: o.MovedDays, TermLegalRef: o.DaysRef, NeedsBase: o.NeedsBase,
		Fee: FilingFeeWire{DueKzt: float64(o.Fee.Due) / 100, MciUnits: float64(o.Fee.MilliMCI) / 1000, MciKzt: float64(o.Fee.MCI) / 100, LegalRef: o.Fee.LegalRef}}
}

func (s *Server) listOffers(ctx context.Context, _ models.Actor, _ *struct{}) (*listOutput[ApplicationServiceWire], error) {
	found, err := s.svc.Licensing.Offers(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	return listOf(found, "", offerWire), nil
}
