package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

func always(string) bool { return true }

func adopt(t testing.TB, db *DB, name string) {
	t.Helper()
	if err := db.Adopt(t.Context(), name, always); err != nil {
		t.Fatal(err)
	}
}

// points is an embedder that gives each text a direction of its own.
type points struct {
	name       string
	dimensions int
}

func (p points) Name() string    { return p.name }
func (p points) Dimensions() int { return p.dimensions }

func (p points) Embed(_ context.Context, texts []string, _ bool) ([][]float32, error) {
	list := make([][]float32, len(texts))
	for i, text := range texts {
		seed := uint64(len(p.name))
		for _, r := range text {
			seed = seed*31 + uint64(r)
		}
		list[i] = direction(rand.New(rand.NewPCG(seed, 1)), p.dimensions)
	}
	return list, nil
}

func direction(r *rand.Rand, dimensions int) []float32 {
	v, sum := make([]float32, dimensions), 0.0
	for i := range v {
		v[i] = float32(r.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

// states gives the embedders with how many vectors each has.
func states(t testing.TB, db *DB) string {
	t.Helper()
	out := ""
	for _, p := range must(db.EmbedderProgress(t.Context()))(t) {
		out += fmt.Sprintf("%s %s %d/%d/%d ", p.Name, p.State, p.Done, p.Refused, p.Wanted)
	}
	return out
}

func TestSwitchingEmbedders(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	make := func(name string) (retrieval.Embedder, error) { return points{name, len(name)}, nil }
	now := func(siteID string) {
		t.Helper()
		if _, err := retrieval.EmbedNow(ctx, s.DB, make, siteID, nil); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := states(t, s.DB); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
	finds := func(name string, n int) {
		t.Helper()
		v, _ := points{name, len(name)}.Embed(ctx, []string{"A / H\none"}, true)
		if hits := must(s.Semantic(ctx, s.site.ID, nil, retrieval.Everyone, name, v[0], 10))(t); len(hits) != n || n > 0 && hits[0].Score < 0.99 {
			t.Fatalf("by %s are found %v", name, hits)
		}
	}

	adopt(t, s.DB, "first")
	publish(t, s.DB, faq(s.site.ID, "1", "A", "en", "one"), faq(s.site.ID, "2", "B", "en", "two"))
	publish(t, s.DB, faq(other.ID, "1", "A", "en", "one"))
	// A setting that changes before there are vectors simply holds.
	adopt(t, s.DB, "old")
	now(s.site.ID)
	now(other.ID)
	expect("old searched 3/0/3 first retired 0/0/0 ")
	if err := s.Adopt(ctx, "else", func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	expect("old searched 3/0/3 first retired 0/0/0 ")
	if err := s.BeginSwitch(ctx, "old"); !errors.Is(err, ErrSearchedAlready) {
		t.Errorf("got %v", err)
	}
	if _, err := s.CancelSwitch(ctx); !errors.Is(err, ErrNoSwitch) {
		t.Errorf("got %v", err)
	}
	if _, err := s.ResumeSwitch(ctx); !errors.Is(err, ErrNoneCancelled) {
		t.Errorf("got %v", err)
	}

	// Half of the way, and stopped.
	adopt(t, s.DB, "newer")
	now(s.site.ID)
	expect("old searched 3/0/3 newer coming 2/0/3 first retired 0/0/0 ")
	finds("old", 2)
	if name := must(s.CancelSwitch(ctx))(t); name != "newer" {
		t.Errorf("cancelled is %s", name)
	}
	now(other.ID)
	adopt(t, s.DB, "newer") // a restart does not begin it again
	now(other.ID)
	expect("old searched 3/0/3 newer cancelled 2/0/3 first retired 0/0/0 ")

	// On, while articles are published: they get both.
	if name := must(s.ResumeSwitch(ctx))(t); name != "newer" {
		t.Errorf("resumed is %s", name)
	}
	publish(t, s.DB, faq(s.site.ID, "3", "C", "en", "three"))
	now(s.site.ID)
	expect("old searched 4/0/4 newer coming 3/0/4 first retired 0/0/0 ")
	finds("old", 3)
	now(other.ID)
	expect("newer searched 4/0/4 first retired 0/0/0 old retired 4/0/0 ")
	// A replica that does not know yet still finds.
	finds("old", 3)
	finds("newer", 3)

	// Back again: what is still there need not be made anew.
	if err := s.BeginSwitch(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	if err := s.DropVectors(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	expect("newer searched 4/0/4 old coming 4/0/4 first retired 0/0/0 ")
	if err := s.BeginSwitch(ctx, "third"); err != nil {
		t.Fatal(err)
	}
	if err := s.DropVectors(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	expect("newer searched 4/0/4 third coming 0/0/4 first retired 0/0/0 old retired 0/0/0 ")
	finds("old", 0)
}

func TestRefusedChunksHoldUpASwitchWhereTheyAreMany(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	adopt(t, s.DB, "old")
	var texts []string
	for i := range 150 {
		texts = append(texts, fmt.Sprint("text ", i))
	}
	publish(t, s.DB, faq(s.site.ID, "1", "A", "en", texts...))
	ids := must(s.Unembedded(ctx, s.site.ID, "old", 0, 1000))(t)
	make := func(name string) (retrieval.Embedder, error) { return points{name, 4}, nil }
	if _, err := retrieval.EmbedNow(ctx, s.DB, make, s.site.ID, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.BeginSwitch(ctx, "new"); err != nil {
		t.Fatal(err)
	}
	for _, c := range ids[:2] {
		if err := s.SaveRefusal(ctx, "new", c.ID, "too odd"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := retrieval.EmbedNow(ctx, s.DB, make, s.site.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := states(t, s.DB), "old searched 150/0/150 new coming 148/2/150 "; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	must(s.ResumeSwitch(ctx))(t)
	if err := s.SaveRefusal(ctx, "new", ids[0].ID, "too odd"); err != nil {
		t.Fatal(err)
	}
	if _, err := retrieval.EmbedNow(ctx, s.DB, make, s.site.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := states(t, s.DB), "new searched 149/1/150 old retired 150/0/0 "; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// TestOneProcessEmbedsAtATime: two at once would pay for the same chunks twice.
func TestOneProcessEmbedsAtATime(t *testing.T) {
	db := open(t, Options{})
	var mu sync.Mutex
	inside, most := 0, 0
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			err := db.Embedding(t.Context(), func() error {
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				_, _, err := db.Embedders(t.Context())
				mu.Lock()
				inside--
				mu.Unlock()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d embedded at once", most)
	}
}

func TestStartQueuesWhatIsMissing(t *testing.T) {
	db := open(t, Options{Embeds: true})
	site := must(db.EnsureSite(t.Context(), assist.Site{Key: "demo"}))(t)
	adopt(t, db, "old")
	publish(t, db, faq(site.ID, "1", "A", "en", "one"))
	jobs := func() (n int) {
		if err := db.pool.QueryRow(t.Context(), `select count(*) from river_job where kind = 'embed_site'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if jobs() != 1 {
		t.Errorf("%d jobs", jobs())
	}
	// One that was running when its process died does not count.
	if _, err := db.pool.Exec(t.Context(), `update river_job set state = 'running', attempted_at = now()`); err != nil {
		t.Fatal(err)
	}
	adopt(t, db, "old")
	for range 2 {
		if err := db.QueueEmbedding(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if jobs() != 2 {
		t.Errorf("%d jobs after a restart", jobs())
	}
}

// manyVectors publishes articles with a chunk each and vectors in clusters, as
// texts on the same subjects have them.
func manyVectors(t testing.TB, db *DB, siteID, embedder string, from, n, dimensions int, locale func(int) string) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(from), 7))
	var centres [][]float32
	for range 40 {
		centres = append(centres, direction(r, dimensions))
	}
	for at := from; at < from+n; at += 500 {
		var ps []retrieval.Publication
		for i := at; i < min(at+500, from+n); i++ {
			ps = append(ps, faq(siteID, fmt.Sprint(i), fmt.Sprint("T", i), locale(i), fmt.Sprint("text ", i)))
		}
		publish(t, db, ps...)
	}
	for {
		todo := must(db.Unembedded(t.Context(), siteID, embedder, 0, 1000))(t)
		if len(todo) == 0 {
			return
		}
		var ids []int64
		var vectors [][]float32
		for _, c := range todo {
			v := direction(r, dimensions)
			centre := centres[r.IntN(len(centres))]
			for i := range v {
				v[i] = 0.6*v[i] + 0.8*centre[i]
			}
			ids, vectors = append(ids, c.ID), append(vectors, unit(v))
		}
		if err := db.SaveVectors(t.Context(), siteID, embedder, ids, vectors); err != nil {
			t.Fatal(err)
		}
	}
}

func unit(v []float32) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func TestALargeSiteIsIndexed(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	small := must(s.EnsureSite(ctx, assist.Site{Key: "small"}))(t)
	adopt(t, s.DB, "m")
	const dimensions = 16
	language := func(i int) string {
		if i%10 == 0 {
			return "de"
		}
		return "en"
	}
	manyVectors(t, s.DB, s.site.ID, "m", 0, IndexFrom, dimensions, language)
	manyVectors(t, s.DB, small.ID, "m", 0, 600, dimensions, language)
	index := func(site assist.Site) map[string]bool {
		t.Helper()
		if err := s.IndexVectors(ctx, site.ID, "m"); err != nil {
			t.Fatal(err)
		}
		return must(s.indexes(ctx))(t)
	}
	index(small)
	if all := index(s.site); len(all) != 1 || !all[indexName(1, s.site.ID)] {
		t.Fatalf("indexes are %v", all)
	}
	if _, err := s.pool.Exec(ctx, "analyze"); err != nil {
		t.Fatal(err)
	}
	plan := planOf(t, s.DB, fmt.Sprintf(sqlSemantic, 1, dimensions, s.site.ID, 50), s.site.ID, []string{"en"}, pgvector.NewHalfVector(make([]float32, dimensions)), 0)
	if !strings.Contains(plan, indexName(1, s.site.ID)) {
		t.Errorf("the index is not used:\n%s", plan)
	}
	queries := make([][]float32, 40)
	r := rand.New(rand.NewPCG(3, 3))
	for i := range queries {
		queries[i] = direction(r, dimensions)
	}
	// agreement is how much of the exact first ten the search has.
	agreement := func(site assist.Site, locales []string) float64 {
		t.Helper()
		got := 0
		for _, q := range queries {
			found := must(s.Semantic(ctx, site.ID, locales, retrieval.Everyone, "m", q, 50))(t)
			exact := exactly(t, s.DB, site.ID, locales, q)
			for _, id := range exact {
				if slices.ContainsFunc(found, func(h retrieval.Hit) bool { return h.ChunkID == id }) {
					got++
				}
			}
			if len(found) != 50 || len(exact) != 10 {
				t.Fatalf("%d found, %d exactly", len(found), len(exact))
			}
		}
		return float64(got) / float64(10*len(queries))
	}
	for name, share := range map[string]float64{
		"all languages": agreement(s.site, nil), "one in ten": agreement(s.site, []string{"de"}), "a small site": agreement(small, []string{"de"}),
	} {
		if share < 0.98 {
			t.Errorf("%s: %.3f of the exact first ten are found", name, share)
		}
	}
	// Many at once, while it is searched: what is committed is found, what is
	// replaced is not.
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			manyVectors(t, s.DB, s.site.ID, "m", w*100, 100, dimensions, language)
		})
	}
	for range 50 {
		for _, h := range must(s.Semantic(ctx, s.site.ID, nil, retrieval.Everyone, "m", queries[0], 50))(t) {
			if h.Score < -1.01 || h.Score > 1.01 {
				t.Fatalf("a hit %v", h)
			}
		}
	}
	wg.Wait()
	if share := agreement(s.site, nil); share < 0.98 {
		t.Errorf("after publishing %.3f", share)
	}

	// An interrupted building is begun anew; too few vectors lose the index.
	if _, err := s.pool.Exec(ctx, `update pg_index set indisvalid = false where indexrelid = $1::regclass`, indexName(1, s.site.ID)); err == nil {
		if all := index(s.site); !all[indexName(1, s.site.ID)] {
			t.Errorf("indexes are %v", all)
		}
	}
	if _, err := s.pool.Exec(ctx, `delete from chunk_vectors where chunk_id % 3 > 0`); err != nil {
		t.Fatal(err)
	}
	if all := index(s.site); len(all) != 0 {
		t.Errorf("indexes are %v", all)
	}
}

// exactly gives the first ten by reading all.
func exactly(t testing.TB, db *DB, siteID string, locales []string, q []float32) []int64 {
	t.Helper()
	rows, err := db.pool.Query(t.Context(), `select chunk_id from chunk_vectors where site_id = $1 and (cardinality($2::text[]) = 0 or locale = any($2)) order by embedding <#> $3, chunk_id limit 10`,
		siteID, orEmpty(locales), pgvector.NewHalfVector(q))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestAPublishedArticleIsFoundByAnotherReplicaAtOnce(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	replica := must(Open(ctx, s.pool.Config().ConnString(), Options{}))(t)
	defer replica.Close()
	adopt(t, s.DB, "embedder")
	make := func(name string) (retrieval.Embedder, error) { return points{name, 8}, nil }
	search := retrieval.NewSearch(replica, nil, retrieval.SearchOptions{Current: retrieval.NewCurrent(replica, make, nil)})
	find := func(text string) int {
		return len(must(search.Search(ctx, retrieval.Query{SiteID: s.site.ID, Text: text, Locale: "en", SiteLocale: "en"}))(t).Passages)
	}
	for round := range 3 {
		title := fmt.Sprint("Zebra crossing ", round)
		if n := find(title); n != 0 {
			t.Errorf("%d found before anything is published", n)
		}
		publish(t, s.DB, faq(s.site.ID, "z", title, "en", fmt.Sprint("How to cross a street, ", round)))
		if n := find(title); n != 1 {
			t.Errorf("%d found by words right after the publication", n)
		}
		must(retrieval.EmbedNow(ctx, s.DB, make, s.site.ID, nil))(t)
		if n := find("nothing in common"); n != 1 {
			t.Errorf("%d found by meaning right after the embedding", n)
		}
		must(s.Retire(ctx, s.site.ID, "faq", []string{"z"}))(t)
		if n := find(title) + find("nothing in common"); n != 0 {
			t.Errorf("%d found right after it was unpublished", n)
		}
	}
}
