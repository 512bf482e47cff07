package retrieval

import (
	"fmt"
	"strings"
	"testing"
)

// bin is what came of the questions whose confidence was within a tenth.
type bin struct{ said, was, share float64 }

// calibrationPlot draws, as SVG, how often questions were answered against what
// the confidence said of them. A point's area is its share of the questions.
func calibrationPlot(bins []bin) string {
	const size, margin = 320.0, 44.0
	x := func(p float64) float64 { return margin + p*size }
	y := func(p float64) float64 { return margin/2 + (1-p)*size }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="11" role="img" aria-label="Calibration of the confidence">`+"\n", size+1.5*margin, size+1.5*margin)
	b.WriteString(`<style>svg{background:#fff}.grid{stroke:#ddd}.even{stroke:#888;stroke-dasharray:4 4}.line{stroke:#1f5fbf;fill:none;stroke-width:1.5}circle{fill:#1f5fbf;fill-opacity:.55}text{fill:#333}</style>` + "\n")
	for i := range 6 {
		p := float64(i) / 5
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f %.1fH%.1fM%.1f %.1fV%.1f"/>`, x(0), y(p), x(1), x(p), y(0), y(1))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">%.1f</text><text x="%.1f" y="%.1f" text-anchor="end">%.1f</text>`+"\n", x(p), y(0)+16, p, x(0)-6, y(p)+4, p)
	}
	fmt.Fprintf(&b, `<path class="even" d="M%.1f %.1fL%.1f %.1f"/>`+"\n", x(0), y(0), x(1), y(1))
	for i, c := range bins {
		command := "L"
		if i == 0 {
			command = `<path class="line" d="M`
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, x(c.said), y(c.was))
	}
	if len(bins) > 0 {
		b.WriteString(`"/>` + "\n")
	}
	for _, c := range bins {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="%.1f"><title>said %.2f, was %.2f, %.0f %% of the questions</title></circle>`+"\n", x(c.said), y(c.was), 2+12*min(1, c.share*2), c.said, c.was, 100*c.share)
	}
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">confidence</text>`, x(0.5), y(0)+32)
	fmt.Fprintf(&b, `<text transform="translate(12 %.1f) rotate(-90)" text-anchor="middle">share that was answered</text>`+"\n</svg>\n", y(0.5))
	return b.String()
}

func TestCalibrationPlot(t *testing.T) {
	plot := calibrationPlot([]bin{{0.05, 0.02, 0.5}, {0.95, 0.9, 0.5}})
	for _, part := range []string{"<svg ", "M60.0 ", "L348.0 ", "said 0.95, was 0.90, 50 % of the questions", "</svg>\n"} {
		if !strings.Contains(plot, part) {
			t.Errorf("the plot lacks %q:\n%s", part, plot)
		}
	}
	if strings.Contains(calibrationPlot(nil), "NaN") {
		t.Error("a plot of nothing has no numbers")
	}
}
