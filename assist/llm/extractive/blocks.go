package extractive

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// shape is the form in which a unit stands in its passage.
type shape int

const (
	prose shape = iota
	bullet
	numbered
	row
)

// unit is the smallest thing that is quoted: a sentence of a paragraph or of a
// list item, or a row of a table.
type unit struct {
	text    string
	shape   shape
	block   int    // which paragraph, list or table of the passage
	item    int    // which item of a list, from 0
	mark    string // of a numbered item, "3."
	lead    string // a short question right before it that it answers
	heading string // what stands above it
	values  string // a row's cells without the names of the columns
	linked  float64
	words   int
}

// whole is the unit's text with the short question before it.
func (u *unit) whole() string {
	if u.lead == "" {
		return u.text
	}
	return u.lead + " " + u.text
}

// listed says whether the unit is of a list.
func (u *unit) listed() bool { return u.shape == bullet || u.shape == numbered }

// fragment says whether the unit is an item that is no sentence.
func (u *unit) fragment() bool {
	return u.listed() && !strings.ContainsAny(u.text[len(u.text)-1:], ".!…)\"") && !strings.HasSuffix(u.text, "”")
}

// maxPassage bounds how much of a passage is read, in bytes.
const maxPassage = 32 << 10

var (
	headingLine = regexp.MustCompile(`^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$`)
	ruleLine    = regexp.MustCompile(`^\s*([-*_=]\s*){3,}$`)
	boldLine    = regexp.MustCompile(`^\s*(\*\*|__)[^*_]+(\*\*|__):?\s*$`)
	itemLine    = regexp.MustCompile(`^(\s*)([-*+•]|\d{1,3}[.)])\s+(.*)$`)
	delimiter   = regexp.MustCompile(`^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$`)
	anyLink     = regexp.MustCompile(`\[([^\[\]]+)\]\(`)
	fence       = regexp.MustCompile("^\\s*(```|~~~)")
)

// parser reads a passage line by line.
type parser struct {
	language string
	units    []unit
	heading  string
	block    int

	kind  shape
	lines []string // of the paragraph or item under way
	item  int
	mark  string
	list  bool
	sub   bool // under an item of another kind of list
}

// parse cuts a passage's Markdown into units.
func parse(markdown, language string) []unit {
	if len(markdown) > maxPassage {
		markdown = markdown[:maxPassage]
	}
	markdown = strings.ToValidUTF8(markdown, "")
	p := &parser{language: language}
	lines := strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r")
		for strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
			line = strings.TrimPrefix(strings.TrimLeft(line, " ")[1:], " ")
		}
		switch {
		case strings.TrimSpace(line) == "":
			p.flush()
			if i+1 < len(lines) && !itemLine.MatchString(lines[i+1]) {
				p.list = false
			}
		case fence.MatchString(line):
			p.flush()
		case headingLine.MatchString(line):
			p.end()
			p.heading = clean(headingLine.FindStringSubmatch(line)[1])
		case len(p.lines) == 1 && !p.list && strings.Trim(line, "=- ") == "" && len(strings.TrimSpace(line)) >= 3:
			p.heading = clean(p.lines[0]) // underlined
			p.lines = nil
			p.end()
		case ruleLine.MatchString(line):
			p.end()
		case len(p.lines) == 0 && boldLine.MatchString(line) && !strings.HasSuffix(clean(line), "."):
			p.end()
			p.heading = strings.TrimSuffix(clean(line), ":")
		case strings.Contains(line, "|") && i+1 < len(lines) && strings.Contains(lines[i+1], "-") && delimiter.MatchString(lines[i+1]):
			p.end()
			i = p.table(lines, i)
		case itemLine.MatchString(line):
			m := itemLine.FindStringSubmatch(line)
			p.startItem(len(m[1]), m[2], m[3])
		default:
			if !p.list || len(p.lines) == 0 {
				if p.list && !strings.HasPrefix(line, " ") {
					p.end()
				}
				if len(p.lines) == 0 && !p.list {
					p.block++
					p.kind = prose
				}
			}
			p.lines = append(p.lines, line)
		}
	}
	p.end()
	return p.units
}

