package licensing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Elsewhere is a role of the same human being at another party.
type Elsewhere struct {
	Person models.PartyPerson
	Party  models.Party
}

// PersonFound is a line with the roles of the same human being at other parties
// that overlap it; those are for officers only.
type PersonFound struct {
	models.PartyPerson
	Elsewhere []Elsewhere
}

// Persons gives the directors and beneficial owners of a party: those in effect on
// the legal date of the context's moment (all, whenever, when it asks about no
// instant), as they were known at it. It is a reading of personal data: unless the
// party reads its own, the ledger keeps that it was read and by whom.
func (s *Service) Persons(ctx context.Context, actor models.Actor, key string) (out []PersonFound, err error) {
	view := store.MomentOf(ctx)
	ctx = store.At(ctx, store.Moment{}) // the lines keep both times themselves, and the trace is left now
	err = s.personWork(ctx, actor, func(tx *store.Tx) error {
		p, err := partyByKey(tx, key)
		if err != nil {
			return err
		}
		if err := models.Reach(actor, models.ActPersonRead, models.Scope{Party: p.ID}, "party", key); err != nil {
			return err
		}
		if out, err = readPersons(tx, p.ID, view); err != nil || ownRead(actor, p.ID) {
			return err
		}
		if models.Can(actor, models.ActPersonWrite, models.Scope{}) == nil || actor.Is(models.RoleHead) {
			if out, err = withElsewhere(tx, p.ID, out); err != nil {
				return err
			}
		}
		body := map[string]any{"lines": len(out)}
		for name, at := range map[string]time.Time{"as_at": view.AsAt, "known_at": view.KnownAt} {
			if !at.IsZero() {
				body[name] = at
			}
		}
		return fact(tx, actor, "party.persons_viewed", models.Ref{Kind: "party", ID: p.ID}, 0, body)
	})
	return out, err
}

// ownRead tells whether the actor reads its own party as an applicant, which leaves
// no trace.
func ownRead(actor models.Actor, party string) bool {
	return actor.Party == party && ownParty(actor, models.ActPersonRead) == party
}

// personWork is a transaction that leaves a trace, or a view for who leaves none.
func (s *Service) personWork(ctx context.Context, actor models.Actor, fn func(tx *store.Tx) error) error {
	if ownParty(actor, models.ActPersonRead) != "" {
		return s.view(ctx, actor, models.ActPersonRead, fn)
	}
	return s.update(ctx, actor, models.ActPersonRead, fn)
}

func partyByKey(tx *store.Tx, key string) (models.Party, error) {
	p, err := tx.Party(models.NormalizeIdentifier(key))
	if models.CodeOf(err) == models.CodeNotFound {
		p, err = tx.Party(key)
	}
	return p, err
}

func readPersons(tx *store.Tx, party string, view store.Moment) ([]PersonFound, error) {
	known := view.KnownAt
	if known.IsZero() {
		known = tx.Now
	}
	lines, err := tx.Persons(party, known)
	if err != nil {
		return nil, err
	}
	models.SortPersons(lines)
	out := make([]PersonFound, 0, len(lines))
	for _, l := range lines {
		if view.AsAt.IsZero() || l.HeldOn(models.LegalDate(view.AsAt)) {
			out = append(out, PersonFound{PartyPerson: l})
		}
	}
	return out, nil
}

func withElsewhere(tx *store.Tx, party string, found []PersonFound) ([]PersonFound, error) {
	keys := make([]string, 0, len(found))
	for _, f := range found {
		keys = append(keys, f.Key())
	}
	others, err := tx.PersonsElsewhere(party, distinct(keys))
	if err != nil || len(others) == 0 {
		return found, err
	}
	ids := make([]string, 0, len(others))
	for _, o := range others {
		ids = append(ids, o.Party)
	}
	parties, err := tx.PartiesByID(distinct(ids))
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		for _, o := range others {
			if o.Key() == f.Key() && o.Overlaps(f.PartyPerson) && parties[o.Party].MergedInto == "" {
				found[i].Elsewhere = append(found[i].Elsewhere, Elsewhere{Person: o, Party: parties[o.Party]})
			}
		}
	}
	return found, nil
}

// AddPerson records a director or beneficial owner of a party, from a legal date.
func (s *Service) AddPerson(ctx context.Context, actor models.Actor, party string, given models.PartyPerson) (models.PartyPerson, error) {
	var p models.PartyPerson
	err := s.update(ctx, actor, models.ActPersonWrite, func(tx *store.Tx) error {
		of, err := partyByKey(tx, party)
		if err == nil {
			err = refuseMerged(of)
		}
		if err != nil {
			return err
		}
		p = cleanPerson(given)
		p.ID, p.Party = tx.NewID(), of.ID
		return recordPerson(tx, actor, "party.person_recorded", &p)
	})
	return p, err
}

