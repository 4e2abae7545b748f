package licensing

import (
	"context"
	"fmt"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// Assign makes somebody who works as an officer the officer in charge; "" is the
// actor.
func (s *Service) Assign(ctx context.Context, actor models.Actor, id string, version int64, officer string) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationReview, "application.assigned", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			who, err := officerOf(tx, actor, officer)
			if err != nil {
				return a, nil, err
			}
			a, err = assigned(tx, a, who, actor)
			return a, map[string]any{"officer": who.ID}, err
		}})
}

// officerOf gives somebody who works as an officer as an actor; "" is the actor.
func officerOf(tx *store.Tx, actor models.Actor, officer string) (models.Actor, error) {
	who := actor
	if officer != "" && officer != actor.ID {
		user, err := tx.User(officer)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return who, err
		}
		if who = user.Actor(); err != nil || !user.Disabled.IsZero() {
			who = models.Actor{}
		}
	}
	if !who.Is(models.RoleOfficer) {
		var v models.Invalid
		v.Add("/officer", "role", "Only somebody who works as an officer can be in charge.")
		return who, v.Err()
	}
	return who, nil
}

// assigned puts an officer in charge, unless a conflict of interest forbids it.
func assigned(tx *store.Tx, a models.Application, who, actor models.Actor) (models.Application, error) {
	if err := unbiased(tx, a, who); err != nil {
		var v models.Invalid
		v.Add("/officer", "conflict_of_interest", "This person has a conflict of interest with %s.", a.Number)
		if models.CodeOf(err) == models.CodeForbidden {
			err = v.Err()
		}
		return a, err
	}
	return a.Assign(who.ID, actor, tx.Now)
}

const maxBulk = 200

// AssignAll makes somebody the officer in charge of many applications, by id: all
// of them or, when one refuses, none. Each refusal comes back at its place in the
// list: /ids/3.
func (s *Service) AssignAll(ctx context.Context, actor models.Actor, ids []string, officer string) (out []models.Application, err error) {
	err = s.update(ctx, actor, models.ActApplicationReview, func(tx *store.Tx) error {
		out = nil
		var v models.Invalid
		if len(ids) == 0 || len(ids) > maxBulk {
			v.Add("/ids", "range", "Name 1 to %d applications.", maxBulk)
			return v.Err()
		}
		who, err := officerOf(tx, actor, officer)
		if err != nil {
			return err
		}
		for i, id := range ids {
			pointer := fmt.Sprintf("/ids/%d", i)
			if slices.Contains(ids[:i], id) {
				v.Add(pointer, "duplicate", "This application stands in the list before.")
				continue
			}
			a, err := s.assignOne(tx, actor, id, who)
			if code, refused := refusalCodes[models.CodeOf(err)]; refused {
				v.Add(pointer, code, "%s", err.Error())
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, a)
		}
		return v.Err()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// refusalCodes name why one of many was refused.
var refusalCodes = map[models.Code]string{models.CodeNotFound: "unknown", models.CodeConflict: "state",
	models.CodeInvalid: "conflict_of_interest", models.CodeForbidden: "conflict_of_interest"}

func (s *Service) assignOne(tx *store.Tx, actor models.Actor, id string, who models.Actor) (models.Application, error) {
	a, err := tx.Application(id)
	if err != nil {
		return a, err
	}
	if err := unbiased(tx, a, actor); err != nil {
		return a, err
	}
	n, err := assigned(tx, a, who, actor)
	if err != nil {
		return a, err
	}
	if err := tx.UpdateApplication(n); err != nil {
		return a, err
	}
	return n, applicationFact(tx, actor, "application.assigned", n, map[string]any{"officer": who.ID, "together": true})
}

// Staff lists the people who work here and are not disabled, by name, each with the
// number of applications under way that they are in charge of.
func (s *Service) Staff(ctx context.Context, actor models.Actor) (out []store.Colleague, err error) {
	err = s.view(ctx, actor, models.ActStaffRead, func(tx *store.Tx) error {
		out, err = tx.Staff()
		return err
	})
	return out, err
}
