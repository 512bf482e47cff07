package post

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/phrase"
)

// Mail is an e-mail that came in, read and cleaned.
type Mail struct {
	MessageID string
	From      string   // the bare address
	To        []string // every address that it may have come to
	Subject   string
	// Text is what the sender wrote, without quotes and signature.
	Text string
	// Automatic says that no person wrote it.
	Automatic bool
	// Cut says that the mail was larger than what was read of it, Attachments how
	// many there were; none are taken.
	Cut         bool
	Attachments int
}

// Take takes a mail into its conversation: as the shopper's message where it
// comes from the address that they left, as a note for the agents where it comes
// from another. What no person wrote, and what looks like a loop, is refused and
// noted. It is dealt with once, however often it is delivered. An error means
// that it should be delivered again.
func (o *Office) Take(ctx context.Context, m Mail) error {
	place, ok, err := o.placeOf(ctx, m)
	if err != nil || !ok {
		return err
	}
	id := m.MessageID
	if id == "" {
		sum := sha256.Sum256([]byte(m.From + "\n" + m.Subject + "\n" + m.Text))
		id = "none." + hex.EncodeToString(sum[:16])
	}
	known, err := o.store.LetterKnown(ctx, id)
	if err != nil || known {
		return err
	}
	in := Incoming{Place: place, MessageID: id, Address: m.From, Subject: m.Subject, State: Refused}
	note := ""
	switch {
	case m.Automatic:
		in.Reason = ReasonAutomatic
	case place.Taken >= perHour:
		in.Reason = ReasonTooMany
	case m.Text == "" && m.Attachments == 0:
		in.Reason = ReasonEmpty
	case m.Text == "":
		in.Reason = ReasonEmpty
		note = o.say(place, "mail.attachments", m)
	case !strings.EqualFold(m.From, place.Email):
		in.Reason = ReasonStranger
		note = o.say(place, "mail.stranger", m) + "\n\n" + cutText(m.Text, assist.MaxText/2)
	default:
		in.State = Taken
		if note, err = o.deliver(ctx, place, id, m); err != nil {
			return err
		}
	}
	event, err := o.store.NoteIncoming(ctx, in, note)
	if err != nil {
		return fmt.Errorf("note the letter: %w", err)
	}
	if event != nil {
		o.publish(place, *event)
	}
	o.log.Info("letter came in", "conversation", place.ConversationID, "state", in.State, "reason", in.Reason)
	return nil
}

// placeOf finds the conversation by the signed address; false where there is
// none, which is nobody's business.
func (o *Office) placeOf(ctx context.Context, m Mail) (Place, bool, error) {
	for _, address := range m.To {
		id, ok := o.carrier.ConversationOf(address)
		if !ok {
			continue
		}
		place, err := o.store.PlaceOfLetter(ctx, id)
		if assist.CodeOf(err) == assist.CodeUnknownConversation {
			return Place{}, false, nil
		}
		return place, err == nil, err
	}
	o.log.Info("letter to nobody", "addresses", len(m.To))
	return Place{}, false, nil
}

// deliver puts the text into the conversation, in several messages where it is
// too long for one, and returns a note on what was left out.
func (o *Office) deliver(ctx context.Context, place Place, id string, m Mail) (note string, err error) {
	sum := sha256.Sum256([]byte(id))
	pieces := split(m.Text, assist.MaxText)
	left := len(pieces) > parts
	for i, piece := range pieces[:min(parts, len(pieces))] {
		v := assist.Visit{SiteID: place.SiteID, ShopperID: place.ShopperID, ConversationID: place.ConversationID,
			ClientID: fmt.Sprintf("mail_%s_%d", hex.EncodeToString(sum[:16]), i), Via: assist.ViaEmail}
		if _, err := o.desk.Say(ctx, v, piece); err != nil {
			return "", fmt.Errorf("take the letter: %w", err)
		}
	}
	switch {
	case left || m.Cut:
		return o.say(place, "mail.cut", m), nil
	case m.Attachments > 0:
		return o.say(place, "mail.attachments", m), nil
	}
	return "", nil
}

func (o *Office) say(p Place, key string, m Mail) string {
	return strings.NewReplacer("{address}", m.From, "{subject}", m.Subject, "{count}", fmt.Sprint(m.Attachments)).Replace(phrase.Text(p.Locale, key))
}

// split cuts a text into pieces of at most most runes, at the end of a
// paragraph, a line or a word where there is one.
func split(text string, most int) []string {
	var pieces []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if utf8.RuneCountInString(text) <= most {
			return append(pieces, text)
		}
		end := len(string([]rune(text)[:most]))
		head := text[:end]
		for _, sep := range []string{"\n\n", "\n", " "} {
			if at := strings.LastIndex(head, sep); at > end/2 {
				end = at
				break
			}
		}
		pieces = append(pieces, strings.TrimSpace(text[:end]))
		text = text[end:]
	}
	return pieces
}

func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + " …"
	}
	return s
}
