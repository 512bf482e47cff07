package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

const (
	pathArticles = pathSite + "/articles"
	pathArticle  = pathArticles + "/{id}"
)

// consoleArticles puts what admins write on the group of those who are signed in;
// agents are refused.
func (s *Server) consoleArticles(in huma.API) {
	const conflict, large = http.StatusConflict, http.StatusRequestEntityTooLarge
	op := func(method, path, id, summary string, errors ...int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"articles"},
			Errors: append([]int{http.StatusNotFound, http.StatusUnprocessableEntity}, errors...), MaxBodyBytes: maxArticleBody}
	}
	get, post, put, remove := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete

	huma.Register(in, op(get, pathArticles, "list-articles", "A page of the articles, and how many there are"), s.listArticles)
	huma.Register(in, op(post, pathArticles, "make-article", "Makes an article that is not published yet", large), s.makeArticle)
	huma.Register(in, op(post, pathArticles+"/preview", "preview-article", "What shoppers would see of a text", large), s.previewArticle)
	huma.Register(in, op(get, pathArticle, "get-article", "One article"), s.getArticle)
	huma.Register(in, op(http.MethodPatch, pathArticle, "keep-article", "Sets its owner and its review date"), s.keepArticle)
	huma.Register(in, op(remove, pathArticle, "delete-article", "Forgets an article that is not published", conflict), s.deleteArticle)
	huma.Register(in, op(put, pathArticle+"/draft", "save-article-draft", "Saves the draft", conflict, large), s.saveArticleDraft)
	huma.Register(in, op(remove, pathArticle+"/draft", "discard-article-draft", "Lets go of the draft", conflict), s.discardArticleDraft)
	huma.Register(in, op(post, pathArticle+"/publish", "publish-article", "Publishes the draft, now or at a time", conflict), s.publishArticle)
	huma.Register(in, op(remove, pathArticle+"/schedule", "unschedule-article", "Takes the draft's time away"), s.unscheduleArticle)
	huma.Register(in, op(post, pathArticle+"/unpublish", "unpublish-article", "Takes it out of every answer"), s.unpublishArticle)
	huma.Register(in, op(post, pathArticle+"/rollback", "rollback-article", "Publishes the text of a version again"), s.rollbackArticle)
	huma.Register(in, op(get, pathArticle+"/versions", "list-article-versions", "What was published, the newest first"), s.listArticleVersions)
	huma.Register(in, op(get, pathArticle+"/versions/{version}", "get-article-version", "The text of a version"), s.getArticleVersion)
}

// writer is who changes articles.
func writer(ctx context.Context) article.Actor { return article.Actor(actorOf(ctx)) }

// articleError is consoleError for what articles are refused for: with a sentence
// for what is wrong with a text, and with the draft that came between.
func (s *Server) articleError(ctx context.Context, err error) error {
	code := assist.CodeOf(err)
	switch code {
	case article.CodeUnknown, article.CodeUnknownVersion, article.CodeChanged, article.CodeBad, article.CodePublished:
	default:
		return s.consoleError(ctx, err)
	}
	p := problemOf(http.StatusConflict, string(code))
	phrase := string(code)
	var unfit *retrieval.Unfit
	var meanwhile *article.Meanwhile
	switch {
	case code == article.CodeUnknown || code == article.CodeUnknownVersion:
		p = problemOf(http.StatusNotFound, string(code))
		if code == article.CodeUnknown {
			phrase = "no_article"
		}
	case code == article.CodeBad:
		p = problemOf(http.StatusUnprocessableEntity, string(code))
		if errors.As(err, &unfit) {
			phrase += "_" + string(unfit.Why)
		}
	case errors.As(err, &meanwhile):
		theirs := articleDraftOf(meanwhile.Theirs)
		p.Theirs = &theirs
	}
	p.Detail = s.Phrase(personOf(ctx).Locale, phrase)
	return p
}

// ArticleParam names an article of a site.
type ArticleParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36" doc:"The article"`
}

