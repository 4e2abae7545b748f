package api

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) publicHistoryRoutes() []route {
	return []route{
		handle("GET", "/v1/public/licenses.csv", models.ActPublicRead, "Public", "Every version of every license with both of its times, without personal data, as CSV", s.getHistoryCSV),
		handle("GET", "/v1/public/licenses.json", models.ActPublicRead, "Public", "The same as JSON, with the signed checkpoint of the ledger that it belongs to", s.getHistoryJSON),
		handle("GET", "/v1/public/licenses/{number}/versions", models.ActPublicRead, "Public", "Every version of a license by number or verification code, without personal data", s.listPublicVersions),
		handle("GET", "/v1/public/checkpoint", models.ActPublicRead, "Public", "The newest signed checkpoint of the ledger", s.getPublicCheckpoint),
	}
}

// PublicVersionWire is a version of a license as anybody may see it.
type PublicVersionWire struct {
	Number         string     `json:"number"`
	Version        int64      `json:"version"`
	State          string     `json:"state" enum:"active,suspended,revoked,expired,terminated,superseded"`
	SubType        string     `json:"sub_type" enum:"I,II"`
	HolderName     string     `json:"holder_name,omitempty" doc:"Absent for a person"`
	HolderBin      string     `json:"holder_bin,omitempty" doc:"Absent for a person"`
	ApprovedKw     float64    `json:"approved_kw"`
	Regions        []string   `json:"regions" nullable:"false" doc:"First two digits of KATO"`
	Host           string     `json:"host,omitempty" doc:"License number of the host"`
	Ground         string     `json:"ground,omitempty" doc:"Code of the ground of the act that made this version"`
	FirstIssued    string     `json:"first_issued"`
	Issued         string     `json:"issued"`
	ValidFrom      time.Time  `json:"valid_from"`
	ValidUntil     time.Time  `json:"valid_until"`
	SuspendedUntil *time.Time `json:"suspended_until,omitempty"`
	EffectiveAt    time.Time  `json:"effective_at" doc:"From when it holds"`
	RecordedAt     time.Time  `json:"recorded_at" doc:"Since when the registry knows it"`
	LedgerIndex    *int64     `json:"ledger_index,omitempty" doc:"Place of its entry in the ledger"`
}

func publicVersionWire(v licensing.PublicVersion) PublicVersionWire {
	w := PublicVersionWire{Number: v.Number, Version: v.Version, State: string(v.State), SubType: string(v.SubType), HolderName: v.HolderName,
		HolderBin: v.HolderBin, ApprovedKw: kw(v.Approved), Regions: orEmpty(v.Regions), Host: v.Host, Ground: v.Ground, FirstIssued: v.FirstIssued,
		Issued: v.Issued, ValidFrom: v.ValidFrom, ValidUntil: v.ValidUntil, EffectiveAt: v.EffectiveAt, RecordedAt: v.RecordedAt}
	if v.Suspension != nil {
		w.SuspendedUntil, w.Ground = optionalTime(v.Suspension.Until), v.Suspension.Ground
	}
	if v.Entry >= 0 {
		w.LedgerIndex = &v.Entry
	}
	return w
}

