package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

func lines(t testing.TB, path string, each func([]byte) error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<24)
	for scan.Scan() {
		if err := each(scan.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
}

// realShop imports a corpus of evaluation data.
func realShop(t testing.TB, dir, corpus string) shop {
	t.Helper()
	db := open(t, Options{})
	site, err := db.EnsureSite(t.Context(), assist.Site{Key: "real"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var batch []retrieval.Publication
	articles := 0
	flush := func() {
		if _, err := db.Publish(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		batch = nil
	}
	lines(t, filepath.Join(dir, "corpora", "retrieval-"+corpus+"-corpus.jsonl"), func(line []byte) error {
		var a struct{ ID, Title, Text string }
		if err := json.Unmarshal(line, &a); err != nil {
			return err
		}
		p := retrieval.Publication{SiteID: site.ID, Source: corpus, Hash: []byte(a.ID),
			Document: retrieval.Document{Key: a.ID, Title: a.Title, Locale: "en", Markdown: a.Text}, Chunks: retrieval.Cut(a.Text)}
		for i, c := range p.Chunks {
			p.Chunks[i].Lexical = retrieval.LexicalWeights(a.Title, c.Heading, c.Text, "en")
		}
		batch = append(batch, p)
		if articles++; len(batch) == 200 {
			flush()
		}
		return nil
	})
	flush()
	fmt.Printf("%s: %d articles, %d chunks stored in %v\n", corpus, articles, count(t, db, "select count(*) from chunks"), time.Since(start).Round(time.Millisecond))
	return shop{DB: db, site: site}
}

// TestSearchOnEvalData prints how long searches take right after a large
// import, and how the slowest statement is planned.
func TestSearchOnEvalData(t *testing.T) {
	dir := os.Getenv("CARELOOP_EVALDATA")
	if dir == "" {
		t.Skip("CARELOOP_EVALDATA names no folder of evaluation data")
	}
	s := realShop(t, dir, "dstc9")
	wantCounts(t, s.DB)
	var questions []string
	for _, set := range []string{"dstc10-spoken", "dstc11-faq"} {
		lines(t, filepath.Join(dir, "dev", "retrieval-"+set+"-queries.jsonl"), func(line []byte) error {
			var q struct{ Query string }
			err := json.Unmarshal(line, &q)
			questions = append(questions, q.Query)
			return err
		})
	}
	slow := &slowest{DB: s.DB}
	search := retrieval.NewSearch(slow, nil, retrieval.SearchOptions{})
	var took []time.Duration
	for range 3 {
		for _, q := range questions {
			r, err := search.Search(t.Context(), retrieval.Query{SiteID: s.site.ID, Text: q, Locale: "en", SiteLocale: "en"})
			if err != nil {
				t.Fatal(err)
			}
			took = append(took, r.Took.Total)
		}
	}
	slices.Sort(took)
	fmt.Printf("%d searches: p50 %v, p99 %v, slowest %v (lexical statement: slowest %v)\n",
		len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1], slow.took)
	rows, err := s.pool.Query(t.Context(), "explain (analyze, buffers) "+sqlLexical, s.site.ID, []string{"en"}, sparse(slow.query), slow.required, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(line, "Sort Key") {
			fmt.Println(line)
		}
	}
}

// slowest remembers the lexical search that took longest.
type slowest struct {
	*DB
	took     time.Duration
	query    retrieval.TermWeights
	required []int32
}

func (s *slowest) Lexical(ctx context.Context, siteID string, locales []string, audience retrieval.Audience, query retrieval.TermWeights, required []int32, limit int) ([]retrieval.Hit, error) {
	start := time.Now()
	hits, err := s.DB.Lexical(ctx, siteID, locales, audience, query, required, limit)
	if d := time.Since(start); d > s.took {
		s.took, s.query, s.required = d, query, required
	}
	return hits, err
}
