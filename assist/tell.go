package assist

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/phrase"
	"github.com/careloop/careloop/assist/triage"
)

// tell says to a shopper that a person takes over: what it is about and how they
// feel, who has it, how long it takes or when somebody is there, and where the
// reply goes. It says nothing that the situation does not hold.
func tell(reason Reason, p Packet, s Situation) string {
	locale := s.Locale
	say := func(key string, values ...string) string {
		return strings.NewReplacer(values...).Replace(phrase.Text(locale, "tell."+key))
	}
	var out []string
	if p.Danger {
		out = append(out, say("safety"))
	}
	if !s.Waited {
		out = append(out, opening(locale, reason, p))
	}
	switch {
	case s.Waited && s.Agent != "":
		out = append(out, say("agent_has_it", "{agent}", s.Agent))
	case s.Waited:
		out = append(out, say("team_has_it"))
	case s.Agent != "":
		out = append(out, say("to_agent", "{agent}", s.Agent))
	default:
		out = append(out, say("to_colleague"))
	}
	switch {
	case s.Agent == "" && s.Online == 0 && s.OpensAt != nil:
		out = append(out, say("opens", "{when}", phrase.When(locale, *s.OpensAt, time.Now())))
	case s.Agent == "" && s.Online == 0:
		out = append(out, say("nobody"))
	default:
		if s.Agent == "" && s.Queue == 1 {
			out = append(out, say("next"))
		} else if s.Agent == "" && s.Queue > 1 {
			out = append(out, say("queue", "{n}", strconv.Itoa(s.Queue)))
		}
		if s.Wait > 0 && !(s.Waited && s.Agent != "") {
			out = append(out, say("wait", "{time}", phrase.About(locale, s.Wait)))
		}
	}
	switch {
	case s.Agent != "":
	case s.Email != "":
		out = append(out, say("email", "{email}", s.Email))
	case s.AskEmail:
		out = append(out, say("ask_email"))
	case s.Online == 0:
		out = append(out, say("here"))
	}
	return strings.Join(out, " ")
}

// opening names the matter and the feeling in words; where there is neither, why
// a person takes over.
func opening(locale string, reason Reason, p Packet) string {
	matter := phrase.Find(locale, "matter."+matterOf(p))
	switch p.Topic {
	case triage.Damaged, triage.WrongItem, triage.Missing:
		// Something went wrong, however calmly it is told.
	default:
		if p.Feeling == triage.Calm {
			matter = ""
		}
	}
	feeling := phrase.Find(locale, "feeling."+string(p.Feeling))
	sorry := ""
	if matter != "" {
		sorry = strings.ReplaceAll(phrase.Text(locale, "tell.sorry"), "{matter}", matter)
	}
	if feeling != "" || sorry != "" {
		return strings.TrimSpace(feeling + " " + sorry)
	}
	return phrase.Text(locale, "reason."+string(reason))
}

var wrongWhat = map[string]*regexp.Regexp{
	"wrong_colour": regexp.MustCompile(`(?i)\bcolou?rs?\b|\bfarben?\b|\bcouleurs?\b|\bcolor(?:es)?\b`),
	"wrong_size":   regexp.MustCompile(`(?i)\bsizes?\b|größe|groesse|grösse|\btailles?\b|\bpointures?\b|\btallas?\b`),
}

// matterOf names the matter a little more closely than its topic, where the
// shopper did.
func matterOf(p Packet) string {
	if p.Topic == triage.WrongItem {
		for _, what := range []string{"wrong_colour", "wrong_size"} {
			if wrongWhat[what].MatchString(p.Wish) {
				return what
			}
		}
	}
	return string(p.Topic)
}
