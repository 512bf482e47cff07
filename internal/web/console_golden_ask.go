package web

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
)

func (s *Server) getAsking(ctx context.Context, in *SiteParam) (*body[golden.Playing], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	by, err := s.Golden.Playing(ctx, site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return answer(by), nil
}

type askInput struct {
	SiteParam
	Body struct {
		Question string           `json:"question" maxLength:"10000"`
		Locale   string           `json:"locale,omitempty" maxLength:"35" doc:"The shop's own, where it is left out"`
		History  []golden.Message `json:"history,omitempty" maxItems:"100"`
		SignedIn bool             `json:"signed_in,omitempty" doc:"Ask as a shopper whom the shop vouches for"`
		Drafts   []string         `json:"drafts,omitempty" maxItems:"100" doc:"Articles whose drafts count as published"`
		Model    *bool            `json:"model,omitempty" doc:"Whether models may write; they may, where it is left out"`
	}
}

// askLine is one line of an answer as it comes.
type askLine struct {
	Type       string           `json:"type" enum:"status,found,delta,retract,end,failed"`
	State      string           `json:"state,omitempty"`
	Passages   []golden.Passage `json:"passages,omitempty"`
	Confidence float64          `json:"confidence,omitempty"`
	Offset     int              `json:"offset,omitempty"`
	From       int              `json:"from,omitempty"`
	Text       string           `json:"text,omitempty"`
	Report     *golden.Report   `json:"report,omitempty"`
	Code       string           `json:"code,omitempty"`
	Detail     string           `json:"detail,omitempty"`
}

const (
	lineKind = "application/x-ndjson"
	// askLines is how many lines wait for a slow reader; what comes then is lost,
	// and the report has it.
	askLines = 512
	// askWithin bounds an answer, which may take longer than other requests.
	askWithin = 2 * time.Minute
)

// streamed says in the document that an operation answers by lines.
func streamed(api huma.API, o huma.Operation) huma.Operation {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[askLine](), true, "")
	o.Responses = map[string]*huma.Response{"200": {Description: "The answer as it comes, a JSON object a line",
		Content: map[string]*huma.MediaType{lineKind: {Schema: schema}}}}
	return o
}

// askEnd is what asking came to.
type askEnd struct {
	report golden.Report
	err    error
}

// askQuestion answers with lines as they come. What is refused before the first of
// them is an ordinary problem.
func (s *Server) askQuestion(ctx context.Context, in *askInput) (*huma.StreamResponse, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	a := golden.Ask{Question: in.Body.Question, Locale: in.Body.Locale, History: in.Body.History, SignedIn: in.Body.SignedIn, Drafts: in.Body.Drafts,
		Model: in.Body.Model == nil || *in.Body.Model}
	asking, cancel := context.WithTimeout(ctx, askWithin)
	lines := make(chan askLine, askLines)
	done := make(chan askEnd, 1)
	go func() {
		report, err := s.Golden.Ask(asking, site, a, progressTo(lines))
		done <- askEnd{report, err}
	}()
	var first askLine
	select {
	case first = <-lines:
	case end := <-done:
		if end.err != nil {
			cancel()
			return nil, s.consoleError(ctx, end.err)
		}
		done <- end
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer cancel()
		s.sendLines(c, first, lines, done, cancel)
	}}, nil
}

// progressTo never waits: a line for which there is no room is lost.
func progressTo(lines chan<- askLine) golden.Progress {
	send := func(l askLine) {
		select {
		case lines <- l:
		default:
		}
	}
	return golden.Progress{
		Status: func(state string) { send(askLine{Type: "status", State: state}) },
		Found: func(p []golden.Passage, confidence float64) {
			send(askLine{Type: "found", Passages: p, Confidence: confidence})
		},
		Text:    func(offset int, text string) { send(askLine{Type: "delta", Offset: offset, Text: text}) },
		Retract: func(from int, text string) { send(askLine{Type: "retract", From: from, Text: text}) },
	}
}

// sendLines writes until the end is written. A reader who is gone stops the turn,
// whose end is waited for.
func (s *Server) sendLines(c huma.Context, first askLine, lines <-chan askLine, done <-chan askEnd, cancel func()) {
	c.SetHeader("Content-Type", lineKind)
	c.SetHeader("Cache-Control", "no-store")
	c.SetHeader("X-Accel-Buffering", "no")
	response := http.NewResponseController(humaecho.Unwrap(c).Response())
	// The server's own deadline is for answers that are there at once.
	_ = response.SetWriteDeadline(time.Now().Add(askWithin + 10*time.Second))
	out := json.NewEncoder(c.BodyWriter())
	out.SetEscapeHTML(false)
	write := func(l askLine) {
		if out.Encode(l) != nil || response.Flush() != nil {
			cancel()
		}
	}
	if first.Type != "" {
		write(first)
	}
	for {
		select {
		case l := <-lines:
			write(l)
		case end := <-done:
			for len(lines) > 0 {
				write(<-lines)
			}
			if end.err == nil {
				write(askLine{Type: "end", Report: &end.report})
				return
			}
			code := string(assist.CodeOf(end.err))
			write(askLine{Type: "failed", Code: code, Detail: s.Phrase(personOf(c.Context()).Locale, code)})
			return
		}
	}
}
