package console

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"path"
	"regexp"
	"testing"
)

// firstLoad is what a first visit may load, in bytes gzipped.
const firstLoad = 150 << 10

func TestFirstLoadIsSmall(t *testing.T) {
	total := 0
	page, err := fs.ReadFile(Assets(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"index.html", "app.js", "app.css", "icon.svg"}
	for _, m := range regexp.MustCompile(`modulepreload" href="/console/assets/([^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		names = append(names, m[1])
	}
	for _, name := range names {
		data, err := fs.ReadFile(Assets(), name)
		if err != nil || len(data) == 0 {
			t.Fatalf("%s is not built: %v", name, err)
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
	if total > firstLoad {
		t.Errorf("the first load is %d bytes gzipped, limit %d", total, firstLoad)
	}
}

// The page is served under a policy without 'unsafe-inline' and 'unsafe-eval':
// what breaks it would silently not run.
func TestPagesKeepToTheirPolicy(t *testing.T) {
	page := map[string]string{
		"inline script":   `(?i)<script(\s[^>]*)?>[^<]`,
		"inline style":    `(?i)<style`,
		"style attribute": `(?i)\sstyle=`,
		"event attribute": `(?i)\son[a-z]+=`,
		"other host":      `(?i)(src|href)="(https?:)?//`,
	}
	script := map[string]string{
		"eval":         `\beval\(`,
		"new Function": `new Function\b`,
	}
	names, err := fs.Glob(Assets(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		rules := map[string]map[string]string{".html": page, ".js": script}[path.Ext(name)]
		data, err := fs.ReadFile(Assets(), name)
		if err != nil {
			t.Fatal(err)
		}
		for what, re := range rules {
			if regexp.MustCompile(re).Match(data) {
				t.Errorf("%s has an %s", name, what)
			}
		}
	}
}
