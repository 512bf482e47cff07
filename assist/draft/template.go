package draft

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/triage"
)

// A reply without a model is put together from a catalogue's lines: it names the
// matter in the shopper's words, meets the feeling, owns what was the shop's
// doing, quotes what the articles say, tells what happens now, asks at most one
// question and goes one step further. It states nothing that it does not know.

// quoteWords bounds what is quoted of an article; more belongs to its link.
const quoteWords = 60

// sureConfidence is from which confidence on a passage is quoted to a shopper who
// asked nothing.
const sureConfidence = 0.6

// withoutModel writes the reply, or changes the agent's own text.
func (m *material) withoutModel(ctx context.Context, quoter llm.Model) Result {
	if given := strings.TrimSpace(m.in.Given); given != "" && !sameWords(given, m.in.Previous) {
		text, note := m.retone(given)
		return Result{Text: text, Citations: m.citationsIn(text), Note: note}
	}
	cat, ok := catalogues[m.language]
	var note Note
	if !ok {
		// A language without a catalogue: the shop's own, or English, and a word
		// that this needs a model.
		note = NoteNeedsModel
		if cat, m.language = catalogues[languageOf(m.in.Site.Locale)], languageOf(m.in.Site.Locale); cat == nil {
			cat, m.language = catalogues["en"], "en"
		}
	}
	w := &templateReply{m: m, cat: cat, choice: choiceFor(m.in.Conversation.ID, strconv.FormatInt(m.in.ForSeq, 10)), tone: m.in.Tone}
	text, citations := w.write(ctx, quoter)
	return Result{Text: text, Citations: citations, Note: note}
}

// templateReply is one reply on its way.
type templateReply struct {
	m      *material
	cat    catalogue
	choice choice
	tone   Tone
	matter matter
	fault  bool
}

func (w *templateReply) say(key string, fill ...string) string {
	return w.cat.say(w.choice, key, fill...)
}

func (w *templateReply) write(ctx context.Context, quoter llm.Model) (string, []assist.Citation) {
	m := w.m
	w.matter = matterOf(m.focus, m.language)
	if w.matter.sentence == "" && m.said != m.focus {
		w.matter = matterOf(m.said, m.language)
	}
	topic, feeling := m.reading.Topic, m.reading.Feeling
	if special := w.special(feeling); special != "" {
		return special, []assist.Citation{}
	}
	w.fault = AtFault(m.focus, m.language, topic, feeling)
	asks := w.matter.question != "" || strings.Contains(m.focus, "?")
	quote, citations := "", []assist.Citation{}
	// To a question a passage is the answer; beside a complaint it has to fit all
	// the better.
	if asks || m.confidence >= sureConfidence && !m.reading.PersonOnly && topic != triage.Account {
		quote, citations = w.quoted(ctx, quoter)
	}
	answered := quote != "" && asks && !w.fault && !m.reading.PersonOnly && (feeling == triage.Calm || feeling == "")

	opening := w.opening(topic, feeling)
	var paragraphs []string
	paragraphs = append(paragraphs, opening)
	if quote != "" {
		paragraphs = append(paragraphs, w.say("passage")+"\n\n"+quote)
	}
	if now := w.now(topic, answered); now != "" {
		paragraphs = append(paragraphs, now)
	}
	if w.tone == Warmer {
		paragraphs = append(paragraphs, w.say("warm"))
	}
	if w.tone == Apologise {
		if offer := w.offer(); offer != "" {
			paragraphs = append(paragraphs, offer)
		}
	}
	if w.tone != Shorter {
		if beyond := w.say("beyond." + string(topic)); beyond != "" {
			paragraphs = append(paragraphs, beyond)
		}
	}
	hello := w.hello()
	if hello == "" {
		paragraphs[0] = upperFirst(paragraphs[0])
	} else {
		paragraphs = append([]string{hello}, paragraphs...)
	}
	if w.tone == Formal {
		paragraphs = append(paragraphs, w.say("bye.formal")+"\n"+m.in.Site.Name)
	}
	text := strings.Join(paragraphs, "\n\n")
	if w.tone == Formal && m.language == "en" {
		text = expand(text)
	}
	return text, citations
}

// special is the reply to what no template about a matter suits: danger, a legal
// claim, a compliment. It asks nothing and promises nothing.
func (w *templateReply) special(feeling triage.Feeling) string {
	key := ""
	switch {
	case w.m.reading.Safety:
		key = "safety"
	case w.m.reading.Legal:
		key = "legal"
	case (feeling == triage.Calm || feeling == "") && praises(w.m.focus):
		key = "praise"
	default:
		return ""
	}
	text := w.say(key)
	if hello := w.hello(); hello != "" {
		text = hello + "\n\n" + text
	} else {
		text = upperFirst(text)
	}
	if w.tone == Formal {
		text += "\n\n" + w.say("bye.formal") + "\n" + w.m.in.Site.Name
		if w.m.language == "en" {
			text = expand(text)
		}
	}
	return text
}

