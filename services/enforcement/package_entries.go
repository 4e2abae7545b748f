package enforcement

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// entriesOf collects the ledger's entries about everything that the package tells.
func (d *dossier) entriesOf() error {
	found, err := d.tx.EntriesAbout(d.about, d.checkpoint.Size)
	if err != nil {
		return err
	}
	alone, err := d.tx.EntriesAt(d.places, d.checkpoint.Size)
	if err != nil {
		return err
	}
	found = append(found, alone...)
	slices.SortFunc(found, func(a, b store.LedgerEntry) int { return int(a.Index - b.Index) })
	found = slices.CompactFunc(found, func(a, b store.LedgerEntry) bool { return a.Index == b.Index })
	// What it was exported for before is no part of the evidence, and would make no two alike.
	d.entries = slices.DeleteFunc(found, func(e store.LedgerEntry) bool { return e.Kind == kindPackaged || e.Kind == "case.viewed" })
	return nil
}

// entryLines proves the entries, and takes out the names and bodies that are to go.
func (d *dossier) entryLines() error {
	proofs, err := ledger.Prove(d.tx, d.checkpoint.Size, d.entries)
	if err != nil {
		return err
	}
	d.lines = make([]entryLine, len(proofs))
	for i, x := range proofs {
		item := fmt.Sprintf("entry:%d", x.Entry.Index)
		d.items[item] = hex.EncodeToString(ledger.PrivateDigest(x.Entry))
		class := ""
		if x.Entry.ActorKind != "system" {
			class = classPersons
		}
		removed := d.taken(item, class)
		if removed {
			d.removed = append(d.removed, item)
		}
		if !x.Entry.Erased.IsZero() {
			d.missing("entry_erased", fmt.Sprint(x.Entry.Index), 0)
		}
		d.lines[i] = lineOf(x, removed)
	}
	lines, err := jsonLines(d.lines)
	if err == nil {
		d.derived(fileEntries, "The ledger's entries about all this, each with its path to the root of the checkpoint.", lines)
	}
	return err
}

// wordsOf adds the words of the case as their digests in the ledger were made of them.
func (d *dossier) wordsOf() error {
	salts, err := d.tx.CaseActSalts(d.caseID)
	if err != nil {
		return err
	}
	for _, e := range d.entries {
		var body struct {
			Act   string `json:"act"`
			Words string `json:"words"`
		}
		if !e.Erased.IsZero() || json.Unmarshal([]byte(e.Body), &body) != nil || body.Words == "" {
			continue
		}
		salt, texts := d.matter.Case.Salt, []any{}
		switch e.Kind {
		case "case.acted":
			salt = salts[body.Act]
			texts = actForms(d.matter.Acts, body.Act)
		case "case.opened":
			about := slices.DeleteFunc(slices.Clone(d.matter.Subjects), func(s models.CaseSubject) bool { return !s.Added.Equal(d.matter.Case.Opened) })
			texts = []any{[]any{d.matter.Case.Title, d.matter.Case.Summary, about}}
		case "case.closed", "case.dismissed", "case.dismissal_drafted":
			texts = []any{d.matter.Case.Note}
		default:
			continue
		}
		if err := d.wordsAs(e, salt, body.Words, texts); err != nil {
			return err
		}
	}
	return nil
}

// actForms gives an act as it can have been written: an empty list of serial numbers
// reads back as one that is not there, and acts of earlier releases have no place and no
// fate.
func actForms(acts []models.CaseAct, id string) (out []any) {
	for _, a := range acts {
		if a.ID != id {
			continue
		}
		forms := []models.CaseAct{a}
		if bare := a; len(a.Serials) == 0 {
			bare.Serials = nil
			forms = append(forms, bare)
		}
		for _, f := range forms {
			out = append(out, f)
		}
		if a.Place != "" || a.Fate != "" {
			return out
		}
		for _, f := range forms {
			out = append(out, placelessAct{f.ID, f.Case, f.Kind, f.On, f.Agency, f.Number, f.CriminalCase, f.Serials, f.Rigs, f.Money, f.Ruling, f.Text, f.At, f.By})
		}
	}
	return out
}

// placelessAct is an act as releases wrote it before seizures had a place and a fate.
type placelessAct struct {
	ID, Case                         string
	Kind                             models.CaseActKind
	On, Agency, Number, CriminalCase string
	Serials                          []string
	Rigs                             int64
	Money                            models.Tiyn
	Ruling, Text                     string
	At                               time.Time
	By                               string
}

// wordsAs adds the form that gives the digest, or says that none does.
func (d *dossier) wordsAs(e store.LedgerEntry, salt, words string, texts []any) error {
	for _, t := range texts {
		digest, err := sealed(salt, t)
		if err != nil {
			return err
		}
		if digest == words {
			b, err := json.Marshal(t)
			if err != nil {
				return err
			}
			return d.note(fmt.Sprintf("words.%d", e.Index), classWords, sealedWords{Entry: e.ID, Salt: salt, Text: string(b)})
		}
	}
	d.missing("words_not_proven", fmt.Sprint(e.Index), 0)
	return nil
}
