package retrieval

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// fittedOn are the corpora that the confidence is fitted on: where questions are
// questions. Those of tau2banking are instructions.
var fittedOn = []string{"wixqa", "techqa", "stackfaq", "covidfaq", "mtragun", "dstc11-faq", "dstc9"}

// Kinds of questions, and what all of a kind count together in one corpus.
const (
	own          = "own"          // asked of the corpus
	foreign      = "foreign"      // of other corpora, and small talk
	removed      = "removed"      // its own, the articles that answer them taken out
	unanswerable = "unanswerable" // of the same domain, without an answer
)

var counting = map[string]float64{own: 0.6, foreign: 0.3, removed: 0.1, unanswerable: 0.2}

// sample is a question that was searched for.
type sample struct {
	corpus, kind string
	features
	answered bool // an article that answers it is among the first three
	weight   float64
}

// TestFitConfidence fits the estimates anew and prints them, with what they are
// worth: each corpus judged by a fit to the others. It fits to the orderings, so
// TestFitOrder goes before. With CARELOOP_FIT it also writes them into the code,
// and draws how well the first is calibrated.
func TestFitConfidence(t *testing.T) {
	samples := collect(t, evalDir(t))
	for _, way := range []struct {
		name     string
		semantic bool
		pick     func(f features) []float64
		make     func(b []float64) estimate
	}{
		{"ownCosine", true, func(f features) []float64 {
			return []float64{f.sure, f.unknown, f.cosine}
		}, func(b []float64) estimate {
			return estimate{base: b[0], sure: b[1], unknown: b[2], cosine: b[3]}
		}},
		{"anyCosine", true, func(f features) []float64 {
			return []float64{f.sure, f.unknown, f.contrast, f.title, f.pairs}
		}, func(b []float64) estimate {
			return estimate{base: b[0], sure: b[1], unknown: b[2], contrast: b[3], title: b[4], pairs: b[5]}
		}},
		{"wordsAlone", false, func(f features) []float64 {
			return []float64{f.sure, f.vouched, f.unknown, f.strength, f.title}
		}, func(b []float64) estimate {
			// Unknown words count at least this much, more than the fit asks for (-1.7):
			// one word in common with a small shop's only article on it (the president
			// of Germany) is no answer, and no set has so few articles.
			return estimate{base: b[0], sure: b[1], vouched: b[2], unknown: min(b[3], -2.6), strength: b[4], title: b[5]}
		}},
	} {
		of := samples[way.semantic]
		fit := func(without string) estimate {
			var rows [][]float64
			var answered []bool
			var weights []float64
			for _, s := range of {
				if s.corpus != without && slices.Contains(fittedOn, s.corpus) && s.found {
					rows, answered, weights = append(rows, way.pick(s.features)), append(answered, s.answered), append(weights, s.weight)
				}
			}
			return way.make(logistic(rows, answered, weights))
		}
		fitted := fit("")
		fmt.Printf("\n%s = %+v\n", way.name, fitted)
		judged := map[string][]judgement{}
		for _, set := range evalSets {
			e := fit(set.corpus)
			for _, s := range of {
				if s.corpus == set.corpus {
					judged[s.corpus] = append(judged[s.corpus], judgement{s, e.of(s.features)})
				}
			}
		}
		bins := printWorth(judged)
		if !writing() {
			continue
		}
		rewrite(t, "confidence_fitted.go", way.name, fitted)
		if way.name == "ownCosine" {
			if err := os.WriteFile("../docs/calibration.svg", []byte(calibrationPlot(bins)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// collect asks every corpus its own questions and some of the others'; true is
// with the default embedder, false without.
func collect(t *testing.T, dir string) map[bool][]sample {
	asked := map[string][]evalQuery{}
	for _, set := range evalSets {
		asked[set.corpus] = evalQueries(t, dir, set.queries)
	}
	for _, name := range []string{"clinc150", "hint3-curekart", "hint3-sofmattress"} {
		for _, q := range readLines[struct{ ID, Text string }](t, filepath.Join(dir, "dev", "scope-"+name+".jsonl")) {
			asked[name] = append(asked[name], evalQuery{ID: q.ID, Query: q.Text})
		}
	}
	samples := map[bool][]sample{}
	for _, set := range evalSets {
		m, embedder := embedded(t, dir, set.corpus)
		with, without := NewSearch(m, embedder, SearchOptions{}), NewSearch(m, nil, SearchOptions{})
		ask := func(kind string, q evalQuery) {
			for semantic, search := range map[bool]*Search{true: with, false: without} {
				result, f, err := search.find(t.Context(), q.query())
				if err != nil {
					t.Fatal(err)
				}
				rank := rankOf(result, q.Relevant)
				samples[semantic] = append(samples[semantic], sample{corpus: set.corpus, kind: kind, features: f, answered: kind == own && 0 < rank && rank <= 3})
			}
		}
		for from, queries := range asked {
			for _, q := range queries {
				switch {
				case from != set.corpus:
					if drawn(q.ID, 70, len(queries)) && !(from == "dstc9" && set.corpus == "dstc11-faq" || from == "dstc11-faq" && set.corpus == "dstc9") {
						ask(foreign, q)
					}
				case len(q.Relevant) == 0:
					ask(unanswerable, q)
				default:
					ask(own, q)
					if drawn(q.ID, 250, len(queries)) {
						m.hidden = map[string]bool{}
						for _, id := range q.Relevant {
							m.hidden[id] = true
						}
						ask(removed, q)
						m.hidden = nil
					}
				}
			}
		}
	}
	for _, list := range samples {
		many := map[[2]string]float64{}
		for _, s := range list {
			many[[2]string{s.corpus, s.kind}]++
		}
		for i, s := range list {
			list[i].weight = 1000 * counting[s.kind] / many[[2]string{s.corpus, s.kind}]
		}
	}
	return samples
}

// drawn picks about want of so many, always the same.
func drawn(id string, want, of int) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return int(h.Sum32()%uint32(of)) < want
}

// logistic fits a logistic regression by Newton's method, with a little ridge,
// and returns the base and the weights.
func logistic(rows [][]float64, positive []bool, weights []float64) []float64 {
	n := len(rows[0]) + 1
	b := make([]float64, n)
	for range 25 {
		gradient, hessian := make([]float64, n), make([][]float64, n)
		for i := range hessian {
			hessian[i] = make([]float64, n)
			if hessian[i][i] = 1; i > 0 {
				gradient[i] = b[i]
			}
		}
		for r, row := range rows {
			x := append([]float64{1}, row...)
			z := 0.0
			for i := range x {
				z += b[i] * x[i]
			}
			p, y := 1/(1+math.Exp(-z)), 0.0
			if positive[r] {
				y = 1
			}
			for i := range x {
				gradient[i] += weights[r] * (p - y) * x[i]
				for j := range x {
					hessian[i][j] += weights[r] * p * (1 - p) * x[i] * x[j]
				}
			}
		}
		for i, step := range solve(hessian, gradient) {
			b[i] -= step
		}
	}
	return b
}

// solve solves a x = y by elimination; a and y are used up.
func solve(a [][]float64, y []float64) []float64 {
	n := len(y)
	for i := range n {
		for k := i + 1; k < n; k++ {
			by := a[k][i] / a[i][i]
			for j := i; j < n; j++ {
				a[k][j] -= by * a[i][j]
			}
			y[k] -= by * y[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			y[i] -= a[i][j] * y[j]
		}
		y[i] /= a[i][i]
	}
	return y
}

type judgement struct {
	sample
	p float64
}

// printWorth prints what the judgements are worth and returns how well they are
// calibrated.
func printWorth(judged map[string][]judgement) []bin {
	pick := func(corpus string, fits func(judgement) bool) []float64 {
		var list []float64
		for _, j := range judged[corpus] {
			if fits(j) {
				list = append(list, j.p)
			}
		}
		return list
	}
	is := func(kind string) func(judgement) bool { return func(j judgement) bool { return j.kind == kind } }
	found := func(j judgement) bool { return j.answered }
	fmt.Println("corpus         AUROC own/foreign  own/unanswerable  found/removed  answered at 95 % precision   foreign refused, found kept at 0.3, 0.35, 0.4, 0.45, 0.5")
	for _, set := range evalSets {
		c := set.corpus
		fmt.Printf("%-14s %17.3f %17.3f %14.3f %27.3f  ", c, auroc(pick(c, is(own)), pick(c, is(foreign))), auroc(pick(c, is(own)), pick(c, is(unanswerable))),
			auroc(pick(c, found), pick(c, is(removed))), rateAt95(judged[c]))
		for _, threshold := range []float64{0.3, 0.35, 0.4, 0.45, 0.5} {
			fmt.Printf("  %.2f %.2f", 1-above(pick(c, is(foreign)), threshold), above(pick(c, found), threshold))
		}
		fmt.Println()
	}
	var sum, right, n [10]float64
	for _, c := range fittedOn {
		for _, j := range judged[c] {
			bin := min(9, int(j.p*10))
			sum[bin] += j.weight * j.p
			n[bin] += j.weight
			if j.answered {
				right[bin] += j.weight
			}
		}
	}
	all := 0.0
	for i := range n {
		all += n[i]
	}
	fmt.Println("said  was   share of questions")
	var bins []bin
	for i := range n {
		if n[i] > 0 {
			bins = append(bins, bin{sum[i] / n[i], right[i] / n[i], n[i] / all})
			fmt.Printf("%.2f  %.2f  %.2f\n", sum[i]/n[i], right[i]/n[i], n[i]/all)
		}
	}
	return bins
}

func above(list []float64, threshold float64) float64 {
	n := 0.0
	for _, p := range list {
		if p >= threshold {
			n++
		}
	}
	return n / float64(len(list))
}

// auroc is how likely one of high stands above one of low.
func auroc(high, low []float64) float64 {
	won := 0.0
	for _, h := range high {
		for _, l := range low {
			switch cmp.Compare(h, l) {
			case 1:
				won++
			case 0:
				won += 0.5
			}
		}
	}
	return won / float64(len(high)*len(low))
}

// rateAt95 is the greatest share of a corpus' own questions, found or not, that
// are answered at a threshold where 95 of 100 that pass it, own or foreign, are
// answered by their articles.
func rateAt95(list []judgement) float64 {
	list = slices.DeleteFunc(slices.Clone(list), func(j judgement) bool { return j.kind != own && j.kind != foreign })
	slices.SortFunc(list, func(a, b judgement) int { return cmp.Compare(b.p, a.p) })
	var passed, right, best, mine float64
	for _, j := range list {
		if j.kind == own {
			mine++
		}
	}
	ownPassed := 0.0
	for _, j := range list {
		passed++
		if j.kind == own {
			ownPassed++
		}
		if j.answered {
			right++
		}
		if right >= 0.95*passed {
			best = ownPassed
		}
	}
	return best / mine
}
