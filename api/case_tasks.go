package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

func (s *Server) caseTaskRoutes() []route {
	const tag = "Cases"
	return []route{
		handle("GET", "/v1/case-task-kinds", models.ActCaseRead, tag, "The steps that cases have today, with the working days that each usually has", s.listCaseTaskKinds),
		handle("POST", "/v1/cases/{id}/tasks", models.ActCaseWrite, tag, "Ask somebody to do something in a case, within so many working days", s.postCaseTask).with(http.StatusCreated),
		handle("GET", "/v1/case-tasks/{id}", models.ActCaseRead, tag, "A task of a case", s.getCaseTask),
		handle("POST", "/v1/case-tasks/{id}/completion", models.ActCaseWrite, tag, "Say that a task is done, and what was done: who has it, who leads the case, or a head", s.postCaseTaskCompletion),
		handle("POST", "/v1/case-tasks/{id}/cancellation", models.ActCaseWrite, tag, "End a task that is not done, with the reason", s.postCaseTaskCancellation),
		handle("POST", "/v1/case-tasks/{id}/assignment", models.ActCaseWrite, tag, "Pass a task on to somebody who may know of the case", s.postCaseTaskAssignment),
	}
}

// CaseTaskKindWire is a step that cases have.
type CaseTaskKindWire struct {
	Code        string   `json:"code"`
	Text        TextWire `json:"text"`
	WorkingDays int64    `json:"working_days" doc:"Usual time"`
	LegalRef    string   `json:"legal_ref"`
	Grade       string   `json:"grade" enum:"S,R"`
}

func (s *Server) listCaseTaskKinds(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[CaseTaskKindWire], error) {
	kinds, err := s.svc.Enforcement.CaseTaskKinds(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(kinds, "", func(k models.CaseTaskKind) CaseTaskKindWire {
		return CaseTaskKindWire{Code: k.Code, Text: textWire(k.Text), WorkingDays: k.Days, LegalRef: k.LegalRef, Grade: k.Grade}
	}), nil
}

// CaseTaskWire is one thing that somebody has to do in a case by a legal date.
type CaseTaskWire struct {
	ID           string     `json:"id"`
	Case         string     `json:"case" doc:"Number of the case"`
	Kind         string     `json:"kind,omitempty" doc:"Code of the step, absent for a title of its own"`
	Title        TextWire   `json:"title" doc:"What is to be done: the words of the step, or the title as it was typed"`
	Assignee     string     `json:"assignee" doc:"User id"`
	AssigneeName string     `json:"assignee_name,omitempty"`
	Due          string     `json:"due" doc:"Legal date (Asia/Almaty): the last day"`
	WorkingDays  int64      `json:"working_days" doc:"How many it was given"`
	DaysLeft     int        `json:"working_days_left" doc:"Working days until it is due, below 0 when overdue; 0 once it has ended"`
	State        string     `json:"state" enum:"open,done,cancelled"`
	Outcome      string     `json:"outcome,omitempty" doc:"What was done, or why it was not; case_ended when the case ended first"`
	OpenedByName string     `json:"opened_by_name,omitempty"`
	OpenedAt     time.Time  `json:"opened_at"`
	ClosedByName string     `json:"closed_by_name,omitempty"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
	Allowed      []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: complete cancel assign"`
	Version      int64      `json:"version"`
}

func caseTaskWire(t enforcement.CaseTask) CaseTaskWire {
	w := CaseTaskWire{ID: t.Task.ID, Case: t.CaseNumber, Kind: t.Kind, Title: textWire(t.Text), Assignee: t.Task.Assignee, AssigneeName: t.People[t.Task.Assignee],
		Due: t.Task.Due, WorkingDays: t.Days, State: string(t.Task.State), Outcome: t.Task.Outcome, OpenedByName: t.People[t.OpenedBy], OpenedAt: t.Task.Created,
		ClosedByName: t.People[t.Task.ClosedBy], ClosedAt: optionalTime(t.Task.Closed), Allowed: t.Allowed, Version: t.Task.Version}
	if t.Task.State == models.TaskOpen {
		w.DaysLeft = t.Left
	}
	return w
}

func caseTaskOutput(t enforcement.CaseTask, err error) (*output[CaseTaskWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[CaseTaskWire]{ETag: etag(t.Task.Version), Body: caseTaskWire(t)}, nil
}

// CaseTaskInput asks for something to be done: a step by its code, or a title of its own.
type CaseTaskInput struct {
	Kind        string `json:"kind,omitempty" maxLength:"64" doc:"Code of a step of /v1/case-task-kinds"`
	Title       string `json:"title,omitempty" maxLength:"200" doc:"In place of a step; stays out of the ledger"`
	WorkingDays int64  `json:"working_days,omitempty" minimum:"0" maximum:"250" doc:"Absent for those of the step"`
	Assignee    string `json:"assignee,omitempty" maxLength:"64" doc:"User id; absent for the caller"`
}

type caseTaskPost struct {
	ByID
	Idempotent
	Body CaseTaskInput
}

func (s *Server) postCaseTask(ctx context.Context, actor models.Actor, in *caseTaskPost) (*created[CaseTaskWire], error) {
	asked := models.CaseTaskAsked{Kind: in.Body.Kind, Title: in.Body.Title, Days: in.Body.WorkingDays, Assignee: in.Body.Assignee}
	if asked.Assignee == "" {
		asked.Assignee = actor.ID
	}
	t, err := s.svc.Enforcement.OpenTask(ctx, actor, in.ID, asked)
	if err != nil {
		return nil, err
	}
	return &created[CaseTaskWire]{Location: "/v1/case-tasks/" + t.Task.ID, ETag: etag(t.Task.Version), Body: caseTaskWire(t)}, nil
}

func (s *Server) getCaseTask(ctx context.Context, actor models.Actor, in *ByID) (*output[CaseTaskWire], error) {
	return caseTaskOutput(s.svc.Enforcement.Task(ctx, actor, in.ID))
}

type caseTaskCompletion struct {
	CaseChange
	Body TaskCompletion
}

func (s *Server) postCaseTaskCompletion(ctx context.Context, actor models.Actor, in *caseTaskCompletion) (*output[CaseTaskWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return caseTaskOutput(s.svc.Enforcement.CompleteTask(ctx, actor, in.ID, in.Body.Outcome, version))
}

func (s *Server) postCaseTaskCancellation(ctx context.Context, actor models.Actor, in *caseReason) (*output[CaseTaskWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return caseTaskOutput(s.svc.Enforcement.CancelTask(ctx, actor, in.ID, in.Body.Reason, version))
}

type caseTaskAssignment struct {
	CaseChange
	Body CaseTaskAssignmentInput
}

// CaseTaskAssignmentInput names who is to do a task of a case.
type CaseTaskAssignmentInput struct {
	Assignee string `json:"assignee" maxLength:"64" doc:"User id"`
}

func (s *Server) postCaseTaskAssignment(ctx context.Context, actor models.Actor, in *caseTaskAssignment) (*output[CaseTaskWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return caseTaskOutput(s.svc.Enforcement.AssignTask(ctx, actor, in.ID, in.Body.Assignee, version))
}
