package postgres

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/retrieval"
)

const sqlTakenSlugs = `
select locale, slug from articles
where site_id = $1 and (slug = any($2) or regexp_replace(slug, '-[0-9]+$', '') = any($2))`

// wantedSlug is the slug that a document asks for, or one made from its title.
func wantedSlug(d retrieval.Document) string {
	return cmp.Or(retrieval.Slug(d.Slug), retrieval.Slug(d.Title), "article")
}

// keepsSlug reports whether an article that wants a slug may keep the one that
// it has: the very slug, or that with a number behind.
func keepsSlug(has, wanted string) bool {
	if has == wanted {
		return true
	}
	number, ok := strings.CutPrefix(has, wanted+"-")
	if !ok {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 32)
	return err == nil
}

// chooseSlugs gives each version a slug that no other article of the site and
// locale has, with a number behind it where it must. The site is locked.
func (w *publisher) chooseSlugs(ctx context.Context, vs []*version) error {
	if len(vs) == 0 {
		return nil
	}
	type place struct{ locale, slug string }
	wanted := make([]string, len(vs))
	for i, v := range vs {
		wanted[i] = wantedSlug(v.Document)
	}
	rows, err := w.tx.Query(ctx, sqlTakenSlugs, w.siteID, wanted)
	if err != nil {
		return err
	}
	taken := map[place]bool{}
	var p place
	if _, err := pgx.ForEachRow(rows, []any{&p.locale, &p.slug}, func() error {
		taken[p] = true
		return nil
	}); err != nil {
		return err
	}
	next := map[place]int{} // the first number that is worth a try
	for i, v := range vs {
		base := place{v.locale, wanted[i]}
		choice := base
		for n := max(2, next[base]); taken[choice]; n++ {
			choice.slug = base.slug + "-" + strconv.Itoa(n)
			next[base] = n + 1
		}
		taken[choice] = true
		v.slug = choice.slug
	}
	return nil
}
