// Package triage reads a message before anything else does: does it ask for a
// person, is it small talk? It is local, takes microseconds and calls nobody.
package triage

import (
	_ "embed"
	"sync"

	"github.com/careloop/careloop/assist/triage/linear"
)

// Matter is what a message is about, as far as it decides who answers.
type Matter string

// What a message may be. Question is everything else.
const (
	Question  Matter = "question"
	AskPerson Matter = "ask_person"
	Hello     Matter = "hello"
	Thanks    Matter = "thanks"
	Bye       Matter = "bye"
)

// Feeling is how the shopper seems to feel.
type Feeling string

// What a shopper may feel. Calm is everything else, gladness included.
const (
	Calm         Feeling = "calm"
	Disappointed Feeling = "disappointed"
	Worried      Feeling = "worried"
	Angry        Feeling = "angry"
	Distressed   Feeling = "distressed"
)

// Topic is what of a shop's business a message touches. It chooses words, never
// who answers.
type Topic string

// What a message may be about.
const (
	Delivery    Topic = "delivery"
	Return      Topic = "return"
	Refund      Topic = "refund"
	Damaged     Topic = "damaged"
	WrongItem   Topic = "wrong_item"
	Missing     Topic = "missing"
	Payment     Topic = "payment"
	Warranty    Topic = "warranty"
	Account     Topic = "account"
	Product     Topic = "product"
	Size        Topic = "size"
	OrderChange Topic = "order_change"
	Other       Topic = "other"
)

// Reading is what triage read out of a message.
type Reading struct {
	Matter Matter
	// Person is the probability that it asks for a person.
	Person float64
	// Contact is the probability that it asks for a person, to be called, or how to
	// reach the shop: its telephone number, the hours of its service. An article
	// may answer the latter, so that Contact alone is no AskPerson.
	Contact float64
	// Negative is the probability of anger or distress.
	Negative float64
	Feeling  Feeling
	// Legal marks a legal threat, a regulator, a lawyer, the press, fraud, a
	// demand under data protection.
	Legal bool
	// Safety marks an injury, a fire, an allergy, self-harm, a child at risk.
	Safety bool
	// Money marks money that was taken, promised or owed and is not where it
	// should be.
	Money bool
	// PersonOnly marks a matter that only a person can settle: an order to be
	// changed or cancelled, money wanted back now, an account that is locked.
	PersonOnly bool
	// Unhelped says that the last answer did not help.
	Unhelped bool
	Topic    Topic
}

// Reader reads messages. It is safe for concurrent use.
type Reader struct{ person, contact, negative *linear.Model }

//go:embed person.bin
var personFile []byte

//go:embed contact.bin
var contactFile []byte

//go:embed negative.bin
var negativeFile []byte

var shared = sync.OnceValue(func() *Reader {
	return &Reader{person: read(personFile), contact: read(contactFile), negative: read(negativeFile)}
})

// read panics at a damaged model: it is part of the binary, and each test shows
// it.
func read(file []byte) *linear.Model {
	m, err := linear.Read(file)
	if err != nil {
		panic(err)
	}
	return m
}

// New returns the reader. All readers share the models, which are read at the
// first call.
func New() *Reader { return shared() }

// sentencesRead is how many sentences of a message are looked at apart.
const sentencesRead = 24

// certain is the probability of what the rules find: they are seldom wrong.
const certain = 0.97

// Read says what a message is. locale (BCP 47) is the language of the shopper's
// page; the message may be in another one, so that words of all languages are
// looked for. It takes microseconds, however long the text is, and never fails.
func (rd *Reader) Read(text, locale string) Reading {
	text = bounded(text)
	r := Reading{Matter: Question, Feeling: Calm, Topic: Other}
	whole := tag(text)
	if whole.len() == 0 {
		return r
	}
	if m, ok := whole.smallTalk(); ok {
		r.Matter = m
		return r
	}
	features := linear.Features(text)
	r.Negative = rd.negative.Probability(features)
	rd.wishes(&r, text, features)
	r.Unhelped = whole.all&unhelped != 0
	r.Legal = whole.all&legal != 0 && whole.all&harmless == 0
	r.Safety = whole.all&safety != 0 && whole.all&harmless == 0
	r.Feeling = feeling(whole, &r)
	r.Topic = topic(whole)
	return r
}

// wishes reads for whom the message asks. A long message asks in one of its
// sentences, so each is looked at apart.
func (rd *Reader) wishes(r *Reading, text string, features linear.Vector) {
	r.Person = rd.person.Probability(features)
	r.Contact = rd.contact.Probability(features)
	service := false
	list := sentences(text, sentencesRead)
	for _, s := range list {
		if len(list) > 1 {
			v := linear.Features(s)
			r.Person = max(r.Person, rd.person.Probability(v))
			r.Contact = max(r.Contact, rd.contact.Probability(v))
		}
		t := tag(s)
		switch {
		case t.refusesPerson():
		case t.asksPerson():
			r.Person, r.Contact = max(r.Person, certain), max(r.Contact, certain)
		case t.asksDesk():
			service = true
			r.Contact = max(r.Contact, certain)
		}
		only, money := t.personOnly()
		r.PersonOnly = r.PersonOnly || only
		r.Money = r.Money || money
	}
	if r.Person >= 0.5 || service {
		r.Matter = AskPerson
	}
}

// feeling chooses the word for what the shopper feels.
func feeling(t tagged, r *Reading) Feeling {
	unhappy := r.Negative >= 0.5
	switch {
	case t.all&(selfHarm|distressed) != 0:
		return Distressed
	case t.all&worried != 0 && t.count(angry) <= t.count(worried) && (unhappy || r.Negative >= 0.25):
		return Worried
	case unhappy && t.all&angry != 0, r.Negative >= 0.9:
		return Angry
	case unhappy, t.all&disappointed != 0 && r.Negative >= 0.25:
		return Disappointed
	}
	return Calm
}
