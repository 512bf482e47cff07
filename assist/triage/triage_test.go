package triage

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMatter(t *testing.T) {
	cases := map[string]Matter{
		"I want to talk to a human":          AskPerson,
		"can i speak with someone please?":   AskPerson,
		"Can I talk to a real person":        AskPerson,
		"HUMAN":                              AskPerson,
		"agent please":                       AskPerson,
		"connect me to customer service":     AskPerson,
		"I'd like to speak to your manager!": AskPerson,
		"I need a real person, not a bot":    AskPerson,
		"is there a person I can talk to":    AskPerson,
		"I do not want to talk to a bot":     AskPerson,
		"can you help me talk to an agnet":   AskPerson,
		"My order is late. This does not help at all. Put me through to somebody who knows.": AskPerson,
		"Ich möchte mit einem Menschen sprechen":                                             AskPerson,
		"Kann ich bitte mit einem Mitarbeiter reden?":                                        AskPerson,
		"Verbinden Sie mich bitte mit einem echten Menschen":                                 AskPerson,
		"Gibt es hier jemanden, der mir hilft?":                                              AskPerson,
		"Je voudrais parler à un conseiller":                                                 AskPerson,
		"Passez-moi un humain svp":                                                           AskPerson,
		"Est-ce que je peux parler à quelqu'un ?":                                            AskPerson,
		"Quiero hablar con una persona":                                                      AskPerson,
		"Páseme con un agente, por favor":                                                    AskPerson,
		"¿Puedo hablar con alguien?":                                                         AskPerson,

		"I don't want to talk to a person, just tell me":     Question,
		"can I return shoes I wore once?":                    Question,
		"Which person receives the gift card?":               Question,
		"Do you have shoes for people with wide feet?":       Question,
		"My delivery agent left the parcel with a neighbour": Question,
		"What is your phone number?":                         Question,
		"When is customer service open?":                     Question,
		"Hi, where is my parcel?":                            Question,
		"Für wie viele Personen ist das Zelt?":               Question,
		"Wo ist mein Paket?":                                 Question,
		"Où est mon colis ?":                                 Question,
		"Le livreur a parlé à mon voisin":                    Question,
		"¿Dónde está mi pedido?":                             Question,
		"¿Para cuántas personas es la mesa?":                 Question,
		"ok":                                                 Question,
		"":                                                   Question,
		"??? 🙂":                                              Question,

		"Hi!":                           Hello,
		"Hello there, how are you?":     Hello,
		"Guten Tag":                     Hello,
		"Bonjour !":                     Hello,
		"¡Hola, buenos días!":           Hello,
		"Thanks a lot!!":                Thanks,
		"ok great, thank you so much 🙏": Thanks,
		"Vielen Dank für die Hilfe":     Thanks,
		"merci beaucoup":                Thanks,
		"Muchas gracias por su ayuda":   Thanks,
		"Bye.":                          Bye,
		"Thanks, have a nice day!":      Bye,
		"Danke, tschüss":                Bye,
		"Merci, bonne journée":          Bye,
		"Gracias, hasta luego":          Bye,
	}
	for text, want := range cases {
		if got := New().Read(text, "en"); got.Matter != want {
			t.Errorf("%q: got %s (person %.2f), want %s", text, got.Matter, got.Person, want)
		}
	}
}

