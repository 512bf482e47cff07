package pgtest_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/internal/pgtest"
)

var update = flag.Bool("update", false, "rewrite migrations/schema.golden.sql")

const golden = "../../migrations/schema.golden.sql"

const goldenHead = `-- The schema that the migrations lead to, read back from the database. Not to be edited:
--   go run ./internal/pgtest/withpostgres go test ./internal/pgtest -run Golden -update

`

// TestSchemaGolden shows what a migration really changes, in the change itself.
func TestSchemaGolden(t *testing.T) {
	got := goldenHead + dump(t, pgtest.URL(t))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if line, g, w := firstDifference(got, string(want)); line > 0 {
		t.Errorf("the migrations lead to another schema than %s says.\nLine %d:\n  have %s\n  want %s\n"+
			"If that is meant, type:\n  go run ./internal/pgtest/withpostgres go test ./internal/pgtest -run Golden -update",
			strings.TrimPrefix(golden, "../../"), line, g, w)
	}
}

func firstDifference(a, b string) (line int, inA, inB string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(as), len(bs)) {
		inA, inB = "(nothing)", "(nothing)"
		if i < len(as) {
			inA = as[i]
		}
		if i < len(bs) {
			inB = bs[i]
		}
		if inA != inB {
			return i + 1, inA, inB
		}
	}
	return 0, "", ""
}

func dump(t *testing.T, url string, sql ...string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, s := range sql {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	text, err := pgtest.SchemaDump(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSchemaDumpSeesEveryKindOfChange(t *testing.T) {
	base := []string{
		"drop schema public cascade",
		"create schema public",
		"create table things (id int primary key, name text not null default 'x')",
	}
	url := pgtest.Empty(t)
	before := dump(t, url, base...)
	for name, change := range map[string]string{
		"column":       "alter table things add size bigint",
		"type":         "alter table things alter id type bigint",
		"not null":     "alter table things alter name drop not null",
		"default":      "alter table things alter name set default 'y'",
		"check":        "alter table things add constraint short check (length(name) < 9)",
		"unique":       "alter table things add unique (name)",
		"foreign key":  "alter table things add parent int references things on delete cascade",
		"index":        "create index things_by_name on things (name) where name <> ''",
		"enum":         "create type mood as enum ('glad', 'sad')",
		"domain":       "create domain short_text as text check (length(value) < 9)",
		"view":         "create view thing_names as select name from things",
		"function":     "create function two() returns int language sql as 'select 2'",
		"trigger":      "create function touch() returns trigger language plpgsql as 'begin return new; end'; create trigger touched before update on things for each row execute function touch()",
		"comment":      "comment on table things is 'what there is'",
		"generated":    "alter table things add loud text generated always as (upper(name)) stored",
		"identity":     "alter table things alter id add generated always as identity",
		"sequence":     "create sequence counter",
		"removed":      "drop table things",
		"another name": "alter table things rename name to title",
	} {
		t.Run(name, func(t *testing.T) {
			if after := dump(t, url, append(slices.Clone(base), change)...); after == before {
				t.Errorf("%s changes nothing in the dump:\n%s", change, after)
			}
		})
	}
}

func TestSchemaDumpLeavesOutTheJobQueue(t *testing.T) {
	if text := dump(t, pgtest.URL(t)); strings.Contains(text, "river_") || strings.Contains(text, "schema_version") {
		t.Errorf("the dump has objects that are not ours:\n%s", text)
	}
}
