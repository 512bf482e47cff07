package triage

import "strings"

// tagged is a sentence with the classes of the phrases that begin at each word.
type tagged struct {
	wordList
	at []class
	// all is every class found.
	all class
}

func tag(text string) tagged {
	t := tagged{wordList: split(text)}
	t.at = make([]class, t.len())
	for i := range t.at {
		word := t.word(i)
		for n := min(words.longest[word], t.len()-i); n > 0; n-- {
			t.at[i] |= words.phrases[t.phrase(i, n)]
		}
		if elided := elision(word); elided > 0 {
			for n := min(words.longest[word[elided:]], t.len()-i); n > 0; n-- {
				t.at[i] |= words.phrases[t.phrase(i, n)[elided:]]
			}
		}
		t.all |= t.at[i]
	}
	return t
}

// elision is the length of a French article or pronoun that has lost its vowel at
// the beginning of a word, as in d'annuler; 0 without one.
func elision(word string) int {
	if i := strings.IndexByte(word, '\''); i == 1 || i == 2 && word[:2] == "qu" {
		return i + 1
	}
	return 0
}

// count is at how many words a class begins.
func (t tagged) count(c class) int {
	n := 0
	for _, at := range t.at {
		if at&c != 0 {
			n++
		}
	}
	return n
}

// near says whether a phrase of b begins within reach words after one of a.
func (t tagged) near(a, b class, reach int) bool {
	if t.all&a == 0 || t.all&b == 0 {
		return false
	}
	for i, at := range t.at {
		if at&a == 0 {
			continue
		}
		for _, later := range t.at[i+1 : min(len(t.at), i+1+reach)] {
			if later&b != 0 {
				return true
			}
		}
	}
	return false
}

// together says whether phrases of both begin within reach words of each other.
func (t tagged) together(a, b class, reach int) bool {
	return t.near(a, b, reach) || t.near(b, a, reach)
}

// asksPerson says whether a sentence asks for a person in so many words.
func (t tagged) asksPerson() bool {
	if t.refusesPerson() {
		return false
	}
	switch {
	case t.near(talk, person|anyone, 6) && !t.near(person|anyone, talk, 3):
		return true
	case t.near(person, talk, 5) && t.all&(want|not) != 0:
		return true
	case t.near(not, talk, 5) && t.near(talk, bot, 5):
		return true
	}
	return false
}

// refusesPerson says whether a sentence says that no person is wanted.
func (t tagged) refusesPerson() bool {
	return t.near(refuse, talk, 7) && t.together(talk, person|anyone|desk, 6) && t.all&bot == 0
}

// asksDesk says whether a sentence asks to be put through to the shop's service,
// rather than for its number or its hours.
func (t tagged) asksDesk() bool {
	return t.near(talk, desk, 4) && t.all&asksDesk == 0 && !t.refusesPerson()
}

// personOnly says whether a sentence is about what only a person can settle, and
// whether that is about money.
func (t tagged) personOnly() (only, money bool) {
	switch {
	case t.all&overcharged != 0, t.together(credit, absent, 8):
		return true, true
	case t.all&(moneyBack|locked|complain) != 0:
		return true, false
	}
	return t.near(act, placed, 4) && t.all&policy == 0, false
}

// smallTalk says what small talk a message is, if it is nothing else: each of its
// words belongs to a phrase of it.
func (t tagged) smallTalk() (Matter, bool) {
	var seen class
	for i := 0; i < t.len(); {
		step := 0
		for n := min(words.longest[t.word(i)], t.len()-i); n > 0 && step == 0; n-- {
			if c := words.phrases[t.phrase(i, n)] & (hello | thanks | bye | filler); c != 0 {
				seen |= c
				step = n
			}
		}
		if step == 0 {
			return Question, false
		}
		i += step
	}
	switch {
	case seen&bye != 0:
		return Bye, true
	case seen&thanks != 0:
		return Thanks, true
	case seen&hello != 0:
		return Hello, true
	}
	return Question, false
}

// wrongTopics is how many of the topics say that something went wrong, and
// wrongWeight what one word of them counts against those that say with what.
const wrongTopics, wrongWeight = 3, 3

// topic is what a message touches most.
func topic(t tagged) Topic {
	best, most := Other, 0
	for i, name := range topics {
		n := t.count(firstTopic << i)
		if i < wrongTopics {
			n *= wrongWeight
		}
		if n > most {
			best, most = name, n
		}
	}
	return best
}
