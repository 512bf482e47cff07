package account

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
)

func TestPasswordsThatAnybodyWouldTry(t *testing.T) {
	for _, p := range []string{"", "short", "password12", "1234567890", "qwertyuiop", "ada@example.org", "careloop2026", "aaaaaaaaaaaa", strings.Repeat("x1!", 50), "bad\xffutf8 bytes"} {
		if assist.CodeOf(checkPassword(p, "ada@example.org", "Ada Lovelace")) != CodeWeakPassword {
			t.Errorf("%q passes", p)
		}
	}
	for _, p := range []string{"lantern walnut gravel", "t7#Lw9!qPz2", "schwarzer Kaffee am Montag"} {
		if err := checkPassword(p, "ada@example.org", "Ada Lovelace"); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestHashesFitTheirPasswordAlone(t *testing.T) {
	ctx := t.Context()
	a, err := hashPassword(ctx, "lantern walnut gravel")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := hashPassword(ctx, "lantern walnut gravel")
	if a == b {
		t.Error("two hashes share a salt")
	}
	for password, want := range map[string]bool{"lantern walnut gravel": true, "lantern walnut gravel ": false, "": false} {
		if got, err := verifyPassword(ctx, password, a); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	// What is stored in another form is refused and not panicked over.
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.OneOf(rapid.String(), rapid.Just("$argon2id$v=19$m=4294967295,t=1,p=1$YQ$YQ"),
			rapid.Just("$argon2id$v=19$m=8,t=0,p=0$YQ$YQ"), rapid.Just(a[:len(a)-4])).Draw(t, "hash")
		if fits, err := verifyPassword(ctx, "lantern walnut gravel", hash); fits || err != nil {
			t.Fatalf("%q fits: %v, %v", hash, fits, err)
		}
	})
}

func TestNamesAreCleaned(t *testing.T) {
	for in, want := range map[string]string{" Ada\tLovelace\n": "Ada Lovelace", "<b>Ada</b>": "<b>Ada</b>", "Zoë": "Zoë"} {
		if got, err := cleanName(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", " \x00\n", strings.Repeat("a", 81), "a\xff"} {
		if _, err := cleanName(in); assist.CodeOf(err) != CodeBadName {
			t.Errorf("%q passes", in)
		}
	}
}

func TestAttemptsSurviveTheirCookie(t *testing.T) {
	a := Attempt{State: random(), Nonce: random(), Verifier: "v-_~", Invitation: newToken(invitationPrefix)}
	if back, ok := DecodeAttempt(a.Encode()); !ok || back != a {
		t.Errorf("%+v became %+v, %v", a, back, ok)
	}
	for _, s := range []string{"", "...", "a.b.c", "a.b..d", "a.b.c.d.e"} {
		if _, ok := DecodeAttempt(s); ok {
			t.Errorf("%q passes", s)
		}
	}
}
