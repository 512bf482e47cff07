package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/internal/account"
)

const sqlRenameGap = `
update gaps set title = $3, named = true, pinned = true where id = $2 and site_id = $1`

// Rename gives a gap a title that stays.
func (s Gaps) Rename(ctx context.Context, siteID, id, title string, by gap.Actor) error {
	return s.change(ctx, siteID, id, by, "gap.renamed", func(tx pgx.Tx, was string) (map[string]any, error) {
		_, err := tx.Exec(ctx, sqlRenameGap, siteID, id, title)
		return map[string]any{"title": title}, err
	})
}

const sqlDismissGap = `
update gaps set state = case when $3 then 'dismissed' else 'open' end, pinned = true where id = $2 and site_id = $1`

// Dismiss says that a gap needs no article.
func (s Gaps) Dismiss(ctx context.Context, siteID, id string, dismissed bool, by gap.Actor) error {
	action := "gap.reopened"
	if dismissed {
		action = "gap.dismissed"
	}
	return s.change(ctx, siteID, id, by, action, func(tx pgx.Tx, _ string) (map[string]any, error) {
		_, err := tx.Exec(ctx, sqlDismissGap, siteID, id, dismissed)
		return nil, err
	})
}

const sqlLockGap = `select title from gaps where id = $2 and site_id = $1 for update`

// change does something to a gap and writes down who did.
func (s Gaps) change(ctx context.Context, siteID, id string, by gap.Actor, action string, f func(tx pgx.Tx, title string) (map[string]any, error)) error {
	if !isID(id) {
		return refuse(gap.CodeUnknown)
	}
	return s.sorted(ctx, siteID, func(tx pgx.Tx) error {
		var title string
		if err := tx.QueryRow(ctx, sqlLockGap, siteID, id).Scan(&title); err != nil {
			return orRefuse(err, gap.CodeUnknown)
		}
		details, err := f(tx, title)
		if err != nil {
			return err
		}
		return audit(ctx, tx, siteID, account.Actor(by), action, title, details)
	})
}

const sqlMergeQuestions = `update gap_questions set gap_id = $3 where site_id = $1 and gap_id = $2`

// An article that was begun for the one goes on for the other, unless that has one.
const sqlMergeGap = `
update gaps g set pinned = true,
	article_id = coalesce(g.article_id, o.article_id),
	drafted_at = case when g.article_id is null then o.drafted_at else g.drafted_at end
from gaps o
where g.id = $3 and o.id = $2 and g.site_id = $1 and o.site_id = $1`

const sqlEndGap = `delete from gaps where id = $2 and site_id = $1`

// Merge puts all questions of a gap into another one.
func (s Gaps) Merge(ctx context.Context, siteID, id, into string, by gap.Actor) error {
	if !isID(into) {
		return refuse(gap.CodeUnknown)
	}
	return s.change(ctx, siteID, id, by, "gap.merged", func(tx pgx.Tx, _ string) (map[string]any, error) {
		var title string
		if err := tx.QueryRow(ctx, sqlLockGap, siteID, into).Scan(&title); err != nil {
			return nil, orRefuse(err, gap.CodeUnknown)
		}
		b := &pgx.Batch{}
		b.Queue(sqlMergeQuestions, siteID, id, into)
		b.Queue(sqlMergeGap, siteID, id, into)
		b.Queue(sqlEndGap, siteID, id)
		if err := runBatch(ctx, tx, b); err != nil {
			return nil, err
		}
		return map[string]any{"into": title}, recountGaps(ctx, tx, siteID, []string{into})
	})
}

const sqlMoveQuestions = `
update gap_questions set gap_id = $3 where site_id = $1 and gap_id = $2 and id = any($4::bigint[])`

const sqlFirstOfGap = `
select locale, text from gap_questions
where site_id = $1 and gap_id = $2 and id = any($3::bigint[]) order by at desc, id desc limit 1`

const sqlPinGap = `update gaps set pinned = true where id = $2 and site_id = $1`

// Move puts questions of a gap into another one, or into a new one.
func (s Gaps) Move(ctx context.Context, siteID, id string, questions []int64, to string, by gap.Actor) (string, error) {
	if to != "" && !isID(to) {
		return "", refuse(gap.CodeUnknown)
	}
	err := s.change(ctx, siteID, id, by, "gap.questions_moved", func(tx pgx.Tx, _ string) (map[string]any, error) {
		var locale, title string
		err := tx.QueryRow(ctx, sqlFirstOfGap, siteID, id, questions).Scan(&locale, &title)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, refuse(gap.CodeUnknown) // they were moved meanwhile
		}
		if err != nil {
			return nil, err
		}
		if to != "" {
			if err := tx.QueryRow(ctx, sqlLockGap, siteID, to).Scan(&title); err != nil {
				return nil, orRefuse(err, gap.CodeUnknown)
			}
		} else {
			if to, err = newID(); err != nil {
				return nil, err
			}
			if _, err := tx.Exec(ctx, sqlMakeGap, to, siteID, locale, title, true); err != nil {
				return nil, err
			}
		}
		b := &pgx.Batch{}
		b.Queue(sqlMoveQuestions, siteID, id, to, questions)
		b.Queue(sqlPinGap, siteID, to)
		if err := runBatch(ctx, tx, b); err != nil {
			return nil, err
		}
		return map[string]any{"to": title, "questions": len(questions)}, recountGaps(ctx, tx, siteID, []string{id, to})
	})
	return to, err
}
