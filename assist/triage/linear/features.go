// Package linear is a logistic regression over hashed pieces of a text: its
// words, neighbouring words, and parts of words. It needs no vocabulary, so that
// misspelt words and words of any language have features, too.
package linear

import (
	"math"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bits is the binary logarithm of the number of features.
const Bits = 16

// shortest and longest are the numbers of runes in a part of a word.
const shortest, longest = 3, 5

// Vector is the sparse vector of a text, of length 1. All its components are
// equal: a piece of text is there or not.
type Vector struct {
	// Indexes are all different, in the order in which they occur.
	Indexes []uint32
	// Value is each component's.
	Value float32
}

// Features makes the vector of a text. It takes time and memory by the text's
// length; who calls bounds that.
func Features(text string) Vector {
	f := finders.Get().(*finder)
	defer finders.Put(f)
	f.words(text)
	v := Vector{Indexes: slices.Clone(f.indexes)}
	if len(f.indexes) > 0 {
		v.Value = float32(1 / math.Sqrt(float64(len(f.indexes))))
	}
	f.clear()
	return v
}

var finders = sync.Pool{New: func() any { return new(finder) }}

type finder struct {
	indexes []uint32
	found   [1 << Bits / 64]uint64 // a bit for each feature that is in indexes
	word    []rune                 // between two marks of its ends
	last    uint64                 // hash of the word before, 0 at a beginning
	before  uint64                 // and of that before
}

func (f *finder) clear() {
	for _, i := range f.indexes {
		f.found[i/64] = 0
	}
	f.indexes, f.last, f.before = f.indexes[:0], 0, 0
}

// words cuts a text into words, numbers and signs.
func (f *finder) words(text string) {
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '@' || r == 'h' && isAddress(text):
			// A name or an address says who and where, not what.
			for size < len(text) && text[size] > ' ' {
				size++
			}
			f.add('@')
		case unicode.IsDigit(r):
			for size < len(text) && text[size] >= '0' && text[size] <= '9' {
				size++
			}
			f.add('0')
		case isLetter(r):
			f.word = append(f.word[:0], '<')
			size = 0
			for size < len(text) {
				r, n := utf8.DecodeRuneInString(text[size:])
				if r == '’' {
					r = '\''
				}
				if !isLetter(r) && r != '\'' {
					break
				}
				f.word = append(f.word, unicode.ToLower(r))
				size += n
			}
			f.word = append(f.word, '>')
			f.add(f.word...)
			f.parts()
		case unicode.IsSpace(r):
		default:
			f.add(r)
		}
		text = text[size:]
	}
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func isAddress(text string) bool {
	return len(text) > 8 && (text[:7] == "http://" || text[:8] == "https://")
}

// add counts a word: alone, with the word before, and with that before across
// one word.
func (f *finder) add(word ...rune) {
	h := hash(offset, word)
	f.put(h)
	if f.last != 0 {
		f.put(mix(f.last, h))
	}
	if f.before != 0 {
		f.put(mix(f.before*3, h))
	}
	f.before, f.last = f.last, h
}

// parts counts the parts of the present word.
func (f *finder) parts() {
	const part = offset ^ 0x5bd1e995
	word := f.word[:min(len(f.word), 24)]
	for n := shortest; n <= longest; n++ {
		for i := 0; i+n <= len(word); i++ {
			f.put(hash(part, word[i:i+n]))
		}
	}
}

func (f *finder) put(h uint64) {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	i := uint32(h >> (64 - Bits))
	if bit := uint64(1) << (i % 64); f.found[i/64]&bit == 0 {
		f.found[i/64] |= bit
		f.indexes = append(f.indexes, i)
	}
}

const offset, prime = 14695981039346656037, 1099511628211

// hash is FNV-1a over runes.
func hash(h uint64, word []rune) uint64 {
	for _, r := range word {
		h = (h ^ uint64(r)) * prime
	}
	return h
}

func mix(a, b uint64) uint64 { return (a^0x9e3779b97f4a7c15)*prime ^ b }
