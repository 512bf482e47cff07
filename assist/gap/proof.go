package gap

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Proof is what a draft would change.
type Proof struct {
	Revision int     `json:"revision" doc:"Of the draft; 0: what is published"`
	Total    int     `json:"total" doc:"Questions that were asked: the newest 100"`
	Before   int     `json:"before" doc:"Answered as things are"`
	After    int     `json:"after" doc:"Answered with the draft"`
	Left     int     `json:"left" doc:"Questions that time did not suffice for"`
	Results  []Trial `json:"results"`
}

// Trial is one question asked twice.
type Trial struct {
	QuestionID     int64   `json:"question_id"`
	ConversationID string  `json:"conversation_id"`
	Seq            int64   `json:"seq"`
	Text           string  `json:"text"`
	Before         string  `json:"before" enum:"answered,clarified,escalated"`
	After          string  `json:"after" enum:"answered,clarified,escalated"`
	Confidence     float64 `json:"confidence" doc:"With the draft"`
	Quote          string  `json:"quote" doc:"What would be answered"`
	Answered       bool    `json:"answered" doc:"Counts in after: the draft answers it, or something did before"`
	Why            string  `json:"why" enum:"not_found,other_article,unsure,held" doc:"Why it is not the draft that answers; empty: it is"`
}

const (
	provenQuestions = 100
	proofTime       = 10 * time.Second
	proofWorkers    = 4
	toldBefore      = 12 // messages of the conversation that a question is asked in
)

// Prove asks a gap's newest questions as things are, and as they would be with a
// draft published, without a model. revision 0 takes what is written now. It
// changes nothing. Errors: CodeUnknown, CodeUnknownArticle, CodeNoDraft,
// CodeUnfit, CodeBusy.
func (d *Desk) Prove(ctx context.Context, site assist.Site, gapID, articleID string, revision int) (Proof, error) {
	select {
	case d.proofs <- struct{}{}:
		defer func() { <-d.proofs }()
	default:
		return Proof{}, &assist.Error{Code: CodeBusy}
	}
	t, err := d.store.ArticleText(ctx, site.ID, articleID, revision)
	if err != nil {
		return Proof{}, err
	}
	questions, _, err := d.store.Questions(ctx, site.ID, gapID, provenQuestions, 0)
	if err != nil {
		return Proof{}, err
	}
	publication, err := publicationOf(site, t)
	if err != nil {
		return Proof{}, err
	}
	p := proof{desk: d, site: site, articleID: articleID, audience: min(t.Audience, retrieval.SignedIn),
		before: d.quoter(d.o.Index),
		after:  d.quoter(retrieval.NewOverlay(d.o.Index, d.o.Embedders, []retrieval.Publication{publication})),
	}
	out := p.run(ctx, questions)
	out.Revision = t.Revision
	return out, ctx.Err()
}

// quoter answers from an index without a model, so that asking costs nothing.
func (d *Desk) quoter(index retrieval.Index) *assist.Answerer {
	a := *d.o.Answerer
	a.Writers, a.Tools = nil, nil
	a.Search = retrieval.NewSearch(index, nil, retrieval.SearchOptions{Current: d.o.Current, EmbedTimeout: proofTime, Log: d.o.Log})
	return &a
}

type proof struct {
	desk          *Desk
	site          assist.Site
	articleID     string
	audience      retrieval.Audience // of those who ask
	before, after *assist.Answerer
}

func (p *proof) run(ctx context.Context, questions []Unanswered) Proof {
	ctx, cancel := context.WithTimeout(ctx, proofTime)
	defer cancel()
	results := make([]*Trial, len(questions))
	next := make(chan int)
	var workers sync.WaitGroup
	for range proofWorkers {
		workers.Go(func() {
			for i := range next {
				if r, err := p.ask(ctx, questions[i]); err == nil {
					results[i] = &r
				} else if ctx.Err() == nil {
					p.desk.o.Log.WarnContext(ctx, "a question could not be asked for a proof", "question", questions[i].ID, "error", err)
				}
			}
		})
	}
	for i := range questions {
		next <- i
	}
	close(next)
	workers.Wait()
	var out Proof
	for _, r := range results {
		if r == nil {
			out.Left++
			continue
		}
		out.Total++
		if r.Before == string(assist.Answered) {
			out.Before++
		}
		if r.Answered {
			out.After++
		}
		out.Results = append(out.Results, *r)
	}
	return out
}

// ask asks one question twice, in its own conversation.
func (p *proof) ask(ctx context.Context, q Unanswered) (Trial, error) {
	if err := ctx.Err(); err != nil {
		return Trial{}, err
	}
	earlier, err := p.desk.store.History(ctx, p.site.ID, q.ConversationID, q.Seq, toldBefore)
	if err != nil {
		return Trial{}, err
	}
	// What the shopper said in the same breath is part of the question.
	for len(earlier) > 0 && earlier[len(earlier)-1].Author.Kind == assist.ByShopper {
		earlier = earlier[:len(earlier)-1]
	}
	in := assist.Question{Site: p.site, Locale: q.Locale, Text: q.Text, Earlier: earlier, Audience: p.audience}
	before, err := p.before.Answer(ctx, in, free, silent())
	if err != nil {
		return Trial{}, err
	}
	var found retrieval.Result
	w := silent()
	w.Found = func(r retrieval.Result) { found = r }
	after, err := p.after.Answer(ctx, in, free, w)
	if err != nil {
		return Trial{}, err
	}
	r := Trial{QuestionID: q.ID, ConversationID: q.ConversationID, Seq: q.Seq, Text: q.Text, Before: string(before.Outcome), After: string(after.Outcome), Confidence: after.Record.Confidence}
	ours := func(c assist.Citation) bool { return c.ArticleID == p.articleID }
	switch {
	case after.Outcome == assist.Answered && slices.ContainsFunc(after.Citations, ours):
		r.Answered = true
	case after.Outcome == assist.Answered:
		r.Why, r.Answered = "other_article", before.Outcome == assist.Answered
	case len(after.Record.Held) > 0:
		r.Why = "held"
	case slices.ContainsFunc(found.Passages, func(f retrieval.Passage) bool { return f.Article.ID == p.articleID }):
		r.Why = "unsure"
	default:
		r.Why = "not_found"
	}
	if after.Outcome == assist.Answered {
		r.Quote = cut(oneLine(after.Text), quoteRunes)
	}
	return r, nil
}

// free lets everything through: asking costs nothing.
func free(context.Context, int, int64) (bool, error) { return true, nil }

func silent() assist.Watcher {
	return assist.Watcher{Status: func(string) {}, Found: func(retrieval.Result) {}, Text: func(int, string) {}, Retract: func(int, string) {}}
}

// publicationOf makes ready what is written, exactly as publishing would. Errors:
// CodeUnfit.
func publicationOf(site assist.Site, t Text) (retrieval.Publication, error) {
	p, err := retrieval.Prepare(retrieval.Site{ID: site.ID, Locale: site.Locale}, "proof", retrieval.Document{
		Key: t.ArticleID, Slug: t.Slug, Title: t.Title, Locale: t.Locale, Tags: t.Tags, URL: t.URL, Markdown: t.Markdown})
	if err != nil {
		return p, &assist.Error{Code: CodeUnfit, Err: err}
	}
	p.Edit = &retrieval.Edit{Audience: t.Audience}
	return p.Cut(), nil
}
