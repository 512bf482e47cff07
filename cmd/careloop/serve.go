package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/insight"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/console"
	"github.com/careloop/careloop/demo"
	"github.com/careloop/careloop/internal/account"
	"github.com/careloop/careloop/internal/config"
	"github.com/careloop/careloop/internal/jobs"
	"github.com/careloop/careloop/internal/live"
	"github.com/careloop/careloop/internal/telemetry"
	"github.com/careloop/careloop/internal/web"
	"github.com/careloop/careloop/prompts"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/widget"
)

// serve runs the server until ctx ends. It reads as start-up and shut-down on
// one page: what is started last is stopped first, but for the sockets, which
// stay open while turns finish.
func serve(ctx context.Context, c *call) error {
	where := dataFlags(c)
	addr := c.flags.String("addr", "", "listen on HOST:PORT; port 0 takes a free one (CARELOOP_ADDR)")
	withDemo := c.flags.Bool("demo", false, "load the demo shop and serve its storefront")
	usage := c.flags.Usage
	c.flags.Usage = func() {
		usage()
		fmt.Fprintln(c.out, "\nSettings, from the environment; each also as NAME_FILE, the name of a file with the value:")
		_ = config.Help(c.out) // what cannot be printed cannot be reported either
	}
	if err := c.parse(0, 0); err != nil {
		return err
	}
	cfg, err := configuration(c)
	if err != nil {
		return err
	}
	if *addr != "" {
		cfg.Addr = *addr
	}
	log := telemetry.NewLogger(c.err, cfg.LogFormat, cfg.LogLevel)
	stopTracing, err := telemetry.StartTracing(ctx, cfg.TracingEndpoint, version)
	if err != nil {
		return err
	}
	defer within(5*time.Second, stopTracing)

	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %s; choose another with --addr", cfg.Addr, lastLine(err))
	}
	defer listener.Close()
	inst, err := openWith(ctx, cfg, log, *where.dataDir)
	if err != nil {
		return err
	}
	defer inst.close()
	if err := inst.firstSite(ctx, *withDemo); err != nil {
		return err
	}

	bus, err := live.Open(live.Options{URL: cfg.NATSURL, Logger: log})
	if err != nil {
		return fmt.Errorf("the message bus does not start: %w", err)
	}
	defer bus.Close()
	embedder, err := newEmbedder(cfg)
	if err != nil {
		return err
	}
	answerer, search, err := newAnswerer(inst)
	if err != nil {
		return err
	}
	metrics := web.NewMetrics()
	drafts := draft.New(draft.Options{
		Store: inst.db, Bus: bus, Composer: newComposer(answerer, embedder), Log: log, Observe: draftObserver(metrics),
		Owner: owner(), DailyBudget: cfg.DailyBudget,
	})
	engine := assist.NewEngine(assist.Options{
		Store: inst.db, Bus: bus, Answerer: answerer, Drafter: drafts, Log: log, Observe: observer(metrics),
		Owner: owner(), DailyBudget: cfg.DailyBudget, Tokens: assist.TokenLimits{Shopper: cfg.TokenLimits.PerShopper, Address: cfg.TokenLimits.PerAddress},
	})
	bus.OnSuperseded(engine.Superseded)

	letters, err := newPostOffice(cfg.Mail, inst.db, engine, bus, log)
	if err != nil {
		return err
	}
	if err := inst.db.QueueEmbedding(ctx); err != nil {
		return err
	}
	searched, _, err := inst.db.Embedders(ctx)
	if err != nil {
		return err
	}
	replies := draftDesk{drafts, inst.db}
	desk, err := newDesk(inst, engine, bus, replies.Judge)
	if err != nil {
		return err
	}
	editor := newEditor(inst)
	playground := newGolden(inst, answerer, editor)
	gaps := newGaps(inst, answerer, embedder, editor)
	work := jobs.Options{Pool: inst.db.Pool(), Rescuer: engine, Drafts: drafts, Embedding: inst.embedding, SweepInbox: desk.Sweep,
		PublishDue: editor.PublishDue, Gaps: gaps, Replays: playground, Logger: log}
	letters.work(&work)
	workers, err := jobs.New(work)
	if err == nil {
		err = workers.Start(ctx)
	}
	if err != nil {
		return fmt.Errorf("the job workers do not start: %w", err)
	}
	accounts, err := account.New(ctx, inst.db)
	if err != nil {
		return err
	}
	options := webOptions(inst, engine, bus, search, accounts, metrics, *withDemo)
	options.Inbox, options.Drafts, options.Editor, options.Gaps = desk, replies, editor, gaps
	options.Insight, options.Golden = insight.New(inst.db.Insight()), playground
	letters.serve(&options)
	server, err := web.New(options)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("ready", "address", listener.Addr().String(), "version", version, "models", modelNames(cfg), "embedder", searched)
	announce(c, cfg, listener.Addr(), *withDemo)
	if err := announceFirstAdmin(ctx, c, cfg, accounts, listener.Addr()); err != nil && ctx.Err() == nil {
		return err
	}

	select {
	case err = <-served:
	case <-ctx.Done():
	}
	log.Info("stopping")
	server.Drain()
	deadline, cancel := context.WithTimeout(context.Background(), cfg.ShutdownTime)
	defer cancel()
	turns, stop := context.WithTimeout(deadline, cfg.ShutdownTime*2/3)
	defer stop()
	return errors.Join(err, logged(log, engine.Stop(turns)), logged(log, drafts.Stop(turns)), logged(log, server.Shutdown(deadline)), logged(log, workers.Stop(deadline)))
}

