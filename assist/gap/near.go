package gap

import (
	"context"
	"slices"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/fact"
	"github.com/careloop/careloop/retrieval"
)

// NearArticle is a published article that says much the same.
type NearArticle struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Address  string  `json:"address"`
	Quote    string  `json:"quote"`
	Likeness float64 `json:"likeness" doc:"0 to 1"`
}

// Contradiction is a sentence of a draft and one of a published article that speak
// of the same and give other facts.
type Contradiction struct {
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	Address string      `json:"address"`
	Here    string      `json:"here" doc:"What the draft says"`
	There   string      `json:"there" doc:"What the article says"`
	Facts   [][2]string `json:"facts" doc:"Facts of the same kind, the draft's first"`
}

// DraftCheck is what stands against a draft.
type DraftCheck struct {
	Near           []NearArticle   `json:"near"`
	Contradictions []Contradiction `json:"contradictions"`
}

const (
	mostNear     = 5
	quoteRunes   = 300
	leastNear    = 0.35 // likeness from which an article may hold the answer to a question
	leastSame    = 0.6  // likeness from which an article says nearly the same as a draft
	sameSubject  = 0.6  // likeness from which two sentences speak of the same
	mostAsked    = 12   // searches of one check
	mostTellings = 10   // contradictions that are told
)

// Check looks for published articles that say the same as what is written of an
// article, or something else about the same. Errors: CodeUnknownArticle.
func (d *Desk) Check(ctx context.Context, site assist.Site, articleID string) (DraftCheck, error) {
	t, err := d.store.ArticleText(ctx, site.ID, articleID, 0)
	if err != nil {
		return DraftCheck{}, err
	}
	return d.check(ctx, site, t)
}

func (d *Desk) check(ctx context.Context, site assist.Site, t Text) (DraftCheck, error) {
	var out DraftCheck
	var err error
	sentences := sentencesOf(t.Markdown)
	asks := []string{t.Title, oneLine(t.Title + " " + strings.Join(sentences[:min(len(sentences), 3)], " "))}
	if out.Near, err = d.near(ctx, site, t.Locale, asks, leastSame, t.ArticleID); err != nil {
		return DraftCheck{}, err
	}
	if out.Contradictions, err = d.contradictions(ctx, site, t, sentences); err != nil {
		return DraftCheck{}, err
	}
	return out, nil
}

// near lists the articles that come nearest to texts, but for one, and none below
// the least likeness.
func (d *Desk) near(ctx context.Context, site assist.Site, locale string, texts []string, least float64, but string) ([]NearArticle, error) {
	var all []NearArticle
	for _, text := range texts {
		found, err := d.o.Answerer.Search.Search(ctx, retrieval.Query{SiteID: site.ID, Text: text, Locale: locale, SiteLocale: site.Locale, Audience: retrieval.Agents})
		if err != nil {
			return nil, err
		}
		var passages []string
		for _, p := range found.Passages {
			passages = append(passages, p.Article.Title+"\n"+p.Text)
		}
		likeness, err := d.likeness(ctx, text, passages)
		if err != nil {
			return nil, err
		}
		for i, p := range found.Passages {
			if p.Article.ID == but || likeness[i] < least {
				continue
			}
			n := NearArticle{ID: p.Article.ID, Title: p.Article.Title, Address: d.address(site, p.Article), Quote: cut(oneLine(p.Text), quoteRunes), Likeness: round(likeness[i])}
			at := slices.IndexFunc(all, func(o NearArticle) bool { return o.ID == n.ID })
			switch {
			case at < 0:
				all = append(all, n)
			case all[at].Likeness < n.Likeness:
				all[at] = n
			}
		}
	}
	slices.SortStableFunc(all, func(a, b NearArticle) int { return compare(b.Likeness, a.Likeness) })
	return all[:min(len(all), mostNear)], nil
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }

