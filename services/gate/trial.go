package gate

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Trials is the test mode: fixed connection points with fixed answers, for the
// systems of utilities that are not ready yet. It reads and writes nothing that is
// live, and its permits carry another type and another key, so that none verifies.
type Trials struct {
	store *store.Store
	key   ed25519.PrivateKey
	texts Texts
}

// NewTrials makes the test mode of a store; key signs trial permits.
func NewTrials(s *store.Store, key ed25519.PrivateKey, texts Texts) *Trials {
	return &Trials{store: s, key: key, texts: texts}
}

// TrialPermitType is the typ of the header of a trial permit.
const TrialPermitType = "gate-permit-test+jws"

// trialRules marks an answer of the test mode.
const trialRules = "test"

// trialMax is what the point that permits allows.
const trialMax models.Watts = 1000_000

// trialPoints are the connection points of the test mode and why each is refused;
// every other one is unknown.
var trialPoints = map[string][]models.ReasonCode{
	"TEST-PERMIT":   nil,
	"TEST-DENY":     {models.ReasonLicenseSuspended},
	"TEST-REFER":    {models.ReasonSuspectPremises},
	"TEST-STALE":    {models.ReasonRegistryStale},
	"TEST-CAPACITY": {models.ReasonCapacityExceeded},
	"TEST-MANY":     {models.ReasonLicenseExpired, models.ReasonSupplyContractMissing, models.ReasonMeterDataStale},
}

// TrialPermitted is the connection point of the test mode that is permitted.
const TrialPermitted = "TEST-PERMIT"

// Check answers as the gate would: once for each key of the client.
func (t *Trials) Check(ctx context.Context, actor models.Actor, key, lang string, rs []models.CheckRequest) ([]Answer, error) {
	if err := models.Can(actor, models.ActGateCheck, models.Scope{}); err != nil {
		return nil, err
	}
	items := make([]keyed, 0, len(rs))
	for i, r := range rs {
		item := keyed{key: key, request: r}
		if len(rs) > 1 {
			item.pointer = fmt.Sprintf("/checks/%d", i)
			if key != "" {
				item.key = fmt.Sprintf("%s#%d", key, i)
			}
		}
		items = append(items, item)
	}
	if err := prepare(items); err != nil {
		return nil, err
	}
	var out []Answer
	err := t.store.Update(ctx, func(tx *store.Tx) error {
		out = nil
		for _, item := range items {
			kept, found, err := tx.TrialCheckByKey(actor.ID, item.key)
			if err != nil {
				return err
			}
			if found && kept.BodyDigest != item.digest {
				return models.Errorf(models.CodeIdempotency, "This Idempotency-Key was used with another check. Make a new key.")
			}
			if found {
				a, err := parseAnswer(store.GateCheck{ID: kept.ID, Answer: kept.Answer})
				if err != nil {
					return err
				}
				out = append(out, a)
				continue
			}
			a, err := t.answer(tx.Now, actor, lang, item)
			if err != nil {
				return err
			}
			text, err := json.Marshal(a)
			if err != nil {
				return err
			}
			if err := tx.InsertTrialCheck(store.TrialCheck{ID: a.ID, Client: actor.ID, Key: item.key, BodyDigest: item.digest, Answer: string(text)}); err != nil {
				return err
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// answer is what the fixed points say. The same client, key and request give the
// same id, so a test of a client can name it.
func (t *Trials) answer(now time.Time, actor models.Actor, lang string, item keyed) (Answer, error) {
	sum := sha256.Sum256([]byte(actor.ID + "\x00" + item.key))
	r := item.request
	a := Answer{ID: "TEST-" + hex.EncodeToString(sum[:12]), Reference: r.Reference, Decision: models.OutcomePermit, Reasons: []ReasonText{}, Requested: r.Requested,
		License: r.License, ConnectionPoint: r.ConnectionPoint, DecidedAt: now, RulesVersion: trialRules, FactsDigest: item.digest}
	codes, known := trialPoints[r.ConnectionPoint]
	if !known {
		codes = []models.ReasonCode{models.ReasonCPUnknown}
	}
	if known && len(codes) == 0 && r.Requested > trialMax {
		codes = []models.ReasonCode{models.ReasonCapacityExceeded}
	}
	for _, row := range models.GateCodes() {
		for _, code := range codes {
			if row.Code != code {
				continue
			}
			text, cure := t.texts(lang, string(code))
			a.Reasons = append(a.Reasons, ReasonText{Code: code, Severity: row.Severity, Text: text, Cure: cure})
			if row.Severity == models.SeverityDeny {
				a.Decision = models.OutcomeDeny
			} else if a.Decision == models.OutcomePermit {
				a.Decision = models.OutcomeRefer
			}
		}
	}
	if a.Decision != models.OutcomePermit {
		return a, nil
	}
	a.Max, a.ValidUntil = r.Requested, now.Add(24*time.Hour)
	permit, err := signJWS(t.key, TrialPermitType, permitOf(a, actor.Utility, r.Event))
	a.Permit = permit
	return a, err
}

// Get gives an answer of the client.
func (t *Trials) Get(ctx context.Context, actor models.Actor, id string) (a Answer, confirmed string, err error) {
	err = t.store.View(ctx, func(tx *store.Tx) error {
		c, err := tx.TrialCheck(actor.ID, id)
		if err != nil {
			return err
		}
		confirmed = c.Confirmed
		a, err = parseAnswer(store.GateCheck{ID: c.ID, Answer: c.Answer})
		return err
	})
	return a, confirmed, err
}

// Confirm takes a confirmation as the gate would, and changes nothing but the trial.
func (t *Trials) Confirm(ctx context.Context, actor models.Actor, id string, c Confirmation) (Answer, error) {
	var a Answer
	text, err := json.Marshal(c)
	if err != nil {
		return a, err
	}
	err = t.store.Update(ctx, func(tx *store.Tx) error {
		kept, err := tx.TrialCheck(actor.ID, id)
		if err != nil {
			return err
		}
		if a, err = parseAnswer(store.GateCheck{ID: kept.ID, Answer: kept.Answer}); err != nil {
			return err
		}
		switch {
		case a.Decision != models.OutcomePermit:
			return models.Errorf(models.CodeConflict, "The answer was %s. Only a permit can be confirmed.", a.Decision)
		case kept.Confirmed == string(text):
			return nil
		case kept.Confirmed != "":
			return models.Errorf(models.CodeConflict, "This permit was confirmed before, with other details.")
		}
		held := store.Reservation{State: "held", Until: a.ValidUntil, Max: a.Max}
		if err := c.check(held, a, tx.Now); err != nil {
			return err
		}
		return tx.ConfirmTrialCheck(actor.ID, id, string(text))
	})
	return a, err
}

// IsTrial tells whether an id is of the test mode.
func IsTrial(id string) bool { return strings.HasPrefix(id, "TEST-") }
