package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Prefixes let people and secret scanners tell what a token is.
const (
	sessionPrefix    = "cs_"
	invitationPrefix = "ci_"
)

// newToken makes a random token of 256 bits. Only its hash is stored.
func newToken(prefix string) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken is what the store keeps of a token; it has too much randomness to be
// guessed from that.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// isToken keeps nonsense from the store.
func isToken(token, prefix string) bool {
	rest, ok := strings.CutPrefix(token, prefix)
	return ok && len(rest) == 43
}
