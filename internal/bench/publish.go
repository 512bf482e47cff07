package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// publications are as many as a p99 needs.
	publications = 120
	// liveTarget bounds the time from a publication on one replica to an answer on
	// another that rests on it.
	liveTarget = time.Second
	// pace keeps the admin below the requests that an address may make in a second.
	pace = 150 * time.Millisecond
)

// measurePublish measures from the request that publishes an article on one replica
// to the whole answer of another that says what is new in it. Where that answer
// still says what was there before, the question is asked again. The other replica
// quotes: a model's time would stand for nothing of ours. Beside it: one bare
// commit, read over another connection.
func measurePublish(ctx context.Context, _ plan, w *world, t *table) (err error) {
	other, err := startChild(ctx, "careloop (another replica)", []string{"CARELOOP_TRUSTED_PROXIES=127.0.0.1/32", "CARELOOP_SHUTDOWN_SPREAD=0s"},
		w.careloop, "serve", "--data-dir", w.dir, "--addr", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.stop()) }()
	writing, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer writing.Close(context.WithoutCancel(ctx))
	reading, err := pgx.Connect(ctx, w.cluster.URL())
	if err != nil {
		return err
	}
	defer reading.Close(context.WithoutCancel(ctx))
	token, err := signIn(ctx, writing)
	if err != nil {
		return err
	}
	desk := publisher{ctx, w.server.addr, token}
	var site string
	if err := writing.QueryRow(ctx, `select key from sites where is_default`).Scan(&site); err != nil {
		return err
	}
	path := "/v1/console/sites/" + site + "/articles"
	var a struct {
		ID    string
		Draft struct {
			Revision    int
			BaseVersion int `json:"base_version"`
		}
	}
	if err := desk.send(http.MethodPost, path, map[string]any{"title": "How long the quillfeather lamp takes", "markdown": says(0)}, &a); err != nil {
		return err
	}
	path += "/" + a.ID
	if err := desk.send(http.MethodPost, path+"/publish", map[string]any{"revision": a.Draft.Revision}, &a); err != nil {
		return err
	}
	if _, err := writing.Exec(ctx, `create table if not exists bench_live (n integer); truncate bench_live; insert into bench_live values (0)`); err != nil {
		return err
	}
	var live, bare []time.Duration
	asks := 0
	for n := 1; n <= publications+publications/10; n++ {
		time.Sleep(pace)
		s, err := enter(ctx, other.addr, "")
		if err != nil {
			return err
		}
		took, asked, err := desk.publish(path, &a.Draft.Revision, &a.Draft.BaseVersion, n, s)
		s.leave()
		if err != nil {
			return err
		}
		began := time.Now()
		if _, err := writing.Exec(ctx, `update bench_live set n = $1`, n); err != nil {
			return err
		}
		for read := 0; read != n; {
			if err := reading.QueryRow(ctx, `select n from bench_live`).Scan(&read); err != nil {
				return err
			}
		}
		if n <= publications/10 {
			continue // warms caches and connections up
		}
		live, bare, asks = append(live, took), append(bare, time.Since(began)), asks+asked
	}
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		took, base := quantile(live, q.share), quantile(bare, q.share)
		r := row{what: fmt.Sprintf("published on one replica to answered by it on another, %d chunks, %d times, %s", w.chunks, len(live), q.name), careloop: ms(took),
			baseline: ms(base) + " bare commit and read", ratio: ratioOf(took, base)}
		if q.share > 0.9 {
			r.target, r.met = "at most "+ms(liveTarget), took <= liveTarget
		}
		t.add(r)
	}
	stale := asks - len(live)
	t.add(row{what: "of those answers, with what was there before", careloop: fmt.Sprint(stale), ratio: ratioOf(0, 0), target: "none", met: stale == 0})
	return nil
}

// says is the article's text at its n-th publication. No two share a number.
func says(n int) string {
	return fmt.Sprintf("The quillfeather lamp takes %d days to arrive, as it is made to order.", 1000+n)
}

// publisher is an admin who publishes.
type publisher struct {
	ctx         context.Context
	addr, token string
}

// publish publishes the n-th text, and has a shopper of another replica ask until
// they are answered with it.
func (p publisher) publish(path string, revision, base *int, n int, s *shopper) (took time.Duration, asked int, err error) {
	var saved struct{ Draft struct{ Revision int } }
	draft := map[string]any{"revision": *revision, "base_version": *base, "title": "How long the quillfeather lamp takes", "markdown": says(n), "tags": []string{},
		"url": "", "slug": "", "locale": "en", "audience": "everyone"}
	if err := p.send(http.MethodPut, path+"/draft", draft, &saved); err != nil {
		return 0, 0, err
	}
	var a struct {
		Draft struct {
			Revision    int
			BaseVersion int `json:"base_version"`
		}
	}
	began := time.Now()
	if err := p.send(http.MethodPost, path+"/publish", map[string]any{"revision": saved.Draft.Revision}, &a); err != nil {
		return 0, 0, err
	}
	*revision, *base = a.Draft.Revision, a.Draft.BaseVersion
	now, before := fmt.Sprint(1000+n), fmt.Sprint(1000+n-1)
	for asked = 1; ; asked++ {
		text, at, err := s.answered(fmt.Sprintf("p_%d_%d", n, asked), "How many days does the quillfeather lamp take to arrive?")
		switch {
		case err != nil:
			return 0, 0, err
		case strings.Contains(text, now) && !strings.Contains(text, before):
			return at.Sub(began), asked, nil
		case !strings.Contains(text, before) || time.Since(began) > answerWithin:
			return 0, 0, fmt.Errorf("asked for publication %d, and answered %q", n, text)
		}
	}
}

// answered asks and gives the bot's answer, and when it was there.
func (s *shopper) answered(clientID, text string) (string, time.Time, error) {
	if err := s.conn.WriteJSON(map[string]string{"type": "message", "client_id": clientID, "text": text}); err != nil {
		return "", time.Time{}, err
	}
	for {
		f, at, err := s.next()
		if err != nil || f.Type == "event" && f.Author.Kind == "bot" {
			return f.Text, at, err
		}
	}
}

// send sends what an admin does, and reads the answer.
func (p publisher) send(method, path string, body, into any) error {
	packed, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return consoleAsk(p.ctx, method, p.addr, p.token, path, bytes.NewReader(packed), into)
}
