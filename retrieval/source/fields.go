package source

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/language"
)

var errNotText = errors.New("this is not text: it holds NUL bytes")

// decodeText reads bytes as UTF-8 or, by its byte order mark, UTF-16, and
// otherwise as Windows-1252, which Latin-1 is a part of.
func decodeText(b []byte) (string, error) {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", errors.New("this begins like UTF-16 and is not")
		}
		b = out
	case bytes.HasPrefix(b, []byte("\ufeff")):
		b = b[3:]
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", errNotText
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return "", errors.New("this is neither UTF-8 nor Windows-1252")
	}
	return string(out), nil
}

// checkLocale returns a locale in its usual form; de_AT becomes de-AT.
func checkLocale(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	tag, err := language.Parse(s)
	if err != nil || tag == language.Und {
		return "", fmt.Errorf("%q is not a locale such as en or de-AT", clip(s))
	}
	return tag.String(), nil
}

// localeFolder tells whether a folder's name is a locale: two letters, and
// perhaps a region.
func localeFolder(name string) (string, bool) {
	lang, region, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	if len(lang) != 2 || strings.ToLower(lang) != lang || region != "" && (len(region) != 2 && len(region) != 4) {
		return "", false
	}
	if _, err := language.ParseBase(lang); err != nil {
		return "", false
	}
	locale, err := checkLocale(name)
	return locale, err == nil
}

// checkURL accepts the address of a web page, or a path on Careloop's host.
func checkURL(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return s, nil
	}
	if u, err := url.Parse(s); err == nil && u.Host != "" && isWebURL(s) {
		return u.String(), nil
	}
	return "", fmt.Errorf("the url %q is not the address of a web page", clip(s))
}

// splitTags reads a list of tags written in one field.
func splitTags(s string) []string {
	return cleanTags(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' }))
}

func cleanTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t = strings.Join(strings.Fields(t), " "); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// clip shortens a text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
