package retrieval

import (
	"slices"
	"strings"
	"sync"
)

// speller gives the terms of the words of one language. It remembers them:
// stemming a word takes some twenty times as long as looking it up.
type speller struct {
	language string
	mu       sync.RWMutex
	known    map[string][]int32
}

// maxSpelled bounds how many words of a language are remembered, some megabytes.
// When there are more, all are forgotten: the common ones are soon back.
const maxSpelled = 1 << 16

// spellers are the languages' spellers. They hold nothing that is not computed
// anew, so that all searches and imports of a process share them.
var spellers spellerSet

type spellerSet struct {
	mu sync.Mutex
	by map[string]*speller
}

// of gives the speller of a language; of one without a stemmer, that of none.
func (s *spellerSet) of(language string) *speller {
	if stemmers[language] == nil {
		language = ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]*speller{}
	}
	if s.by[language] == nil {
		s.by[language] = &speller{language: language, known: map[string][]int32{}}
	}
	return s.by[language]
}

// terms gives the terms of a word in lower case, which the caller does not
// change.
func (s *speller) terms(w string) []int32 {
	s.mu.RLock()
	terms, known := s.known[w]
	s.mu.RUnlock()
	if known {
		return terms
	}
	terms = slices.Clip(spellings(w, s.language))
	if len(w) > maxIdentifier {
		return terms
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxSpelled {
		clear(s.known)
	}
	s.known[strings.Clone(w)] = terms
	return terms
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// spellings are the terms of a word: its stem without accents; then the stem of
// the word written without accents, which may be another one; in German also
// that of the spelling with ae, oe, ue.
func spellings(w, language string) []int32 {
	terms := []int32{termOf(fold(stem(w, language)))}
	add := func(other string) {
		if term := termOf(fold(stem(other, language))); !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	if plain := fold(w); plain != w {
		add(plain)
		if language == "de" {
			add(umlauts.Replace(w))
		}
	}
	return terms
}
