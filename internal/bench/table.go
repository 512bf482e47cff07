package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	what               string
	careloop, baseline string
	// ratio is Careloop's figure by the baseline's; NaN where there is none.
	ratio  float64
	target string // empty: for information
	met    bool
}

type table struct {
	rows []row
}

func (t *table) add(r row) { t.rows = append(t.rows, r) }

func (t *table) print(w io.Writer, p plan, took time.Duration) {
	fmt.Fprintf(w, "\n%d cores, %s; medians of %d rounds; load at the end %s; took %s\n\n",
		runtime.NumCPU(), runtime.Version(), p.rounds, loadAverage(), took.Round(time.Second))
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "what\tCareloop\tbaseline\tratio\ttarget\t")
	for _, r := range t.rows {
		ratio, verdict := "", ""
		if !math.IsNaN(r.ratio) {
			ratio = fmt.Sprintf("%.2f", r.ratio)
		}
		if r.target != "" {
			verdict = "missed"
			if r.met {
				verdict = "met"
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", r.what, r.careloop, r.baseline, ratio, r.target, verdict)
	}
	_ = tw.Flush() // nowhere to report it
}

// loadAverage is that of the last minute.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(b), " ")
	return load
}

// quantile is the value below which a share q of the samples lies.
func quantile[T cmp.Ordered](samples []T, q float64) T {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)-1, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func median[T cmp.Ordered](samples []T) T { return quantile(samples, 0.5) }

// ms shows a duration as milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

// later shows how much later the first is than the second.
func later(d time.Duration) string {
	return fmt.Sprintf("%+.2f ms", float64(d)/float64(time.Millisecond))
}

// ratioOf is NaN where the second is too small to compare with.
func ratioOf(a, b time.Duration) float64 {
	if b < 10*time.Microsecond {
		return math.NaN()
	}
	return float64(a) / float64(b)
}
