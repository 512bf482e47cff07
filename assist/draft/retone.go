package draft

import (
	"regexp"
	"strings"

	"github.com/careloop/careloop/assist/triage"
)

// retone does to an agent's own text what can be done safely without a model:
// every word of theirs stays. The note says that it was not, or not wholly, what
// was asked for.
func (m *material) retone(text string) (string, Note) {
	w := &templateReply{m: m, cat: catalogues[languageOf(m.in.Conversation.Locale)], tone: m.in.Tone,
		choice: choiceFor(m.in.Conversation.ID, "retone")}
	if w.cat == nil {
		return text, NoteNeedsModel
	}
	w.matter = matterOf(m.focus, languageOf(m.in.Conversation.Locale))
	switch m.in.Tone {
	case Formal:
		changed := expand(text)
		if hello := w.hello(); hello != "" && !greeting.MatchString(changed) && !opensFormally.MatchString(changed) {
			changed = hello + "\n\n" + changed
		}
		if bye := w.say("bye.formal"); !strings.Contains(changed, strings.TrimRight(bye, ",")) {
			changed += "\n\n" + bye + "\n" + m.in.Site.Name
		}
		return changed, NoteNeedsModel
	case Apologise:
		if apologises(text) {
			return text, NoteNeedsModel
		}
		return before(text, w.say("apology.full")), ""
	case Warmer:
		first := w.say("feel." + string(m.reading.Feeling))
		if m.reading.Feeling == triage.Calm || first == "" || strings.Contains(text, first) {
			first = ""
		}
		if first != "" {
			text = before(text, first)
		}
		if warm := w.say("warm"); !strings.Contains(text, warm) {
			text += "\n\n" + warm
		}
		return text, NoteNeedsModel
	}
	return text, NoteNeedsModel
}

// before puts a sentence at the beginning of a text, behind its greeting.
func before(text, sentence string) string {
	first, rest, found := strings.Cut(text, "\n")
	if found && len(strings.Fields(first)) <= 5 && (greeting.MatchString(first) || opensFormally.MatchString(first)) {
		return first + "\n\n" + sentence + " " + strings.TrimSpace(rest)
	}
	return sentence + "\n\n" + text
}

var opensFormally = regexp.MustCompile(`(?i)^(?:dear|sehr geehrte|liebe|madame|monsieur|chère|cher|estimad|saludos)`)

var apology = regexp.MustCompile(`(?i)\b(?:sorry|apolog\w*|forgive|regret|entschuldig\w*|tut (?:mir|uns) leid|verzeih\w*|bedaure\w*|désolée?s?|excus\w*|pardon|regrett\w*|lo siento|sentimos|siento|disculp\w*|perd[óo]n\w*|lament\w*)\b`)

// apologises says whether a text says sorry already.
func apologises(text string) bool { return apology.MatchString(text) }

var contractions = strings.NewReplacer(
	"can't", "cannot", "won't", "will not", "n't", " not", "I'm", "I am", "you're", "you are", "You're", "You are", "we're", "we are", "We're", "We are",
	"they're", "they are", "They're", "They are", "I've", "I have", "you've", "you have", "You've", "You have", "we've", "we have", "We've", "We have",
	"I'll", "I will", "you'll", "you will", "You'll", "You will", "we'll", "we will", "We'll", "We will", "I'd", "I would", "you'd", "you would", "You'd", "You would",
	"that's", "that is", "That's", "That is", "there's", "there is", "There's", "There is", "here's", "here is", "Here's", "Here is",
	"it's", "it is", "It's", "It is", "what's", "what is", "What's", "What is", "let's", "let us", "Let's", "Let us", "Thanks for", "Thank you for",
)

// expand writes English contractions out.
func expand(text string) string {
	return contractions.Replace(strings.ReplaceAll(text, "’", "'"))
}
