package insight

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
)

// mark tells spreadsheet programs that a file is UTF-8.
const mark = "\uFEFF"

// CSV is a plot as comma-separated values (RFC 4180) with a byte order mark:
// a line for each point; where a plot has none, one for each series.
// Errors: as Figures.
func (d *Desk) CSV(ctx context.Context, q Question) ([]byte, error) {
	f, err := d.figures(ctx, q, math.MaxInt)
	if err != nil {
		return nil, err
	}
	return table(f)
}

// measures are the columns of a plot beyond the counts.
func measures(p Plot) []string {
	switch p {
	case Confidence, FirstAnswer, Wait, Edits:
		return []string{"p25", "median", "p75", "p95"}
	case Cost:
		return []string{"dollars_per_conversation"}
	}
	return nil
}

func table(f Figures) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(mark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	head := []string{"from", "to", "series"}
	if f.Plot == Articles {
		head = []string{"from", "to", "article", "title", "series"}
	}
	columns := measures(f.Plot)
	if err := w.Write(append(append(head, "count", "conversations"), columns...)); err != nil {
		return nil, err
	}
	line := func(days Days, s Series, m Measure) {
		cells := []string{days.From, days.To}
		if f.Plot == Articles {
			id, fate, _ := strings.Cut(s.Key, "/")
			cells = append(cells, id, harmless(s.Title), fate)
		} else {
			cells = append(cells, harmless(s.Key))
		}
		cells = append(cells, strconv.Itoa(m.N), strconv.Itoa(m.Conversations))
		switch len(columns) {
		case 4:
			cells = append(cells, number(m.P25), number(m.P50), number(m.P75), number(m.P95))
		case 1:
			cells = append(cells, number(m.Mean))
		}
		_ = w.Write(cells) // fails with the writer, which Error tells of
	}
	for _, s := range f.Series {
		for i, m := range s.Points {
			line(f.Buckets[i], s, m)
		}
		if len(s.Points) == 0 {
			line(Days{f.From, f.To}, s, s.Now)
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// harmless keeps spreadsheet programs from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
