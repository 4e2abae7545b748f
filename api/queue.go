package api

import (
	"context"
	"net/http"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) queueRoutes() []route {
	return []route{
		handle("GET", "/v1/queue", models.ActStaffRead, "Applications", "What the review has under way, the earliest due date first, with the number in every group of severity", s.getQueue),
		handle("GET", "/v1/staff", models.ActStaffRead, "Identity", "Who works here, with unit and the number of applications in charge of", s.listStaff),
		handle("POST", "/v1/applications/assignment", models.ActApplicationReview, "Applications", "Make somebody the officer in charge of many applications: all or none", s.postBulkAssignment),
		handle("GET", "/v1/session/filters", models.ActSessionOwn, "Identity", "The filters that the caller keeps", s.listFilters),
		handle("PUT", "/v1/session/filters/{name}", models.ActSessionOwn, "Identity", "Keep a filter under a name", s.putFilter),
		handle("DELETE", "/v1/session/filters/{name}", models.ActSessionOwn, "Identity", "Forget a filter", s.deleteFilter).with(http.StatusNoContent),
	}
}

type queueQuery struct {
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After    string `query:"after" maxLength:"64" doc:"Cursor: the value of next from the page before"`
	Group    string `query:"group" enum:"new,overdue,today,soon,week,later,standing" doc:"soon is within two working days; new waits to be registered; standing waits for a correction"`
	State    string `query:"state" enum:"submitted,registered,in_review,decision_drafted"`
	Kind     string `query:"kind" maxLength:"32"`
	SubType  string `query:"sub_type" enum:"I,II"`
	Officer  string `query:"officer" maxLength:"64" doc:"User id of the officer in charge; me is the caller, none is nobody"`
	Region   string `query:"region" pattern:"^[0-9]{2}$" doc:"Two digits of KATO of a site"`
	DueUntil string `query:"due_until" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Legal date, included"`
	Q        string `query:"q" maxLength:"200" doc:"Words of the applicant's name by their beginnings in any spelling, or the beginning of its number or of the BIN or IIN"`
}

// QueueWire is a page of the queue.
type QueueWire struct {
	Items     []ApplicationWire `json:"items" nullable:"false"`
	Next      string            `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
	Counts    QueueCountsWire   `json:"counts" doc:"How many each group has, whatever the group asked for"`
	Today     string            `json:"today" doc:"Legal date"`
	SoonUntil string            `json:"soon_until" doc:"Last legal date of the group soon"`
	WeekUntil string            `json:"week_until" doc:"Last legal date of the group week"`
}

// QueueCountsWire is the number of applications in every group of severity.
type QueueCountsWire struct {
	New      int64 `json:"new"`
	Overdue  int64 `json:"overdue"`
	Today    int64 `json:"today"`
	Soon     int64 `json:"soon"`
	Week     int64 `json:"week"`
	Later    int64 `json:"later"`
	Standing int64 `json:"standing"`
}

func (s *Server) getQueue(ctx context.Context, actor models.Actor, in *queueQuery) (*output[QueueWire], error) {
	f := store.QueueFilter{Group: in.Group, State: in.State, Kind: in.Kind, SubType: in.SubType, Officer: in.Officer, Region: in.Region,
		DueUntil: in.DueUntil, Query: in.Q}
	switch in.Officer {
	case "me":
		f.Officer = actor.ID
	case "none":
		f.Officer, f.Unassigned = "", true
	}
	queue, err := s.svc.Licensing.Queue(ctx, actor, f, store.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return nil, err
	}
	wires, err := s.describe(ctx, actor, queue.Applications...)
	if err != nil {
		return nil, err
	}
	counts := queue.Counts
	return &output[QueueWire]{Body: QueueWire{Items: wires, Next: queue.Next, Today: queue.Marks.Today, SoonUntil: queue.Marks.Soon, WeekUntil: queue.Marks.Week, Counts: QueueCountsWire{New: counts[store.QueueNew], Overdue: counts[store.QueueOverdue],
		Today: counts[store.QueueToday], Soon: counts[store.QueueSoon], Week: counts[store.QueueWeek], Later: counts[store.QueueLater],
		Standing: counts[store.QueueStanding]}}}, nil
}

// ColleagueWire is somebody who works here.
type ColleagueWire struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Unit  string   `json:"unit,omitempty"`
	Roles []string `json:"roles" nullable:"false"`
	Load  int64    `json:"load" doc:"Applications under way that they are in charge of"`
}

func colleagueWire(c store.Colleague) ColleagueWire {
	w := ColleagueWire{ID: c.ID, Name: c.Name, Unit: c.Unit, Roles: []string{}, Load: c.Load}
	for _, r := range c.Roles {
		w.Roles = append(w.Roles, string(r))
	}
	return w
}

func (s *Server) listStaff(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[ColleagueWire], error) {
	found, err := s.svc.Licensing.Staff(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", colleagueWire), nil
}

// BulkAssignmentInput names the officer in charge of many applications.
type BulkAssignmentInput struct {
	IDs     []string `json:"ids" minItems:"1" maxItems:"200" nullable:"false" doc:"Application ids"`
	Officer string   `json:"officer,omitempty" maxLength:"64" doc:"User id; the caller when absent"`
}

type bulkAssignmentPost struct {
	Idempotent
	Body BulkAssignmentInput
}

func (s *Server) postBulkAssignment(ctx context.Context, actor models.Actor, in *bulkAssignmentPost) (*listOutput[ApplicationWire], error) {
	done, err := s.svc.Licensing.AssignAll(ctx, actor, in.Body.IDs, in.Body.Officer)
	if err != nil {
		return nil, err
	}
	wires, err := s.describe(ctx, actor, done...)
	return &listOutput[ApplicationWire]{Body: list[ApplicationWire]{Items: wires}}, err
}

// FilterWire is a filter that a person keeps.
type FilterWire struct {
	Name  string `json:"name"`
	Query string `json:"query" doc:"The query of the queue's address, without the question mark"`
}

func (s *Server) listFilters(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[FilterWire], error) {
	found, err := s.svc.Identity.Filters(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(f store.SavedFilter) FilterWire { return FilterWire(f) }), nil
}

// ByName names a thing in the path.
type ByName struct {
	Name string `path:"name" maxLength:"200"`
}

type filterPut struct {
	ByName
	Body struct {
		Query string `json:"query" maxLength:"2000" doc:"The query of the queue's address, without the question mark"`
	}
}

func (s *Server) putFilter(ctx context.Context, actor models.Actor, in *filterPut) (*output[FilterWire], error) {
	f := store.SavedFilter{Name: in.Name, Query: in.Body.Query}
	if err := s.svc.Identity.KeepFilter(ctx, actor, f); err != nil {
		return nil, err
	}
	return &output[FilterWire]{Body: FilterWire(f)}, nil
}

func (s *Server) deleteFilter(ctx context.Context, actor models.Actor, in *ByName) (*struct{}, error) {
	return nil, s.svc.Identity.DropFilter(ctx, actor, in.Name)
}
