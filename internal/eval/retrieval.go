package eval

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/careloop/careloop/retrieval"
)

// Finder is a search over one corpus, whole and by its single rankings.
type Finder interface {
	Search(ctx context.Context, q retrieval.Query) (retrieval.Result, error)
	RankByWords(ctx context.Context, q retrieval.Query) ([]retrieval.Passage, error)
	RankByMeaning(ctx context.Context, q retrieval.Query) ([]retrieval.Passage, error)
}

// Subject is a corpus that is indexed, and the search over it.
type Subject struct {
	Finder
	SiteID, Locale string
	// Keys gives the id in the corpus' file of each article.
	Keys              map[string]string
	Documents, Chunks int
	// Progress, if set, is called after every question.
	Progress func(done, total int)
}

// Retrieval is the result of an evaluation of a search.
type Retrieval struct {
	Documents int     `json:"documents"`
	Chunks    int     `json:"chunks"`
	Queries   int     `json:"queries"` // that were scored
	Lexical   Ranking `json:"lexical"`
	Semantic  Ranking `json:"semantic"`
	Hybrid    Ranking `json:"hybrid"`
}

const (
	// wholePassages is how many passages of a whole search are ranked: with the
	// most that it takes of one article, enough for ten.
	wholePassages = 30
	// warming is how many questions are asked before time is taken.
	warming = 20
)

// Retrieval asks every question that has a relevant document in three ways and
// scores them. Documents are ranked, each at its best chunk.
func (s *Subject) Retrieval(ctx context.Context, questions []Question) (Retrieval, error) {
	scored := Scored(questions)
	result := Retrieval{Documents: s.Documents, Chunks: s.Chunks, Queries: len(scored)}
	if len(scored) == 0 {
		return result, fmt.Errorf("no question has a relevant document, so there is nothing to score")
	}
	ways := []struct {
		to  *Ranking
		ask func(context.Context, retrieval.Query) ([]retrieval.Passage, error)
	}{{&result.Lexical, s.RankByWords}, {&result.Semantic, s.RankByMeaning}, {&result.Hybrid, s.whole}}
	done, total := 0, len(ways)*len(scored)
	for _, way := range ways {
		for _, q := range scored[:min(warming, len(scored))] {
			if _, err := way.ask(ctx, q.Query(s.SiteID, s.Locale)); err != nil {
				return result, err
			}
		}
		var score scorer
		for _, q := range scored {
			start := time.Now()
			passages, err := way.ask(ctx, q.Query(s.SiteID, s.Locale))
			took := time.Since(start)
			if err != nil {
				return result, err
			}
			score.add(s.documents(passages), q.Relevant, took)
			if done++; s.Progress != nil {
				s.Progress(done, total)
			}
		}
		*way.to = score.mean()
	}
	return result, nil
}

// Scored are the questions that a ranking can be scored by.
func Scored(questions []Question) []Question {
	return slices.DeleteFunc(slices.Clone(questions), func(q Question) bool { return len(q.Relevant) == 0 })
}

// whole is the search as it serves.
func (s *Subject) whole(ctx context.Context, q retrieval.Query) ([]retrieval.Passage, error) {
	q.Limit = wholePassages
	result, err := s.Search(ctx, q)
	return result.Passages, err
}

// documents lists the documents of passages, each at its best one.
func (s *Subject) documents(passages []retrieval.Passage) []string {
	var ids []string
	seen := map[string]bool{}
	for _, p := range passages {
		if id := s.Keys[p.Article.ID]; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
