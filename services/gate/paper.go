package gate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// codeLetters leaves out what is taken for something else in writing or by phone.
var codeLetters = base32.NewEncoding("23456789ABCDEFGHJKMNPQRSTUVWXYZ#").WithPadding(base32.NoPadding)

const (
	callCodeSize   = 4 // letters that the dispatcher says to show that the sheet is at hand
	answerCodeSize = 6 // letters that the officer says with the answer, and the dispatcher reads back
)

// paperCode makes a code of a number. role is call, permit, deny or refer.
func paperCode(secret, number, role string, size int) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "rigistry/paper/v1\n%s\n%s", number, role)
	return strings.ReplaceAll(codeLetters.EncodeToString(mac.Sum(nil)), "#", "2")[:size]
}

func sameCode(got, want string) bool {
	return subtle.ConstantTimeCompare([]byte(models.NormalizeIdentifier(got)), []byte(want)) == 1
}

// PaperLine is a line of a sheet: a number with its codes. The utility's sheet has
// Call only, the registry's has all.
type PaperLine struct {
	Number string
	Call   string
	Codes  map[models.Outcome]string // what the officer says with each answer
	State  models.PaperState
}

// IssuePaperBlock gives a utility, named by id or code, a block of numbers for checks
// by phone.
func (s *Service) IssuePaperBlock(ctx context.Context, actor models.Actor, utility string, count int64) (models.PaperBlock, error) {
	if err := models.Can(actor, models.ActPaperIssue, models.Scope{}); err != nil {
		return models.PaperBlock{}, err
	}
	if count < 1 || count > models.MaxPaperBlock {
		var v models.Invalid
		v.Add("/count", "range", "A block has 1 to %d numbers.", models.MaxPaperBlock)
		return models.PaperBlock{}, v.Err()
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return models.PaperBlock{}, fmt.Errorf("make the secret of a block: %w", err)
	}
	var out models.PaperBlock
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.Utility(utility)
		if err != nil {
			return err
		}
		first, err := tx.TakePaperNumbers(count)
		if err != nil {
			return err
		}
		out = models.PaperBlock{ID: tx.NewID(), Utility: u.ID, First: first, Last: first + count - 1, Secret: hex.EncodeToString(secret[:]),
			IssuedBy: actor.ID, Issued: tx.Now}
		if err := tx.InsertPaperBlock(out); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "paper.issued", Subject: models.Ref{Kind: "paper_block", ID: out.ID}, Actor: actor, Utility: u.ID,
			Body: map[string]any{"first": models.PaperNumber(out.First), "last": models.PaperNumber(out.Last), "count": count}})
		return err
	})
	return out, err
}

// PaperBlocks lists blocks, the newest first; a utility sees its own.
func (s *Service) PaperBlocks(ctx context.Context, actor models.Actor, page store.Page) (out []models.PaperBlock, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.PaperBlocks(scope, page)
		return err
	})
	return out, err
}

// PaperSheet gives the lines of a block. The codes of the answers are on it for those
// alone who may answer: with them a dispatcher could write a permit that nobody gave.
func (s *Service) PaperSheet(ctx context.Context, actor models.Actor, id string) (block models.PaperBlock, lines []PaperLine, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return block, nil, err
	}
	answers := models.Can(actor, models.ActPaperAnswer, models.Scope{}) == nil
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if block, err = tx.PaperBlock(id); err != nil {
			return err
		}
		if scope != "" && block.Utility != scope {
			return models.NotFound("paper block", id)
		}
		forms, err := tx.PaperChecks(store.PaperFilter{Block: id}, store.Page{Limit: models.MaxPaperBlock})
		if err != nil {
			return err
		}
		lines = make([]PaperLine, 0, len(forms))
		for i := range forms { // the list has the highest first, a sheet the lowest
			form := forms[len(forms)-1-i]
			line := PaperLine{Number: form.Number, State: form.State}
			if scope != "" || answers {
				line.Call = paperCode(block.Secret, form.Number, "call", callCodeSize)
			}
			if answers {
				line.Codes = map[models.Outcome]string{}
				for _, o := range []models.Outcome{models.OutcomePermit, models.OutcomeDeny, models.OutcomeRefer} {
					line.Codes[o] = paperCode(block.Secret, form.Number, string(o), answerCodeSize)
				}
			}
			lines = append(lines, line)
		}
		return nil
	})
	return block, lines, err
}

// paperFor finds a form, whatever spaces its number is written with, and the secret of
// its codes. What belongs to another utility is not there.
func (s *Service) paperFor(tx *store.Tx, actor models.Actor, action models.Action, number string) (models.PaperCheck, string, error) {
	scope, err := scopeOf(actor, action)
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	written, err := models.CheckPaperNumber(number)
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	c, err := tx.PaperCheck(written)
	if err == nil && scope != "" && c.Utility != scope {
		err = models.NotFound("paper check", written)
	}
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	block, err := tx.PaperBlock(c.Block)
	return c, block.Secret, err
}

// PaperCheck gives a form by its number.
func (s *Service) PaperCheck(ctx context.Context, actor models.Actor, number string) (c models.PaperCheck, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		c, _, err = s.paperFor(tx, actor, models.ActPaperRead, number)
		return err
	})
	return c, err
}

// PaperChecks lists forms, the highest number first; a utility sees its own.
func (s *Service) PaperChecks(ctx context.Context, actor models.Actor, f store.PaperFilter, page store.Page) (out []models.PaperCheck, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return nil, err
	}
	if scope != "" {
		f.Utility = scope
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.PaperChecks(f, page)
		return err
	})
	return out, err
}

// SettlePaper records what an officer decided about a difference: another person than
// who gave the answer.
func (s *Service) SettlePaper(ctx context.Context, actor models.Actor, number, reason string) (models.PaperCheck, error) {
	if err := models.Can(actor, models.ActPaperSettle, models.Scope{}); err != nil {
		return models.PaperCheck{}, err
	}
	var out models.PaperCheck
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, _, err := s.paperFor(tx, actor, models.ActPaperSettle, number)
		if err != nil {
			return err
		}
		if out, err = c.Settle(actor, reason, tx.Now); err != nil {
			return err
		}
		if err := tx.UpdatePaperCheck(out); err != nil {
			return err
		}
		return appendPaper(tx, actor, "paper.settled", out, map[string]any{"differences": out.Differences, "reason": reason})
	})
	return out, err
}
