package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/internal/pgtest"
)

// open gives a DB on a fresh database, closed with the test.
func open(t testing.TB, o Options) *DB {
	t.Helper()
	ctx := t.Context()
	db, err := Open(ctx, pgtest.URL(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// must gives a value whose making must not fail.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t testing.TB, err error, code assist.Code) {
	t.Helper()
	var refusal *assist.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("got %v, want a refusal with code %s", err, code)
	}
}

// shop is a site with one shopper, where most tests begin.
type shop struct {
	*DB
	site    assist.Site
	shopper assist.Shopper
}

func newShop(t testing.TB) shop {
	t.Helper()
	db := open(t, Options{})
	site := must(db.EnsureSite(t.Context(), assist.Site{Key: "demo", Locale: "en"}))(t)
	return shop{db, site, newShopper(t, db, site)}
}

func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func newShopper(t testing.TB, db *DB, site assist.Site) assist.Shopper {
	t.Helper()
	id := must(newID())(t)
	return must(db.CreateShopper(t.Context(), assist.Shopper{SiteID: site.ID}, tokenHash(id)))(t)
}

func (s shop) visit(conversationID, clientID string) assist.Visit {
	return assist.Visit{SiteID: s.site.ID, ShopperID: s.shopper.ID, ConversationID: conversationID, ClientID: clientID}
}

// say is a message on its way in, leased to owner for a minute.
func (s shop) say(conversationID, clientID, text, owner string) assist.AcceptMessage {
	return assist.AcceptMessage{Visit: s.visit(conversationID, clientID), Text: text, Owner: owner,
		Lease: time.Minute, RescueAfter: time.Minute}
}

// opened is a conversation whose first message's turn runs.
func (s shop) opened(t testing.TB, owner string) assist.Accepted {
	t.Helper()
	return must(s.Accept(t.Context(), s.say("", "first", "Hello?", owner)))(t)
}

func answer(turnID, owner string) assist.FinishTurn {
	return assist.FinishTurn{TurnID: turnID, Owner: owner, Text: "Yes. [1]", BotName: "Careloop",
		Citations: []assist.Citation{{N: 1, Title: "Returns", Quote: "Yes.", ArticleID: "a", Version: 1}},
		Outcome:   assist.Answered,
		Record: assist.TurnRecord{Confidence: 0.9, Model: "m", PromptHash: "h",
			Passages: []assist.PassageRecord{{ChunkID: 1, ArticleID: "a", Version: 1}},
			Calls:    []assist.CallRecord{{Model: "m", PromptTokens: 100, CompletionTokens: 10, Cost: 30}}}}
}

// asked is a shopper's wish for a person.
func asked(email, note string) *assist.Escalation {
	return &assist.Escalation{Reason: assist.ReasonAsked, Email: email, Note: note, Letters: true,
		Pack: func(messages []assist.Event) assist.Packet {
			p := assist.Packet{Topic: triage.WrongItem, Feeling: triage.Angry, Urgency: 1, Orders: []string{"1001"},
				Passages: []assist.Source{{Title: "Returns", URL: "/help/returns", Quote: "Yes."}}}
			for _, m := range messages {
				p.Wish = m.Text
				p.Tried = append(p.Tried, assist.Attempt{Kind: "answered", Question: m.Text, Seq: m.Seq})
			}
			return p
		},
		Tell: func(assist.Packet, assist.Situation) string { return "Passed on." },
	}
}

// count runs a query that gives one number.
func count(t testing.TB, db *DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.pool.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// together runs f n times at once and waits for all.
func together(n int, f func(i int)) {
	done := make(chan struct{})
	start := make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			<-start
			f(i)
		}()
	}
	close(start)
	for range n {
		<-done
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := Open(ctx, "not an address", Options{}); err == nil {
		t.Error("an address that is none was taken")
	}
	if _, err := Open(ctx, pgtest.Empty(t), Options{}); err == nil {
		t.Error("a database without pgvector was taken")
	}
}

func TestPing(t *testing.T) {
	if err := open(t, Options{}).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
