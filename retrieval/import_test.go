package retrieval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shelf is a store of articles in memory.
type shelf struct {
	articles map[string]Publication // by source and key
	batches  []int
	fail     error
	after    func() // called after each batch
}

func newShelf() *shelf { return &shelf{articles: map[string]Publication{}} }

func (s *shelf) Hashes(_ context.Context, siteID, source string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, p := range s.articles {
		if p.SiteID == siteID && p.Source == source {
			out[p.Key] = p.Hash
		}
	}
	return out, s.fail
}

func (s *shelf) Publish(ctx context.Context, ps []Publication) ([]State, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.batches = append(s.batches, len(ps))
	states := make([]State, len(ps))
	for i, p := range ps {
		states[i] = Created
		if _, there := s.articles[p.Source+" "+p.Key]; there {
			states[i] = Updated
		}
		s.articles[p.Source+" "+p.Key] = p
	}
	if s.after != nil {
		s.after()
	}
	return states, nil
}

func (s *shelf) Retire(_ context.Context, siteID, source string, keys []string) (int, error) {
	for _, k := range keys {
		delete(s.articles, source+" "+k)
	}
	return len(keys), nil
}

func (s *shelf) keys() []string {
	var keys []string
	for _, p := range s.articles {
		keys = append(keys, p.Key)
	}
	slices.Sort(keys)
	return keys
}

// list is a source of given items.
type list struct {
	items   []Item
	partial bool
}

func (l list) Name() string { return "list" }
func (l list) Whole() bool  { return !l.partial }
func (l list) Total() int   { return len(l.items) }
func (l list) Items(context.Context) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, i := range l.items {
			if !yield(i) {
				return
			}
		}
	}
}

func doc(key, text string) Item {
	return Item{Doc: Document{Key: key, Title: "Title of " + key, Markdown: text}}
}

func importer(s *shelf) *Importer {
	return &Importer{Articles: s}
}

var shop = Site{ID: "s1", Locale: "en"}

