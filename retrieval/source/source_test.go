package source

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/careloop/careloop/retrieval"
)

// tree writes files into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read opens a source and returns its documents and its problems as text.
func read(t *testing.T, path string) (docs []retrieval.Document, problems []string) {
	t.Helper()
	src, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return collect(t.Context(), src)
}

func collect(ctx context.Context, src retrieval.Source) (docs []retrieval.Document, problems []string) {
	for item := range src.Items(ctx) {
		if item.Err != nil {
			problems = append(problems, item.Err.String())
			continue
		}
		docs = append(docs, item.Doc)
	}
	return docs, problems
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func TestFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"returns.md":               "---\ntitle: \"Returns: how\"\nslug: returns\ntags: [a, b c, 7]\nlocale: en_GB\nurl: https://shop.example/r\nother: {x: 1}\n---\n\nText.\n",
		"b/crlf.md":                "---\r\ntitle: Ü\r\ntags: x, y\r\n---\r\n# Heading\r\nText\r\n",
		"heading.markdown":         "intro\n\n## The *first* heading\n\ntext",
		"de/deep/er/ohne-titel.md": "Text ohne Titel.",
		"de/en.md":                 "---\nlang: en\ntitle: 2024\n---\nx",
		"it-support/index.md":      "x",
		"rule.md":                  "---\n\ntext below a rule",
		"page.html":                "<html lang=fr><title>Retours | Boutique</title><link rel=canonical href='https://b.example/r#x'><p>Oui, <a href='/x'>ici</a> et <a href='#y'>là</a>.",
		"latin1.htm":               "<meta charset=iso-8859-1><h1>Gr\xfc\xdfe</h1><p>\xe4",
		"README.md":                "# Read me\n\nkept",
		"windows.md":               "# Preis\n\n10 \x80",
		".hidden.md":               "no",
		".git/config.md":           "no",
		"node_modules/x.md":        "no",
		"picture.png":              "no",
		"notes.txt":                "no",
	})
	docs, problems := read(t, dir)
	equal(t, "problems", problems, []string(nil))
	byKey := map[string]retrieval.Document{}
	for _, d := range docs {
		byKey[d.Key] = d
	}
	want := []retrieval.Document{
		{Key: "returns.md", Title: "Returns: how", Slug: "returns", Tags: []string{"a", "b c", "7"}, Locale: "en-GB", URL: "https://shop.example/r", Markdown: "\nText.\n"},
		{Key: "b/crlf.md", Title: "Ü", Tags: []string{"x", "y"}, Markdown: "# Heading\nText\n"},
		{Key: "heading.markdown", Title: "The first heading", Markdown: "intro\n\n## The *first* heading\n\ntext"},
		{Key: "de/deep/er/ohne-titel.md", Title: "ohne titel", Locale: "de", Markdown: "Text ohne Titel."},
		{Key: "de/en.md", Title: "2024", Locale: "en", Markdown: "x"},
		{Key: "it-support/index.md", Title: "it support", Markdown: "x"},
		{Key: "rule.md", Title: "rule", Markdown: "---\n\ntext below a rule"},
		{Key: "page.html", Title: "Retours", Locale: "fr", URL: "https://b.example/r", Markdown: "Oui, [ici](https://b.example/x) et là."},
		{Key: "latin1.htm", Title: "Grüße", Markdown: "ä"},
		{Key: "README.md", Title: "Read me", Markdown: "# Read me\n\nkept"},
		{Key: "windows.md", Title: "Preis", Markdown: "# Preis\n\n10 €"},
	}
	for _, w := range want {
		equal(t, w.Key, byKey[w.Key], w)
	}
	equal(t, "count", len(docs), len(want))
}

