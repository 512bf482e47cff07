// Package help is a shop's help centre: the published articles that everybody
// may read, where they stand, and how they look. It knows no SQL and no HTTP.
package help

import (
	"net/url"
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Article is a published article as people read it.
type Article struct {
	retrieval.Article
	Tags     []string
	Markdown string
	// UpdatedAt is when this version was published.
	UpdatedAt time.Time
	// Locales are those that have an article of this slug, this one's included.
	Locales []string
}

// Shelf tells what a site's help centre holds.
type Shelf struct {
	// Locales are those with articles, the one with most of them first.
	Locales []string
	// Articles counts those of all locales.
	Articles int
	// Stamp is another one after every change of what is shown.
	Stamp string
	// ChangedAt is when an article of the site changed last; zero: never.
	ChangedAt time.Time
}

// Topic is a tag and how many articles have it. The empty tag stands for the
// articles without any.
type Topic struct {
	Tag      string
	Articles int
}

// Filter says which articles a list holds.
type Filter struct {
	Locale string // empty: every one
	Tag    string // empty: any
	// Untagged asks for articles without a tag.
	Untagged bool
}

// Place is an article as a sitemap lists it.
type Place struct {
	Slug, Locale string
	UpdatedAt    time.Time
	// Locales are those that have an article of this slug, this one's included.
	Locales []string
}

// Path is where the help centre shows an article, on Careloop's own host. There
// is one such address for each article, so that nothing is indexed twice.
func Path(siteKey, slug, locale string) string {
	q := url.Values{}
	if siteKey != "" {
		q.Set("site", siteKey)
	}
	if locale != "" {
		q.Set("lang", locale)
	}
	path := "/help/" + url.PathEscape(slug)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}
