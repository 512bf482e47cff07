package fact

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sink receives what may be shown. Offsets count UTF-16 code units.
type Sink struct {
	Text    func(offset int, text string)
	Retract func(from int, text string)
}

// Verdict is what became of an answer.
type Verdict struct {
	// Text is all that was let through, with its citation marks.
	Text string
	// Cited lists the passages by the number that the marks in Text have: mark
	// [1] is Cited[0].
	Cited []int
	// Held lists facts that stand in no passage, as they were written.
	Held []string
	// None is set where the writer said that the passages do not answer.
	None bool
}

// noneMark is what a writer says, alone, when the passages do not answer.
const noneMark = "[none]"

// lookahead is how many whole words behind a possible fact are awaited before
// it is judged: enough for "3 to 5 full business days" and "4 a 7 días
// laborables" to be one fact.
const lookahead = 5

// A sentence is judged as a whole at its end; one of more bytes than
// longSentence is judged at the next space, and a word of more than longWord as
// if it had ended, so that no text costs more than its length.
const (
	longSentence = 400
	longWord     = 1000
	// longPending is from where on what is not judged yet is judged as it stands.
	longPending = 4000
)

// closestShare is the share of a sentence's content words that a passage must
// have for the sentence to be cited to it without the writer's doing so.
const closestShare = 0.6

// Gate lets an answer through as it is written. Text without facts passes at
// once. A fact is held until it is whole and found in a passage; the sentence
// around it gets that passage's citation. A sentence with a fact that stands
// nowhere is taken back whole, the first one replaced by an honest sentence.
type Gate struct {
	evidence *Evidence
	honest   string
	sink     Sink

	text     strings.Builder // let through
	units    int             // of text, in UTF-16
	pending  string          // written, not yet let through
	sentence int             // where in text the sentence begins, after its list mark
	inLine   bool            // something other than space stands on this line
	list     int             // last number of an ordered list
	cited    []int
	here     []int // passages cited by this sentence
	marked   int   // where in text the last mark ends
	broken   bool  // this sentence was taken back; what follows of it is dropped
	held     []string
	none     bool
}

// NewGate makes a gate. honest takes the place of the first sentence that
// cannot be supported.
func NewGate(e *Evidence, honest string, s Sink) *Gate {
	return &Gate{evidence: e, honest: honest, sink: s}
}

// Write takes the next piece of the answer.
func (g *Gate) Write(s string) {
	g.pending += clean(s)
	g.advance(false)
}

// Close ends the answer. With cut the writer was stopped in mid-sentence, and
// an unfinished sentence is dropped if a whole one stands before it.
func (g *Gate) Close(cut bool) Verdict {
	if cut && g.sentence > 0 && strings.TrimSpace(g.text.String()[:g.sentence]) != "" {
		g.advance(false)
		g.pending = ""
		g.rewind(g.sentence, "")
	}
	g.advance(true)
	g.endSentence("")
	g.trim()
	return Verdict{Text: g.text.String(), Cited: g.cited, Held: g.held, None: g.none}
}

// clean drops characters that nobody sees and that could part a fact.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' || r == '\r':
			return -1
		case r < ' ' && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s)
}

// advance lets through as much of pending as can be judged.
func (g *Gate) advance(final bool) {
	for g.pending != "" && !g.none {
		if !g.step(final) {
			return
		}
	}
	if g.none {
		g.pending = ""
	}
}

// step judges the beginning of pending; false means that more is needed.
func (g *Gate) step(final bool) bool {
	final = final || len(g.pending) > longPending
	r, _ := utf8.DecodeRuneInString(g.pending)
	switch {
	case r == '\n':
		g.endSentence("")
		g.emit("\n")
		g.pending = g.pending[1:]
		g.begin(false)
		return true
	case strings.ContainsRune(".!?…", r):
		return g.stepEnding(final)
	case r == '[':
		return g.stepBracket(final)
	case unicode.IsSpace(r):
		// Space is let through with what follows it, so that a mark can be set
		// before it.
		rest := strings.TrimLeft(g.pending, " \t")
		if rest == "" && !final {
			return false
		}
		if rest == "" || rest[0] == '\n' {
			g.pending = rest
			return true
		}
		if rest[0] == '[' {
			if done, ok := g.mark(rest, final); ok {
				return done
			}
		}
		if g.text.Len()-g.sentence > longSentence {
			g.endSentence("")
			g.begin(true)
		}
		return g.stepWord(len(g.pending)-len(rest), final)
	default:
		return g.stepWord(0, final)
	}
}

