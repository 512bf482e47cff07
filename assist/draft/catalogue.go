package draft

import (
	"embed"
	"fmt"
	"hash/fnv"
	"path"
	"slices"
	"strings"
)

//go:embed templates/*.md
var templateFiles embed.FS

// catalogue is what replies without a model say in one language: by key, the
// ways to say it.
type catalogue map[string][]string

var catalogues = loadCatalogues()

func loadCatalogues() map[string]catalogue {
	out := map[string]catalogue{}
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // embedded: cannot be missing in a built program
	}
	for _, e := range entries {
		b, err := templateFiles.ReadFile(path.Join("templates", e.Name()))
		if err != nil {
			panic(err)
		}
		out[strings.TrimSuffix(e.Name(), ".md")] = parseCatalogue(e.Name(), string(b))
	}
	return out
}

// parseCatalogue reads sections ("## key") of lines ("- text"); what stands
// before the first section is for people.
func parseCatalogue(name, text string) catalogue {
	c := catalogue{}
	key := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if k, ok := strings.CutPrefix(line, "## "); ok {
			if c[k] != nil {
				panic(fmt.Sprintf("%s:%d: %s stands there twice", name, i+1, k))
			}
			key, c[k] = k, []string{}
			continue
		}
		if said, ok := strings.CutPrefix(line, "- "); ok && key != "" {
			c[key] = append(c[key], said)
		} else if key != "" && line != "" {
			panic(fmt.Sprintf("%s:%d: neither a section nor a line of one", name, i+1))
		}
	}
	return c
}

// languageOf is the language of a BCP 47 tag, empty where it is none.
func languageOf(locale string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(locale), "_", "-")), "-")
	if len(base) < 2 || len(base) > 3 || strings.ContainsFunc(base, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return base
}

// Languages lists those in which replies are written without a model.
func Languages() []string {
	var out []string
	for l := range catalogues {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

// choice varies what is said between conversations, and not between two looks
// at the same one.
type choice uint64

func choiceFor(parts ...string) choice {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p + "\x00")) // never fails
	}
	return choice(h.Sum64())
}

// say chooses one of a key's lines and fills its places. A key that is not
// there says nothing.
func (c catalogue) say(ch choice, key string, fill ...string) string {
	lines := c[key]
	if len(lines) == 0 {
		return ""
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, uint64(ch), key)
	return strings.NewReplacer(fill...).Replace(lines[h.Sum64()%uint64(len(lines))])
}