// logged notes an error of the shut-down, which is no failure of the command.
func logged(log *slog.Logger, err error) error {
	if err != nil {
		log.Warn("stopping", "error", err)
	}
	return nil
}

func within(d time.Duration, stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_ = stop(ctx) // the last spans may be lost
}

// firstSite makes sure that there is a shop to serve.
func (inst *instance) firstSite(ctx context.Context, withDemo bool) error {
	if withDemo {
		_, err := loadDemo(ctx, inst)
		return err
	}
	_, err := inst.siteToFill(ctx, "")
	return err
}

// owner names this process in leases; a process that comes back is another.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "/" + uuid.NewString()[:8]
}

func observer(m *web.Metrics) func(assist.TurnEnd) {
	return func(e assist.TurnEnd) {
		outcome := string(e.Outcome)
		if outcome == "" {
			outcome = "superseded"
		}
		m.TurnEnded(outcome, string(e.Reason), e.Took)
		if e.ToFirstDelta > 0 {
			m.FirstDelta(e.ToFirstDelta)
		}
		for _, c := range e.Calls {
			m.ModelCalled(c.Model, c.PromptTokens, c.CompletionTokens, c.Cost, c.Failure)
		}
	}
}

// draftObserver counts what models take for drafts with what they take for turns.
func draftObserver(m *web.Metrics) func(draft.End) {
	return func(e draft.End) {
		for _, c := range e.Calls {
			m.ModelCalled(c.Model, c.PromptTokens, c.CompletionTokens, c.Cost, c.Failure)
		}
	}
}

func webOptions(inst *instance, engine *assist.Engine, bus *live.Bus, search retrieval.Searcher, accounts *account.Accounts, metrics *web.Metrics, withDemo bool) web.Options {
	cfg := inst.cfg
	o := web.Options{
		Desk: engine, Store: inst.db, Signals: bus, Articles: inst.db, Searcher: search, Phrase: phrase.Error,
		Ready:  func(ctx context.Context) error { return errors.Join(inst.db.Ping(ctx), bus.Ready(ctx)) },
		Widget: widget.Assets(), Console: console.Assets(), PublicURL: cfg.PublicURL, TrustedProxies: cfg.TrustedProxies, TokenLife: cfg.TokenLife,
		Limits: web.Limits{
			MessagesPerMinute: cfg.MessageLimits.PerMinute, MessageBurst: cfg.MessageLimits.Burst,
			MessagesPerHour: cfg.MessageLimits.PerHour, AddressMessagesPerHour: cfg.MessageLimits.AddressPerHour,
			SocketsPerShopper: cfg.SocketLimits.PerShopper, SocketsPerAddress: cfg.SocketLimits.PerAddress,
		},
		Timing:  web.Timing{Spread: cfg.ShutdownSpread},
		Metrics: metrics, Logger: inst.log,
	}
	o.Accounts, o.Version, o.Settings = accounts, version, settings.Keeper{Store: inst.db, CareGuide: prompts.CareGuide()}
	if cfg.OIDC.Enabled() {
		o.OIDC = account.NewOIDC(accounts, account.OIDCOptions{Name: cfg.OIDC.Name, Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID,
			ClientSecret: cfg.OIDC.ClientSecret.Reveal(), RedirectURL: strings.TrimRight(cfg.PublicURL, "/") + "/v1/console/oidc/callback"})
	}
	if withDemo {
		o.Storefront = demo.Storefront()
	}
	return o
}

func modelNames(cfg config.Config) []string {
	if !cfg.Model.Enabled() {
		return nil
	}
	return cfg.Model.Names()
}

// announce prints the one address that a newcomer opens.
func announce(c *call, cfg config.Config, addr net.Addr, withDemo bool) {
	at := localURL(addr)
	if withDemo {
		fmt.Fprintf(c.out, "\n  The demo shop is open: %s\n  Ask it: can I return shoes I wore once?\n\n", at)
	} else {
		fmt.Fprintf(c.out, "\n  Careloop is up: %s\n  On the shop's pages: <script src=\"%s/widget.js\" async></script>\n\n", at, at)
	}
	if !cfg.Model.Enabled() {
		fmt.Fprintln(c.out, "  Answers are quoted from the articles. Set OPENAI_API_KEY or OPENAI_BASE_URL to have a model write them.")
	}
}

// announceFirstAdmin prints a way into the console as long as nobody is an
// admin, good once and for a week: there is no default password.
func announceFirstAdmin(ctx context.Context, c *call, cfg config.Config, accounts *account.Accounts, addr net.Addr) error {
	token, needed, err := accounts.FirstAdmin(ctx)
	if err != nil || !needed {
		return err
	}
	fmt.Fprintf(c.out, "  Nobody can sign in to the console yet. Become its first admin: %s\n\n", consoleLink(cfg, addr, token))
	return nil
}

// consoleLink is where an invitation is taken.
func consoleLink(cfg config.Config, addr net.Addr, token string) string {
	at := cfg.PublicURL
	if at == "" {
		at = localURL(addr)
	}
	return strings.TrimRight(at, "/") + "/console/invitation/" + token
}

// localURL is how this machine reaches the address.
func localURL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(strings.TrimSpace(host), port)
}