func TestFeeling(t *testing.T) {
	cases := map[string]Feeling{
		"Which size should I take?":                                    Calm,
		"How do I return this?":                                        Calm,
		"Thank you for the quick answer, the shoes are lovely":         Calm,
		"This is ridiculous, you people are useless! I hate this shop": Angry,
		"You lied to me and stole my money, what a scam":               Angry,
		"I am really disappointed, I expected better":                  Disappointed,
		"I'm worried that my parcel is lost, it still hasn't arrived":  Worried,
		"I am in tears, the dress was for my mother's funeral":         Distressed,
		"I can't take it any more, I want to die":                      Distressed,
		"Wie lange dauert die Lieferung?":                              Calm,
		"Das ist eine Frechheit, niemand antwortet!":                   Angry,
		"Ich bin sehr enttäuscht von der Qualität":                     Disappointed,
		"Ich bin verzweifelt, bitte helfen Sie mir":                    Distressed,
		"Comment retourner un article ?":                               Calm,
		"C'est inadmissible, j'en ai marre, vous êtes des voleurs":     Angry,
		"Je suis très déçue de la qualité":                             Disappointed,
		"Je pleure, je n'en peux plus":                                 Distressed,
		"¿Cuándo llega mi pedido?":                                     Calm,
		"Es una vergüenza, estoy harto de ustedes":                     Angry,
		"Estoy muy decepcionada con la calidad":                        Disappointed,
		"Estoy desesperada, no puedo más":                              Distressed,
	}
	for text, want := range cases {
		if got := New().Read(text, "en"); got.Feeling != want {
			t.Errorf("%q: got %s (negative %.2f), want %s", text, got.Feeling, got.Negative, want)
		}
	}
}

func TestMarks(t *testing.T) {
	marks := map[string]func(Reading) bool{
		"legal":      func(r Reading) bool { return r.Legal },
		"safety":     func(r Reading) bool { return r.Safety },
		"personOnly": func(r Reading) bool { return r.PersonOnly },
		"money":      func(r Reading) bool { return r.Money },
		"unhelped":   func(r Reading) bool { return r.Unhelped },
	}
	cases := []struct{ text, marks string }{
		{"My lawyer will be in touch, see you in court", "legal"},
		{"Delete all my data under GDPR", "legal"},
		{"Ich gehe zum Anwalt und zur Verbraucherzentrale", "legal"},
		{"Je vais porter plainte auprès de la DGCCRF", "legal"},
		{"Voy a poner una denuncia en consumo", "legal"},
		{"The charger caught fire and my son got hurt", "safety"},
		{"I had an allergic reaction to the cream", "safety"},
		{"Das Gerät qualmt, ich habe mich verletzt", "safety"},
		{"J'ai eu une réaction allergique", "safety"},
		{"El cargador echa humo y me dio una descarga eléctrica", "safety"},
		{"Does the fire tv stick work with this?", ""},
		{"Are these pillows hypoallergenic?", ""},
		{"Please cancel my order", "personOnly"},
		{"Change the delivery address of my order to Main Street 5", "personOnly"},
		{"How can I cancel my order?", ""},
		{"I was charged twice", "personOnly money"},
		{"The bonus was not credited to my wallet", "personOnly money"},
		{"My account was hacked", "personOnly"},
		{"Bitte stornieren Sie meine Bestellung", "personOnly"},
		{"Mir wurde doppelt abgebucht", "personOnly money"},
		{"Merci d'annuler ma commande", "personOnly"},
		{"J'ai été débité deux fois", "personOnly money"},
		{"Quiero cancelar mi pedido", "personOnly"},
		{"Me han cobrado dos veces", "personOnly money"},
		{"That doesn't help", "unhelped"},
		{"That's not what I asked", "unhelped"},
		{"Das hilft mir nicht", "unhelped"},
		{"Ça ne m'aide pas", "unhelped"},
		{"Eso no me ayuda", "unhelped"},
		{"Do you ship to Norway?", ""},
	}
	for _, c := range cases {
		r := New().Read(c.text, "en")
		for name, marked := range marks {
			if got, want := marked(r), contains(c.marks, name); got != want {
				t.Errorf("%q: %s is %v, want %v", c.text, name, got, want)
			}
		}
	}
}

func contains(list, name string) bool {
	for _, word := range strings.Fields(list) {
		if word == name {
			return true
		}
	}
	return false
}

