package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/post"
)

// carrier is a mail server in memory.
type carrier struct {
	sent []post.Letter
	fail error
}

func (c *carrier) Send(_ context.Context, l post.Letter) error {
	if c.fail == nil {
		c.sent = append(c.sent, l)
	}
	return c.fail
}
func (c *carrier) ReplyDomain() string           { return "care.example" }
func (c *carrier) ReplyAddress(id string) string { return "reply+" + id + "@care.example" }
func (c *carrier) ConversationOf(address string) (string, bool) {
	id, ok := strings.CutPrefix(strings.TrimSuffix(address, "@care.example"), "reply+")
	return id, ok
}

// silent is a bus that nobody listens to.
type silent struct{ published []assist.Signal }

func (s *silent) Publish(sig assist.Signal) { s.published = append(s.published, sig) }

// mailroom is a shop with a conversation whose shopper left an address.
type mailroom struct {
	shop
	*carrier
	bus    *silent
	office *post.Office
	conv   string
	engine *assist.Engine
}

func newMailroom(t *testing.T) *mailroom {
	t.Helper()
	s := newShop(t)
	r := &mailroom{shop: s, carrier: &carrier{}, bus: &silent{}}
	r.engine = assist.NewEngine(assist.Options{Store: s.DB, Bus: r.bus, Log: slog.New(slog.DiscardHandler), Owner: "test"})
	t.Cleanup(func() { _ = r.engine.Stop(context.WithoutCancel(t.Context())) })
	r.office = post.New(s.DB, r.carrier, r.engine, r.bus, slog.New(slog.DiscardHandler))
	acc := must(s.AcceptHandoff(t.Context(), assist.AcceptHandoff{Visit: s.visit("", "c1"), Escalation: asked("ada@example.org", "Wrong colour")}))(t)
	r.conv = acc.Conversation.ID
	r.exec(t, "update conversations set charge = 'person', reply_email = 'ada@example.org' where id = $1", r.conv)
	return r
}