// CorrectPerson says how a line was in truth. What was known before stays known.
func (s *Service) CorrectPerson(ctx context.Context, actor models.Actor, party, line string, version int64, with models.PartyPerson) (models.PartyPerson, error) {
	return s.changePerson(ctx, actor, personChange{party: party, line: line, version: version, kind: "party.person_corrected", change: func(p models.PartyPerson) models.PartyPerson {
		c := cleanPerson(with)
		c.ID, c.Version, c.Party = p.ID, p.Version, p.Party
		return c
	}})
}

// EndPerson says from which legal date a line does not hold any more; its own first
// day says that it never did.
func (s *Service) EndPerson(ctx context.Context, actor models.Actor, party, line string, version int64, until, note string) (models.PartyPerson, error) {
	return s.changePerson(ctx, actor, personChange{party: party, line: line, version: version, kind: "party.person_ended", change: func(p models.PartyPerson) models.PartyPerson {
		p.ValidUntil, p.Note = strings.TrimSpace(until), strings.TrimSpace(note)
		return p
	}})
}

type personChange struct {
	party, line string
	version     int64
	kind        string
	change      func(models.PartyPerson) models.PartyPerson
}

func (s *Service) changePerson(ctx context.Context, actor models.Actor, c personChange) (p models.PartyPerson, err error) {
	err = s.update(ctx, actor, models.ActPersonWrite, func(tx *store.Tx) error {
		of, err := partyByKey(tx, c.party)
		if err != nil {
			return err
		}
		if p, err = tx.Person(c.line); err != nil || p.Party != of.ID {
			return models.NotFound("person", c.line)
		}
		if err := refuseMerged(of); err != nil {
			return err
		}
		if err := sameVersion(c.version, p.Version); err != nil {
			return err
		}
		p = c.change(p)
		if c.kind == "party.person_ended" && p.ValidUntil == "" {
			var v models.Invalid
			v.Add("/valid_until", "required", "Give the first day on which it is not so any more.")
			return v.Err()
		}
		return recordPerson(tx, actor, c.kind, &p)
	})
	return p, err
}

func cleanPerson(p models.PartyPerson) models.PartyPerson {
	return models.PartyPerson{Role: p.Role, Name: strings.Join(strings.Fields(p.Name), " "), IIN: models.NormalizeIdentifier(p.IIN),
		Citizenship: strings.ToUpper(strings.TrimSpace(p.Citizenship)), ShareBP: p.ShareBP, ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Note: strings.TrimSpace(p.Note)}
}

// recordPerson saves the next version of a line when it agrees with the other lines
// of its party. The party's row is locked, so that two people cannot both fill what
// is left of the shares.
func recordPerson(tx *store.Tx, actor models.Actor, kind string, p *models.PartyPerson) error {
	if err := p.Check(models.LegalDate(tx.Now)); err != nil {
		return err
	}
	if err := tx.LockParty(p.Party); err != nil {
		return err
	}
	lines, err := tx.Persons(p.Party, tx.Now)
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(l models.PartyPerson) bool { return l.ID == p.ID })
	if err := models.CheckPersons(append(lines, *p)); err != nil {
		return err
	}
	return keepPerson(tx, actor, kind, p)
}

// saltBytes is enough that a digest tells nothing about a short name.
const saltBytes = 16

func keepPerson(tx *store.Tx, actor models.Actor, kind string, p *models.PartyPerson) error {
	p.Salt = make([]byte, saltBytes)
	if _, err := rand.Read(p.Salt); err != nil {
		return fmt.Errorf("salt the digest of a person: %w", err)
	}
	p.Version, p.RecordedBy, p.RecordedAt = p.Version+1, actor.ID, tx.Now
	if err := tx.AddPerson(*p); err != nil {
		return err
	}
	return fact(tx, actor, kind, models.Ref{Kind: "party", ID: p.Party}, 0, map[string]any{"line": p.ID, "version": p.Version, "role": p.Role,
		"share_bp": p.ShareBP, "valid_from": p.ValidFrom, "valid_until": p.ValidUntil, "person_digest": PersonDigest(*p)})
}

// PersonDigest is what the ledger keeps of who a person is: SHA-256 over the salt,
// the IIN, the name, the citizenship and the note, each with its length. Without the
// salt, which can be erased with the rest, it tells nothing.
func PersonDigest(p models.PartyPerson) string {
	h := sha256.New()
	for _, part := range []string{string(p.Salt), p.IIN, p.Name, p.Citizenship, p.Note} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part))) //nolint:gosec // a column is shorter than 4 GiB; a hash takes every write
		_, _ = h.Write([]byte(part))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// refuseMerged says that a party stands no more for itself.
func refuseMerged(p models.Party) error {
	if p.MergedInto == "" {
		return nil
	}
	return models.Errorf(models.CodeConflict, "This party was merged into %s. Change that one, or undo the merge first.", p.MergedInto)
}
