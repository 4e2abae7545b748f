package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) taskRoutes() []route {
	return []route{
		handle("GET", "/v1/tasks", models.ActTaskRead, "Tasks", "Things that somebody has to do, by due date; an applicant sees what its party has to do", s.listTasks),
		handle("GET", "/v1/tasks/counts", models.ActTaskRead, "Tasks", "Open tasks by urgency today", s.countTasks),
		handle("GET", "/v1/tasks/{id}", models.ActTaskRead, "Tasks", "One task", s.getTask),
		handle("POST", "/v1/tasks/{id}/completion", models.ActTaskWork, "Tasks", "Say that it is done, and what was done", s.postTaskCompletion),
		handle("POST", "/v1/tasks/{id}/assignment", models.ActTaskWork, "Tasks", "Give it to somebody who may do it, or back to everybody", s.postTaskAssignment),
	}
}

// TaskWire is one thing that somebody has to do by a legal date.
type TaskWire struct {
	ID           string     `json:"id"`
	Kind         string     `json:"kind" doc:"suspension_ends, obligation_due, obligation_acceptance, obligation_overdue, obligation_waiver, license_renewal, …"`
	SubjectKind  string     `json:"subject_kind"`
	SubjectID    string     `json:"subject_id"`
	License      string     `json:"license,omitempty" doc:"Number"`
	Party        string     `json:"party,omitempty" doc:"Id of the party concerned"`
	Due          string     `json:"due" doc:"Legal date (Asia/Almaty): the last day"`
	Role         string     `json:"role" doc:"Who may do it"`
	Assignee     string     `json:"assignee,omitempty"`
	AssigneeName string     `json:"assignee_name,omitempty"`
	State        string     `json:"state" enum:"open,done,cancelled"`
	Reason       string     `json:"reason,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
	ClosedByName string     `json:"closed_by_name,omitempty"`
	Outcome      string     `json:"outcome,omitempty"`
	Case         string     `json:"case,omitempty" doc:"Number of the case that the task belongs to; there it is ended"`
	Title        *TextWire  `json:"title,omitempty" doc:"What a task of a case asks for"`
	Allowed      []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: complete assign"`
	Version      int64      `json:"version"`
}

func taskWire(t licensing.TaskView) TaskWire {
	w := TaskWire{ID: t.ID, Kind: string(t.Kind), SubjectKind: t.Subject.Kind, SubjectID: t.Subject.ID, License: t.License, Party: t.Party,
		Due: t.Due, Role: string(t.Role), Assignee: t.Assignee, AssigneeName: t.AssigneeName, State: string(t.State), Reason: t.Reason,
		CreatedAt: t.Created, ClosedAt: optionalTime(t.Closed), ClosedByName: t.ClosedByName, Outcome: t.Outcome, Case: t.Case, Allowed: t.Allowed, Version: t.Version}
	if t.Case != "" {
		title := textWire(t.Title)
		w.Title = &title
	}
	return w
}

// TaskQuery narrows a list of tasks.
type TaskQuery struct {
	Mine      bool   `query:"mine" doc:"On the caller's desk: assigned to the caller, or to nobody and for one of its roles"`
	Kind      string `query:"kind" maxLength:"64"`
	License   string `query:"license" maxLength:"32" doc:"Number"`
	Role      string `query:"role" enum:"clerk,officer,head,inspector,applicant"`
	DueBefore string `query:"due_before" maxLength:"10" doc:"Legal date, not included"`
}

func (q TaskQuery) query() licensing.TaskQuery {
	return licensing.TaskQuery{Mine: q.Mine, TaskFilter: store.TaskFilter{Kind: q.Kind, License: q.License, Role: models.Role(q.Role), DueBefore: q.DueBefore}}
}

type tasksQuery struct {
	TaskQuery
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After string `query:"after" maxLength:"80" doc:"Cursor: the value of next from the page before"`
	State string `query:"state" enum:"open,done,cancelled"`
}

func (s *Server) listTasks(ctx context.Context, actor models.Actor, in *tasksQuery) (*listOutput[TaskWire], error) {
	q := in.query()
	q.State = in.State
	found, next, err := s.svc.Licensing.TaskList(ctx, actor, q, store.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return nil, err
	}
	return listOf(found, next, taskWire), nil
}

// TaskCountsWire are numbers of open tasks.
type TaskCountsWire struct {
	Overdue int64 `json:"overdue"`
	Soon    int64 `json:"soon" doc:"Due today or within a week"`
	Later   int64 `json:"later"`
}

func (s *Server) countTasks(ctx context.Context, actor models.Actor, in *TaskQuery) (*output[TaskCountsWire], error) {
	c, err := s.svc.Licensing.CountTasks(ctx, actor, in.query())
	if err != nil {
		return nil, err
	}
	return &output[TaskCountsWire]{Body: TaskCountsWire{c.Overdue, c.Soon, c.Later}}, nil
}

func taskOutput(t licensing.TaskView, err error) (*output[TaskWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[TaskWire]{ETag: etag(t.Version), Body: taskWire(t)}, nil
}

func (s *Server) getTask(ctx context.Context, actor models.Actor, in *ByID) (*output[TaskWire], error) {
	return taskOutput(s.svc.Licensing.Task(ctx, actor, in.ID))
}

// TaskCompletion says what was done.
type TaskCompletion struct {
	Outcome string `json:"outcome" maxLength:"2000" doc:"What was done"`
}

type taskCompletionPost struct {
	ByID
	IfMatch
	Idempotent
	Body TaskCompletion
}

func (s *Server) postTaskCompletion(ctx context.Context, actor models.Actor, in *taskCompletionPost) (*output[TaskWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return taskOutput(s.svc.Licensing.CompleteTask(ctx, actor, in.ID, version, in.Body.Outcome))
}

// TaskAssignment names who is to do a task.
type TaskAssignment struct {
	Assignee string `json:"assignee" maxLength:"64" doc:"User id; empty for everybody of the role"`
}

type taskAssignmentPost struct {
	ByID
	IfMatch
	Idempotent
	Body TaskAssignment
}

func (s *Server) postTaskAssignment(ctx context.Context, actor models.Actor, in *taskAssignmentPost) (*output[TaskWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return taskOutput(s.svc.Licensing.AssignTask(ctx, actor, in.ID, version, in.Body.Assignee))
}
