// Package check scores replies to shoppers by checks that need no model. Each is
// a plain rule that may be wrong about a single reply; over many replies their
// shares tell one way of writing from another. They read English; the checks
// that need its words are left out for other languages.
package check

import (
	"regexp"
	"strings"

	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/triage"
)

// Case is what a reply answers.
type Case struct {
	// Problem is what the shopper said.
	Problem string
	Feeling triage.Feeling
	// Fault says that something went wrong on the shop's side.
	Fault    bool
	Evidence draft.Evidence
	Locale   string
}

// Name names a check.
type Name string

// The checks.
const (
	NamesMatter  Name = "names_matter" // shares content words with what the shopper said
	Acknowledges Name = "acknowledges" // speaks of the feeling; where there is one
	Owns         Name = "owns"         // takes it on; where the shop is at fault
	NextStep     Name = "next_step"    // says what happens next, or what is needed
	NoBlame      Name = "no_blame"     // puts nothing on the shopper
	Supported    Name = "no_unsupported_fact"
	OneQuestion  Name = "at_most_one_question"
	OneApology   Name = "at_most_one_apology"
	NoNeedless   Name = "no_needless_apology" // where nothing went wrong
	Length       Name = "length"              // between leastWords and mostWords
	Readable     Name = "readable"            // Flesch reading ease of 60 or more
)

// Names lists the checks in the order in which they are shown.
var Names = []Name{NamesMatter, Acknowledges, Owns, NextStep, NoBlame, Supported, OneQuestion, OneApology, NoNeedless, Length, Readable}

// A reply of fewer words says too little, one of more is not read.
const (
	leastWords = 20
	mostWords  = 140
)

// plainEnglish is the Flesch reading ease from which a text counts as plain
// English.
const plainEnglish = 60

// Verdict is what was found of one reply. A check that does not apply is not in
// Passed.
type Verdict struct {
	Passed map[Name]bool
	Words  int
	Flesch float64
}

var (
	feelingWords = regexp.MustCompile(`(?i)\b(?:understand\w*|frustrat\w*|disappoint\w*|annoy\w*|upset\w*|worr\w*|sorry|apolog\w*|let-down|let you down|hard|anger|angry|concern\w*|stress\w*|trouble|put up with|weighs|unsettling|sympath\w*|appreciate|imagine|hate (?:to|that)|inconvenien\w*|unfortunate\w*)\b`)
	owning       = regexp.MustCompile(`(?i)\b(?:sorry|apolog\w*|our (?:mistake|fault|side|job|doing|error)|on (?:us|our side)|we (?:should|let you down|got|made|did not|didn't)|shouldn't have|should not have|should have)\b`)
	stepping     = regexp.MustCompile(`(?i)\b(?:i'm (?:checking|looking|asking|following|noting|taking|comparing|finding)|i am (?:checking|looking)|i'll|i will|we'll|we will|let me|let's|you'll (?:hear|get|receive)|please|could you|can you|send (?:us|me)|write (?:back|here|to)|reply|call us|dm\b|tell (?:me|us)|what's your|which|follow (?:us|this)|click|visit|contact)\b`)
	blaming      = regexp.MustCompile(`(?i)\b(?:you should(?:n't| not)? have (?:read|checked|known|called|contacted|told|ordered|been)|you (?:failed|forgot|neglected|must have)|your (?:own )?(?:fault|mistake|error)|as (?:clearly )?(?:stated|mentioned|explained)|as per (?:our|the) (?:policy|terms)|unfortunately,? you|had you\b|if you had (?:read|checked)|you (?:did not|didn't) (?:read|follow|provide|do))\b`)
	sayingSorry  = regexp.MustCompile(`(?i)\b(?:sorry|apolog(?:y|ies|ise|ize|ising|izing)|forgive|regret)\b`)
)

// Judge runs every check that applies to a reply.
func Judge(reply string, c Case) Verdict {
	v := Verdict{Passed: map[Name]bool{}, Words: len(strings.Fields(reply))}
	v.Passed[Supported] = len(draft.Judge(reply, c.Evidence)) == 0
	v.Passed[OneQuestion] = questions(reply) <= 1
	v.Passed[Length] = v.Words >= leastWords && v.Words <= mostWords
	if content := contentOf(c.Problem); len(content) > 0 {
		shared := 0
		in := contentOf(reply)
		for w := range content {
			if in[w] {
				shared++
			}
		}
		v.Passed[NamesMatter] = shared >= min(2, len(content))
	}
	if l, _, _ := strings.Cut(c.Locale, "-"); l != "en" && l != "" {
		return v
	}
	if c.Feeling != triage.Calm && c.Feeling != "" {
		v.Passed[Acknowledges] = feelingWords.MatchString(reply)
	}
	if c.Fault {
		v.Passed[Owns] = owning.MatchString(reply)
	} else {
		v.Passed[NoNeedless] = !sayingSorry.MatchString(own(reply))
	}
	plain := strings.ReplaceAll(reply, "’", "'")
	v.Passed[NextStep] = stepping.MatchString(plain)
	v.Passed[NoBlame] = !blaming.MatchString(plain)
	v.Passed[OneApology] = len(sayingSorry.FindAllString(own(reply), -1)) <= 1
	v.Flesch = Flesch(reply)
	v.Passed[Readable] = v.Flesch >= plainEnglish
	return v
}

var quoted = regexp.MustCompile(`“[^”]*”`)

// own is a reply without what it quotes of the shopper.
func own(reply string) string { return quoted.ReplaceAllString(reply, " ") }

// questions counts the questions that a reply itself asks.
func questions(reply string) int {
	return strings.Count(strings.ReplaceAll(own(reply), "??", "?"), "?")
}

// stopWords say nothing of a matter.
var stopWords = wordSet(`a about after again all also am an and any are as at back be because been before being but by can can't cannot could did didn't do does doesn't doing don't down for from get getting go going good got had has hasn't have haven't having he hello help her here hi him his how i i'd i'll i'm i've if in into is isn't it it's its just know let like made make may me might more most much my need new no not now of off ok on one only or other our out over please really right said same say see she should since so some still such sure take tell than thank thanks that that's the their them then there these they thing think this those through time to today told too tried try two u up us use very want wanted was wasn't way we we're we've well were what what's when where which while who why will with won't would yes yet you you're you've your`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// contentOf are the words of a text that say something, cut to five letters,
// which is stemming enough here.
func contentOf(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return r != '\'' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80
	}) {
		w = strings.Trim(w, "'")
		if len(w) < 3 || stopWords[w] || strings.HasPrefix(w, "http") {
			continue
		}
		w = strings.TrimSuffix(w, "'s")
		r := []rune(w)
		out[string(r[:min(len(r), 5)])] = true
	}
	return out
}
