package source

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

func packed(s string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	fmt.Fprint(z, s)
	z.Close()
	return out.String()
}

func TestParseSitemapRefuses(t *testing.T) {
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>http://x/&b;</loc></url></urlset>`
	external := `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://x/1</loc></url><url><loc>&a;</loc></url></urlset>`
	for name, c := range map[string]struct {
		in, want string
		pages    int
	}{
		"entities":          {bomb, "not XML", 0},
		"external entities": {external, "not XML", 1},
		"deep":              {strings.Repeat("<a>", 100), "nested too deeply", 0},
		"not XML":           {"hello", "lists no pages", 0},
		"crossed":           {"<urlset><url><loc>http://x/1</url></loc></urlset>", "not XML", 0},
		"HTML":              {"<html><body>", "ends in the middle", 0},
		"empty":             {"", "lists no pages", 0},
		"broken gzip":       {"\x1f\x8bxx", "not packed by gzip", 0},
		"gzip bomb":         {packed("<urlset>" + strings.Repeat(" ", maxSitemap+10)), "larger than 50 MB", 0},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := parseSitemap(strings.NewReader(c.in), maxPages)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(m.pages) != c.pages {
				t.Errorf("%d pages, %v", len(m.pages), err)
			}
		})
	}
}

func TestParseSitemapCountsWhatItLeaves(t *testing.T) {
	m, err := parseSitemap(strings.NewReader("<urlset>"+strings.Repeat("<url><loc>http://x/1</loc></url>", 1000)+"</urlset>"), 3)
	if err != nil || len(m.pages) != 3 || m.count != 1000 {
		t.Errorf("%d pages of %d, %v", len(m.pages), m.count, err)
	}
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(urlset("/a")))
	f.Add([]byte(packed("<sitemapindex><sitemap><loc>x</loc></sitemap></sitemapindex>")))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><urlset><url><loc>&b;&#x41;<![CDATA[d]]></loc></url></urlset>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseSitemap(bytes.NewReader(b), 5)
		if err == nil && len(m.pages)+len(m.sitemaps) == 0 && !bytes.Contains(b, []byte("loc")) {
			t.Fatal("nothing, and no error")
		}
		for _, p := range append(m.pages, m.sitemaps...) {
			if p == "" || len(p) > 2*maxLoc {
				t.Fatalf("%d bytes", len(p))
			}
		}
	})
}
