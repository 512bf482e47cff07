package article

import (
	"context"
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Store keeps articles. Each method is one transaction that sees one site alone;
// whoever changes something is written down in it. Every method that is given an
// article may refuse with CodeUnknown.
type Store interface {
	// List lists articles, with Stats of those that it lists.
	List(ctx context.Context, siteID string, f Filter) (Page, error)
	// Article reads one.
	Article(ctx context.Context, siteID, id string) (Article, error)
	// Create makes an article with a draft and returns its id. gapID, if set, is
	// what it is to close; one of another site's, or of none, is left alone.
	Create(ctx context.Context, siteID string, t Text, gapID string, by Actor) (string, error)
	// SaveDraft saves over the draft of a revision; 0: there is none, and what is
	// saved began from version base. Errors: CodeChanged with Meanwhile where that
	// is not how it stands any more.
	SaveDraft(ctx context.Context, siteID, id string, revision, base int, t Text, by Actor) (Draft, error)
	// DiscardDraft lets go of the draft of a revision. Errors: CodeChanged.
	DiscardDraft(ctx context.Context, siteID, id string, revision int, by Actor) error
	// Publish publishes, in one transaction with the end of the draft, and what it
	// publishes is found from then on. Errors: CodeChanged.
	Publish(ctx context.Context, siteID, id string, p Publishing, by Actor) error
	// Schedule gives the draft of a revision a time, and sees to it that a
	// PublishDue comes then. Errors: CodeChanged.
	Schedule(ctx context.Context, siteID, id string, revision int, at time.Time, note string, by Actor) error
	// Unschedule takes the time away; without one it does nothing. trouble, if set,
	// is why.
	Unschedule(ctx context.Context, siteID, id string, trouble retrieval.Why, by Actor) error
	// Scheduled is who scheduled the draft and with which note, and how long it is
	// until then by the store's clock, 0 once its time has come; false where the
	// draft has no time.
	Scheduled(ctx context.Context, siteID, id string) (by Actor, note string, in time.Duration, ok bool, err error)
	// Unpublish takes an article out of every answer; what is not published stays
	// so.
	Unpublish(ctx context.Context, siteID, id string, by Actor) error
	// Versions lists the newest versions, without their texts.
	Versions(ctx context.Context, siteID, id string, limit int) ([]Version, error)
	// Version reads one. Errors: CodeUnknownVersion.
	Version(ctx context.Context, siteID, id string, version int) (Version, error)
	// Keep sets who owns an article, and when it is to be looked at again; nil leaves
	// it, empty means none. Errors: CodeUnknownOwner.
	Keep(ctx context.Context, siteID, id string, ownerID, reviewOn *string, by Actor) error
	// Delete forgets an article with its versions. Errors: CodePublished.
	Delete(ctx context.Context, siteID, id string, by Actor) error
}

// Publishing is what is to be published.
type Publishing struct {
	Publication retrieval.Publication
	// Revision is that of the draft which ends with it; 0: none does, a draft that
	// waits stays.
	Revision int
	// Due says that the draft's time must have come, by the store's clock.
	Due bool
	// From is the version whose text it is, published again; 0: of none.
	From int
}
