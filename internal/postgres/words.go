package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/retrieval"
)

const sqlAddWords = `
insert into corpus_words (site_id, word, term)
select $1, n.word, n.term from unnest($2::text[], $3::integer[]) as n (word, term)
on conflict do nothing`

// addWords stores the words of chunks with their terms.
func addWords(ctx context.Context, tx pgx.Tx, siteID string, versions []version) error {
	type entry struct {
		word string
		term int32
	}
	seen := map[entry]bool{}
	var words []string
	var terms []int32
	for _, v := range versions {
		for _, c := range v.Chunks {
			for i, word := range c.Lexical.Words {
				e := entry{word, c.Lexical.Terms[i]}
				if word == "" || seen[e] {
					continue
				}
				seen[e] = true
				words, terms = append(words, e.word), append(terms, e.term)
			}
		}
	}
	if len(words) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlAddWords, siteID, words, terms)
	return err
}

// sqlForgetWords follows sqlForgetTerms.
const sqlForgetWords = `
delete from corpus_words w
where w.site_id = $1 and w.term = any($2)
and not exists (select from corpus_terms t where t.site_id = w.site_id and t.term = w.term)`

const sqlWords = `
select word, term from corpus_words
where site_id = $1 and left(word, 1) = any($2) and char_length(word) between $3 and $4
limit $5`

// Words gives the words of a site's chunks that begin with one of the letters and
// have a length from least to most, in characters.
func (db *DB) Words(ctx context.Context, siteID string, letters []string, least, most, limit int) ([]retrieval.Word, error) {
	rows, err := db.pool.Query(ctx, sqlWords, siteID, orEmpty(letters), least, most, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (w retrieval.Word, err error) {
		err = row.Scan(&w.Form, &w.Term)
		return w, err
	})
}
