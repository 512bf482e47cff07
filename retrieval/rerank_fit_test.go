package retrieval

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// orderedOn are the sets that the orderings are fitted on.
var orderedOn = []string{"wixqa", "techqa", "stackfaq", "covidfaq", "mtragun", "dstc11-faq", "dstc10-spoken"}

// related tells sets whose questions or articles are in part the same, so that
// neither is judged by a fit to the other.
func related(a, b string) bool {
	talk := func(s string) bool { return s == "dstc11-faq" || s == "dstc11-all" }
	return a == b || talk(a) && talk(b)
}

// listed is a question with the clues of what was found for it.
type listed struct {
	clues [][]float64
	right []bool // by candidate
	docs  []string
	most  int // how many articles answer it
}

// TestFitOrder fits the orderings anew and prints them, with what they are worth
// on each set by a fit to the others. With CARELOOP_FIT it also writes them into
// the code.
func TestFitOrder(t *testing.T) {
	dir := evalDir(t)
	ways := []struct {
		name     string
		semantic bool
		pick     func(c clues) []float64
		make     func(b []float64) ordering
	}{
		{"ownOrder", true, func(c clues) []float64 { return []float64{c.words, c.talk, c.meaning, c.pairs, c.kin} }, func(b []float64) ordering {
			return ordering{words: b[0], talk: b[1], meaning: b[2], pairs: b[3], kin: b[4]}
		}},
		{"anyOrder", true, func(c clues) []float64 { return []float64{c.words, c.talk, c.place, c.pairs, c.title} }, func(b []float64) ordering {
			return ordering{words: b[0], talk: b[1], place: b[2], pairs: b[3], title: b[4]}
		}},
		{"wordsOrder", false, func(c clues) []float64 { return []float64{c.words, c.talk, c.pairs, c.title} }, func(b []float64) ordering {
			return ordering{words: b[0], talk: b[1], pairs: b[2], title: b[3]}
		}},
	}
	of := make([]map[string][]listed, len(ways))
	for i := range of {
		of[i] = map[string][]listed{}
	}
	for _, set := range evalSets {
		m, embedder := embedded(t, dir, set.corpus)
		searches := map[bool]*Search{true: NewSearch(m, embedder, SearchOptions{}), false: NewSearch(m, nil, SearchOptions{})}
		for _, q := range evalQueries(t, dir, set.queries) {
			if len(q.Relevant) == 0 {
				continue
			}
			for semantic, search := range searches {
				f, err := search.gather(t.Context(), q.query())
				if err != nil {
					t.Fatal(err)
				}
				all := cluesOf(f)
				for i, way := range ways {
					if way.semantic != semantic {
						continue
					}
					l := listed{most: len(q.Relevant)}
					for j, c := range f.candidates {
						l.clues = append(l.clues, way.pick(all[j]))
						l.right = append(l.right, slices.Contains(q.Relevant, c.Article.ID))
						l.docs = append(l.docs, c.Article.ID)
					}
					of[i][set.queries] = append(of[i][set.queries], l)
				}
			}
		}
	}
	for i, way := range ways {
		fit := func(without string) []float64 {
			var sets [][]listed
			for _, name := range orderedOn {
				if !related(name, without) {
					sets = append(sets, of[i][name])
				}
			}
			return softmaxFit(sets)
		}
		fitted := way.make(fit(""))
		fmt.Printf("\n%s = %+v\nby a fit to the other sets:\n", way.name, fitted)
		if writing() {
			rewrite(t, "rerank_fitted.go", way.name, fitted)
		}
		sum := [3]float64{}
		for _, set := range evalSets {
			b := fit(set.queries)
			hit, mrr, gain := scoreOf(of[i][set.queries], b)
			fmt.Printf("%-13s hit@1 %.3f  mrr@10 %.3f  ndcg@10 %.3f  %.2f\n", set.queries, hit, mrr, gain, b)
			if slices.Contains(orderedOn, set.queries) {
				for j, x := range []float64{hit, mrr, gain} {
					sum[j] += x / float64(len(orderedOn))
				}
			}
		}
		fmt.Printf("mean of seven hit@1 %.3f  mrr@10 %.3f  ndcg@10 %.3f\n", sum[0], sum[1], sum[2])
	}
}

