package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/retrieval"
)

// Articles is the store of what admins write.
type Articles struct{ db *DB }

var _ article.Store = Articles{}

// Articles gives the store of what admins write.
func (db *DB) Articles() Articles { return Articles{db} }

const sqlReserveArticle = `
insert into articles (id, site_id, source, key, slug, locale, content_hash, audience, last_version, revisions)
values ($1, $2, $3, $1::uuid::text, $4, $5, '', $6, 0, 1)`

const sqlInsertArticleDraft = `
insert into article_drafts (article_id, site_id, revision, base_version, title, markdown, tags, url, slug, locale, audience, updated_by, author)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
returning updated_at`

// Only of the same site, and only a gap that no article is to close yet.
const sqlCloseGap = `
update gaps set article_id = $1, drafted_at = now() where id = $3 and site_id = $2 and article_id is null`

// Create makes an article with a draft. Its slug is its own from now on.
func (a Articles) Create(ctx context.Context, siteID string, t article.Text, gapID string, by article.Actor) (string, error) {
	id, err := newID()
	if err != nil {
		return "", err
	}
	err = a.db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockSite(ctx, tx, siteID); err != nil {
			return err
		}
		v := version{Publication: &retrieval.Publication{Document: retrieval.Document{Slug: t.Slug, Title: t.Title}}, locale: t.Locale}
		w := publisher{tx: tx, siteID: siteID}
		if err := w.chooseSlugs(ctx, []*version{&v}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlReserveArticle, id, siteID, article.Source, v.slug, t.Locale, int16(t.Audience)); err != nil {
			return err
		}
		d := article.Draft{Text: t, Revision: 1, By: by.Name}
		if err := insertArticleDraft(ctx, tx, siteID, id, &d, by); err != nil {
			return err
		}
		if isID(gapID) {
			if _, err := tx.Exec(ctx, sqlCloseGap, id, siteID, gapID); err != nil {
				return err
			}
		}
		return audit(ctx, tx, siteID, account.Actor(by), "article.made", t.Title, map[string]any{"article": id})
	})
	return id, err
}

func insertArticleDraft(ctx context.Context, tx pgx.Tx, siteID, id string, d *article.Draft, by article.Actor) error {
	return tx.QueryRow(ctx, sqlInsertArticleDraft, id, siteID, d.Revision, d.BaseVersion, d.Title, d.Markdown, orEmpty(d.Tags), d.URL, d.Slug,
		d.Locale, int16(d.Audience), orNull(by.ID), by.Name).Scan(&d.UpdatedAt)
}

// heldArticle is an article that is locked.
type heldArticle struct {
	id, source, key, slug, locale string
	title                         string // as people know it
	published                     int    // 0: not
	last, revisions               int
	draft                         article.Draft // revision 0: none
	draftBy                       string        // an id
	due                           bool          // its time has come
}

const sqlLockArticle = `
select a.id, a.source, a.key, a.slug, a.locale, coalesce(a.published_version, 0), a.last_version, a.revisions,
	coalesce(v.title, '')
from articles a
left join article_versions v on v.article_id = a.id and v.version = coalesce(a.published_version, a.last_version)
where a.id = $2 and a.site_id = $1
for no key update of a`

const articleDraftColumns = `d.revision, d.base_version, d.title, d.markdown, d.tags, d.url, d.slug, d.locale, d.audience, d.updated_at, d.author,
	d.publish_at, d.trouble`

func articleDraftTargets(d *article.Draft) []any {
	return []any{&d.Revision, &d.BaseVersion, &d.Title, &d.Markdown, &d.Tags, &d.URL, &d.Slug, &d.Locale, &d.Audience, &d.UpdatedAt, &d.By,
		&d.PublishAt, &d.Trouble}
}

const sqlArticleDraft = `
select ` + articleDraftColumns + `, coalesce(d.updated_by::text, ''), coalesce(d.publish_at <= now(), false) from article_drafts d where d.article_id = $2 and d.site_id = $1`

