package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Identity is a shopper as the shop vouches for them.
type Identity struct {
	// ExternalID is the shop's own id of the shopper, never empty.
	ExternalID  string
	Name, Email string
}

// identityLeeway forgives clocks that differ a little.
const identityLeeway = 30 * time.Second

// Longest values that are taken over, in characters.
const (
	maxExternalID = 200
	maxName       = 200
	maxEmail      = 254
)

type identityClaims struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	jwt.RegisteredClaims
}

// VerifyIdentity checks an identity token that the shop signed with secret. It
// must be HS256, carry sub and exp, and be in date. An empty secret accepts
// nothing. The error is for logs; it holds nothing of the token.
func VerifyIdentity(token, secret string, now func() time.Time) (Identity, error) {
	if secret == "" {
		return Identity{}, errors.New("the site has no identity secret")
	}
	var claims identityClaims
	_, err := jwt.ParseWithClaims(token, &claims,
		func(*jwt.Token) (any, error) { return []byte(secret), nil },
		// Pinned: a token must not choose how it is checked.
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(identityLeeway),
		jwt.WithTimeFunc(now),
	)
	if err != nil {
		return Identity{}, fmt.Errorf("identity token: %w", err)
	}
	id := Identity{ExternalID: strings.TrimSpace(claims.Subject), Name: strings.TrimSpace(claims.Name), Email: strings.TrimSpace(claims.Email)}
	switch {
	case id.ExternalID == "":
		return Identity{}, errors.New("identity token: no sub")
	case tooLong(id.ExternalID, maxExternalID) || tooLong(id.Name, maxName) || tooLong(id.Email, maxEmail):
		return Identity{}, errors.New("identity token: a value is too long")
	case strings.ContainsRune(id.ExternalID+id.Name+id.Email, 0):
		return Identity{}, errors.New("identity token: a value holds a NUL")
	}
	return id, nil
}

func tooLong(s string, max int) bool { return utf8.RuneCountInString(s) > max }
