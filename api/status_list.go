package api

import (
	"context"
	"time"

	"rigistry/models"
)

func (s *Server) statusListRoutes() []route {
	return []route{
		handle("GET", "/v1/gate/status-list", models.ActGateRead, "Gate", "Signed states of all licenses and of the caller's connections, for use without a network", s.getStatusList),
	}
}

// StatusListWire is a signed status list.
type StatusListWire struct {
	Version     int64     `json:"version" doc:"It only grows"`
	Since       int64     `json:"since" doc:"0 for the whole list, else what changed after that version"`
	IssuedAt    time.Time `json:"issued_at"`
	ExpiresAt   time.Time `json:"expires_at"`
	Licenses    int       `json:"licenses" doc:"How many it names"`
	Connections int       `json:"connections"`
	StatusList  string    `json:"status_list" doc:"Compact JWS; two bits for each id. Check it with rigistry verify --state FILE"`
}

type statusListQuery struct {
	Since int64 `query:"since" minimum:"0" doc:"Only what changed after this version"`
}

func (s *Server) getStatusList(ctx context.Context, actor models.Actor, in *statusListQuery) (*output[StatusListWire], error) {
	l, token, err := s.svc.Gate.StatusList(ctx, actor, in.Since)
	if err != nil {
		return nil, err
	}
	return &output[StatusListWire]{ETag: etag(l.Version), Body: StatusListWire{Version: l.Version, Since: l.Since, IssuedAt: l.IssuedAt, ExpiresAt: l.ExpiresAt,
		Licenses: len(l.Licenses.IDs), Connections: len(l.Connections.IDs), StatusList: token}}, nil
}
