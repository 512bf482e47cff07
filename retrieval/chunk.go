package retrieval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ChunkerVersion changes whenever the same article would be cut or cleaned
// differently, so that the next import cuts it anew.
const ChunkerVersion = 1

// Sizes of chunks, in words as wordCount counts them.
const (
	targetWords  = 180
	maxWords     = 300
	tinyWords    = 25
	headingWords = 40 // a longer heading is read as text
)

// Cut splits an article's Markdown into chunks along its structure. A short
// article is one chunk. Of a longer one every section is a chunk; small
// sections side by side share one and keep their headings in the text; a large
// one is split between blocks, list items, table rows (the table's head stands
// above each part), sentences, and only then words. Every word of the article
// stands in exactly one chunk, in order, or in the headings above it. Text is
// the article's own source, not rendered anew. Lexical is left empty.
func Cut(markdown string) []Chunk {
	if strings.TrimSpace(markdown) == "" {
		return nil
	}
	if wordCount(markdown) <= targetWords {
		return []Chunk{{Text: trimBlock(markdown)}}
	}
	c := &cutter{source: markdown}
	sections := c.sections()
	var chunks []Chunk
	emit := func(heading []string, text string) {
		if text = trimBlock(text); text != "" {
			chunks = append(chunks, Chunk{Ordinal: len(chunks), Heading: heading, Text: text})
		}
	}
	for i := 0; i < len(sections); {
		s := sections[i]
		if len(s.units) == 0 && i+1 < len(sections) && isBelow(sections[i+1].path, s.path) {
			i++ // its heading stands in the path of the sections below it
			continue
		}
		if last := c.tinyRun(sections, i); last > i {
			emit(s.parent(), markdown[s.start:sections[last].end])
			i = last + 1
			continue
		}
		if len(s.units) == 0 {
			emit(s.parent(), markdown[s.start:s.end])
		}
		for _, part := range pack(s.units) {
			first, last := part[0], part[len(part)-1]
			emit(s.path, first.prefix+markdown[first.start:last.end])
		}
		i++
	}
	return chunks
}

// unit is a piece of the source that is not split further. The units of an
// article follow one another without gaps.
type unit struct {
	start, end int
	words      int
	prefix     string // a table's head, for a chunk that starts with this unit
	leads      bool   // it ends in a colon: the next unit belongs to it
}

func (u unit) wordsAtStart() int { return u.words + wordCount(u.prefix) }

// section is a heading with the text down to the next heading.
type section struct {
	path       []string // the headings above the text, its own last
	start, end int      // heading included
	words      int      // heading included
	units      []unit   // without the heading
}

func (s section) parent() []string {
	if len(s.path) == 0 {
		return nil
	}
	return slices.Clip(s.path[:len(s.path)-1])
}

// isBelow tells whether path leads through above.
func isBelow(path, above []string) bool {
	return len(path) > len(above) && slices.Equal(path[:len(above)], above)
}

type cutter struct {
	source string
}

// tinyRun returns the index of the last section that shares a chunk with the
// i-th: tiny ones side by side under one parent.
func (c *cutter) tinyRun(sections []section, i int) int {
	first := sections[i]
	if len(first.path) == 0 || first.words >= tinyWords {
		return i
	}
	words, last := first.words, i
	for j := i + 1; j < len(sections); j++ {
		s := sections[j]
		if s.words >= tinyWords || words+s.words > targetWords || !slices.Equal(s.parent(), first.parent()) {
			break
		}
		if j+1 < len(sections) && isBelow(sections[j+1].path, s.path) {
			break // it leads sections of its own
		}
		words += s.words
		last = j
	}
	return last
}

// pack groups the units of a section into chunks of about the same size.
func pack(units []unit) [][]unit {
	total := 0
	for _, u := range units {
		total += u.words
	}
	if len(units) == 0 {
		return nil
	}
	if total <= maxWords {
		return [][]unit{units}
	}
	parts := (total + targetWords - 1) / targetWords
	goal := total / parts
	var out [][]unit
	from, words := 0, 0
	for i, u := range units {
		if i > from {
			full := words+u.words > maxWords
			enough := words+u.words/2 > goal && !units[i-1].leads
			if full || enough {
				out = append(out, units[from:i])
				from, words = i, 0
			}
		}
		if i == from {
			words = u.wordsAtStart()
		} else {
			words += u.words
		}
	}
	if n := len(out); n > 0 && words < tinyWords {
		before := out[n-1]
		if partWords(before)+words <= maxWords {
			out[n-1] = units[from-len(before):]
			return out
		}
	}
	return append(out, units[from:])
}

func partWords(units []unit) int {
	words := units[0].wordsAtStart()
	for _, u := range units[1:] {
		words += u.words
	}
	return words
}

// split keeps start to end whole where it is small enough, and otherwise cuts
// it behind the given ends, then between words, then within a word.
func (c *cutter) split(start, end int, ends func(string) []int) []unit {
	piece := c.source[start:end]
	if words := wordCount(piece); words <= maxWords {
		leads := strings.HasSuffix(strings.TrimSpace(piece), ":")
		return []unit{{start: start, end: end, words: words, leads: leads}}
	}
	var units []unit
	from := 0
	for _, to := range append(ends(piece), len(piece)) {
		if to <= from {
			continue
		}
		units = append(units, c.splitWords(start+from, start+to)...)
		from = to
	}
	return units
}

func (c *cutter) splitWords(start, end int) []unit {
	piece := c.source[start:end]
	if wordCount(piece) <= maxWords {
		return []unit{{start: start, end: end, words: c.measure(start, end)}}
	}
	var units []unit
	add := func(from, to int) {
		if to > from {
			units = append(units, unit{start: start + from, end: start + to, words: c.measure(start+from, start+to)})
		}
	}
	from, words := 0, 0 // the unit that is being filled
	for at := 0; at < len(piece); {
		to := wordEnd(piece, at)
		w := wordCount(piece[at:to])
		if w > maxWords {
			add(from, at)
			for at < to {
				cut := at + runeCut(piece[at:to], maxWords)
				add(at, cut)
				at = cut
			}
			from, words = to, 0
			continue
		}
		if words+w > targetWords {
			add(from, at)
			from, words = at, 0
		}
		words += w
		at = to
	}
	add(from, len(piece))
	return units
}

// measure counts the words of a piece, and one more where it begins within a
// word, so that pieces together never count less than the whole.
func (c *cutter) measure(start, end int) int {
	words := wordCount(c.source[start:end])
	before, _ := utf8.DecodeLastRuneInString(c.source[:start])
	if start > 0 && !unicode.IsSpace(before) {
		words++
	}
	return words
}

// wordEnd is the end of the word at from with the white space behind it.
func wordEnd(s string, from int) int {
	inSpace := false
	for i, r := range s[from:] {
		if unicode.IsSpace(r) {
			inSpace = true
		} else if inSpace {
			return from + i
		}
	}
	return len(s)
}

// runeCut is the offset behind as many runes as are sure to stay within words.
func runeCut(s string, words int) int {
	n := 0
	for i := range s {
		if n == words {
			return i
		}
		n++
	}
	return len(s)
}

func trimBlock(s string) string {
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	for {
		line, rest, ok := strings.Cut(s, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			return s
		}
		s = rest
	}
}