// holdArticle locks an article with its draft.
func holdArticle(ctx context.Context, tx pgx.Tx, siteID, id string) (heldArticle, error) {
	var h heldArticle
	err := tx.QueryRow(ctx, sqlLockArticle, siteID, id).Scan(&h.id, &h.source, &h.key, &h.slug, &h.locale, &h.published, &h.last, &h.revisions, &h.title)
	if err != nil {
		return h, orRefuse(err, article.CodeUnknown)
	}
	// Whoever changes a draft holds its article.
	err = tx.QueryRow(ctx, sqlArticleDraft, siteID, id).Scan(append(articleDraftTargets(&h.draft), &h.draftBy, &h.due)...)
	if h.title == "" {
		h.title = h.draft.Title
	}
	return h, orNothing(err)
}

// articleChange does something to an article while it is locked, and says what is
// written down of it: nothing where action is empty. locale is the site's, where it
// is locked.
type articleChange func(tx pgx.Tx, locale string, h *heldArticle) (action string, details map[string]any, err error)

// change changes an article.
func (a Articles) change(ctx context.Context, siteID, id string, by article.Actor, f articleChange) error {
	return a.changeWith(ctx, siteID, id, by, false, f)
}

// changeIndex changes what is found of it, too: as with every publication, the site
// is locked.
func (a Articles) changeIndex(ctx context.Context, siteID, id string, by article.Actor, f articleChange) error {
	return a.changeWith(ctx, siteID, id, by, true, f)
}

func (a Articles) changeWith(ctx context.Context, siteID, id string, by article.Actor, siteLocked bool, f articleChange) error {
	if !isID(id) {
		return refuse(article.CodeUnknown)
	}
	var theirs article.Draft
	err := a.db.inTx(ctx, func(tx pgx.Tx) error {
		locale := ""
		if siteLocked {
			var err error
			if locale, err = lockSite(ctx, tx, siteID); err != nil {
				return err
			}
		}
		h, err := holdArticle(ctx, tx, siteID, id)
		if err != nil {
			return err
		}
		theirs = h.draft
		action, details, err := f(tx, locale, &h)
		if err != nil || action == "" {
			return err
		}
		if details == nil {
			details = map[string]any{}
		}
		details["article"] = h.id
		return audit(ctx, tx, siteID, account.Actor(by), action, h.title, details)
	})
	switch {
	case !errors.Is(err, errMeanwhile):
		return err
	case theirs.Revision > 0:
		inUTC(&theirs.UpdatedAt, theirs.PublishAt)
		return article.ChangedBy(theirs)
	}
	now, err := a.Article(ctx, siteID, id)
	if err != nil {
		return err
	}
	return article.ChangedBy(now.Draft)
}

// errMeanwhile says that a draft is not that of the revision any more.
var errMeanwhile = errors.New("another saving came between")

const sqlUpdateArticleDraft = `
update article_drafts set
	revision = $3, title = $4, markdown = $5, tags = $6, url = $7, slug = $8, locale = $9, audience = $10,
	updated_by = $11, author = $12, updated_at = now(), trouble = ''
where article_id = $1 and site_id = $2
returning updated_at`

const sqlCountRevision = `update articles set revisions = $3 where id = $1 and site_id = $2`

// SaveDraft saves over the draft of a revision. Only the first of somebody's
// savings is written down: the console saves while they type.
func (a Articles) SaveDraft(ctx context.Context, siteID, id string, revision, base int, t article.Text, by article.Actor) (article.Draft, error) {
	var saved article.Draft
	err := a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.draft.Revision != revision || revision == 0 && base != 0 && base != h.base() {
			return "", nil, errMeanwhile
		}
		saved = article.Draft{Text: t, Revision: h.revisions + 1, BaseVersion: h.draft.BaseVersion, PublishAt: h.draft.PublishAt, By: by.Name}
		if _, err := tx.Exec(ctx, sqlCountRevision, id, siteID, saved.Revision); err != nil {
			return "", nil, err
		}
		if revision == 0 {
			saved.BaseVersion = h.base()
			return "article.drafted", map[string]any{"revision": saved.Revision}, insertArticleDraft(ctx, tx, siteID, id, &saved, by)
		}
		err := tx.QueryRow(ctx, sqlUpdateArticleDraft, id, siteID, saved.Revision, t.Title, t.Markdown, orEmpty(t.Tags), t.URL, t.Slug, t.Locale,
			int16(t.Audience), orNull(by.ID), by.Name).Scan(&saved.UpdatedAt)
		if h.draftBy == by.ID {
			return "", nil, err
		}
		return "article.drafted", map[string]any{"revision": saved.Revision}, err
	})
	return saved, err
}

// base is the version that a draft begins from.
func (h heldArticle) base() int {
	if h.published > 0 {
		return h.published
	}
	return h.last
}

const sqlDropArticleDraft = `delete from article_drafts where article_id = $1 and site_id = $2`

// DiscardDraft lets go of the draft of a revision. An article that was never
// published would be nothing without it, and keeps it.
func (a Articles) DiscardDraft(ctx context.Context, siteID, id string, revision int, by article.Actor) error {
	return a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.draft.Revision != revision {
			return "", nil, errMeanwhile
		}
		_, err := tx.Exec(ctx, sqlDropArticleDraft, id, siteID)
		return "article.draft_discarded", map[string]any{"revision": revision, "by": h.draft.By}, err
	})
}

const sqlKeepArticle = `
update articles set owner_id = nullif($3, '')::uuid, review_on = nullif($4, '')::date where id = $1 and site_id = $2`

const sqlKept = `
select coalesce(a.owner_id::text, ''), coalesce(a.review_on::text, ''), coalesce(g.name, '')
from articles a left join agents g on g.id = a.owner_id where a.id = $1 and a.site_id = $2`

// Whoever answers for the site can own its articles.
const sqlOwner = `
select a.name from agents a
where a.id = $2 and a.disabled_at is null
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = $1))`

// Keep sets who owns an article and when it is to be looked at again.
func (a Articles) Keep(ctx context.Context, siteID, id string, ownerID, reviewOn *string, by article.Actor) error {
	return a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, _ *heldArticle) (string, map[string]any, error) {
		var owner, review, name string
		if err := tx.QueryRow(ctx, sqlKept, id, siteID).Scan(&owner, &review, &name); err != nil {
			return "", nil, err
		}
		before := map[string]any{"owner": name, "review_on": review}
		if ownerID != nil {
			owner, name = *ownerID, ""
		}
		if reviewOn != nil {
			review = *reviewOn
		}
		if owner != "" && ownerID != nil {
			if !isID(owner) {
				return "", nil, refuse(article.CodeUnknownOwner)
			}
			if err := tx.QueryRow(ctx, sqlOwner, siteID, owner).Scan(&name); err != nil {
				return "", nil, orRefuse(err, article.CodeUnknownOwner)
			}
		}
		_, err := tx.Exec(ctx, sqlKeepArticle, id, siteID, owner, review)
		return "article.kept", map[string]any{"before": before, "after": map[string]any{"owner": name, "review_on": review}}, err
	})
}

const sqlDeleteArticle = `delete from articles where id = $1 and site_id = $2`

// Delete forgets an article that is not published.
func (a Articles) Delete(ctx context.Context, siteID, id string, by article.Actor) error {
	return a.change(ctx, siteID, id, by, func(tx pgx.Tx, _ string, h *heldArticle) (string, map[string]any, error) {
		if h.published > 0 {
			return "", nil, refuse(article.CodePublished)
		}
		_, err := tx.Exec(ctx, sqlDeleteArticle, id, siteID)
		return "article.deleted", map[string]any{"slug": h.slug, "versions": h.last}, err
	})
}
