package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func from(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
}

func TestDefaults(t *testing.T) {
	c, err := Load(from(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.DailyBudget != 5_000_000 || c.Answer.CostCap != 50_000 ||
		c.MessageLimits != (MessageLimits{20, 5, 120, 600}) || c.SocketLimits != (SocketLimits{10, 100}) ||
		c.LogLevel != slog.LevelInfo || c.LogFormat != "json" || c.Mail.Wait != time.Minute || c.Answer.Confidence != 0.35 {
		t.Errorf("%+v", c)
	}
	if c.Model.Enabled() || c.Model.Names() != nil {
		t.Error("a model is enabled though none is configured")
	}
	if p := c.Model.Prices["gpt-4o-mini"]; p != (Price{150_000, 600_000}) {
		t.Errorf("price %+v", p)
	}
}

func TestValues(t *testing.T) {
	c, err := Load(from(map[string]string{
		"DATABASE_URL":             "postgres://careloop:hush@db/careloop",
		"OPENAI_BASE_URL":          "http://localhost:11434/v1/",
		"CARELOOP_MODEL":           "qwen3:8b",
		"CARELOOP_FALLBACK_MODELS": " a , b,,",
		"CARELOOP_MODEL_PRICE":     "qwen3:8b=0/0, a=b=1.5/$3",
		"CARELOOP_TRUSTED_PROXIES": "10.1.2.3/8, ::1",
		"CARELOOP_PUBLIC_URL":      "https://chat.example.com/",
		"CARELOOP_TURN_TIMEOUT":    "1m30s",
		"CARELOOP_DAILY_BUDGET":    "0",
		"CARELOOP_MAIL_WAIT":       "5m",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Model.Names()); got != "[qwen3:8b a b]" {
		t.Errorf("models %s", got)
	}
	if c.Model.BaseURL != "http://localhost:11434/v1" || c.Embedding.BaseURL != c.Model.BaseURL || c.PublicURL != "https://chat.example.com" {
		t.Errorf("addresses %q %q %q", c.Model.BaseURL, c.Embedding.BaseURL, c.PublicURL)
	}
	if c.Model.Prices["a=b"] != (Price{1_500_000, 3_000_000}) {
		t.Errorf("prices %v", c.Model.Prices)
	}
	if got := fmt.Sprint(c.TrustedProxies); got != "[10.0.0.0/8 ::1/128]" {
		t.Errorf("proxies %s", got)
	}
	if c.Answer.Total != 90*time.Second || c.DailyBudget != 0 || c.Mail.Wait != 5*time.Minute {
		t.Errorf("%+v, %+v", c.Answer, c.Mail.Wait)
	}
	if c.DatabaseURL.Reveal() != "postgres://careloop:hush@db/careloop" {
		t.Error("the database's address is changed")
	}
}

func TestKeyGoesOnlyToItsOwnServer(t *testing.T) {
	c, err := Load(from(map[string]string{"OPENAI_API_KEY": "k1", "CARELOOP_EMBEDDING_BASE_URL": "https://elsewhere.example/v1"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Embedding.APIKey.IsSet() {
		t.Error("the chat model's key goes to another server")
	}
	c, err = Load(from(map[string]string{"OPENAI_API_KEY": "k1"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Embedding.APIKey.Reveal() != "k1" {
		t.Error("the embedding model lacks the key of the same server")
	}
}

func TestWrongValuesAreRefusedInOneLine(t *testing.T) {
	for name, value := range map[string]string{
		"DATABASE_URL":                 "mysql://root:hush@db",
		"OPENAI_API_KEY":               "hush hush",
		"CARELOOP_ADDR":                "8080",
		"CARELOOP_PUBLIC_URL":          "https://chat.example.com/path",
		"CARELOOP_TRUSTED_PROXIES":     "10.0.0.0/33",
		"CARELOOP_NATS_URL":            "localhost",
		"CARELOOP_SHUTDOWN_TIME":       "soon",
		"CARELOOP_SHUTDOWN_SPREAD":     "25s",
		"OPENAI_BASE_URL":              "ftp://x",
		"CARELOOP_MODEL_PRICE":         "gpt=1",
		"CARELOOP_FIRST_TOKEN_TIMEOUT": "-1s",
		"CARELOOP_MAX_ANSWER_TOKENS":   "many",
		"CARELOOP_TURN_COST_CAP":       "NaN",
		"CARELOOP_DAILY_BUDGET":        "-1",
		"CARELOOP_CONFIDENCE":          "1.5",
		"CARELOOP_MESSAGE_BURST":       "0",
		"CARELOOP_MAIL_WAIT":           "0s",
		"CARELOOP_LOG_LEVEL":           "loud",
		"CARELOOP_LOG_FORMAT":          "xml",
		"CARELOOP_CRAWL_ALLOW":         "localhost",
		"CARELOOP_MODEL":               "   ",
		"OTEL_EXPORTER_OTLP_ENDPOINT":  "collector:4318",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(from(map[string]string{name: value}))
			if err == nil {
				t.Fatalf("%q is taken", value)
			}
			line := err.Error()
			if !strings.HasPrefix(line, name+": must ") {
				t.Errorf("%q does not begin with the name and say what is allowed", line)
			}
			if strings.Contains(line, "\n") || strings.Contains(line, "hush") {
				t.Errorf("%q", line)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "value")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, err := Load(from(map[string]string{"OPENAI_API_KEY_FILE": write("key\n"), "CARELOOP_ADDR_FILE": write("0.0.0.0:1\r\n")}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Model.APIKey.Reveal() != "key" || c.Addr != "0.0.0.0:1" {
		t.Errorf("key %q, address %q", c.Model.APIKey.Reveal(), c.Addr)
	}
	for name, env := range map[string]map[string]string{
		"both":    {"OPENAI_API_KEY": "hush", "OPENAI_API_KEY_FILE": write("hush")},
		"missing": {"OPENAI_API_KEY_FILE": filepath.Join(t.TempDir(), "none")},
		"huge":    {"OPENAI_API_KEY_FILE": write(strings.Repeat("hush", maxFile))},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(from(env))
			if err == nil || !strings.Contains(err.Error(), "OPENAI_API_KEY") || strings.Contains(err.Error(), "hush") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestOverrideWinsOverVariableAndFile(t *testing.T) {
	env := from(map[string]string{"CARELOOP_ADDR": "1.1.1.1:1", "CARELOOP_DATA_DIR_FILE": "/nowhere", "CARELOOP_LOG_LEVEL": "debug"})
	c, err := Load(Override(env, map[string]string{"CARELOOP_ADDR": "127.0.0.1:0", "CARELOOP_DATA_DIR": "d", "CARELOOP_MODEL": ""}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:0" || c.DataDir != "d" || c.LogLevel != slog.LevelDebug || c.Model.Name != "gpt-4o-mini" {
		t.Errorf("%+v", c)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c, err := Load(from(map[string]string{"OPENAI_API_KEY": "hush", "DATABASE_URL": "postgres://u:hush@h/d"}))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", c, "key", c.Model.APIKey, "pointer", &c.Model.APIKey)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", c, "key", c.Model.APIKey)
	fmt.Fprintf(&out, "%v %+v %#v %s %q %d %x", c, c, c, c.Model.APIKey, c.Model.APIKey, c.Model.APIKey, c.Model.APIKey)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	if s := out.String(); strings.Contains(s, "hush") || strings.Contains(s, "68757368") {
		t.Errorf("a secret is printed: %s", s)
	}
	if !strings.Contains(out.String(), shown) {
		t.Error("it is not said that a secret is set")
	}
}

func TestHelpAndExampleNameEverySetting(t *testing.T) {
	var help, example bytes.Buffer
	if err := Help(&help); err != nil {
		t.Fatal(err)
	}
	if err := Example(&example); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range Settings() {
		if seen[s.Name] {
			t.Errorf("%s stands twice", s.Name)
		}
		seen[s.Name] = true
		if s.Help == "" || s.Group == "" {
			t.Errorf("%s is not explained", s.Name)
		}
		if !strings.Contains(help.String(), s.Name) || !strings.Contains(help.String(), s.Default) {
			t.Errorf("the help lacks %s", s.Name)
		}
		if !strings.Contains(example.String(), "# "+s.Name+"="+s.Default) {
			t.Errorf("the example lacks %s", s.Name)
		}
	}
}
