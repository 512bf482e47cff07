package mail

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"github.com/careloop/careloop/assist/post"
)

// capture is a mail server that keeps what it is given.
type capture struct {
	mu     sync.Mutex
	mails  []string
	refuse error
}

func (c *capture) NewSession(*smtp.Conn) (smtp.Session, error) { return &captured{c}, nil }

type captured struct{ *capture }

func (s *captured) Mail(string, *smtp.MailOptions) error { return nil }
func (s *captured) Rcpt(string, *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refuse
}
func (s *captured) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, string(b))
	return err
}
func (s *captured) Reset()        {}
func (s *captured) Logout() error { return nil }

// listen serves on a free port until the test ends.
func listen(t *testing.T, serve func(net.Listener) error, stop func() error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = serve(l) }()
	t.Cleanup(func() { _ = stop(); <-done })
	return l.Addr().String()
}

func captureServer(t *testing.T) (*capture, *Sender) {
	t.Helper()
	c := &capture{}
	server := smtp.NewServer(c)
	server.Domain = "localhost"
	at := listen(t, server.Serve, server.Close)
	s, err := NewSender(signer(t), SenderOptions{URL: "smtp://" + at, From: "Dunnock <care@shop.example>"})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func letter(s *Sender) post.Letter {
	id := uuid.NewString()
	return post.Letter{ConversationID: id, Shop: "Dunnock", Sender: "Mia\r\nBcc: all@example.org", To: "ada@example.org", ReplyTo: s.ReplyAddress(id), Locale: "de",
		MessageID: id + ".4@care.example", References: []string{"a@care.example", "b@example.org"},
		Said:  []string{"Es tut mir **leid**.\n\n<script>alert(1)</script>[Rückgabe](https://shop.example/r)", "Noch etwas."},
		Asked: "Falsche Farbe!\nBestellung 1001"}
}

func TestALetterAsItArrives(t *testing.T) {
	c, s := captureServer(t)
	l := letter(s)
	if err := s.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	m, err := Read(strings.NewReader(c.mails[0]), false)
	if err != nil {
		t.Fatal(err)
	}
	if m.From != "care@shop.example" || m.Subject != "Deine Frage an Dunnock" || m.MessageID != l.MessageID || m.To[0] != "ada@example.org" || m.Automatic {
		t.Errorf("%+v", m)
	}
	for _, want := range []string{"In-Reply-To: <b@example.org>", "References: <a@care.example> <b@example.org>", l.ReplyTo} {
		if !strings.Contains(strings.ReplaceAll(c.mails[0], "\r\n ", " "), want) {
			t.Errorf("no %q in\n%s", want, c.mails[0])
		}
	}
	header, _, _ := strings.Cut(c.mails[0], "\r\n\r\n")
	for _, line := range strings.Split(header, "\r\n") {
		if strings.HasPrefix(strings.ToLower(line), "bcc:") {
			t.Errorf("a name became a header: %q", line)
		}
	}
	if strings.Contains(c.mails[0], "<script") && !strings.Contains(c.mails[0], "text/plain") {
		t.Error("a script stands in the letter")
	}
	html := c.mails[0][strings.Index(c.mails[0], "text/html"):]
	if strings.Contains(html, "<script") {
		t.Error("a script stands in the HTML part")
	}
}

// An answer to the letter, as a mail program quotes it, is the answer alone.
func TestAnAnswerToALetter(t *testing.T) {
	c, s := captureServer(t)
	if err := s.Send(t.Context(), letter(s)); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(c.mails[0], "\r\n\r\n")
	var quoted []string
	for _, line := range strings.Split(body, "\r\n") {
		quoted = append(quoted, "> "+line)
	}
	m, err := Read(strings.NewReader(head+"\r\nDanke, Blau bitte.\r\n\r\nMia schrieb folgendes:\r\n"+strings.Join(quoted, "\r\n")), false)
	if err != nil || !strings.HasPrefix(m.Text, "Danke, Blau bitte.") || strings.Contains(m.Text, "leid") {
		t.Errorf("%q, %v", m.Text, err)
	}
}

func TestFailuresAreToldApart(t *testing.T) {
	c, s := captureServer(t)
	var permanent *post.Permanent
	c.refuse = &smtp.SMTPError{Code: 550, Message: "no such mailbox"}
	if err := s.Send(t.Context(), letter(s)); !errors.As(err, &permanent) {
		t.Errorf("550: %v", err)
	}
	c.refuse = &smtp.SMTPError{Code: 451, Message: "later"}
	if err := s.Send(t.Context(), letter(s)); err == nil || errors.As(err, &permanent) {
		t.Errorf("451: %v", err)
	}
	down, err := NewSender(signer(t), SenderOptions{URL: "smtp://127.0.0.1:1", From: "care@shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := down.Send(t.Context(), letter(down)); err == nil || errors.As(err, &permanent) {
		t.Errorf("a server that is down: %v", err)
	}
}

type taker struct {
	mu    sync.Mutex
	taken []post.Mail
	fail  error
}

func (k *taker) Take(_ context.Context, m post.Mail) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return k.fail
	}
	k.taken = append(k.taken, m)
	return nil
}

func TestPollingAMailbox(t *testing.T) {
	user := imapmemserver.NewUser("care", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{InsecureAuth: true, Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		}})
	at := listen(t, server.Serve, server.Close)
	add := func(text string) {
		t.Helper()
		if _, err := user.Append("INBOX", literal{strings.NewReader(text), int64(len(text))}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	box, err := NewMailbox("imap://care:secret@"+at, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	add(head + "\r\nfirst\r\n")
	add("no mail at all")
	add(head + "\r\n" + strings.Repeat("a long line of words\r\n", 2<<20/22))

	k := &taker{fail: errors.New("the store is down")}
	if _, err := box.Poll(t.Context(), k); err == nil {
		t.Error("a failure to take is not told")
	}
	k.fail = nil
	if _, err := box.Poll(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if len(k.taken) != 2 || k.taken[0].Text != "first" || !k.taken[1].Cut {
		t.Errorf("%d taken", len(k.taken))
	}
	if n, err := box.Poll(t.Context(), k); n != 0 || err != nil || len(k.taken) != 2 {
		t.Errorf("a third look took %d, %v", n, err)
	}
	wrong, err := NewMailbox("imap://care:wrong@"+at, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Poll(t.Context(), k); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v", err)
	}
	for _, address := range []string{"", "http://x", "imaps://host", "imaps://:@"} {
		if _, err := NewMailbox(address, nil); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}

type literal struct {
	*strings.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }
