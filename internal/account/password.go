package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	zxcvbn "github.com/nbutton23/zxcvbn-go"
	"golang.org/x/crypto/argon2"

	"github.com/careloop/careloop/assist"
)

// What a password has to be, in characters. The upper bound is there because
// hashing and judging take time that grows with it.
const (
	minPassword = 10
	maxPassword = 128
	// leastScore of zxcvbn (0 to 4): 2 keeps out what stands among the most
	// common passwords, dates, keyboard walks and the person's own name.
	leastScore = 2
)

// Parameters of argon2id, the first of OWASP's recommendations: 19 MiB, two
// passes, one lane. They stand in each hash, so they can be raised.
const (
	hashMemory  = 19 * 1024 // KiB
	hashTime    = 2
	hashThreads = 1
	hashSize    = 32
	saltSize    = 16
	// hashing bounds how many passwords are hashed at once, and so the memory.
	hashing = 4
)

var hashers = make(chan struct{}, hashing)

// checkPassword says whether a password is good enough for a person.
// Errors: CodeWeakPassword.
func checkPassword(password string, own ...string) error {
	n := utf8.RuneCountInString(password)
	if n < minPassword || n > maxPassword || !utf8.ValidString(password) {
		return &assist.Error{Code: CodeWeakPassword, Err: fmt.Errorf("%d characters", n)}
	}
	var inputs []string
	for _, s := range append(own, "careloop") {
		inputs = append(inputs, strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '@' || r == '.' || r == ' ' })...)
	}
	if score := zxcvbn.PasswordStrength(password, inputs).Score; score < leastScore {
		return &assist.Error{Code: CodeWeakPassword, Err: fmt.Errorf("score %d", score)}
	}
	return nil
}

// hashPassword makes a hash in the PHC string format:
// $argon2id$v=19$m=19456,t=2,p=1$salt$hash. It fails only with the context.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	sum, err := derive(ctx, password, salt, hashTime, hashMemory, hashThreads)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// verifyPassword compares a password with a hash. A hash that cannot be read
// fits nothing. It fails only with the context.
func verifyPassword(ctx context.Context, password, hash string) (bool, error) {
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || len(password) > 4*maxPassword {
		return false, nil
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, nil
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil || memory > 1<<20 || time < 1 || time > 16 || threads < 1 {
		return false, nil
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, nil
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) != hashSize {
		return false, nil
	}
	got, err := derive(ctx, password, salt, time, memory, threads)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func derive(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8) ([]byte, error) {
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, time, memory, threads, hashSize), nil
}
