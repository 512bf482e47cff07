package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/embed/static"
)

const (
	searchesPerRound = 100
	compared         = 300 // searches of which the exact one's first ten are known
	firstOnes        = 10
)

// finder searches the corpus of a world, whole, by pgvector's exact scan alone,
// and whole with that scan in place of the index.
type finder struct {
	world    *world
	db       *postgres.DB
	conn     *pgx.Conn // for the scan alone
	siteID   string
	embedder retrieval.Embedder
	search   *retrieval.Search
	exact    *retrieval.Search
}

func newFinder(ctx context.Context, w *world) (_ *finder, err error) {
	f := &finder{world: w}
	if f.db, err = postgres.Open(ctx, w.cluster.URL(), postgres.Options{}); err != nil {
		return nil, err
	}
	if f.embedder, err = static.New(); err != nil {
		return nil, err
	}
	site, err := f.db.SiteByKey(ctx, "")
	if err != nil {
		return nil, err
	}
	f.siteID = site.ID
	if f.conn, err = pgx.Connect(ctx, w.cluster.URL()); err != nil {
		return nil, err
	}
	if err := pgxvector.RegisterTypes(ctx, f.conn); err != nil {
		return nil, err
	}
	o := retrieval.SearchOptions{EmbedTimeout: time.Minute}
	f.search = retrieval.NewSearch(f.db, f.embedder, o)
	f.exact = retrieval.NewSearch(exactIndex{f.db, f}, f.embedder, o)
	// What users of pgvector begin with: a table of vectors in the half precision
	// that Careloop keeps, without an index.
	_, err = f.conn.Exec(ctx, fmt.Sprintf(`
		drop table if exists plain_vectors;
		create table plain_vectors as select chunk_id as id, embedding::halfvec(%d) as embedding from chunk_vectors;
		create unique index on plain_vectors (id);
		alter table plain_vectors alter embedding set storage plain;
		analyze plain_vectors`, f.embedder.Dimensions()))
	return f, err
}

func (f *finder) close(ctx context.Context) {
	if f.conn != nil {
		_ = f.conn.Close(context.WithoutCancel(ctx)) // the database goes with it
	}
	if f.db != nil {
		f.db.Close()
	}
}

// scan is pgvector's exact scan alone.
func (f *finder) scan(ctx context.Context, vector []float32, limit int) ([]retrieval.Hit, error) {
	rows, err := f.conn.Query(ctx, `select id, -(embedding <#> $1) from plain_vectors order by embedding <#> $1 limit $2`, pgvector.NewHalfVector(vector), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h retrieval.Hit, err error) {
		err = row.Scan(&h.ChunkID, &h.Score)
		return h, err
	})
}

// exactIndex is the index with exact semantic rankings. All of the corpus is of
// one site and one language.
type exactIndex struct {
	*postgres.DB
	f *finder
}

func (e exactIndex) Semantic(ctx context.Context, _ string, _ []string, _ retrieval.Audience, _ string, vector []float32, limit int) ([]retrieval.Hit, error) {
	return e.f.scan(ctx, vector, limit)
}

func (f *finder) query() retrieval.Query {
	return retrieval.Query{SiteID: f.siteID, Text: f.world.corpus.question(), Locale: "en", SiteLocale: "en"}
}

// measureSearch compares the whole search with the exact scan alone, one after
// the other for each question.
func measureSearch(ctx context.Context, p plan, w *world, t *table, most float64) error {
	f, err := newFinder(ctx, w)
	if err != nil {
		return err
	}
	defer f.close(ctx)
	var whole50, whole99, scan50, embed50 []time.Duration
	for round := range p.rounds + 1 {
		var whole, scan, embed []time.Duration
		for range searchesPerRound {
			q := f.query()
			start := time.Now()
			vectors, err := f.embedder.Embed(ctx, []string{q.Text}, true)
			if err != nil {
				return err
			}
			embed = append(embed, time.Since(start))
			start = time.Now()
			if _, err := f.search.Search(ctx, q); err != nil {
				return err
			}
			whole = append(whole, time.Since(start))
			start = time.Now()
			if _, err := f.scan(ctx, vectors[0], firstOnes); err != nil {
				return err
			}
			scan = append(scan, time.Since(start))
		}
		if round == 0 {
			continue // warms caches up
		}
		whole50, whole99 = append(whole50, median(whole)), append(whole99, quantile(whole, 0.99))
		scan50, embed50 = append(scan50, median(scan)), append(embed50, median(embed))
	}
	ratio := ratioOf(median(whole50), median(scan50))
	t.add(row{
		what: fmt.Sprintf("whole search, %d chunks, p50", w.chunks), careloop: ms(median(whole50)), baseline: ms(median(scan50)) + " exact scan alone",
		ratio: ratio, target: fmt.Sprintf("at most %.2f times", most), met: ratio <= most,
	})
	t.add(row{what: fmt.Sprintf("whole search, %d chunks, p99", w.chunks), careloop: ms(median(whole99)), ratio: math.NaN()})
	t.add(row{
		what: "embedding one question, p50", careloop: median(embed50).String(), ratio: math.NaN(),
		target: "at most 50µs", met: median(embed50) <= 50*time.Microsecond,
	})
	return f.compare(ctx, t)
}