// softmaxFit finds the weights, none below zero, under which the candidates that
// answer a question are likeliest among all, each set counting alike: by
// projected gradient with momentum on clues of equal spread.
func softmaxFit(sets [][]listed) []float64 {
	n := 0
	type row struct {
		listed
		weight float64
	}
	var rows []row
	for _, set := range sets {
		var usable []listed
		for _, l := range set {
			if slices.Contains(l.right, true) {
				usable = append(usable, l)
				n = len(l.clues[0])
			}
		}
		for _, l := range usable {
			rows = append(rows, row{l, 1 / float64(len(usable))})
		}
	}
	spread := make([]float64, n)
	count := 0.0
	for _, r := range rows {
		for j := range n {
			mean := 0.0
			for _, c := range r.clues {
				mean += c[j] / float64(len(r.clues))
			}
			for _, c := range r.clues {
				spread[j] += (c[j] - mean) * (c[j] - mean)
			}
		}
		count += float64(len(r.clues))
	}
	for j := range spread {
		spread[j] = math.Sqrt(spread[j]/count) + 1e-9
	}
	const ridge, step, momentum, rounds = 3e-3, 0.03, 0.9, 400
	b, v := make([]float64, n), make([]float64, n)
	for range rounds {
		gradient := make([]float64, n)
		for j := range n {
			gradient[j] = 2 * ridge * b[j]
		}
		for _, r := range rows {
			z := make([]float64, len(r.clues))
			for k, c := range r.clues {
				for j := range n {
					z[k] += b[j] * c[j] / spread[j]
				}
			}
			top := slices.Max(z)
			all, right := 0.0, 0.0
			for k := range z {
				z[k] = math.Exp(z[k] - top)
				if all += z[k]; r.right[k] {
					right += z[k]
				}
			}
			for k, c := range r.clues {
				p := z[k] / all
				if r.right[k] {
					p -= z[k] / right
				}
				for j := range n {
					gradient[j] += r.weight * p * c[j] / spread[j]
				}
			}
		}
		for j := range n {
			v[j] = momentum*v[j] - step*gradient[j]
			if b[j] += v[j]; b[j] < 0 {
				b[j], v[j] = 0, 0
			}
		}
	}
	for j := range b {
		b[j] /= spread[j]
	}
	return b
}

// scoreOf ranks the articles of each question and gives the means of hit@1,
// MRR@10 and nDCG@10.
func scoreOf(set []listed, b []float64) (hit, mrr, gain float64) {
	for _, l := range set {
		type one struct {
			score float64
			doc   string
			right bool
		}
		var list []one
		for k, c := range l.clues {
			s := 0.0
			for j := range b {
				s += b[j] * c[j]
			}
			list = append(list, one{s, l.docs[k], l.right[k]})
		}
		slices.SortStableFunc(list, func(a, b one) int {
			if a.score > b.score {
				return -1
			}
			return 1
		})
		seen := map[string]bool{}
		got, most, first := 0.0, 0.0, 0
		for _, o := range list {
			if seen[o.doc] {
				continue
			}
			seen[o.doc] = true
			if place := len(seen); o.right && place <= 10 {
				got += 1 / math.Log2(float64(place+1))
				if first == 0 {
					first = place
				}
			}
		}
		for i := range min(10, l.most) {
			most += 1 / math.Log2(float64(i+2))
		}
		gain += got / most
		if first > 0 {
			mrr += 1 / float64(first)
		}
		if first == 1 {
			hit++
		}
	}
	n := float64(len(set))
	return hit / n, mrr / n, gain / n
}
