// Package mail carries letters: out by SMTP, in by IMAP or through the web's
// hook. It reads what comes in into post.Mail and knows nobody's business.
package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"net/mail"
	"strings"

	"github.com/google/uuid"
)

// Signer makes and checks the addresses that lead back to a conversation:
// NAME+ID.SIGNATURE@DOMAIN, where NAME@DOMAIN is a mailbox that takes whatever
// follows a plus sign. Everything of it is lower case, since mail servers on the
// way may fold case.
type Signer struct {
	local, domain string
	secret        []byte
}

// signatureBytes of HMAC-SHA256 stand in an address: 80 bits, in a local part of
// at most 64 characters. Guessing one means sending 2^79 letters.
const signatureBytes = 10

// leastSecret is the shortest secret that is taken, in characters.
const leastSecret = 32

var enc = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewSigner makes a signer for a mailbox such as reply@care.shop.example.
func NewSigner(mailbox, secret string) (*Signer, error) {
	a, err := mail.ParseAddress(mailbox)
	if err != nil || a.Address != mailbox {
		return nil, errors.New("the address for replies must be one plain address, as reply@care.shop.example")
	}
	local, domain, _ := strings.Cut(strings.ToLower(a.Address), "@")
	if strings.Contains(local, "+") || len(local) > 16 {
		return nil, errors.New("the address for replies must be short and hold no plus sign; what follows a plus sign is added to it")
	}
	if len(secret) < leastSecret {
		return nil, errors.New("the secret that signs addresses must have at least 32 characters")
	}
	return &Signer{local: local, domain: domain, secret: []byte(secret)}, nil
}

// ReplyDomain is where signed addresses and message ids live.
func (s *Signer) ReplyDomain() string { return s.domain }

// ReplyAddress is the address that leads back to a conversation.
func (s *Signer) ReplyAddress(conversationID string) string {
	id, err := uuid.Parse(conversationID)
	if err != nil {
		return ""
	}
	return s.local + "+" + enc.EncodeToString(id[:]) + "." + s.sign(id) + "@" + s.domain
}

// ConversationOf finds the conversation that an address was signed for; false
// for every other address.
func (s *Signer) ConversationOf(address string) (string, bool) {
	local, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	tag, found := strings.CutPrefix(local, s.local+"+")
	if !ok || !found || domain != s.domain {
		return "", false
	}
	encoded, signature, ok := strings.Cut(tag, ".")
	raw, err := enc.DecodeString(encoded)
	if !ok || err != nil || len(raw) != 16 {
		return "", false
	}
	id := uuid.UUID(raw)
	// The last letter has bits to spare: one address for a conversation, not four.
	if encoded != enc.EncodeToString(raw) {
		return "", false
	}
	if !hmac.Equal([]byte(signature), []byte(s.sign(id))) {
		return "", false
	}
	return id.String(), true
}

func (s *Signer) sign(id uuid.UUID) string {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte("careloop reply address\n" + hex.EncodeToString(id[:])))
	return enc.EncodeToString(h.Sum(nil)[:signatureBytes])
}
