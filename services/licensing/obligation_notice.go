package licensing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// followNotices tells parties what the ledger says about their applications and
// licenses: what a letter would tell them.
func (s *Service) followNotices(_ context.Context, tx *store.Tx, entries []models.SealedEntry) error {
	for _, e := range entries {
		n, ok, err := noticeOfEntry(tx, e)
		if err != nil && models.CodeOf(err) != models.CodeNotFound { // a party or license that is gone is told nothing
			return fmt.Errorf("notice of entry %d: %w", e.Index, err)
		}
		if err != nil || !ok {
			continue
		}
		n.Subject, n.Occasion, n.At = e.Subject, e.ID, e.At
		if err := tx.InsertNotice(n); err != nil {
			return err
		}
	}
	return nil
}

// entryWords are the fields of ledger bodies that notices read.
type entryWords struct {
	Outcome   string `json:"outcome"`
	AnswerDue string `json:"answer_due"`
	Complete  *bool  `json:"complete"`
	License   string `json:"license"`
}

func noticeOfEntry(tx *store.Tx, e models.SealedEntry) (n models.Notice, ok bool, err error) {
	switch {
	case e.Utility != "":
		return n, false, nil
	case e.Subject.Kind == "application":
		return applicationNotice(tx, e)
	case e.Subject.Kind == "license":
		kind, known := map[string]models.NoticeKind{"license.suspended": models.NoticeSuspended, "license.lifted": models.NoticeLifted,
			"license.revoked": models.NoticeRevoked, "license.terminated": models.NoticeTerminated, "license.expired": models.NoticeExpired}[e.Kind]
		if !known {
			return n, false, nil
		}
		l, err := tx.License(e.Subject.ID, time.Time{})
		return models.Notice{Party: l.Holder, Kind: kind, License: l.Number}, err == nil, err
	}
	return n, false, nil
}

func applicationNotice(tx *store.Tx, e models.SealedEntry) (n models.Notice, ok bool, err error) {
	var words entryWords
	switch e.Kind {
	case "application.correction_requested", "decision.signed", "application.checked":
		if err := json.Unmarshal([]byte(e.Body), &words); err != nil {
			return n, false, fmt.Errorf("read the body: %w", err)
		}
	default:
		return n, false, nil
	}
	a, err := tx.Application(e.Subject.ID)
	if err != nil {
		return n, false, err
	}
	n = models.Notice{Party: a.Applicant, License: words.License, Data: models.NoticeData{Number: a.Number}}
	switch {
	case e.Kind == "application.correction_requested":
		n.Kind, n.Due = models.NoticeCorrection, words.AnswerDue
	case e.Kind == "application.checked":
		n.Kind = models.NoticeReturned
		ok := words.Complete != nil && !*words.Complete
		return n, ok, nil
	case words.Outcome == models.OutcomeGrant:
		n.Kind = models.NoticeGranted
	default:
		n.Kind = models.NoticeRefused
	}
	return n, true, nil
}

// Notices gives what the party of the actor was told, the newest first, how much of
// it nobody has read, and the cursor of the next page.
func (s *Service) Notices(ctx context.Context, actor models.Actor, f store.NoticeFilter, page store.Page) (out []models.Notice, unread int64, cursor string, err error) {
	err = s.view(ctx, actor, models.ActNoticeRead, func(tx *store.Tx) error {
		if f.Party = ownParty(actor, models.ActNoticeRead); f.Party == "" {
			f.Party = actor.Party
		}
		if out, err = tx.Notices(f, page); err == nil {
			unread, err = tx.UnreadNotices(f.Party)
		}
		cursor = next(out, page, func(n models.Notice) string { return n.ID })
		return err
	})
	return out, unread, cursor, err
}

// ReadNotice marks a notice of the actor's party as read.
func (s *Service) ReadNotice(ctx context.Context, actor models.Actor, id string) (n models.Notice, err error) {
	err = s.update(ctx, actor, models.ActNoticeRead, func(tx *store.Tx) error {
		n, err = tx.ReadNotice(actor.Party, id, actor.ID)
		return err
	})
	return n, err
}
