package api

import (
	"context"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) searchRoutes() []route {
	return []route{
		handle("GET", "/v1/search", models.ActSearch, "Search", "Things by name in any spelling, number, code, serial or address, grouped; each caller finds what it may read", s.search),
	}
}

type searchQuery struct {
	Q     string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Beginnings of words, in Kazakh, Russian or Latin letters, or of a BIN, IIN, license or application number, serial number or code"`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"5" doc:"How many of each kind at most"`
}

// FoundWire is one thing found.
type FoundWire struct {
	ID     string `json:"id" doc:"By which it is read: party and application id, license number, point and meter id"`
	Number string `json:"number" doc:"BIN or IIN, license or application number, code, or serial number of a rig"`
	NameKk string `json:"name_kk"`
	NameRu string `json:"name_ru"`
	Detail string `json:"detail,omitempty" doc:"Address, BIN or IIN of the holder, license of a rig, serial number of a meter"`
	State  string `json:"state,omitempty"`
	Party  string `json:"party,omitempty" doc:"Id of the party it belongs to"`
}

// FoundGroupWire is what was found of one kind.
type FoundGroupWire struct {
	Kind  string      `json:"kind" enum:"party,license,application,site,connection_point,equipment,meter"`
	Items []FoundWire `json:"items" nullable:"false"`
	More  bool        `json:"more" doc:"There are more than limit"`
}

// SearchWire is the answer to a search. Kinds without a find are left out.
type SearchWire struct {
	Groups []FoundGroupWire `json:"groups" nullable:"false"`
}

func (s *Server) search(ctx context.Context, actor models.Actor, in *searchQuery) (*output[SearchWire], error) {
	groups, err := s.svc.Licensing.Search(ctx, actor, in.Q, in.Limit)
	if err != nil {
		return nil, err
	}
	return &output[SearchWire]{Body: searchWire(groups)}, nil
}

func searchWire(groups []licensing.FoundGroup) SearchWire {
	w := SearchWire{Groups: []FoundGroupWire{}}
	for _, g := range groups {
		items := make([]FoundWire, 0, len(g.Items))
		for _, f := range g.Items {
			items = append(items, foundWire(f))
		}
		w.Groups = append(w.Groups, FoundGroupWire{Kind: g.Kind, Items: items, More: g.More})
	}
	return w
}

func foundWire(f store.Found) FoundWire {
	return FoundWire{ID: f.ID, Number: f.Number, NameKk: f.NameKk, NameRu: f.NameRu, Detail: f.Detail, State: f.State, Party: f.Party}
}
