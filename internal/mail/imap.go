package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/careloop/careloop/assist/post"
)

// Taker takes a mail into its conversation. An error means: deliver it again.
type Taker interface {
	Take(ctx context.Context, m post.Mail) error
}

// Mailbox is looked into for answers, over IMAP.
type Mailbox struct {
	address, name, user, password string
	secure                        bool
	log                           *slog.Logger
}

// perPoll bounds how many mails are taken in one look.
const perPoll = 50

// NewMailbox reads imaps://USER:PASSWORD@HOST:PORT/FOLDER (imap:// speaks in the
// clear and is meant for a server on this machine). Nothing is connected yet.
func NewMailbox(address string, log *slog.Logger) (*Mailbox, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "imap" && u.Scheme != "imaps" || u.Hostname() == "" || u.User == nil {
		return nil, errors.New("the mailbox must be imaps://USER:PASSWORD@HOST:PORT/FOLDER")
	}
	m := &Mailbox{user: u.User.Username(), secure: u.Scheme == "imaps", log: log}
	m.password, _ = u.User.Password()
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "993", false: "143"}[m.secure]
	}
	m.address = net.JoinHostPort(u.Hostname(), port)
	if m.name = strings.Trim(u.Path, "/"); m.name == "" {
		m.name = "INBOX"
	}
	return m, nil
}

// Poll takes what is new, marks it as seen, and returns how much that was. A
// mail that cannot be taken now stays unseen and comes again; one that cannot be
// read at all is marked, so that it does not come for ever.
func (m *Mailbox) Poll(ctx context.Context, taker Taker) (int, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	options := &imapclient.Options{Dialer: &dialer}
	dial := imapclient.DialInsecure
	if m.secure {
		dial = imapclient.DialTLS
	}
	c, err := dial(m.address, options)
	if err != nil {
		return 0, fmt.Errorf("reach the mailbox: %w", err)
	}
	// The library's calls know no context: its end closes the connection, which
	// ends them.
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	if err := c.Login(m.user, m.password).Wait(); err != nil {
		return 0, fmt.Errorf("sign in to the mailbox: %w", err)
	}
	if _, err := c.Select(m.name, nil).Wait(); err != nil {
		return 0, fmt.Errorf("open the folder %s: %w", m.name, err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("look for new mail: %w", err)
	}
	uids := found.AllUIDs()
	taken := 0
	var failures error
	for _, uid := range uids[:min(len(uids), perPoll)] {
		if err := m.take(ctx, c, uid, taker); err != nil {
			failures = errors.Join(failures, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		taken++
	}
	_ = c.Logout().Wait() // the mails are marked already
	return taken, failures
}

func (m *Mailbox) take(ctx context.Context, c *imapclient.Client, uid imap.UID, taker Taker) error {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: MaxRead}}
	set := imap.UIDSetNum(uid)
	messages, err := c.Fetch(set, &imap.FetchOptions{RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return fmt.Errorf("fetch a mail: %w", err)
	}
	for _, message := range messages {
		raw := message.FindBodySection(section)
		mail, err := Read(bytes.NewReader(raw), message.RFC822Size > MaxRead)
		if err != nil {
			m.log.WarnContext(ctx, "a mail cannot be read", "uid", uid, "error", err)
		} else if err := taker.Take(ctx, mail); err != nil {
			return err
		}
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := c.Store(set, flags, nil).Close(); err != nil {
		return fmt.Errorf("mark a mail: %w", err)
	}
	return nil
}
