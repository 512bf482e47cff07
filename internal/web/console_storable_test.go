package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatCannotBeStoredIsRefusedInWords(t *testing.T) {
	o := newOffice(t)
	mia := o.agent("Mia", o.site)
	id := o.conversation(1)
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/conversations?view=all&q=a%00b", nil},
		{"GET", "/conversations?view=all&q=%ff", nil},
		{"GET", "/articles/search?q=a%00b", nil},
		{"POST", "/conversations/" + id + "/notes", map[string]any{"client_id": "n1", "text": "a\x00b"}},
	} {
		answer := o.refused(http.StatusUnprocessableEntity, codeBadCharacters, mia, c.method, "/sites/demo"+c.path, c.body)
		if detail, _ := answer["detail"].(string); !strings.Contains(detail, codeBadCharacters) {
			t.Errorf("%s: the sentence is %q", c.path, detail)
		}
	}
	o.must(mia, "GET", "/sites/demo/conversations?view=all&q=%C3%A4+%26", nil)
}

func TestStorable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		want := !strings.ContainsRune(text, 0)
		r := httptest.NewRequest(http.MethodGet, "/v1/console/x?"+url.Values{"q": {text}}.Encode(), nil)
		if got, err := storable(r); err != nil || got != want {
			t.Fatalf("query %q: %v, %v", text, got, err)
		}
	})
	for body, want := range map[string]bool{
		`{"text":"a\u0000"}`: false, `{"text":"a\\u0000"}`: true, `{"text":"a\\\u0000"}`: false, "{\"text\":\"a\x00\"}": false,
		"{\"text\":\"\xff\"}": false, `{"text":"\u00e4\\"}`: true, `\`: true, ``: true,
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/console/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if got, err := storable(r); err != nil || got != want {
			t.Errorf("body %q: %v, %v", body, got, err)
		}
	}
}
