package draft

import (
	"context"
	"fmt"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// leastWordsLearnt is how long a reply has to be to teach anything.
const leastWordsLearnt = 12

// Learn keeps the good replies of a conversation that is resolved or rated well,
// without personal data: those that were sent as they were drafted, or lightly
// edited. Without an embedder nothing is kept.
func (w *Writer) Learn(ctx context.Context, l Learn) error {
	embedder := w.o.Composer.Embedder
	if embedder == nil {
		return nil
	}
	list, err := w.o.Store.LearnableReplies(ctx, l.SiteID, l.ConversationID)
	if err != nil {
		return fmt.Errorf("read what was sent: %w", err)
	}
	for _, r := range list {
		if !Compare(r.Draft, r.Sent).Light(len(words(r.Draft))) || len(words(r.Sent)) < leastWordsLearnt || strings.TrimSpace(r.Question) == "" {
			continue
		}
		g := NewGoodReply{DraftID: r.DraftID, Locale: r.Locale, Topic: r.Topic, Embedder: embedder.Name(),
			Question: Redact(cut(r.Question, saidRunes), r.Names, r.Locale),
			Reply:    strings.TrimSpace(citationMark.ReplaceAllString(Redact(cut(r.Sent, 2*saidRunes), r.Names, r.Locale), ""))}
		vectors, err := embedder.Embed(ctx, []string{g.Question}, true)
		if err != nil || len(vectors) != 1 {
			return fmt.Errorf("embed a question: %w", err)
		}
		g.Embedding = vectors[0]
		if err := w.o.Store.SaveGoodReply(ctx, l.SiteID, g); err != nil {
			return fmt.Errorf("keep a reply: %w", err)
		}
	}
	return nil
}

// mostChecked bounds the sentences of a reply that are looked up.
const mostChecked = 5

// Check lists the facts of a reply, as an agent is about to send it, that stand
// nowhere: not in what the conversation's drafts and packet quote, in articles
// that the agent attached, in the shop's own pages where they speak of the same,
// or in what an agent said. Errors: assist.CodeUnknownConversation.
func (w *Writer) Check(ctx context.Context, siteID, conversationID, text string, articleIDs []string) ([]Unsupported, error) {
	st, err := w.o.Store.DraftEvidence(ctx, siteID, conversationID, articleIDs)
	if err != nil {
		return nil, err
	}
	missing := Judge(text, NewEvidence(st.Texts, st.Shopper))
	sources := st.Texts
	asked := map[string]bool{}
	for _, u := range missing {
		sentence := sentenceOf(text, byteOffset(text, u.Start), byteOffset(text, u.End))
		if asked[sentence] || len(asked) == mostChecked {
			continue
		}
		asked[sentence] = true
		found, err := w.o.Composer.Search.Search(ctx, retrieval.Query{SiteID: siteID, Text: sentence, Locale: st.Locale, SiteLocale: st.Site.Locale, Audience: retrieval.Agents})
		if err != nil || found.Confidence < w.o.Composer.Limits.Threshold {
			continue
		}
		for _, p := range found.Passages {
			sources = append(sources, p.Article.Title+"\n"+strings.Join(p.Heading, "\n")+"\n"+p.Text+"\n"+p.Article.URL)
		}
	}
	if len(sources) == len(st.Texts) {
		return missing, nil
	}
	return Judge(text, NewEvidence(sources, st.Shopper)), nil
}

// byteOffset is where so many UTF-16 code units of a text end.
func byteOffset(text string, units int) int {
	for i, r := range text {
		if units <= 0 {
			return i
		}
		units--
		if r >= 0x10000 {
			units--
		}
	}
	return len(text)
}

// Article is one that may help to answer.
type Article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Quote string `json:"quote"`
	// Internal says that it is for the shop's people: it is never cited.
	Internal bool `json:"internal"`
}

// Suggestions stand beside a draft.
type Suggestions struct {
	Macros   []Macro   `json:"macros"`
	Articles []Article `json:"articles"`
}

// What is suggested at most, and looked at for it.
const (
	mostMacros   = 5
	mostArticles = 4
	macrosRead   = 1000
)

// Suggest lists macros and articles that fit what the shopper said last, the
// best first. Errors: assist.CodeUnknownConversation.
func (w *Writer) Suggest(ctx context.Context, siteID, conversationID string) (Suggestions, error) {
	c := w.o.Composer
	out := Suggestions{Macros: []Macro{}, Articles: []Article{}}
	in, err := w.o.Store.Talk(ctx, siteID, conversationID, history)
	if err != nil {
		return Suggestions{}, err
	}
	mat := &material{in: in, locale: in.Conversation.Locale, language: languageOf(in.Conversation.Locale)}
	mat.listen(c.Read)
	if strings.TrimSpace(mat.focus) == "" {
		return out, nil
	}
	macros, err := w.o.Store.Macros(ctx, siteID, macrosRead)
	if err != nil {
		return Suggestions{}, err
	}
	if out.Macros, err = w.macros.fit(ctx, c.Embedder, mat.focus, mat.language, macros); err != nil {
		return Suggestions{}, err
	}
	found, err := c.Search.Search(ctx, retrieval.Query{SiteID: siteID, Text: mat.focus, History: mat.earlier, Replies: mat.replies,
		Locale: mat.locale, SiteLocale: in.Site.Locale, Audience: retrieval.Agents})
	if err != nil {
		return Suggestions{}, err
	}
	seen := map[string]bool{}
	for _, p := range found.Passages {
		if seen[p.Article.ID] || len(out.Articles) == mostArticles {
			continue
		}
		seen[p.Article.ID] = true
		out.Articles = append(out.Articles, Article{ID: p.Article.ID, Title: p.Article.Title, URL: articleURL(c, in.Site, p.Article), Quote: p.Text,
			Internal: p.Article.Audience == retrieval.Agents})
	}
	return out, nil
}

func articleURL(c *Composer, s assist.Site, a retrieval.Article) string {
	if a.URL != "" {
		return a.URL
	}
	return c.HelpURL(s, a)
}
