package auth

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestTokensAreDistinctAndWellFormed(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b {
		t.Fatal("two tokens are equal")
	}
	for _, token := range []string{a, b} {
		if !WellFormed(token) {
			t.Errorf("%q is not well formed", token)
		}
		if len(Hash(token)) != 32 {
			t.Errorf("hash of %d bytes", len(Hash(token)))
		}
	}
	if bytes.Equal(Hash(a), Hash(b)) {
		t.Error("two tokens have one hash")
	}
	if !bytes.Equal(Hash(a), Hash(a)) {
		t.Error("a hash is not stable")
	}
}

func TestWellFormedRefuses(t *testing.T) {
	good := NewToken()
	for _, token := range []string{
		"", "vt_", "vt_short", good[3:], good + "A", good[:len(good)-1], strings.Replace(good, "vt_", "xt_", 1), good + "=",
		"vt_" + strings.Repeat("!", 43), good + "\n",
	} {
		if WellFormed(token) {
			t.Errorf("%q passes", token)
		}
	}
}

func TestVerifyIdentity(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const secret = "a shop's secret of good length"
	valid := jwt.MapClaims{"sub": "c-17", "name": "Ada", "email": "ada@example.org", "exp": now.Add(time.Minute).Unix()}
	with := func(key string, value any) jwt.MapClaims {
		claims := jwt.MapClaims{}
		for k, v := range valid {
			claims[k] = v
		}
		if value == nil {
			delete(claims, key)
		} else {
			claims[key] = value
		}
		return claims
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	hs := func(claims jwt.MapClaims) string { return sign(jwt.SigningMethodHS256, []byte(secret), claims) }
	tampered := func() string {
		parts := strings.Split(hs(valid), ".")
		parts[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"c-1","exp":4102444800}`))
		return strings.Join(parts, ".")
	}

	cases := []struct {
		name, token, secret string
		ok                  bool
	}{
		{"valid", hs(valid), secret, true},
		{"without name and email", hs(jwt.MapClaims{"sub": "c-17", "exp": now.Add(time.Minute).Unix()}), secret, true},
		{"just expired, within leeway", hs(with("exp", now.Add(-10*time.Second).Unix())), secret, true},
		{"expired", hs(with("exp", now.Add(-time.Minute).Unix())), secret, false},
		{"no exp", hs(with("exp", nil)), secret, false},
		{"no sub", hs(with("sub", nil)), secret, false},
		{"blank sub", hs(with("sub", "  ")), secret, false},
		{"not yet valid", hs(with("nbf", now.Add(time.Hour).Unix())), secret, false},
		{"another secret", hs(valid), "something else", false},
		{"site without a secret", sign(jwt.SigningMethodHS256, []byte(""), valid), "", false},
		{"HS512", sign(jwt.SigningMethodHS512, []byte(secret), valid), secret, false},
		{"alg none", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, valid), secret, false},
		{"changed claims", tampered(), secret, false},
		{"long name", hs(with("name", strings.Repeat("ä", 201))), secret, false},
		{"NUL", hs(with("name", "a\x00b")), secret, false},
		{"garbage", "not.a.token", secret, false},
		{"empty", "", secret, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			id, err := VerifyIdentity(c.token, c.secret, func() time.Time { return now })
			if (err == nil) != c.ok {
				t.Fatalf("error %v, want ok %v", err, c.ok)
			}
			if c.ok && id.ExternalID != "c-17" {
				t.Errorf("identity %+v", id)
			}
			if !c.ok && id != (Identity{}) {
				t.Errorf("a refused token gave %+v", id)
			}
		})
	}
}
