package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/retrieval"
)

const sqlPublishTimeout = `select set_config('statement_timeout', $1, true)`

// Publications of one site wait for each other here: slugs, versions and counts
// need no other lock, and two imports at once cannot wait in a circle. Searches
// and chats go on meanwhile.
const sqlLockSite = `select locale from sites where id = $1 for no key update`

const sqlStoredArticles = `
select a.id, a.source, a.key, a.slug, a.locale, a.content_hash, a.last_version,
	a.published_version is not null or a.edited_at is not null, a.audience
from unnest($2::text[], $3::text[]) as wanted (source, key)
join articles a on a.site_id = $1 and a.source = wanted.source and a.key = wanted.key`

// storedArticle is what a publication must know of an article.
type storedArticle struct {
	id, slug, locale string
	hash             []byte // of what was imported last
	version          int
	// kept says that an import of the same leaves it as it is: published, or taken
	// back by people.
	kept     bool
	audience retrieval.Audience
}

type articleKey struct{ source, key string }

// Publish stores each publication as a new version of its article and makes it
// the published one. All of them belong to one site.
func (db *DB) Publish(ctx context.Context, ps []retrieval.Publication) ([]retrieval.State, error) {
	if len(ps) == 0 {
		return nil, nil
	}
	var states []retrieval.State
	var chunks int
	for _, p := range ps {
		if p.SiteID != ps[0].SiteID {
			return nil, errors.New("publish: the publications belong to several sites")
		}
	}
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		locale, err := lockSite(ctx, tx, ps[0].SiteID)
		if err != nil {
			return err
		}
		states, chunks, err = db.publishIn(ctx, tx, locale, ps)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	db.analyze(ctx, chunks)
	return states, nil
}

// publishIn is what every publication is done by, whoever wrote it. The site is
// locked, and all publications are of it. It gives also how many chunks were
// written.
func (db *DB) publishIn(ctx context.Context, tx pgx.Tx, locale string, ps []retrieval.Publication) ([]retrieval.State, int, error) {
	states := make([]retrieval.State, len(ps))
	chunks := 0
	changed, lacking := false, false
	// A key that comes twice is published twice, one after the other.
	for _, round := range roundsOf(ps) {
		w := publisher{tx: tx, siteID: ps[0].SiteID, locale: locale, ps: ps, states: states}
		if err := w.publish(ctx, round); err != nil {
			return nil, 0, err
		}
		changed = changed || w.changed
		chunks += w.chunks
	}
	if !changed || !db.embeds {
		return states, chunks, nil
	}
	delay := embeddingDelay
	for _, p := range ps {
		lacking = lacking || p.Edit != nil && len(p.Vectors) == 0
	}
	if lacking { // somebody waits to see it work
		delay = 0
	}
	return states, chunks, db.enqueueEmbedding(ctx, tx, ps[0].SiteID, delay)
}

const sqlAnalyze = `analyze chunks, corpus_terms, chunk_vectors`

// analyze refreshes the planner's statistics whenever this process has stored
// twice as many chunks as at the last time: right after a large import a search
// would else read every chunk, until the database's own house-keeping comes to
// it a minute later. As it does come to it, a failure here is none.
func (db *DB) analyze(ctx context.Context, chunks int) {
	db.analyzed.Lock()
	defer db.analyzed.Unlock()
	db.analyzed.stored += chunks
	if chunks == 0 || db.analyzed.stored < max(50, 2*db.analyzed.at) {
		return
	}
	db.analyzed.at = db.analyzed.stored
	_, _ = db.pool.Exec(ctx, sqlAnalyze)
}

func lockSite(ctx context.Context, tx pgx.Tx, siteID string) (locale string, err error) {
	if _, err := tx.Exec(ctx, sqlPublishTimeout, strconv.FormatInt(publishTimeout.Milliseconds(), 10)); err != nil {
		return "", err
	}
	err = tx.QueryRow(ctx, sqlLockSite, siteID).Scan(&locale)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("there is no site %s", siteID)
	}
	return locale, err
}

// roundsOf spreads publications, by index, over rounds in which no key comes twice.
func roundsOf(ps []retrieval.Publication) [][]int {
	var rounds [][]int
	times := make(map[articleKey]int, len(ps))
	for i, p := range ps {
		k := articleKey{p.Source, p.Key}
		n := times[k]
		times[k]++
		if n == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[n] = append(rounds[n], i)
	}
	return rounds
}

