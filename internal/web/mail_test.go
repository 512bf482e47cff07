package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/careloop/careloop/assist"
)

func TestWidgetsLearnWhetherLettersGoOut(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) { o.Letters = true })
	if welcome := dial(t, address, nil).hello(""); !welcome.Letters {
		t.Errorf("%+v", welcome)
	}
}

func TestTheMailHook(t *testing.T) {
	var got string
	var fail error
	s, _ := serve(t, newWorld(), func(o *Options) {
		o.MailSecret = "the service's secret"
		o.Mail = func(_ context.Context, raw io.Reader) error {
			b, err := io.ReadAll(io.LimitReader(raw, 1000))
			got = string(b)
			return errors.Join(err, fail)
		}
	})
	post := func(secret, body string) int {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/mail", strings.NewReader(body))
		if secret != "" {
			r.Header.Set("Authorization", "Bearer "+secret)
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	large := strings.Repeat("x", 20<<20)
	for name, c := range map[string]struct {
		secret, body string
		fail         error
		want         int
	}{
		"taken":         {"the service's secret", "From: a", nil, 204},
		"20 MB":         {"the service's secret", large, nil, 204},
		"no secret":     {"", "From: a", nil, 401},
		"wrong secret":  {"the services secret", "From: a", nil, 401},
		"no mail":       {"the service's secret", "nonsense", &assist.Error{Code: assist.CodeNotMail}, 422},
		"store is down": {"the service's secret", "From: a", errors.New("down"), 503},
	} {
		got, fail = "", c.fail
		if code := post(c.secret, c.body); code != c.want {
			t.Errorf("%s: %d, want %d", name, code, c.want)
		}
		if c.want == 401 && got != "" {
			t.Errorf("%s: it was read", name)
		}
	}
	// Nothing else takes a large body.
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/site", strings.NewReader(large))
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code == 204 {
		t.Error("a large body elsewhere is taken")
	}
}
