package config

import (
	"time"
)

// Setting is one environment variable.
type Setting struct {
	Name    string
	Default string
	Help    string
	Group   string
	// Secret values are never printed, not even where they are wrong.
	Secret bool

	set func(c *Config, value string) error
}

// Settings is the table, in the order in which it is documented. Every variable
// may be given as NAME_FILE instead: the path of a file that holds the value.
func Settings() []Setting { return settings }

var settings = []Setting{
	{Group: "Storage", Name: "DATABASE_URL", Secret: true,
		Help: "PostgreSQL with pgvector 0.8 or newer, as postgres://…; without it a private cluster is kept in the data directory",
		set:  func(c *Config, v string) error { return databaseURL(&c.DatabaseURL, v) }},
	{Group: "Storage", Name: "CARELOOP_DATA_DIR", Default: "./data",
		Help: "where a private instance keeps everything",
		set:  func(c *Config, v string) error { return text(&c.DataDir, v) }},

	{Group: "Server", Name: "CARELOOP_ADDR", Default: "127.0.0.1:8080",
		Help: "HOST:PORT to listen on; port 0 takes a free one",
		set:  func(c *Config, v string) error { return address(&c.Addr, v) }},
	{Group: "Server", Name: "CARELOOP_PUBLIC_URL",
		Help: "where shoppers reach this server, as https://chat.example.com; without it the Host header is believed",
		set:  func(c *Config, v string) error { return origin(&c.PublicURL, v) }},
	{Group: "Server", Name: "CARELOOP_TRUSTED_PROXIES",
		Help: "comma-separated addresses or CIDRs whose X-Forwarded-For is believed",
		set:  func(c *Config, v string) error { return prefixes(&c.TrustedProxies, v) }},
	{Group: "Server", Name: "CARELOOP_NATS_URL",
		Help: "NATS servers that join several replicas, comma-separated; without it one runs inside the process",
		set:  func(c *Config, v string) error { return natsURL(&c.NATSURL, v) }},
	{Group: "Server", Name: "CARELOOP_SHUTDOWN_TIME", Default: "25s",
		Help: "how long a shutdown may take in all",
		set:  func(c *Config, v string) error { return duration(&c.ShutdownTime, v, time.Second, 10*time.Minute) }},
	{Group: "Server", Name: "CARELOOP_SHUTDOWN_SPREAD", Default: "5s",
		Help: "over how long a shutdown closes the sockets, so that they do not all come back at once",
		set:  func(c *Config, v string) error { return duration(&c.ShutdownSpread, v, 0, 5*time.Minute) }},

	{Group: "Chat model", Name: "OPENAI_API_KEY", Secret: true,
		Help: "key of the chat model's service; without key and base URL answers are quoted from the articles",
		set:  func(c *Config, v string) error { return secret(&c.Model.APIKey, v) }},
	{Group: "Chat model", Name: "OPENAI_BASE_URL",
		Help: "any OpenAI-compatible server, as http://localhost:11434/v1",
		set:  func(c *Config, v string) error { return baseURL(&c.Model.BaseURL, v) }},
	{Group: "Chat model", Name: "CARELOOP_MODEL", Default: "gpt-4o-mini",
		Help: "the model that writes",
		set:  func(c *Config, v string) error { return text(&c.Model.Name, v) }},
	{Group: "Chat model", Name: "CARELOOP_FALLBACK_MODELS",
		Help: "comma-separated models that are tried, in order, when the first fails",
		set:  func(c *Config, v string) error { return list(&c.Model.Fallbacks, v) }},
	{Group: "Chat model", Name: "CARELOOP_MODEL_PRICE", Default: "gpt-4o-mini=0.15/0.60",
		Help: "dollars per million tokens in and out, as MODEL=IN/OUT, comma-separated; other models count as free",
		set:  func(c *Config, v string) error { return prices(&c.Model.Prices, v) }},

	{Group: "Semantic search", Name: "CARELOOP_EMBEDDING_MODEL",
		Help: "model that makes vectors, as text-embedding-3-small; without it the embedder inside the process",
		set:  func(c *Config, v string) error { return text(&c.Embedding.Model, v) }},
	{Group: "Semantic search", Name: "CARELOOP_EMBEDDING_BASE_URL",
		Help: "its OpenAI-compatible server; without it that of the chat model",
		set:  func(c *Config, v string) error { return baseURL(&c.Embedding.BaseURL, v) }},
	{Group: "Semantic search", Name: "CARELOOP_EMBEDDING_API_KEY", Secret: true,
		Help: "its key; without it that of the chat model, if the server is the same",
		set:  func(c *Config, v string) error { return secret(&c.Embedding.APIKey, v) }},

	{Group: "Answers", Name: "CARELOOP_FIRST_TOKEN_TIMEOUT", Default: "8s",
		Help: "how long a model may take to begin",
		set: func(c *Config, v string) error {
			return duration(&c.Answer.FirstToken, v, 100*time.Millisecond, 5*time.Minute)
		}},
	{Group: "Answers", Name: "CARELOOP_STALL_TIMEOUT", Default: "10s",
		Help: "how long a model may pause while it writes",
		set: func(c *Config, v string) error {
			return duration(&c.Answer.Stall, v, 100*time.Millisecond, 5*time.Minute)
		}},
	{Group: "Answers", Name: "CARELOOP_TURN_TIMEOUT", Default: "60s",
		Help: "how long a whole answer may take",
		set:  func(c *Config, v string) error { return duration(&c.Answer.Total, v, time.Second, 10*time.Minute) }},
	{Group: "Answers", Name: "CARELOOP_MAX_ANSWER_TOKENS", Default: "700",
		Help: "longest answer of a model, in tokens",
		set:  func(c *Config, v string) error { return integer(&c.Answer.MaxTokens, v, 16, 32000) }},
	{Group: "Answers", Name: "CARELOOP_TURN_COST_CAP", Default: "0.05",
		Help: "most that one answer may cost, in dollars",
		set:  func(c *Config, v string) error { return dollars(&c.Answer.CostCap, v) }},
	{Group: "Answers", Name: "CARELOOP_DAILY_BUDGET", Default: "5.00",
		Help: "most that models may cost one site in a day (UTC), in dollars; beyond it answers are quoted from the articles",
		set:  func(c *Config, v string) error { return dollars(&c.DailyBudget, v) }},
	{Group: "Answers", Name: "CARELOOP_CONFIDENCE", Default: "0.35",
		Help: "below this confidence, from 0 to 1, the bot does not answer",
		set:  func(c *Config, v string) error { return fraction(&c.Answer.Confidence, v) }},

	{Group: "Limits", Name: "CARELOOP_MESSAGES_PER_MINUTE", Default: "20",
		Help: "messages of one shopper in a minute",
		set:  func(c *Config, v string) error { return integer(&c.MessageLimits.PerMinute, v, 1, 100000) }},
	{Group: "Limits", Name: "CARELOOP_MESSAGE_BURST", Default: "5",
		Help: "messages of one shopper at once",
		set:  func(c *Config, v string) error { return integer(&c.MessageLimits.Burst, v, 1, 100000) }},
	{Group: "Limits", Name: "CARELOOP_MESSAGES_PER_HOUR", Default: "120",
		Help: "messages of one shopper in an hour",
		set:  func(c *Config, v string) error { return integer(&c.MessageLimits.PerHour, v, 1, 1000000) }},
	{Group: "Limits", Name: "CARELOOP_ADDRESS_MESSAGES_PER_HOUR", Default: "600",
		Help: "messages of all shoppers at one address in an hour",
		set:  func(c *Config, v string) error { return integer(&c.MessageLimits.AddressPerHour, v, 1, 1000000) }},
	{Group: "Limits", Name: "CARELOOP_TOKENS_PER_HOUR", Default: "100000",
		Help: "tokens that models may take and give for one shopper in an hour; beyond it answers are quoted",
		set:  func(c *Config, v string) error { return integer(&c.TokenLimits.PerShopper, v, 1, 1000000000) }},
	{Group: "Limits", Name: "CARELOOP_ADDRESS_TOKENS_PER_HOUR", Default: "1000000",
		Help: "the same for all shoppers at one address",
		set:  func(c *Config, v string) error { return integer(&c.TokenLimits.PerAddress, v, 1, 1000000000) }},
	{Group: "Limits", Name: "CARELOOP_SOCKETS_PER_SHOPPER", Default: "10",
		Help: "open sockets of one shopper on one replica",
		set:  func(c *Config, v string) error { return integer(&c.SocketLimits.PerShopper, v, 1, 100000) }},
	{Group: "Limits", Name: "CARELOOP_SOCKETS_PER_ADDRESS", Default: "100",
		Help: "open sockets of one address on one replica",
		set:  func(c *Config, v string) error { return integer(&c.SocketLimits.PerAddress, v, 1, 1000000) }},
	{Group: "Limits", Name: "CARELOOP_TOKEN_LIFE", Default: "4320h",
		Help: "how long a visitor token lives without being seen",
		set:  func(c *Config, v string) error { return duration(&c.TokenLife, v, time.Hour, 10*365*24*time.Hour) }},

	{Group: "Console", Name: "CARELOOP_OIDC_ISSUER",
		Help: "OpenID Connect issuer by which agents and admins may sign in, as https://accounts.example.com; the callback is PUBLIC_URL/v1/console/oidc/callback",
		set:  func(c *Config, v string) error { return baseURL(&c.OIDC.Issuer, v) }},
	{Group: "Console", Name: "CARELOOP_OIDC_CLIENT_ID",
		Help: "the client's id there",
		set:  func(c *Config, v string) error { return text(&c.OIDC.ClientID, v) }},
	{Group: "Console", Name: "CARELOOP_OIDC_CLIENT_SECRET", Secret: true,
		Help: "and its secret",
		set:  func(c *Config, v string) error { return secret(&c.OIDC.ClientSecret, v) }},
	{Group: "Console", Name: "CARELOOP_OIDC_NAME", Default: "single sign-on",
		Help: "what the sign-in button calls it",
		set:  func(c *Config, v string) error { return text(&c.OIDC.Name, v) }},

	{Group: "Mail", Name: "CARELOOP_SMTP_URL", Secret: true,
		Help: "mail server for replies to shoppers who are away, as smtp://USER:PASSWORD@HOST:587 or smtps://…; without it replies wait in the chat",
		set:  func(c *Config, v string) error { return secret(&c.Mail.SMTP, v) }},
	{Group: "Mail", Name: "CARELOOP_MAIL_FROM",
		Help: "whom letters come from, as Shop <care@shop.example>; a site may have its own",
		set:  func(c *Config, v string) error { return text(&c.Mail.From, v) }},
	{Group: "Mail", Name: "CARELOOP_MAIL_REPLY_TO",
		Help: "mailbox that shoppers' answers come to, as reply@care.shop.example; it must take reply+ANYTHING@, too",
		set:  func(c *Config, v string) error { return text(&c.Mail.ReplyTo, v) }},
	{Group: "Mail", Name: "CARELOOP_MAIL_SECRET", Secret: true,
		Help: "32 characters or more that sign the addresses for answers; keep it, or answers to older letters go nowhere",
		set:  func(c *Config, v string) error { return secret(&c.Mail.Secret, v) }},
	{Group: "Mail", Name: "CARELOOP_MAIL_WAIT", Default: "1m",
		Help: "how long a reply waits to be read in the chat before it goes out by mail",
		set:  func(c *Config, v string) error { return duration(&c.Mail.Wait, v, time.Millisecond, time.Hour) }},
	{Group: "Mail", Name: "CARELOOP_IMAP_URL", Secret: true,
		Help: "that mailbox, as imaps://USER:PASSWORD@HOST:993/INBOX; what is unseen there is taken and marked as seen",
		set:  func(c *Config, v string) error { return secret(&c.Mail.IMAP, v) }},
	{Group: "Mail", Name: "CARELOOP_IMAP_EVERY", Default: "30s",
		Help: "how often it is looked into",
		set:  func(c *Config, v string) error { return duration(&c.Mail.PollEvery, v, 5*time.Second, time.Hour) }},
	{Group: "Mail", Name: "CARELOOP_MAIL_WEBHOOK_SECRET", Secret: true,
		Help: "lets a mail service post raw messages to /v1/mail instead, with Authorization: Bearer and this",
		set:  func(c *Config, v string) error { return secret(&c.Mail.WebhookSecret, v) }},

	{Group: "Import", Name: "CARELOOP_CRAWL_ALLOW",
		Help: "comma-separated private addresses or CIDRs that the importer may fetch from; none by default",
		set:  func(c *Config, v string) error { return prefixes(&c.CrawlAllow, v) }},

	{Group: "Observing", Name: "CARELOOP_LOG_LEVEL", Default: "info",
		Help: "debug, info, warn or error",
		set:  func(c *Config, v string) error { return level(&c.LogLevel, v) }},
	{Group: "Observing", Name: "CARELOOP_LOG_FORMAT", Default: "json",
		Help: "json or text",
		set:  func(c *Config, v string) error { return oneOf(&c.LogFormat, v, "json", "text") }},
	{Group: "Observing", Name: "OTEL_EXPORTER_OTLP_ENDPOINT",
		Help: "OpenTelemetry collector for traces, over HTTP, as http://localhost:4318; without it there is no tracing",
		set:  func(c *Config, v string) error { return baseURL(&c.TracingEndpoint, v) }},
}
