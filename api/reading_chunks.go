package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) chunkRoutes() []route {
	return []route{
		handle("GET", "/v1/meters/{id}/chunks", models.ActMeterRead, "Metering", "The sealed quarter hours of a meter: what is evidence of its readings", s.listChunks),
		handle("GET", "/v1/meters/{id}/chunks/{start}", models.ActMeterRead, "Metering", "A sealed quarter hour: its readings, with the registers beside what was made of them", s.getChunk),
		handle("GET", "/v1/meters/{id}/chunks/{start}/bytes", models.ActMeterRead, "Metering", "A sealed quarter hour as it is sealed, byte for byte", s.getChunkBytes),
	}
}

// ChunkWire is a sealed quarter of an hour of a meter.
type ChunkWire struct {
	Start    time.Time         `json:"start"`
	Until    time.Time         `json:"until"`
	Version  int64             `json:"version" doc:"Counts up when readings came after it was sealed; earlier ones stay"`
	Readings int64             `json:"readings"`
	Bytes    int               `json:"bytes"`
	Digest   string            `json:"digest" doc:"SHA-256 of its bytes, hex; a leaf of its seal"`
	Seal     int64             `json:"seal"`
	SealedAt time.Time         `json:"sealed_at"`
	Root     string            `json:"root" doc:"Root of the seal's tree (RFC 6962) over the digests of its chunks, hex"`
	Entry    *int64            `json:"ledger_index,omitempty" doc:"Place in the ledger of the entry with that root; absent until it is in a checkpoint"`
	Sources  []string          `json:"sources" nullable:"false" doc:"Where its readings come from; empty from before this was kept"`
	Layouts  []ChunkLayoutWire `json:"layouts" nullable:"false" doc:"What its registers are; empty when they are not known"`
}

// ChunkLayoutWire says by which profile the registers of a chunk were read.
type ChunkLayoutWire struct {
	Digest        string `json:"digest" doc:"SHA-256 of the text, hex"`
	Profile       string `json:"profile"`
	ProfileDigest string `json:"profile_digest" doc:"SHA-256 of what the profile made of registers at the time, hex"`
}

// ChunksWire lists sealed quarters of an hour.
type ChunksWire struct {
	Items []ChunkWire `json:"items" nullable:"false"`
	Next  string      `json:"next,omitempty" doc:"Give it as from to go on"`
}

// ChunkDetailWire is a sealed quarter of an hour with its readings.
type ChunkDetailWire struct {
	ChunkWire
	Meter string         `json:"meter"`
	Code  string         `json:"code"`
	Texts []string       `json:"layout_texts" nullable:"false" doc:"The layouts in full"`
	Rows  []ChunkRowWire `json:"rows" nullable:"false"`
}

// ChunkRowWire is a reading with what the meter answered.
type ChunkRowWire struct {
	At        time.Time           `json:"at"`
	Quality   string              `json:"quality"`
	Source    string              `json:"source"`
	Values    map[string]float64  `json:"values" doc:"Stored values in base units, primary side"`
	Registers []RegisterBlockWire `json:"registers" nullable:"false" doc:"Blocks that came; empty when they are not known"`
}

// RegisterBlockWire is the words of one request, and the numbers in them.
type RegisterBlockWire struct {
	Function int               `json:"function"`
	Address  int               `json:"address"`
	Words    string            `json:"words" doc:"Four hex digits each, as on the wire"`
	Numbers  []RegisterNumWire `json:"numbers" nullable:"false" doc:"Those that belong to a quantity"`
}

// RegisterNumWire is one number in registers, and the value that was made of it.
type RegisterNumWire struct {
	Address  int      `json:"address"`
	Quantity string   `json:"quantity"`
	Type     string   `json:"type"`
	Words    string   `json:"words"`
	Number   string   `json:"number" doc:"Before any scale; not_available and the like where the words are no number"`
	Value    *float64 `json:"value,omitempty" doc:"As stored, in the base unit of the primary side; absent when it was not used"`
}

// ChunksInput asks for sealed quarters of an hour.
type ChunksInput struct {
	ByID
	From  string `query:"from" format:"date-time" doc:"Default: a day before to"`
	To    string `query:"to" format:"date-time" doc:"Default: now"`
	Limit int    `query:"limit" minimum:"1" maximum:"672" default:"96"`
}

func (s *Server) listChunks(ctx context.Context, actor models.Actor, in *ChunksInput) (*output[ChunksWire], error) {
	from, err := instantOf("?from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := instantOf("?to", in.To)
	if err != nil {
		return nil, err
	}
	if to.IsZero() {
		to = s.now().UTC()
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -1)
	}
	found, err := s.svc.Metering.Chunks(ctx, actor, in.ID, from, to, in.Limit)
	if err != nil {
		return nil, err
	}
	out := ChunksWire{Items: []ChunkWire{}}
	for i := range found {
		out.Items = append(out.Items, chunkWire(&found[i]))
	}
	if len(found) == in.Limit {
		out.Next = found[len(found)-1].Start.Add(time.Microsecond).Format(time.RFC3339Nano)
	}
	return &output[ChunksWire]{Body: out}, nil
}

