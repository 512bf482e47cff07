package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	helpArticles = 5000
	helpRequests = 300 // of each page and round
	helpUncached = 60
)

// measureHelp compares the help centre's pages with a file that the same server
// holds in memory: how long until the first byte comes. Each page is asked for
// with the others in turn, over one connection.
func measureHelp(ctx context.Context, p plan, t *table) (err error) {
	w, err := newStore(ctx, p, helpArticles*sectionsPerArticle)
	if err != nil {
		return err
	}
	defer func() {
		if closing := w.close(); err == nil {
			err = closing
		}
	}()
	conn, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// Topics of different sizes, as a shop has them.
	if _, err := conn.Exec(ctx, `
		update article_versions v set tags = array['topic ' || (n % 7), 'topic ' || (7 + n % 40)]
		from (select article_id, row_number() over (order by article_id) n from article_versions) x where x.article_id = v.article_id`); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `vacuum analyze`); err != nil {
		return err
	}
	var slugs []string
	var articles int
	if err := conn.QueryRow(ctx, `select count(*) from articles`).Scan(&articles); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, `select slug from articles order by id limit 400`)
	if err != nil {
		return err
	}
	if slugs, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	if w.server, err = startChild(ctx, "careloop", []string{"CARELOOP_TRUSTED_PROXIES=127.0.0.1/32"},
		w.careloop, "serve", "--data-dir", w.dir, "--addr", "127.0.0.1:0"); err != nil {
		return err
	}
	asked := 0
	ask := func(path string) (time.Duration, error) {
		asked++
		return firstByte(ctx, "http://"+w.server.addr+path, asked)
	}
	article := func(i int) string { return "/help/" + url.PathEscape(slugs[i%len(slugs)]) }
	type kind struct {
		name string
		path func(i int) string
		took []time.Duration
	}
	kinds := []*kind{
		{name: "a file in memory", path: func(int) string { return "/help/assets/help.css" }},
		{name: "the home page", path: func(int) string { return "/help/" }},
		{name: "a topic's list", path: func(i int) string { return fmt.Sprintf("/help/?topic=topic+%d", i%7) }},
		{name: "an article that was read before", path: func(i int) string { return article(i % 20) }},
	}
	for i := range p.rounds * helpRequests {
		for _, k := range kinds {
			d, err := ask(k.path(i))
			if err != nil {
				return err
			}
			if i >= 20 { // which warm it up
				k.took = append(k.took, d)
			}
		}
	}
	file := kinds[0].took
	for _, k := range kinds {
		r := row{what: fmt.Sprintf("first byte of %s, %d articles, p50", k.name, articles), careloop: ms(median(k.took)), ratio: math.NaN(),
			baseline: "p99 " + ms(quantile(k.took, 0.99))}
		if k != kinds[0] {
			r.ratio = ratioOf(median(k.took), median(file))
		}
		t.add(r)
	}
	var fresh, searches, maps []time.Duration
	for i := range helpUncached * p.rounds {
		d, err := ask(article(20 + i%380))
		if err != nil {
			return err
		}
		if i < 380 {
			fresh = append(fresh, d)
		}
		if d, err = ask("/help/?q=" + url.QueryEscape(w.corpus.question())); err != nil {
			return err
		}
		searches = append(searches, d)
	}
	for range 10 {
		d, err := ask("/help/sitemap.xml")
		if err != nil {
			return err
		}
		maps = append(maps, d)
	}
	for _, k := range []kind{{name: "an article that nobody read yet", took: fresh}, {name: "a search's page", took: searches}, {name: "the sitemap", took: maps}} {
		t.add(row{what: fmt.Sprintf("first byte of %s, p50", k.name), careloop: ms(median(k.took)), baseline: "p99 " + ms(quantile(k.took, 0.99)), ratio: ratioOf(median(k.took), median(file))})
	}
	return nil
}

// firstByte asks for a page and tells how long its first byte took. Each request
// names an address of its own, so that no bound on one is in the way.
func firstByte(ctx context.Context, address string, n int) (time.Duration, error) {
	var first time.Time
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { first = time.Now() }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	start := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", address, response.Status)
	}
	return first.Sub(start), nil
}