// hello greets once in a conversation; a formal letter always.
func (w *templateReply) hello() string {
	if w.m.spoken && w.tone != Formal {
		return ""
	}
	name := safeName(w.m.in.Shopper.Name)
	key := "hello"
	if w.tone == Formal {
		key += ".formal"
	} else {
		name, _, _ = strings.Cut(name, " ")
	}
	if name != "" {
		return w.say(key+".name", "{name}", name)
	}
	return w.say(key)
}

// opening names matter and feeling, and owns what the shop did.
func (w *templateReply) opening(topic triage.Topic, feeling triage.Feeling) string {
	family := "matter"
	upset := feeling != triage.Calm && feeling != ""
	switch {
	case w.tone == Apologise:
		family = "matter"
	case w.fault:
		family = "sorry"
	case !upset:
		family = "calm"
	}
	out := []string{w.named(family, topic)}
	if upset && w.tone != Shorter || upset && !w.fault {
		said := strings.ToLower(out[0])
		if w.matter.felt != "" && !strings.Contains(said, w.matter.felt) {
			out = append(out, w.say("felt", "{felt}", w.matter.felt))
		} else {
			out = append(out, w.say("feel."+string(feeling)))
		}
	}
	switch {
	case w.tone == Apologise:
		out = append(out, w.say("apology.full"))
	case w.fault:
		own := w.say("own." + string(topic))
		if own == "" {
			own = w.say("own.other")
		}
		out = append(out, own)
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " ")
}

// named says what the shopper's matter is, in the words that are the surest.
func (w *templateReply) named(family string, topic triage.Topic) string {
	mt := w.matter
	try := func(form, place, value string) string {
		if value == "" {
			return ""
		}
		return w.say(family+"."+form, place, value)
	}
	if s := try("question", "{question}", mt.question); s != "" {
		return s
	}
	// Nobody is sorry for what somebody wants.
	if family == "sorry" && wish.MatchString(mt.clause) {
		mt.clause, mt.quote = "", quotable(mt.sentence)
	}
	if s := try("clause", "{clause}", mt.clause); s != "" {
		return s
	}
	// "Your blue boots" says more than a quotation, "the phone" says less.
	if strings.HasPrefix(mt.thing, "your ") || mt.quote == "" {
		if s := try("thing", "{thing}", mt.thing); s != "" {
			return s
		}
	}
	if s := try("quote", "{quote}", mt.quote); s != "" {
		return s
	}
	thing := w.say("thing." + string(topic))
	if thing == "" {
		thing = w.say("thing.other")
	}
	return try("thing", "{thing}", thing)
}

var wish = regexp.MustCompile(`^(?:you(?: just| only| really| still)? (?:want|would like|need|hope|wish)|you'd)\b`)

// now says what happens next, and asks for what is missing.
func (w *templateReply) now(topic triage.Topic, answered bool) string {
	var out []string
	order := ""
	if at := slices.IndexFunc(w.m.orders, orderForm.MatchString); at >= 0 {
		order = w.m.orders[at]
	}
	needsOrder := slices.Contains(aboutOrders, topic)
	if order != "" && (needsOrder || topic == triage.Other) {
		out = append(out, w.say("next.order", "{order}", order))
	}
	asks := needsOrder && order == "" && !answered
	if !answered && !asks {
		next := w.say("next." + string(topic))
		if next == "" {
			next = w.say("next.other")
		}
		out = append(out, next)
	}
	switch {
	case answered:
	case asks:
		// Nothing can be looked up yet, and nothing says that it is.
		out = append(out, w.say("ask."+string(topic)), w.say("then"))
	case needsOrder && slices.Contains(toBePutRight, topic):
		out = append(out, w.say("prefer"))
	case topic == triage.Account && !mail.MatchString(w.m.said) && w.m.in.Shopper.Email == "":
		out = append(out, w.say("ask.account"))
	case (topic == triage.Product || topic == triage.Size) && w.matter.thing == "":
		out = append(out, w.say("ask."+string(topic)))
	case topic == triage.Other && (w.matter.sentence == "" || len(strings.Fields(w.m.said)) < 8):
		out = append(out, w.say("ask.other"))
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " ")
}