type articlesListInput struct {
	SiteParam
	Q        string `query:"q" maxLength:"200" doc:"Words in the title, the text or the slug"`
	State    string `query:"state" enum:"draft,published,changed,scheduled,unpublished"`
	Locale   string `query:"locale" maxLength:"35"`
	Tag      string `query:"tag" maxLength:"400"`
	Source   string `query:"source" maxLength:"2000"`
	Audience string `query:"audience" enum:"everyone,signed_in,agents"`
	Owner    string `query:"owner" maxLength:"36" doc:"An id, or none"`
	Due      bool   `query:"due" doc:"Only those whose review date has come"`
	Sort     string `query:"sort" enum:"updated,title,answered,failing,age" default:"updated"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset   int    `query:"offset" minimum:"0" maximum:"10000"`
}

func (s *Server) listArticles(ctx context.Context, in *articlesListInput) (*body[articleList], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	f := article.Filter{Words: in.Q, State: article.State(in.State), Locale: in.Locale, Tag: in.Tag, Source: in.Source, Owner: in.Owner,
		Due: in.Due, Order: article.Order(in.Sort), Limit: in.Limit, Offset: in.Offset}
	if audience, ok := retrieval.ParseAudience(in.Audience); ok {
		f.Audience = &audience
	}
	page, err := s.Editor.List(ctx, site.ID, f)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	out := articleList{Items: []ArticleRow{}, Total: page.Total, Counts: articleCounts(page.Counts), Locales: nonNil(page.Locales), Tags: nonNil(page.Tags), Sources: nonNil(page.Sources)}
	for _, r := range page.Items {
		out.Items = append(out.Items, articleRowOf(r, site.Key))
	}
	return answer(out), nil
}

type makeArticleInput struct {
	SiteParam
	Body struct {
		Title    string   `json:"title" maxLength:"1000"`
		Markdown string   `json:"markdown,omitempty"`
		Locale   string   `json:"locale,omitempty" maxLength:"35" doc:"Empty: the shop's own"`
		Tags     []string `json:"tags,omitempty" maxItems:"200"`
		Audience string   `json:"audience,omitempty" enum:"everyone,signed_in,agents"`
		Slug     string   `json:"slug,omitempty" maxLength:"400"`
		URL      string   `json:"url,omitempty" maxLength:"4000"`
		GapID    string   `json:"gap_id,omitempty" maxLength:"36" doc:"The gap that it is to close"`
	}
}

func (s *Server) makeArticle(ctx context.Context, in *makeArticleInput) (*body[wholeArticle], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	b := in.Body
	audience, _ := retrieval.ParseAudience(b.Audience)
	a, err := s.Editor.Create(ctx, site, article.Text{Title: b.Title, Markdown: b.Markdown, Tags: b.Tags, URL: b.URL, Slug: b.Slug,
		Locale: b.Locale, Audience: audience}, b.GapID, writer(ctx))
	return s.answerArticle(ctx, site, a, err)
}

// answerArticle answers with an article, or the error.
func (s *Server) answerArticle(ctx context.Context, site assist.Site, a article.Article, err error) (*body[wholeArticle], error) {
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(wholeArticleOf(a, site.Key)), nil
}

// onArticle does something that ends in the article.
func (s *Server) onArticle(ctx context.Context, key string, do func(site assist.Site) (article.Article, error)) (*body[wholeArticle], error) {
	site, err := s.siteToSet(ctx, key)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	a, err := do(site)
	return s.answerArticle(ctx, site, a, err)
}

func (s *Server) getArticle(ctx context.Context, in *ArticleParam) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Article(ctx, site.ID, in.ID)
	})
}

type keepArticleInput struct {
	ArticleParam
	Body struct {
		OwnerID  *string `json:"owner_id,omitempty" maxLength:"36" doc:"Empty: nobody"`
		ReviewOn *string `json:"review_on,omitempty" maxLength:"10" doc:"A day, 2026-01-31; empty: none"`
	}
}

func (s *Server) keepArticle(ctx context.Context, in *keepArticleInput) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Keep(ctx, site.ID, in.ID, in.Body.OwnerID, in.Body.ReviewOn, writer(ctx))
	})
}

func (s *Server) deleteArticle(ctx context.Context, in *ArticleParam) (*none, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err == nil {
		err = s.Editor.Delete(ctx, site.ID, in.ID, writer(ctx))
	}
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return &none{http.StatusNoContent}, nil
}