// stepEnding handles a full stop and its like: the end of a sentence, or a part
// of what follows.
func (g *Gate) stepEnding(final bool) bool {
	if !final && (!g.endingDecided() || g.perhapsOrdinal()) {
		return false
	}
	m := ending.FindStringSubmatch(g.pending)
	if m == nil || g.ordinal(m[3]) {
		return g.stepWord(0, final)
	}
	for _, n := range strings.FieldsFunc(m[2], func(r rune) bool { return r < '0' || r > '9' }) {
		g.cite(atoi(n))
	}
	g.pending = g.pending[len(m[1])+len(m[2]):]
	g.endSentence(m[1])
	g.begin(true)
	return true
}

// endingDecided says whether enough is known after the sign: the next character
// that is not a space, and whole marks.
func (g *Gate) endingDecided() bool {
	rest := strings.TrimLeft(g.pending, `.!?…"'”“»)*_`)
	for {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return false
		}
		if rest[0] != '[' {
			return true
		}
		i := strings.IndexByte(rest, ']')
		if i < 0 {
			return len(rest) > 6
		}
		if !citeMark.MatchString(rest) {
			return true
		}
		rest = rest[i+1:]
	}
}

// ordinal says that the stop belongs to a day before its month, as in German
// "am 1. Dezember".
func (g *Gate) ordinal(space string) bool {
	if space != " " || !strings.HasPrefix(g.pending, ". ") {
		return false
	}
	if !g.afterShortNumber() {
		return false
	}
	word, _, _ := strings.Cut(g.pending[2:], " ")
	_, ok := months[strings.ToLower(strings.Trim(word, ".,;:!?"))]
	return ok
}

// perhapsOrdinal says that the word behind a number and its stop is still being
// written, so that it may become a month.
func (g *Gate) perhapsOrdinal() bool {
	rest, ok := strings.CutPrefix(g.pending, ". ")
	return ok && g.afterShortNumber() && !strings.ContainsAny(rest, " \n.,;:!?")
}

func (g *Gate) afterShortNumber() bool {
	s := g.text.String()[g.sentence:]
	n := len(s) - len(strings.TrimRight(s, "0123456789"))
	return n == 1 || n == 2
}

// stepBracket handles a citation, the mark of no answer, or a plain bracket.
func (g *Gate) stepBracket(final bool) bool {
	if g.text.Len() == 0 && (strings.HasPrefix(g.pending, noneMark) || !final && strings.HasPrefix(noneMark, g.pending)) {
		g.none = strings.HasPrefix(g.pending, noneMark)
		return g.none
	}
	if done, ok := g.mark(g.pending, final); ok {
		return done
	}
	return g.stepWord(0, final)
}

// mark reads a citation at the start of s, the rest of pending. ok is false
// where there is none; done is false where more is needed to know.
func (g *Gate) mark(s string, final bool) (done, ok bool) {
	if m := citeMark.FindStringSubmatch(s); m != nil {
		g.pending = s[len(m[0]):]
		if !g.broken {
			g.cite(atoi(m[1]))
		}
		return true, true
	}
	if !final && len(s) < 5 && strings.Trim(s[1:], "0123456789") == "" {
		return false, true
	}
	return false, false
}

// stepWord judges the next word, which has space bytes of space before it.
func (g *Gate) stepWord(space int, final bool) bool {
	if m := listMark.FindStringSubmatch(g.pending[space:]); m != nil && !g.inLine && (atoi(m[1]) == g.list+1 || m[1] == "1") {
		g.list = atoi(m[1])
		g.emit(g.pending[:space] + m[0])
		g.pending = g.pending[space+len(m[0]):]
		g.inLine = true
		g.sentence = g.text.Len()
		return true
	}
	end, whole := wordEnd(g.pending, space)
	whole = whole || end-space > longWord
	if !final && !g.inLine && perhapsListMark.MatchString(g.pending[space:]) {
		return false
	}
	if g.broken {
		if !whole && !final {
			return false
		}
		g.pending = g.pending[end:]
		return true
	}
	if risky(g.begun(space)+g.pending[space:end], whole || final) {
		until, decided := ahead(g.pending, end)
		if !whole && !final || !decided && !final {
			return false
		}
		bad, reach := g.judge(g.pending[:until], end)
		if len(bad) > 0 {
			g.fail(bad)
			return true
		}
		end = g.settle(g.pending[:until], reach)
	}
	g.emit(g.pending[:end])
	g.inLine = true
	g.pending = g.pending[end:]
	return true
}

// begun is the part of the word at the start of pending that was let through
// already.
func (g *Gate) begun(space int) string {
	if space > 0 {
		return ""
	}
	s := g.text.String()[g.sentence:]
	return s[strings.LastIndexAny(s, " \t\n")+1:]
}

