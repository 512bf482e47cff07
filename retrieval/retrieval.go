// Package retrieval turns articles into passages: it fetches and cleans
// sources, cuts articles into chunks, embeds and indexes them, and finds the
// passages that answer a question. It knows no SQL, no HTTP server, no queue.
package retrieval

import (
	"context"
	"time"
)

// Document is one article as an importer read it, before it is stored.
type Document struct {
	// Key identifies the document within its source at every later import: a
	// relative path, an id, a URL.
	Key string
	// Slug names the article in addresses; empty means: made from the title.
	Slug   string
	Title  string
	Locale string // BCP 47; empty means the site's own
	Tags   []string
	// URL is where shoppers can read the article; empty means Careloop's own
	// page of it.
	URL      string
	Markdown string
}

// Chunk is a piece of a published article as it is stored and searched.
type Chunk struct {
	Ordinal int // 0, 1, 2 … within the article's version
	// Heading is the path of headings above the text, outermost first, without
	// the article's title.
	Heading []string
	Text    string
	// Lexical is what the lexical index keeps of the chunk.
	Lexical TermWeights
}

// TermWeights are saturated BM25 weights by hashed term; see lexical.go.
type TermWeights struct {
	Terms   []int32 // ascending, distinct, above 0
	Weights []float32
	// Words holds a word for each term, as it is written but without accents and
	// in lower case; empty where the term is no word that could be misspelt. A
	// query has none.
	Words []string
}

// Word is a word of a site's chunks and its term.
type Word struct {
	Form string
	Term int32
}

// Article is a published article's identity as passages carry it.
type Article struct {
	ID      string
	Version int
	Slug    string
	Title   string
	Locale  string
	URL     string
	// Audience is who may read it.
	Audience Audience
}

// Passage is a chunk that was found, with its article and its scores.
type Passage struct {
	ChunkID int64
	Article Article
	Heading []string
	Text    string
	// Lexical is the BM25 score, Semantic the cosine similarity, 0 where that
	// ranking did not find the chunk; Fused is what orders the result.
	Lexical  float64
	Semantic float64
	Fused    float64
}

// Query is a question as a shopper put it, in its conversation.
type Query struct {
	SiteID string
	Text   string
	// History holds the shopper's earlier messages, oldest first, Replies what
	// was said to them.
	History, Replies []string
	// Locale is the language to search in, SiteLocale the site's own, which is
	// searched too; without it all languages are.
	Locale, SiteLocale string
	// Audience is who reads what is found; the zero value sees least.
	Audience Audience
	// Limit bounds the passages; 0 means 6.
	Limit int
}

// Result is what a search found. Confidence is an estimate of the probability
// that the passages answer the question.
type Result struct {
	Passages   []Passage
	Confidence float64
	Took       Timing
}

// Timing tells where a search spent its time.
type Timing struct {
	Embed, Lexical, Semantic, Total time.Duration
}

// Searcher finds passages.
type Searcher interface {
	// Search never fails for want of a match: no passages is a result. It
	// returns lexical passages alone where the embedder fails.
	Search(ctx context.Context, q Query) (Result, error)
}

// Embedder turns texts into vectors of one length.
type Embedder interface {
	// Name identifies the model; vectors of different names are never compared.
	Name() string
	// Dimensions is the length of each vector; 0 until the first call where the
	// endpoint decides.
	Dimensions() int
	// Embed returns one vector of length 1 for each text, in order. asQuery
	// tells models apart that embed questions and passages differently.
	Embed(ctx context.Context, texts []string, asQuery bool) ([][]float32, error)
}

// Matcher is an Embedder that also compares a question with short texts word by
// word, fast enough for dozens of them within a search. The function that it
// returns gives 0 to 1 and is used by one goroutine.
type Matcher interface {
	Matcher(question string) func(text string) float64
}

// Hit is a chunk with its score in one ranking.
type Hit struct {
	ChunkID int64
	Score   float64
}

// Corpus tells a search what the lexical ranking must know of the site's
// published chunks.
type Corpus struct {
	Chunks int64
	// DocumentFrequency holds, for each queried term, in how many chunks it
	// stands.
	DocumentFrequency map[int32]int64
}

