package retrieval

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 80 // characters

// plainLetters are letters that Unicode does not take apart into a plain letter
// and its mark.
var plainLetters = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "o", "œ", "oe", "ł", "l", "đ", "d", "ð", "d", "þ", "th",
	"ı", "i", "&", " and ", "@", " at ", "’", "", "'", "",
)

// Slug makes a name for addresses: lower case, words divided by hyphens, at most
// 80 characters. Latin letters lose their marks; letters of other scripts stay.
// It is empty where the text has neither letters nor digits.
func Slug(text string) string {
	text = plainLetters.Replace(strings.ToLower(norm.NFC.String(text)))
	var out []rune
	gap := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Latin, r), unicode.IsDigit(r), unicode.IsLetter(r):
			if gap && len(out) > 0 {
				out = append(out, '-')
			}
			gap = false
			out = append(out, r)
		case unicode.Is(unicode.M, r):
			// Marks on Latin letters go; in other scripts they are part of the word.
			if !gap && len(out) > 0 && out[len(out)-1] > 0x2ff {
				out = append(out, r)
			}
		default:
			gap = true
		}
	}
	// Again, for letters that were under a mark, such as the æ of ǽ.
	out = []rune(plainLetters.Replace(norm.NFC.String(string(out))))
	if len(out) > maxSlug {
		out = out[:maxSlug]
		if i := strings.LastIndexByte(string(out), '-'); i > len(string(out))/2 {
			out = []rune(string(out)[:i])
		}
	}
	return strings.Trim(string(out), "-")
}
