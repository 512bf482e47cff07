package postgres

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

// issuer is an OpenID Connect provider that vouches for what it is told to.
type issuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims jwt.MapClaims
}

func newIssuer(t *testing.T) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		enc := base64.RawURLEncoding
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
			"n": enc.EncodeToString(key.N.Bytes()), "e": enc.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "good" || r.FormValue("code_verifier") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, i.claims)
		token.Header["kid"] = "1"
		signed, err := token.SignedString(key)
		if err != nil {
			t.Error(err)
		}
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": signed})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func TestOpenIDConnect(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	i := newIssuer(t)
	way := account.NewOIDC(o.Accounts, account.OIDCOptions{Name: "Test", Issuer: i.URL, ClientID: "careloop", RedirectURL: "https://care.example/cb"})
	attempt := func(invitation string, claims jwt.MapClaims) (account.SignedIn, error) {
		t.Helper()
		a, address, err := way.Start(ctx, invitation)
		if err != nil {
			t.Fatal(err)
		}
		u := must(url.Parse(address))(t)
		if q := u.Query(); q.Get("state") != a.State || q.Get("nonce") != a.Nonce || q.Get("code_challenge_method") != "S256" {
			t.Fatalf("address %s", address)
		}
		i.claims = jwt.MapClaims{"iss": i.URL, "aud": "careloop", "exp": time.Now().Add(time.Minute).Unix(), "nonce": a.Nonce}
		for k, v := range claims {
			i.claims[k] = v
		}
		return way.Finish(ctx, a, a.State, "good", "de", from)
	}

	_, err := attempt("", jwt.MapClaims{"sub": "1", "email": "stranger@example.org", "email_verified": true})
	wantCode(t, err, account.CodeNoAccount)
	_, err = attempt("", jwt.MapClaims{"sub": "2", "email": "mia@example.org", "email_verified": false})
	wantCode(t, err, account.CodeNoAccount) // anybody may claim an address
	in, err := attempt("", jwt.MapClaims{"sub": "2", "email": "mia@example.org", "email_verified": true})
	if err != nil || in.Person.ID != o.agent.ID {
		t.Fatalf("%+v, %v", in, err)
	}
	// The subject counts from now on, whatever the address becomes.
	if in, err = attempt("", jwt.MapClaims{"sub": "2", "email": "else@example.org"}); err != nil || in.Person.ID != o.agent.ID {
		t.Errorf("%+v, %v", in, err)
	}
	_, err = attempt("", jwt.MapClaims{"sub": "3", "email": "mia@example.org", "email_verified": true})
	wantCode(t, err, account.CodeNoAccount) // another subject with her address

	_, token, err := o.Invite(ctx, o.admin, account.Invitation{Email: "new@example.org", Role: account.Agent, SiteKeys: []string{"demo"}}, from)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attempt(token, jwt.MapClaims{"sub": "4", "email": "thief@example.org", "email_verified": true})
	wantCode(t, err, account.CodeNoAccount)
	in, err = attempt(token, jwt.MapClaims{"sub": "5", "email": "new@example.org", "email_verified": true, "name": "Noor"})
	if err != nil || in.Person.Name != "Noor" || in.Person.HasPassword {
		t.Errorf("%+v, %v", in.Person, err)
	}

	for name, claims := range map[string]jwt.MapClaims{
		"another audience": {"sub": "2", "aud": "else"}, "another issuer": {"sub": "2", "iss": "https://else.example"},
		"out of date": {"sub": "2", "exp": time.Now().Add(-time.Hour).Unix()}, "another nonce": {"sub": "2", "nonce": "x"},
	} {
		if _, err := attempt("", claims); assist.CodeOf(err) != account.CodeSignInFailed {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, _, _ := way.Start(ctx, "")
	for name, c := range map[string][2]string{"another state": {"x", "good"}, "no state": {"", "good"}, "a bad code": {a.State, "bad"}, "no code": {a.State, ""}} {
		if _, err := way.Finish(ctx, a, c[0], c[1], "en", from); assist.CodeOf(err) != account.CodeSignInFailed {
			t.Errorf("%s: %v", name, err)
		}
	}
	i.Close()
	down := account.NewOIDC(o.Accounts, account.OIDCOptions{Issuer: i.URL, ClientID: "careloop"})
	if _, _, err := down.Start(ctx, ""); assist.CodeOf(err) != account.CodeSignInFailed {
		t.Errorf("an issuer that is down: %v", err)
	}
}
