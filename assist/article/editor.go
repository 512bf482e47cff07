package article

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
)

// Editor is what admins write articles with.
type Editor struct {
	Store Store
	// Embed adds the vectors of embedders inside the process, which take no time;
	// nil: there are none.
	Embed func(ctx context.Context, p retrieval.Publication) retrieval.Publication
	// Now is the clock; nil: the system's.
	Now func() time.Time
}

// Bounds of a draft, which may be less than an article, and of what goes with it.
const (
	MaxTitle    = 300 // characters
	MaxMarkdown = 5 << 20
	MaxNote     = 500 // characters
	// versionsListed is how many versions are listed.
	versionsListed = 200
	// farthest is how far ahead a publication can be scheduled.
	farthest = 5 * 366 * 24 * time.Hour
)

// Reasons of CodeBad besides retrieval's.
const (
	BadLocale retrieval.Why = "bad_locale"
	BadTime   retrieval.Why = "bad_time"
	BadDay    retrieval.Why = "bad_day"
	LongNote  retrieval.Why = "long_note"
	LongURL   retrieval.Why = "long_url"
)

// bad makes a refusal.
func bad(why retrieval.Why) error {
	return &assist.Error{Code: CodeBad, Err: retrieval.NewUnfit(why)}
}

// List lists articles.
func (e *Editor) List(ctx context.Context, siteID string, f Filter) (Page, error) {
	return e.Store.List(ctx, siteID, f)
}

// Article reads one. Errors: CodeUnknown.
func (e *Editor) Article(ctx context.Context, siteID, id string) (Article, error) {
	return e.Store.Article(ctx, siteID, id)
}

// Create makes an article that is not published yet. Errors: CodeBad.
func (e *Editor) Create(ctx context.Context, site assist.Site, t Text, gapID string, by Actor) (Article, error) {
	if t.Locale == "" {
		t.Locale = site.Locale
	}
	t, err := e.clean(t)
	if err != nil {
		return Article{}, err
	}
	if t.Title == "" && strings.TrimSpace(t.Markdown) == "" {
		return Article{}, bad(retrieval.NoTitle)
	}
	id, err := e.Store.Create(ctx, site.ID, t, gapID, by)
	if err != nil {
		return Article{}, err
	}
	return e.Store.Article(ctx, site.ID, id)
}

// Save saves the draft. Errors: CodeUnknown, CodeChanged, CodeBad.
func (e *Editor) Save(ctx context.Context, siteID, id string, revision, base int, t Text, by Actor) (Draft, error) {
	t, err := e.clean(t)
	if err != nil {
		return Draft{}, err
	}
	return e.Store.SaveDraft(ctx, siteID, id, revision, base, t, by)
}

