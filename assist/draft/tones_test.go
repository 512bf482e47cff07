package draft_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
)

func TestTemplatesNameTheMatter(t *testing.T) {
	s := newStore("My blue Brae boot came in the wrong size. Order 4711. I am so disappointed")
	s.in.Shopper.Name = "Anna Berger"
	d := openDesk(t, s, composer(pages{0.9, refunds}))
	got := d.request(t, draft.Standard, "", "")
	contains(t, got.Text, "Anna", "your blue Brae boot came in the wrong size", "you're disappointed", "4711")
	if strings.Count(got.Text, "?") > 1 {
		t.Errorf("more than one question:\n%s", got.Text)
	}
	if len(got.Unsupported) != 0 {
		t.Errorf("unsupported %+v", got.Unsupported)
	}
}

func TestTemplatesQuoteWhatHelps(t *testing.T) {
	d := openDesk(t, newStore("How long does a refund take?"), composer(pages{0.9, refunds}))
	got := d.request(t, draft.Standard, "", "")
	contains(t, got.Text, refunds[:len(refunds)-1], "[1]")
	if len(got.Citations) != 1 || got.Citations[0].Quote != refunds {
		t.Errorf("citations %+v", got.Citations)
	}
	d = openDesk(t, newStore("How long does a refund take?"), composer(pages{0.1, refunds}))
	if got := d.request(t, draft.Standard, "", ""); strings.Contains(got.Text, "business days") || len(got.Citations) != 0 {
		t.Errorf("quoted without confidence: %s", got.Text)
	}
}

func TestOpeningsVary(t *testing.T) {
	openings := map[string]bool{}
	for i := range 40 {
		s := newStore("My boots have not arrived")
		s.in.Conversation.ID = fmt.Sprint("conversation ", i)
		d := openDesk(t, s, composer(pages{}))
		openings[strings.Join(strings.Fields(d.request(t, draft.Standard, "", "").Text)[:6], " ")] = true
	}
	if len(openings) < 5 {
		t.Errorf("only %d openings: %v", len(openings), openings)
	}
}

func TestTones(t *testing.T) {
	s := newStore("My boots have not arrived, I am furious")
	s.in.Shopper.Name, s.in.Guide.Offers = "Anna Berger", []string{"free return of this order", "10 € off"}
	d := openDesk(t, s, composer(pages{}))
	texts := map[draft.Tone]string{}
	for _, tone := range []draft.Tone{draft.Standard, draft.Warmer, draft.Shorter, draft.Formal, draft.Apologise} {
		texts[tone] = d.request(t, tone, "", "").Text
		if sorry := regexp.MustCompile(`(?i)sorry|apolog`).FindAllString(texts[tone], -1); len(sorry) > 1 {
			t.Errorf("%s says sorry %d times:\n%s", tone, len(sorry), texts[tone])
		}
	}
	if len(texts[draft.Shorter]) >= len(texts[draft.Standard]) || len(texts[draft.Warmer]) <= len(texts[draft.Standard]) {
		t.Errorf("shorter is %d, standard %d, warmer %d long", len(texts[draft.Shorter]), len(texts[draft.Standard]), len(texts[draft.Warmer]))
	}
	contains(t, texts[draft.Formal], "Dear Anna Berger,", "Kind regards,\nNorthpath")
	if strings.Contains(texts[draft.Formal], "'m ") || strings.Contains(texts[draft.Formal], "n't") {
		t.Errorf("formal has contractions:\n%s", texts[draft.Formal])
	}
	contains(t, texts[draft.Apologise], "apolog", "free return of this order")
	if strings.Contains(texts[draft.Standard], "free return") {
		t.Errorf("an offer nobody asked for:\n%s", texts[draft.Standard])
	}
}

