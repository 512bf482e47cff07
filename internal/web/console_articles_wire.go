package web

import (
	"time"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/retrieval"
)

// What the console is told of articles; docs/knowledge.md describes it.

type articleStats struct {
	Answered int `json:"answered" doc:"Answers that rest on it"`
	Up       int `json:"up" doc:"Thumbs up for those"`
	Down     int `json:"down"`
	Handoffs int `json:"handoffs" doc:"Of those after which the shopper came to a person"`
}

type articleCounts struct {
	All         int `json:"all"`
	Draft       int `json:"draft"`
	Published   int `json:"published"`
	Changed     int `json:"changed"`
	Scheduled   int `json:"scheduled"`
	Unpublished int `json:"unpublished"`
	Due         int `json:"due"`
}

type articleList struct {
	Items   []ArticleRow  `json:"items"`
	Total   int           `json:"total" doc:"Of those that fit, at most 10,000"`
	Counts  articleCounts `json:"counts" doc:"Of the whole shop, whatever is searched"`
	Locales []string      `json:"locales"`
	Tags    []string      `json:"tags"`
	Sources []string      `json:"sources"`
}

// ArticleRow is an article in a list. It is exported because the description of the
// interface has the fields of exported parts alone.
type ArticleRow struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Slug      string       `json:"slug"`
	Locale    string       `json:"locale"`
	State     string       `json:"state" enum:"draft,published,changed,scheduled,unpublished"`
	Audience  string       `json:"audience" enum:"everyone,signed_in,agents"`
	Tags      []string     `json:"tags"`
	Source    string       `json:"source" doc:"console for those made here"`
	Owner     *inbox.Name  `json:"owner"`
	ReviewOn  *string      `json:"review_on" doc:"A day, 2026-01-31"`
	Due       bool         `json:"due" doc:"The review date has come"`
	Version   int          `json:"version" doc:"That is published; 0: none"`
	UpdatedAt time.Time    `json:"updated_at"`
	UpdatedBy string       `json:"updated_by" doc:"Empty: an import"`
	PublishAt *time.Time   `json:"publish_at"`
	Address   string       `json:"address" doc:"Where shoppers read it; empty: nowhere"`
	Stats     articleStats `json:"stats" doc:"Of the last 90 days"`
}

type articleDraft struct {
	Revision    int        `json:"revision" doc:"0: nothing is being written, and this is what an editor begins with"`
	BaseVersion int        `json:"base_version" doc:"The version that it began from; 0: none"`
	Title       string     `json:"title"`
	Markdown    string     `json:"markdown"`
	Tags        []string   `json:"tags"`
	URL         string     `json:"url"`
	Slug        string     `json:"slug"`
	Locale      string     `json:"locale"`
	Audience    string     `json:"audience" enum:"everyone,signed_in,agents"`
	UpdatedAt   time.Time  `json:"updated_at"`
	By          string     `json:"by"`
	PublishAt   *time.Time `json:"publish_at"`
	Trouble     string     `json:"trouble" doc:"Why it was not published when its time came, as bad_article's reasons are named; empty: nothing is"`
}

type articlePublished struct {
	Version  int       `json:"version"`
	Title    string    `json:"title"`
	Markdown string    `json:"markdown"`
	Tags     []string  `json:"tags"`
	URL      string    `json:"url"`
	At       time.Time `json:"at"`
	By       string    `json:"by" doc:"Empty: an import"`
}

type articleGap struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type wholeArticle struct {
	ArticleRow
	Draft     articleDraft      `json:"draft"`
	Published *articlePublished `json:"published"`
	EditedAt  *time.Time        `json:"edited_at" doc:"When it was published from the console after its last import"`
	Imported  bool              `json:"imported"`
	Gap       *articleGap       `json:"gap" doc:"What it is to close"`
}

type articleVersions struct {
	Items []articleVersion `json:"items"`
}

type articleVersion struct {
	Version   int       `json:"version"`
	Title     string    `json:"title"`
	At        time.Time `json:"at"`
	By        string    `json:"by" doc:"Empty: an import"`
	Note      string    `json:"note"`
	Published bool      `json:"published"`
}

type articleVersionText struct {
	Version  int       `json:"version"`
	Title    string    `json:"title"`
	Markdown string    `json:"markdown"`
	Tags     []string  `json:"tags"`
	URL      string    `json:"url"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Note     string    `json:"note"`
}

func articleRowOf(r article.Row, siteKey string) ArticleRow {
	out := ArticleRow{ID: r.ID, Title: r.Title, Slug: r.Slug, Locale: r.Locale, State: string(r.State), Audience: r.Audience.String(),
		Tags: nonNil(r.Tags), Source: r.Source, Due: r.Due, Version: r.Version, UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy,
		PublishAt: r.PublishAt, Stats: articleStats(r.Stats)}
	if r.OwnerID != "" {
		out.Owner = &inbox.Name{ID: r.OwnerID, Name: r.Owner}
	}
	if r.ReviewOn != "" {
		out.ReviewOn = &r.ReviewOn
	}
	if r.Version > 0 {
		out.Address = articleAddress(retrieval.Article{Slug: r.Slug, Locale: r.Locale, URL: r.URL, Audience: r.Audience}, siteKey)
	}
	return out
}

func articleDraftOf(d article.Draft) articleDraft {
	return articleDraft{Revision: d.Revision, BaseVersion: d.BaseVersion, Title: d.Title, Markdown: d.Markdown, Tags: nonNil(d.Tags), URL: d.URL,
		Slug: d.Slug, Locale: d.Locale, Audience: d.Audience.String(), UpdatedAt: d.UpdatedAt, By: d.By, PublishAt: d.PublishAt, Trouble: string(d.Trouble)}
}

func wholeArticleOf(a article.Article, siteKey string) wholeArticle {
	out := wholeArticle{ArticleRow: articleRowOf(a.Row, siteKey), Draft: articleDraftOf(a.Draft), EditedAt: a.EditedAt, Imported: a.Source != article.Source}
	if p := a.Published; p != nil {
		out.Published = &articlePublished{Version: p.Version, Title: p.Title, Markdown: p.Markdown, Tags: nonNil(p.Tags), URL: p.URL, At: p.At, By: p.By}
	}
	if a.Gap != nil {
		out.Gap = (*articleGap)(a.Gap)
	}
	return out
}
