package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) noticeRoutes() []route {
	return []route{
		handle("GET", "/v1/notices", models.ActNoticeRead, "Notices", "What the registry told the caller's party, the newest first", s.listNotices),
		handle("POST", "/v1/notices/{id}/reading", models.ActNoticeRead, "Notices", "Say that somebody of the party has read it", s.postNoticeReading),
	}
}

// NoticeWire is one thing that a party was told.
type NoticeWire struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind" doc:"obligation_reminder, obligation_overdue, correction_requested, decision_granted, license_suspended, …"`
	SubjectKind string     `json:"subject_kind" enum:"obligation,application,license"`
	SubjectID   string     `json:"subject_id"`
	License     string     `json:"license,omitempty" doc:"Number"`
	Due         string     `json:"due,omitempty" doc:"Legal date by which something has to be done"`
	Application string     `json:"application_number,omitempty"`
	Obligation  string     `json:"obligation_kind,omitempty"`
	Period      string     `json:"period,omitempty"`
	Days        int        `json:"days_before,omitempty" doc:"Of a reminder: 90, 30 or 7"`
	Note        string     `json:"note,omitempty" doc:"Words of an officer"`
	At          time.Time  `json:"at"`
	ReadAt      *time.Time `json:"read_at,omitempty"`
}

func noticeWire(n models.Notice) NoticeWire {
	return NoticeWire{ID: n.ID, Kind: string(n.Kind), SubjectKind: n.Subject.Kind, SubjectID: n.Subject.ID, License: n.License, Due: n.Due,
		Application: n.Data.Number, Obligation: n.Data.Obligation, Period: n.Data.Period, Days: n.Data.Days, Note: n.Data.Note, At: n.At, ReadAt: optionalTime(n.ReadAt)}
}

// NoticeList is a page of notices with the number of those that nobody has read.
type NoticeList struct {
	Items  []NoticeWire `json:"items" nullable:"false"`
	Next   string       `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
	Unread int64        `json:"unread"`
}

type noticesQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After  string `query:"after" maxLength:"64" doc:"Cursor: the value of next from the page before"`
	Unread bool   `query:"unread" doc:"Only what nobody has read"`
}

func (s *Server) listNotices(ctx context.Context, actor models.Actor, in *noticesQuery) (*output[NoticeList], error) {
	found, unread, next, err := s.svc.Licensing.Notices(ctx, actor, store.NoticeFilter{Unread: in.Unread}, store.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return nil, err
	}
	return &output[NoticeList]{Body: NoticeList{Items: listOf(found, "", noticeWire).Body.Items, Next: next, Unread: unread}}, nil
}

type noticeReading struct {
	ByID
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postNoticeReading(ctx context.Context, actor models.Actor, in *noticeReading) (*output[NoticeWire], error) {
	n, err := s.svc.Licensing.ReadNotice(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[NoticeWire]{Body: noticeWire(n)}, nil
}
