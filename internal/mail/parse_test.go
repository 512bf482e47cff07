package mail

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// raw makes a message out of lines.
func raw(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

const head = "From: Ada Lovelace <Ada@Example.org>\r\nTo: reply+x@care.example\r\nSubject: =?utf-8?q?Re=3A_Gr=C3=B6=C3=9Fe?=\r\nMessage-ID: <m1@example.org>\r\n"

func TestReadPlain(t *testing.T) {
	m, err := Read(strings.NewReader(head+raw("Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: quoted-printable", "",
		"Die Gr=F6=DFe passt.", "", "--=20", "Ada")), false)
	if err != nil {
		t.Fatal(err)
	}
	if m.From != "ada@example.org" || m.Subject != "Re: Größe" || m.MessageID != "m1@example.org" || m.Text != "Die Größe passt." || m.Automatic || m.Cut || len(m.To) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestReadLeavesAMessageIDThatCannotBeKept(t *testing.T) {
	for id, kept := range map[string]bool{"a.1@example.org": true, strings.Repeat("a", 3000) + "@example.org": false, "\xff@example.org": false, "ü@example.org": false} {
		m, err := Read(strings.NewReader("From: ada@example.org\r\nMessage-ID: <"+id+">\r\n\r\nhello\r\n"), false)
		if err != nil || m.Text != "hello" || (m.MessageID == id) != kept || !kept && m.MessageID != "" {
			t.Errorf("%.20q: %.20q, %v", id, m.MessageID, err)
		}
	}
}

func TestReadPrefersPlainAndCountsAttachments(t *testing.T) {
	m, err := Read(strings.NewReader(head+raw(`Content-Type: multipart/mixed; boundary="b"`, "", "--b",
		`Content-Type: multipart/alternative; boundary="c"`, "", "--c", "Content-Type: text/html", "", "<p>rich</p>", "--c",
		"Content-Type: text/plain", "", "plain", "--c--", "--b", `Content-Type: image/jpeg; name="p.jpg"`,
		`Content-Disposition: attachment; filename="p.jpg"`, "", "xxxx", "--b--")), false)
	if err != nil || m.Text != "plain" || m.Attachments != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestReadHTMLAlone(t *testing.T) {
	m, err := Read(strings.NewReader(head+raw("Content-Type: text/html; charset=utf-8", "",
		"<html><head><title>x</title><style>p{}</style></head><body><p>It is <b>blue</b> &amp; too small.</p><div>Thanks</div>",
		"<script>alert(1)</script><blockquote>old words</blockquote></body></html>")), false)
	if err != nil || m.Text != "It is blue & too small.\n\nThanks" {
		t.Errorf("%q, %v", m.Text, err)
	}
}

func TestMailThatNobodyWrote(t *testing.T) {
	for name, field := range map[string]string{
		"vacation": "Auto-Submitted: auto-replied", "generated": "Auto-Submitted: auto-generated", "bulk": "Precedence: bulk",
		"old vacation": "X-Autoreply: yes", "list": "List-Id: <l.example>", "bounce": "Return-Path: <>",
		"report": "Content-Type: multipart/report; boundary=b", "failed": "X-Failed-Recipients: a@example.org",
	} {
		m, err := Read(strings.NewReader(head+raw(field, "", "I am away.")), false)
		if err != nil || !m.Automatic {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	m, err := Read(strings.NewReader(raw("From: MAILER-DAEMON@example.org", "", "x")), false)
	if err != nil || !m.Automatic {
		t.Errorf("daemon: %+v, %v", m, err)
	}
	if m, _ := Read(strings.NewReader(head+raw("Auto-Submitted: no", "", "x")), false); m.Automatic {
		t.Error("Auto-Submitted: no is a person's")
	}
}

func TestReadBoundsWhatIsLarge(t *testing.T) {
	big := head + raw(`Content-Type: multipart/mixed; boundary="b"`, "", "--b", "Content-Type: text/plain", "", "My question.", "--b",
		"Content-Type: image/png", "Content-Disposition: attachment", "") + strings.Repeat(strings.Repeat("A", 76)+"\r\n", 20<<20/78)
	m, err := Read(strings.NewReader(big), false)
	if err != nil || m.Text != "My question." || !m.Cut {
		t.Errorf("%d of text, cut %v, %v", len(m.Text), m.Cut, err)
	}
	m, err = Read(strings.NewReader(head+raw("", strings.Repeat("words ", 100_000))), false)
	if err != nil || utf8.RuneCountInString(m.Text) > maxText {
		t.Errorf("%d of text, %v", len(m.Text), err)
	}
}

func TestReadRefusesWhatIsNoMail(t *testing.T) {
	for _, s := range []string{"", "hello", "\x00\x01", "Subject: x\r\n\r\nno sender"} {
		if m, err := Read(strings.NewReader(s), false); !errors.Is(err, ErrNotMail) {
			t.Errorf("%q: %+v, %v", s, m, err)
		}
	}
}

func TestWithoutQuotes(t *testing.T) {
	for name, c := range map[string][2]string{
		"nothing quoted": {"It fits.\nThank you.", "It fits.\nThank you."},
		"English":        {"It fits.\n\nOn Tue, 3 Mar 2026 at 10:00, Mia · Dunnock <reply@care.example> wrote:\n> Does it fit?\n> Mia", "It fits."},
		"wrapped":        {"It fits.\n\nOn Tue, 3 Mar 2026 at 10:00, Mia · Dunnock\n<reply@care.example> wrote:\n> Does it fit?", "It fits."},
		"German":         {"Passt.\n\nAm 03.03.2026 um 10:00 schrieb Mia · Dunnock:\n> Passt es?", "Passt."},
		"French":         {"Oui.\n\nLe mar. 3 mars 2026 à 10:00, Mia a écrit :\n> Ça va ?", "Oui."},
		"Spanish":        {"Sí.\n\nEl mar, 3 mar 2026 a las 10:00, Mia escribió:\n> ¿Va bien?", "Sí."},
		"Outlook":        {"It fits.\n\n-----Original Message-----\nFrom: Mia\nSent: Tuesday\nTo: Ada\nSubject: Re\n\nDoes it fit?", "It fits."},
		"Outlook German": {"Passt.\n\n________________________________\nVon: Mia\nGesendet: Dienstag\nAn: Ada\nBetreff: Re\n\nPasst es?", "Passt."},
		"header alone":   {"It fits.\n\nFrom: Mia <m@x.example>\nSent: Tuesday\nTo: Ada\nSubject: Re\n\nDoes it fit?", "It fits."},
		"our marker":     {"It fits.\n\n" + Marker + " Please write your answer above this line -##\n\nDoes it fit?", "It fits."},
		"marker quoted":  {"It fits.\n> " + Marker + " Please -##\n> Does it fit?", "It fits."},
		"signature":      {"It fits.\n-- \nAda\nTel. 123", "It fits."},
		"phone":          {"It fits.\n\nSent from my iPhone", "It fits."},
		"all quoted":     {"> Does it fit?\n> Mia", ""},
		"between":        {"On Tue, Mia wrote:\n> Which colour?\nBlue.\n> Which size?\n38.", "On Tue, Mia wrote:\n> Which colour?\nBlue.\n> Which size?\n38."},
		"own dashes":     {"Two things:\n--\nfirst\n---\nsecond", "Two things:\n--\nfirst\n---\nsecond"},
		"own colon":      {"From: what I saw, it is too small.", "From: what I saw, it is too small."},
		"own wrote":      {"My husband wrote:\nit is too small", "My husband wrote:\nit is too small"},
	} {
		if got := WithoutQuotes(c[0]); got != c[1] {
			t.Errorf("%s: %q, want %q", name, got, c[1])
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(head + "\r\nhello\r\n> you")
	f.Add(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=x\r\n\r\n<p")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := Read(strings.NewReader(s), false)
		if err != nil {
			return
		}
		if !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) || utf8.RuneCountInString(m.Text) > maxText {
			t.Errorf("text %.100q", m.Text)
		}
		if strings.ContainsAny(m.Subject, "\x00\r") {
			t.Errorf("subject %q", m.Subject)
		}
	})
}