func run1(t *testing.T, s *shelf, o ImportOptions, items ...Item) Report {
	t.Helper()
	report, err := importer(s).Run(t.Context(), shop, list{items: items}, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestImportPreparesDocuments(t *testing.T) {
	s := newShelf()
	run1(t, s, ImportOptions{}, Item{Doc: Document{Key: "k", Title: " Größen\n& <b>Maße</b> ", Markdown: "# Größen & <b>Maße</b>\r\n\r\nA <script>x</script>text", Tags: []string{" a ", "a", "", "b"}}})
	p := s.articles["list k"]
	if p.Title != "Größen & <b>Maße</b>" || p.Slug != "groessen-and-b-masse-b" || p.Locale != "en" || p.Markdown != "A text" && !strings.HasSuffix(p.Markdown, "A text") ||
		!reflect.DeepEqual(p.Tags, []string{"a", "b"}) || p.SiteID != "s1" || len(p.Hash) != 32 || len(p.Chunks) != 1 || len(p.Chunks[0].Lexical.Terms) < 2 {
		t.Errorf("%+v", p)
	}
}

func TestImportAgainChangesOnlyWhatChanged(t *testing.T) {
	s := newShelf()
	first := run1(t, s, ImportOptions{}, doc("a", "one"), doc("b", "two"))
	if first.Created != 2 || first.Chunks != 2 {
		t.Errorf("%+v", first)
	}
	batches := len(s.batches)
	if again := run1(t, s, ImportOptions{}, doc("a", "one  \r\n"), doc("b", "two")); again.Unchanged != 2 || len(s.batches) != batches {
		t.Errorf("%+v, %d batches", again, len(s.batches))
	}
	if third := run1(t, s, ImportOptions{}, doc("b", "three"), doc("c", "four")); third.Updated != 1 || third.Created != 1 || third.Removed != 0 || len(s.articles) != 3 {
		t.Errorf("%+v, %v", third, s.keys())
	}
}

func TestContentHashKnowsAllThatMatters(t *testing.T) {
	base := Document{Title: "t", Slug: "s", Locale: "en", Tags: []string{"a", "b"}, URL: "u", Markdown: "m"}
	for name, change := range map[string]func(*Document){
		"title": func(d *Document) { d.Title = "x" }, "slug": func(d *Document) { d.Slug = "x" }, "locale": func(d *Document) { d.Locale = "de" },
		"tags": func(d *Document) { d.Tags = []string{"ab"} }, "url": func(d *Document) { d.URL = "" }, "text": func(d *Document) { d.Markdown = "n" },
		"borders": func(d *Document) { d.URL, d.Markdown = "um", "" },
	} {
		d := base
		change(&d)
		if reflect.DeepEqual(contentHash(d), contentHash(base)) {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

func TestTitleIsMadeWhereThereIsNone(t *testing.T) {
	s := newShelf()
	run1(t, s, ImportOptions{},
		Item{Doc: Document{Key: "heading", Markdown: "Some words.\n\n## Gift cards\n\nThey last."}},
		Item{Doc: Document{Key: "short", Markdown: "They last four years."}},
		Item{Doc: Document{Key: "long", Markdown: "One two three four five six seven eight nine ten eleven."}},
	)
	for key, want := range map[string]string{"heading": "Gift cards", "short": "They last four years.", "long": "One two three four five six seven eight nine …"} {
		if got := s.articles["list "+key]; got.Title != want || wordCount(got.Markdown) == 0 {
			t.Errorf("%s: title %q of %q", key, got.Title, got.Markdown)
		}
	}
}

func TestImportNamesWhatItSkips(t *testing.T) {
	s := newShelf()
	at := func(i Item) Item { i.File, i.Line = "f.csv", 7; return i }
	report := run1(t, s, ImportOptions{},
		doc("a", "one"), at(doc("a", "again")),
		at(Item{Doc: Document{Key: "b", Title: " \t", Markdown: " \n"}}),
		at(doc("c", " \n ")), at(doc("d", "<script>only</script>")), at(doc("", "x")),
		at(Item{Doc: Document{Key: "e", Title: strings.Repeat("x", 301), Markdown: "x"}}),
		at(Item{Doc: Document{Key: "f", Title: "x", Markdown: "x", URL: "javascript:x"}}),
		at(Item{Doc: Document{Key: "g", Title: "x", Markdown: "x", Tags: []string{strings.Repeat("x", 101)}}}),
		Item{Err: &Problem{File: "h.md", Line: 3, Reason: "bad"}},
	)
	var got []string
	for _, p := range report.Problems {
		got = append(got, p.String())
	}
	want := []string{`f.csv:7: its key "a" stood in this import before`, "f.csv:7: it has neither a title nor a text to make one of", "f.csv:7: it has no text", "f.csv:7: it has no text",
		"f.csv:7: its key is empty, longer than 2000 bytes or not text", "f.csv:7: its title has 301 characters; 300 are allowed",
		"f.csv:7: its url is not the address of a web page", "f.csv:7: a tag is longer than 100 characters", "h.md:3: bad"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if report.Created != 1 || report.Skipped != len(want) || s.articles["list a"].Markdown != "one" {
		t.Errorf("%+v", report)
	}
}

func TestImportKeepsABoundedListOfProblems(t *testing.T) {
	items := make([]Item, 1000)
	for i := range items {
		items[i] = Item{Err: &Problem{File: "f", Line: i}}
	}
	if r := run1(t, newShelf(), ImportOptions{}, items...); r.Skipped != 1000 || len(r.Problems) != maxProblems {
		t.Errorf("%d, %d", r.Skipped, len(r.Problems))
	}
}

func TestImportRemovesOnlyWhatIsSurelyGone(t *testing.T) {
	cases := []struct {
		name    string
		items   []Item
		partial bool
		keep    bool // without the wish to remove
		left    string
		held    bool
	}{
		{"listed no more", []Item{doc("a", "x")}, false, false, "a", false},
		{"not asked for", []Item{doc("a", "x")}, false, true, "a b c", false},
		{"unreadable this time", []Item{doc("a", "x"), {Doc: Document{Key: "b"}, Err: &Problem{}}}, false, false, "a b", false},
		{"unusable this time", []Item{doc("a", "x"), {Doc: Document{Key: "b"}}}, false, false, "a b", false},
		{"known to be gone", []Item{doc("a", "x"), doc("c", "x"), {Doc: Document{Key: "b"}, Err: &Problem{}, Gone: true}}, false, false, "a c", false},
		{"an unknown one is unreadable", []Item{doc("a", "x"), {Err: &Problem{}}}, false, false, "a b c", true},
		{"one page of many", []Item{doc("a", "x")}, true, false, "a b c", true},
		{"an empty source", nil, false, false, "a b c", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			run1(t, s, ImportOptions{}, doc("a", "x"), doc("b", "x"), doc("c", "x"))
			other, err := importer(s).Run(t.Context(), shop, list{items: []Item{doc("z", "x")}}, ImportOptions{Source: "another"})
			if err != nil || other.Created != 1 {
				t.Fatal(err)
			}
			report, err := importer(s).Run(t.Context(), shop, list{c.items, c.partial}, ImportOptions{Remove: !c.keep})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(s.keys(), " "); got != c.left+" z" {
				t.Errorf("left %q, want %q and z", got, c.left)
			}
			if (report.RemovalHeld != "") != c.held || report.Removed != 3-len(strings.Fields(c.left)) {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestImportDryRunStoresNothing(t *testing.T) {
	s := newShelf()
	run1(t, s, ImportOptions{}, doc("a", "x"), doc("b", "x"), doc("c", "x"))
	s.batches = nil
	r := run1(t, s, ImportOptions{DryRun: true, Remove: true}, doc("a", "x"), doc("b", "y"), doc("d", "x"))
	if r.Unchanged != 1 || r.Updated != 1 || r.Created != 1 || r.Removed != 1 || s.batches != nil || len(s.articles) != 3 {
		t.Errorf("%+v", r)
	}
}

func TestImportIsInterruptedAndContinued(t *testing.T) {
	s := newShelf()
	var items []Item
	for i := range 25 {
		items = append(items, doc(fmt.Sprint(i), "x"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.after = cancel
	report, err := importer(s).Run(ctx, shop, list{items: items}, ImportOptions{BatchSize: 10, Remove: true})
	if !errors.Is(err, ErrInterrupted) || !report.Interrupted || report.Created != 10 || report.RemovalHeld == "" || len(s.articles) != 10 {
		t.Fatalf("%+v, %v", report, err)
	}
	s.after = nil
	report = run1(t, s, ImportOptions{BatchSize: 10}, items...)
	if report.Unchanged != 10 || report.Created != 15 || !reflect.DeepEqual(s.batches, []int{10, 10, 5}) {
		t.Errorf("%+v, %v", report, s.batches)
	}
}

func TestImportEndsWithTheStoresError(t *testing.T) {
	s := newShelf()
	s.fail = errors.New("no disk")
	report, err := importer(s).Run(t.Context(), shop, list{}, ImportOptions{})
	if !errors.Is(err, s.fail) || !report.Interrupted {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestImportTellsItsProgress(t *testing.T) {
	var calls []string
	run1(t, newShelf(), ImportOptions{BatchSize: 1, Progress: func(done, total int, r Report) {
		calls = append(calls, fmt.Sprintf("%d/%d %d", done, total, r.Created))
	}}, doc("a", "x"), doc("b", "x"))
	if want := []string{"1/2 1", "2/2 2"}; !reflect.DeepEqual(calls, want) {
		t.Errorf("%q", calls)
	}
}

func TestSlug(t *testing.T) {
	cases := map[string]string{
		"How do I return shoes?":    "how-do-i-return-shoes",
		"Größe & Maße – Übersicht":  "groesse-and-masse-uebersicht",
		"Où est-ce qu’on paie ?":    "ou-est-ce-quon-paie",
		"¿Cómo añado un código?":    "como-anado-un-codigo",
		"Øre i Łódź, ıŞIK":          "ore-i-lodz-isik",
		"退货政策":                      "退货政策",
		"Как вернуть йод":           "как-вернуть-йод",
		"!!! ---":                   "",
		"":                          "",
		"a/b\\c..%2e<script>":       "a-b-c-2e-script",
		strings.Repeat("word ", 40): strings.TrimSuffix(strings.Repeat("word-", 16), "-"),
		strings.Repeat("x", 200):    strings.Repeat("x", 80),
	}
	for in, want := range cases {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		slug := Slug(rapid.String().Draw(t, "text"))
		if Slug(slug) != slug || len([]rune(slug)) > maxSlug || strings.ContainsAny(slug, " /?#%<>\"'\\.") || strings.Contains(slug, "--") {
			t.Fatalf("%q", slug)
		}
	})
}
