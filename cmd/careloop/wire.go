package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/help"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/llm/openai"
	"github.com/careloop/careloop/assist/tool"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/internal/config"
	"github.com/careloop/careloop/retrieval"
	embedopenai "github.com/careloop/careloop/retrieval/embed/openai"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// newEmbedder makes the embedder that is configured; without one, that inside
// the process.
func newEmbedder(cfg config.Config) (retrieval.Embedder, error) {
	if cfg.Embedding.Model == "" {
		return static.New()
	}
	return embedderNamed(cfg, cfg.Embedding.Model)
}

// builtIn names the embedder inside the process, whichever its table is.
const builtIn = "built-in"

// embedderNamed makes an embedder by its name: the one inside the process, or a
// model at the server that is configured.
func embedderNamed(cfg config.Config, name string) (retrieval.Embedder, error) {
	own, err := static.New()
	if err != nil || name == builtIn || name == own.Name() {
		return own, err
	}
	base := cfg.Embedding.BaseURL
	if base == "" {
		if !cfg.Embedding.APIKey.IsSet() {
			return nil, fmt.Errorf("the embedder %q is none of Careloop's own (%s), and no server is configured that could have it; set CARELOOP_EMBEDDING_BASE_URL or OPENAI_API_KEY", name, own.Name())
		}
		base = openai.DefaultBaseURL
	}
	return embedopenai.New(embedopenai.Options{BaseURL: base, APIKey: cfg.Embedding.APIKey.Reveal(), Model: name})
}

// newWriters makes the models that are configured, in the order in which they
// are asked; none where there is neither a key nor an address.
func newWriters(cfg config.Config, log *slog.Logger) ([]assist.Writer, error) {
	if !cfg.Model.Enabled() {
		return nil, nil
	}
	var out []assist.Writer
	for _, name := range cfg.Model.Names() {
		m, err := openai.New(openai.Options{BaseURL: cfg.Model.BaseURL, APIKey: cfg.Model.APIKey.Reveal(), Model: name})
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
		policy := llm.Defaults()
		policy.FirstContent, policy.Silence, policy.Whole = cfg.Answer.FirstToken, cfg.Answer.Stall, cfg.Answer.Total
		// A slow local model needs all of the time for its one try; a failure that
		// shows at once is tried again in what is left of it.
		policy.TryFirstContent = cfg.Answer.FirstToken
		policy.OnOpen = func(model string, open bool) { log.Warn("circuit of a model", "model", model, "open", open) }
		price, priced := cfg.Model.Prices[name]
		if !priced && cfg.Model.BaseURL == "" {
			return nil, fmt.Errorf("CARELOOP_MODEL_PRICE has no price for %s, and without one its budget cannot be kept; add %s=IN/OUT, in dollars per million tokens", name, name)
		}
		out = append(out, assist.Writer{Model: llm.Guard(m, policy), Price: assist.Price{Prompt: price.In, Completion: price.Out}})
	}
	return out, nil
}

// newAnswerer puts a turn together; serve and ask use the same.
func newAnswerer(inst *instance) (*assist.Answerer, retrieval.Searcher, error) {
	writers, err := newWriters(inst.cfg, inst.log)
	if err != nil {
		return nil, nil, err
	}
	search := retrieval.NewSearch(inst.db, nil, retrieval.SearchOptions{
		Log: inst.log, Current: retrieval.NewCurrent(inst.db, inst.embedding.embedder, inst.log),
	})
	return &assist.Answerer{
		Search:  search,
		Writers: writers,
		Quoter:  extractive.New(),
		Limits: assist.Limits{
			Threshold:    inst.cfg.Answer.Confidence,
			Near:         assist.DefaultLimits.Near,
			Sure:         assist.DefaultLimits.Sure,
			Negative:     assist.DefaultLimits.Negative,
			AnswerTokens: inst.cfg.Answer.MaxTokens,
			TurnCost:     inst.cfg.Answer.CostCap,
			TurnTime:     inst.cfg.Answer.Total,
		},
		HelpURL: helpURL(inst.cfg.PublicURL),
		Triage:  triage.New(),
		Tools:   tool.All(),
		Letters: inst.cfg.Mail.Enabled(),
	}, search, nil
}

// newComposer writes drafts with what a turn is answered with.
func newComposer(a *assist.Answerer, embedder retrieval.Embedder) *draft.Composer {
	limits := draft.DefaultLimits
	limits.Threshold = a.Limits.Threshold
	return &draft.Composer{Search: a.Search, Writers: a.Writers, Quoter: a.Quoter, Embedder: embedder, Read: a.Triage.Read, HelpURL: a.HelpURL, Limits: limits}
}

// newDesk puts the agents' side together.
func newDesk(inst *instance, engine *assist.Engine, bus assist.Bus, judge inbox.Judge) (*inbox.Desk, error) {
	address := helpURL(inst.cfg.PublicURL)
	return inbox.New(inbox.Options{
		Store: inst.db.Inbox(), Bus: bus, Superseded: engine.Superseded, Judge: judge, Log: inst.log,
		ArticleURL: func(siteKey string, a retrieval.Article) string { return address(assist.Site{Key: siteKey}, a) },
	})
}

// helpURL addresses Careloop's own page of an article; relative where the
// server's public address is not known, and empty where there is none: the help
// centre shows what is for everyone.
func helpURL(public string) func(assist.Site, retrieval.Article) string {
	return func(s assist.Site, a retrieval.Article) string {
		if a.Audience != retrieval.Everyone {
			return ""
		}
		return strings.TrimRight(public, "/") + help.Path(s.Key, a.Slug, a.Locale)
	}
}
