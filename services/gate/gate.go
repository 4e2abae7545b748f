package gate

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Service is the gate of one store.
type Service struct {
	store  *store.Store
	key    ed25519.PrivateKey
	texts  Texts
	now    func() time.Time
	params models.GateParameters
	group  *group
	dated  dated
	watch  watch
}

// Texts gives the text of a reason code and what cures it in a language: kk, ru or en.
type Texts func(lang, code string) (text, cure string)

// New makes the gate. key signs permits. It starts nothing.
func New(s *store.Store, key ed25519.PrivateKey, texts Texts, now func() time.Time) *Service {
	g := &Service{store: s, key: key, texts: texts, now: now, params: models.DefaultGateParameters()}
	g.group = newGroup(s, key)
	return g
}

// Answer is what the caller of a check gets. Max, ValidUntil and Permit are zero
// unless the decision is permit.
type Answer struct {
	ID              string
	Reference       string
	Decision        models.Outcome
	Reasons         []ReasonText
	Requested       models.Watts
	Max             models.Watts
	ValidUntil      time.Time
	License         string
	LicenseVersion  int64
	ConnectionPoint string
	DecidedAt       time.Time
	RulesVersion    string
	Revision        int64 // size of the sealed ledger that the facts include at least
	FactsDigest     string
	Permit          string // compact JWS, see VerifyPermit
}

// ReasonText is a reason in the language the caller asked in.
type ReasonText struct {
	Code     models.ReasonCode
	Severity models.Severity
	Text     string
	Cure     string
}

// MaxBatch is how many checks one batch may ask.
const MaxBatch = 1000

// Check answers a request of a utility, once for each key: the same key and
// request give the stored answer, also in the language of the first time; the
// same key with another request gives CodeIdempotency.
func (s *Service) Check(ctx context.Context, actor models.Actor, key, lang string, r models.CheckRequest) (Answer, error) {
	answers, err := s.checks(ctx, actor, lang, []keyed{{key: key, request: r}})
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// CheckBatch answers requests in order from one snapshot, under one key. Item i
// equals what Check would have answered after the items before it.
func (s *Service) CheckBatch(ctx context.Context, actor models.Actor, key, lang string, rs []models.CheckRequest) ([]Answer, error) {
	if len(rs) == 0 || len(rs) > MaxBatch {
		return nil, models.Errorf(models.CodeInvalid, "A batch has 1 to %d checks; this has %d.", MaxBatch, len(rs))
	}
	items := make([]keyed, 0, len(rs))
	for i, r := range rs {
		place := strconv.Itoa(i)
		item := keyed{request: r, pointer: "/checks/" + place}
		if key != "" {
			item.key = key + "#" + place
		}
		items = append(items, item)
	}
	return s.checks(ctx, actor, lang, items)
}

// keyed is a request with the key that makes it one of a kind; pointer is where it
// stands in the body.
type keyed struct {
	key     string
	pointer string
	request models.CheckRequest
	body    string // the request as JSON
	digest  string
}

// lastYear is the last that an instant in JSON can have.
const lastYear = 9999

func (s *Service) checks(ctx context.Context, actor models.Actor, lang string, items []keyed) ([]Answer, error) {
	if err := models.Can(actor, models.ActGateCheck, models.Scope{}); err != nil {
		return nil, err
	}
	if actor.Utility == "" {
		return nil, models.Errorf(models.CodeForbidden, "Only a utility asks the gate, and your account belongs to none.")
	}
	if err := prepare(items); err != nil {
		return nil, err
	}
	return s.submit(ctx, &call{actor: actor, lang: lang, items: items})
}

// prepare checks the form of the requests and digests them.
func prepare(items []keyed) error {
	var v models.Invalid
	text := make([]byte, 0, 512)
	for i := range items {
		item := &items[i]
		if item.key == "" {
			return models.Errorf(models.CodeInvalid, "Send an Idempotency-Key header: a retry with the same key gives the same answer and holds no power twice.")
		}
		r := item.request
		r.Applicant, r.License = models.NormalizeIdentifier(r.Applicant), models.NormalizeIdentifier(r.License)
		r.PlannedAt = r.PlannedAt.UTC().Truncate(time.Microsecond)
		if err := r.Validate(); err != nil {
			var refusal *models.Error
			if !errors.As(err, &refusal) {
				return err
			}
			for _, f := range refusal.Fields {
				v.Add(item.pointer+f.Pointer, f.Code, "%s", f.Detail)
			}
		}
		if r.PlannedAt.Year() > lastYear {
			v.Add(item.pointer+"/planned_at", "range", "The planned instant is after the year %d.", lastYear)
		}
		text = appendRequest(text[:0], &r)
		items[i].request, items[i].body = r, string(text)
		items[i].digest = digestOf(items[i].body)
	}
	return v.Err()
}

func digestOf[T string | []byte](text T) string {
	sum := sha256.Sum256([]byte(text))
	out := append(make([]byte, 0, len(digestName)+2*len(sum)), digestName...)
	return string(hex.AppendEncode(out, sum[:]))
}

const digestName = "sha256:"

// freshness is how much of the ledger a snapshot includes at least, and how far the
// ledger is behind.
type freshness struct {
	revision        int64
	waiting, behind time.Duration
}

// freshness reads what the snapshot taken after it includes at least. It is read
// before, and not in the deciding transaction, so that checks and the sealer do not
// wait for each other.
func (s *Service) freshness(ctx context.Context) (f freshness, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		f, err = freshnessOf(tx)
		return err
	})
	return f, err
}

func freshnessOf(tx *store.Tx) (f freshness, err error) {
	head, err := tx.Head()
	if err != nil {
		return f, err
	}
	f.revision = head.Size
	f.waiting, f.behind, err = tx.LedgerAge()
	return f, err
}

func (s *Service) reasons(reasons []models.Reason, lang string) []ReasonText {
	out := make([]ReasonText, 0, len(reasons))
	for _, r := range reasons {
		text, cure := s.texts(lang, string(r.Code))
		if about := r.About.In(lang); about != "" {
			text += " " + about + "."
		}
		out = append(out, ReasonText{Code: r.Code, Severity: r.Severity, Text: text, Cure: cure})
	}
	return out
}

func parseAnswer(c store.GateCheck) (Answer, error) {
	var a Answer
	if err := json.Unmarshal([]byte(c.Answer), &a); err != nil {
		return Answer{}, fmt.Errorf("read the stored answer %s: %w", c.ID, err)
	}
	return a, nil
}
