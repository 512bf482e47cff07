package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/insight"
	"github.com/careloop/careloop/internal/pgcluster"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/migrations"
)

const (
	insightConversations = 60_000
	insightDays          = 180 // the range that is asked for, and as many days before
)

//go:embed insight.sql
var madeUp string

// measureInsight asks for each plot of 90 days, compared with the 90 before,
// where a shop has had 60,000 conversations in them. The baseline counts the
// rows that the plot is about, by the same filters, and nothing else.
func measureInsight(ctx context.Context, p plan, t *table) (err error) {
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return err
	}
	cluster, err := pgcluster.Start(ctx, pgcluster.Options{DataDir: dir})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, cluster.Stop(ctx), pgcluster.Remove(ctx, dir), os.RemoveAll(dir))
	}()
	conn, err := pgx.Connect(ctx, cluster.URL())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := migrations.Up(ctx, conn); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, cluster.URL(), postgres.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	site, err := db.EnsureSite(ctx, assist.Site{Key: "demo", Locale: "en"})
	if err != nil {
		return err
	}
	progress("making up %d conversations", insightConversations)
	if err := makeUp(ctx, conn, site.ID, insightConversations, insightDays); err != nil {
		return err
	}
	return askInsight(ctx, p, conn, db, site.ID, t)
}

// makeUp fills a site with weeks of work.
func makeUp(ctx context.Context, conn *pgx.Conn, siteID string, conversations, days int) error {
	settings := fmt.Sprintf(`set careloop.site = '%s'; set careloop.conversations = %d; set careloop.days = %d;`, siteID, conversations, days)
	_, err := conn.Exec(ctx, settings+madeUp)
	if err == nil {
		_, err = conn.Exec(ctx, `vacuum analyze`)
	}
	return err
}

// plainCounts count the rows that a plot is about.
var plainCounts = map[insight.Plot]string{
	insight.Outcomes:    `select count(*) from turns where site_id = $1 and started_at >= $2 and started_at < $3`,
	insight.Topics:      `select count(*) from turns where site_id = $1 and started_at >= $2 and started_at < $3`,
	insight.Confidence:  `select count(*) from turns where site_id = $1 and started_at >= $2 and started_at < $3`,
	insight.FirstAnswer: `select count(*) from turns where site_id = $1 and started_at >= $2 and started_at < $3`,
	insight.Wait:        `select count(*) from handoffs where site_id = $1 and created_at >= $2 and created_at < $3`,
	insight.Drafts:      `select count(*) from drafts where site_id = $1 and decided_at >= $2 and decided_at < $3`,
	insight.Edits:       `select count(*) from drafts where site_id = $1 and decided_at >= $2 and decided_at < $3`,
	insight.Cost:        `select count(*) from turns where site_id = $1 and started_at >= $2 and started_at < $3`,
	insight.Ratings:     `select count(*) from ratings where $1::uuid is not null and at >= $2 and at < $3`,
	insight.Articles:    `select count(*) from cited_articles where site_id = $1 and at >= $2 and at < $3`,
}

const insightTarget = 300 * time.Millisecond

func askInsight(ctx context.Context, p plan, conn *pgx.Conn, db *postgres.DB, siteID string, t *table) error {
	desk := insight.New(db.Insight())
	now := time.Now().UTC()
	q := insight.Question{SiteID: siteID, From: now.AddDate(0, 0, 1-insightDays/2).Format(time.DateOnly), To: now.Format(time.DateOnly)}
	for _, q.Plot = range insight.Plots {
		var whole, list, plain []time.Duration
		rows, total := 0, 0
		for round := range p.rounds + 1 {
			start := time.Now()
			f, err := desk.Figures(ctx, q)
			took := time.Since(start)
			if err != nil {
				return err
			}
			start = time.Now()
			if _, total, err = desk.Behind(ctx, q, f.Series[0].Key, "", 20, 0); err != nil {
				return err
			}
			listed := time.Since(start)
			start = time.Now()
			if err := conn.QueryRow(ctx, plainCounts[q.Plot], siteID, now.AddDate(0, 0, -insightDays), now).Scan(&rows); err != nil {
				return err
			}
			if round > 0 { // the first warms caches up
				whole, list, plain = append(whole, took), append(list, listed), append(plain, time.Since(start))
			}
		}
		t.add(row{
			what: fmt.Sprintf("insight, %s of 90 days", q.Plot), careloop: ms(median(whole)), baseline: fmt.Sprintf("%s count of %d rows", ms(median(plain)), rows),
			ratio: ratioOf(median(whole), median(plain)), target: fmt.Sprintf("at most %s", ms(insightTarget)), met: median(whole) <= insightTarget,
		})
		t.add(row{
			what: fmt.Sprintf("insight, %s: the first 20 of %d conversations", q.Plot, total), careloop: ms(median(list)), ratio: math.NaN(),
			target: fmt.Sprintf("at most %s", ms(insightTarget)), met: median(list) <= insightTarget,
		})
	}
	return nil
}