// publisher writes one round of publications.
type publisher struct {
	tx      pgx.Tx
	siteID  string
	locale  string // the site's own, for documents that name none
	ps      []retrieval.Publication
	states  []retrieval.State
	changed bool
	chunks  int // that were written
}

// version is one article version on its way in.
type version struct {
	*retrieval.Publication
	id, locale, slug string
	number           int
	audience         retrieval.Audience
}

// edit is what the console says; nothing for an import.
func (v version) edit() retrieval.Edit {
	if v.Edit == nil {
		return retrieval.Edit{}
	}
	return *v.Edit
}

func (w *publisher) publish(ctx context.Context, round []int) error {
	stored, err := w.stored(ctx, round)
	if err != nil {
		return err
	}
	var created, updated []version
	var needSlug []*version
	for _, i := range round {
		p := &w.ps[i]
		v := version{Publication: p, locale: p.Locale, number: 1}
		if v.locale == "" {
			v.locale = w.locale
		}
		old, known := stored[articleKey{p.Source, p.Key}]
		if v.audience = old.audience; p.Edit != nil {
			v.audience = p.Edit.Audience
		}
		switch {
		case !known:
			w.states[i] = retrieval.Created
			if v.id, err = newID(); err != nil {
				return err
			}
			created = append(created, v)
		case p.Edit == nil && old.kept && bytes.Equal(old.hash, p.Hash):
			w.states[i] = retrieval.Unchanged
		default:
			w.states[i] = retrieval.Updated
			v.id, v.number = old.id, old.version+1
			if old.locale == v.locale && keepsSlug(old.slug, wantedSlug(p.Document)) {
				v.slug = old.slug
			}
			updated = append(updated, v)
		}
	}
	if len(created)+len(updated) == 0 {
		return nil
	}
	w.changed = true
	for _, list := range [][]version{updated, created} {
		for i := range list {
			if list[i].slug == "" {
				needSlug = append(needSlug, &list[i])
			}
		}
	}
	if err := w.chooseSlugs(ctx, needSlug); err != nil {
		return err
	}
	if err := w.writeArticles(ctx, created, updated); err != nil {
		return err
	}
	return w.writeChunks(ctx, updated, append(created, updated...))
}

func (w *publisher) stored(ctx context.Context, round []int) (map[articleKey]storedArticle, error) {
	sources, keys := make([]string, len(round)), make([]string, len(round))
	for i, j := range round {
		sources[i], keys[i] = w.ps[j].Source, w.ps[j].Key
	}
	rows, err := w.tx.Query(ctx, sqlStoredArticles, w.siteID, sources, keys)
	if err != nil {
		return nil, err
	}
	stored := make(map[articleKey]storedArticle, len(round))
	var k articleKey
	var a storedArticle
	_, err = pgx.ForEachRow(rows, []any{&a.id, &k.source, &k.key, &a.slug, &a.locale, &a.hash, &a.version, &a.kept, &a.audience},
		func() error {
			stored[k] = a
			a.hash = nil
			return nil
		})
	return stored, err
}

const sqlInsertArticles = `
insert into articles (id, site_id, source, key, slug, locale, content_hash, audience, last_version, published_version)
select id, $1, source, key, slug, locale, hash, audience, 1, 1
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::smallint[])
	as n (id, source, key, slug, locale, hash, audience)`

// What is published in the console keeps the hash of what was imported: the next
// import leaves it alone as long as its source has not changed.
//
// A slug that an article gives up is remembered, so that its old address leads
// to the new one.
const sqlUpdateArticles = `
with n as (
	select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::integer[], $6::smallint[], $7::boolean[])
		as n (id, slug, locale, hash, version, audience, edited)
), former as (
	insert into article_slugs (site_id, locale, slug, article_id)
	select a.site_id, a.locale, a.slug, a.id from articles a join n on n.id = a.id
	where (a.locale, a.slug) <> (n.locale, n.slug)
	on conflict (site_id, locale, slug) do update set article_id = excluded.article_id, at = now()
)
update articles a set
	slug = n.slug, locale = n.locale, content_hash = case when n.edited then a.content_hash else n.hash end,
	audience = n.audience, edited_at = case when n.edited then now() end,
	last_version = n.version, published_version = n.version, updated_at = now()
from n
where a.id = n.id`

