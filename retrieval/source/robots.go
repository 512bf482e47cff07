package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// userAgent is how the importer introduces itself; robotsName is the part of it
// that robots.txt knows it by.
const (
	userAgent  = "Careloop/1 (help centre import)"
	robotsName = "careloop"
)

const maxRobots = 500 << 10 // bytes; what stands behind is not read, as RFC 9309 allows

// robots holds the rules of a robots.txt that concern the importer.
type robots struct {
	rules []robotsRule
	delay time.Duration // asked for between two requests
}

type robotsRule struct {
	allow   bool
	pattern string
}

// parseRobots reads a robots.txt after RFC 9309: the groups that name the
// importer, or else those for everyone. What it does not understand it skips.
func parseRobots(text string) robots {
	var own, everyone robots
	var named, forAll, inRules, ownSeen bool
	for line := range strings.FieldsFuncSeq(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		field, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		field, value = strings.ToLower(strings.TrimSpace(field)), strings.TrimSpace(value)
		switch field {
		case "user-agent":
			if inRules { // a new group begins
				named, forAll, inRules = false, false, false
			}
			product, _, _ := strings.Cut(strings.ToLower(value), "/")
			named = named || product == robotsName
			forAll = forAll || product == "*"
			ownSeen = ownSeen || named
		case "allow", "disallow", "crawl-delay":
			inRules = true
			if named {
				own.add(field, value)
			}
			if forAll {
				everyone.add(field, value)
			}
		}
	}
	if ownSeen {
		return own
	}
	return everyone
}

func (r *robots) add(field, value string) {
	if field == "crawl-delay" {
		if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 {
			r.delay = time.Duration(min(s, 3600) * float64(time.Second))
		}
		return
	}
	if value == "" || len(value) > 2048 || len(r.rules) >= 10_000 {
		return // an empty rule says nothing
	}
	r.rules = append(r.rules, robotsRule{field == "allow", normPath(value)})
}

// allows tells whether a path with its query may be fetched: the longest rule
// that matches decides, and of equally long ones the one that allows.
func (r robots) allows(path string) bool {
	path = normPath(path)
	allowed, longest := true, -1
	for _, rule := range r.rules {
		if n := len(rule.pattern); (n > longest || n == longest && rule.allow) && matchRule(rule.pattern, path) {
			allowed, longest = rule.allow, n
		}
	}
	return allowed
}

// matchRule matches a pattern, in which * stands for anything and a $ at the
// end for the path's end, against the beginning of a path.
func matchRule(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	if !anchored {
		pattern += "*"
	}
	p, s := 0, 0
	star, mark := -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && pattern[p] == path[s]:
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// normPath writes percent-encoding in one way, so that rules and paths compare.
func normPath(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		encoded := false
		if c == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, encoded = byte(v), true
				i += 2
			}
		}
		unreserved := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if c >= 0x80 || encoded && !unreserved {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
