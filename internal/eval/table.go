package eval

import (
	"fmt"
	"io"
	"strings"
)

// Row is what was measured of one set. Confidences are nil where there are no
// questions to measure them by.
type Row struct {
	Set string
	Retrieval
	Foreign      *Confidence // its own questions against those of other families
	Unanswerable *Confidence // its own against those without an answer
}

// WriteTable writes rows as two tables in Markdown, with the means of the first.
func WriteTable(w io.Writer, embedder string, rows []Row) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Embedder %s.\n\n", embedder)
	b.WriteString("| set | documents | chunks | questions | ranking | hit@1 | hit@5 | hit@10 | recall@5 | MRR@10 | nDCG@10 | p50 ms | p99 ms |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	var mean [3]Ranking
	names := [3]string{"lexical", "semantic", "hybrid"}
	line := func(head, name string, r Ranking) {
		fmt.Fprintf(&b, "| %s | %s | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f | %.1f | %.1f |\n",
			head, name, r.Hit1, r.Hit5, r.Hit10, r.Recall5, r.MRR10, r.NDCG10, r.P50, r.P99)
	}
	for _, row := range rows {
		head := fmt.Sprintf("%s | %d | %d | %d", row.Set, row.Documents, row.Chunks, row.Queries)
		for i, r := range [3]Ranking{row.Lexical, row.Semantic, row.Hybrid} {
			line(head, names[i], r)
			mean[i] = mean[i].plus(r, 1/float64(len(rows)))
			head = " | | | "
		}
	}
	if len(rows) > 1 {
		head := "mean | | | "
		for i, r := range mean {
			line(head, names[i], r)
			head = " | | | "
		}
	}
	b.WriteString("\nThe confidence: own questions against those of other sets, and against those of the same set without an answer.\n\n")
	b.WriteString("| set | AUROC, foreign | answered at 95 % precision | threshold | AUROC, unanswerable | answered at 95 % precision | threshold |\n")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.Set, row.Foreign.cells(), row.Unanswerable.cells())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Ranking) plus(other Ranking, share float64) Ranking {
	r.Hit1 += share * other.Hit1
	r.Hit5 += share * other.Hit5
	r.Hit10 += share * other.Hit10
	r.Recall5 += share * other.Recall5
	r.MRR10 += share * other.MRR10
	r.NDCG10 += share * other.NDCG10
	r.P50 += share * other.P50
	r.P99 += share * other.P99
	return r
}

func (c *Confidence) cells() string {
	if c == nil {
		return " | | "
	}
	return fmt.Sprintf("%.3f | %.3f | %.3f", c.AUROC, c.AnswerRate, c.Threshold)
}