func (w *publisher) writeArticles(ctx context.Context, created, updated []version) error {
	b := &pgx.Batch{}
	if len(created) > 0 {
		b.Queue(sqlInsertArticles, w.siteID, column(created, func(v version) string { return v.id }),
			column(created, func(v version) string { return v.Source }), column(created, func(v version) string { return v.Key }),
			column(created, func(v version) string { return v.slug }), column(created, func(v version) string { return v.locale }),
			column(created, func(v version) []byte { return orEmpty(v.Hash) }),
			column(created, func(v version) int16 { return int16(v.audience) }))
	}
	if len(updated) > 0 {
		b.Queue(sqlUpdateArticles, column(updated, func(v version) string { return v.id }),
			column(updated, func(v version) string { return v.slug }), column(updated, func(v version) string { return v.locale }),
			column(updated, func(v version) []byte { return orEmpty(v.Hash) }),
			column(updated, func(v version) int { return v.number }),
			column(updated, func(v version) int16 { return int16(v.audience) }),
			column(updated, func(v version) bool { return v.Edit != nil }))
	}
	if err := runBatch(ctx, w.tx, b); err != nil {
		return err
	}
	all := append(append([]version(nil), created...), updated...)
	_, err := w.tx.CopyFrom(ctx, pgx.Identifier{"article_versions"},
		[]string{"article_id", "version", "title", "markdown", "tags", "url", "created_by", "author", "note"},
		pgx.CopyFromSlice(len(all), func(i int) ([]any, error) {
			v, e := all[i], all[i].edit()
			return []any{v.id, v.number, v.Title, v.Markdown, orEmpty(v.Tags), v.URL, orNull(e.ByID), e.Author, e.Note}, nil
		}))
	return err
}

// orNull stores an id that there may not be.
func orNull(id string) any {
	if id == "" {
		return nil
	}
	return id
}

func column[T, V any](list []T, of func(T) V) []V {
	values := make([]V, len(list))
	for i, v := range list {
		values[i] = of(v)
	}
	return values
}

// maxTerms is the dimension of the lexical vectors: one more than the greatest
// term.
const maxTerms = retrieval.MaxTerm + 1

func (w *publisher) writeChunks(ctx context.Context, replaced, all []version) error {
	counts := termCounts{}
	if len(replaced) > 0 {
		if err := dropChunks(ctx, w.tx, column(replaced, func(v version) string { return v.id }), counts); err != nil {
			return err
		}
	}
	var rows [][]any
	for _, v := range all {
		for _, c := range v.Chunks {
			if n := len(c.Lexical.Terms); n != len(c.Lexical.Weights) || len(c.Lexical.Words) > n {
				return fmt.Errorf("a chunk of %q has %d terms, %d weights and %d words", v.Title, n, len(c.Lexical.Weights), len(c.Lexical.Words))
			}
			counts.add(v.locale, c.Lexical.Terms, 1)
			rows = append(rows, []any{w.siteID, v.id, v.number, v.locale, int16(v.audience), c.Ordinal, orEmpty(c.Heading), c.Text,
				orEmpty(c.Lexical.Terms), sparse(c.Lexical)})
		}
	}
	w.chunks = len(rows)
	if len(rows) > 0 {
		_, err := w.tx.CopyFrom(ctx, pgx.Identifier{"chunks"},
			[]string{"site_id", "article_id", "version", "locale", "audience", "ordinal", "heading", "text", "terms", "weights"},
			pgx.CopyFromRows(rows))
		if err != nil {
			return err
		}
	}
	if err := counts.write(ctx, w.tx, w.siteID); err != nil {
		return err
	}
	if err := addWords(ctx, w.tx, w.siteID, all); err != nil {
		return err
	}
	return w.writeVectors(ctx, all)
}

func sparse(t retrieval.TermWeights) pgvector.SparseVector {
	elements := make(map[int32]float32, len(t.Terms))
	for i, term := range t.Terms {
		elements[term] = t.Weights[i]
	}
	return pgvector.NewSparseVectorFromMap(elements, maxTerms)
}
