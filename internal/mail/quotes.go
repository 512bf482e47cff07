package mail

import (
	"regexp"
	"strings"
)

// Lines after which a mail program quotes what it answers, in the languages that
// Careloop speaks and some that its shoppers' programs do.
var (
	wrote = regexp.MustCompile(`(?i)^(?:>\s*)*(?:on\b.{4,200}\bwrote|am\b.{4,200}\bschrieb\b.{0,100}|le\b.{4,200}\ba écrit|el\b.{4,200}\bescribió|il\b.{4,200}\bha scritto|op\b.{4,200}\bschreef.{0,100}|em\b.{4,200}\bescreveu)\s*:\s*$`)
	rule  = regexp.MustCompile(`(?i)^\s*(?:-{2,}|_{5,})\s*(?:original message|forwarded message|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|messaggio originale|oorspronkelijk bericht)?\s*(?:-{2,})?\s*$`)
	field = regexp.MustCompile(`(?i)^\s*\*?(?:from|von|de|da|van|sent|gesendet|envoyé|enviado|inviato|verzonden|to|an|à|para|subject|betreff|objet|asunto|oggetto|onderwerp|date|datum|fecha|cc)\s*:\*?\s+\S`)
	begin = regexp.MustCompile(`(?i)^\s*\*?(?:from|von|de|da|van)\s*:\*?\s+\S`)
)

// mobile are signatures that a phone adds by itself.
var mobile = regexp.MustCompile(`(?i)^(?:sent from my |get outlook for |von meinem .{2,30} gesendet|gesendet von |envoyé de(?:puis)? mon |enviado desde mi |inviato da )`)

// WithoutQuotes leaves what the sender wrote: without the mail that it answers,
// however the program quotes it, and without the signature. A mail that is
// nothing but quotes is empty. Answers between quoted lines are kept, and the
// quoted lines between them, since one means nothing without the other.
func WithoutQuotes(text string) string {
	lines := strings.Split(text, "\n")
	end := len(lines)
	for i, line := range lines {
		if cutsAt(lines, i, line) {
			end = i
			break
		}
	}
	lines = lines[:end]
	// The quoted block at the end, with whatever stands above it to introduce it.
	last := len(lines)
	for last > 0 && quotedOrBlank(lines[last-1]) {
		last--
	}
	if last < len(lines) && hasQuote(lines[last:]) {
		lines = lines[:last]
	}
	if n := len(lines); n > 0 && wrote.MatchString(strings.TrimSpace(lines[n-1])) {
		lines = lines[:n-1]
	}
	for n := len(lines); n > 0 && (strings.TrimSpace(lines[n-1]) == "" || mobile.MatchString(strings.TrimSpace(lines[n-1]))); n = len(lines) {
		lines = lines[:n-1]
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// cutsAt says that everything from a line on is not the sender's own.
func cutsAt(lines []string, i int, line string) bool {
	s := strings.TrimSpace(line)
	switch {
	case strings.Contains(line, Marker):
		return true
	case line == "-- ":
		return true // a signature, by the convention of RFC 3676
	case wrote.MatchString(s):
		// Answers below the quote: what follows is cut only where nothing but
		// quotes comes.
		return !answersFollow(lines[i+1:])
	case i+1 < len(lines) && s != "" && len(s)+len(lines[i+1]) < 300 && wrote.MatchString(s+" "+strings.TrimSpace(lines[i+1])):
		return !answersFollow(lines[i+2:]) // the line was wrapped
	case rule.MatchString(line) && i+1 < len(lines):
		return strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") || begin.MatchString(lines[i+1])
	case begin.MatchString(line):
		return headerBlock(lines[i:])
	}
	return false
}

// headerBlock says that lines are the head of a quoted mail: three fields in a
// row.
func headerBlock(lines []string) bool {
	n := 0
	for _, l := range lines[:min(len(lines), 6)] {
		if field.MatchString(l) {
			n++
		} else if strings.TrimSpace(l) != "" {
			break
		}
	}
	return n >= 3
}

func answersFollow(lines []string) bool {
	quoted := false
	for _, l := range lines {
		switch {
		case strings.HasPrefix(strings.TrimSpace(l), ">"):
			quoted = true
		case strings.Contains(l, Marker):
			return false
		case strings.TrimSpace(l) != "":
			return quoted
		}
	}
	return false
}

func quotedOrBlank(line string) bool {
	s := strings.TrimSpace(line)
	return s == "" || strings.HasPrefix(s, ">")
}

func hasQuote(lines []string) bool {
	for _, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), ">") {
			return true
		}
	}
	return false
}
