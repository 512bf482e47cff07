package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/retrieval"
)

// languages reduces locales to their languages: what is written for de-AT also
// serves who asks for de. None stands for all.
func languages(locales []string) []string {
	list := make([]string, 0, len(locales))
	for _, l := range locales {
		language, _, _ := strings.Cut(strings.ReplaceAll(l, "_", "-"), "-")
		list = append(list, strings.ToLower(language))
	}
	return list
}

const sqlCorpusChunks = `
select coalesce(sum(chunks), 0)::bigint from corpora
where site_id = $1
and (cardinality($2::text[]) = 0 or lower(split_part(locale, '-', 1)) = any($2))`

const sqlCorpusTerms = `
select term, sum(chunks)::bigint from corpus_terms
where site_id = $1 and term = any($3)
and (cardinality($2::text[]) = 0 or lower(split_part(locale, '-', 1)) = any($2))
group by term`

// Corpus counts chunks and, for the given terms, the chunks that hold them.
func (db *DB) Corpus(ctx context.Context, siteID string, locales []string, terms []int32) (retrieval.Corpus, error) {
	corpus := retrieval.Corpus{DocumentFrequency: make(map[int32]int64, len(terms))}
	in := languages(locales)
	b := &pgx.Batch{}
	b.Queue(sqlCorpusChunks, siteID, in).QueryRow(func(row pgx.Row) error { return row.Scan(&corpus.Chunks) })
	b.Queue(sqlCorpusTerms, siteID, in, orEmpty(terms)).Query(func(rows pgx.Rows) error {
		var term int32
		var chunks int64
		_, err := pgx.ForEachRow(rows, []any{&term, &chunks}, func() error {
			corpus.DocumentFrequency[term] = chunks
			return nil
		})
		return err
	})
	return corpus, db.pool.SendBatch(ctx, b).Close()
}

// localesWanted are the locales of a site's chunks whose language is wanted. The
// planner expects next to no chunk to pass a condition on an expression, and
// would look each vector up by itself; of these locales it knows better.
const localesWanted = `array(select o.locale from corpora o where o.site_id = $1 and ` + isWanted + `)`

const isWanted = `(cardinality($2::text[]) = 0 or lower(split_part(o.locale, '-', 1)) = any($2))`

// allWanted says once, for all rows, that there is no other locale: looking into
// a list for each row takes longer than reading the row.
const allWanted = `(select not exists (select from corpora o where o.site_id = $1 and not ` + isWanted + `))`

const sqlLexical = `
select id, -(weights <#> $3) as score
from chunks
where terms && $4 and site_id = $1 and locale = any(` + localesWanted + `) and audience <= $6
order by score desc, id
limit $5`

// Lexical ranks by the inner product of the chunks' weights and the query's.
func (db *DB) Lexical(ctx context.Context, siteID string, locales []string, audience retrieval.Audience, query retrieval.TermWeights, required []int32, limit int) ([]retrieval.Hit, error) {
	if len(query.Terms) == 0 || len(required) == 0 {
		return nil, nil
	}
	rows, err := db.pool.Query(ctx, sqlLexical, siteID, languages(locales), sparse(query), required, limit, int16(audience))
	if err != nil {
		return nil, err
	}
	return collectHits(rows)
}

// The vectors of one embedder have length 1, so their inner product is the
// cosine. The numbers and the site stand in the statement itself: only so can the
// planner see that the index of a large site's vectors fits (hnsw.go). Where there
// is none, the same statement reads them all.
const sqlSemantic = `
select chunk_id, -((embedding::halfvec(%[2]d)) <#> $3) as score
from chunk_vectors
where embedder_id = %[1]d and site_id = '%[3]s' and site_id = $1
	and (` + allWanted + ` or locale = any(` + localesWanted + `)) and audience <= $4
order by (embedding::halfvec(%[2]d)) <#> $3
limit %[4]d`

// Semantic ranks by cosine similarity within the vectors of one embedder, of
// which the query's must be one.
func (db *DB) Semantic(ctx context.Context, siteID string, locales []string, audience retrieval.Audience, embedder string, vector []float32, limit int) ([]retrieval.Hit, error) {
	e, err := db.embedder(ctx, embedder)
	if err != nil {
		return nil, err
	}
	if e.dimensions == 0 || !isID(siteID) { // no vectors yet, no site
		return nil, nil
	}
	if len(vector) != e.dimensions {
		return nil, fmt.Errorf("the question's vector has length %d, those of %s have %d", len(vector), embedder, e.dimensions)
	}
	statement := fmt.Sprintf(sqlSemantic, e.id, e.dimensions, siteID, limit)
	rows, err := db.pool.Query(ctx, statement, siteID, languages(locales), pgvector.NewHalfVector(vector), int16(audience))
	if err != nil {
		return nil, err
	}
	hits, err := collectHits(rows)
	slices.SortFunc(hits, func(a, b retrieval.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ChunkID, b.ChunkID))
	})
	return hits, err
}

func collectHits(rows pgx.Rows) ([]retrieval.Hit, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h retrieval.Hit, err error) {
		err = row.Scan(&h.ChunkID, &h.Score)
		return h, err
	})
}

const sqlPassages = `
select c.id, ` + articleColumns + `, c.audience, c.heading, c.text
from chunks c
join articles a on a.id = c.article_id
join article_versions v on v.article_id = c.article_id and v.version = c.version
where c.id = any($2) and c.site_id = $1`

// Passages loads chunks by id with their articles.
func (db *DB) Passages(ctx context.Context, siteID string, chunkIDs []int64) ([]retrieval.Passage, error) {
	rows, err := db.pool.Query(ctx, sqlPassages, siteID, orEmpty(chunkIDs))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p retrieval.Passage, err error) {
		a := &p.Article
		err = row.Scan(&p.ChunkID, &a.ID, &a.Version, &a.Slug, &a.Title, &a.Locale, &a.URL, &a.Audience, &p.Heading, &p.Text)
		return p, err
	})
}
