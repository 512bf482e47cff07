package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/config"
	"github.com/careloop/careloop/internal/pgcluster"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/migrations"
)

// place says where an instance's data is, as far as flags do.
type place struct {
	dataDir *string
}

// dataFlags adds the flag that every command on an instance has.
func dataFlags(c *call) place {
	return place{c.flags.String("data-dir", "", "use the private PostgreSQL cluster in this directory, even where DATABASE_URL is set")}
}

// configuration reads every setting.
func configuration(c *call) (config.Config, error) { return config.Load(c.lookup) }

// instance is an open database with all that is configured around it.
type instance struct {
	cfg config.Config
	log *slog.Logger
	db  *postgres.DB
	// embedding makes its vectors.
	embedding *embedding
	cluster   *pgcluster.Cluster // nil where the database is somebody else's
	applied   []string           // migrations that were applied just now
}

// open reads the settings, makes sure of a database and migrates it.
func open(ctx context.Context, c *call, p place) (*instance, error) {
	cfg, err := configuration(c)
	if err != nil {
		return nil, err
	}
	// Commands other than serve are read by people: they speak up for trouble
	// only.
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return openWith(ctx, cfg, log, *p.dataDir)
}

func openWith(ctx context.Context, cfg config.Config, log *slog.Logger, dataDir string) (*instance, error) {
	inst := &instance{cfg: cfg, log: log}
	url := cfg.DatabaseURL.Reveal()
	if dataDir != "" || url == "" {
		if dataDir == "" {
			dataDir = cfg.DataDir
		}
		var err error
		if inst.cluster, err = pgcluster.Start(ctx, pgcluster.Options{DataDir: dataDir, Log: log}); err != nil {
			return nil, err
		}
		url = inst.cluster.URL()
	}
	if err := inst.connect(ctx, url); err != nil {
		inst.close()
		return nil, err
	}
	return inst, nil
}

func (inst *instance) connect(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return databaseError(err)
	}
	inst.applied, err = migrations.Up(ctx, conn)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = conn.Close(closing) // nothing hangs on a polite goodbye
	if err != nil {
		return err
	}
	if inst.db, err = postgres.Open(ctx, url, postgres.Options{Embeds: true, LetterWait: inst.cfg.Mail.Wait}); err != nil {
		return err
	}
	inst.embedding = newEmbedding(inst.cfg, inst.db)
	return inst.embedding.adopt(ctx)
}

// databaseError says in a line what to look at, without the address, which
// holds a password.
func databaseError(err error) error {
	return fmt.Errorf("the database does not let us in; look at DATABASE_URL, or leave it unset to run a private cluster (%s)", lastLine(err))
}

func lastLine(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, ": "); i >= 0 {
		s = s[i+2:]
	}
	return strings.TrimSpace(s)
}

// close lets go of everything; the private cluster stops if nobody else uses it.
func (inst *instance) close() {
	if inst.db != nil {
		inst.db.Close()
	}
	if inst.cluster != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := inst.cluster.Stop(ctx); err != nil {
			inst.log.Warn("the private cluster was not stopped", "error", err)
		}
	}
}

// site finds a site by key, with an error that says what to do.
func (inst *instance) site(ctx context.Context, key string) (assist.Site, error) {
	s, err := inst.db.SiteByKey(ctx, key)
	if assist.CodeOf(err) != assist.CodeUnknownSite {
		return s, err
	}
	if key == "" {
		return s, errors.New(`there is no site yet; make one: careloop site --key shop --name "My shop"`)
	}
	return s, fmt.Errorf("there is no site %q; careloop site lists them", key)
}

func readSecret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the secret's file cannot be read: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
