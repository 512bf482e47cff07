package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// termCounts is by how much a publication changes the counts of its site's
// corpora, by locale.
type termCounts map[string]*localeCounts

type localeCounts struct {
	chunks int64
	terms  map[int32]int64
}

// add counts n chunks with these terms.
func (t termCounts) add(locale string, terms []int32, n int64) {
	c := t[locale]
	if c == nil {
		c = &localeCounts{terms: map[int32]int64{}}
		t[locale] = c
	}
	c.chunks += n
	for _, term := range terms {
		c.terms[term] += n
	}
}

const sqlDropChunks = `delete from chunks where article_id = any($1) returning locale, terms`

// dropChunks removes the chunks of articles and counts them off.
func dropChunks(ctx context.Context, tx pgx.Tx, articleIDs []string, counts termCounts) error {
	rows, err := tx.Query(ctx, sqlDropChunks, articleIDs)
	if err != nil {
		return err
	}
	var locale string
	var terms []int32
	_, err = pgx.ForEachRow(rows, []any{&locale, &terms}, func() error {
		counts.add(locale, terms, -1)
		return nil
	})
	return err
}

const sqlMakeCorpora = `
insert into corpora (site_id, locale, chunks)
select $1, locale, 0 from unnest($2::text[]) locale
on conflict do nothing`

const sqlCountChunks = `
update corpora c set chunks = c.chunks + n.chunks
from unnest($2::text[], $3::bigint[]) as n (locale, chunks)
where c.site_id = $1 and c.locale = n.locale`

const sqlAddTerms = `
insert into corpus_terms as t (site_id, locale, term, chunks)
select $1, n.locale, n.term, n.chunks
from unnest($2::text[], $3::integer[], $4::bigint[]) as n (locale, term, chunks)
on conflict (site_id, term, locale) do update set chunks = t.chunks + excluded.chunks`

const sqlSubtractTerms = `
update corpus_terms t set chunks = t.chunks - n.chunks
from unnest($2::text[], $3::integer[], $4::bigint[]) as n (locale, term, chunks)
where t.site_id = $1 and t.locale = n.locale and t.term = n.term`

const sqlForgetTerms = `
delete from corpus_terms t
using unnest($2::text[], $3::integer[]) as n (locale, term)
where t.site_id = $1 and t.locale = n.locale and t.term = n.term and t.chunks = 0`

// write brings the stored counts up to date. The site is locked.
func (t termCounts) write(ctx context.Context, tx pgx.Tx, siteID string) error {
	var locales []string
	var chunks []int64
	var more, less struct {
		locales []string
		terms   []int32
		chunks  []int64
	}
	for locale, c := range t {
		locales, chunks = append(locales, locale), append(chunks, c.chunks)
		for term, n := range c.terms {
			to := &more
			switch {
			case n == 0:
				continue
			case n < 0:
				to, n = &less, -n
			}
			to.locales, to.terms, to.chunks = append(to.locales, locale), append(to.terms, term), append(to.chunks, n)
		}
	}
	b := &pgx.Batch{}
	if len(locales) > 0 {
		b.Queue(sqlMakeCorpora, siteID, locales)
		b.Queue(sqlCountChunks, siteID, locales, chunks)
	}
	if len(less.terms) > 0 {
		b.Queue(sqlSubtractTerms, siteID, less.locales, less.terms, less.chunks)
		b.Queue(sqlForgetTerms, siteID, less.locales, less.terms)
		b.Queue(sqlForgetWords, siteID, less.terms)
	}
	if len(more.terms) > 0 {
		b.Queue(sqlAddTerms, siteID, more.locales, more.terms, more.chunks)
	}
	if b.Len() == 0 {
		return nil
	}
	return runBatch(ctx, tx, b)
}
