package widget

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"testing"
)

func gzipped(t *testing.T, names ...string) int {
	t.Helper()
	total := 0
	for _, name := range names {
		data, err := fs.ReadFile(Assets(), name)
		if err != nil {
			t.Fatalf("%s is not built: %v", name, err)
		}
		if len(data) == 0 {
			t.Fatalf("%s is empty", name)
		}
		var buf bytes.Buffer
		w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		total += buf.Len()
	}
	return total
}

func TestAssetsAreBuiltAndSmall(t *testing.T) {
	type load struct {
		what  string
		names []string
		limit int
	}
	loads := []load{{"loader", []string{"widget.js"}, 4096}}
	// A page loads the app, which holds English, and at most one other language.
	languages, err := fs.Glob(Assets(), "words.*.json")
	if err != nil || len(languages) == 0 {
		t.Fatalf("no catalogues are built: %v", err)
	}
	for _, words := range languages {
		loads = append(loads, load{"app with " + words, []string{"app.js", "app.css", words}, 25600})
	}
	for _, c := range loads {
		if n := gzipped(t, c.names...); n > c.limit {
			t.Errorf("%s: %d bytes gzipped, limit %d", c.what, n, c.limit)
		}
	}
}

// The frame is served under a policy without 'unsafe-inline': an inline script or style in it
// would silently not run.
func TestFrameKeepsToItsPolicy(t *testing.T) {
	page, err := fs.ReadFile(Assets(), "frame.html")
	if err != nil {
		t.Fatal(err)
	}
	for what, re := range map[string]string{
		"inline script":   `(?i)<script(\s[^>]*)?>[^<]`,
		"inline style":    `(?i)<style`,
		"style attribute": `(?i)\sstyle=`,
		"event attribute": `(?i)\son[a-z]+=`,
	} {
		if regexp.MustCompile(re).Match(page) {
			t.Errorf("frame.html has an %s", what)
		}
	}
}
