package pgtest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/careloop/careloop/internal/pgtest"
	"github.com/careloop/careloop/migrations"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestUpAppliesEveryStepOnce(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgtest.Empty(t))
	before, err := migrations.Status(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := migrations.Up(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	after, err := migrations.Status(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	if len(before) == 0 || len(before) != len(after) || len(applied) != len(after) {
		t.Fatalf("%d steps before, %d applied, %d after", len(before), len(applied), len(after))
	}
	for i := range after {
		if before[i].Applied || !after[i].Applied || after[i].Name != applied[i] {
			t.Errorf("step %d: before %+v, applied %s, after %+v", i, before[i], applied[i], after[i])
		}
	}
	if again, err := migrations.Up(ctx, conn); err != nil || len(again) != 0 {
		t.Errorf("a second run applied %v, %v", again, err)
	}
}

func TestReplicasMigrateTogether(t *testing.T) {
	url := pgtest.Empty(t)
	var mu sync.Mutex
	var all []string
	var wg sync.WaitGroup
	for range 4 {
		conn := connect(t, url)
		wg.Go(func() {
			applied, err := migrations.Up(context.Background(), conn)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			all = append(all, applied...)
			mu.Unlock()
		})
	}
	wg.Wait()
	steps, err := migrations.Status(context.Background(), connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(steps) {
		t.Errorf("four replicas applied %d steps together, there are %d: %v", len(all), len(steps), all)
	}
}

func TestUpSaysWhatToType(t *testing.T) {
	for name, c := range map[string]struct {
		prepare []string
		want    string
	}{
		"a newer Careloop was here": {[]string{"update public.schema_version set version = 9999"}, "newer Careloop"},
		"a role without rights":     {[]string{"drop extension vector cascade", "set role pg_read_all_data"}, "create extension vector"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, pgtest.URL(t))
			for _, sql := range c.prepare {
				_, err := conn.Exec(context.Background(), sql)
				var pg *pgconn.PgError
				if errors.As(err, &pg) && pg.Code == "42501" {
					t.Skip("the role of DATABASE_URL may not prepare this: ", err)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			_, err := migrations.Up(context.Background(), conn)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a message with %q", err, c.want)
			}
		})
	}
}
