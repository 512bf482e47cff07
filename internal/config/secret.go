package config

import (
	"fmt"
	"io"
	"log/slog"
)

// shown stands for a secret wherever it would be printed.
const shown = "[set]"

// Secret is a value that no log and no print shows. Reveal gives it to the one
// who needs it.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the value itself.
func (s Secret) Reveal() string { return s.value }

// IsSet tells whether there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

// String is what is printed in place of the value.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return shown
}

// Format prints String whatever the verb, so that none reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
