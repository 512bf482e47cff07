package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/internal/eval"
	"github.com/careloop/careloop/retrieval"
)

// evalTakenArticles takes articles away, asks all questions of what is left, as
// shoppers do and without a model, and tells what the list of gaps makes of it.
func evalTakenArticles(ctx context.Context, c *call, flags evalFlags, corpusFile, queriesFile string, take int, seed uint64, down float64) (err error) {
	corpus, err := eval.ReadCorpus(corpusFile)
	if err != nil {
		return err
	}
	questions, err := eval.ReadQuestions(queriesFile)
	if err != nil {
		return err
	}
	if err := fits(c.err, queriesFile, corpus, questions); err != nil {
		return err
	}
	taken, least, err := articlesToTake(questions, take, seed)
	if err != nil {
		return err
	}
	// Conversations and jobs need all of the schema, so this is a shop of its own on
	// a temporary cluster.
	dir, err := os.MkdirTemp("", "careloop-eval-")
	if err != nil {
		return err
	}
	cfg, err := configuration(c)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	inst, err := openWith(ctx, cfg, log, dir)
	if err != nil {
		return err
	}
	defer func() {
		inst.close()
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	w := &without{inst: inst, locale: *flags.locale, taken: taken, down: down, seed: seed, source: corpus.Name(), bar: func(what string) *progressbar.ProgressBar { return newBar(c.err, what) }}
	if err := w.fill(ctx, corpus.Without(taken)); err != nil {
		return interrupted(ctx, err)
	}
	if err := w.ask(ctx, questions); err != nil {
		return interrupted(ctx, err)
	}
	if err := w.sort(ctx); err != nil {
		return interrupted(ctx, err)
	}
	fmt.Fprintf(c.out, "%d of %d articles taken away, by chance (seed %d) among those that at least %d questions name; %d questions asked\n", len(taken), corpus.Len(), seed, least, len(questions))
	w.report(c)
	return nil
}

// articlesToTake chooses articles that some questions need, by chance: among those
// that three name, or two, where there are too few of those.
func articlesToTake(questions []eval.Question, take int, seed uint64) (taken []string, least int, err error) {
	named := map[string]int{}
	for _, q := range questions {
		for _, id := range q.Relevant {
			named[id]++
		}
	}
	for least = 3; least > 0; least-- {
		var fit []string
		for id, n := range named {
			if n >= least {
				fit = append(fit, id)
			}
		}
		if len(fit) >= take {
			slices.Sort(fit)
			for _, i := range rand.New(rand.NewPCG(seed, 7)).Perm(len(fit))[:take] {
				taken = append(taken, fit[i])
			}
			return taken, least, nil
		}
	}
	return nil, 0, fmt.Errorf("fewer than %d articles are needed by any question", take)
}

// without is a shop without some of its articles.
type without struct {
	inst   *instance
	locale string
	site   assist.Site
	taken  []string
	source string
	// down is the share of shoppers who thumb an answer down that rests on nothing
	// that answers them.
	down float64
	seed uint64
	bar  func(what string) *progressbar.ProgressBar

	outcomes map[string]map[assist.Outcome]int // of questions that need a taken article, and of others
	labels   map[string]string                 // of conversations
	needing  map[string]int                    // questions that need each taken article
	rated    int
	gaps     []sortedGap
}

type sortedGap struct {
	gap.Gap
	labels map[string]int
}

// fill imports and embeds what is left.
func (w *without) fill(ctx context.Context, corpus *eval.Corpus) (err error) {
	db := w.inst.db
	if w.site, err = db.EnsureSite(ctx, assist.Site{Key: "eval", Name: "Evaluation", Locale: w.locale}); err != nil {
		return err
	}
	importer := retrieval.Importer{Articles: db, Log: w.inst.log}
	if _, err := importer.Run(ctx, retrieval.Site{ID: w.site.ID, Locale: w.locale}, corpus, retrieval.ImportOptions{}); err != nil {
		return err
	}
	return w.inst.embedding.EmbedSite(ctx, w.site.ID)
}

type nobody struct{}

// Publish tells nobody.
func (nobody) Publish(assist.Signal) {}

// ask asks every question as a shopper of its own.
func (w *without) ask(ctx context.Context, questions []eval.Question) error {
	w.labels, w.needing = map[string]string{}, map[string]int{}
	w.outcomes = map[string]map[assist.Outcome]int{"need": {}, "others": {}}
	answerer, _, err := newAnswerer(w.inst)
	if err != nil {
		return err
	}
	answerer.Writers, answerer.Tools = nil, nil // as in a shop without a key
	ended := make(chan assist.TurnEnd, 1)
	engine := assist.NewEngine(assist.Options{
		Store: w.inst.db, Bus: nobody{}, Log: w.inst.log, Owner: "eval", Answerer: answerer,
		Observe: func(e assist.TurnEnd) { ended <- e },
	})
	defer func() { _ = engine.Stop(ctx) }()
	keys, err := w.inst.db.ArticleKeys(ctx, w.site.ID, w.source)
	if err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(w.seed, 11))
	bar := w.bar("asking")
	defer func() { _ = bar.Finish() }()
	for i, q := range questions {
		token := uuid.New()
		shopper, err := w.inst.db.CreateShopper(ctx, assist.Shopper{SiteID: w.site.ID}, token[:])
		if err != nil {
			return err
		}
		said, err := engine.Say(ctx, assist.Visit{SiteID: w.site.ID, ShopperID: shopper.ID, ClientID: "q", Locale: w.locale}, q.Text)
		if err != nil {
			return fmt.Errorf("ask %s: %w", q.ID, err)
		}
		var end assist.TurnEnd
		select {
		case end = <-ended:
		case <-ctx.Done():
			return ctx.Err()
		}
		of := "others"
		label := ""
		if len(q.Relevant) > 0 {
			label = q.Relevant[0]
		}
		for _, id := range q.Relevant {
			if slices.Contains(w.taken, id) {
				of, label = "need", id
				w.needing[id]++
				break
			}
		}
		w.outcomes[of][end.Outcome]++
		if end.Outcome == assist.Answered && chance.Float64() < w.down {
			if err := w.thumbDown(ctx, engine, said, q, keys); err != nil {
				return err
			}
		}
		w.labels[said.Conversation.ID] = label
		show(bar, i+1, len(questions))
	}
	return nil
}

