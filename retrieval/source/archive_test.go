package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/careloop/careloop/retrieval"
)

type zipped struct {
	name, text string
	mode       fs.FileMode
}

// archiveOf packs files.
func archiveOf(t testing.TB, files ...zipped) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.mode != 0 {
			h.SetMode(f.mode)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(f.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readFiles reads what was handed in, and sees to it that nothing is left behind.
func readFiles(t testing.TB, name string, content []byte) (docs []retrieval.Document, problems []string, src retrieval.Source) {
	t.Helper()
	dir, scratch := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "upload-0")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	src = Files("upload", []File{{Name: name, Path: path}}, nil, scratch)
	for item := range src.Items(t.Context()) {
		switch {
		case item.Err != nil && item.Gone:
			problems = append(problems, "- "+item.Err.String())
		case item.Err != nil:
			problems = append(problems, "? "+item.Err.String())
		default:
			docs = append(docs, item.Doc)
		}
	}
	left, err := os.ReadDir(scratch)
	if err != nil || len(left) > 0 {
		t.Errorf("%d files are left behind, %v", len(left), err)
	}
	return docs, problems, src
}

func TestArchive(t *testing.T) {
	docs, problems, src := readFiles(t, "help.zip", archiveOf(t,
		zipped{name: "de/versand.md", text: "# Versand\n\nSchnell."},
		zipped{name: "win\\path.md", text: "# Windows\n\ntext"},
		zipped{name: "page.html", text: "<title>Page</title><main>text</main>"},
		zipped{name: "t/faq.csv", text: "question;answer\nQ1;A1\nQ2\n"},
		zipped{name: "rows.jsonl", text: "{\"id\":1,\"title\":\"T\",\"text\":\"x\"}\n{\n"},
		zipped{name: "empty/", text: ""},
		zipped{name: "__MACOSX/._versand.md", text: "x"}, zipped{name: ".DS_Store", text: "x"},
		zipped{name: "logo.png", text: "x"},
		zipped{name: "../../etc/passwd.md", text: "x"}, zipped{name: "/abs.md", text: "x"}, zipped{name: "C:\\x.md", text: "x"},
		zipped{name: "inner.zip", text: "PK"}, zipped{name: "inner.tar.gz", text: "x"},
		zipped{name: "link.md", text: "/etc/passwd", mode: fs.ModeSymlink | 0o777},
		zipped{name: "bad\x01name.md", text: "x"},
	))
	var keys []string
	for _, d := range docs {
		keys = append(keys, d.Key+" "+d.Title+" "+d.Locale)
	}
	equal(t, "documents", keys, []string{"de/versand.md Versand de", "win/path.md Windows ", "page.html Page ", "Q1 Q1 ", "1 T "})
	slices.Sort(problems)
	for i, want := range []string{
		"- help.zip/../../etc/passwd.md: its path leads out", "- help.zip//abs.md: its path leads out", "- help.zip/C:/x.md: its path leads out",
		"- help.zip/bad?name.md: its name holds", "- help.zip/inner.tar.gz: an archive within", "- help.zip/inner.zip: an archive within",
		"- help.zip/link.md: this is a link", "- help.zip/logo.png: files of this kind",
		"? help.zip/rows.jsonl:2: this is not JSON", "? help.zip/t/faq.csv:3: the row has no answer; fill it in or delete the row",
	} {
		if i >= len(problems) || !strings.HasPrefix(problems[i], want) {
			t.Errorf("problem %d of %q, want %q", i, problems, want)
		}
	}
	if len(problems) != 10 || src.Total() != 16-3+1+1 {
		t.Errorf("%d problems, %d in all", len(problems), src.Total())
	}
}

func TestArchiveBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 30<<20)
	var many []zipped
	for i := range maxEntries + 1 {
		many = append(many, zipped{name: fmt.Sprintf("%d.md", i)})
	}
	for name, c := range map[string]struct {
		files []zipped
		want  string
		docs  int
	}{
		"ratio":   {[]zipped{{name: "a.md", text: "# A\n\ntext"}, {name: "bomb.csv", text: zeros}, {name: "b.md", text: "# B\n\ntext"}}, "bomb.csv: it unpacks to more than 200 times its size", 1},
		"entries": {many, "holds more than 20,000 files", 0},
	} {
		t.Run(name, func(t *testing.T) {
			docs, problems, _ := readFiles(t, "bomb.zip", archiveOf(t, c.files...))
			last := problems[len(problems)-1]
			if !strings.HasPrefix(last, "? bomb.zip: ") || !strings.Contains(last, c.want) || len(docs) != c.docs {
				t.Errorf("%d documents, %q", len(docs), last)
			}
		})
	}
	left := int64(10)
	u := &unpacking{r: strings.NewReader("more than ten bytes"), packed: 1000, limit: 1000, left: &left}
	if _, err := io.ReadAll(u); err == nil || err.Error() != "the archive unpacks to more than 512 MB" {
		t.Errorf("all together: %v", err)
	}
	// An archive that lies about what is in it, and one that is cut.
	whole := archiveOf(t, zipped{name: "a.md", text: strings.Repeat("# A\n\ntext", 500)})
	for name, content := range map[string][]byte{"cut": whole[:len(whole)/2], "no archive": []byte("PK\x03\x04 hello"), "empty": {}} {
		docs, problems, _ := readFiles(t, "x.zip", content)
		if len(docs) != 0 || len(problems) != 1 || !strings.Contains(problems[0], "not a ZIP archive, or it is damaged") {
			t.Errorf("%s: %d documents, %q", name, len(docs), problems)
		}
	}
	broken := bytes.Clone(whole)
	broken[40] ^= 0xff
	if _, problems, _ := readFiles(t, "x.zip", broken); len(problems) != 1 || !strings.Contains(problems[0], "it is damaged") {
		t.Errorf("broken: %q", problems)
	}
}

func TestLookInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	for in, want := range map[string]Glance{
		"Thema;Erkl\xe4rung\nM\xfcll;weg\n\n\"x\"y;z\nb;c\n": {Headings: []string{"Thema", "Erklärung"}, Rows: [][]string{{"Müll", "weg"}, {"b", "c"}}, Columns: map[string]int{}},
		"title\ttext\tx\n": {Headings: []string{"title", "text", "x"}, Columns: map[string]int{"question": 0, "answer": 1}},
	} {
		if err := os.WriteFile(path, []byte(in), 0o600); err != nil {
			t.Fatal(err)
		}
		g, ok := LookInto(path)
		equal(t, "glance", g, want)
		if !ok || g.Known() != (len(want.Columns) == 2) {
			t.Errorf("%v %v", ok, g.Known())
		}
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(archiveOf(f, zipped{name: "a.md", text: "# A\n\ntext"}, zipped{name: "b.csv", text: "question,answer\nx,y\n"}))
	f.Add(archiveOf(f, zipped{name: "../a.jsonl", text: "{}"}, zipped{name: "c.html", text: "<p>x"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		docs, problems, _ := readFiles(t, "f.zip", b)
		if len(docs)+len(problems) > maxEntries+1 {
			t.Fatalf("%d documents, %d problems", len(docs), len(problems))
		}
		for _, d := range docs {
			if d.Key == "" || strings.HasPrefix(d.Key, "/") || strings.Contains(d.Key, "../") && !strings.ContainsAny(d.Key, " @") {
				t.Fatalf("key %q", d.Key)
			}
		}
	})
}