// aboutOrders are matters for which an order has to be found, toBePutRight those
// in which the shopper has a choice.
var (
	aboutOrders  = []triage.Topic{triage.Delivery, triage.Return, triage.Refund, triage.Damaged, triage.WrongItem, triage.Missing, triage.Payment, triage.Warranty, triage.OrderChange}
	toBePutRight = []triage.Topic{triage.Damaged, triage.WrongItem, triage.Missing}
)

// AtFault says that something went wrong on the shop's side, or on the way to
// the shopper, which is the shop's to answer for. Changing one's mind, asking
// and not knowing one's size are nobody's fault.
func AtFault(text, language string, topic triage.Topic, feeling triage.Feeling) bool {
	switch topic {
	case triage.Damaged, triage.WrongItem, triage.Missing:
		return true
	case triage.Size, triage.Product, triage.Account, triage.OrderChange:
		return false
	}
	lower := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	for _, f := range catalogues[language]["words.fault"] {
		for from := 0; ; {
			i := strings.Index(lower[from:], f)
			if i < 0 {
				break
			}
			i += from
			// "n't arrived" goes on from the word before it.
			if (strings.HasPrefix(f, "n't") || !isLetterBefore(lower, i)) && !isLetterAt(lower, i+len(f)) {
				return topic != triage.Return || feeling != triage.Calm
			}
			from = i + 1
		}
	}
	return false
}

func isLetterBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsLetter(r)
}

// offer is the first thing that agents may offer, where it is short and in the
// reply's language.
func (w *templateReply) offer() string {
	offers := w.m.in.Guide.Offers
	if len(offers) == 0 || languageOf(w.m.in.Site.Locale) != w.m.language || len(strings.Fields(offers[0])) > 14 {
		return ""
	}
	return w.say("offer", "{offer}", strings.TrimRight(strings.TrimSpace(offers[0]), "."))
}

// quoted is what the passages say to the question, word for word, with its
// citations.
func (w *templateReply) quoted(ctx context.Context, quoter llm.Model) (string, []assist.Citation) {
	m := w.m
	if len(m.passages) == 0 || quoter == nil || w.tone == Shorter && w.fault {
		return "", nil
	}
	g := llm.Grounding{Question: m.focus, Locale: m.locale}
	for i, p := range m.passages {
		g.Passages = append(g.Passages, llm.Passage{N: i + 1, Title: p.Article.Title, Heading: strings.Join(p.Heading, " › "), Text: p.Text})
	}
	var b strings.Builder
	_, err := quoter.Write(ctx, llm.Request{Grounding: g}, func(d llm.Delta) error { b.WriteString(d.Text); return nil })
	if err != nil {
		return "", nil
	}
	text := strings.TrimSpace(b.String())
	// The quoter may lead to its quotation: the template does that already.
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasSuffix(first, ":") && !citationMark.MatchString(first) {
		text = strings.TrimSpace(rest)
	}
	// One passage is enough in a letter.
	if at := strings.Index(text, "\n\n"); at > 0 && citationMark.MatchString(text[:at]) && !strings.HasPrefix(strings.TrimSpace(text[at:]), "-") {
		text = text[:at]
	}
	// What asks a question of its own would be a second one.
	if text == "" || strings.Contains(text, "?") {
		return "", nil
	}
	if len(strings.Fields(text)) > quoteWords {
		if text = firstParts(text, quoteWords); text == "" {
			return "", nil
		}
	}
	return m.cite(text)
}

// firstParts keeps whole cited sentences up to so many words.
func firstParts(text string, most int) string {
	end := 0
	for _, m := range citationMark.FindAllStringIndex(text, -1) {
		if len(strings.Fields(text[:m[1]])) > most {
			break
		}
		end = m[1]
		if end < len(text) && text[end] == '.' {
			end++
		}
	}
	return text[:end]
}

// citationsIn keeps what the marks of a text that stood in the composer point to
// as they were there.
func (m *material) citationsIn(text string) []assist.Citation {
	out := []assist.Citation{}
	for _, c := range m.in.PreviousCitations {
		if strings.Contains(text, "["+strconv.Itoa(c.N)+"]") {
			out = append(out, c)
		}
	}
	return out
}

func sameWords(a, b string) bool { return slices.Equal(words(a), words(b)) }

// orderForm is an order's number alone.
var orderForm = regexp.MustCompile(`^#?[A-Za-z]{0,4}-?\d{3,14}(?:-\d{2,10})*$`)

var nameForm = regexp.MustCompile(`^[\p{L}][\p{L}'’.-]*(?: [\p{L}][\p{L}'’.-]*){0,3}$`)

// safeName is a name as it may stand in a greeting: letters, at most four words.
func safeName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 60 || !nameForm.MatchString(s) {
		return ""
	}
	return s
}
