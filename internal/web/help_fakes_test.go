package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/retrieval"
)

const returnsText = "# Returns \\<b>&\n\nYou have **30 days**.\n\n## How long\n\n| Item | Days |\n|---|---|\n| Shoes | 30 |\n\n" +
	"<script>alert(1)</script>\n\n[bad](javascript:alert(1)) [good](https://shop.example/x) [other](/help/sizes#wide)\n\n<img src=x onerror=alert(1)>\n"

// library holds the articles of the world's first site, and what else its help
// centre asks for.
type library struct {
	articles []help.Article
	hidden   map[string]bool   // by id: not for everybody
	former   map[string]string // slug that was to id
	read     []string          // ids
	extra    int               // further articles that the shelf counts
	fails    bool
	searches int
}

func newLibrary() *library {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	article := func(id, slug, title, locale, text string, tags ...string) help.Article {
		return help.Article{Article: retrieval.Article{ID: id, Version: 1, Slug: slug, Title: title, Locale: locale}, Markdown: text, Tags: tags, UpdatedAt: at}
	}
	return &library{
		articles: []help.Article{
			article("a1", "returns", `Returns <b>&`, "en", returnsText, "returns", "policy"),
			article("a2", "sizes", "Which size do I need?", "en", "Measure your foot. </script><script>alert(2)</script>\n\nThen look at the chart.", "sizes"),
			article("a3", "imprint", "Imprint", "en", "We are a shop."),
			article("a4", "returns", "Rückgabe", "de", "Sie haben **30 Tage**.", "rückgabe"),
			article("secret", "margin", "What we earn", "en", "Half of it.", "returns"),
		},
		hidden: map[string]bool{"secret": true},
		former: map[string]string{"send-it-back": "a1", "our-margin": "secret"},
	}
}

func (l *library) shown(siteID string) []help.Article {
	var out []help.Article
	if siteID != "site-1" {
		return nil
	}
	for _, a := range l.articles {
		if !l.hidden[a.ID] {
			out = append(out, a)
		}
	}
	return out
}

func (l *library) withLocales(siteID string, a help.Article) help.Article {
	for _, o := range l.shown(siteID) {
		if o.Slug == a.Slug {
			a.Locales = append(a.Locales, o.Locale)
		}
	}
	slices.Sort(a.Locales)
	return a
}

func (w *world) Shelf(_ context.Context, siteID string) (help.Shelf, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.library.fails {
		return help.Shelf{}, errors.New("the database is on fire")
	}
	of := map[string]int{}
	s := help.Shelf{Articles: w.library.extra}
	for _, a := range w.library.shown(siteID) {
		of[a.Locale]++
		s.Articles++
		s.Stamp += fmt.Sprint(a.ID, a.Version, " ")
		if a.UpdatedAt.After(s.ChangedAt) {
			s.ChangedAt = a.UpdatedAt
		}
	}
	s.Locales = slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(of[b]-of[a], strings.Compare(a, b)) })
	return s, nil
}

func (w *world) ArticleBySlug(_ context.Context, siteID, locale, slug string) (help.Article, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slug == "broken" {
		return help.Article{}, false, errors.New("the database is on fire")
	}
	var best *help.Article
	for _, a := range w.library.shown(siteID) {
		if a.Slug == slug && (best == nil || a.Locale == locale) {
			best = &a
		}
	}
	if best == nil {
		return help.Article{}, false, nil
	}
	return w.library.withLocales(siteID, *best), true, nil
}

func (w *world) FormerSlug(_ context.Context, siteID, _, slug string) (retrieval.Article, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.library.shown(siteID) {
		if a.ID == w.library.former[slug] {
			return a.Article, true, nil
		}
	}
	return retrieval.Article{}, false, nil
}

func (w *world) ArticleList(_ context.Context, siteID string, f help.Filter, limit, offset int) ([]retrieval.Article, int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []retrieval.Article
	for _, a := range w.library.shown(siteID) {
		if a.Locale == f.Locale && (f.Tag == "" || slices.Contains(a.Tags, f.Tag)) && (!f.Untagged || len(a.Tags) == 0) {
			list = append(list, a.Article)
		}
	}
	slices.SortFunc(list, func(a, b retrieval.Article) int { return strings.Compare(a.Title, b.Title) })
	from := min(offset, len(list))
	return list[from:min(from+limit, len(list))], len(list), nil
}

func (w *world) Topics(_ context.Context, siteID, locale string, limit int) ([]help.Topic, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	of := map[string]int{}
	for _, a := range w.library.shown(siteID) {
		if a.Locale != locale {
			continue
		}
		for _, t := range a.Tags {
			of[t]++
		}
		if len(a.Tags) == 0 {
			of[""]++
		}
	}
	var list []help.Topic
	for t, n := range of {
		list = append(list, help.Topic{Tag: t, Articles: n})
	}
	slices.SortFunc(list, func(a, b help.Topic) int {
		if (a.Tag == "") != (b.Tag == "") {
			return strings.Compare(b.Tag, a.Tag)
		}
		return cmp.Or(b.Articles-a.Articles, strings.Compare(a.Tag, b.Tag))
	})
	return list[:min(limit, len(list))], nil
}

func (w *world) MostRead(_ context.Context, siteID, locale string, _ time.Time, limit int) ([]retrieval.Article, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []retrieval.Article
	for _, id := range w.library.read {
		for _, a := range w.library.shown(siteID) {
			if a.ID == id && a.Locale == locale {
				list = append(list, a.Article)
			}
		}
	}
	return list[:min(limit, len(list))], nil
}

func (w *world) Shown(_ context.Context, siteID string, ids []string) ([]retrieval.Article, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []retrieval.Article
	for _, a := range w.library.shown(siteID) {
		if slices.Contains(ids, a.ID) {
			list = append(list, a.Article)
		}
	}
	return list, nil
}

func (w *world) Places(_ context.Context, siteID string, limit, offset int) ([]help.Place, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []help.Place
	for _, a := range w.library.shown(siteID) {
		list = append(list, help.Place{Slug: a.Slug, Locale: a.Locale, UpdatedAt: a.UpdatedAt, Locales: w.library.withLocales(siteID, a).Locales})
	}
	from := min(offset, len(list))
	return list[from:min(from+limit, len(list))], nil
}

func (w *world) SitesWithHelp(context.Context, int) ([]string, error) { return []string{ownSite}, nil }

// Search finds every article that there is, also those that are not for
// everybody: the pages must not show them.
func (w *world) Search(_ context.Context, q retrieval.Query) (retrieval.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.library.searches++
	switch q.Text {
	case "nothing":
		return retrieval.Result{}, nil
	case "elephants":
		return retrieval.Result{Confidence: 0.01, Passages: []retrieval.Passage{{Article: w.library.articles[0].Article, Text: "30 days", Semantic: 0.1}}}, nil
	case "broken":
		return retrieval.Result{}, errors.New("the index is on fire")
	}
	found := retrieval.Result{Confidence: 0.9}
	if q.Text == "perhaps" {
		found.Confidence = 0.25
	}
	for _, a := range w.library.articles {
		text := "You have **30 days** for the return of your shoes."
		found.Passages = append(found.Passages, retrieval.Passage{Article: a.Article, Text: text, Heading: []string{"How long"}, Lexical: 1},
			retrieval.Passage{Article: a.Article, Text: "Another passage.", Lexical: 1})
	}
	return found, nil
}
