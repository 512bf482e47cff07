package mail

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const secret = "a secret of more than thirty-two characters"

func signer(t testing.TB) *Signer {
	t.Helper()
	s, err := NewSigner("reply@care.example", secret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignedAddressesLeadBack(t *testing.T) {
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")).String()
		address := s.ReplyAddress(id)
		local, _, _ := strings.Cut(address, "@")
		if len(local) > 64 {
			t.Fatalf("%q is longer than mail allows", local)
		}
		for _, form := range []string{address, strings.ToUpper(address), " " + address} {
			if got, ok := s.ConversationOf(form); !ok || got != id {
				t.Fatalf("%q leads to %q, %v", form, got, ok)
			}
		}
		// Any one letter changed, and it leads nowhere.
		at := rapid.IntRange(0, len(local)-1).Draw(t, "at")
		forged := []byte(address)
		forged[at] = rapid.SampledFrom([]byte("abcdefghijklmnopqrstuvwxyz234567.+")).Draw(t, "letter")
		if got, ok := s.ConversationOf(string(forged)); ok && !strings.EqualFold(string(forged), address) {
			t.Fatalf("the forged %q leads to %q", forged, got)
		}
	})
}

func TestForgedAddressesLeadNowhere(t *testing.T) {
	s := signer(t)
	id := uuid.NewString()
	other, err := NewSigner("reply@care.example", strings.ToUpper(secret))
	if err != nil {
		t.Fatal(err)
	}
	own := s.ReplyAddress(id)
	_, signature, _ := strings.Cut(own, ".")
	for name, address := range map[string]string{
		"another secret": other.ReplyAddress(id), "another domain": strings.Replace(own, "care.example", "evil.example", 1),
		"another's signature": strings.Replace(s.ReplyAddress(uuid.NewString()), s.sign(uuid.MustParse(id)), "", 1)[:33] + "." + signature,
		"no signature":        own[:strings.Index(own, ".")] + "@care.example", "the mailbox": "reply@care.example", "nothing": "",
		"nonsense": "reply+!!!.!!!@care.example",
	} {
		if got, ok := s.ConversationOf(address); ok {
			t.Errorf("%s: %q leads to %s", name, address, got)
		}
	}
	if s.ReplyAddress("no id") != "" {
		t.Error("something that is no id has an address")
	}
	for _, c := range [][2]string{{"reply+x@care.example", secret}, {"no address", secret}, {"reply@care.example", "short"}, {"a-very-long-local-part@care.example", secret}} {
		if _, err := NewSigner(c[0], c[1]); err == nil {
			t.Errorf("%q is taken", c)
		}
	}
}