func (p *parser) startItem(indent int, mark, text string) {
	p.flush()
	kind := bullet
	if last := mark[len(mark)-1]; last == '.' || last == ')' {
		kind = numbered
	}
	p.sub = p.list && indent >= 2 && kind != p.kind
	if p.sub { // belongs to the item above it
		p.lines = append(p.lines, text)
		return
	}
	if !p.list || p.kind != kind {
		p.block++
		p.item = -1
	}
	p.kind, p.list, p.mark = kind, true, mark
	p.item++
	p.lines = append(p.lines, text)
}

// end closes the paragraph or list under way.
func (p *parser) end() {
	p.flush()
	p.list = false
}

// flush makes units of the lines under way.
func (p *parser) flush() {
	if len(p.lines) == 0 {
		return
	}
	source := strings.Join(p.lines, " ")
	p.lines = nil
	links := 0
	for _, m := range anyLink.FindAllStringSubmatch(source, -1) {
		links += len(strings.Fields(m[1]))
	}
	text := clean(source)
	all := max(len(strings.Fields(text)), 1)
	lead := ""
	for _, s := range sentences(text, p.language) {
		if strings.HasSuffix(s, "?") {
			// A question is no answer, but says what the next sentence is about.
			lead = s
			continue
		}
		u := unit{text: s, shape: p.kind, block: p.block, heading: p.heading, words: len(strings.Fields(s)), linked: float64(links) / float64(all)}
		if p.list {
			u.item, u.mark = p.item, p.mark
			if p.sub {
				u.shape = bullet
			}
		}
		if lead != "" && len(strings.Fields(lead)) <= 10 {
			u.lead = lead
		}
		lead = ""
		p.units = append(p.units, u)
	}
}

// table makes a unit of each row and returns the last line it has read.
func (p *parser) table(lines []string, at int) int {
	p.block++
	head := cells(lines[at])
	item := 0
	i := at + 2
	for ; i < len(lines) && strings.Contains(lines[i], "|"); i++ {
		values := cells(lines[i])
		text := rowText(head, values)
		if text == "" {
			continue
		}
		p.units = append(p.units, unit{
			text: text, values: strings.Join(values, " | "), shape: row, block: p.block, item: item, words: len(strings.Fields(text)),
			heading: strings.TrimSpace(p.heading + " " + strings.Join(head, " ")),
		})
		item++
	}
	return i - 1
}

func cells(line string) []string {
	line = strings.TrimSpace(strings.ReplaceAll(line, `\|`, "\x00"))
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	parts := strings.Split(line, "|")
	for i := range parts {
		parts[i] = clean(strings.ReplaceAll(parts[i], "\x00", "|"))
	}
	return parts
}

// rowText makes a row readable: its first cell, then the others, named by the
// table's head where there is more than one of them.
func rowText(head, row []string) string {
	name := func(i int) string {
		if i < len(head) && utf8.RuneCountInString(head[i]) <= 60 {
			return head[i]
		}
		return ""
	}
	if len(row) == 0 {
		return ""
	}
	first := row[0]
	if first != "" && strings.Trim(first, "0123456789.,–-/ ½") == "" && name(0) != "" {
		first = name(0) + " " + first
	}
	filled := 0
	for _, c := range row[1:] {
		if c != "" {
			filled++
		}
	}
	var b strings.Builder
	b.WriteString(first)
	for i, c := range row {
		if i == 0 || c == "" {
			continue
		}
		switch {
		case b.Len() == 0:
		case i == 1 || strings.TrimSpace(b.String()) == first:
			b.WriteString(": ")
		default:
			b.WriteString(", ")
		}
		if n := name(i); n != "" && (filled > 1 || len(head) > 2) {
			b.WriteString(n + " ")
		}
		b.WriteString(c)
	}
	return b.String()
}
