package mail

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/microcosm-cc/bluemonday"
	gomail "github.com/wneessen/go-mail"
	"github.com/yuin/goldmark"

	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/post"
)

//go:embed letter.txt letter.html
var files embed.FS

var (
	letterText = texttemplate.Must(texttemplate.ParseFS(files, "letter.txt"))
	letterHTML = template.Must(template.ParseFS(files, "letter.html"))
	// clean lets through what a letter needs, whatever a reply was written in.
	clean = bluemonday.NewPolicy().AllowElements("p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code").
		AllowAttrs("href").OnElements("a").RequireNoFollowOnLinks(true).AllowURLSchemes("https", "http", "mailto")
)

// Sender sends letters by SMTP.
type Sender struct {
	*Signer
	host    string
	options []gomail.Option
	from    string
}

var _ post.Carrier = (*Sender)(nil)

// SenderOptions say where letters go out.
type SenderOptions struct {
	// URL is smtp://USER:PASSWORD@HOST:PORT (STARTTLS where a user is given) or
	// smtps://… (TLS from the first byte).
	URL string
	// From is what letters come from where a site has no address of its own, as
	// "Shop <care@shop.example>".
	From    string
	Timeout time.Duration // for the whole conversation with the server; 0 means 30 s
}

// NewSender makes a sender. Nothing is sent, and no connection made, before the
// first letter.
func NewSender(signer *Signer, o SenderOptions) (*Sender, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("the mail server must be smtp://USER:PASSWORD@HOST:PORT or smtps://…")
	}
	if _, err := netmail.ParseAddress(o.From); err != nil {
		return nil, errors.New("the sender must be an address, as Shop <care@shop.example>")
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	s := &Sender{Signer: signer, host: u.Hostname(), from: o.From}
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if p, err := strconv.Atoi(u.Port()); err == nil {
		port = p
	}
	s.options = []gomail.Option{gomail.WithTimeout(o.Timeout), gomail.WithPort(port)}
	switch {
	case u.Scheme == "smtps":
		s.options = append(s.options, gomail.WithSSL())
	case u.User != nil:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory)) // a password never goes in the clear
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

// Send hands a letter to the mail server.
func (s *Sender) Send(ctx context.Context, l post.Letter) error {
	m, err := s.compose(l)
	if err != nil {
		return &post.Permanent{Err: err}
	}
	return s.hand(ctx, m)
}

// Tell sends a short plain message, such as an invitation, to one address.
func (s *Sender) Tell(ctx context.Context, to, subject, text string) error {
	m := gomail.NewMsg()
	if err := errors.Join(m.From(s.from), m.To(to)); err != nil {
		return &post.Permanent{Err: err}
	}
	m.Subject(oneLine(subject))
	m.SetBodyString(gomail.TypeTextPlain, text)
	return s.hand(ctx, m)
}

func (s *Sender) hand(ctx context.Context, m *gomail.Msg) error {
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return &post.Permanent{Err: err}
	}
	err = client.DialAndSendWithContext(ctx, m)
	var sending *gomail.SendError
	if errors.As(err, &sending) && !sending.IsTemp() && sending.ErrorCode() >= 500 {
		return &post.Permanent{Err: err}
	}
	return err
}

type said struct {
	Text string
	HTML template.HTML
}

type letterWords struct {
	Lang, Greeting, Answer, Above, Asked, Foot string
	Said                                       []said
	Question                                   []string
	Sender, Shop                               string
}

// Marker stands above what a letter quotes: an answer is what lies above it. It
// is found again whatever a mail program puts in front of it.
const Marker = "##-"

func (s *Sender) compose(l post.Letter) (*gomail.Msg, error) {
	say := func(key string) string {
		return strings.NewReplacer("{shop}", l.Shop, "{agent}", l.Sender).Replace(phrase.Text(l.Locale, key))
	}
	w := letterWords{Lang: phrase.Language(l.Locale), Above: Marker + " " + say("mail.above") + " -##", Asked: say("mail.asked"), Foot: say("mail.foot"), Sender: l.Sender, Shop: l.Shop}
	for _, markdown := range l.Said {
		html, err := render(markdown)
		if err != nil {
			return nil, err
		}
		w.Said = append(w.Said, said{plain(markdown), html})
	}
	if l.Asked != "" {
		w.Question = strings.Split(l.Asked, "\n")
	}
	var text, html bytes.Buffer
	if err := errors.Join(letterText.Execute(&text, w), letterHTML.Execute(&html, w)); err != nil {
		return nil, err
	}
	m := gomail.NewMsg()
	from, err := netmail.ParseAddress(s.from)
	if err != nil {
		return nil, err
	}
	if l.From != "" {
		if from, err = netmail.ParseAddress(l.From); err != nil {
			return nil, fmt.Errorf("the site's own sender: %w", err)
		}
	}
	name := l.Shop
	if l.Sender != "" {
		name = l.Sender + " · " + l.Shop
	}
	if err := errors.Join(m.FromFormat(oneLine(name), from.Address), m.To(l.To), m.ReplyToFormat(oneLine(l.Shop), l.ReplyTo)); err != nil {
		return nil, err
	}
	m.Subject(oneLine(say("mail.subject")))
	m.SetMessageIDWithValue(l.MessageID)
	if n := len(l.References); n > 0 {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+l.References[n-1]+">")
		m.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(l.References[max(0, n-10):], "> <")+">")
	}
	m.SetDate()
	// A vacation note in answer to this helps nobody.
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	m.SetBodyString(gomail.TypeTextPlain, text.String())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

func render(markdown string) (template.HTML, error) {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &b); err != nil {
		return "", err
	}
	return template.HTML(clean.SanitizeBytes(b.Bytes())), nil //nolint:gosec // sanitised in this very line
}

// plain leaves out what only marks a text up.
func plain(markdown string) string {
	return strings.TrimSpace(strings.NewReplacer("**", "", "__", "", "\r", "").Replace(markdown))
}

// oneLine keeps what people wrote from becoming a header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
