package gap

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
)

func timeline(said ...string) []assist.Event {
	var list []assist.Event
	for i, s := range said {
		by, text, _ := strings.Cut(s, ": ")
		list = append(list, assist.Event{Seq: int64(i + 1), Kind: assist.KindMessage, Author: assist.Author{Kind: assist.AuthorKind(by)}, Text: text})
	}
	return list
}

func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		said []string
		want string // empty: no question
	}{
		"one":                  {[]string{"shopper: Do you sell gift cards?"}, "Do you sell gift cards?"},
		"several in a row":     {[]string{"bot: Hello!", "shopper: gift cards", "shopper: do you sell them online?"}, "gift cards do you sell them online?"},
		"leans on one before":  {[]string{"shopper: Can I return shoes that I wore?", "bot: No.", "shopper: and for boots?"}, "Can I return shoes that I wore? and for boots?"},
		"stands alone":         {[]string{"shopper: Can I return shoes that I wore?", "bot: No.", "shopper: How long does delivery to Austria usually take?"}, "How long does delivery to Austria usually take?"},
		"thanks before it":     {[]string{"shopper: thank you", "bot: You are welcome.", "shopper: and gift cards?"}, "and gift cards?"},
		"small talk":           {[]string{"shopper: Hello there!"}, ""},
		"a person":             {[]string{"shopper: can I talk to a human please"}, ""},
		"of one order":         {[]string{"shopper: where is my parcel with order #4451"}, ""},
		"a word about answers": {[]string{"shopper: that did not help me at all"}, ""},
		"by the bot":           {[]string{"bot: Do you sell gift cards?"}, ""},
		"nothing":              {nil, ""},
	} {
		messages := timeline(c.said...)
		asked, is := Ask(messages, int64(len(messages)), "en")
		if is != (c.want != "") || is && asked.Text(nil, slices.Collect(maps.Keys(asked.Capitals()))) != c.want {
			t.Errorf("%s: %q, %v, want %q", name, asked.Text(nil, nil), is, c.want)
		}
	}
}

func TestLastAsked(t *testing.T) {
	messages := timeline("shopper: Do you engrave wedding rings?", "bot: I could not find that.", "shopper: can I talk to a human please", "bot: I pass it on.", "shopper: ok")
	if asked, is := LastAsked(messages, 0, "en"); !is || asked.Seq != 1 {
		t.Errorf("%+v, %v", asked, is)
	}
	if asked, is := LastAsked(messages, 1, "en"); is {
		t.Errorf("what was settled is asked again: %+v", asked)
	}
}

func TestAskedTextIsBoundedAndClean(t *testing.T) {
	asked, is := Ask(timeline("shopper: "+strings.Repeat("Can the Nova lamp of Mr Berger be dimmed, berger@example.org? ", 40)), 1, "en")
	if !is {
		t.Fatal("no question")
	}
	if len(asked.Capitals()["nova"]) == 0 {
		t.Errorf("capitals %v", asked.Capitals())
	}
	text := asked.Text([]string{"Berger"}, []string{"nova", "can"})
	if n := len([]rune(text)); n > maxQuestion || strings.ContainsAny(text, "\n@") || strings.Contains(text, "Berger") || !strings.Contains(text, "Nova") {
		t.Errorf("%d characters: %.120s", n, text)
	}
}

func TestReasoned(t *testing.T) {
	some := []assist.PassageRecord{{ArticleID: "a"}}
	for name, c := range map[string]struct {
		outcome    assist.Outcome
		reason     assist.Reason
		confidence float64
		passages   []assist.PassageRecord
		want       Reason
		counts     bool
	}{
		"not found":    {assist.Clarified, assist.ReasonNotFound, 0, nil, NotFound, true},
		"passed on":    {assist.Escalated, assist.ReasonStuck, 0.1, some, NotFound, true},
		"held back":    {assist.Clarified, assist.ReasonUnsupported, 0.8, some, Unsure, true},
		"doubt":        {assist.Answered, "", 0.45, some, Unsure, true},
		"sure":         {assist.Answered, "", 0.6, some, Unsure, false},
		"small talk":   {assist.Answered, "", 0, nil, Unsure, false},
		"a person":     {assist.Escalated, assist.ReasonAsked, 0.1, some, Unsure, false},
		"the model":    {assist.Escalated, assist.ReasonModel, 0.1, some, Unsure, false},
		"its own word": {assist.Clarified, "", 0.1, some, Unsure, false},
	} {
		why, counts := Reasoned(c.outcome, c.reason, assist.TurnRecord{Confidence: c.confidence, Passages: c.passages})
		if counts != c.counts || counts && why != c.want {
			t.Errorf("%s: %s, %v", name, why, counts)
		}
	}
}

func TestMatterOfReplies(t *testing.T) {
	reply := "Hi [name],\nThank you for your message. Sorry for the trouble!\nGift cards can be bought online, e.g. as a PDF. They are valid for three years. I have sent you one for free. Your order 12 was shipped.\n\nKind regards\nAda"
	got := matter(sentencesOf(reply))
	want := []string{"Gift cards can be bought online, e.g. as a PDF.", "They are valid for three years.", "I have sent you one for free.", "Your order 12 was shipped."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	var own []string
	for _, s := range got {
		if personal(s) {
			own = append(own, s)
		}
	}
	if !slices.Equal(own, want[2:]) {
		t.Errorf("personal: %q", own)
	}
	german := matter(sentencesOf("Hallo Frau [name],\nvielen Dank für Ihre Nachricht! Gutscheine gelten drei Jahre. Ich habe Ihnen einen geschickt.\nViele Grüße\nAda"))
	if len(german) < 1 || german[0] != "Gutscheine gelten drei Jahre." {
		t.Errorf("got %q", german)
	}
}

func FuzzMatter(f *testing.F) {
	f.Add("Hi [name],\nGift cards are valid.\nKind regards")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range matter(sentencesOf(text)) {
			if strings.Contains(s, "\n") {
				t.Errorf("%q is no sentence", s)
			}
		}
	})
}