func TestLanguages(t *testing.T) {
	for language, want := range map[string]string{"de": "Ihre Bestellnummer", "fr": "votre numéro de commande", "es-MX": "su número de pedido"} {
		d := openDesk(t, newStore("Where is my parcel?"), composer(pages{}))
		got := d.request(t, draft.Language, language, "")
		contains(t, got.Text, want)
		if got.Note != "" {
			t.Errorf("%s: note %q", language, got.Note)
		}
	}
	d := openDesk(t, newStore("Where is my parcel?"), composer(pages{}))
	if got := d.request(t, draft.Language, "it", ""); got.Note != draft.NoteNeedsModel || !strings.Contains(got.Text, "order number") {
		t.Errorf("a language without templates: %+v", got)
	}
	// A shopper who writes in another language than their page has.
	s := newStore("Wo ist mein Paket? Ich warte und es ist noch nicht da, meine Bestellung fehlt")
	if got := openDesk(t, s, composer(pages{})).request(t, draft.Standard, "", ""); !strings.Contains(got.Text, "Bestellnummer") {
		t.Errorf("answered in another language:\n%s", got.Text)
	}
}

// Without a model not a word of an agent's own text is lost, whatever is asked.
func TestAgentsOwnTextIsKept(t *testing.T) {
	const own = "Hi Anna,\n\nI've called the depot: they found it, and it's yours tomorrow. Don't worry about the fee [1]."
	for _, tone := range []draft.Tone{draft.Standard, draft.Warmer, draft.Shorter, draft.Formal, draft.Apologise, draft.Language} {
		s := newStore("My boots have not arrived, I am furious")
		s.in.Previous = "What stood there before."
		s.in.PreviousCitations = []assist.Citation{{N: 1, Title: "Fees"}, {N: 2, Title: "Else"}}
		d := openDesk(t, s, composer(pages{}))
		got := d.request(t, tone, "de", own)
		for _, w := range []string{"Anna", "called the depot", "they found it", "yours tomorrow", "worry about the fee [1]"} {
			if !strings.Contains(got.Text, w) {
				t.Errorf("%s lost %q:\n%s", tone, w, got.Text)
			}
		}
		if len(got.Citations) != 1 || got.Citations[0].Title != "Fees" {
			t.Errorf("%s: citations %+v", tone, got.Citations)
		}
		if tone == draft.Apologise {
			contains(t, strings.ToLower(got.Text), "apolog")
		} else if got.Note != draft.NoteNeedsModel {
			t.Errorf("%s claims that it was done: %q", tone, got.Text)
		}
	}
	// What the agent has not touched is ours to write anew.
	s := newStore("My boots have not arrived, I am furious")
	s.in.Previous = "What stood there before."
	if got := openDesk(t, s, composer(pages{})).request(t, draft.Shorter, "", "What stood  there before."); strings.Contains(got.Text, "stood there") || got.Note != "" {
		t.Errorf("kept %+v", got)
	}
}

func TestDangerLawAndPraiseAreNoMatters(t *testing.T) {
	for said, want := range map[string]string{
		"The kettle caught fire and burned my daughter's hand":       "serious",
		"My lawyer will hear of this, I am taking you to court":      "person",
		"Thank you so much, the jacket is wonderful and I love it":   "thank you",
		"Das Zelt ist großartig, vielen Dank, wir sind begeistert":   "dank",
		"Merci beaucoup, la veste est superbe et je suis très ravie": "merci",
	} {
		d := openDesk(t, newStore(said), composer(pages{}))
		got := d.request(t, draft.Standard, "", "")
		contains(t, strings.ToLower(got.Text), want)
		if strings.Contains(got.Text, "?") {
			t.Errorf("%q is asked something:\n%s", said, got.Text)
		}
	}
}

// After an agent has written, the reply greets nobody again and answers what was
// said since.
func TestLaterReplies(t *testing.T) {
	s := newStore("My boots have not arrived")
	s.say(assist.ByAgent, "Could you send me your order number?")
	s.say(assist.ByShopper, "It is order 884422, thank you")
	s.in.Shopper.Name = "Anna"
	got := openDesk(t, s, composer(pages{})).request(t, draft.Standard, "", "")
	contains(t, got.Text, "884422")
	if strings.Contains(got.Text, "Anna") || strings.Contains(got.Text, "send me your order number") {
		t.Errorf("greets or asks again:\n%s", got.Text)
	}
}

// "A person, please" is no matter: what was said before it is.
func TestTheMatterStandsBeforeTheWishForAPerson(t *testing.T) {
	s := newStore("My blue boots leak")
	s.say(assist.ByBot, "Please see our warranty page.")
	s.say(assist.ByShopper, "I want to talk to a human")
	contains(t, openDesk(t, s, composer(pages{})).request(t, draft.Standard, "", "").Text, "blue boots")
}
