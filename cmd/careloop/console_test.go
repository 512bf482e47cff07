package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodPassword = "lantern walnut gravel"

// addUser makes an account on the command line.
func (s *shell) addUser(email, name, role string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(goodPassword+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.ok("user", "add", "--email", email, "--name", name, "--role", role, "--password-file", file)
}

// browser asks the console's interface as a page of the same origin does.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	header http.Header
}

func (s *server) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s.t, s.url, &http.Client{Jar: jar, Timeout: patience}, http.Header{"Sec-Fetch-Site": {"same-origin"}}}
}

// do sends a request and reads a JSON answer into out, if there is one.
func (b *browser) do(method, path string, body, out any) *http.Response {
	b.t.Helper()
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		payload = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+"/v1/console"+path, payload)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if out != nil && len(data) > 0 {
		if err := json.Unmarshal(data, out); err != nil {
			b.t.Fatalf("%s %s: %v: %s", method, path, err, data)
		}
	}
	return response
}

// refused wants a problem with a code.
func (b *browser) refused(method, path string, body any, status int, code string) {
	b.t.Helper()
	var p struct{ Code, Detail string }
	if r := b.do(method, path, body, &p); r.StatusCode != status || p.Code != code || p.Detail == "" {
		b.t.Errorf("%s %s: %d %+v, want %d %s", method, path, r.StatusCode, p, status, code)
	}
}

func (b *browser) signIn(email string) {
	b.t.Helper()
	if r := b.do("POST", "/session", map[string]string{"email": email, "password": goodPassword}, nil); r.StatusCode != http.StatusOK {
		b.t.Fatalf("signing in: %s", r.Status)
	}
}

func TestSigningInToTheConsole(t *testing.T) {
	s := newShell(t)
	s.ok("site", "--key", "demo", "--name", "Demo")
	s.ok("site", "--key", "other", "--name", "Other")
	s.addUser("ada@example.org", "Ada", "admin")
	s.addUser("mia@example.org", "Mia", "agent")
	srv := s.start()

	mia := srv.browser()
	mia.refused("GET", "/session", nil, 401, "signed_out")
	mia.refused("GET", "/agents", nil, 401, "signed_out")
	mia.refused("POST", "/session", map[string]string{"email": "mia@example.org", "password": "wrong"}, 401, "wrong_credentials")
	response := mia.do("POST", "/session", map[string]string{"email": "mia@example.org", "password": goodPassword}, nil)
	cookie := response.Header.Get("Set-Cookie")
	for _, want := range []string{"careloop_session=cs_", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q has no %s", cookie, want)
		}
	}
	var me struct {
		Agent struct {
			Name, Role  string
			Preferences struct{ Sound bool }
		}
		Sites []struct{ Key string }
	}
	mia.do("GET", "/session", nil, &me)
	if me.Agent.Name != "Mia" || len(me.Sites) != 1 || me.Sites[0].Key != "demo" || !me.Agent.Preferences.Sound {
		t.Errorf("who I am: %+v", me)
	}
	mia.refused("GET", "/agents", nil, 403, "not_allowed")
	mia.refused("POST", "/invitations", map[string]any{"email": "x@example.org", "role": "admin"}, 403, "not_allowed")
	mia.refused("GET", "/audit", nil, 403, "not_allowed")

	// Another site's page can neither read nor write with her cookie.
	mia.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	mia.refused("DELETE", "/session", nil, 403, "origin_not_allowed")
	mia.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	if r := mia.do("GET", "/session", nil, nil); r.Header.Get("Access-Control-Allow-Origin") != "" || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", r.Header)
	}

	ada := srv.browser()
	ada.signIn("ada@example.org")
	var invited struct{ Link string }
	ada.do("POST", "/invitations", map[string]any{"email": "noor@example.org", "role": "agent", "site_keys": []string{"other"}}, &invited)
	token := invited.Link[strings.LastIndex(invited.Link, "/")+1:]
	if !strings.HasPrefix(invited.Link, srv.url+"/console/invitation/ci_") {
		t.Errorf("link %q", invited.Link)
	}
	noor := srv.browser()
	noor.refused("POST", "/invitation/"+token, map[string]string{"name": "Noor", "password": "password1"}, 422, "weak_password")
	if r := noor.do("POST", "/invitation/"+token, map[string]string{"name": "Noor", "password": goodPassword}, nil); r.StatusCode != 200 {
		t.Fatal(r.Status)
	}
	noor.do("GET", "/session", nil, &me)
	if me.Agent.Name != "Noor" || me.Sites[0].Key != "other" {
		t.Errorf("who Noor is: %+v", me)
	}
	noor.refused("GET", "/invitation/"+token, nil, 404, "unknown_invitation")

	// What an admin takes away is gone at once.
	var people struct{ Agents []struct{ ID, Email string } }
	ada.do("GET", "/agents", nil, &people)
	for _, p := range people.Agents {
		if p.Email == "noor@example.org" {
			ada.do("PATCH", "/agents/"+p.ID, map[string]any{"disabled": true}, nil)
		}
		if p.Email == "ada@example.org" {
			ada.refused("PATCH", "/agents/"+p.ID, map[string]any{"role": "agent"}, 409, "last_admin")
		}
	}
	noor.refused("GET", "/session", nil, 401, "signed_out")

	if r := mia.do("DELETE", "/session", nil, nil); r.StatusCode != http.StatusNoContent {
		t.Error(r.Status)
	}
	mia.refused("GET", "/session", nil, 401, "signed_out")
	var document struct{ Paths map[string]any }
	mia.do("GET", "/openapi.json", nil, &document)
	if document.Paths["/v1/console/session"] == nil {
		t.Error("the OpenAPI document has no session")
	}
}

func TestUserCommand(t *testing.T) {
	s := newShell(t)
	if out := s.ok("user"); !strings.Contains(out, "Nobody can sign in") {
		t.Errorf("nobody: %q", out)
	}
	s.ok("site", "--key", "demo", "--name", "Demo")
	s.addUser("ada@example.org", "Ada", "admin")
	if out := s.ok("user"); !strings.Contains(out, "ada@example.org") || !strings.Contains(out, "admin") {
		t.Errorf("list: %q", out)
	}
	if out := s.ok("user", "invite", "--email", "mia@example.org"); !strings.Contains(out, "/console/invitation/ci_") {
		t.Errorf("invite: %q", out)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--email says", []string{"user", "invite"}},
		{"no such person", []string{"user", "disable", "--email", "x@example.org"}},
		{"last admin", []string{"user", "disable", "--email", "ada@example.org"}},
		{"has an account already", []string{"user", "invite", "--role", "admin", "--email", "ada@example.org"}},
		{"there is no \"sing\"", []string{"user", "sing", "--email", "x@example.org"}},
	} {
		if _, errOut, code := s.run(c.args...); code != 1 || !strings.Contains(errOut, c.want) {
			t.Errorf("%q: %d %q", c.args, code, errOut)
		}
	}
}