func (s *Server) listPublicVersions(ctx context.Context, _ models.Actor, in *publicKey) (*listOutput[PublicVersionWire], error) {
	found, err := s.svc.Licensing.PublicVersions(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", publicVersionWire), nil
}

// PublicCheckpointWire is a state of the ledger that the registry has signed.
type PublicCheckpointWire struct {
	Size     int64     `json:"size" doc:"Sealed entries"`
	RootHash string    `json:"root_hash" doc:"Of the Merkle tree (RFC 6962), base64"`
	At       time.Time `json:"at"`
	Note     string    `json:"note" doc:"Signed note: rigistry verify checks it with no network"`
}

func publicCheckpointWire(c ledger.Checkpoint) PublicCheckpointWire {
	w := PublicCheckpointWire{Size: c.Size, At: c.At, Note: c.Note}
	if c.Size > 0 {
		w.RootHash = c.Root.String()
	}
	return w
}

func (s *Server) getPublicCheckpoint(ctx context.Context, _ models.Actor, _ *struct{}) (*output[PublicCheckpointWire], error) {
	head, err := s.svc.Ledger.Head(ctx)
	if err != nil {
		return nil, err
	}
	return &output[PublicCheckpointWire]{ETag: etag(head.Size), Body: publicCheckpointWire(head.Checkpoint)}, nil
}

type historyQuery struct {
	IfNoneMatch string `header:"If-None-Match" doc:"ETag of a download that the caller has: 304 when nothing was sealed since"`
}

// download begins the answer of a whole history. It is of one state of the ledger:
// the same state gives the same bytes.
type download struct {
	server *Server
	format string
	head   ledger.Checkpoint
	ctx    context.Context // of the reads: the moment of the checkpoint
}

func (s *Server) history(ctx context.Context, in *historyQuery, format string, write func(d download, w io.Writer) error) (*huma.StreamResponse, error) {
	head, err := s.svc.Ledger.Head(ctx)
	if err != nil {
		return nil, err
	}
	d := download{server: s, format: format, head: head.Checkpoint, ctx: ctx}
	if d.head.Size > 0 {
		d.ctx = store.At(ctx, store.Moment{AsAt: d.head.At, KnownAt: d.head.At})
	}
	tag := `"` + format + "-" + strconv.FormatInt(d.head.Size, 10) + `"`
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("ETag", tag)
		c.SetHeader("Cache-Control", "no-cache")
		if matches(in.IfNoneMatch, tag) {
			c.SetStatus(http.StatusNotModified)
			return
		}
		c.SetHeader("Registry-Ledger-Size", strconv.FormatInt(d.head.Size, 10))
		c.SetHeader("Registry-Ledger-Checkpoint", base64.StdEncoding.EncodeToString([]byte(d.head.Note)))
		c.SetHeader("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}[format])
		c.SetHeader("Content-Disposition", `attachment; filename="licenses.`+format+`"`)
		if err := write(d, c.BodyWriter()); err != nil {
			s.log.ErrorContext(ctx, "the history's file was cut off", "request_id", requestIDOf(ctx), "error", err)
			panic(http.ErrAbortHandler) // half a file must not look whole
		}
	}}, nil
}

// matches tells whether an If-None-Match header names the tag.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}

// each hands on every version, piece by piece.
func (d download) each(fn func(PublicVersionWire) error) error {
	for after := ""; ; {
		found, next, err := d.server.svc.Licensing.PublicHistory(d.ctx, after)
		if err != nil {
			return err
		}
		for _, v := range found {
			if err := fn(publicVersionWire(v)); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

func (s *Server) getHistoryCSV(ctx context.Context, _ models.Actor, in *historyQuery) (*huma.StreamResponse, error) {
	return s.history(ctx, in, "csv", func(d download, to io.Writer) error {
		if _, err := io.WriteString(to, "\ufeff"); err != nil { // spreadsheets take it for UTF-8 by this mark
			return err
		}
		w := csv.NewWriter(to)
		w.UseCRLF = true // RFC 4180
		err := w.Write([]string{"number", "version", "state", "sub_type", "holder", "bin", "approved_kw", "regions", "host", "ground",
			"first_issued", "issued", "valid_from", "valid_until", "suspended_until", "effective_at", "recorded_at", "ledger_index"})
		if err != nil {
			return err
		}
		stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
		err = d.each(func(v PublicVersionWire) error {
			suspended, index := "", ""
			if v.SuspendedUntil != nil {
				suspended = stamp(*v.SuspendedUntil)
			}
			if v.LedgerIndex != nil {
				index = strconv.FormatInt(*v.LedgerIndex, 10)
			}
			return w.Write([]string{v.Number, strconv.FormatInt(v.Version, 10), v.State, v.SubType, cell(v.HolderName), v.HolderBin,
				strconv.FormatFloat(v.ApprovedKw, 'f', -1, 64), strings.Join(v.Regions, " "), v.Host, v.Ground, v.FirstIssued, v.Issued,
				stamp(v.ValidFrom), stamp(v.ValidUntil), suspended, stamp(v.EffectiveAt), stamp(v.RecordedAt), index})
		})
		w.Flush()
		if err == nil {
			err = w.Error()
		}
		return err
	})
}

func (s *Server) getHistoryJSON(ctx context.Context, _ models.Actor, in *historyQuery) (*huma.StreamResponse, error) {
	return s.history(ctx, in, "json", func(d download, to io.Writer) error {
		head, err := json.Marshal(publicCheckpointWire(d.head))
		if err != nil {
			return err
		}
		// `rigistry verify` checks the checkpoint, and the signature over every byte.
		signed := s.svc.Issuer.SignHistory(to)
		if _, err := io.WriteString(signed, strings.TrimSuffix(string(head), "}")+`,"versions":[`); err != nil {
			return err
		}
		separator := "\n"
		err = d.each(func(v PublicVersionWire) error {
			line, err := json.Marshal(v)
			if err == nil {
				_, err = io.WriteString(signed, separator+string(line))
			}
			separator = ",\n"
			return err
		})
		if err == nil {
			_, err = io.WriteString(signed, "\n]")
		}
		if err == nil {
			err = signed.End()
		}
		return err
	})
}
