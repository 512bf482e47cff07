package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a document.
const (
	maxTitle    = 300     // characters
	maxMarkdown = 5 << 20 // bytes
	maxKey      = 2000    // bytes
	maxTags     = 50
	maxTag      = 100 // characters
)

// Unfit says why a document cannot be an article, as a sentence for people and by
// a name.
type Unfit struct {
	Why  Why
	text string
}

func (u *Unfit) Error() string { return u.text }

// Why names the reason.
type Why string

// Reasons.
const (
	BadKey    Why = "bad_key"
	NoTitle   Why = "no_title"
	LongTitle Why = "long_title"
	LargeText Why = "large_text"
	// Intricate is a text whose marks are so many or nested so deeply that reading
	// it would take too long.
	Intricate Why = "intricate"
	NoText    Why = "no_text"
	BadURL    Why = "bad_url"
	LongTag   Why = "long_tag"
	ManyTags  Why = "many_tags"
)

// NewUnfit makes one whose sentence is not retrieval's own.
func NewUnfit(why Why) *Unfit { return &Unfit{why, string(why)} }

func unfit(why Why, format string, args ...any) *Unfit {
	return &Unfit{why, fmt.Sprintf(format, args...)}
}

// Prepare cleans and checks a document of a source, whoever wrote it. What comes
// out is ready to be cut. Errors: *Unfit.
func Prepare(site Site, source string, d Document) (Publication, error) {
	if d.Key == "" || len(d.Key) > maxKey || !utf8.ValidString(d.Key) || strings.ContainsRune(d.Key, 0) {
		return Publication{}, unfit(BadKey, "its key is empty, longer than %d bytes or not text", maxKey)
	}
	if d.Title = CleanTitle(d.Title); d.Title == "" {
		d.Title = titleFrom(d.Markdown)
	}
	if d.Title == "" {
		return Publication{}, unfit(NoTitle, "it has neither a title nor a text to make one of")
	}
	if n := utf8.RuneCountInString(d.Title); n > maxTitle {
		return Publication{}, unfit(LongTitle, "its title has %d characters; %d are allowed", n, maxTitle)
	}
	if len(d.Markdown) > maxMarkdown {
		return Publication{}, unfit(LargeText, "its text is larger than %d MB", maxMarkdown>>20)
	}
	markdown, err := CleanMarkdown(d.Markdown)
	if err != nil {
		return Publication{}, unfit(Intricate, "%s", err)
	}
	d.Markdown = WithoutTitle(markdown, d.Title)
	if wordCount(d.Markdown) == 0 {
		return Publication{}, unfit(NoText, "it has no text")
	}
	if d.URL != "" && (!isHarmlessLink(d.URL) || strings.HasPrefix(strings.ToLower(d.URL), "mailto:") || strings.HasPrefix(strings.ToLower(d.URL), "tel:")) {
		return Publication{}, unfit(BadURL, "its url is not the address of a web page")
	}
	if d.Slug == "" {
		d.Slug = d.Title
	}
	if d.Slug = Slug(d.Slug); d.Slug == "" {
		d.Slug = "article"
	}
	if d.Locale == "" {
		d.Locale = site.Locale
	}
	if d.Tags, err = CleanTags(d.Tags); err != nil {
		return Publication{}, err
	}
	return Publication{SiteID: site.ID, Source: source, Document: d, Hash: contentHash(d)}, nil
}

// Cut gives the publication with its chunks and what the lexical index keeps of
// them.
func (p Publication) Cut() Publication {
	p.Chunks = Cut(p.Markdown)
	for i, c := range p.Chunks {
		p.Chunks[i].Lexical = LexicalWeights(p.Title, c.Heading, c.Text, p.Locale)
	}
	return p
}

// Embedded gives a publication that is cut with its chunks' vectors by an
// embedder, too.
func (p Publication) Embedded(ctx context.Context, embedder Embedder) (Publication, error) {
	texts := make([]string, len(p.Chunks))
	for i, c := range p.Chunks {
		texts[i] = embedText(ChunkText{Title: p.Title, Heading: c.Heading, Text: c.Text})
	}
	vectors, err := embedder.Embed(ctx, texts, false)
	if err != nil {
		return p, fmt.Errorf("embed %d chunks: %w", len(texts), err)
	}
	if len(vectors) != len(texts) {
		return p, fmt.Errorf("embed %d chunks: got %d vectors", len(texts), len(vectors))
	}
	p.Vectors = append(slices.Clone(p.Vectors), ChunkVectors{embedder.Name(), vectors})
	return p, nil
}

// titleWords is how many words of its text name an article that has no title.
const titleWords = 9

// titleFrom names an article by its first heading or its first words, so that
// passages of a corpus without titles can be imported and cited.
func titleFrom(markdown string) string {
	if heading := CleanTitle(FirstHeading(markdown)); heading != "" {
		return heading
	}
	words := strings.Fields(markdown[:min(len(markdown), 8*maxTitle)])
	if len(words) <= titleWords {
		return cutRunes(strings.Join(words, " "), maxTitle)
	}
	return cutRunes(strings.Join(words[:titleWords], " "), maxTitle-2) + " …"
}

func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// CleanTags returns the tags as text, each once, in order. Errors: *Unfit.
func CleanTags(tags []string) ([]string, error) {
	seen := map[string]bool{}
	out := []string{}
	for _, t := range tags {
		t = CleanTitle(t)
		if utf8.RuneCountInString(t) > maxTag {
			return nil, unfit(LongTag, "a tag is longer than %d characters", maxTag)
		}
		if t != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, unfit(ManyTags, "it has %d tags; %d are allowed", len(out), maxTags)
	}
	return out, nil
}

// contentHash is of all that matters in a document, and of how it is cut.
func contentHash(d Document) []byte {
	h := sha256.New()
	part := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	part(fmt.Sprint(ChunkerVersion))
	for _, s := range []string{d.Title, d.Slug, d.Locale, d.URL, d.Markdown} {
		part(s)
	}
	for _, t := range d.Tags {
		part(t)
	}
	return h.Sum(nil)
}
