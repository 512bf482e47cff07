package draft_test

import (
	"context"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/retrieval/embed/static"
)

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"Hi Anna, we wrote to anna.berger@mail.example":                "Hi [name], we wrote to [e-mail]",
		"Call +43 660 1234567 or (555) 123-4567.":                      "Call [number] or [number].",
		"Your order 4711-22 goes to 12 Baker Street, London.":          "Your order [number] goes to [address].",
		"It went to Lindenstraße 5, 1010 Wien":                         "It went to [address]",
		"My card 4111 1111 1111 1111, account DE89370400440532013000.": "My card [number], account [account].",
		"We met Jane Miller there, see https://x.example/?token=abc1":  "We met [name] there, see [link]",
		"You have 30 days. Returning costs €4.90.":                     "You have 30 days. Returning costs €4.90.",
		"berger asked for it":                                          "[name] asked for it",
		"It comes on 24 December 2026 by DHL":                          "It comes on [date] by DHL",
	} {
		if got := draft.Redact(text, []string{"Anna Berger"}, "en"); got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
	if got := draft.Redact("Liebe Anna, Ihr Paket liegt beim Nachbarn. Frau Huber hat es.", []string{"Anna Berger"}, "de"); got != "Liebe [name], Ihr Paket liegt beim Nachbarn. Frau [name] hat es." {
		t.Errorf("got %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("Hi Anna Berger, 12 Baker Street", "Anna Berger", "en")
	f.Fuzz(func(t *testing.T, text, name, locale string) {
		if len(text) < 2000 && len(name) < 100 {
			draft.Redact(text, []string{name}, locale)
		}
	})
}

func TestLearnKeepsWhatWentDownWell(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	const reply = "Hi Anna, I'm sorry that your boots came in the wrong size. I'm sending the right ones to you now, and you can keep the others."
	s := newStore()
	s.learnable = []draft.Learnable{
		{DraftID: "1", Locale: "en", Topic: "wrong_item", Question: "My boots came in the wrong size, Anna Berger, order 4711", Draft: reply, Sent: reply + " [1]", Names: []string{"Anna Berger"}},
		{DraftID: "2", Locale: "en", Question: "My boots leak", Draft: reply, Sent: strings.Repeat("something quite different now ", 10)},
		{DraftID: "3", Locale: "en", Question: "My boots leak", Draft: "Fine.", Sent: "Fine."},
		{DraftID: "4", Locale: "en", Question: " ", Draft: reply, Sent: reply},
	}
	c := composer(pages{})
	c.Embedder = e
	d := openDesk(t, s, c)
	if err := d.Learn(context.Background(), draft.Learn{SiteID: "site", ConversationID: "conv"}); err != nil {
		t.Fatal(err)
	}
	if len(s.kept) != 1 || s.kept[0].DraftID != "1" {
		t.Fatalf("kept %+v", s.kept)
	}
	k := s.kept[0]
	if strings.Contains(k.Question+k.Reply, "Anna") || strings.Contains(k.Question, "4711") || strings.Contains(k.Reply, "[1]") || len(k.Embedding) != e.Dimensions() || k.Embedder != e.Name() {
		t.Errorf("kept %+v", k)
	}
}

func TestGoodRepliesReachTheModel(t *testing.T) {
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	server := llmtest.NewServer(t)
	server.Script(llmtest.Answer("I'm looking into it."))
	s := newStore("My boots came in the wrong size")
	s.good = []draft.GoodReply{{Question: "Wrong size of boots", Reply: "We send the right ones at once.", Likeness: 0.8}, {Question: "Opening hours", Reply: "We open early.", Likeness: 0.2}}
	c := composer(pages{}, model(t, server, "big"))
	c.Embedder = e
	openDesk(t, s, c).request(t, draft.Standard, "", "")
	user := server.Requests()[0].Chat.LastUser()
	contains(t, user, "We send the right ones at once.")
	if strings.Contains(user, "We open early.") {
		t.Error("what is about something else is shown, too")
	}
}

func TestCheckBeforeSending(t *testing.T) {
	s := newStore("Where is my refund?")
	s.statements = draft.Statements{Texts: []string{"You have 30 days."}, Shopper: []string{"my order 4711"}}
	d := openDesk(t, s, composer(pages{0.9, refunds}))
	got, err := d.Check(t.Context(), "site", "conv", "😀 Order 4711: 30 days, 3 to 5 business days, and €20 from us.", nil)
	if err != nil || len(got) != 1 || got[0].Text != "€20" {
		t.Errorf("got %+v, %v", got, err)
	}
	d = openDesk(t, s, composer(pages{0.1, refunds}))
	if got, _ := d.Check(t.Context(), "site", "conv", "It takes 3 to 5 business days.", nil); len(got) != 1 {
		t.Errorf("an uncertain search supports it: %+v", got)
	}
}

func TestSuggest(t *testing.T) {
	s := newStore("Where is my parcel? It has not arrived")
	s.macros = []draft.Macro{
		{ID: "1", Name: "Opening hours", Text: "We are open from Monday to Friday."},
		{ID: "2", Name: "Parcel not arrived", Text: "I am asking the carrier where your parcel is."},
		{ID: "3", Name: "Paket nicht da", Text: "Ich frage beim Paketdienst nach, wo Ihr Paket ist, the parcel.", Locale: "de"},
	}
	e, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	c := composer(pages{0.9, refunds})
	c.Embedder = e
	got, err := openDesk(t, s, c).Suggest(t.Context(), "site", "conv")
	if err != nil || len(got.Macros) == 0 || got.Macros[0].ID != "2" {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, m := range got.Macros {
		if m.ID == "3" {
			t.Error("a macro in another language")
		}
	}
	if len(got.Articles) != 1 || got.Articles[0].URL != "/help/refunds" {
		t.Errorf("articles %+v", got.Articles)
	}
}
