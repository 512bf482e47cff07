package main

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/llm/openai"
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
	return embedopenai.New(embedopenai.Options{BaseURL: cfg.Embedding.BaseURL, APIKey: cfg.Embedding.APIKey.Reveal(), Model: cfg.Embedding.Model})
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
func newAnswerer(inst *instance, embedder retrieval.Embedder) (*assist.Answerer, retrieval.Searcher, error) {
	writers, err := newWriters(inst.cfg, inst.log)
	if err != nil {
		return nil, nil, err
	}
	search := retrieval.NewSearch(inst.db, embedder, retrieval.SearchOptions{Log: inst.log})
	return &assist.Answerer{
		Search:  search,
		Writers: writers,
		Quoter:  extractive.New(),
		Limits: assist.Limits{
			Threshold:    inst.cfg.Answer.Confidence,
			AnswerTokens: inst.cfg.Answer.MaxTokens,
			TurnCost:     inst.cfg.Answer.CostCap,
			TurnTime:     inst.cfg.Answer.Total,
		},
		HelpURL: helpURL(inst.cfg.PublicURL),
	}, search, nil
}

// newDesk puts the agents' side together.
func newDesk(inst *instance, engine *assist.Engine, bus assist.Bus) (*inbox.Desk, error) {
	address := helpURL(inst.cfg.PublicURL)
	return inbox.New(inbox.Options{
		Store: inst.db.Inbox(), Bus: bus, Superseded: engine.Superseded, Log: inst.log,
		ArticleURL: func(siteKey string, a retrieval.Article) string { return address(assist.Site{Key: siteKey}, a) },
	})
}

// helpURL addresses Careloop's own page of an article; relative where the
// server's public address is not known.
func helpURL(public string) func(assist.Site, retrieval.Article) string {
	return func(s assist.Site, a retrieval.Article) string {
		return strings.TrimRight(public, "/") + "/help/" + url.PathEscape(a.Slug) + "?site=" + url.QueryEscape(s.Key) + "&lang=" + url.QueryEscape(a.Locale)
	}
}
