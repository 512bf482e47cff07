package static

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxWord is how many characters a word may have; longer ones are unknown.
	maxWord = 100
	// continued marks tokens that stand inside a word.
	continued = "##"
)

var continuedHash = hash(hashStart, continued)

// tokens calls yield for each known token of the text, in order: WordPiece as
// uncased BERT models cut. Text is lower-cased and loses accents and control
// characters; words end at spaces, and punctuation and Chinese characters are
// words of their own; a word is cut into the longest known pieces from its
// beginning, and one that cannot be cut so is left out whole.
func (t *table) tokens(text string, yield func(id int)) {
	if !ascii(text) {
		text = norm.NFD.String(text)
	}
	var w word
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		switch classify(r) {
		case letter:
			w.add(lower(r))
		case space:
			t.pieces(&w, yield)
		case alone:
			t.pieces(&w, yield)
			w.add(r)
			t.pieces(&w, yield)
		case dropped:
		}
	}
	t.pieces(&w, yield)
}

// word gathers the characters of one word.
type word struct {
	bytes  [maxWord * utf8.UTFMax]byte
	length int // in bytes
	runes  int
}

func (w *word) add(r rune) {
	w.runes++
	if w.runes <= maxWord {
		w.length += utf8.EncodeRune(w.bytes[w.length:], r)
	}
}

// pieces yields the tokens of the word and empties it.
func (t *table) pieces(w *word, yield func(id int)) {
	text, runes := w.bytes[:w.length], w.runes
	w.length, w.runes = 0, 0
	if runes == 0 || runes > maxWord {
		return
	}
	var ids [maxWord]uint16
	count := 0
	for begin := 0; begin < len(text); count++ {
		prefix, h := "", uint32(hashStart)
		if begin > 0 {
			prefix, h = continued, continuedHash
		}
		id, end := -1, begin
		for i := begin; i < len(text) && i-begin+len(prefix) < t.longest; i++ {
			h = hashByte(h, text[i])
			if i+1 < len(text) && !utf8.RuneStart(text[i+1]) {
				continue
			}
			if found := t.find(h, prefix, text[begin:i+1]); found >= 0 {
				id, end = found, i+1
			}
		}
		if id < 0 {
			return
		}
		ids[count], begin = uint16(id), end
	}
	for _, id := range ids[:count] {
		yield(int(id))
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// kind tells what a character does to the word it stands in.
type kind uint8

const (
	letter  kind = iota // belongs to the word
	space               // ends the word
	alone               // ends the word and is one itself
	dropped             // is not there
)

var asciiKinds = func() (kinds [utf8.RuneSelf]kind) {
	for i := range kinds {
		r := rune(i)
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == ' ':
			kinds[i] = space
		case r < ' ' || r == 0x7f:
			kinds[i] = dropped
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			kinds[i] = alone
		}
	}
	return kinds
}()

func classify(r rune) kind {
	switch {
	case r < utf8.RuneSelf:
		return asciiKinds[r]
	case r == utf8.RuneError || unicode.In(r, unicode.Mn, unicode.Cc, unicode.Cf, unicode.Co):
		return dropped
	case unicode.IsSpace(r):
		return space
	case unicode.IsPunct(r) || chinese(r):
		return alone
	}
	return letter
}

// chinese tells the blocks of Chinese characters that BERT's tokenizer knows.
func chinese(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0xf900 && r <= 0xfaff ||
		r >= 0x20000 && r <= 0x2a6df || r >= 0x2a700 && r <= 0x2b81f || r >= 0x2b920 && r <= 0x2ceaf ||
		r >= 0x2f800 && r <= 0x2fa1f
}

func lower(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}
