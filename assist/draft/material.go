package draft

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// Composer writes drafts. It stores nothing.
type Composer struct {
	Search retrieval.Searcher
	// Writers are asked in this order; each failure goes on to the next, and the
	// last on to templates.
	Writers []assist.Writer
	// Quoter finds the sentences of a passage that help, for templates.
	Quoter llm.Model
	// Embedder finds past replies; nil: none are used.
	Embedder retrieval.Embedder
	// Read reads topic and feeling out of a message.
	Read func(text, locale string) triage.Reading
	// HelpURL gives the address of an article that has none of its own.
	HelpURL func(assist.Site, retrieval.Article) string
	Limits  Limits
}

// material is all that a draft is made of.
type material struct {
	in               Input
	locale, language string
	// focus is what the shopper said that calls for an answer, said what they
	// said in the whole conversation.
	focus, said string
	earlier     []string
	replies     []string
	spoken      bool // an agent has written before
	reading     triage.Reading
	orders      []string
	passages    []retrieval.Passage
	confidence  float64
	url         func(retrieval.Article) string
	good        []GoodReply
}

// mostGoodReplies bounds the past replies that a model is shown, leastLikeness
// how far from the question they may be.
const (
	mostGoodReplies = 3
	leastLikeness   = 0.45
)

// gather reads the conversation and finds what helps. A search or a memory that
// fails is done without. Its error is the context's.
func (c *Composer) gather(ctx context.Context, in Input, m Means) (*material, error) {
	mat := &material{in: in, locale: in.Locale, url: func(a retrieval.Article) string {
		if a.URL != "" {
			return a.URL
		}
		return c.HelpURL(in.Site, a)
	}}
	if mat.locale == "" {
		mat.locale = in.Conversation.Locale
	}
	if mat.language = languageOf(mat.locale); mat.language == "" {
		mat.locale, mat.language = "en", "en"
	}
	mat.listen(c.Read)
	if in.Locale == "" {
		if l := spokenIn(mat.focus); l != "" && l != mat.language {
			mat.locale, mat.language = l, l
		}
	}
	found, err := c.Search.Search(ctx, retrieval.Query{SiteID: in.Site.ID, Text: mat.focus, History: mat.earlier, Replies: mat.replies,
		Locale: in.Conversation.Locale, SiteLocale: in.Site.Locale, Audience: in.Shopper.Audience()})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil && found.Confidence >= c.Limits.Threshold {
		mat.confidence = found.Confidence
		for _, p := range found.Passages {
			p.Text = cut(p.Text, passageRunes)
			mat.passages = append(mat.passages, p)
		}
	}
	if c.Embedder != nil && len(c.Writers) > 0 && m.GoodReplies != nil {
		if vectors, err := c.Embedder.Embed(ctx, []string{mat.focus}, true); err == nil && len(vectors) == 1 {
			good, err := m.GoodReplies(ctx, c.Embedder.Name(), vectors[0], mostGoodReplies)
			if err == nil {
				mat.good = slices.DeleteFunc(good, func(g GoodReply) bool { return g.Likeness < leastLikeness })
			}
		}
	}
	return mat, ctx.Err()
}

// listen finds what the shopper's matter is: what they said since an agent last
// wrote; "a person, please" and thanks are no matter of their own, and then what
// they said before them counts.
func (m *material) listen(read func(text, locale string) triage.Reading) {
	var pending, before, all []string
	for _, e := range m.in.Messages {
		switch by := speaker(e); {
		case by == "" || strings.TrimSpace(e.Text) == "":
		case by == string(assist.ByShopper):
			pending = append(pending, e.Text)
			all = append(all, e.Text)
		case by == string(assist.ByAgent):
			before, pending, m.spoken = append(before, pending...), nil, true
			m.replies = append(m.replies, e.Text)
		default:
			m.replies = append(m.replies, e.Text)
		}
	}
	m.said = strings.Join(all, "\n")
	m.orders = slices.Clone(m.in.Packet.Orders)
	// The one that was named last comes first, whoever named it.
	for _, e := range m.in.Messages {
		if speaker(e) == "" {
			continue
		}
		for _, o := range ordersIn(e.Text) {
			m.orders = append([]string{o}, slices.DeleteFunc(m.orders, func(x string) bool { return x == o })...)
		}
	}
	matters := slices.DeleteFunc(slices.Clone(pending), func(text string) bool { return read(text, m.locale).Matter != triage.Question })
	if len(matters) == 0 && m.in.Packet.Wish != "" {
		matters = []string{m.in.Packet.Wish}
	}
	for i := len(before) - 1; i >= 0 && len(matters) == 0; i-- {
		if read(before[i], m.locale).Matter == triage.Question {
			matters, before = []string{before[i]}, before[:i]
		}
	}
	if len(matters) == 0 {
		matters = pending
	}
	m.focus, m.earlier = strings.Join(matters, "\n"), before
	if len(matters) > 3 {
		m.earlier = append(m.earlier, matters[:len(matters)-3]...)
		m.focus = strings.Join(matters[len(matters)-3:], "\n")
	}
	m.reading = read(m.focus, m.locale)
	m.reading.Topic = refine(m.reading.Topic, m.focus)
	if m.reading.Topic == triage.Other {
		m.reading.Topic = read(m.said, m.locale).Topic
	}
	if t := triage.Topic(m.in.Packet.Topic); t != "" && m.reading.Topic == triage.Other {
		m.reading.Topic = t
	}
	if f := triage.Feeling(m.in.Packet.Feeling); f != "" && (m.reading.Feeling == triage.Calm || m.reading.Feeling == "") && !m.spoken {
		m.reading.Feeling = f
	}
}

// evidence is what facts of the draft may rest on.
func (m *material) evidence() Evidence {
	var sources, shopper []string
	for _, p := range m.passages {
		sources = append(sources, p.Article.Title+"\n"+strings.Join(p.Heading, "\n")+"\n"+p.Text+"\n"+m.url(p.Article))
	}
	sources = append(sources, m.in.Packet.Orders...)
	sources = append(sources, m.in.Guide.Offers...)
	for _, e := range m.in.Messages {
		switch {
		case e.Author.Kind == assist.ByShopper:
			shopper = append(shopper, e.Text)
		case e.Author.Kind != assist.ByBot && e.Author.Kind != assist.BySystem: // agents and tools
			sources = append(sources, e.Text)
		}
		for _, c := range e.Citations {
			sources = append(sources, c.Title+"\n"+c.Quote+"\n"+c.URL)
		}
	}
	return NewEvidence(sources, shopper)
}

var citationMark = regexp.MustCompile(`[ \t]*\[(\d{1,3})\]`)

// cite numbers the citations of a text anew, in the order in which they come,
// and drops marks that name no passage.
func (m *material) cite(text string) (string, []assist.Citation) {
	citations := []assist.Citation{}
	number := map[int]int{}
	text = citationMark.ReplaceAllStringFunc(text, func(mark string) string {
		n, _ := strconv.Atoi(citationMark.FindStringSubmatch(mark)[1])
		if n < 1 || n > len(m.passages) {
			return ""
		}
		if number[n] == 0 {
			number[n] = len(citations) + 1
			p := m.passages[n-1]
			citations = append(citations, assist.Citation{N: number[n], Title: p.Article.Title, URL: m.url(p.Article), Quote: p.Text,
				ArticleID: p.Article.ID, Version: p.Article.Version})
		}
		return mark[:strings.IndexByte(mark, '[')] + "[" + strconv.Itoa(number[n]) + "]"
	})
	return strings.TrimSpace(text), citations
}
