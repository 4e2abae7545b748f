package detection

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"rigistry/models"
	"rigistry/services/store"
)

// Service follows the ledger, raises findings and lets officers work with them.
type Service struct {
	store  *store.Store
	now    func() time.Time
	logger *slog.Logger
	id     string // of this process, for the lease
	// streams are what Run holds in memory, by substation; its one goroutine owns them.
	streams map[string]running
}

// New makes the service; it starts nothing.
func New(s *store.Store, now func() time.Time, logger *slog.Logger) *Service {
	return &Service{store: s, now: now, logger: logger, id: uuid.NewString(), streams: map[string]running{}}
}

// Filter narrows a list of findings; "" does not narrow.
type Filter = store.FindingFilter

// Findings lists findings, the newest first.
func (s *Service) Findings(ctx context.Context, actor models.Actor, f Filter, page store.Page) (out []models.Finding, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		f.NoInsiders = !models.SeesInsiders(actor)
		out, err = tx.Findings(f, page)
		return err
	})
	return out, err
}

// Finding gives one finding.
func (s *Service) Finding(ctx context.Context, actor models.Actor, id string) (f models.Finding, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return f, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if f, err = tx.Finding(id); err == nil && f.Rule.Insider() && !models.SeesInsiders(actor) {
			f, err = models.Finding{}, models.NotFound("finding", id)
		}
		return err
	})
	return f, err
}

// Acknowledge says that an officer works on an open finding.
func (s *Service) Acknowledge(ctx context.Context, actor models.Actor, id, reason string) (models.Finding, error) {
	return s.triage(ctx, actor, id, reason, models.FindingAcknowledged, "finding.acknowledged")
}

// Dismiss puts a finding to rest, with a reason. It is opened again when the cause
// grows by a tenth or lasts half a year.
func (s *Service) Dismiss(ctx context.Context, actor models.Actor, id, reason string) (models.Finding, error) {
	return s.triage(ctx, actor, id, reason, models.FindingDismissed, "finding.dismissed")
}

// Reopen takes back an acknowledgement or a dismissal, with a reason.
func (s *Service) Reopen(ctx context.Context, actor models.Actor, id, reason string) (models.Finding, error) {
	return s.triage(ctx, actor, id, reason, models.FindingOpen, "finding.reopened")
}

// from says out of which states a finding gets to a state.
var from = map[models.FindingState][]models.FindingState{
	models.FindingAcknowledged: {models.FindingOpen},
	models.FindingDismissed:    {models.FindingOpen, models.FindingAcknowledged},
	models.FindingOpen:         {models.FindingAcknowledged, models.FindingDismissed, models.FindingClosed},
}

func (s *Service) triage(ctx context.Context, actor models.Actor, id, reason string, to models.FindingState, kind string) (f models.Finding, err error) {
	if err := models.Can(actor, models.ActFindingTriage, models.Scope{}); err != nil {
		return f, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		var bad models.Invalid
		bad.Add("/reason", "required", "Say why; the reason is kept in the ledger.")
		return f, bad.Err()
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if f, err = tx.Finding(id); err != nil {
			return err
		}
		if f.Rule.Insider() && !models.SeesInsiders(actor) {
			return models.NotFound("finding", id)
		}
		allowed := false
		for _, state := range from[to] {
			allowed = allowed || f.State == state
		}
		if !allowed {
			return models.Errorf(models.CodeConflict, "The finding is %s and cannot become %s. Load it again.", f.State, to)
		}
		f.State, f.Reason, f.Updated = to, reason, tx.Now
		if err := tx.UpdateFinding(f); err != nil {
			return err
		}
		f.Version++
		return appendFinding(tx, actor, kind, "", f)
	})
	return f, err
}
