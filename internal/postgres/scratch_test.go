package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/pgtest"
)

func scratchSchemas(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	var n int
	if err := conn.QueryRow(context.Background(), `select count(*) from pg_namespace where nspname like 'careloop\_scratch\_%'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScratchKeepsToItselfAndLeavesNothing(t *testing.T) {
	url, ctx := pgtest.URL(t), t.Context()
	conn := must(pgx.Connect(ctx, url))(t)
	defer conn.Close(context.Background())
	// What a killed evaluation leaves.
	if _, err := conn.Exec(ctx, "create schema careloop_scratch_7; create table careloop_scratch_7.chunks (id int)"); err != nil {
		t.Fatal(err)
	}
	first := must(OpenScratch(ctx, url, Options{}))(t)
	second := must(OpenScratch(ctx, url, Options{}))(t)
	if n := scratchSchemas(t, conn); n != 2 {
		t.Errorf("%d scratch schemas for two evaluations", n)
	}
	site := must(first.EnsureSite(ctx, assist.Site{Key: "eval"}))(t)
	publish(t, first.DB, faq(site.ID, "1", "Parcel", "en", "The parcel comes tomorrow."))
	if n := must(first.Chunks(ctx, site.ID))(t); n != 1 {
		t.Errorf("%d chunks", n)
	}
	if err := first.Settle(ctx); err != nil {
		t.Error(err)
	}
	keys := must(first.ArticleKeys(ctx, site.ID, "faq"))(t)
	for _, key := range keys {
		if key != "1" {
			t.Errorf("keys are %v", keys)
		}
	}
	if sites := must(second.Sites(ctx))(t); len(sites) != 0 {
		t.Errorf("another evaluation sees %v", sites)
	}
	var outside int
	if err := conn.QueryRow(ctx, "select (select count(*) from public.sites) + (select count(*) from public.river_job)").Scan(&outside); err != nil || outside != 0 {
		t.Errorf("%d rows were written outside, %v", outside, err)
	}
	for _, s := range []*Scratch{first, second} {
		if err := s.Drop(); err != nil {
			t.Error(err)
		}
	}
	if n := scratchSchemas(t, conn); n != 0 {
		t.Errorf("%d scratch schemas are left", n)
	}
}

func TestScratchWhoseOpeningIsInterruptedLeavesNothing(t *testing.T) {
	url := pgtest.URL(t)
	conn := must(pgx.Connect(t.Context(), url))(t)
	defer conn.Close(context.Background())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenScratch(ctx, url, Options{}); err == nil {
		t.Fatal("it opened")
	}
	if n := scratchSchemas(t, conn); n != 0 {
		t.Errorf("%d scratch schemas are left", n)
	}
}

func TestWithSearchPath(t *testing.T) {
	for from, want := range map[string]string{
		"postgres://u:p@h/d":                 "postgres://u:p@h/d?search_path=a%2C%20b",
		"postgresql://u@h/d?sslmode=disable": "postgresql://u@h/d?search_path=a%2C%20b&sslmode=disable",
		"host=/tmp dbname=d":                 "host=/tmp dbname=d search_path='a, b'",
	} {
		got, err := withSearchPath(from, "a, b")
		if err != nil || got != want {
			t.Errorf("%s gives %s, %v", from, got, err)
			continue
		}
		cfg, err := pgx.ParseConfig(got)
		if err != nil || !strings.Contains(cfg.RuntimeParams["search_path"], "a, b") {
			t.Errorf("%s is read as %v, %v", got, cfg, err)
		}
	}
}
