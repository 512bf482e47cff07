package extractive

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/llmtest"
)

func TestSuite(t *testing.T) {
	llmtest.Suite(t, func(*testing.T, string) llm.Model { return New() })
}

func TestGuardedSuite(t *testing.T) {
	llmtest.Suite(t, func(*testing.T, string) llm.Model { return llm.Guard(New(), llm.Policy{}) })
}

func answerTo(t testing.TB, question, locale string, passages ...llm.Passage) (string, error) {
	t.Helper()
	var b strings.Builder
	_, err := New().Write(context.Background(), llm.Request{Grounding: llm.Grounding{Question: question, Locale: locale, Passages: passages}},
		func(d llm.Delta) error { b.WriteString(d.Text); return nil })
	return b.String(), err
}

func shop(locale string) []llm.Passage {
	switch locale {
	case "de":
		return []llm.Passage{
			{N: 1, Title: "Getragene Schuhe zurückgeben", Text: "Ja, Sie können Schuhe zurückgeben, die Sie nur drinnen getragen haben, z. B. auf Teppich. Dies gilt innerhalb von 30 Tagen.\n\n## Draußen getragen\n\nSchuhe, die Sie draußen getragen haben, nehmen wir nicht zurück. Sie erhalten dafür bis zum 3. Januar 2027 einen Gutschein."},
			{N: 2, Title: "Versandkosten und Lieferzeit", Text: "Der Versand kostet 4,90 € und ist ab 60 € kostenlos.\n\n| Land | Kosten | Werktage |\n|---|---|---|\n| Deutschland | 4,90 € | 2 bis 3 |\n| Österreich, Belgien | 6,90 € | 3 bis 5 |\n| Schweiz | 14,90 € | 5 bis 8 |"},
			{N: 3, Title: "Kontakt", Text: "Unser Team hilft gern. Rufen Sie uns an unter +49 40 1234567, Mo. bis Fr. von 9 bis 17 Uhr. Unsere Läden sind in Hamburg."},
			{N: 4, Title: "So senden Sie etwas zurück", Text: "1. Öffnen Sie [Ihr Konto](/konto).\n2. Wählen Sie **Retoure**.\n3. Drucken Sie das Etikett."},
		}
	case "fr":
		return []llm.Passage{
			{N: 1, Title: "Retourner des chaussures portées", Text: "Oui, vous pouvez retourner des chaussures portées à l’intérieur. Cela vaut pendant 30 jours. M. Dupont s’occupe des retours."},
			{N: 2, Title: "Frais et délais de livraison", Text: "La livraison coûte 4,90 € et est gratuite dès 60 €. Un colis met 3 à 5 jours ouvrés. Nos magasins sont à Lyon."},
			{N: 3, Title: "Nous joindre", Text: "Notre équipe répond vite. Écrivez à aide@boutique.example ou appelez le +33 1 23 45 67 89."},
		}
	case "es":
		return []llm.Passage{
			{N: 1, Title: "Devolver zapatos usados", Text: "Sí, puede devolver zapatos que haya usado solo en casa. Esto vale durante 30 días. El Sr. Ruiz revisa las suelas."},
			{N: 2, Title: "Gastos y plazos de envío", Text: "El envío cuesta 4,90 € y es gratis a partir de 60 €. El paquete tarda de 3 a 5 días laborables. Nuestra tienda está en Vigo."},
			{N: 3, Title: "Contacto", Text: "Nuestro equipo le ayuda. Escriba a ayuda@tienda.example o llame al +34 91 123 45 67."},
		}
	}
	return []llm.Passage{
		{N: 1, Title: "Can I return shoes I have worn?", Text: "Yes, you can return shoes that you wore once, as long as you wore them only indoors, e.g. on a carpet. You get the full price of $59.90 back.\n\n## Worn outdoors\n\nIf you wore the shoes outdoors, we cannot refund the money. However, our comfort guarantee gives you store credit for 60 days. Our shop is in Hamburg."},
		{N: 2, Title: "How much does delivery cost?", Text: "Standard delivery within Germany costs €4.90 and is free for orders of €60 or more.\n\n| Country | Standard delivery | Free from |\n|---|---|---|\n| Germany | €4.90 | €60 |\n| Austria, Belgium, Netherlands | €6.90 | €90 |\n| Switzerland | €14.90 | never free |\n\n- A pick-up point costs **€3.90**.\n- Bulky items: see [bulky items](/help/bulky)."},
		{N: 7, Title: "How do I return an order?", Text: "Returns are easy:\n\n1. Open [your account](https://shop.example/account) and choose *Returns*.\n2. Print the label.\n   - It is valid for 14 days.\n3. Hand the parcel in.\n\n**No printer?** Show the QR code at the drop-off point. They print it for you.\n\nWe check every parcel."},
		{N: 4, Title: "Contact", Text: "Our care team is here to help. Call us at +49 40 1234567, Mon. to Fri. from 8:00 to 20:00. You can also write to help@shop.example. We speak four languages."},
		{N: 5, Title: "Order times", Text: "An order takes 3 to 5 working days to arrive. The warehouse is big. We thank Dr. Smith."},
	}
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		locale, question string
		first            int // passage that the search puts first; 0: the order above
		want, never      []string
		start            string
	}{
		{locale: "en", question: "can I return shoes I wore once?", start: "Yes, you can return shoes that you wore once, as long as you wore them only indoors, e.g. on a carpet. [1]"},
		{locale: "en", question: "can i return shoes worn outdoors", want: []string{"If you wore the shoes outdoors, we cannot refund the money. [1]"}},
		{locale: "en", question: "what does the comfort guarantee give me?", want: []string{"If you wore the shoes outdoors, we cannot refund the money. [1] However, our comfort guarantee gives you store credit for 60 days. [1]"}},
		{locale: "en", question: "how much is shipping to the netherlands", start: "Austria, Belgium, Netherlands: Standard delivery €6.90, Free from €90 [2]", never: []string{"Switzerland"}},
		{locale: "en", question: "price of a pick-up point delivery", want: []string{"A pick-up point costs €3.90. [2]"}},
		{locale: "en", question: "How do I return an order?", start: "Returns are easy:\n\n1. Open your account and choose Returns. [7]\n2. Print the label. [7]\n- It is valid for 14 days. [7]\n3. Hand the parcel in. [7]"},
		{locale: "en", question: "how do i return it, i have no printer", first: 7, start: "No printer? Show the QR code at the drop-off point. [7]"},
		{locale: "en", question: "what is your phone number?", start: "Call us at +49 40 1234567, Mon. to Fri. from 8:00 to 20:00. [4]"},
		{locale: "en", question: "how long until my order arives", want: []string{"An order takes 3 to 5 working days to arrive. [5]"}, never: []string{"warehouse"}},
		{locale: "de", question: "Kann ich getragene Schuhe zurückgeben?", start: "Ja, Sie können Schuhe zurückgeben, die Sie nur drinnen getragen haben, z. B. auf Teppich. [1]"},
		{locale: "de", question: "bis wann gilt der Gutschein für draußen getragene Schuhe", want: []string{"bis zum 3. Januar 2027 einen Gutschein. [1]"}},
		{locale: "de-AT", question: "was kostet der versand nach österreich", want: []string{"Österreich, Belgien: Kosten 6,90 €, Werktage 3 bis 5 [2]"}, never: []string{"Schweiz"}},
		{locale: "de", question: "Wie ist eure Telefonnummer?", start: "Rufen Sie uns an unter +49 40 1234567, Mo. bis Fr. von 9 bis 17 Uhr. [3]"},
		{locale: "de", question: "Wie kann ich etwas zurücksenden?", start: "So geht es:\n\n1. Öffnen Sie Ihr Konto. [4]\n2. Wählen Sie Retoure. [4]\n3. Drucken Sie das Etikett. [4]"},
		{locale: "fr", question: "puis-je retourner des chaussures deja portees ?", start: "Oui, vous pouvez retourner des chaussures portées à l’intérieur. [1]"},
		{locale: "fr", question: "combien coûte l'expédition ?", start: "La livraison coûte 4,90 € et est gratuite dès 60 €. [2]", never: []string{"Lyon"}},
		{locale: "fr", question: "comment vous joindre par téléphone", start: "Écrivez à aide@boutique.example ou appelez le +33 1 23 45 67 89. [3]"},
		{locale: "es", question: "puedo devolver unos zapatos usados", start: "Sí, puede devolver zapatos que haya usado solo en casa. [1]"},
		{locale: "es", question: "¿Cuánto tarda el envio?", want: []string{"El paquete tarda de 3 a 5 días laborables. [2]"}, never: []string{"Vigo"}},
		{locale: "es", question: "numero de telefono", start: "Escriba a ayuda@tienda.example o llame al +34 91 123 45 67. [3]"},
	} {
		t.Run(test.locale+" "+test.question, func(t *testing.T) {
			passages := shop(strings.Split(test.locale, "-")[0])
			if i := slices.IndexFunc(passages, func(p llm.Passage) bool { return p.N == test.first }); i > 0 {
				passages[0], passages[i] = passages[i], passages[0]
			}
			got, err := answerTo(t, test.question, test.locale, passages...)
			if err != nil {
				t.Fatal(err)
			}
			for _, lead := range pagesSay {
				got = strings.TrimPrefix(got, lead+"\n\n")
			}
			if !strings.HasPrefix(got, test.start) {
				t.Errorf("answer\n%s\ndoes not start with\n%s", got, test.start)
			}
			for _, w := range test.want {
				if !strings.Contains(got, w) {
					t.Errorf("answer\n%s\nlacks\n%s", got, w)
				}
			}
			for _, w := range test.never {
				if strings.Contains(got, w) {
					t.Errorf("answer\n%s\nholds\n%s", got, w)
				}
			}
		})
	}
}