func (r *mailroom) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := r.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// reply is an agent's message on the timeline; it returns its seq.
func (r *mailroom) reply(t *testing.T, text string) int64 {
	t.Helper()
	var seq int64
	err := r.pool.QueryRow(t.Context(), `with n as (
		update conversations set last_seq = last_seq + 1 where id = $1 returning last_seq)
		insert into events (conversation_id, seq, kind, author_kind, author_name, text)
		select $1, last_seq, 'message', 'agent', 'Mia', $2 from n returning seq`, r.conv, text).Scan(&seq)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func (r *mailroom) timeline(t *testing.T) []assist.Event {
	t.Helper()
	return must(r.Events(t.Context(), r.shopper.ID, r.conv, 0, 100))(t)
}

func (r *mailroom) incoming(id, text string) post.Mail {
	return post.Mail{MessageID: id, From: "ADA@example.org", To: []string{"x@example.org", r.ReplyAddress(r.conv)}, Subject: "Re", Text: text}
}

func TestALetterCarriesWhatWasNotRead(t *testing.T) {
	r := newMailroom(t)
	first, second := r.reply(t, "I am sorry about the colour."), r.reply(t, "The blue one is on its way.")
	if err := r.office.Send(t.Context(), r.conv, second, false); err != nil {
		t.Fatal(err)
	}
	l := r.sent[0]
	if len(l.Said) != 2 || l.FromSeq != first || l.ToSeq != second || l.To != "ada@example.org" || l.Sender != "Mia" || l.Shop != "demo" {
		t.Errorf("%+v", l)
	}
	// The job of the first reply, and every later try, find nothing due.
	for _, seq := range []int64{first, second, second} {
		if err := r.office.Send(t.Context(), r.conv, seq, false); err != nil || len(r.sent) != 1 {
			t.Errorf("%d letters, %v", len(r.sent), err)
		}
	}
	third := r.reply(t, "It arrives on Tuesday.")
	if err := r.office.Send(t.Context(), r.conv, third, false); err != nil || len(r.sent) != 2 || len(r.sent[1].Said) != 1 || r.sent[1].References[0] != l.MessageID {
		t.Errorf("%+v, %v", r.sent, err)
	}
	// What was read in the chat needs no letter.
	fourth := r.reply(t, "Anything else?")
	r.exec(t, "update conversations set shopper_read_seq = $2 where id = $1", r.conv, fourth)
	if err := r.office.Send(t.Context(), r.conv, fourth, false); err != nil || len(r.sent) != 2 {
		t.Errorf("%d letters, %v", len(r.sent), err)
	}
	r.exec(t, "update conversations set reply_email = '' where id = $1", r.conv)
	if err := r.office.Send(t.Context(), r.conv, r.reply(t, "Hello?"), false); err != nil || len(r.sent) != 2 {
		t.Errorf("without an address: %d letters, %v", len(r.sent), err)
	}
}

func TestALetterThatDoesNotArriveIsTold(t *testing.T) {
	r := newMailroom(t)
	seq := r.reply(t, "I am sorry.")
	r.fail = errors.New("451 later")
	if err := r.office.Send(t.Context(), r.conv, seq, false); err == nil {
		t.Fatal("a passing failure is not tried again")
	}
	r.fail = &post.Permanent{Err: errors.New("550 no such mailbox")}
	if err := r.office.Send(t.Context(), r.conv, seq, false); err != nil {
		t.Fatal(err)
	}
	events := r.timeline(t)
	note := events[len(events)-1]
	if note.Kind != assist.KindNote || !strings.Contains(note.Text, "ada@example.org") || len(r.bus.published) != 1 {
		t.Errorf("%+v, %d signals", note, len(r.bus.published))
	}
	r.fail = nil
	if err := r.office.Send(t.Context(), r.conv, seq, false); err != nil || len(r.sent) != 0 {
		t.Errorf("a letter that was given up went out: %v, %v", r.sent, err)
	}
	// The last of many tries counts as one that will not do.
	r.fail = errors.New("451 later")
	if err := r.office.Send(t.Context(), r.conv, r.reply(t, "Again."), true); err != nil {
		t.Error(err)
	}
}

func TestAnAnswerComesBack(t *testing.T) {
	r := newMailroom(t)
	m := r.incoming("m1@example.org", "Blue, please.\n\nThank you!")
	for range 3 { // delivered three times, taken once
		if err := r.office.Take(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	events := r.timeline(t)
	last := events[len(events)-1]
	if last.Text != "Blue, please.\n\nThank you!" || last.Author.Kind != assist.ByShopper || last.Via != assist.ViaEmail || len(events) != 3 {
		t.Errorf("%d events, %+v", len(events), last)
	}
	// A long one comes in several messages, none of it lost.
	long := strings.TrimSpace(strings.Repeat("Sentence of some length, told at leisure.\n\n", 300))
	if err := r.office.Take(t.Context(), r.incoming("m2@example.org", long)); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, e := range r.timeline(t)[3:] {
		if len([]rune(e.Text)) > assist.MaxText {
			t.Errorf("a message of %d runes", len([]rune(e.Text)))
		}
		words = append(words, strings.Fields(e.Text)...)
	}
	if strings.Join(words, " ") != strings.Join(strings.Fields(long), " ") {
		t.Error("words of a long letter are lost")
	}
}

// Who asked by letter gets the bot's answer by letter; who asked in the chat does
// not.
func TestTheBotAnswersALetterByLetter(t *testing.T) {
	s, ctx := newShop(t), t.Context()
	due := func(seq int64) int {
		return count(t, s.DB, `select count(*) from river_job where kind = 'letter_due' and queue = 'letters' and (args->>'seq')::int = $1
			and scheduled_at between now() + interval '30 seconds' and now() + interval '2 minutes'`, seq)
	}
	chat := s.opened(t, "r")
	done := must(s.FinishTurn(ctx, answer(chat.Turn.ID, "r")))(t)
	if n := due(done.Event.Seq); n != 0 {
		t.Errorf("%d letters for an answer in the chat", n)
	}
	mail := s.say(done.Conversation.ID, "m1", "And boots?", "r")
	mail.Via = assist.ViaEmail
	turn := must(s.Accept(ctx, mail))(t).Turn
	done = must(s.FinishTurn(ctx, answer(turn.ID, "r")))(t)
	if n := due(done.Event.Seq); n != 1 {
		t.Errorf("%d letters for an answer to a letter", n)
	}
	// Nothing was said: there is nothing to send.
	mail.ClientID = "m2"
	turn = must(s.Accept(ctx, mail))(t).Turn
	silent := answer(turn.ID, "r")
	silent.Text, silent.Citations = "", nil
	must(s.FinishTurn(ctx, silent))(t)
	if n := count(t, s.DB, "select count(*) from river_job where kind = 'letter_due'"); n != 1 {
		t.Errorf("%d letters are due", n)
	}
}

func TestLettersThatAreNotTaken(t *testing.T) {
	r := newMailroom(t)
	before := len(r.timeline(t))
	auto := r.incoming("a1@example.org", "I am away.")
	auto.Automatic = true
	forged := r.incoming("a2@example.org", "hello")
	forged.To = []string{"reply+0199d5a0-0000-7000-8000-000000000000@care.example", "care@shop.example"}
	empty := r.incoming("a3@example.org", "")
	for _, m := range []post.Mail{auto, forged, empty} {
		if err := r.office.Take(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.timeline(t); len(got) != before {
		t.Errorf("something was taken: %+v", got[before:])
	}
	// From another address it is a note: agents decide what it is.
	stranger := r.incoming("a4@example.org", "Send it to me instead. <b>Now</b>")
	stranger.From = "thief@example.org"
	if err := r.office.Take(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	got := r.timeline(t)
	last := got[len(got)-1]
	if last.Kind != assist.KindNote || last.Author.Kind != assist.BySystem || !strings.Contains(last.Text, "thief@example.org") || !strings.Contains(last.Text, "<b>Now</b>") {
		t.Errorf("%+v", last)
	}
}

func TestALoopOfLettersEnds(t *testing.T) {
	r := newMailroom(t)
	for i := range 40 {
		if err := r.office.Take(t.Context(), r.incoming(fmt.Sprintf("loop%d@example.org", i), "I got your answer.")); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(r.timeline(t)); got != 2+20 {
		t.Errorf("%d events after a loop of 40", got)
	}
	r.exec(t, "update letters set created_at = now() - interval '61 minutes'")
	if err := r.office.Take(t.Context(), r.incoming("later@example.org", "It is me again.")); err != nil {
		t.Fatal(err)
	}
	if got := len(r.timeline(t)); got != 2+21 {
		t.Errorf("%d events an hour later", got)
	}
}
