package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/internal/eval"
)

// kmeansSeeds is how often k-means is begun anew; the means count.
const kmeansSeeds = 5

// evalGaps puts labelled questions together as gaps are and compares with their
// labels, and with k-means that knows how many there are.
func evalGaps(ctx context.Context, c *call) error {
	flags := newEvalFlags(c)
	file := c.flags.String("file", "", "questions, a JSON object a line: text (or query) with intent, macro or the first of relevant as its label; what has none is left out")
	corpus := c.flags.String("corpus", "", "documents; with it, articles are taken away and the questions of --queries asked: what becomes of them?")
	queries := c.flags.String("queries", "", "questions with the documents that answer them")
	take := c.flags.Int("take", 10, "how many articles are taken away")
	seed := c.flags.Uint64("seed", 1, "of the order in which questions come, and of which articles are taken")
	down := c.flags.Float64("down", 0, "with --corpus: the share of shoppers who thumb down an answer that rests on nothing that answers them")
	shuffles := c.flags.Int("shuffles", 3, "how many orders are tried")
	asJSON := c.flags.Bool("json", false, "print one JSON object")
	if err := c.parse(0, 0); err != nil {
		return err
	}
	if *corpus != "" {
		if err := c.need(map[string]*string{"queries": queries}); err != nil {
			return err
		}
		return evalTakenArticles(ctx, c, flags, *corpus, *queries, *take, *seed, *down)
	}
	if err := c.need(map[string]*string{"file": file}); err != nil {
		return err
	}
	texts, labels, err := labelledQuestions(*file)
	if err != nil {
		return err
	}
	cfg, err := configuration(c)
	if err != nil {
		return err
	}
	embedder, err := embedderNamed(cfg, strings.TrimSpace(*flags.embedder))
	if *flags.embedder == "" {
		embedder, err = newEmbedder(cfg)
	}
	if err != nil {
		return err
	}
	vectors, err := embedder.Embed(ctx, texts, true)
	if err != nil {
		return err
	}
	floor, err := gap.Floor(ctx, embedder)
	if err != nil {
		return err
	}
	truth, kinds := eval.Labelled(labels)
	r := gapScores{Questions: len(texts), Intents: kinds, Floor: floor}
	began := time.Now()
	none := make([]int, len(vectors))
	for i := range none {
		none[i] = -1
	}
	r.Together = eval.ScoreClusters(gap.Group(vectors, none, floor), truth)
	r.TogetherSeconds = time.Since(began).Seconds()
	for i := range *shuffles {
		order := rand.New(rand.NewPCG(*seed, uint64(i))).Perm(len(texts))
		var t []string
		var v [][]float32
		var l []int
		for _, j := range order {
			t, v, l = append(t, texts[j]), append(v, vectors[j]), append(l, truth[j])
		}
		if ctx.Err() != nil {
			return interrupted(ctx, ctx.Err())
		}
		r.OneByOne = append(r.OneByOne, eval.ScoreClusters(gap.Replay(t, v, floor), l))
	}
	for i := range kmeansSeeds {
		s := eval.ScoreClusters(eval.KMeans(vectors, kinds, *seed+uint64(i)), truth)
		r.KMeans.Groups = kinds
		r.KMeans.Purity += s.Purity / kmeansSeeds
		r.KMeans.NMI += s.NMI / kmeansSeeds
		r.KMeans.ARI += s.ARI / kmeansSeeds
	}
	if *asJSON {
		return printJSON(c.out, r)
	}
	fmt.Fprintf(c.out, "%d questions of %d intents, embedder %s, bonds from a cosine of %.2f\n\n", r.Questions, r.Intents, embedder.Name(), r.Floor)
	fmt.Fprintf(c.out, "%-26s %6s %7s %6s %6s %14s %11s\n", "", "groups", "purity", "NMI", "ARI", "purity/k-means", "NMI/k-means")
	line := func(name string, s eval.Clusters) {
		fmt.Fprintf(c.out, "%-26s %6d %7.3f %6.3f %6.3f %14.3f %11.3f\n", name, s.Groups, s.Purity, s.NMI, s.ARI, s.Purity/r.KMeans.Purity, s.NMI/r.KMeans.NMI)
	}
	line("all at once", r.Together)
	for i, s := range r.OneByOne {
		line(fmt.Sprintf("one by one, order %d", i+1), s)
	}
	line(fmt.Sprintf("k-means, %d groups given", kinds), r.KMeans)
	return nil
}

type gapScores struct {
	Questions       int             `json:"questions"`
	Intents         int             `json:"intents"`
	Floor           float64         `json:"floor"`
	Together        eval.Clusters   `json:"together"`
	TogetherSeconds float64         `json:"together_seconds"`
	OneByOne        []eval.Clusters `json:"one_by_one"`
	KMeans          eval.Clusters   `json:"k_means"`
}

// labelledQuestions reads questions and the label of each.
func labelledQuestions(path string) (texts, labels []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("the questions cannot be read: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for n := 1; lines.Scan(); n++ {
		var row struct {
			Text, Query, Intent, Label string
			Macro                      *string
			Relevant                   []string
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, nil, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		label := row.Intent
		switch {
		case row.Label == "out":
			label = ""
		case label == "" && row.Macro != nil:
			label = *row.Macro
		case label == "" && len(row.Relevant) > 0:
			label = row.Relevant[0]
		}
		if text := row.Text + row.Query; text != "" && label != "" {
			texts, labels = append(texts, text), append(labels, label)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(texts) < 2 {
		return nil, nil, errors.New(path + " holds no labelled questions")
	}
	return texts, labels, nil
}
