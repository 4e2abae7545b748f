package gate

import (
	"context"
	"encoding/json"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// Explanation replays a past answer from its stored facts and compares it with
// what the gate would say now.
type Explanation struct {
	Record        Record
	Replayed      models.Outcome // from the stored facts; equals the answer unless the rules changed since
	DecisionToday models.Outcome
	RulesToday    string // version of the rules now
	Rules         []RuleExplanation
}

// RuleExplanation is one rule, what it read then, and how it goes now.
type RuleExplanation struct {
	models.RuleResult
	Today      models.RuleOutcome
	ReadsToday string
}

// Explanation explains a past answer. The power that its own permit holds does
// not count against it today.
func (s *Service) Explanation(ctx context.Context, actor models.Actor, id string) (Explanation, error) {
	var out Explanation
	if err := s.settle(ctx); err != nil {
		return out, err
	}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		record, err := s.recordFor(tx, actor, models.ActGateRead, id)
		if err != nil {
			return err
		}
		row, err := tx.GateCheck(id)
		if err != nil {
			return err
		}
		var facts models.Facts
		if digestOf([]byte(row.Facts)) != record.Answer.FactsDigest {
			return fmt.Errorf("the stored facts of check %s do not have the digest of the answer", id)
		}
		if err := json.Unmarshal([]byte(row.Facts), &facts); err != nil {
			return fmt.Errorf("read the stored facts %s: %w", id, err)
		}
		seen, err := freshnessOf(tx)
		if err != nil {
			return err
		}
		seen.revision = facts.Revision
		today, err := factLoader{tx: tx, except: id, seen: seen}.load(record.Utility, record.Request)
		if err != nil {
			return fmt.Errorf("facts of today: %w", err)
		}
		then := models.Decide(facts, record.Request, record.Answer.DecidedAt, s.parameters(record.Answer.DecidedAt))
		now := models.Decide(today, record.Request, tx.Now, s.parameters(tx.Now))
		out = Explanation{Record: record, Replayed: then.Outcome, DecisionToday: now.Outcome, RulesToday: now.RulesVersion}
		for i, r := range then.Trace {
			out.Rules = append(out.Rules, RuleExplanation{RuleResult: r, Today: now.Trace[i].Result, ReadsToday: now.Trace[i].Reads})
		}
		return nil
	})
	return out, err
}
