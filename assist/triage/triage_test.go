package triage

import "testing"

func TestRead(t *testing.T) {
	cases := map[string]Matter{
		"I want to talk to a human":                          AskPerson,
		"can i speak with someone please?":                   AskPerson,
		"Can I talk to a real person":                        AskPerson,
		"HUMAN":                                              AskPerson,
		"agent please":                                       AskPerson,
		"connect me to customer service":                     AskPerson,
		"I'd like to speak to your manager!":                 AskPerson,
		"I need a real person, not a bot":                    AskPerson,
		"Ich möchte mit einem Menschen sprechen":             AskPerson,
		"Kann ich bitte mit einem Mitarbeiter reden?":        AskPerson,
		"Je voudrais parler à un conseiller":                 AskPerson,
		"Quiero hablar con una persona":                      AskPerson,
		"is there a person I can talk to":                    AskPerson,
		"I don't want to talk to a person, just tell me":     Question,
		"can I return shoes I wore once?":                    Question,
		"Which person receives the gift card?":               Question,
		"Do you have shoes for people with wide feet?":       Question,
		"My delivery agent left the parcel with a neighbour": Question,
		"Hi!":                     Hello,
		"Guten Tag":               Hello,
		"Thanks a lot!!":          Thanks,
		"merci beaucoup":          Thanks,
		"Bye.":                    Bye,
		"Hi, where is my parcel?": Question,
		"":                        Question,
	}
	for text, want := range cases {
		if got := New().Read(text, "en").Matter; got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("talk to a human")
	f.Fuzz(func(t *testing.T, s string) { New().Read(s, "en") })
}