// thumbDown has a shopper say that an answer did not help, unless it rests on an
// article that does answer.
func (w *without) thumbDown(ctx context.Context, engine *assist.Engine, said assist.Accepted, q eval.Question, keys map[string]string) error {
	c := said.Conversation
	events, err := w.inst.db.Events(ctx, c.ShopperID, c.ID, said.Event.Seq, 10)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Author.Kind != assist.ByBot || e.Kind != assist.KindMessage {
			continue
		}
		if slices.ContainsFunc(e.Citations, func(c assist.Citation) bool { return slices.Contains(q.Relevant, keys[c.ArticleID]) }) {
			return nil
		}
		w.rated++
		_, err := engine.Rate(ctx, assist.Visit{SiteID: w.site.ID, ShopperID: c.ShopperID, ConversationID: c.ID, ClientID: "r"}, assist.Rating{EventSeq: e.Seq, Score: -1})
		return err
	}
	return nil
}

// sort puts what was not answered together and reads the list, as an admin does.
func (w *without) sort(ctx context.Context) error {
	embedder, err := newEmbedder(w.inst.cfg)
	if err != nil {
		return err
	}
	desk := gap.New(gap.Options{Store: w.inst.db.Gaps(), Embedder: embedder, Log: w.inst.log})
	if err := desk.Sort(ctx, w.site.ID); err != nil {
		return err
	}
	for offset := 0; ; offset += 100 {
		page, err := desk.List(ctx, w.site.ID, gap.Filter{Order: gap.ByRank, Limit: 100, Offset: offset})
		if err != nil {
			return err
		}
		for _, g := range page.Items {
			s := sortedGap{g, map[string]int{}}
			list, _, err := desk.Questions(ctx, w.site.ID, g.ID, 10_000, 0)
			if err != nil {
				return err
			}
			for _, q := range list {
				s.labels[w.labels[q.ConversationID]]++
			}
			w.gaps = append(w.gaps, s)
		}
		if len(page.Items) < 100 {
			return nil
		}
	}
}

// majority is the label that more than half of a gap's questions have; false where
// there is none.
func (g sortedGap) majority() (string, bool) {
	for label, n := range g.labels {
		if 2*n > g.Questions {
			return label, true
		}
	}
	return "", false
}

func (w *without) report(c *call) {
	pure, all, needed, collected, several := 0, 0, 0, 0, 0
	kinds := map[string]int{}
	where := map[string][]int{}
	for i, g := range w.gaps {
		most := 0
		for label, n := range g.labels {
			most = max(most, n)
			if slices.Contains(w.taken, label) {
				collected += n
			}
		}
		pure, all = pure+most, all+g.Questions
		if g.Questions > 1 {
			several++
		}
		label, has := g.majority()
		switch {
		case !has:
			kinds["of several articles"]++
		case slices.Contains(w.taken, label):
			where[label] = append(where[label], i)
			kinds["of an article taken away"]++
		default:
			kinds["of an article that is there, and did not answer"]++
		}
	}
	for _, n := range w.needing {
		needed += n
	}
	for _, of := range []string{"need", "others"} {
		o := w.outcomes[of]
		name := map[string]string{"need": "questions that need one of them", "others": "other questions"}[of]
		fmt.Fprintf(c.out, "%s: %d answered, %d asked back, %d passed on\n", name, o[assist.Answered], o[assist.Clarified], o[assist.Escalated])
	}
	if w.down > 0 {
		fmt.Fprintf(c.out, "answers thumbed down, since they rest on nothing that answers: %d\n", w.rated)
	}
	fmt.Fprintf(c.out, "\ngaps: %d, %d of them of more than one question; %d questions in them, purity %.3f\n", len(w.gaps), several, all, float64(pure)/float64(max(1, all)))
	fmt.Fprintf(c.out, "of %d questions that need an article taken away, %d are in gaps\n", needed, collected)
	fmt.Fprintf(c.out, "found: %d of %d articles have a gap of which they are the majority\n\n", len(where), len(w.taken))
	for _, kind := range []string{"of an article taken away", "of an article that is there, and did not answer", "of several articles"} {
		fmt.Fprintf(c.out, "  %3d gaps %s\n", kinds[kind], kind)
	}
	fmt.Fprintln(c.out, "\narticle taken away                needing   in its gaps   place in the list, title")
	taken := slices.Clone(w.taken)
	slices.SortFunc(taken, func(a, b string) int { return cmp.Or(cmp.Compare(w.needing[b], w.needing[a]), cmp.Compare(a, b)) })
	for _, id := range taken {
		mine, title := 0, "-"
		for n, i := range where[id] {
			mine += w.gaps[i].labels[id]
			if n == 0 {
				title = fmt.Sprintf("%d: %s", i+1, w.gaps[i].Title)
			}
		}
		fmt.Fprintf(c.out, "%-33s %7d %13d   %.70s\n", id, w.needing[id], mine, title)
	}
}
