package retrieval

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// word is one word of a text as the lexical index sees it.
type word struct {
	// form is the word in lower case without accents, for lists of words.
	form string
	// terms are the hashes under which the word is found: its stem first, then
	// the spellings that others may use for it.
	terms []int32
	// whole marks an identifier that stands beside its own parts; part marks
	// those.
	whole, part bool
}

// An identifier is letters and digits joined by signs, as in AB-1234/x, or
// letters and digits without any, as in AB1234.
var identifier = regexp.MustCompile(`[\p{L}\p{N}]+(?:[-_/.:#+][\p{L}\p{N}]+)*`)

const maxIdentifier = 64 // bytes; what is longer is an address or noise

// wordsOf cuts a text into words by the rules of Unicode (UAX 29); runs of
// scripts that write no spaces become pairs of characters. Identifiers are
// found whole, without their signs, as well as by their parts.
func wordsOf(text, language string) []word { return appendWordsOf(nil, text, language) }

// appendWordsOf appends the words of a text. A search reads some forty passages
// on the way to its answer, so what is plain, most of any text in Latin letters,
// takes a short way to the same words.
func appendWordsOf(words []word, text, language string) []word {
	if !isASCII(text) {
		text = strings.ReplaceAll(norm.NFKC.String(text), "’", "'")
	}
	text = strings.ToLower(text)
	spell := spellers.of(language)
	for len(text) > 0 {
		end, plain := nextField(text)
		field := text[:end]
		text = text[end:]
		if plain {
			words = appendPlain(words, field, language, spell)
			continue
		}
		for len(field) > 0 {
			run, pairs := nextRun(field)
			field = field[len(run):]
			if pairs {
				words = appendPairs(words, run)
				continue
			}
			words = appendWords(words, run, language, spell)
		}
	}
	return words
}

// nextField is where the text's first field ends, the white space behind it
// included, and whether it is of ASCII letters and signs alone.
func nextField(text string) (end int, plain bool) {
	plain = true
	for i := range len(text) {
		switch b := text[i]; {
		case b == ' ' || b == '\n' || b == '\t' || b == '\r':
			return i + 1, plain
		case b >= utf8.RuneSelf || b >= '0' && b <= '9':
			plain = false
		}
	}
	return len(text), plain
}

