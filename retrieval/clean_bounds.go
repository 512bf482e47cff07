package retrieval

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds on Markdown's structure. Beyond them parsing takes time that grows with
// the square of the text; no article that a person wrote comes near.
const (
	maxNesting = 100         // quotations and lists within one another, in one line
	maxColumns = 200         // of a table
	maxMarks   = 100_000_000 // the marks of each paragraph, squared and added up
)

// intricate says why Markdown is not worth parsing; "" means that it is.
func intricate(markdown string) string {
	total, marks := 0, 0
	for line := range strings.Lines(markdown) {
		if startsBlock(line) {
			total += marks * marks
			marks = 0
		}
		for i := range len(line) {
			if strings.IndexByte("*_~[]", line[i]) >= 0 {
				marks++
			}
		}
		if containers(line) > maxNesting {
			return "its quotations or lists are nested too deeply"
		}
		if strings.Count(line, "|") > maxColumns && strings.Trim(line, "|-: \t\r\n") == "" {
			return "it has a table of more than 200 columns"
		}
		if total+marks*marks > maxMarks {
			return "it holds too many of the marks * _ ~ [ ]"
		}
	}
	return ""
}

// containers counts the marks of quotations and list items that a line begins
// with.
func containers(line string) int {
	n := 0
	for i := range len(line) {
		switch c := line[i]; {
		case c == ' ' || c == '\t' || c >= '0' && c <= '9':
		case c == '>':
			n++
		case strings.IndexByte("-*+.)", c) >= 0 && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
			n++
		case c == '\n':
			return 0 // a rule across the page, or nothing
		default:
			return n
		}
	}
	return 0
}

// tooWide tells whether a table of the page is beyond what is converted.
func tooWide(root *html.Node) bool {
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom != atom.Tr {
			continue
		}
		cells := 0
		for range n.ChildNodes() {
			if cells++; cells > 2*maxColumns { // white space stands between them
				return true
			}
		}
	}
	return false
}
