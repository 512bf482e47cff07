package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist/gap"
)

const (
	pathGaps = pathSite + "/gaps"
	pathGap  = pathGaps + "/{id}"
)

// consoleGaps puts what the knowledge base did not answer on the group of those
// who are signed in; agents are refused.
func (s *Server) consoleGaps(in huma.API) {
	op := func(method, path, id, summary string, errors ...int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"gaps"},
			Errors: append([]int{http.StatusNotFound, http.StatusUnprocessableEntity}, errors...)}
	}
	const conflict = http.StatusConflict
	get, post := http.MethodGet, http.MethodPost
	huma.Register(in, op(get, pathGaps, "list-gaps", "A page of what the knowledge base did not answer"), s.listGaps)
	huma.Register(in, op(get, pathGap, "get-gap", "One gap, with its newest questions and replies"), s.getGap)
	huma.Register(in, op(get, pathGap+"/questions", "list-gap-questions", "Its questions, the newest first"), s.listGapQuestions)
	huma.Register(in, op(http.MethodPatch, pathGap, "rename-gap", "Gives it a title that stays"), s.renameGap)
	huma.Register(in, op(post, pathGap+"/dismiss", "dismiss-gap", "Says that it needs no article"), s.dismissGap)
	huma.Register(in, op(post, pathGap+"/reopen", "reopen-gap", "Takes that back"), s.reopenGap)
	huma.Register(in, op(post, pathGap+"/merge", "merge-gap", "Puts its questions into another one, and ends it", conflict), s.mergeGap)
	huma.Register(in, op(post, pathGap+"/move", "move-gap-questions", "Moves questions into another gap, or into a new one"), s.moveGapQuestions)
	huma.Register(in, op(post, pathGap+"/draft", "draft-gap-article", "Writes an article out of what agents replied; a second time gives the one that there is", http.StatusTooManyRequests), s.draftGapArticle)
	huma.Register(in, op(post, pathGap+"/proof", "prove-gap", "Asks its questions of the knowledge base as it would be with the draft", conflict, http.StatusTooManyRequests), s.proveGap)
	huma.Register(in, op(post, pathSite+"/articles/{id}/check", "check-article", "What stands against the draft: what says the same, and what says something else"), s.checkArticle)
}

// GapParam names a gap of a site.
type GapParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The gap"`
}

type listGapsInput struct {
	SiteParam
	State  string `query:"state" enum:"open,drafted,closed,dismissed" doc:"Empty: all but those that were dismissed"`
	Q      string `query:"q" maxLength:"200" doc:"Words of its title or of its questions"`
	Locale string `query:"locale" maxLength:"35" doc:"Its language"`
	Reason string `query:"reason" enum:"not_found,unsure,thumbs_down,agent_answered"`
	Sort   string `query:"sort" enum:"rank,recent,size" default:"rank" doc:"rank: how many shoppers, and how recently"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset int    `query:"offset" minimum:"0" maximum:"10000"`
}

type gapList struct {
	Items   []gap.Gap       `json:"items"`
	Total   int             `json:"total" doc:"How many fit the filters, at most 10,000"`
	Counts  gap.StateCounts `json:"counts" doc:"Of the whole site, whatever is searched"`
	Waiting int             `json:"waiting" doc:"Questions that are not put with their like yet"`
	Locales []string        `json:"locales" doc:"Languages that the gaps are in"`
}

func (s *Server) listGaps(ctx context.Context, in *listGapsInput) (*body[gapList], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	page, err := s.Gaps.List(ctx, site.ID, gap.Filter{State: gap.State(in.State), Words: in.Q, Locale: in.Locale,
		Reason: gap.Reason(in.Reason), Order: gap.Order(in.Sort), Limit: in.Limit, Offset: in.Offset})
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(gapList{Items: nonNil(page.Items), Total: page.Total, Counts: page.Counts, Waiting: page.Waiting, Locales: nonNil(page.Locales)}), nil
}

type wholeGap struct {
	Gap       gap.Gap           `json:"gap"`
	Questions []gap.Unanswered  `json:"questions" doc:"The newest 20"`
	Replies   []gap.AgentReply  `json:"replies" doc:"The newest 20 that agents wrote after them"`
	Near      []gap.NearArticle `json:"near" doc:"Articles that come nearest to its questions"`
}

func (s *Server) getGap(ctx context.Context, in *GapParam) (*body[wholeGap], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	w, err := s.Gaps.Whole(ctx, site, in.ID)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(wholeGap{Gap: w.Gap, Questions: nonNil(w.Questions), Replies: nonNil(w.Replies), Near: nonNil(w.Near)}), nil
}

type listGapQuestionsInput struct {
	GapParam
	Limit  int `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset int `query:"offset" minimum:"0" maximum:"10000"`
}

