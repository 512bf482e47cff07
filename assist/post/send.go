package post

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/phrase"
)

// Office sends and takes letters.
type Office struct {
	store   Store
	carrier Carrier
	desk    Desk
	bus     assist.Bus
	log     *slog.Logger
}

// New makes an office.
func New(store Store, carrier Carrier, desk Desk, bus assist.Bus, log *slog.Logger) *Office {
	return &Office{store, carrier, desk, bus, log}
}

// Send sends what is due in a conversation up to an event, in one letter: what
// the shopper has not read in the chat and no letter has carried. Nothing is due
// where they left no address or have read it all meanwhile. last says that this
// is the last try: a failure is then told to the agents instead of returned.
func (o *Office) Send(ctx context.Context, conversationID string, seq int64, last bool) error {
	due, err := o.store.LetterDue(ctx, conversationID, seq)
	if assist.CodeOf(err) == assist.CodeUnknownConversation {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what is due: %w", err)
	}
	if due.To == "" || len(due.Said) == 0 {
		return nil
	}
	l := o.letter(conversationID, due)
	fresh, err := o.store.StartLetter(ctx, l)
	if err != nil {
		return fmt.Errorf("note the letter: %w", err)
	}
	if !fresh {
		return nil
	}
	err = o.carrier.Send(ctx, l)
	// What became of it is noted also where the sending took all of the time.
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	if err == nil {
		return o.store.EndLetter(done, l.MessageID, Sent, "")
	}
	var permanent *Permanent
	if !last && !errors.As(err, &permanent) {
		return fmt.Errorf("send the letter: %w", err)
	}
	o.log.Warn("letter not delivered", "conversation", conversationID, "error", err)
	if err := o.store.EndLetter(done, l.MessageID, Failed, err.Error()); err != nil {
		return err
	}
	note := strings.ReplaceAll(phrase.Text(due.Locale, "mail.failed"), "{address}", due.To)
	event, err := o.store.NoteFailure(done, conversationID, note)
	if err != nil {
		return fmt.Errorf("tell the agents: %w", err)
	}
	o.publish(Place{SiteID: due.SiteID, ConversationID: conversationID}, event)
	return nil
}

func (o *Office) letter(conversationID string, due Due) Letter {
	first, last := due.Said[0].Seq, due.Said[len(due.Said)-1].Seq
	l := Letter{
		ConversationID: conversationID, SiteID: due.SiteID, Shop: due.Shop, Sender: due.Sender, From: due.From,
		To: due.To, ReplyTo: o.carrier.ReplyAddress(conversationID), Locale: due.Locale,
		// The same letter has the same id at every try, so that a receiver tells
		// a second copy by it.
		MessageID:  fmt.Sprintf("%s.%d@%s", conversationID, last, o.carrier.ReplyDomain()),
		References: due.Earlier, Asked: due.Asked, FromSeq: first, ToSeq: last,
	}
	for _, e := range due.Said {
		l.Said = append(l.Said, e.Text)
	}
	return l
}

func (o *Office) publish(p Place, e assist.Event) {
	o.bus.Publish(assist.Signal{SiteID: p.SiteID, ShopperID: p.ShopperID, ConversationID: p.ConversationID, Event: &e})
}

// Wait is how long after a reply its letter is due, where nothing else is set: a
// shopper who is still there reads it in the chat.
const Wait = time.Minute