// judge lists the facts that begin in the sentence up to end of more and stand
// in no passage. What follows end is there to read them whole; reach is how far
// in more they go, so that a fact is shown in one piece.
func (g *Gate) judge(more string, end int) (bad []string, reach int) {
	before := stripMarks(g.text.String()[g.sentence:])
	all := before + more
	head := len(Normal(before + more[:end]))
	reach = end
	for _, f := range Find(all) {
		if f.start >= head {
			continue
		}
		if len(g.evidence.Supports(f)) == 0 {
			bad = append(bad, f.Raw)
		}
		// Places are those of the normal form: where the text has another, its
		// facts are shown word by word.
		end := len(strings.TrimRight(all[:min(f.end, len(all))], " .,;:!?…")) - len(before)
		if end > reach && end <= len(more) && Normal(all) == all {
			reach = end
		}
	}
	return bad, reach
}

// settle moves end on, a word at a time, to where what is seen reads as nothing
// that stands in no passage: "free" alone is a price, "free to choose" is none.
// Where there is no such place the facts were judged with what follows them.
func (g *Gate) settle(more string, end int) int {
	before := stripMarks(g.text.String()[g.sentence:])
	for at := end; ; {
		if g.allSupported(before + more[:at]) {
			return at
		}
		if at == len(more) {
			return end
		}
		next := strings.TrimLeft(more[at:], " \t")
		from := len(more) - len(next)
		if next == "" {
			return end
		}
		at, _ = wordEnd(more, from)
	}
}

func (g *Gate) allSupported(text string) bool {
	for _, f := range Find(text) {
		if len(g.evidence.Supports(f)) == 0 {
			return false
		}
	}
	return true
}

// rewind cuts the text at a byte and puts other text there.
func (g *Gate) rewind(at int, replacement string) {
	t := g.text.String()
	if at == len(t) {
		g.emit(replacement)
		g.sentence = g.text.Len()
		return
	}
	g.text.Reset()
	g.text.WriteString(t[:at] + replacement)
	from := utf16Len(t[:at])
	g.units = from + utf16Len(replacement)
	g.sentence = g.text.Len()
	g.sink.Retract(from, replacement)
}

// cite notes that this sentence rests on passage n; a mark that points nowhere
// is dropped, and so is one that repeats the mark before it.
func (g *Gate) cite(n int) {
	again := slices.Contains(g.here, n)
	if g.broken || !g.evidence.Has(n) || again && g.marked == g.text.Len() {
		return
	}
	if !again {
		g.here = append(g.here, n)
	}
	g.emit(" [" + strconv.Itoa(g.display(n)) + "]")
	g.marked = g.text.Len()
}

// display is the number that shoppers see for a passage: in order of first use.
func (g *Gate) display(n int) int {
	i := slices.Index(g.cited, n)
	if i < 0 {
		g.cited = append(g.cited, n)
		i = len(g.cited) - 1
	}
	return i + 1
}

// endSentence judges the sentence as a whole, adds the citations that its
// facts need, and lets its final sign through.
func (g *Gate) endSentence(sign string) {
	if g.broken {
		return
	}
	s := stripMarks(g.text.String()[g.sentence:])
	if strings.TrimSpace(s) == "" {
		g.emit(sign)
		return
	}
	facts := Find(s)
	var bad []string
	for _, f := range facts {
		by := g.evidence.Supports(f)
		switch {
		case len(by) == 0:
			bad = append(bad, f.Raw)
		case !slices.ContainsFunc(by, func(n int) bool { return slices.Contains(g.here, n) }):
			g.cite(g.preferred(by))
		}
	}
	if len(bad) > 0 {
		g.fail(bad)
		return
	}
	if len(g.here) == 0 && !strings.Contains(sign, "?") {
		if n, ok := g.evidence.Closest(s, closestShare); ok {
			g.cite(n)
		}
	}
	g.emit(sign)
}

// preferred chooses a passage that is cited already, else the best ranked.
func (g *Gate) preferred(by []int) int {
	for _, n := range g.cited {
		if slices.Contains(by, n) {
			return n
		}
	}
	return by[0]
}

// begin starts a sentence.
func (g *Gate) begin(inLine bool) {
	g.inLine = inLine
	g.sentence = g.text.Len()
	g.broken, g.here = false, nil
}

func (g *Gate) emit(s string) {
	if s == "" {
		return
	}
	if g.text.Len() == 0 {
		if s = strings.TrimLeft(s, " \t\n"); s == "" {
			return
		}
	}
	at := g.units
	g.text.WriteString(s)
	g.units += utf16Len(s)
	g.sink.Text(at, s)
}

// trim takes space off the end.
func (g *Gate) trim() {
	t := g.text.String()
	if kept := strings.TrimRight(t, " \t\n"); kept != t {
		g.rewind(len(kept), "")
	}
}
