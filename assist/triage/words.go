package triage

import (
	_ "embed"
	"strings"
)

// class is what a word or phrase tells.
type class uint64

// The classes, in the order of their names in classNames.
const (
	hello class = 1 << iota
	thanks
	bye
	filler
	talk
	want
	person
	anyone
	desk
	asksDesk
	bot
	not
	refuse
	legal
	safety
	harmless
	selfHarm
	act
	placed
	policy
	moneyBack
	overcharged
	complain
	locked
	credit
	absent
	unhelped
	angry
	disappointed
	worried
	distressed
	// The topics follow, in the order of topics.
	firstTopic
)

var classNames = []string{
	"hello", "thanks", "bye", "filler",
	"talk", "want", "person", "anyone", "desk", "asksdesk", "bot", "not", "refuse",
	"legal", "safety", "harmless", "selfharm",
	"act", "placed", "policy", "moneyback", "overcharged", "complain", "locked", "credit", "absent",
	"unhelped", "angry", "disappointed", "worried", "distressed",
}

// topics in the order in which one wins over another that is found as often: what
// is wrong says more than what it is wrong with.
var topics = []Topic{WrongItem, Damaged, Missing, Refund, Return, Warranty, OrderChange, Payment, Delivery, Account, Size, Product}

//go:embed words.txt
var wordsFile string

// lexicon knows phrases by their words, joined by single spaces.
type lexicon struct {
	phrases map[string]class
	// longest is how many words the longest phrase has that begins with a word.
	longest map[string]int
}

var words = readWords(wordsFile)

// readWords reads the file of words. A name that is no class's would be a
// mistake of ours that each test shows, so it panics.
func readWords(file string) lexicon {
	byName := map[string]class{}
	for i, name := range classNames {
		byName[name] = 1 << i
	}
	for i, topic := range topics {
		byName[string(topic)] = firstTopic << i
	}
	l := lexicon{phrases: map[string]class{}, longest: map[string]int{}}
	var present class
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			if present = byName[strings.TrimSuffix(name, "]")]; present == 0 {
				panic("triage: no class " + name)
			}
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		for phrase := range strings.SplitSeq(line, ",") {
			list := split(phrase)
			l.phrases[list.text] |= present
			first := list.word(0)
			l.longest[first] = max(l.longest[first], list.len())
		}
	}
	return l
}
