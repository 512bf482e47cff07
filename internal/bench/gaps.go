package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/internal/eval"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/retrieval/embed/static"
)

const (
	gapQuestions = 50_000
	gapMatters   = 1500 // that the questions are about
	gapNew       = 200  // questions that come to the rest
)

// gapTexts are questions about many matters, each put in many ways.
func gapTexts(n int) []string {
	r := rand.New(rand.NewPCG(5, 6))
	var words []string
	for _, a := range []string{"ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "wu", "cha", "fle", "gri", "plo", "stu"} {
		for _, b := range []string{"bel", "der", "kin", "lor", "mus", "ner", "pel", "ron", "sit", "tas", "vel", "zon"} {
			words = append(words, a+b, a+b+"er", a+b+"ing")
		}
	}
	plain := strings.Fields("deliver return refund exchange parcel gift card voucher size colour washing warranty battery invoice account password newsletter shipping island address store opening hours repair engraving leather wool cotton lamp table chair bicycle shoes boots jacket coupon discount student payment credit transfer instalment customs weight assembly manual spare part")
	asks := []string{"How do I %s?", "Can I get a %s?", "what about the %s", "I need help with my %s", "Is there a %s for this?", "do you offer %s", "When will the %s be there?", "Where do I find %s"}
	matters := make([][]string, gapMatters)
	for i := range matters {
		matters[i] = []string{plain[r.IntN(len(plain))], plain[r.IntN(len(plain))], words[r.IntN(len(words))], words[r.IntN(len(words))]}
	}
	texts := make([]string, n)
	for i := range texts {
		m := matters[r.IntN(gapMatters)]
		picked := []string{m[0], m[2]}
		for _, w := range []string{m[1], m[3], plain[r.IntN(len(plain))]} {
			if r.IntN(2) == 0 {
				picked = append(picked, w)
			}
		}
		r.Shuffle(len(picked), func(a, b int) { picked[a], picked[b] = picked[b], picked[a] })
		texts[i] = fmt.Sprintf(asks[r.IntN(len(asks))], strings.Join(picked, " "))
	}
	return texts
}

// peak watches the heap while f runs and gives what it grew by at most.
func peak(f func()) (grown uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var most atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return max(most.Load(), before) - before
}

// measureGaps puts many questions together, all at once beside one pass of k-means,
// and some more one by one in a database that holds them.
func measureGaps(ctx context.Context, p plan, t *table) error {
	w, err := newStore(ctx, p, 1)
	if err != nil {
		return err
	}
	defer func() {
		if err := w.close(); err != nil {
			progress("%s", err)
		}
	}()
	embedder, err := static.New()
	if err != nil {
		return err
	}
	texts := gapTexts(gapQuestions + gapNew)
	vectors, err := embedder.Embed(ctx, texts, true)
	if err != nil {
		return err
	}
	floor, err := gap.Floor(ctx, embedder)
	if err != nil {
		return err
	}
	members := make([]gap.Member, gapQuestions)
	for i := range members {
		members[i] = gap.Member{ID: int64(i), GapID: "", Text: texts[i], Locale: "en", Vector: vectors[i]}
	}
	var moves []gap.Resorted
	began := time.Now()
	grown := peak(func() { moves = gap.Refine(members, floor) })
	took := time.Since(began)
	progress("%d questions clustered in %.1f s", gapQuestions, took.Seconds())
	groups := map[int]bool{}
	for _, m := range moves {
		groups[m.New] = true
	}
	began = time.Now()
	eval.KMeans(vectors[:gapQuestions/50], gapMatters/50, 1)
	// k-means costs as questions times groups, for each pass.
	kmeans := time.Since(began) * 50 * 50
	t.add(row{what: fmt.Sprintf("clustering %d questions, into %d gaps", gapQuestions, len(groups)), careloop: fmt.Sprintf("%.1f s", took.Seconds()),
		baseline: fmt.Sprintf("%.0f s k-means, %d groups, from a fiftieth", kmeans.Seconds(), gapMatters), ratio: took.Seconds() / kmeans.Seconds()})
	t.add(row{what: "  memory above the vectors, at most", careloop: fmt.Sprintf("%d MB", grown>>20), baseline: fmt.Sprintf("%d MB vectors", gapQuestions*len(vectors[0])*4>>20), ratio: math.NaN()})
	progress("placing new questions among %d", gapQuestions)
	return measureNewQuestions(ctx, w, t, texts, vectors)
}

// measureNewQuestions times the placing of new questions among the others.
func measureNewQuestions(ctx context.Context, w *world, t *table, texts []string, vectors [][]float32) error {
	db, err := postgres.Open(ctx, w.cluster.URL(), postgres.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	site, err := db.EnsureSite(ctx, assist.Site{Key: "bench-gaps", Locale: "en"})
	if err != nil {
		return err
	}
	embedder, err := static.New()
	if err != nil {
		return err
	}
	insert := func(from, to int, sorted bool) error {
		return insertGapQuestions(ctx, db, site.ID, embedder.Name(), texts[from:to], vectors[from:to], from, gapMatters, sorted)
	}
	if err := insert(0, gapQuestions, true); err != nil {
		return err
	}
	if err := insert(gapQuestions, gapQuestions+gapNew, false); err != nil {
		return err
	}
	desk := gap.New(gap.Options{Store: db.Gaps(), Embedder: embedder})
	began := time.Now()
	if err := desk.Sort(ctx, site.ID); err != nil {
		return err
	}
	each := time.Since(began) / gapNew
	began = time.Now()
	for _, v := range vectors[gapQuestions:] {
		best := float32(-1)
		for _, o := range vectors[:gapQuestions] {
			s := float32(0)
			for i, x := range v {
				s += x * o[i]
			}
			best = max(best, s)
		}
		if math.IsNaN(float64(best)) {
			return fmt.Errorf("a vector is none")
		}
	}
	scan := time.Since(began) / gapNew
	t.add(row{what: fmt.Sprintf("one new question among %d, read, placed and counted", gapQuestions), careloop: ms(each), baseline: ms(scan) + " exact scan in memory", ratio: ratioOf(each, scan)})
	return nil
}