// likeness gives the cosines of a text with others, none below 0.
func (d *Desk) likeness(ctx context.Context, text string, others []string) ([]float64, error) {
	if len(others) == 0 {
		return nil, nil
	}
	vectors, err := d.o.Embedder.Embed(ctx, append([]string{text}, others...), false)
	if err != nil {
		return nil, err
	}
	list := make([]float64, len(others))
	for i := range others {
		list[i] = max(0, float64(retrieval.Dot(vectors[0], vectors[i+1])))
	}
	return list, nil
}

func (d *Desk) address(site assist.Site, a retrieval.Article) string {
	if a.URL != "" {
		return a.URL
	}
	return d.o.Answerer.HelpURL(site, a)
}

// contradictions looks up each sentence of a draft that holds a fact.
func (d *Desk) contradictions(ctx context.Context, site assist.Site, t Text, sentences []string) ([]Contradiction, error) {
	var out []Contradiction
	asked := 0
	for _, here := range sentences {
		facts := tellable(here)
		if len(facts) == 0 || asked == mostAsked || len(out) == mostTellings {
			continue
		}
		asked++
		found, err := d.o.Answerer.Search.Search(ctx, retrieval.Query{SiteID: site.ID, Text: oneLine(t.Title + ": " + here), Locale: t.Locale, SiteLocale: site.Locale, Audience: retrieval.Agents})
		if err != nil {
			return nil, err
		}
		for _, p := range found.Passages {
			if p.Article.ID == t.ArticleID || LanguageOf(p.Article.Locale) != LanguageOf(t.Locale) {
				continue
			}
			there, pairs, err := d.against(ctx, here, facts, sentencesOf(p.Text))
			if err != nil {
				return nil, err
			}
			told := slices.ContainsFunc(out, func(c Contradiction) bool { return c.Here == here && c.There == there })
			if len(pairs) > 0 && !told {
				out = append(out, Contradiction{ID: p.Article.ID, Title: p.Article.Title, Address: d.address(site, p.Article), Here: here, There: there, Facts: pairs})
			}
		}
	}
	return out, nil
}

// against finds the sentence that is most like another one and gives other facts
// of the same kind. A sentence that gives the same is no contradiction, whatever
// else it gives.
func (d *Desk) against(ctx context.Context, here string, facts []fact.Located, sentences []string) (string, [][2]string, error) {
	var candidates []string
	for _, s := range sentences {
		if others := differing(facts, tellable(s)); len(others) > 0 {
			candidates = append(candidates, s)
		}
	}
	likeness, err := d.likeness(ctx, withoutFacts(here), mapped(candidates, withoutFacts))
	if err != nil {
		return "", nil, err
	}
	best := -1
	for i, l := range likeness {
		if l >= sameSubject && (best < 0 || l > likeness[best]) {
			best = i
		}
	}
	if best < 0 {
		return "", nil, nil
	}
	return candidates[best], differing(facts, tellable(candidates[best])), nil
}

func mapped(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// tellable are the facts of a sentence that another can contradict: amounts, not
// addresses or names.
func tellable(sentence string) []fact.Located {
	return slices.DeleteFunc(fact.Locate(sentence), func(f fact.Located) bool {
		switch f.Kind {
		case fact.Price, fact.Percent, fact.Duration, fact.Number:
			return false
		}
		return true
	})
}

// differing pairs facts of the same kind that are not the same, where none of that
// kind is.
func differing(here, there []fact.Located) [][2]string {
	var pairs [][2]string
	for _, h := range here {
		same, other := false, ""
		for _, t := range there {
			switch {
			case t.Kind != h.Kind:
			case t.Value == h.Value:
				same = true
			case other == "":
				other = t.Raw
			}
		}
		if !same && other != "" {
			pairs = append(pairs, [2]string{h.Raw, other})
		}
	}
	return pairs
}

// withoutFacts is what a sentence speaks of, whatever amounts it gives.
func withoutFacts(sentence string) string {
	located := fact.Locate(sentence)
	for _, f := range slices.Backward(located) {
		if f.Start <= f.End && f.End <= len(sentence) {
			sentence = sentence[:f.Start] + sentence[f.End:]
		}
	}
	return oneLine(sentence)
}
