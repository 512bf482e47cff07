package postgres

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/retrieval"
)

// planOf is how a statement is planned.
func planOf(t testing.TB, db *DB, statement string, args ...any) string {
	t.Helper()
	rows, err := db.pool.Query(t.Context(), "explain (costs off) "+statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return plan.String()
}

// BenchmarkAudience compares both rankings with what they would be without an
// audience, in turns, and says how they are planned: the semantic one below and
// above the size from which a site has an index of its vectors.
func BenchmarkAudience(b *testing.B) {
	const dimensions = 256
	for _, size := range []int{IndexFrom / 2, 2 * IndexFrom} {
		s := newShop(b)
		adopt(b, s.DB, "m")
		manyVectors(b, s.DB, s.site.ID, "m", 0, size, dimensions, func(int) string { return "en" })
		if err := s.IndexVectors(b.Context(), s.site.ID, "m"); err != nil {
			b.Fatal(err)
		}
		if _, err := s.pool.Exec(b.Context(), "vacuum analyze"); err != nil {
			b.Fatal(err)
		}
		r := rand.New(rand.NewPCG(5, 5))
		query := retrieval.LexicalWeights("text", nil, "text", "en")
		lexical := func() []any {
			return []any{s.site.ID, []string{"en"}, sparse(query), query.Terms, 50}
		}
		semantic := func() []any {
			return []any{s.site.ID, []string{"en"}, pgvector.NewHalfVector(direction(r, dimensions))}
		}
		for _, ranking := range []struct {
			name, with, without string
			args                func() []any
		}{
			{"lexical", sqlLexical, strings.Replace(sqlLexical, " and audience <= $6", "", 1), lexical},
			{"semantic", fmt.Sprintf(sqlSemantic, 1, dimensions, s.site.ID, 50), strings.Replace(fmt.Sprintf(sqlSemantic, 1, dimensions, s.site.ID, 50), " and audience <= $4", "", 1), semantic},
		} {
			if ranking.with == ranking.without {
				b.Fatal("both statements are the same")
			}
			b.Logf("%s, %d chunks:\n%s\nwithout an audience:\n%s", ranking.name, size,
				planOf(b, s.DB, ranking.with, append(ranking.args(), 0)...), planOf(b, s.DB, ranking.without, ranking.args()...))
			b.Run(fmt.Sprintf("%s-%d", ranking.name, size), func(b *testing.B) {
				var with, without []time.Duration
				once := func(statement string, args []any) time.Duration {
					start := time.Now()
					rows, err := s.pool.Query(b.Context(), statement, args...)
					if err != nil {
						b.Fatal(err)
					}
					if hits, err := collectHits(rows); err != nil || len(hits) != 50 {
						b.Fatal(len(hits), err)
					}
					return time.Since(start)
				}
				for b.Loop() {
					with = append(with, once(ranking.with, append(ranking.args(), 0)))
					without = append(without, once(ranking.without, ranking.args()))
				}
				slices.Sort(with)
				slices.Sort(without)
				b.ReportMetric(with[len(with)/2].Seconds()*1000, "with-p50-ms")
				b.ReportMetric(without[len(without)/2].Seconds()*1000, "without-p50-ms")
				b.ReportMetric(with[len(with)/2].Seconds()/without[len(without)/2].Seconds(), "ratio")
			})
		}
	}
}
