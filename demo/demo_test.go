package demo_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/careloop/careloop/demo"
)

// article is one file of the help centre, read the way an importer would.
type article struct {
	Title  string   `yaml:"title"`
	Slug   string   `yaml:"slug"`
	Tags   []string `yaml:"tags"`
	Locale string   `yaml:"locale"`
	body   string
	file   string
}

// load reads every article, by slug. It fails the test on a file that does not
// parse and on a slug used twice.
func load(t *testing.T) map[string]article {
	t.Helper()
	articles := map[string]article{}
	err := fs.WalkDir(demo.Articles(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(demo.Articles(), file)
		if err != nil {
			return err
		}
		a, err := parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		a.file = file
		if other, twice := articles[a.Slug]; twice {
			t.Errorf("%s and %s have the same slug %q", file, other.file, a.Slug)
		}
		articles[a.Slug] = a
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return articles
}

func parse(raw []byte) (article, error) {
	var a article
	rest, found := bytes.CutPrefix(raw, []byte("---\n"))
	if !found {
		return a, fmt.Errorf("does not begin with front matter")
	}
	front, body, found := bytes.Cut(rest, []byte("\n---\n"))
	if !found {
		return a, fmt.Errorf("front matter has no end")
	}
	if err := yaml.UnmarshalWithOptions(front, &a, yaml.Strict()); err != nil {
		return a, err
	}
	a.body = strings.TrimSpace(string(body))
	return a, nil
}

func TestArticles(t *testing.T) {
	perLocale := map[string]int{}
	for slug, a := range load(t) {
		perLocale[a.Locale]++
		want := slug + ".md"
		if a.Locale != demo.DefaultLocale {
			want = path.Join(a.Locale, want)
		}
		if a.file != want {
			t.Errorf("%s: slug %q and locale %q ask for the file name %s", a.file, a.Slug, a.Locale, want)
		}
		if a.Title == "" || len(a.Tags) == 0 {
			t.Errorf("%s: title or tags are missing", a.file)
		}
		if !slices.Contains(demo.Locales(), a.Locale) {
			t.Errorf("%s: the shop does not speak %q", a.file, a.Locale)
		}
		if n := len(strings.Fields(a.body)); n < 40 || n > 620 {
			t.Errorf("%s: %d words, want 40 to 620", a.file, n)
		}
	}
	for locale, least := range map[string]int{"en": 66, "de": 8, "fr": 3, "es": 3} {
		if perLocale[locale] < least {
			t.Errorf("%d articles in %q, want at least %d", perLocale[locale], locale, least)
		}
	}
}

var (
	helpLink = regexp.MustCompile(`/help/([A-Za-z0-9-]+)`)
	pageLink = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
)

func TestHelpLinksLeadToArticles(t *testing.T) {
	articles := load(t)
	links := 0
	check := func(where, text string) {
		for _, m := range helpLink.FindAllStringSubmatch(text, -1) {
			links++
			if _, ok := articles[m[1]]; !ok {
				t.Errorf("%s links to /help/%s, which does not exist", where, m[1])
			}
		}
	}
	for _, a := range articles {
		check(a.file, a.body)
	}
	for name, page := range pages(t) {
		check(name, page)
	}
	if links < 100 {
		t.Errorf("only %d links found: is the pattern still right?", links)
	}
}

// pages reads the storefront's HTML by file name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(demo.Storefront(), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"index.html", "product.html", "de.html", "ar.html"} {
		if !slices.Contains(names, want) {
			t.Errorf("the storefront has no %s", want)
		}
	}
	all := map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(demo.Storefront(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(raw)
	}
	return all
}

func TestPagesSuitAStrictPolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:[^>]*)>[^<]|javascript:`)
	widget := `<script src="/widget.js" data-site-key="` + demo.SiteKey + `" async></script>` + "\n</body>"
	for name, page := range pages(t) {
		if found := inline.FindString(page); found != "" {
			t.Errorf("%s has something inline: %q", name, found)
		}
		if !strings.Contains(page, widget) {
			t.Errorf("%s does not end with the widget's tag", name)
		}
		for _, m := range pageLink.FindAllStringSubmatch(page, -1) {
			target, _, _ := strings.Cut(m[1], "?")
			target, _, _ = strings.Cut(target, "#")
			switch {
			case target == "" || target == "/widget.js" || strings.HasPrefix(target, "/help/"),
				strings.HasPrefix(target, "tel:"), strings.HasPrefix(target, "mailto:"):
				continue
			}
			if _, err := fs.Stat(demo.Storefront(), target); err != nil {
				t.Errorf("%s asks for %q, which the storefront does not have", name, m[1])
			}
		}
	}
	err := fs.WalkDir(demo.Storefront(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(demo.Storefront(), file)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(raw), "http://www.w3.org/2000/svg", "")
		if strings.Contains(text, "://") || strings.Contains(text, "@import") {
			t.Errorf("%s names something on another origin", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestQuestions(t *testing.T) {
	articles := load(t)
	file, err := os.Open("questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })

	answerable, not := 0, 0
	seen := map[string]bool{}
	scanner := bufio.NewScanner(file)
	for line := 1; scanner.Scan(); line++ {
		var q struct {
			Query    string   `json:"query"`
			Relevant []string `json:"relevant"`
			Locale   string   `json:"locale"`
			History  []struct {
				Role string `json:"role"`
				Text string `json:"text"`
			} `json:"history"`
		}
		decoder := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			t.Errorf("line %d: %v", line, err)
			continue
		}
		if q.Query == "" || seen[q.Query] || q.Relevant == nil || !slices.Contains(demo.Locales(), q.Locale) {
			t.Errorf("line %d: an empty or repeated query, no list of relevant slugs, or an unknown locale", line)
		}
		seen[q.Query] = true
		for _, earlier := range q.History {
			if (earlier.Role != "shopper" && earlier.Role != "bot") || earlier.Text == "" {
				t.Errorf("line %d: history has role %q", line, earlier.Role)
			}
		}
		if len(q.Relevant) == 0 {
			not++
		} else {
			answerable++
		}
		for _, slug := range q.Relevant {
			a, ok := articles[slug]
			if !ok {
				t.Errorf("line %d: no article %q", line, slug)
			} else if a.Locale != q.Locale {
				t.Errorf("line %d: %q is in %q, the question in %q", line, slug, a.Locale, q.Locale)
			}
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	if answerable < 60 || not < 15 {
		t.Errorf("%d questions with an answer and %d without, want at least 60 and 15", answerable, not)
	}
}

// TestFactsAgree holds each key fact to one value in all articles and pages: the
// pattern finds every statement of the fact, its first group is the value. A
// pattern that finds fewer statements than least no longer watches anything.
func TestFactsAgree(t *testing.T) {
	texts := pages(t)
	for _, a := range load(t) {
		texts[a.file] = a.Title + "\n" + a.body
	}
	facts := []struct {
		name    string
		pattern string
		want    string
		least   int
	}{
		{"return window", `(?:return almost anything|only indoors and send them back|free of charge) within (\d+) days of delivery`, "30", 3},
		{"named return period", `(?i)\b(\d+)-day return period|\bour (\d+) days</a>|>(\d+) days to return<`, "30", 2},
		{"return window in German", `innerhalb von (\d+) Tagen nach der Lieferung zurück`, "30", 2},
		{"return window in French", `dans les (\d+) jours suivant la livraison`, "30", 2},
		{"return window in Spanish", `dentro de los (\d+) días siguientes a la entrega`, "30", 2},
		{"sale items", `(?i)sale items[^.\n]{0,50}?(\d+) days`, "14", 2},
		{"reduced items in other languages", `(?i)(?:reduzierte artikel \||soldés peuvent être retournés pendant|rebajados se pueden devolver solo durante) (\d+)`, "14", 3},
		{"guild items", `(?i)guild (?:items|returns)[^.\n]{0,60}?(\d+) days`, "14", 2},
		{"comfort guarantee", `(?i)(\d+)-day comfort guarantee|(\d+)-Tage-Bequemgarantie|garantie confort de (\d+) jours|garantía de comodidad de (\d+) días`, "60", 5},
		{"refund time", `(?i)(?:refund(?:s|ed)? you|erstatten Ihr Geld|remboursons|devolvemos el dinero) (?:within|innerhalb von|dans les|en) (\d+)`, "5", 4},
		{"standard delivery in Germany", `(?i)standard delivery within Germany costs €([\d.]+)|Standardversand innerhalb Deutschlands kostet (4,90)`, "4.90", 2},
		{"label from other EU countries", `(?i)(?:take €|ziehen wir |déduisons |descontamos )(4[.,]\d+)`, "4.90", 4},
		{"free delivery in Germany", `(?i)free (?:for orders of|delivery in Germany from) €(\d+)|Ab (\d+) € Bestellwert`, "60", 3},
		{"delivery time in Germany", `(?i)Standard delivery takes (\d to \d) working days within Germany|(\d bis \d) Werktage\. Ab|There in (\d to \d) days`, "2 to 3", 2},
		{"same-day cut-off", `(?i)(?:place it|order|ordered) by (1\d:\d\d)`, "14:00", 3},
		{"express in Germany", `(?i)express costs €([\d.]+)|Express kostet in Deutschland ([\d,]+)`, "11.90", 2},
		{"care team's phone", `\+49 40 66969 (12\d)`, "120", 10},
		{"recall phone", `\+49 40 66969 (15\d)`, "150", 2},
		{"soles of hiking boots", `(?i)€(\d+) for hiking boots|New soles, hiking boots(?: \| €|</th><td>€)(\d+)`, "79", 3},
		{"soles of walking shoes", `(?i)€(\d+) for walking shoes|New soles, walking shoes(?: \| €|</th><td>€)(\d+)`, "65", 3},
		{"warranty on shoes and jackets", `(?i)within (\d) years(?: of purchase|, we repair|, if)`, "3", 2},
		{"cast iron", `(?i)guarantee(?:d)? (?:of|for) (\d+) years`, "25", 3},
		{"gift card validity", `(?i)gift cards are valid for (\d) years|gelten (\d) Jahre`, "3", 2},
		{"gift card amounts", `(?i)(?:from|von) (?:€10 to €|10 € bis )(\d+)`, "250", 2},
		{"cancelling", `(?i)cancel(?: or change your order for| within| it yourself)? (\d\d) minutes|For (\d\d) minutes you can cancel`, "60", 3},
		{"welcome code", `(?i)HELLO10[^.]{0,60}?(\d+)% off`, "10", 2},
		{"student discount", `(?i)(\d+)% off (?:at any time|for students)`, "12", 2},
		{"Brae boot", `(?i)Brae hiking boot(?:</a>)?, €(\d+)|Wanderstiefel Brae, (\d+) €`, "189", 3},
		{"re-waxing", `(?i)re-wax(?:ing a jacket(?: \| |</th><td>)| it for )€(\d+)`, "39", 3},
		{"Munich's phone", `\+49 89 99998 (\d+)`, "132", 1},
	}
	for _, fact := range facts {
		pattern := regexp.MustCompile(fact.pattern)
		found := 0
		for where, text := range texts {
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				value := strings.Join(m[1:], "")
				value = strings.NewReplacer(",", ".", "bis", "to").Replace(value)
				found++
				if value != fact.want {
					t.Errorf("%s: %s says %q, want %q: %q", fact.name, where, value, fact.want, m[0])
				}
			}
		}
		if found < fact.least {
			t.Errorf("%s: found %d times, want at least %d", fact.name, found, fact.least)
		}
	}
}

// TestDaysOfDelivery holds every "within N days of delivery" to the general 30,
// except in the articles that are about an exception.
func TestDaysOfDelivery(t *testing.T) {
	exceptions := map[string]string{
		"sale-items": "14", "guild-returns": "14", "right-of-withdrawal": "14", "comfort-guarantee": "60",
	}
	pattern := regexp.MustCompile(`within (?:only )?(\d+) days of delivery`)
	found := 0
	for slug, a := range load(t) {
		want := "30"
		if days, ok := exceptions[slug]; ok {
			want = days
		}
		for _, m := range pattern.FindAllStringSubmatch(a.body, -1) {
			found++
			if m[1] != want {
				t.Errorf("%s: %q, want %s days", a.file, m[0], want)
			}
		}
	}
	if found < 6 {
		t.Errorf("found only %d statements", found)
	}
}

// TestFirstQuestion keeps the answer that a newcomer's first question should
// quote: a sentence of its own, near the top of its article.
func TestFirstQuestion(t *testing.T) {
	body := load(t)["return-worn-shoes"].body
	if !strings.HasPrefix(body, "Yes, you can return shoes that you wore once, as long as ") {
		t.Errorf("return-worn-shoes begins with %.80q", body)
	}
}

func TestWords(t *testing.T) {
	for _, locale := range demo.Locales() {
		if !strings.Contains(demo.Greeting(locale), demo.Name) {
			t.Errorf("%s: the greeting does not name the shop: %q", locale, demo.Greeting(locale))
		}
		if s := demo.Suggestions(locale); len(s) != 4 || slices.Contains(s, "") {
			t.Errorf("%s: suggestions are %q, want four", locale, s)
		}
		if demo.OpeningHours(locale) == "" {
			t.Errorf("%s: no opening hours", locale)
		}
		if locale != demo.DefaultLocale && demo.Greeting(locale) == demo.Greeting(demo.DefaultLocale) {
			t.Errorf("%s: greets in the default language", locale)
		}
	}
	for tag, like := range map[string]string{"de-AT": "de", "FR": "fr", "ar": "en", "": "en"} {
		if demo.Greeting(tag) != demo.Greeting(like) {
			t.Errorf("Greeting(%q) is not that of %q", tag, like)
		}
	}
	s := demo.Suggestions("en")
	s[0] = "changed"
	if demo.Suggestions("en")[0] == "changed" {
		t.Error("a caller can change the shop's suggestions")
	}
}

func TestTheShopSpeaksToGermansAsTheBotDoes(t *testing.T) {
	familiar := regexp.MustCompile(`(?i)(^|[^\pL])(du|dich|dir|deine?[mnrs]?|euch|eure?[mnrs]?)([^\pL]|$)`)
	check := func(where, text string) {
		if found := familiar.FindString(text); found != "" {
			t.Errorf("%s says %q", where, found)
		}
	}
	for _, a := range load(t) {
		if a.Locale == "de" {
			check(a.file, a.Title+" "+a.body)
		}
	}
	markup := regexp.MustCompile(`<[^>]*>`)
	check("de.html", markup.ReplaceAllString(pages(t)["de.html"], " "))
	check("the greeting", demo.Greeting("de"))
	for _, s := range demo.Suggestions("de") {
		check("a suggestion", s)
	}
}
