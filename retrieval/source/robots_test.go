package source

import (
	"strings"
	"testing"
	"time"
)

func TestRobots(t *testing.T) {
	cases := []struct {
		name, text string
		allowed    []string
		refused    []string
		delay      time.Duration
	}{
		{"empty", "", []string{"/", "/a"}, nil, 0},
		{"nothing disallowed", "User-agent: *\nDisallow:\n", []string{"/", "/a"}, nil, 0},
		{"all", "User-agent: *\nDisallow: /", nil, []string{"/", "/a?b"}, 0},
		{"a star", "user-agent: *\ndisallow: *", nil, []string{"/", "/a"}, 0},
		{"prefix", "User-agent: *\r\nDisallow: /private\r\n", []string{"/", "/help/private"}, []string{"/private", "/private/x", "/privateer"}, 0},
		{"the longest rule", "User-agent: *\nDisallow: /help\nAllow: /help/public\nDisallow: /help/public/not", []string{"/help/public", "/help/public/x"}, []string{"/help", "/help/public/nothing"}, 0},
		{"allow wins a tie", "User-agent: *\nDisallow: /a\nAllow: /a", []string{"/a"}, nil, 0},
		{"wildcards", "User-agent: *\nDisallow: /*/print\nDisallow: /*.pdf$\nDisallow: /*?sort=", []string{"/print", "/x.pdf?a", "/x?a=1"}, []string{"/de/print", "/a/b/print/1", "/x.pdf", "/a?sort=1"}, 0},
		{"anchored at the start", "User-agent: *\nDisallow: /fr/*/x", []string{"/en/fr/a/x"}, []string{"/fr/a/x"}, 0},
		{"own group only", "User-agent: *\nDisallow: /\nCrawl-delay: 7\n\nUser-agent: CareLoop\nDisallow: /x\nCrawl-delay: 0.5", []string{"/", "/a"}, []string{"/x"}, 500 * time.Millisecond},
		{"own group with version", "User-agent: Careloop/1.0\nDisallow: /x", []string{"/"}, []string{"/x"}, 0},
		{"not a prefix of the name", "User-agent: care\nDisallow: /\nUser-agent: careloopbot\nDisallow: /", []string{"/"}, nil, 0},
		{"shared group", "User-agent: other\nUser-agent: careloop\nDisallow: /x\n\nUser-agent: other\nDisallow: /y", []string{"/y"}, []string{"/x"}, 0},
		{"groups of one name join", "User-agent: careloop\nDisallow: /x\n\nUser-agent: a\nDisallow: /\n\nUser-agent: careloop\nDisallow: /y", []string{"/"}, []string{"/x", "/y"}, 0},
		{"an empty own group", "User-agent: careloop\nDisallow:\n\nUser-agent: *\nDisallow: /", []string{"/a"}, nil, 0},
		{"comments, junk, BOM", "\ufeff# hello\nUser-agent: * # all\nfoo\nNoindex: /\nDisallow: /x # why\nSitemap: https://x.example/s.xml\nCrawl-delay: soon\n", []string{"/"}, []string{"/x"}, 0},
		{"rules before a group", "Disallow: /\nUser-agent: *\nDisallow: /x", []string{"/"}, []string{"/x"}, 0},
		{"percent-encoding", "User-agent: *\nDisallow: /caf%c3%a9\nDisallow: /ä\nDisallow: /%7Ex\nDisallow: /a%2fb", []string{"/a/b"}, []string{"/café", "/%C3%A4", "/~x", "/a%2Fb"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := parseRobots(c.text)
			for _, p := range c.allowed {
				if !r.allows(p) {
					t.Errorf("%s is refused", p)
				}
			}
			for _, p := range c.refused {
				if r.allows(p) {
					t.Errorf("%s is allowed", p)
				}
			}
			if r.delay != c.delay {
				t.Errorf("delay %s", r.delay)
			}
		})
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\nAllow: /%41\n", "/xaab")
	f.Add("user-agent:careloop\rdisallow:/\x00%", "/%zz")
	f.Fuzz(func(t *testing.T, text, path string) {
		r := parseRobots(text)
		if r.delay < 0 || r.delay > time.Hour {
			t.Fatalf("delay %s", r.delay)
		}
		r.allows(path)
		if p := normPath(path); normPath(p) != p && !strings.Contains(path, "%") {
			t.Fatalf("%q", p)
		}
	})
}
