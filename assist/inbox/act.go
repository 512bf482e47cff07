package inbox

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
)

// Bounds of what agents write.
const (
	MaxReply = assist.MaxReply // runes
	MaxNote  = 4_000
	MaxWish  = 2_000
	MaxTags  = 20
	MaxTag   = 40 // runes
)

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Claim gives a conversation to the agent.
// Errors: see Store.Claim.
func (d *Desk) Claim(ctx context.Context, a Act) (Done, error) {
	return d.did(d.Store.Claim(ctx, a))
}

// Transfer passes a conversation on.
// Errors: see Store.Transfer; assist.CodeTooLong for the note.
func (d *Desk) Transfer(ctx context.Context, a Act, to Transfer) (Done, error) {
	var err error
	if to.Note, err = plainText(to.Note, MaxNote); err != nil {
		return Done{}, err
	}
	done, err := d.did(d.Store.Transfer(ctx, a, to))
	if err == nil {
		// Somebody else may have room for it, and whoever had it has room now.
		d.GiveOut(ctx)
	}
	return done, err
}

// HandBack puts the bot in charge. Errors: see Store.HandBack.
func (d *Desk) HandBack(ctx context.Context, a Act) (Done, error) {
	done, err := d.did(d.Store.HandBack(ctx, a))
	if err == nil {
		d.GiveOut(ctx)
	}
	return done, err
}

// Resolve closes a conversation. Errors: see Store.Resolve.
func (d *Desk) Resolve(ctx context.Context, a Act) (Done, error) {
	done, err := d.did(d.Store.Resolve(ctx, a))
	if err == nil {
		d.GiveOut(ctx)
	}
	return done, err
}

// Reopen opens a conversation again. Errors: see Store.Reopen.
func (d *Desk) Reopen(ctx context.Context, a Act) (Done, error) {
	return d.did(d.Store.Reopen(ctx, a))
}

// Reply sends an agent's message. confirmed says that the agent has seen what
// nothing supports and sends it all the same.
// Errors: see Store.Reply; assist.CodeBadClientID, assist.CodeEmptyText,
// assist.CodeTooLong; CodeUnknownArticle; CodeUnsupported with Facts.
func (d *Desk) Reply(ctx context.Context, a Act, r Reply, confirmed bool) (Done, error) {
	var err error
	if r.Text, err = d.written(a, r.Text, MaxReply); err != nil {
		return Done{}, err
	}
	var articles []string
	if len(r.Attached) > 0 {
		cited, err := d.Store.Cite(ctx, a.SiteID, a.ConversationID, r.DraftID, r.Attached)
		if err != nil {
			return Done{}, err
		}
		for _, c := range cited {
			articles = append(articles, c.ArticleID)
			if c.Hidden { // it may be what the agent knows a thing from, but points nowhere
				r.Text = withoutMark(r.Text, c.N)
				continue
			}
			if c.URL == "" {
				c.URL = d.ArticleURL(a.SiteKey, c.Article)
			}
			r.Citations = append(r.Citations, c.Citation)
		}
		if r.Text == "" {
			return Done{}, &assist.Error{Code: assist.CodeEmptyText}
		}
	}
	if d.Judge != nil && !confirmed {
		facts, err := d.Judge(ctx, a.SiteID, a.ConversationID, r.Text, articles)
		if err != nil {
			return Done{}, err
		}
		if len(facts) > 0 {
			return Done{}, &assist.Error{Code: CodeUnsupported, Err: &Unsupported{facts}}
		}
	}
	done, err := d.did(d.Store.Reply(ctx, a, r))
	if err == nil && r.Resolve {
		d.GiveOut(ctx)
	}
	return done, err
}

// withoutMark takes a citation's mark out of a text, with the space before it.
func withoutMark(text string, n int) string {
	mark := fmt.Sprintf("[%d]", n)
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, " "+mark, ""), mark, ""))
}

// Note appends a note for agents.
// Errors: see Store.Note; assist.CodeBadClientID, assist.CodeEmptyText,
// assist.CodeTooLong.
func (d *Desk) Note(ctx context.Context, a Act, text string, mentions []string) (Done, error) {
	text, err := d.written(a, text, MaxNote)
	if err != nil {
		return Done{}, err
	}
	return d.did(d.Store.Note(ctx, a, text, mentions))
}

// SetTags replaces a conversation's tags.
// Errors: CodeBadTags for too many, or one that is too long; see Store.SetTags.
func (d *Desk) SetTags(ctx context.Context, siteID, id string, tags []string) ([]string, error) {
	clean := []string{}
	for _, tag := range tags {
		tag = strings.Join(strings.Fields(tag), " ")
		if tag == "" || slices.Contains(clean, tag) {
			continue
		}
		if utf8.RuneCountInString(tag) > MaxTag || !utf8.ValidString(tag) || strings.ContainsRune(tag, 0) {
			return nil, &assist.Error{Code: CodeBadTags}
		}
		clean = append(clean, tag)
	}
	if len(clean) > MaxTags {
		return nil, &assist.Error{Code: CodeBadTags}
	}
	c, err := d.Store.SetTags(ctx, siteID, id, clean)
	if err == nil {
		d.changed(c)
	}
	return clean, err
}

// SetWish replaces what the packet says that the shopper wants.
// Errors: assist.CodeTooLong; see Store.SetWish.
func (d *Desk) SetWish(ctx context.Context, siteID, id, wish string) error {
	wish, err := plainText(wish, MaxWish)
	if err != nil {
		return err
	}
	c, err := d.Store.SetWish(ctx, siteID, id, wish)
	if err == nil {
		d.changed(c)
	}
	return err
}

// Read notes how far an agent has read, and tells the shopper.
// Errors: see Store.MarkRead.
func (d *Desk) Read(ctx context.Context, siteID, agentID, id string, seq int64) error {
	c, upTo, news, err := d.Store.MarkRead(ctx, siteID, agentID, id, seq)
	if err != nil || !news {
		return err
	}
	d.Bus.Publish(assist.Signal{SiteID: siteID, ShopperID: c.ShopperID, ConversationID: id,
		Read: &assist.Read{By: assist.ByAgent, Seq: upTo}})
	d.changed(c)
	return nil
}

// did publishes what an act did.
func (d *Desk) did(done Done, err error) (Done, error) {
	if err != nil {
		return Done{}, err
	}
	d.publish(done)
	d.Log.Info("inbox: done", "conversation", done.Conversation.ID, "events", len(done.Events), "duplicate", done.Duplicate)
	return done, nil
}

// written checks what an agent sends to a timeline.
func (d *Desk) written(a Act, text string, most int) (string, error) {
	if !clientID.MatchString(a.ClientID) {
		return "", &assist.Error{Code: assist.CodeBadClientID}
	}
	text, err := plainText(text, most)
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", &assist.Error{Code: assist.CodeEmptyText}
	}
	return text, nil
}

func plainText(s string, most int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if utf8.RuneCountInString(s) > most {
		return "", &assist.Error{Code: assist.CodeTooLong}
	}
	if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return "", &assist.Error{Code: assist.CodeEmptyText, Err: fmt.Errorf("not plain text")}
	}
	return s, nil
}
