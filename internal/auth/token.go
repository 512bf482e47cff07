// Package auth makes and checks what shoppers prove themselves with: visitor
// tokens, and identity tokens that a shop signs for shoppers who are logged in.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tokenPrefix lets people and secret scanners tell what a token is.
const tokenPrefix = "vt_"

// tokenBytes is how much randomness a visitor token carries: 256 bits.
const tokenBytes = 32

// NewToken makes a visitor token. It is shown to the shopper's browser once;
// only its Hash is stored.
func NewToken() string {
	var b [tokenBytes]byte
	// crypto/rand.Read never fails: it ends the process instead.
	_, _ = rand.Read(b[:])
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is what the store keeps of a token. A plain SHA-256 is enough: the token
// has too much randomness to be guessed from it.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// WellFormed tells whether a string can be a visitor token at all, so that
// nonsense does not reach the store.
func WellFormed(token string) bool {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	// The length is checked apart because the decoder skips line ends.
	if !ok || len(rest) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	return err == nil && len(b) == tokenBytes
}
