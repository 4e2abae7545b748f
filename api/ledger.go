package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

func (s *Server) ledgerRoutes() []route {
	return []route{
		handle("GET", "/v1/events", models.ActEventsRead, "Ledger", "The ordered feed of what the caller may see", s.listEvents),
		handle("GET", "/v1/ledger/entries", models.ActLedgerRead, "Ledger", "The sealed entries of the ledger, in order", s.listEvents),
		handle("GET", "/v1/ledger/checkpoint", models.ActLedgerRead, "Ledger", "The newest signed checkpoint", s.getCheckpoint),
		handle("GET", "/v1/ledger/proofs/{index}", models.ActLedgerRead, "Ledger", "Proof that an entry is in the tree of the newest checkpoint", s.getProof),
		handle("POST", "/v1/ledger/entries/{index}/erasure", models.ActLedgerErase, "Ledger", "Erase the name and body of an entry on an order: its proof stays, the erasure is a fact", s.postErasure).stepUp(),
		handle("GET", "/v1/ledger/consistency", models.ActLedgerRead, "Ledger", "Proof that one state of the ledger is the beginning of another", s.getConsistency),
	}
}

type eventsQuery struct {
	Limit       int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After       string `query:"after" maxLength:"20" pattern:"^[0-9]*$" doc:"Index of the last entry seen: the feed goes on after it"`
	SubjectKind string `query:"subject_kind" maxLength:"64"`
	SubjectID   string `query:"subject_id" maxLength:"64"`

	Kind []string `query:"kind" maxItems:"20" doc:"Kinds of entries, separated by commas; all when absent"`
	Wait int      `query:"wait" minimum:"0" maximum:"30" doc:"Seconds to wait while there is nothing after the cursor"`
}

func (s *Server) listEvents(ctx context.Context, actor models.Actor, in *eventsQuery) (*listOutput[EventWire], error) {
	var from int64
	if in.After != "" {
		last, err := strconv.ParseInt(in.After, 10, 63)
		if err != nil {
			var v models.Invalid
			v.Add("?after", "format", "The cursor is the index of the last entry seen.")
			return nil, v.Err()
		}
		from = last + 1
	}
	filter := store.EntryFilter{Kinds: in.Kind}
	if in.SubjectKind != "" && in.SubjectID != "" {
		filter.Subject = &models.Ref{Kind: in.SubjectKind, ID: in.SubjectID}
	}
	page, err := s.svc.Ledger.Await(ctx, actor, from, in.Limit, filter, time.Duration(in.Wait)*time.Second)
	if err != nil {
		return nil, err
	}
	if s.svc.Gate != nil { // an order that its utility was given in the feed is delivered
		if err := s.svc.Gate.OrdersInFeed(ctx, actor, page.Entries); err != nil {
			return nil, err
		}
	}
	next := ""
	if page.Next >= 0 {
		next = strconv.FormatInt(page.Entries[len(page.Entries)-1].Index, 10)
	}
	return listOf(page.Entries, next, eventWire), nil
}

// eventWire shows a sealed entry. A body is JSON that the registry wrote itself.
func eventWire(e models.SealedEntry) EventWire {
	w := EventWire{Index: e.Index, ID: e.ID, At: e.At, Kind: e.Kind, SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID,
		SubjectVersion: e.SubjectVersion, Actor: e.ActorName, ActorKind: e.ActorKind}
	if json.Valid([]byte(e.Body)) && e.Body != "null" {
		w.Body = json.RawMessage(e.Body)
	}
	return w
}

func (s *Server) getCheckpoint(ctx context.Context, _ models.Actor, _ *struct{}) (*output[CheckpointWire], error) {
	head, err := s.svc.Ledger.Head(ctx)
	if err != nil {
		return nil, err
	}
	w := CheckpointWire{Size: head.Size, At: head.At, Note: head.Note, Unsealed: int(head.Unsealed)}
	if head.Size > 0 {
		w.RootHash = head.Root.String()
	}
	return &output[CheckpointWire]{Body: w}, nil
}

type byIndex struct {
	Index int64 `path:"index" minimum:"0" doc:"Place of the entry in the ledger"`
}

func (s *Server) getProof(ctx context.Context, actor models.Actor, in *byIndex) (*output[ProofWire], error) {
	p, err := s.svc.Ledger.Proof(ctx, in.Index)
	if err != nil {
		return nil, err
	}
	page, err := s.svc.Ledger.Entries(ctx, actor, in.Index, 1, store.EntryFilter{})
	if err != nil {
		return nil, err
	}
	if len(page.Entries) != 1 || page.Entries[0].Index != in.Index {
		return nil, models.NotFound("ledger entry", strconv.FormatInt(in.Index, 10))
	}
	return &output[ProofWire]{Body: ProofWire{Index: p.Index, Leaf: base64.StdEncoding.EncodeToString(p.Leaf), LeafHash: p.LeafHash().String(),
		Hashes: hashTexts(p.Path), Checkpoint: p.Checkpoint.Note, Event: eventWire(page.Entries[0])}}, nil
}

func hashTexts(path []ledger.Hash) []string {
	out := make([]string, 0, len(path))
	for _, h := range path {
		out = append(out, h.String())
	}
	return out
}

// ErasureWire says on what ground an entry is erased.
type ErasureWire struct {
	Ground string `json:"ground" minLength:"1" maxLength:"1000" doc:"The order or article that demands it"`
}

type erasureInput struct {
	Index int64 `path:"index" minimum:"0" doc:"Place of the entry in the ledger"`
	Body  ErasureWire
}

func (s *Server) postErasure(ctx context.Context, actor models.Actor, in *erasureInput) (*struct{}, error) {
	return nil, s.svc.Ledger.Erase(ctx, actor, in.Index, in.Body.Ground)
}

// ConsistencyWire proves that one state of the ledger is the beginning of another.
type ConsistencyWire struct {
	Old    int64    `json:"old"`
	New    int64    `json:"new"`
	Hashes []string `json:"hashes" nullable:"false" doc:"RFC 6962 consistency proof, base64"`
}

type consistencyQuery struct {
	Old int64 `query:"old" minimum:"1" required:"true" doc:"Entries of the smaller tree"`
	New int64 `query:"new" minimum:"1" required:"true" doc:"Entries of the larger tree"`
}

func (s *Server) getConsistency(ctx context.Context, _ models.Actor, in *consistencyQuery) (*output[ConsistencyWire], error) {
	path, err := s.svc.Ledger.Consistency(ctx, in.Old, in.New)
	if err != nil {
		return nil, err
	}
	return &output[ConsistencyWire]{Body: ConsistencyWire{Old: in.Old, New: in.New, Hashes: hashTexts(path)}}, nil
}
