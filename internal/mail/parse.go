package mail

import (
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // so that old mail programs are read, too
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"github.com/careloop/careloop/assist/post"
)

// Bounds of what is read of a mail.
const (
	// MaxRead is how much of a mail is read, in bytes; what lies behind it, most
	// likely pictures, is left.
	MaxRead  = 1 << 20
	maxPart  = 256 << 10 // of one text part
	maxText  = 40_000    // runes of text that are kept
	maxParts = 200       // parts that are looked at
)

// ErrNotMail says that something is no e-mail at all.
var ErrNotMail = errors.New("this is no e-mail message")

// Read reads a raw message (RFC 5322). cut says that there was more of it.
func Read(r io.Reader, cut bool) (post.Mail, error) {
	limited := &io.LimitedReader{R: r, N: MaxRead}
	reader, err := mail.CreateReader(limited)
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return post.Mail{}, fmt.Errorf("%w: %w", ErrNotMail, err)
	}
	defer reader.Close()
	m, err := readHeader(reader.Header)
	if err != nil {
		return post.Mail{}, err
	}
	plain, rich := "", ""
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			cut = true // broken, or its end was not read: what was found counts
			break
		}
		switch h := part.Header.(type) {
		case *mail.InlineHeader:
			kind, _, err := h.ContentType()
			if err != nil {
				kind = "text/plain"
			}
			text, err := io.ReadAll(io.LimitReader(part.Body, maxPart))
			cut = cut || err != nil
			switch {
			case kind == "text/plain" && plain == "":
				plain = string(text)
			case kind == "text/html" && rich == "":
				rich = string(text)
			case !strings.HasPrefix(kind, "text/"):
				m.Attachments++
			}
		case *mail.AttachmentHeader:
			m.Attachments++
		}
	}
	if strings.TrimSpace(plain) == "" {
		plain = textOf(rich)
	}
	m.Text = cleaned(WithoutQuotes(cleaned(plain)))
	m.Cut = cut || limited.N == 0
	return m, nil
}

func readHeader(h mail.Header) (post.Mail, error) {
	var m post.Mail
	from, err := h.AddressList("From")
	if err != nil || len(from) == 0 {
		return m, fmt.Errorf("%w: it has no sender", ErrNotMail)
	}
	m.From = strings.ToLower(from[0].Address)
	// Without one that can be kept it is known by its content.
	if id, err := h.MessageID(); err == nil && plainID(id) {
		m.MessageID = id
	}
	if m.Subject, err = h.Subject(); err != nil {
		m.Subject = h.Get("Subject")
	}
	m.Subject = cleaned(m.Subject)
	for _, field := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"} {
		list, err := h.AddressList(field)
		if err != nil {
			if a, err := netmail.ParseAddress(h.Get(field)); err == nil {
				m.To = append(m.To, a.Address)
			}
			continue
		}
		for _, a := range list {
			m.To = append(m.To, a.Address)
		}
	}
	m.Automatic = automatic(h)
	return m, nil
}

// plainID says that a message id is one line of ASCII of a length that RFC 5322
// has room for: the sender chooses it, and it is looked up by.
func plainID(id string) bool {
	return len(id) <= 998 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// automatic says that no person wrote a mail: RFC 3834's field, the ones that
// came before it, bounces and mailing lists.
func automatic(h mail.Header) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	if auto != "" && auto != "no" {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, field := range []string{"X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id", "List-Unsubscribe", "X-Failed-Recipients"} {
		if h.Get(field) != "" {
			return true
		}
	}
	if strings.TrimSpace(h.Get("Return-Path")) == "<>" {
		return true
	}
	from, _ := h.AddressList("From")
	for _, a := range from {
		local, _, _ := strings.Cut(strings.ToLower(a.Address), "@")
		switch local {
		case "mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce", "bounces":
			return true
		}
	}
	kind, _, _ := h.ContentType()
	return kind == "multipart/report"
}

// textOf takes the words out of HTML, a line for each block.
func textOf(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.Join(strings.FieldsFunc(string(z.Text()), func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "style", "script", "head", "title":
				skip++
			case "br", "p", "div", "tr", "li", "h1", "h2", "h3":
				b.WriteByte('\n')
			case "blockquote":
				b.WriteString("\n> ")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "style", "script", "head", "title":
				skip = max(0, skip-1)
			case "p", "div", "blockquote":
				b.WriteByte('\n')
			}
		}
	}
}

// cleaned bounds a text and takes out what cannot be seen.
func cleaned(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f || r == '\u200b' || r == '\ufeff':
			return -1
		case r == '\u00a0':
			return ' '
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText])
	}
	return strings.TrimSpace(s)
}
