package static

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The figures that train/evaluate.py printed for the committed table.
var evaluated = []struct {
	queries, corpus string
	mrr10           float64
}{
	{"wixqa", "wixqa", 0.808},
	{"techqa", "techqa", 0.808},
	{"stackfaq", "stackfaq", 0.898},
	{"covidfaq", "covidfaq", 0.600},
	{"mtragun", "mtragun", 0.760},
	{"dstc11-faq", "dstc11-faq", 0.145},
}

// TestScoresAreTrainings ranks real questions' articles and compares with what
// the training measured, which shows that Go embeds as the training does.
func TestScoresAreTrainings(t *testing.T) {
	folder := os.Getenv("CARELOOP_EVALDATA")
	if folder == "" {
		t.Skip("CARELOOP_EVALDATA does not name the folder of the evaluation data")
	}
	for _, set := range evaluated {
		t.Run(set.queries, func(t *testing.T) {
			corpus := filepath.Join(folder, "corpora", "retrieval-"+set.corpus+"-corpus.jsonl")
			queries := filepath.Join(folder, "dev", "retrieval-"+set.queries+"-queries.jsonl")
			if got := meanReciprocalRank(t, corpus, queries); math.Abs(got-set.mrr10) > 0.002 {
				t.Errorf("MRR@10 %.3f, the training measured %.3f", got, set.mrr10)
			}
		})
	}
}

func meanReciprocalRank(t *testing.T, corpus, queries string) float64 {
	owners, texts := []string{}, []string{}
	readLines(t, corpus, func(row evalRow) {
		words := strings.Fields(row.Text)
		for begin := 0; begin == 0 || begin < len(words); begin += 200 {
			owners = append(owners, row.ID)
			texts = append(texts, row.Title+"\n"+strings.Join(words[begin:min(begin+200, len(words))], " "))
		}
	})
	passages := vectors(t, texts...)
	sum, count := 0.0, 0.0
	readLines(t, queries, func(row evalRow) {
		if len(row.Relevant) > 0 {
			count++
			sum += reciprocalRank(rank(question(t, row.Query), owners, passages), row.Relevant)
		}
	})
	return sum / count
}

func question(t *testing.T, text string) []float32 {
	list, err := embedder(t).Embed(context.Background(), []string{text}, true)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

type evalRow struct {
	ID, Title, Text, Query string
	Relevant               []string
}

func readLines(t *testing.T, name string, each func(evalRow)) {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var row evalRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		each(row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// rank orders documents by their best passage.
func rank(question []float32, owners []string, passages [][]float32) []string {
	best := map[string]float64{}
	for i, v := range passages {
		score := cosine(question, v)
		if old, seen := best[owners[i]]; !seen || score > old {
			best[owners[i]] = score
		}
	}
	documents := make([]string, 0, len(best))
	for id := range best {
		documents = append(documents, id)
	}
	slices.SortFunc(documents, func(a, b string) int {
		return cmp.Or(cmp.Compare(best[b], best[a]), cmp.Compare(a, b))
	})
	return documents
}

func reciprocalRank(documents, relevant []string) float64 {
	for i, id := range documents[:min(10, len(documents))] {
		if slices.Contains(relevant, id) {
			return 1 / float64(i+1)
		}
	}
	return 0
}
