package enforcement

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"

	"rigistry/models"
	"rigistry/services/store"
)

// Service is the enforcement side of the registry. It is safe for concurrent use.
type Service struct {
	store    *store.Store
	evidence string                                  // folder of the originals, "" while none is kept
	put      func(f io.Writer, content []byte) error // writes the bytes of an original
}

// New makes the service on a store whose schema is up to date.
func New(s *store.Store) *Service { return &Service{store: s, put: putAll} }

func putAll(f io.Writer, content []byte) error {
	_, err := f.Write(content)
	return err
}

// Matter is a case with what it is about and what was done in it.
type Matter struct {
	Case     models.Case
	Subjects []models.CaseSubject
	Acts     []models.CaseAct
	Seized   []models.SeizedRig
	Found    []string      // serial numbers that were taken on visits and that no record of seizure names yet
	Tasks    []CaseTask    // the first due first
	Related  []models.Case // other cases about one of the same things that the reader may see
	Links    []CaseLink    // where and whose what it is about is
	Near     []models.Case // other cases of the same premises, owner or user that the reader may see
	People   map[string]string
}

// The dated numbers of cases.
const (
	valueLeadDays    = "case_lead_days"
	valueStepDays    = "case_step_days"
	valueLookKW      = "case_second_look_kw"
	valueLookPercent = "case_second_look_percent"
)

const maxRelated = 20

// fact appends an entry about a case. Utilities and applicants see none of it.
func fact(tx *store.Tx, actor models.Actor, kind string, c models.Case, body map[string]any) error {
	body["number"], body["state"] = c.Number, c.State
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "case", ID: c.ID}, SubjectVersion: c.Version, Actor: actor, Body: body})
	return err
}

// sealed gives the salted digest of words and numbers that stay out of the ledger.
func sealed(salt string, of any) (string, error) {
	b, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("digest of a case: %w", err)
	}
	sum := sha256.Sum256(append([]byte(salt), b...))
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// workingDays gives the last day of so many working days from now on.
func workingDays(tx *store.Tx, code string) (string, error) {
	today := models.LegalDate(tx.Now)
	days, err := tx.LegalValue(code, today)
	if err != nil {
		return "", err
	}
	cal, err := calendar(tx)
	if err != nil {
		return "", err
	}
	return cal.AddWorkingDays(today, int(days.Value)), nil
}

// secondLook gives the rule for dismissals of today.
func secondLook(tx *store.Tx) (rule models.SecondLook, err error) {
	today := models.LegalDate(tx.Now)
	kw, err := tx.LegalValue(valueLookKW, today)
	if err != nil {
		return rule, err
	}
	percent, err := tx.LegalValue(valueLookPercent, today)
	return models.SecondLook{From: models.Watts(kw.Value * 1000), Percent: percent.Value}, err
}

// lot draws a number from 0 to 99 that nobody knows before.
func lot() (int64, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(100))
	if err != nil {
		return 0, fmt.Errorf("draw the lot of a dismissal: %w", err)
	}
	return n.Int64(), nil
}

// load finds a case that the actor may know of; what it may not is not there.
func load(tx *store.Tx, actor models.Actor, id string) (models.Case, error) {
	c, err := tx.Case(id)
	if err == nil && !c.Sees(actor) {
		return models.Case{}, models.NotFound("case", id)
	}
	return c, err
}

// Case gives a case by id or number, with everything about it. Reading a restricted
// one leaves a fact.
func (s *Service) Case(ctx context.Context, actor models.Actor, id string) (out Matter, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if out.Case, err = load(tx, actor, id); err != nil {
			return err
		}
		out, err = matter(tx, actor, out.Case)
		return err
	})
	if err != nil || !out.Case.Restricted || store.MomentOf(ctx).Past() {
		return out, err
	}
	return out, s.store.Update(ctx, func(tx *store.Tx) error { return fact(tx, actor, "case.viewed", out.Case, map[string]any{}) })
}

func matter(tx *store.Tx, actor models.Actor, c models.Case) (out Matter, err error) {
	out.Case = c
	if out.Subjects, err = tx.CaseSubjects(c.ID); err != nil {
		return out, err
	}
	if out.Acts, err = tx.CaseActs(c.ID); err != nil {
		return out, err
	}
	if out.Seized, err = tx.SeizedRigs(c.ID); err != nil {
		return out, err
	}
	if out.Found, err = foundOnVisits(tx, c, out.Seized); err != nil {
		return out, err
	}
	tasks, err := tx.CaseTasks(c.ID)
	if err != nil {
		return out, err
	}
	if out.Tasks, err = tasksOf(tx, actor, c, tasks); err != nil {
		return out, err
	}
	if err := out.meet(tx, actor); err != nil {
		return out, err
	}
	ids := append([]string{c.Lead, c.OpenedBy, c.DraftedBy}, c.Members...)
	for _, a := range out.Acts {
		ids = append(ids, a.By)
	}
	out.People, err = namesOf(tx, ids)
	return out, err
}

// Cases lists the cases that the actor may know of, the newest first.
func (s *Service) Cases(ctx context.Context, actor models.Actor, f store.CaseFilter, page store.Page) (out []models.Case, people map[string]string, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return nil, nil, err
	}
	f.Seen = actor.ID
	if actor.Is(models.RoleHead) || actor.Is(models.RoleSystem) {
		f.Seen = ""
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if out, err = tx.Cases(f, page); err != nil {
			return err
		}
		ids := make([]string, 0, len(out))
		for _, c := range out {
			ids = append(ids, c.Lead)
		}
		people, err = namesOf(tx, ids)
		return err
	})
	return out, people, err
}

// namesOf gives the names of people by user id.
func namesOf(tx *store.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if _, known := names[id]; known || id == "" {
			continue
		}
		u, err := tx.User(id)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, err
		}
		names[id] = u.Name
	}
	return names, nil
}