type gapQuestionList struct {
	Items []gap.Unanswered `json:"items"`
	Total int              `json:"total"`
}

func (s *Server) listGapQuestions(ctx context.Context, in *listGapQuestionsInput) (*body[gapQuestionList], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	items, total, err := s.Gaps.Questions(ctx, site.ID, in.ID, in.Limit, in.Offset)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(gapQuestionList{Items: nonNil(items), Total: total}), nil
}

type oneGap struct {
	Gap gap.Gap `json:"gap"`
}

// changedGap answers with a gap after something was done to it.
func (s *Server) changedGap(ctx context.Context, key string, do func(siteID string, by gap.Actor) (id string, err error)) (*body[oneGap], error) {
	site, err := s.siteToSet(ctx, key)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	id, err := do(site.ID, gap.Actor(actorOf(ctx)))
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	g, err := s.Gaps.Gap(ctx, site.ID, id)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(oneGap{g}), nil
}

type renameGapInput struct {
	GapParam
	Body struct {
		Title string `json:"title" minLength:"1" maxLength:"200"`
	}
}

func (s *Server) renameGap(ctx context.Context, in *renameGapInput) (*body[oneGap], error) {
	return s.changedGap(ctx, in.Site, func(siteID string, by gap.Actor) (string, error) {
		return in.ID, s.Gaps.Rename(ctx, siteID, in.ID, in.Body.Title, by)
	})
}

func (s *Server) dismissGap(ctx context.Context, in *GapParam) (*body[oneGap], error) {
	return s.changedGap(ctx, in.Site, func(siteID string, by gap.Actor) (string, error) {
		return in.ID, s.Gaps.Dismiss(ctx, siteID, in.ID, true, by)
	})
}

func (s *Server) reopenGap(ctx context.Context, in *GapParam) (*body[oneGap], error) {
	return s.changedGap(ctx, in.Site, func(siteID string, by gap.Actor) (string, error) {
		return in.ID, s.Gaps.Dismiss(ctx, siteID, in.ID, false, by)
	})
}

type mergeGapInput struct {
	GapParam
	Body struct {
		Into string `json:"into" maxLength:"36" doc:"The gap that stays"`
	}
}

func (s *Server) mergeGap(ctx context.Context, in *mergeGapInput) (*body[oneGap], error) {
	return s.changedGap(ctx, in.Site, func(siteID string, by gap.Actor) (string, error) {
		return in.Body.Into, s.Gaps.Merge(ctx, siteID, in.ID, in.Body.Into, by)
	})
}

type moveGapQuestionsInput struct {
	GapParam
	Body struct {
		Questions []int64 `json:"questions" minItems:"1" maxItems:"500"`
		To        string  `json:"to,omitempty" maxLength:"36" doc:"Empty: a new one"`
	}
}

func (s *Server) moveGapQuestions(ctx context.Context, in *moveGapQuestionsInput) (*body[oneGap], error) {
	return s.changedGap(ctx, in.Site, func(siteID string, by gap.Actor) (string, error) {
		return s.Gaps.Move(ctx, siteID, in.ID, in.Body.Questions, in.Body.To, by)
	})
}

func (s *Server) draftGapArticle(ctx context.Context, in *GapParam) (*body[gap.WrittenArticle], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	w, err := s.Gaps.Draft(ctx, site, in.ID, gap.Actor(actorOf(ctx)))
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	w.Flags = nonNil(w.Flags)
	return answer(w), nil
}

type proveGapInput struct {
	GapParam
	Body struct {
		ArticleID string `json:"article_id" maxLength:"36"`
		Revision  int    `json:"revision" minimum:"0" doc:"Of the draft; 0: whatever is written now"`
	}
}

func (s *Server) proveGap(ctx context.Context, in *proveGapInput) (*body[gap.Proof], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	p, err := s.Gaps.Prove(ctx, site, in.ID, in.Body.ArticleID, in.Body.Revision)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	p.Results = nonNil(p.Results)
	return answer(p), nil
}

type checkArticleInput struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The article"`
}

func (s *Server) checkArticle(ctx context.Context, in *checkArticleInput) (*body[gap.DraftCheck], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	c, err := s.Gaps.Check(ctx, site, in.ID)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	c.Near, c.Contradictions = nonNil(c.Near), nonNil(c.Contradictions)
	return answer(c), nil
}