// compare tells how much of the exact whole search's first ten the search has.
func (f *finder) compare(ctx context.Context, t *table) error {
	same, all := 0, 0
	for range compared {
		q := f.query()
		q.Limit = firstOnes
		got, err := f.search.Search(ctx, q)
		if err != nil {
			return err
		}
		want, err := f.exact.Search(ctx, q)
		if err != nil {
			return err
		}
		has := map[int64]bool{}
		for _, p := range got.Passages {
			has[p.ChunkID] = true
		}
		for _, p := range want.Passages {
			all++
			if has[p.ChunkID] {
				same++
			}
		}
	}
	share := float64(same) / float64(max(1, all))
	t.add(row{
		what: fmt.Sprintf("of the exact search's first ten, %d chunks", f.world.chunks), careloop: fmt.Sprintf("%.4f found", share),
		baseline: fmt.Sprintf("%d passages of %d questions", all, compared), ratio: math.NaN(), target: "at least 0.98", met: share >= 0.98,
	})
	return nil
}

// measureIndexing tells how long the import of the corpus took.
func measureIndexing(w *world, t *table) {
	each := w.indexing.Seconds() / float64(w.chunks)
	t.add(row{
		what: fmt.Sprintf("indexing %d chunks, from the file to the index", w.chunks), careloop: fmt.Sprintf("%.1f s", w.indexing.Seconds()),
		baseline: fmt.Sprintf("%.1f s for 10,000", each*10_000), ratio: math.NaN(), target: "at most 30 s for 10,000", met: each*10_000 <= 30,
	})
}

// measureScale does the same with many more chunks.
func measureScale(ctx context.Context, p plan, t *table) error {
	w, err := newStore(ctx, p, p.large)
	if err != nil {
		return err
	}
	defer func() {
		if err := w.close(); err != nil {
			progress("%s", err)
		}
	}()
	t.add(row{what: fmt.Sprintf("indexing %d chunks, from the file to the index", w.chunks), careloop: fmt.Sprintf("%.0f s", w.indexing.Seconds()), ratio: math.NaN()})
	if err := measureSearch(ctx, p, w, t, 0.25); err != nil {
		return err
	}
	return measureCrossover(ctx, p, w, t)
}

// measureCrossover compares the exact scan with HNSW, both alone, at several
// sizes.
func measureCrossover(ctx context.Context, p plan, w *world, t *table) error {
	f, err := newFinder(ctx, w)
	if err != nil {
		return err
	}
	defer f.close(ctx)
	for size := 500; size <= min(w.chunks, 16_000); size *= 2 {
		_, err := f.conn.Exec(ctx, fmt.Sprintf(`
			drop table if exists some_vectors;
			create table some_vectors as select * from plain_vectors order by id %% 997, id limit %d;
			analyze some_vectors`, size))
		if err != nil {
			return err
		}
		once := func() (time.Duration, error) {
			var took []time.Duration
			for range searchesPerRound * p.rounds {
				vectors, err := f.embedder.Embed(ctx, []string{f.world.corpus.question()}, true)
				if err != nil {
					return 0, err
				}
				start := time.Now()
				rows, err := f.conn.Query(ctx, `select id from some_vectors order by embedding <#> $1 limit 50`, pgvector.NewHalfVector(vectors[0]))
				if err != nil {
					return 0, err
				}
				if _, err := pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
					return 0, err
				}
				took = append(took, time.Since(start))
			}
			return median(took), nil
		}
		exact, err := once()
		if err != nil {
			return err
		}
		began := time.Now()
		if _, err := f.conn.Exec(ctx, `create index on some_vectors using hnsw (embedding halfvec_ip_ops)`); err != nil {
			return err
		}
		built := time.Since(began)
		if _, err := f.conn.Exec(ctx, `set hnsw.ef_search = 150; set enable_seqscan = off`); err != nil {
			return err
		}
		indexed, err := once()
		if err != nil {
			return err
		}
		if _, err := f.conn.Exec(ctx, `reset all`); err != nil {
			return err
		}
		t.add(row{
			what: fmt.Sprintf("vectors alone, %d of them, HNSW", size), careloop: fmt.Sprintf("%s, built in %.1f s", ms(indexed), built.Seconds()),
			baseline: ms(exact) + " exact scan", ratio: ratioOf(indexed, exact),
		})
	}
	return nil
}
