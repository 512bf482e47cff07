package golden

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// stated is a sentence of an answer with the numbers of its citations.
type stated struct {
	text  string
	cites []int
}

var citation = regexp.MustCompile(`\s*\[(\d{1,3})\]`)

// bullet begins a line of a list.
var bullet = regexp.MustCompile(`^\s*(?:[-*•]|\d{1,2}[.)])\s+`)

// sentences cuts an answer. A sentence without a mark of its own rests on the
// marks of the next one in its paragraph that has any: a mark at the end of a
// paragraph is for all of it.
func sentences(text string) []stated {
	var out []stated
	for _, paragraph := range regexpParagraph.Split(strings.TrimSpace(text), -1) {
		var list []stated
		for _, line := range strings.Split(paragraph, "\n") {
			line = bullet.ReplaceAllString(line, "")
			for _, s := range cutSentences(line) {
				list = append(list, marked(s, len(list) > 0, &list))
			}
		}
		var carried []int
		for i := len(list) - 1; i >= 0; i-- {
			if len(list[i].cites) == 0 {
				list[i].cites = carried
			}
			carried = list[i].cites
		}
		for _, s := range list {
			if s.text != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

var regexpParagraph = regexp.MustCompile(`\n\s*\n`)

// marked takes the marks out of a sentence. Marks that stand alone belong to the
// sentence before.
func marked(s string, before bool, list *[]stated) stated {
	var cites []int
	for _, m := range citation.FindAllStringSubmatch(s, -1) {
		n, _ := strconv.Atoi(m[1]) // digits alone
		cites = append(cites, n)
	}
	text := strings.TrimSpace(citation.ReplaceAllString(s, ""))
	if strings.Trim(text, ".,;:!? ") == "" {
		if before {
			last := &(*list)[len(*list)-1]
			last.cites = append(last.cites, cites...)
		}
		return stated{cites: cites}
	}
	return stated{text: text, cites: cites}
}

// shortened are words whose stop ends no sentence.
var shortened = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`e.g i.e etc approx no nr mr mrs ms dr st vs incl excl max min tel z.b d.h bzw ca usw inkl exkl evtl ggf u.a o.ä str p.ex env av bd p.ej aprox sr sra núm`) {
		shortened[w] = true
	}
}

// cutSentences cuts a line behind its final signs.
func cutSentences(line string) []string {
	var out []string
	r := []rune(line)
	from := 0
	for i := 0; i < len(r); i++ {
		if !strings.ContainsRune(".!?…", r[i]) {
			continue
		}
		end := i + 1
		for end < len(r) && strings.ContainsRune(`.!?…"'”“»)*_`, r[end]) {
			end++
		}
		// Marks behind the sign are the sentence's own.
		if m := citation.FindString(string(r[end:min(len(r), end+12)])); m != "" && strings.HasPrefix(string(r[end:]), m) {
			end += len([]rune(m))
		}
		if end < len(r) && !unicode.IsSpace(r[end]) || r[i] == '.' && !endsSentence(r[from:i], r[end:]) {
			i = end - 1
			continue
		}
		out = append(out, strings.TrimSpace(string(r[from:end])))
		from, i = end, end-1
	}
	if rest := strings.TrimSpace(string(r[from:])); rest != "" {
		out = append(out, rest)
	}
	return out
}

// endsSentence judges a stop by what stands around it: not after what is
// shortened, a single letter or the day of a date, and not before a small letter.
func endsSentence(before, after []rune) bool {
	words := strings.Fields(string(before))
	if len(words) == 0 {
		return false
	}
	last := strings.ToLower(strings.TrimLeft(words[len(words)-1], `("'“„*_`))
	next := strings.TrimSpace(string(after))
	switch {
	case next == "":
		return true
	case shortened[last] || shortened[strings.ReplaceAll(last, " ", "")] || len([]rune(last)) == 1 && unicode.IsLetter([]rune(last)[0]):
		return false
	case len(last) <= 2 && strings.Trim(last, "0123456789") == "":
		return false
	}
	return !unicode.IsLower([]rune(next)[0])
}