func chunkWire(c *metering.SealedChunk) ChunkWire {
	w := ChunkWire{Start: c.Start, Until: c.Until, Version: c.Version, Readings: c.Readings, Bytes: c.Bytes, Digest: c.Digest, Seal: c.Seal,
		SealedAt: c.SealedAt, Root: c.Root, Sources: c.Sources.Names(), Layouts: []ChunkLayoutWire{}}
	if c.Entry >= 0 {
		entry := c.Entry
		w.Entry = &entry
	}
	for _, l := range c.Layouts {
		w.Layouts = append(w.Layouts, ChunkLayoutWire{l.Digest().String(), l.Profile, l.ProfileDigest})
	}
	return w
}

// ChunkInput asks for one sealed quarter of an hour.
type ChunkInput struct {
	ByID
	Start   string `path:"start" format:"date-time" doc:"Beginning of the quarter hour, as the list gives it"`
	Version int64  `query:"version" minimum:"0" doc:"Default: the newest"`
}

func (s *Server) chunkOf(ctx context.Context, actor models.Actor, in *ChunkInput) (metering.WholeChunk, error) {
	start, err := instantOf("/start", in.Start)
	if err != nil {
		return metering.WholeChunk{}, err
	}
	return s.svc.Metering.Chunk(ctx, actor, in.ID, start, in.Version)
}

func (s *Server) getChunk(ctx context.Context, actor models.Actor, in *ChunkInput) (*output[ChunkDetailWire], error) {
	c, err := s.chunkOf(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	out := ChunkDetailWire{ChunkWire: chunkWire(&c.SealedChunk), Meter: c.Meter.ID, Code: c.Meter.Code, Texts: []string{}, Rows: make([]ChunkRowWire, len(c.Rows))}
	for _, l := range c.Layouts {
		out.Texts = append(out.Texts, l.Text())
	}
	for i := range c.Rows {
		out.Rows[i] = chunkRowWire(&c.Rows[i])
	}
	return &output[ChunkDetailWire]{Body: out}, nil
}

func chunkRowWire(r *models.Reading) ChunkRowWire {
	w := ChunkRowWire{At: r.At, Quality: r.Quality.String(), Source: r.Source.String(), Values: map[string]float64{}, Registers: []RegisterBlockWire{}}
	for q, stored := range r.Values.All() {
		w.Values[q.String()] = q.Base(stored)
	}
	if r.Registers == nil {
		return w
	}
	begin := 0
	for k := range r.Registers.Layout.Blocks {
		b := &r.Registers.Layout.Blocks[k]
		if r.Registers.Came>>k&1 == 0 {
			continue
		}
		words := r.Registers.Words[begin : begin+int(b.Count)]
		begin += int(b.Count)
		block := RegisterBlockWire{Function: int(b.FC), Address: int(b.Addr), Words: metering.Hex(words), Numbers: []RegisterNumWire{}}
		for _, f := range b.Fields {
			if f.Q < models.QuantityCount {
				block.Numbers = append(block.Numbers, numberWire(&f, int(b.Addr), words, &r.Values))
			}
		}
		w.Registers = append(w.Registers, block)
	}
	return w
}

func numberWire(f *models.RegisterField, address int, words []uint16, v *models.Values) RegisterNumWire {
	own := words[f.At : f.At+f.Width()]
	raw := models.Decode(own, models.Encoding{Type: f.Type, Order: f.Order})
	w := RegisterNumWire{Address: address + f.At, Quantity: f.Q.String(), Type: string(f.Type), Words: metering.Hex(own), Number: raw.State.String()}
	if raw.State == models.ValueOK {
		w.Number = raw.Decimal(models.RatioOne)
	}
	if stored, ok := v.Get(f.Q); ok {
		base := f.Q.Base(stored)
		w.Value = &base
	}
	return w
}

// reprDigest is the digest of a body as RFC 9530 writes it.
func reprDigest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// ChunkBytes is a sealed quarter of an hour as a file.
type ChunkBytes struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Digest             string `header:"Repr-Digest"`
	Body               []byte
}

func (s *Server) getChunkBytes(ctx context.Context, actor models.Actor, in *ChunkInput) (*ChunkBytes, error) {
	c, err := s.chunkOf(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s-%s-v%d.chunk", c.Meter.ID, c.Start.Format("20060102T1504Z"), c.Version)
	return &ChunkBytes{ContentType: "application/octet-stream", ContentDisposition: `attachment; filename="` + name + `"`, Digest: reprDigest(c.Body), Body: c.Body}, nil
}
