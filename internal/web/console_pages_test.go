package web

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

var consoleFiles = fstest.MapFS{
	"index.html": {Data: []byte("<!doctype html><title>Careloop</title>")},
	"app.js":     {Data: []byte("'use strict'")},
	"app.css":    {Data: []byte("body{}")},
}

func withConsole(o *Options) { o.Console = consoleFiles }

func TestConsoleGivesOnePageForEveryAddress(t *testing.T) {
	_, address := serve(t, newWorld(), withConsole)
	for _, path := range []string{"/console/", "/console/sign-in", "/console/shops/demo/inbox/waiting/0199", "/console/invitation/secret"} {
		res, body := get(t, address+path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "Careloop") {
			t.Errorf("%s: %d %q", path, res.StatusCode, body)
		}
		policy := res.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy %q is loose", path, policy)
		}
		if got := res.Header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", path, got)
		}
	}
}

func TestConsoleFiles(t *testing.T) {
	_, address := serve(t, newWorld(), withConsole)
	for path, want := range map[string]struct {
		status int
		cache  string
	}{
		"/console/assets/app.js?v=1":  {http.StatusOK, cacheVersed},
		"/console/assets/app.css":     {http.StatusOK, cacheFile},
		"/console/assets/index.html":  {http.StatusNotFound, ""},
		"/console/assets/nothing.js":  {http.StatusNotFound, ""},
		"/console/assets/..%2fapp.js": {http.StatusNotFound, ""},
	} {
		res, _ := get(t, address+path)
		if res.StatusCode != want.status || want.cache != "" && res.Header.Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d %q", path, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
}

func TestNoConsoleWithoutItsFiles(t *testing.T) {
	_, address := serve(t, newWorld(), nil)
	if res, _ := get(t, address+"/console/"); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
}
