package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/post"
	"github.com/careloop/careloop/internal/config"
	"github.com/careloop/careloop/internal/jobs"
	"github.com/careloop/careloop/internal/mail"
	"github.com/careloop/careloop/internal/postgres"
	"github.com/careloop/careloop/internal/web"
)

// postOffice is mail as it is configured; the zero value is none.
type postOffice struct {
	office  *post.Office
	sender  *mail.Sender
	mailbox *mail.Mailbox // nil: answers come by the web's hook, or not at all
	cfg     config.Mail
}

func newPostOffice(cfg config.Mail, db *postgres.DB, desk post.Desk, bus assist.Bus, log *slog.Logger) (postOffice, error) {
	if !cfg.Enabled() {
		return postOffice{}, nil
	}
	signer, err := mail.NewSigner(cfg.ReplyTo, cfg.Secret.Reveal())
	if err != nil {
		return postOffice{}, err
	}
	p := postOffice{cfg: cfg}
	if p.sender, err = mail.NewSender(signer, mail.SenderOptions{URL: cfg.SMTP.Reveal(), From: cfg.From}); err != nil {
		return postOffice{}, err
	}
	if cfg.IMAP.IsSet() {
		if p.mailbox, err = mail.NewMailbox(cfg.IMAP.Reveal(), log); err != nil {
			return postOffice{}, err
		}
	}
	p.office = post.New(db, p.sender, desk, bus, log)
	return p, nil
}

// work adds what mail asks of the job workers.
func (p postOffice) work(o *jobs.Options) {
	if p.office == nil {
		return
	}
	o.SendLetter = p.office.Send
	if p.mailbox != nil {
		o.PollEvery = p.cfg.PollEvery
		o.PollMail = func(ctx context.Context) error {
			_, err := p.mailbox.Poll(ctx, p.office)
			return err
		}
	}
}

// serve adds what mail asks of the web.
func (p postOffice) serve(o *web.Options) {
	if p.office == nil {
		return
	}
	o.Letters = true
	o.Tell, o.Words = p.sender.Tell, phrase.Text
	if !p.cfg.WebhookSecret.IsSet() {
		return
	}
	o.MailSecret = p.cfg.WebhookSecret.Reveal()
	o.Mail = func(ctx context.Context, raw io.Reader) error {
		m, err := mail.Read(raw, false)
		if errors.Is(err, mail.ErrNotMail) {
			return &assist.Error{Code: assist.CodeNotMail, Err: err}
		}
		if err != nil {
			return err
		}
		return p.office.Take(ctx, m)
	}
}