// clean makes a text storable. A draft may lack what an article needs, but not be
// more than one.
func (e *Editor) clean(t Text) (Text, error) {
	text := func(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD") }
	t.Title, t.Markdown = retrieval.CleanTitle(t.Title), text(t.Markdown)
	t.URL, t.Slug = strings.TrimSpace(text(t.URL)), retrieval.Slug(t.Slug)
	switch {
	case utf8.RuneCountInString(t.Title) > MaxTitle:
		return Text{}, bad(retrieval.LongTitle)
	case len(t.Markdown) > MaxMarkdown:
		return Text{}, bad(retrieval.LargeText)
	case len(t.URL) > maxURL:
		return Text{}, bad(LongURL)
	case t.Audience < retrieval.Everyone || t.Audience > retrieval.Agents:
		return Text{}, fmt.Errorf("there is no audience %d", t.Audience)
	}
	tag, err := language.Parse(t.Locale)
	if err != nil {
		return Text{}, bad(BadLocale)
	}
	t.Locale = tag.String()
	if t.Tags, err = retrieval.CleanTags(t.Tags); err != nil {
		return Text{}, &assist.Error{Code: CodeBad, Err: err}
	}
	return t, nil
}

const maxURL = 2000 // bytes

// Discard lets go of the draft. Errors: CodeUnknown, CodeChanged.
func (e *Editor) Discard(ctx context.Context, siteID, id string, revision int, by Actor) (Article, error) {
	return e.after(ctx, siteID, id, e.Store.DiscardDraft(ctx, siteID, id, revision, by))
}

// after reads an article after a change.
func (e *Editor) after(ctx context.Context, siteID, id string, err error) (Article, error) {
	if err != nil {
		return Article{}, err
	}
	return e.Store.Article(ctx, siteID, id)
}

// Publish publishes the draft of a revision, now or at a time; a time that has
// passed is now. Revision 0, where nothing is being written, publishes again what
// was taken back. Errors: CodeUnknown, CodeChanged, CodeBad.
func (e *Editor) Publish(ctx context.Context, siteID, id string, revision int, at *time.Time, note string, by Actor) (Article, error) {
	note = retrieval.CleanTitle(note)
	if utf8.RuneCountInString(note) > MaxNote {
		return Article{}, bad(LongNote)
	}
	a, err := e.Store.Article(ctx, siteID, id)
	if err != nil {
		return Article{}, err
	}
	if a.Draft.Revision != revision {
		return Article{}, ChangedBy(a.Draft)
	}
	if revision == 0 && a.Published != nil {
		return a, nil
	}
	p, err := e.prepare(siteID, a, a.Draft.Text, note, by)
	if err != nil {
		return Article{}, err
	}
	if at != nil && at.After(e.now()) {
		if at.After(e.now().Add(farthest)) {
			return Article{}, bad(BadTime)
		}
		if revision == 0 { // a time belongs to a draft
			d, err := e.Store.SaveDraft(ctx, siteID, id, 0, a.Draft.BaseVersion, a.Draft.Text, by)
			if err != nil {
				return Article{}, err
			}
			revision = d.Revision
		}
		return e.after(ctx, siteID, id, e.Store.Schedule(ctx, siteID, id, revision, *at, note, by))
	}
	return e.after(ctx, siteID, id, e.Store.Publish(ctx, siteID, id, Publishing{Publication: e.embedded(ctx, p), Revision: revision}, by))
}

func (e *Editor) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

// prepare makes a text ready to be published. Errors: CodeBad.
func (e *Editor) prepare(siteID string, a Article, t Text, note string, by Actor) (retrieval.Publication, error) {
	p, err := retrieval.Prepare(retrieval.Site{ID: siteID, Locale: t.Locale}, a.Source, retrieval.Document{
		Key: a.Key, Slug: t.Slug, Title: t.Title, Locale: t.Locale, Tags: t.Tags, URL: t.URL, Markdown: t.Markdown})
	if err != nil {
		return p, &assist.Error{Code: CodeBad, Err: err}
	}
	p.Edit = &retrieval.Edit{Audience: t.Audience, ByID: by.ID, Author: by.Name, Note: note}
	return p, nil
}

// embedded cuts a publication and adds what vectors can be had at once.
func (e *Editor) embedded(ctx context.Context, p retrieval.Publication) retrieval.Publication {
	p = p.Cut()
	if e.Embed != nil {
		p = e.Embed(ctx, p)
	}
	return p
}

// tries is how often a publication at its time is begun anew because the draft was
// saved meanwhile.
const tries = 5

// aheadAtMost is how far one clock may be ahead of another.
const aheadAtMost = time.Minute

// PublishDue publishes a draft whose time has come, in the name of whoever
// scheduled it, as it is saved now. One that has no time any more, or a later one,
// is left alone. One that cannot be an article stays, without a time and with the
// reason. again, if set, asks to come again after a while: the queue's clock may be
// ahead of the store's.
func (e *Editor) PublishDue(ctx context.Context, job PublishDue) (again time.Duration, err error) {
	for range tries {
		by, note, in, ok, err := e.Store.Scheduled(ctx, job.SiteID, job.ArticleID)
		switch {
		case err != nil || !ok || in > aheadAtMost: // a job of its own comes for a later time
			return 0, unlessGone(err)
		case in > 0:
			return in, nil
		}
		a, err := e.Store.Article(ctx, job.SiteID, job.ArticleID)
		if err != nil {
			return 0, unlessGone(err)
		}
		p, err := e.prepare(job.SiteID, a, a.Draft.Text, note, by)
		var unfit *retrieval.Unfit
		if errors.As(err, &unfit) {
			return 0, unlessGone(e.Store.Unschedule(ctx, job.SiteID, job.ArticleID, unfit.Why, by))
		}
		if err != nil {
			return 0, err
		}
		err = e.Store.Publish(ctx, job.SiteID, job.ArticleID, Publishing{Publication: e.embedded(ctx, p), Revision: a.Draft.Revision, Due: true}, by)
		if assist.CodeOf(err) != CodeChanged {
			return 0, unlessGone(err)
		}
	}
	return 0, errors.New("the draft is saved faster than it can be published")
}

// unlessGone takes an article that is not there any more for nothing to be done.
func unlessGone(err error) error {
	if assist.CodeOf(err) == CodeUnknown {
		return nil
	}
	return err
}

// Unschedule takes a draft's time away. Errors: CodeUnknown.
func (e *Editor) Unschedule(ctx context.Context, siteID, id string, by Actor) (Article, error) {
	return e.after(ctx, siteID, id, e.Store.Unschedule(ctx, siteID, id, "", by))
}

// Unpublish takes an article out of every answer. Errors: CodeUnknown.
func (e *Editor) Unpublish(ctx context.Context, siteID, id string, by Actor) (Article, error) {
	return e.after(ctx, siteID, id, e.Store.Unpublish(ctx, siteID, id, by))
}

// Rollback publishes the text of a version again, as a new version, where the
// article is now: with its present slug, language and audience. A draft that waits
// stays. Errors: CodeUnknown, CodeUnknownVersion, CodeBad.
func (e *Editor) Rollback(ctx context.Context, siteID, id string, version int, by Actor) (Article, error) {
	a, err := e.Store.Article(ctx, siteID, id)
	if err != nil {
		return Article{}, err
	}
	v, err := e.Store.Version(ctx, siteID, id, version)
	if err != nil {
		return Article{}, err
	}
	t := Text{Title: v.Title, Markdown: v.Markdown, Tags: v.Tags, URL: v.URL, Slug: a.Slug, Locale: a.Locale, Audience: a.Audience}
	p, err := e.prepare(siteID, a, t, "", by)
	if err != nil {
		return Article{}, err
	}
	return e.after(ctx, siteID, id, e.Store.Publish(ctx, siteID, id, Publishing{Publication: e.embedded(ctx, p), From: version}, by))
}

// Versions lists the newest versions. Errors: CodeUnknown.
func (e *Editor) Versions(ctx context.Context, siteID, id string) ([]Version, error) {
	return e.Store.Versions(ctx, siteID, id, versionsListed)
}

// Version reads one. Errors: CodeUnknown, CodeUnknownVersion.
func (e *Editor) Version(ctx context.Context, siteID, id string, version int) (Version, error) {
	return e.Store.Version(ctx, siteID, id, version)
}

// Keep sets an article's owner and the day on which it is to be looked at again;
// nil leaves it, empty means none. Errors: CodeUnknown, CodeUnknownOwner, CodeBad.
func (e *Editor) Keep(ctx context.Context, siteID, id string, ownerID, reviewOn *string, by Actor) (Article, error) {
	if reviewOn != nil && *reviewOn != "" {
		if _, err := time.Parse(time.DateOnly, *reviewOn); err != nil {
			return Article{}, bad(BadDay)
		}
	}
	return e.after(ctx, siteID, id, e.Store.Keep(ctx, siteID, id, ownerID, reviewOn, by))
}

// Delete forgets an article that is not published. Errors: CodeUnknown,
// CodePublished.
func (e *Editor) Delete(ctx context.Context, siteID, id string, by Actor) error {
	return e.Store.Delete(ctx, siteID, id, by)
}