func TestFolderNamesBadFiles(t *testing.T) {
	dir := tree(t, map[string]string{
		"a-good.md":    "fine",
		"b-yaml.md":    "---\ntitle: x\ntags: [a\nslug: y\n---\nx",
		"c-open.md":    "---\ntitle: x\n\ntext",
		"d-nul.md":     "a\x00b",
		"e-locale.md":  "---\nlocale: klingonish-\n---\nx",
		"f-url.md":     "---\nurl: javascript:alert(1)\n---\nx",
		"g-tags.md":    "---\ntags: {a: 1}\n---\nx",
		"h-title.md":   "---\ntitle: [a, b]\n---\nx",
		"i-aliases.md": "---\na: &a [x, x]\nb: &b [*a, *a]\n---\nx",
		"j-large.md":   strings.Repeat("x", maxFile+1),
		"k-deep.html":  strings.Repeat("<div>", 600),
		"l-list.md":    "---\n- a\n- b\n---\nx",
		"z-good.md":    "fine",
	})
	outside := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"m-out.md": outside, "n-nowhere.md": "nothing.md", "o-inside.md": "a-good.md", "dir": filepath.Dir(outside)} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	docs, problems := read(t, dir)
	var keys []string
	for _, d := range docs {
		keys = append(keys, d.Key)
	}
	equal(t, "documents", keys, []string{"a-good.md", "o-inside.md", "z-good.md"})
	wants := []string{
		"b-yaml.md:", "c-open.md:1: the front matter is not closed", "d-nul.md: this is not text",
		`e-locale.md:1: "klingonish-" is not a locale`, `f-url.md:1: the url "javascript:alert(1)" is not`,
		"g-tags.md:1: the front matter's tags", "h-title.md:1: the front matter's title is not a text",
		"i-aliases.md:1: the front matter uses anchors", "j-large.md: the file is larger than 5 MB",
		"k-deep.html: the HTML cannot be read", "l-list.md:", "m-out.md: it is a link that leads out of the folder",
		"n-nowhere.md: the file is not there",
	}
	if len(problems) != len(wants) {
		t.Fatalf("%d problems: %q", len(problems), problems)
	}
	for i, want := range wants {
		if !strings.HasPrefix(problems[i], want) {
			t.Errorf("problem %q, want %q", problems[i], want)
		}
	}
	if !strings.HasPrefix(problems[0], "b-yaml.md:4: ") && !strings.HasPrefix(problems[0], "b-yaml.md:3: ") {
		t.Errorf("the line of the YAML error is missing: %q", problems[0])
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := tree(t, map[string]string{"x.txt": "plain", "y.pdf": "%PDF", "sub/z.txt": "x", "s.xml": "<urlset/>"})
	for path, want := range map[string]string{
		filepath.Join(dir, "none.csv"): "there is no file or folder",
		filepath.Join(dir, "x.txt"):    "of no kind that can be imported",
		filepath.Join(dir, "y.pdf"):    "of no kind that can be imported",
		filepath.Join(dir, "s.xml"):    "needs a client",
		dir:                            "holds no Markdown",
		"ftp://x.example/y":            "only http and https",
		"file:///etc/passwd":           "only http and https",
		"https://x.example":            "needs a client",
	} {
		if _, err := Open(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestOpenTellsByContent(t *testing.T) {
	dir := tree(t, map[string]string{"a": `{"id":1,"title":"T","text":"x"}`, "b.txt": "<!DOCTYPE html><title>T</title>x"})
	for name := range map[string]bool{"a": true, "b.txt": true} {
		if docs, problems := read(t, filepath.Join(dir, name)); len(docs) != 1 || docs[0].Title != "T" {
			t.Errorf("%s: %v %v", name, docs, problems)
		}
	}
}

func TestOneFile(t *testing.T) {
	dir := tree(t, map[string]string{"a.md": "# A\n\nx", "b.md": "y"})
	src, err := Open(t.Context(), filepath.Join(dir, "a.md"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	docs, _ := collect(t.Context(), src)
	if len(docs) != 1 || docs[0].Key != "a.md" || src.Total() != 1 || src.Name() != filepath.ToSlash(filepath.Join(dir, "a.md")) {
		t.Errorf("%v, %d, %s", docs, src.Total(), src.Name())
	}
}

func encode(t *testing.T, s string, windows bool) string {
	t.Helper()
	e := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	if windows {
		e = charmap.Windows1252.NewEncoder()
	}
	b, err := e.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCSV(t *testing.T) {
	answer := func(key, title, text string) retrieval.Document {
		return retrieval.Document{Key: key, Title: title, Markdown: text}
	}
	cases := []struct {
		name, in string
		docs     []retrieval.Document
		problems []string
	}{
		{"header", "question,answer\nQ1,A1\n\"Q, 2\",\"A\n\"\"two\"\"\"\n", []retrieval.Document{answer("Q1", "Q1", "A1"), answer("Q, 2", "Q, 2", "A\n\"two\"")}, nil},
		{"no header", "Q1,A1\r\nQ2,A2", []retrieval.Document{answer("Q1", "Q1", "A1"), answer("Q2", "Q2", "A2")}, nil},
		{"semicolons, BOM, other order", "\ufeffAnswer;Question\r\nA, 1;Q1\r\n\r\n;;\r\n", []retrieval.Document{answer("Q1", "Q1", "A, 1")}, nil},
		{"tabs", "Frage\tAntwort\nQ\tA", []retrieval.Document{answer("Q", "Q", "A")}, nil},
		{"Windows-1252", encode(t, "Frage;Antwort\nGröße?;10 €", true), []retrieval.Document{answer("Größe?", "Größe?", "10 €")}, nil},
		{"UTF-16", encode(t, "Frage\tAntwort\nGröße?\t10 €", false), []retrieval.Document{answer("Größe?", "Größe?", "10 €")}, nil},
		{"all columns", "id,locale,tags,url,slug,question,answer\n1,de_AT,\"a, b\",https://x.example/1,s,Q,A\n1,en,,/x,,Q,A",
			[]retrieval.Document{
				{Key: "1@de-AT", Locale: "de-AT", Tags: []string{"a", "b"}, URL: "https://x.example/1", Slug: "s", Title: "Q", Markdown: "A"},
				{Key: "1@en", Locale: "en", URL: "/x", Title: "Q", Markdown: "A"},
			}, nil},
		{"bad rows", "question,answer\nQ1,A1\n,A2\nQ3\n\"Q4,A4\nQ5,\"A\"5\nQ6,A6\n\"Q7\nx\",\"A7\"\nQ8,\n",
			[]retrieval.Document{answer("Q1", "Q1", "A1"), answer("Q6", "Q6", "A6"), answer("Q7\nx", "Q7\nx", "A7")},
			[]string{"3: the row has no question", "4: the row has no answer", "5: text follows a closing quote", "6: ", "10: the row has no answer"}},
		{"a quote never closed", "question,answer\nQ1,A1\nQ2,\"A2\nQ3,A3", []retrieval.Document{answer("Q1", "Q1", "A1"), answer("Q3", "Q3", "A3")}, []string{"3: a quote is opened"}},
		{"bad fields", "question,answer,locale,url\nQ,A,x-,\nQ,A,,ftp://x\nQ,A,,", []retrieval.Document{answer("Q", "Q", "A")}, []string{"2: \"x-\" is not a locale", "3: the url"}},
		{"a huge row", "question,answer\nQ," + strings.Repeat("x", maxRow+1) + "\nQ2,A2", []retrieval.Document{answer("Q2", "Q2", "A2")}, []string{"2: the row is larger than 2 MB"}},
		{"one column", "question\nQ1", nil, []string{"1: the first row names columns, but not both"}},
		{"no columns", "Q1\nQ2", nil, []string{"1: the rows have one column"}},
		{"no answer column", "id,question,locale\n1,Q,de", nil, []string{"1: the first row names columns, but not both"}},
		{"NUL", "question,answer\nQ,A\x00", nil, []string{" this is not text"}},
		{"empty", "", nil, []string{"1: the file has no row"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(tree(t, map[string]string{"t.csv": c.in}), "t.csv")
			docs, problems := read(t, path)
			equal(t, "documents", docs, c.docs)
			if len(problems) != len(c.problems) {
				t.Fatalf("problems %q, want %q", problems, c.problems)
			}
			for i, want := range c.problems {
				if !strings.HasPrefix(problems[i], path+":"+want) {
					t.Errorf("problem %q, want %q", problems[i], want)
				}
			}
		})
	}
}

func TestJSONL(t *testing.T) {
	path := filepath.Join(tree(t, map[string]string{"t.jsonl": strings.Join([]string{
		`{"id":"a/1","title":"T","text":"x","source":"https://x.example/1","domain":"ignored"}`,
		``,
		`{"id":7,"title":"T","text":"x","source":"a book","tags":["a",2],"locale":"de","slug":"s","url":"/u"}`,
		`{"question":"Q","answer":"A","tags":"a, b"}`,
		`{"id":"3","title":"T"`,
		`[1]`,
		`{"id":"5","title":7,"text":"x"}`,
		`{"id":"6","title":"T","text":" "}`,
		`{"text":"x"}`,
		"{\"id\":\"8\",\"title\":\"\xff\",\"text\":\"x\"}",
		`{"id":"9","title":"T","text":"` + strings.Repeat("x", maxRow) + `"}`,
		`{"id":"10","title":"T","text":"x","locale":"?"}`,
		`{"id":{},"title":"T","text":"x"}`,
		`{"id":"12","title":"last","text":"x"}`,
	}, "\r\n")}), "t.jsonl")
	src, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "total", src.Total(), 13)
	docs, problems := collect(t.Context(), src)
	equal(t, "documents", docs, []retrieval.Document{
		{Key: "a/1", Title: "T", Markdown: "x", URL: "https://x.example/1"},
		{Key: "7", Title: "T", Markdown: "x", Tags: []string{"a", "2"}, Locale: "de", Slug: "s", URL: "/u"},
		{Key: "Q", Title: "Q", Markdown: "A", Tags: []string{"a", "b"}},
		{Key: "12", Title: "last", Markdown: "x"},
	})
	wants := []string{"5: this is not JSON", "6: the line is not a JSON object", "7: the field title is not", "8: the line has no text",
		"9: the line has neither", "10: the line is not valid UTF-8", "11: the row is larger than 2 MB", "12: \"?\" is not a locale", "13: a field is not of the right kind"}
	if len(problems) != len(wants) {
		t.Fatalf("problems %q", problems)
	}
	for i, want := range wants {
		if !strings.HasPrefix(problems[i], path+":"+want) {
			t.Errorf("problem %q, want %q", problems[i], want)
		}
	}
}

func TestItemsStopWithTheirContext(t *testing.T) {
	dir := tree(t, map[string]string{"a.md": "x", "b.md": "x", "t.csv": "question,answer\nQ,A\nR,A", "t.jsonl": "{\"id\":1,\"title\":\"a\",\"text\":\"x\"}\n{\"id\":2,\"title\":\"a\",\"text\":\"x\"}"})
	for _, name := range []string{"", "t.csv", "t.jsonl"} {
		src, err := Open(t.Context(), filepath.Join(dir, name), Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		defer cancel()
		for range src.Items(ctx) {
			n++
			cancel()
		}
		equal(t, name, n, 1)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("question;answer\n\"a\"\"b\";c\r\nd;\"e\n"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := decodeText(b)
		if err != nil {
			return
		}
		table, err := openTable(text, nil)
		if err != nil {
			return
		}
		for last := -1; ; {
			r := table.next()
			if table.at < len(text) && table.at <= last {
				t.Fatalf("stands still at %d", last)
			}
			last = table.at
			if want := 1 + countLines(text[:table.at]); table.line != want {
				t.Fatalf("line %d, want %d", table.line, want)
			}
			if table.at >= len(text) {
				return
			}
			_ = r
		}
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte("{\"id\":1,\"title\":\"a\",\"text\":\"b\",\"tags\":[1,\"x\"]}\n[]\n\n{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for line := range lines(bytes.NewReader(b)) {
			if n++; line.n != n {
				t.Fatalf("line %d, want %d", line.n, n)
			}
			item := readRecord("f", line.n, line.text)
			if item.Err == nil && (item.Doc.Key == "" || item.Doc.Markdown == "") {
				t.Fatalf("%+v", item.Doc)
			}
		}
	})
}

func FuzzFrontMatter(f *testing.F) {
	f.Add([]byte("---\ntitle: a\ntags: [b, c]\n---\ntext"))
	f.Add([]byte("---\na: &x [*x]\nb: !!binary x\n<<: {c: |\n  d}\n...\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		item := readMarkdown("a.md", b)
		if (item.Err == nil) == (item.Doc.Title == "") {
			t.Fatalf("%+v", item)
		}
	})
}
