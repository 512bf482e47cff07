package openai

import "strings"

// thinking takes a leading <think>…</think> out of the text: local reasoning
// models behind servers that do not separate it write their thoughts there, and
// they are not for the shopper. Only what stands at the very start counts. Blanks
// at the start of the text go, too.
type thinking struct {
	state  int
	held   string
	hidden int // bytes taken out
}

const (
	thinkStart = iota // nothing but blanks or a part of the mark so far
	thinkInside
	thinkAfter // only the blanks after the thoughts are still dropped
	thinkOff
)

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// visible gives what of s, the next piece of the text, may be shown.
func (t *thinking) visible(s string) string {
	if t.state == thinkOff || s == "" {
		return s
	}
	s = t.held + s
	t.held = ""
	if t.state == thinkStart {
		s = strings.TrimLeft(s, " \t\r\n")
		if len(s) < len(thinkOpen) && strings.HasPrefix(thinkOpen, s) {
			t.held = s
			return ""
		}
		if !strings.HasPrefix(s, thinkOpen) {
			t.state = thinkOff
			return s
		}
		t.state = thinkInside
		t.hidden += len(thinkOpen)
		s = s[len(thinkOpen):]
	}
	if t.state == thinkInside {
		end := strings.Index(s, thinkClose)
		if end < 0 {
			keep := min(len(s), len(thinkClose)-1) // a part of the mark may stand at the end
			t.hidden += len(s) - keep
			t.held = s[len(s)-keep:]
			return ""
		}
		t.state = thinkAfter
		t.hidden += end + len(thinkClose)
		s = s[end+len(thinkClose):]
	}
	s = strings.TrimLeft(s, " \t\r\n")
	if s != "" {
		t.state = thinkOff
	}
	return s
}

// rest gives what was held back when the text ends.
func (t *thinking) rest() string {
	if t.state == thinkStart {
		return t.held
	}
	return ""
}
