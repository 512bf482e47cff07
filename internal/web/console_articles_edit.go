package web

import (
	"context"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

type saveArticleInput struct {
	ArticleParam
	Body struct {
		Revision    int      `json:"revision" minimum:"0" doc:"Of the draft that this was made from; 0: there was none"`
		BaseVersion int      `json:"base_version,omitempty" minimum:"0" doc:"With revision 0: the version that this was made from"`
		Title       string   `json:"title" maxLength:"1000"`
		Markdown    string   `json:"markdown"`
		Tags        []string `json:"tags" maxItems:"200"`
		URL         string   `json:"url" maxLength:"4000"`
		Slug        string   `json:"slug" maxLength:"400"`
		Locale      string   `json:"locale" maxLength:"35"`
		Audience    string   `json:"audience" enum:"everyone,signed_in,agents"`
	}
}

type savedDraft struct {
	Draft articleDraft `json:"draft"`
}

func (s *Server) saveArticleDraft(ctx context.Context, in *saveArticleInput) (*body[savedDraft], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	b := in.Body
	audience, _ := retrieval.ParseAudience(b.Audience)
	d, err := s.Editor.Save(ctx, site.ID, in.ID, b.Revision, b.BaseVersion, article.Text{Title: b.Title, Markdown: b.Markdown,
		Tags: b.Tags, URL: b.URL, Slug: b.Slug, Locale: b.Locale, Audience: audience}, writer(ctx))
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(savedDraft{articleDraftOf(d)}), nil
}

type discardArticleInput struct {
	ArticleParam
	Revision int `query:"revision" required:"true" minimum:"1" doc:"Of the draft that is let go"`
}

func (s *Server) discardArticleDraft(ctx context.Context, in *discardArticleInput) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Discard(ctx, site.ID, in.ID, in.Revision, writer(ctx))
	})
}

type publishArticleInput struct {
	ArticleParam
	Body struct {
		Revision  int        `json:"revision" minimum:"0" doc:"Of the draft; 0 publishes again what was taken back"`
		PublishAt *time.Time `json:"publish_at,omitempty" doc:"Without it, or in the past: now"`
		Note      string     `json:"note,omitempty" maxLength:"2000" doc:"What was changed, for the list of versions"`
	}
}

func (s *Server) publishArticle(ctx context.Context, in *publishArticleInput) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Publish(ctx, site.ID, in.ID, in.Body.Revision, in.Body.PublishAt, in.Body.Note, writer(ctx))
	})
}

func (s *Server) unscheduleArticle(ctx context.Context, in *ArticleParam) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Unschedule(ctx, site.ID, in.ID, writer(ctx))
	})
}

func (s *Server) unpublishArticle(ctx context.Context, in *ArticleParam) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Unpublish(ctx, site.ID, in.ID, writer(ctx))
	})
}

type rollbackInput struct {
	ArticleParam
	Body struct {
		Version int `json:"version" minimum:"1"`
	}
}

func (s *Server) rollbackArticle(ctx context.Context, in *rollbackInput) (*body[wholeArticle], error) {
	return s.onArticle(ctx, in.Site, func(site assist.Site) (article.Article, error) {
		return s.Editor.Rollback(ctx, site.ID, in.ID, in.Body.Version, writer(ctx))
	})
}

func (s *Server) listArticleVersions(ctx context.Context, in *ArticleParam) (*body[articleVersions], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	list, err := s.Editor.Versions(ctx, site.ID, in.ID)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	out := articleVersions{Items: []articleVersion{}}
	for _, v := range list {
		out.Items = append(out.Items, articleVersion{Version: v.Version, Title: v.Title, At: v.At, By: v.By, Note: v.Note, Published: v.Published})
	}
	return answer(out), nil
}

type articleVersionInput struct {
	ArticleParam
	Version int `path:"version" minimum:"1"`
}

func (s *Server) getArticleVersion(ctx context.Context, in *articleVersionInput) (*body[articleVersionText], error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	v, err := s.Editor.Version(ctx, site.ID, in.ID, in.Version)
	if err != nil {
		return nil, s.articleError(ctx, err)
	}
	return answer(articleVersionText{Version: v.Version, Title: v.Title, Markdown: v.Markdown, Tags: nonNil(v.Tags), URL: v.URL, At: v.At, By: v.By, Note: v.Note}), nil
}
