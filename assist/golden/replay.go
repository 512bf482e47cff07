package golden

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// State says how far a replay is.
type State string

// States.
const (
	Running   State = "running"
	Done      State = "done"
	Broken    State = "failed"
	Cancelled State = "cancelled"
)

// Setting is what a replay asked and with what.
type Setting struct {
	Golden    int      `json:"golden" doc:"How many golden questions"`
	Past      int      `json:"past" doc:"How many past ones"`
	Model     bool     `json:"model" doc:"Models wrote; otherwise answers are quoted"`
	Budget    int64    `json:"budget_micros" doc:"What it might cost at most; 0: only the day's budget bounds it"`
	Models    []string `json:"models"`
	Embedder  string   `json:"embedder"`
	Prompts   string   `json:"prompts" doc:"A hash of the words said to models"`
	Threshold float64  `json:"threshold"`
	Version   string   `json:"version"`
	Via       string   `json:"via" enum:"console,command_line"`
	Name      string   `json:"name" doc:"Of the file, from the command line"`
}

// Replay is one run over many questions.
type Replay struct {
	ID         string     `json:"id"`
	State      State      `json:"state" enum:"running,done,failed,cancelled"`
	Done       int        `json:"done"`
	Total      int        `json:"total"`
	Message    string     `json:"message"`
	By         string     `json:"by"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Setting    Setting    `json:"setting"`
	Scores     Scores     `json:"scores"`
}

// modelsAtOnce is how many questions wait for models at a time. Without models
// one is asked after the other, so that times mean something.
const modelsAtOnce = 4

// Replay asks items in their order and hands each result to each, one call at a
// time. spent is what an earlier part of the replay cost already. It stops at an
// error of each or of ctx.
func (a *Asker) Replay(ctx context.Context, site assist.Site, items []Item, s Setting, spent int64, each func(Result) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var p *purse
	if s.Budget > 0 {
		p = &purse{left: max(0, s.Budget-spent)}
	}
	model := s.Model && len(a.Answerer.Writers) > 0
	workers := 1
	if model {
		workers = modelsAtOnce
	}
	work := make(chan Item)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for item := range work {
				t, err := a.run(ctx, item.ask(site), nil, model, p, unwatched)
				if err == nil {
					mu.Lock()
					err = each(newResult(item, t))
					mu.Unlock()
				}
				if err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feed:
	for _, item := range items {
		select {
		case work <- item:
		case <-ctx.Done():
			break feed
		}
	}
	close(work)
	wait.Wait()
	return context.Cause(ctx)
}

// ask is an item as a turn takes it.
func (i Item) ask(site assist.Site) assist.Question {
	return assist.Question{Site: site, Locale: i.Locale, Text: i.Question, Earlier: events(i.History), Audience: audience(i.SignedIn)}
}

var unwatched = assist.Watcher{
	Status: func(string) {}, Found: func(retrieval.Result) {}, Text: func(int, string) {}, Retract: func(int, string) {},
}

// Items are golden questions as a replay asks them.
func Items(list []Question) []Item {
	var out []Item
	for _, q := range list {
		out = append(out, Item{N: len(out) + 1, Key: q.Key(), Kind: KindGolden, GoldenID: q.ID, Question: q.Text, Locale: q.Locale,
			History: append([]Message{}, q.History...), Verdict: q.Verdict, Expected: append([]Article{}, q.Articles...), SignedIn: q.SignedIn})
	}
	return out
}

// Run is a replay as a file holds it: a baseline that others are compared with.
type Run struct {
	Format  int      `json:"format"`
	Setting Setting  `json:"setting"`
	Scores  Scores   `json:"scores"`
	Results []Result `json:"results"`
}

const runFormat = 1

// NewRun makes one of results.
func NewRun(s Setting, results []Result) Run {
	return Run{runFormat, s, Score(results), results}
}

// Lasting leaves out what differs from one machine and one database to the next:
// times, ids, versions. Two runs of the same state are then the same, byte by byte.
func (r Run) Lasting() Run {
	r.Setting.Version = ""
	r.Scores.P50, r.Scores.P95 = 0, 0
	list := make([]Result, len(r.Results))
	for i, x := range r.Results {
		x.Millis, x.GoldenID, x.TurnID, x.ConversationID, x.Seq = 0, "", "", "", 0
		x.Expected, x.Cited = lasting(x.Expected), lasting(x.Cited)
		x.Confidence = float64(int(x.Confidence*100+0.5)) / 100
		list[i] = x
	}
	r.Results = list
	return r
}

func lasting(list []Article) []Article {
	out := make([]Article, len(list))
	for i, a := range list {
		out[i] = Article{Title: a.Title, Address: a.Address, Published: a.Published}
	}
	return out
}

// Write writes a run, a result a line, so that a change is a change of lines.
func (r Run) Write(out io.Writer) error {
	results := r.Results
	r.Results = nil
	head, err := json.Marshal(r)
	if err != nil {
		return err
	}
	head = head[:len(head)-len(`,"results":null}`)]
	if _, err := fmt.Fprintf(out, "%s,\"results\":[\n", head); err != nil {
		return err
	}
	for i, x := range results {
		line, err := json.Marshal(x)
		if err != nil {
			return err
		}
		end := ",\n"
		if i == len(results)-1 {
			end = "\n"
		}
		if _, err := fmt.Fprintf(out, "%s%s", line, end); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, "]}\n")
	return err
}

// ReadRun reads what Write wrote.
func ReadRun(in io.Reader) (Run, error) {
	var r Run
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return Run{}, fmt.Errorf("this is no replay as careloop eval replay --out writes it: %w", err)
	}
	if r.Format != runFormat {
		return Run{}, fmt.Errorf("this is no replay of this version's format (%d, not %d)", r.Format, runFormat)
	}
	return r, nil
}