// appendPlain appends the words of a field in lower case: its runs of letters.
func appendPlain(words []word, field, language string, spell *speller) []word {
	isPart := func(b byte) bool { return b >= 'a' && b <= 'z' || b == '\'' }
	for i := 0; i < len(field); {
		if !isPart(field[i]) {
			i++
			continue
		}
		from := i
		// Two apostrophes in a row are a quotation mark.
		for i < len(field) && isPart(field[i]) && (i == from || field[i-1] != '\'' || field[i] != '\'') {
			i++
		}
		if w := field[from:i]; strings.IndexByte(w, '\'') < 0 {
			words = append(words, word{form: w, terms: spell.terms(w)})
		} else {
			words = appendWord(words, w, language, false, spell)
		}
	}
	return words
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendWords(words []word, text, language string, spell *speller) []word {
	hasDigit := strings.ContainsFunc(text, unicode.IsNumber)
	var wholes [][]int
	if hasDigit {
		wholes = identifier.FindAllStringIndex(text, -1)
	}
	at, state := 0, -1
	var segment string
	for rest := text; len(rest) > 0; {
		segment, rest, state = uniseg.FirstWordInString(rest, state)
		start := at
		at += len(segment)
		if !strings.ContainsFunc(segment, isWordRune) {
			continue
		}
		part := false
		for len(wholes) > 0 && wholes[0][1] <= start {
			wholes = wholes[1:]
		}
		if len(wholes) > 0 && start >= wholes[0][0] {
			span := text[wholes[0][0]:wholes[0][1]]
			if isIdentifier(span) {
				if start == wholes[0][0] {
					form := strings.Map(keepWordRunes, span)
					words = append(words, word{form: form, terms: []int32{termOf(form)}, whole: true})
				}
				part = true
			}
		}
		for _, piece := range strings.FieldsFunc(segment, func(r rune) bool { return !isWordRune(r) && r != '\'' }) {
			words = appendWord(words, piece, language, part, spell)
		}
	}
	return words
}

// isIdentifier tells AB-1234, A4 and 2024/17 from plain words and plain numbers.
func isIdentifier(span string) bool {
	if len(span) > maxIdentifier || !strings.ContainsFunc(span, unicode.IsNumber) {
		return false
	}
	return strings.ContainsFunc(span, unicode.IsLetter) || strings.ContainsAny(span, "-_/:#+")
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

func keepWordRunes(r rune) rune {
	if isWordRune(r) {
		return r
	}
	return -1
}

func appendWord(words []word, w, language string, part bool, spell *speller) []word {
	w = strings.Trim(w, "'")
	if before, after, ok := strings.Cut(w, "'"); ok {
		switch language {
		case "en":
			// The stemmer knows 's; don't and cannot keep their sign out.
			w = strings.TrimSuffix(w, "'s")
			w = strings.ReplaceAll(w, "'", "")
		default: // l'article, dell'ordine
			return appendWord(appendWord(words, before, language, part, spell), after, language, part, spell)
		}
	}
	if w == "" {
		return words
	}
	if strings.ContainsFunc(w, unicode.IsNumber) {
		words = append(words, word{form: w, terms: []int32{termOf(w)}, part: part})
		// The parts of AB1234.
		if pieces := letterDigitPieces(w); len(pieces) > 1 {
			for _, p := range pieces {
				words = append(words, word{form: p, terms: []int32{termOf(p)}, part: true})
			}
		}
		return words
	}
	return append(words, word{form: fold(w), terms: spell.terms(w), part: part})
}

func letterDigitPieces(w string) []string {
	var pieces []string
	start, digits := 0, false
	for i, r := range w {
		if d := unicode.IsNumber(r); i > 0 && d != digits {
			pieces = append(pieces, w[start:i])
			start, digits = i, d
		} else if i == 0 {
			digits = d
		}
	}
	return append(pieces, w[start:])
}

var foldLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d",
	"ł", "l", "ı", "i", "þ", "th", "ё", "е", "أ", "ا", "إ", "ا", "آ", "ا", "ـ", "")

// fold takes accents off Latin, Greek, Hebrew and Arabic letters. Marks that
// make another letter (й) or a vowel (in the scripts of India) stay.
func fold(w string) string {
	if isASCII(w) {
		return w
	}
	w = foldLetters.Replace(norm.NFC.String(w))
	var b strings.Builder
	var base rune
	for _, r := range norm.NFD.String(w) {
		switch {
		case r >= 0x300 && r <= 0x36f && !unicode.Is(unicode.Cyrillic, base):
		case r >= 0x591 && r <= 0x5c7 && unicode.Is(unicode.Mn, r), r >= 0x64b && r <= 0x652:
		default:
			if !unicode.IsMark(r) {
				base = r
			}
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// Scripts that write no spaces between words, and Korean, whose words carry
// their particles.
var pairScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

func inPairs(r rune) bool {
	return r >= 0xe00 && (unicode.In(r, pairScripts...) || r == 'ー')
}

// nextRun gives the longest prefix of text whose letters are all of the scripts
// that are cut into pairs, or all not.
func nextRun(text string) (run string, pairs bool) {
	for i, r := range text {
		if i == 0 {
			pairs = inPairs(r)
		} else if inPairs(r) != pairs {
			return text[:i], pairs
		}
	}
	return text, pairs
}

func appendPairs(words []word, run string) []word {
	runes := []rune(run)
	if len(runes) == 1 {
		return append(words, word{form: run, terms: []int32{termOf(run)}})
	}
	for i := range len(runes) - 1 {
		pair := string(runes[i : i+2])
		words = append(words, word{form: pair, terms: []int32{termOf(pair)}})
	}
	return words
}
