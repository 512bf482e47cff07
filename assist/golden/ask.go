package golden

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// Ask is a question as somebody puts it to see how it is answered.
type Ask struct {
	Question string    `json:"question"`
	Locale   string    `json:"locale"`
	History  []Message `json:"history"`
	// SignedIn asks as a shopper whom the shop vouches for.
	SignedIn bool `json:"signed_in"`
	// Drafts are articles whose drafts count as if they were published.
	Drafts []string `json:"drafts"`
	// Model lets models write where there are any.
	Model bool `json:"model"`
}

// Progress is what is told while a question is being answered. All of it but
// Found may be lost; the report has everything.
type Progress struct {
	Status  func(state string)
	Found   func(passages []Passage, confidence float64)
	Text    func(offset int, text string)
	Retract func(from int, text string)
}

// Reading is what triage read.
type Reading struct {
	Matter     triage.Matter  `json:"matter"`
	Feeling    triage.Feeling `json:"feeling"`
	Topic      triage.Topic   `json:"topic"`
	Person     float64        `json:"person" doc:"Probability that it asks for a person"`
	Contact    float64        `json:"contact" doc:"Probability that it asks how to reach somebody"`
	Negative   float64        `json:"negative" doc:"Probability of anger or distress"`
	Legal      bool           `json:"legal"`
	Safety     bool           `json:"safety"`
	PersonOnly bool           `json:"person_only" doc:"Only a person can settle it"`
	Unhelped   bool           `json:"unhelped" doc:"It says that the last answer did not help"`
}

// Passage is a passage that was found.
type Passage struct {
	N       int            `json:"n"`
	Article PassageArticle `json:"article"`
	URL     string         `json:"url"`
	Heading []string       `json:"heading"`
	Text    string         `json:"text"`
	Lexical float64        `json:"lexical"`
	Meaning float64        `json:"semantic"`
	Fused   float64        `json:"fused"`
	Cited   bool           `json:"cited"`
	Draft   bool           `json:"draft" doc:"It stands in a draft that counts as published"`
}

// PassageArticle is where a passage stands.
type PassageArticle struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Address string `json:"address"`
	Locale  string `json:"locale"`
	Version int    `json:"version"`
}

// Times are how long each step took, in milliseconds.
type Times struct {
	Embed    float64 `json:"embed"`
	Lexical  float64 `json:"lexical"`
	Semantic float64 `json:"semantic"`
	Rerank   float64 `json:"rerank" doc:"Reading the candidates again"`
	First    float64 `json:"first" doc:"To the first words; 0: nothing was streamed"`
	Total    float64 `json:"total"`
}

// Report is how a question was answered.
type Report struct {
	Question   string              `json:"question"`
	Locale     string              `json:"locale"`
	History    []Message           `json:"history"`
	SignedIn   bool                `json:"signed_in"`
	Reading    Reading             `json:"reading"`
	Confidence float64             `json:"confidence"`
	Searched   bool                `json:"searched" doc:"False where nothing had to be looked up"`
	Threshold  float64             `json:"threshold"`
	Near       float64             `json:"near"`
	Passages   []Passage           `json:"passages"`
	Outcome    assist.Outcome      `json:"outcome"`
	Reason     assist.Reason       `json:"reason"`
	Offer      bool                `json:"offer" doc:"A person is offered along with the text"`
	Text       string              `json:"text"`
	Told       string              `json:"told" doc:"What the shopper reads where a person is called"`
	Citations  []assist.Citation   `json:"citations"`
	Held       []string            `json:"held"`
	Sentences  []Sentence          `json:"sentences"`
	Model      string              `json:"model"`
	Calls      []assist.CallRecord `json:"calls"`
	Cost       int64               `json:"cost_micros"`
	Refused    bool                `json:"refused" doc:"No model was asked: the day's budget is spent"`
	Times      Times               `json:"times"`
}

// check trims a question and refuses what cannot be asked. Errors: CodeBadQuestion.
func (a *Ask) check(site assist.Site) error {
	a.Question = strings.TrimSpace(a.Question)
	if a.Locale == "" {
		a.Locale = site.Locale
	}
	if err := checkAsked(a.Question, a.Locale, a.History); err != nil {
		return refuse(CodeBadQuestion, err)
	}
	if len(a.Drafts) > maxDrafts {
		return refuse(CodeTooMany, nil)
	}
	return nil
}