func TestAbstains(t *testing.T) {
	for _, test := range []struct{ locale, question string }{
		{"en", "who won the football match"}, {"en", "do you sell aquariums?"}, {"en", ""}, {"en", "???"}, {"en", "the of and"},
		{"de", "Wie wird das Wetter in den Alpen?"}, {"fr", "Qui a gagné le championnat ?"}, {"es", "¿Venden acuarios?"}, {"ja", "天気はどうですか"},
	} {
		got, err := answerTo(t, test.question, test.locale, shop(test.locale)...)
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.Empty || got != "" {
			t.Errorf("%q: %q, %v; want it to abstain", test.question, got, err)
		}
	}
}

func TestNoSentenceTwice(t *testing.T) {
	p := llm.Passage{Title: "Returns", Text: "You can return shoes within 30 days of delivery. Bring them to any shop."}
	p1, p2 := p, p
	p1.N, p2.N = 1, 2
	got, err := answerTo(t, "within how many days can I return shoes", "en", p1, p2)
	if err != nil || strings.Count(got, "within 30 days") != 1 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCitationMarksOfThePassageAreNoCitations(t *testing.T) {
	got, err := answerTo(t, "can I return shoes", "en", llm.Passage{N: 3, Title: "Returns", Text: "You can return shoes [1] within 30 days[^2] of delivery."})
	if want := "You can return shoes (1) within 30 days of delivery. [3]"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestSentences(t *testing.T) {
	for _, test := range []struct {
		language, text string
	}{
		{"en", "We ship worldwide.|It costs €4.90.|See www.shop.example/a.b for more."},
		{"en", "Open Mon. to Fri. from 8 a.m. to 6 p.m. daily.|Ask Dr. J. Smith!|Really?|Yes."},
		{"en", "Sizes e.g. 4.5 and 5.|We make size M.|We make L."},
		{"en", "He said “no.”|She left."},
		{"en", "Wait...|Then go."},
		{"en", "iPhones work. they too."},
		{"de", "Das gilt z. B. für Schuhe, d. h. Paare.|Am 3. Oktober ist zu.|Größe 42.|Wir messen ca. 5 Min. lang."},
		{"de", "Bis zum 30. Tag nach der Lieferung.|Der Versand kostet inkl. MwSt. 4,90 €.|Ab 60 € gratis."},
		{"fr", "Voir M. Dupont, p. ex. lundi.|Est-ce gratuit ?|Oui !|C’est tout."},
		{"es", "¿Cuánto cuesta?|Cuesta 4,90 €.|Llame al Sr. Ruiz, p. ej. hoy.|¡Gracias!|Adiós."},
		{"ja", "返品できます。|30日以内です。"},
	} {
		want := strings.Split(test.text, "|")
		joined := strings.ReplaceAll(test.text, "|", " ")
		if test.language == "ja" {
			joined = strings.ReplaceAll(test.text, "|", "")
		}
		if got := sentences(joined, test.language); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got  %q\nwant %q", test.language, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"**bold** and *italic* and __b__ and _i_ and ~~gone~~ and `code`":    "bold and italic and b and i and gone and code",
		"see [sale items](/help/sale) or [x](https://a.example/b_(c) \"t\")": "see sale items or x",
		"![logo](a.png) text":                         "text",
		"<https://a.example> <help@a.example> a<br>b": "https://a.example help@a.example a b",
		"2 * 3 * 4 and snake_case_name and 5*":        "2 * 3 * 4 and snake_case_name and 5*",
		`\*not bold\* \[1\]`:                          "*not bold* (1)",
		"Tom &amp; Jerry&nbsp;&euro;5":                "Tom & Jerry\u00a0€5",
		"a\x00b\u202ec\tline\nend ":                   "abc line end",
		"***both*** (**5 €**)":                        "both (5 €)",
		"&lt;script&gt;":                              "<script>",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	units := parse("# Head\n\nFirst one. Second\none.\n\n> Quoted.\n\n* a\n* b\n  more\n\n1) one\n2) two\n\nUnder\n-----\n\nText.\n\n| A | B |\n|:--|--:|\n| 1 | x \\| y |\n| | z |\n\n```\ncode here\n```\n**Bold head**\nLast.", "en")
	var got []string
	for _, u := range units {
		got = append(got, fmt.Sprintf("%d %s (%s)", u.shape, u.text, u.heading))
	}
	want := []string{
		"0 First one. (Head)", "0 Second one. (Head)", "0 Quoted. (Head)", "1 a (Head)", "1 b more (Head)", "2 one (Head)", "2 two (Head)",
		"0 Text. (Under)", "3 A 1: x | y (Under A B)", "3 z (Under A B)", "0 code here (Under)", "0 Last. (Bold head)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var mark = regexp.MustCompile(` \[(-?\d+)\]`)

// faithful fails where an answer says anything that is not in the passage that
// it cites, but for the fixed words.
func faithful(t interface{ Fatalf(string, ...any) }, answer, language string, passages []llm.Passage) {
	for _, lead := range []string{pagesSay[language], stepsFollow[language]} {
		if lead != "" {
			answer = strings.TrimPrefix(answer, lead+"\n\n")
		}
	}
	said := map[string]string{}
	for _, p := range passages {
		var b strings.Builder
		for _, u := range parse(p.Text, language) {
			b.WriteString(u.whole() + "\n" + strings.TrimRight(u.heading, ":?!. ") + ": " + u.text + "\n")
		}
		said[fmt.Sprint(p.N)] += b.String()
	}
	from := 0
	for _, m := range mark.FindAllStringSubmatchIndex(answer, -1) {
		quoted, n := answer[from:m[0]], answer[m[2]:m[3]]
		from = m[1]
		for _, line := range strings.Split(quoted, "\n") { // an intro has no mark of its own
			line = regexp.MustCompile(`^(\d+\. |- )`).ReplaceAllString(strings.TrimSpace(line), "")
			if line != "" && !strings.Contains(said[n], line) && !faithfulTogether(said[n], line) {
				t.Fatalf("%q is not in passage %s:\n%s\nanswer: %q", line, n, said[n], answer)
			}
		}
	}
	if rest := answer[from:]; strings.TrimSpace(rest) != "" {
		t.Fatalf("%q is not cited in %q", rest, answer)
	}
}

// faithfulTogether accepts an intro without a mark before a sentence.
func faithfulTogether(said, line string) bool {
	intro, item, ok := strings.Cut(line, ": ")
	return ok && strings.Contains(said, intro+":") && strings.Contains(said, item)
}

func TestEverythingSaidStandsInThePassages(t *testing.T) {
	words := strings.Fields("return Returns shoes, shoe. delivery costs €4.90 30 days. days! However, It label: printer? **bold** [link](/a) [2] parcel Yes, You can 3. z.B. www.a.example/x. | a_b *star * Versand zurück. Größe livraison. envío ¿cuánto? …")
	seps := []string{" ", " ", " ", " ", "\n", "\n\n", "\n- ", "\n1. ", "\n2. ", "\n## ", "\n| a | b |\n|---|---|\n| ", " | "}
	rapid.Check(t, func(t *rapid.T) {
		locale := rapid.SampledFrom([]string{"en", "de", "fr", "es", "xx"}).Draw(t, "locale")
		var passages []llm.Passage
		for n := range rapid.IntRange(0, 4).Draw(t, "passages") {
			var b strings.Builder
			for range rapid.IntRange(0, 40).Draw(t, "words") {
				b.WriteString(rapid.SampledFrom(words).Draw(t, "word") + rapid.SampledFrom(seps).Draw(t, "sep"))
			}
			passages = append(passages, llm.Passage{N: n + 1, Title: "Returns", Text: b.String()})
		}
		question := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 8).Draw(t, "question"), " ")
		first, err := write(question, locale, passages)
		if err == nil {
			faithful(t, first, locale, passages)
		}
		if second, _ := write(question, locale, passages); second != first {
			t.Fatalf("first %q, then %q", first, second)
		}
	})
}

func TestShopAnswersAreFaithful(t *testing.T) {
	for _, locale := range []string{"en", "de", "fr", "es"} {
		for _, p := range shop(locale) {
			got, err := answerTo(t, p.Title, locale, shop(locale)...)
			if err != nil {
				t.Errorf("%s: %v", p.Title, err)
				continue
			}
			faithful(t, got, locale, shop(locale))
		}
	}
}

func write(question, locale string, passages []llm.Passage) (string, error) {
	var b strings.Builder
	_, err := New().Write(context.Background(), llm.Request{Grounding: llm.Grounding{Question: question, Locale: locale, Passages: passages}},
		func(d llm.Delta) error { b.WriteString(d.Text); return nil })
	return b.String(), err
}

func FuzzWrite(f *testing.F) {
	for _, locale := range []string{"en", "de", "fr", "es"} {
		for _, p := range shop(locale) {
			f.Add(p.Title, locale, p.Title, p.Text)
		}
	}
	f.Add("return \xff\x00 [1]", "", "\xc3", "- \n1. \n|\n|-|\n||\n> > # \n\\\n`[](<")
	f.Fuzz(func(t *testing.T, question, locale, title, text string) {
		passages := []llm.Passage{{N: 1, Title: title, Text: text}}
		got, err := write(question, locale, passages)
		var e *llm.Error
		if err != nil && !(errors.As(err, &e) && e.Kind == llm.Empty) {
			t.Fatal(err)
		}
		if err == nil && !strings.Contains(got, "[1]") {
			t.Fatalf("%q cites nothing", got)
		}
	})
}
