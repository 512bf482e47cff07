package draft

import (
	"regexp"

	"github.com/careloop/careloop/assist/triage"
)

// A reply has to tell apart what for other purposes is one: a wrong size that was
// sent from one that was chosen, a parcel that is missing from a thing that is
// missing in it, money taken twice from money on its way back, and what broke
// from what was bought.
var (
	wrongSent    = regexp.MustCompile(`(?i)\b(?:came|arrived|sent|received|got|delivered|shipped|geschickt|geliefert|bekommen|erhalten|angekommen|reçu|envoyé|livré|recib\w*|enviad\w*|lleg\w*|mandaron)\b.{0,60}\b(?:wrong|falsch\w*|mauvaise?|equivocad\w*|incorrect\w*)\b|\b(?:wrong|falsch\w*|mauvaise?|equivocad\w*)\b.{0,40}\b(?:came|arrived|sent|delivered|shipped|geschickt|geliefert|bekommen|erhalten)\b`)
	parcelGone   = regexp.MustCompile(`(?i)\b(?:says|said|shows|showing|marked)\b.{0,20}\bdelivered\b|\b(?:parcel|package|delivery|order)\b.{0,40}\b(?:not here|n't here|not arrived|n't arrived|never arrived|not come|n't come|n't received|lost)\b|\b(?:paket|sendung|lieferung)\b.{0,40}\b(?:nicht da|nicht angekommen|verloren|zugestellt)\b|\bcolis\b.{0,40}\b(?:pas arrivé|pas reçu|perdu|livré)\b|\bpaquete\b.{0,40}\b(?:no ha llegado|no llegó|perdido|entregado)\b`)
	chargedTwice = regexp.MustCompile(`(?i)\b(?:charged|billed|paid|abgebucht|belastet|débité\w*|prélevé\w*|cobrad\w*|cobraron)\b.{0,30}\b(?:twice|double|two times|zweimal|doppelt|deux fois|dos veces|doble)\b|\b(?:twice|zweimal|doppelt|deux fois|dos veces)\b.{0,30}\b(?:charged|billed|abgebucht|belastet|débité\w*|cobrad\w*)\b|\bovercharged\b`)
	broke        = regexp.MustCompile(`(?i)\b(?:broke|broken|stopped working|n't work|not work\w*|fell apart|falling apart|leaks?|leaking|torn|ripped|cracked|faulty|defective|kaputt\w*|defekt\w*|gerissen|undicht|cassée?s?|déchirée?s?|défectueu\w*|ne (?:marche|fonctionne) (?:plus|pas)|rot[oa]s?|defectuos\w*|no funciona|se rompió)\b`)
	onArrival    = regexp.MustCompile(`(?i)\b(?:arrived|came|delivered|received|unpacked|opened the (?:box|parcel)|angekommen|geliefert|ausgepackt|arrivée?|reçue?|livrée?|llegó|llegaron|recibí)\b`)
)

// refine looks twice at a topic.
func refine(t triage.Topic, text string) triage.Topic {
	switch {
	case (t == triage.Size || t == triage.Product || t == triage.Return) && wrongSent.MatchString(text):
		return triage.WrongItem
	case (t == triage.Missing || t == triage.Other) && parcelGone.MatchString(text):
		return triage.Delivery
	case (t == triage.Refund || t == triage.Other) && chargedTwice.MatchString(text):
		return triage.Payment
	case (t == triage.Product || t == triage.Other || t == triage.Return) && broke.MatchString(text):
		if onArrival.MatchString(text) {
			return triage.Damaged
		}
		return triage.Warranty
	}
	return t
}
