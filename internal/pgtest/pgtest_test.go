package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/careloop/careloop/internal/pgtest"
)

func TestDatabasesAreSeparate(t *testing.T) {
	ctx := context.Background()
	a, b := pgtest.New(t), pgtest.New(t)
	if _, err := a.Exec(ctx, "create table only_here (x int)"); err != nil {
		t.Fatal(err)
	}
	var exists bool
	if err := b.QueryRow(ctx, "select to_regclass('only_here') is not null").Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if exists {
		t.Error("a table made in one database is in the other")
	}
}

func TestVectorTypesAreRegistered(t *testing.T) {
	want := pgvector.NewVector([]float32{1, 2.5, -3})
	var got pgvector.Vector
	if err := pgtest.New(t).QueryRow(context.Background(), "select $1::vector", want).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDatabasesGoWithTheTest(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) { url = pgtest.URL(t) })
	conn, err := pgx.Connect(context.Background(), url)
	if err == nil {
		conn.Close(context.Background())
		t.Error("the database outlives its test")
	}
}

func TestEmptyHasNoTables(t *testing.T) {
	conn, err := pgx.Connect(context.Background(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	err = conn.QueryRow(context.Background(), "select count(*) from pg_tables where schemaname = 'public'").Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d tables, %v; want none", n, err)
	}
}

func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		pgtest.URL(b)
	}
}
