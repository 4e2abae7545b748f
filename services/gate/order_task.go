package gate

import (
	"rigistry/models"
	"rigistry/services/store"
)

// openOrderTask gives the registry something to do about an order by the end of the
// day, once a day.
func openOrderTask(tx *store.Tx, kind models.TaskKind, role models.Role, o models.DisconnectionOrder, reason string) error {
	t := models.Task{ID: tx.NewID(), Kind: kind, Subject: models.Ref{Kind: "disconnection_order", ID: o.ID}, License: o.License,
		Due: models.LegalDate(tx.Now), Role: role, Reason: reason}
	open, err := tx.Tasks(store.TaskFilter{State: string(models.TaskOpen), Kind: string(kind), Subject: t.Subject}, store.Page{Limit: 1})
	if err != nil || len(open) > 0 {
		return err // somebody has it already
	}
	inserted, err := tx.InsertTask(t)
	if err != nil || !inserted {
		return err
	}
	_, err = tx.Append(models.Entry{Kind: "task.opened", Subject: models.Ref{Kind: "task", ID: t.ID}, SubjectVersion: 1, Actor: models.System(),
		Body: map[string]any{"kind": t.Kind, "subject_kind": t.Subject.Kind, "subject": t.Subject.ID, "license": t.License, "due": t.Due, "role": t.Role}})
	return err
}

// settleOrderTasks ends the open tasks of the kinds about an order, of all kinds when
// none is given, because what they asked for was done.
func settleOrderTasks(tx *store.Tx, actor models.Actor, order, outcome string, kinds ...models.TaskKind) error {
	open, err := tx.Tasks(store.TaskFilter{State: string(models.TaskOpen), Subject: models.Ref{Kind: "disconnection_order", ID: order}}, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, t := range open {
		if len(kinds) > 0 && t.Kind != kinds[0] {
			continue
		}
		t = t.Settle(models.TaskDone, outcome, actor, tx.Now)
		if err := tx.CloseTask(t); err != nil {
			return err
		}
		_, err := tx.Append(models.Entry{Kind: "task.closed", Subject: models.Ref{Kind: "task", ID: t.ID}, SubjectVersion: t.Version, Actor: actor,
			Body: map[string]any{"kind": t.Kind, "state": t.State, "subject_kind": t.Subject.Kind, "subject": t.Subject.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}