// Index is what a search needs of the store. Every call sees the published
// chunks of one site in the given locales only; no locales means all. Locales
// are compared by their language: de also finds what is written for de-AT.
type Index interface {
	// Corpus counts chunks and, for the given terms, the chunks that hold them.
	Corpus(ctx context.Context, siteID string, locales []string, terms []int32) (Corpus, error)
	// Lexical ranks by the inner product of the chunks' weights and the query's.
	// Only chunks with at least one of required are looked at (all of the
	// query's terms, or its rarer ones).
	Lexical(ctx context.Context, siteID string, locales []string, audience Audience, query TermWeights, required []int32, limit int) ([]Hit, error)
	// Semantic ranks by cosine similarity within the vectors of one embedder.
	Semantic(ctx context.Context, siteID string, locales []string, audience Audience, embedder string, vector []float32, limit int) ([]Hit, error)
	// Words gives up to limit words of the site's chunks that begin with one of the
	// letters and have a length from least to most, in characters.
	Words(ctx context.Context, siteID string, letters []string, least, most, limit int) ([]Word, error)
	// Cosines gives the cosine similarities of chunks by id with the vector of an
	// embedder, in any order; chunks without a vector of it are left out.
	Cosines(ctx context.Context, siteID, embedder string, vector []float32, chunkIDs []int64) ([]Hit, error)
	// Passages loads chunks by id with their articles, in any order; chunks that
	// are no longer published are left out.
	Passages(ctx context.Context, siteID string, chunkIDs []int64) ([]Passage, error)
}

// State says what an import did with a document.
type State string

// What became of a document.
const (
	Created   State = "created"
	Updated   State = "updated"
	Unchanged State = "unchanged"
	Removed   State = "removed"
)

// Publication is a document made ready to be stored: cut, hashed, and with the
// terms of its chunks.
type Publication struct {
	SiteID string
	Source string // names the import's source: a folder, a file, a host
	Document
	Hash   []byte // of all that matters in Document
	Chunks []Chunk
	// Vectors are those of the chunks that were made already; others are made once
	// it is published.
	Vectors []ChunkVectors
	// Edit is set where people publish in the console; nil: an import, which leaves
	// who may read an article as it is.
	Edit *Edit
}

// ChunkVectors are the vectors of a publication's chunks, in order, by one
// embedder.
type ChunkVectors struct {
	Embedder string
	Vectors  [][]float32
}

// Edit is what publishing in the console says beyond the document.
type Edit struct {
	Audience Audience
	// ByID is the person who publishes, Author their name, Note what they say of it.
	ByID, Author, Note string
}

// Articles is what an import needs of the store.
type Articles interface {
	// Hashes returns the content hash by key of all articles of a source, so
	// that what did not change is not touched.
	Hashes(ctx context.Context, siteID, source string) (map[string][]byte, error)
	// Publish stores each publication as a new version of its article, makes it
	// the published one and replaces its chunks, all in one transaction, and
	// sees to it that the chunks will be embedded. A slug that another article
	// of the same site and locale has gets a number behind it. The states are in
	// order.
	Publish(ctx context.Context, ps []Publication) ([]State, error)
	// Retire unpublishes the articles of a source whose keys are given.
	Retire(ctx context.Context, siteID, source string, keys []string) (int, error)
}

// Vectors is what embedding needs of the store.
type Vectors interface {
	// Unembedded returns up to limit published chunks of a site that have no
	// vector of the embedder and were not refused by it, by id above after; none
	// where nobody wants the embedder's vectors.
	Unembedded(ctx context.Context, siteID, embedder string, after int64, limit int) ([]ChunkText, error)
	// SaveVectors stores vectors by chunk; chunks that are gone are left out.
	SaveVectors(ctx context.Context, siteID, embedder string, chunkIDs []int64, vectors [][]float32) error
	// SaveRefusal notes that an embedder will not take a chunk.
	SaveRefusal(ctx context.Context, embedder string, chunkID int64, reason string) error
	// IndexVectors is called when a site's vectors are whole, so that the store
	// can see to their index.
	IndexVectors(ctx context.Context, siteID, embedder string) error
}

// ChunkText is what is embedded of a chunk.
type ChunkText struct {
	ID      int64
	Title   string
	Heading []string
	Text    string
}