func TestTopic(t *testing.T) {
	cases := map[string]Topic{
		"Where is my parcel?":                      Delivery,
		"How do I send it back?":                   Return,
		"When do I get my refund?":                 Refund,
		"The mug arrived broken":                   Damaged,
		"You sent me the wrong item":               WrongItem,
		"One item is missing from my order":        Missing,
		"Can I pay with PayPal?":                   Payment,
		"Is the warranty two years?":               Warranty,
		"I forgot my password":                     Account,
		"Is it waterproof and what is it made of?": Product,
		"The shoes are too small":                  Size,
		"Please cancel my order":                   OrderChange,
		"Who are you?":                             Other,
		"Wann kommt mein Paket?":                   Delivery,
		"Die Tasse ist kaputt angekommen":          Damaged,
		"Wie kann ich die Schuhe zurückschicken?":  Return,
		"Où en est mon remboursement ?":            Refund,
		"La robe est trop petite, quelle taille ?": Size,
		"Me enviaron el artículo equivocado":       WrongItem,
		"¿Puedo pagar con tarjeta?":                Payment,
	}
	for text, want := range cases {
		if got := New().Read(text, "en").Topic; got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestRepeats(t *testing.T) {
	earlier := []string{"hello", "Where is my order 1234?", "Wo bleibt meine Bestellung?", "荷物はどこですか、教えてください"}
	for text, want := range map[string]bool{
		"where is my order 1234":               true,
		"WHERE is my order??? 1234!!":          true,
		"where is my ordr 1234":                true,
		"Wo bleibt denn meine Bestellung":      true,
		"荷物はどこですか、教えて":                         true,
		"where is my order 5678?":              false,
		"hello":                                false,
		"Can I return shoes that I wore once?": false,
		"Where is your shop?":                  false,
		"":                                     false,
	} {
		if got := Repeats(earlier, text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if Repeats(nil, "Where is my order?") {
		t.Error("nothing was said before")
	}
}

// TestWorkIsBounded counts what is read of a text, which is what time goes by.
func TestWorkIsBounded(t *testing.T) {
	long := strings.Repeat("no. ä ", 1<<18)
	if n := len(bounded(long)); n > 2*end+1 {
		t.Errorf("%d bytes of a long text are read", n)
	}
	if n := len(sentences(bounded(long), sentencesRead)); n > sentencesRead {
		t.Errorf("%d sentences are read", n)
	}
	asked := strings.Repeat("My parcel is late. ", 500) + "Let me talk to a human."
	if got := New().Read(asked, "en").Matter; got != AskPerson {
		t.Errorf("the end of a long message is not read: %s", got)
	}
}

func checkReading(t interface{ Errorf(string, ...any) }, text string, r Reading) {
	for _, p := range []float64{r.Person, r.Contact, r.Negative} {
		if !(p >= 0 && p <= 1) {
			t.Errorf("%q: a probability of %v", text, p)
		}
	}
	if r.Matter == "" || r.Feeling == "" || r.Topic == "" {
		t.Errorf("%q: not read: %+v", text, r)
	}
}

func TestReadTakesAnyText(t *testing.T) {
	phrases := make([]string, 0, len(words.phrases))
	for p := range words.phrases {
		phrases = append(phrases, p)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(phrases), rapid.String()), 0, 40).Draw(t, "text"), " ")
		r := New().Read(text, "en")
		checkReading(t, text, r)
		if again := New().Read(text, "de"); again != r {
			t.Errorf("%q: read twice, %+v and %+v", text, r, again)
		}
		if text != "" && r.Matter == Question && Repeats([]string{text}, text) != (len([]rune(split(text).text)) >= 8) && len(text) < end {
			t.Errorf("%q does not repeat itself", text)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("talk to a human")
	f.Add("\xff\xfe ä’- 日本")
	f.Fuzz(func(t *testing.T, s string) {
		checkReading(t, s, New().Read(s, "en"))
		Repeats([]string{s}, s)
	})
}