// Ask answers a question and tells how. It stores nothing but what models cost.
// Errors: CodeBadQuestion, CodeTooMany, CodeUnknownArticle, CodeBusy; the
// context's where it ends.
func (d *Desk) Ask(ctx context.Context, site assist.Site, a Ask, p Progress) (Report, error) {
	if err := a.check(site); err != nil {
		return Report{}, err
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	default:
		return Report{}, refuse(CodeBusy, nil)
	}
	var search retrieval.Searcher
	if len(a.Drafts) > 0 {
		if d.o.Drafts == nil {
			return Report{}, refuse(CodeUnknownArticle, nil)
		}
		drafts, err := d.o.Drafts(ctx, site.ID, a.Drafts)
		if err != nil {
			return Report{}, err
		}
		search = d.o.Overlaid(drafts)
	}
	q := assist.Question{Site: site, Locale: a.Locale, Text: a.Question, Earlier: events(a.History), Audience: audience(a.SignedIn)}
	w := assist.Watcher{Status: p.Status, Text: p.Text, Retract: p.Retract,
		Found: func(r retrieval.Result) { p.Found(d.passages(site, r.Passages, nil), r.Confidence) }}
	t, err := d.asker.run(ctx, q, search, a.Model, nil, w)
	if err != nil {
		return Report{}, err
	}
	return d.report(site, a, t), nil
}

func (d *Desk) report(site assist.Site, a Ask, t turn) Report {
	answerer, record := d.asker.Answerer, t.reply.Record
	read := answerer.Triage.Read(a.Question, a.Locale)
	took := t.found.Took
	r := Report{
		Question: a.Question, Locale: a.Locale, History: append([]Message{}, a.History...), SignedIn: a.SignedIn,
		Reading:    Reading{read.Matter, read.Feeling, read.Topic, read.Person, read.Contact, read.Negative, read.Legal, read.Safety, read.PersonOnly, read.Unhelped},
		Confidence: record.Confidence, Searched: took.Total > 0, Threshold: answerer.Limits.Threshold, Near: answerer.Limits.Near,
		Passages: d.passages(site, t.found.Passages, record.Passages),
		Outcome:  t.reply.Outcome, Reason: t.reply.Reason, Offer: t.reply.Offer, Text: t.reply.Text, Told: t.told(),
		Citations: append([]assist.Citation{}, t.reply.Citations...), Held: append([]string{}, record.Held...), Sentences: t.grounding(a.Locale),
		Model: record.Model, Calls: append([]assist.CallRecord{}, record.Calls...), Cost: t.cost(), Refused: t.refused,
		Times: Times{Embed: millis(took.Embed), Lexical: millis(took.Lexical), Semantic: millis(took.Semantic),
			// Words and meaning are asked side by side; what is left is reading.
			Rerank: millis(max(0, took.Total-max(took.Lexical, took.Embed+took.Semantic))),
			First:  float64(record.FirstDeltaMillis), Total: millis(t.took)},
	}
	return r
}

func (d *Desk) passages(site assist.Site, list []retrieval.Passage, records []assist.PassageRecord) []Passage {
	out := []Passage{}
	for i, p := range list {
		url := p.Article.URL
		if url == "" {
			url = d.asker.Answerer.HelpURL(site, p.Article)
		}
		out = append(out, Passage{N: i + 1, Article: PassageArticle{p.Article.ID, p.Article.Title, p.Article.Locale + "/" + p.Article.Slug, p.Article.Locale, p.Article.Version},
			URL: url, Heading: append([]string{}, p.Heading...), Text: p.Text, Lexical: p.Lexical, Meaning: p.Semantic, Fused: p.Fused,
			Cited: i < len(records) && records[i].Cited, Draft: p.Article.Version == 0})
	}
	return out
}

// Playing is what asking goes by.
type Playing struct {
	Models    []string `json:"models" doc:"Empty: answers are quoted"`
	Threshold float64  `json:"threshold"`
	Near      float64  `json:"near"`
	Locales   []string `json:"locales" doc:"Those of the shop's articles, its own first"`
}

// Playing tells what asking goes by.
func (d *Desk) Playing(ctx context.Context, site assist.Site) (Playing, error) {
	locales, err := d.o.Store.ArticleLocales(ctx, site.ID)
	if err != nil {
		return Playing{}, err
	}
	if i := slices.Index(locales, site.Locale); i >= 0 {
		locales = slices.Delete(locales, i, i+1)
	}
	limits := d.asker.Answerer.Limits
	return Playing{Models: d.models(), Threshold: limits.Threshold, Near: limits.Near, Locales: append([]string{site.Locale}, locales...)}, nil
}

func (d *Desk) models() []string {
	out := []string{}
	for _, w := range d.asker.Answerer.Writers {
		out = append(out, w.Model.Name())
	}
	return out
}

// proposedWithin is how old what is proposed may be.
const proposedWithin = 90 * 24 * time.Hour
