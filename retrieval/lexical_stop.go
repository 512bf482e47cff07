package retrieval

import "strings"

// Words that carry no matter of their own, by language, without accents. They
// count in the ranking like any other word (where they are common, that is
// little); but they do not decide which chunks are looked at, nor whether a
// question was covered.
var stopWords = map[string]map[string]bool{
	"en": set(`a about above after again all also am an and any anybody anyone are as at be because been before being
		between both but by can cannot cant could couldnt did didnt do does doesnt doing dont done each either else for from
		get gets getting give go going got had has hasnt have havent having he hello help her here hers hey hi him his how hows i id if ill im in into
		is isnt it its ive just kind know let lets like long look looking make many may maybe me might mine more most much must my
		myself need needs no not now of off ok okay on once one only or other our ours out over please possible really same say see shall she
		should so some somebody someone something still such sure take tell than thank thanks that thats the their theirs them then there theres these
		they theyre thing things this those though through to too try trying under until up us use using very want wanted wants was wasnt way we
		well were what whats when where wheres which while who whos whose why will with within without wont wonder wondering would wouldnt yes yet
		you your youre yours`),
	"de": set(`aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte da damit dann
		das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem
		einen einer eines er es etwas euch euer eure fur gab geben geht gerne gibt habe haben hallo hat hatte hatten hier hin ich ihm ihn
		ihnen ihr ihre ihrem ihren im in ins ist ja jede jeder jetzt kann kannst kein keine keinen konnen konnte konnten machen man mal mehr mein meine
		meinem meinen meiner mich mir mit mochte muss mussen nach nein nicht noch nun nur ob oder ohne per schon sehr sein seine
		seinen sich sie sind so soll sollen sollte um und uns unser unsere vom von vor wann war waren warum was wegen weil welche welchen
		welcher welches wenn wer werde werden wie wieder wieso will wir wird wo wofur woher wohin wollen wurde wurden zu zum zur danke`),
	"fr": set(`a ai ainsi alors apres as au aucun aussi autre aux avec avez avoir avons bien bonjour car ce cela celle celui ces cet cette ceux
		chez ci combien comme comment d dans de des dois doit donc du elle elles en encore entre est et etait ete etes etre eu fait faire
		faut il ils j je jusqu l la le les leur leurs lorsque lui m ma mais me meme merci mes moi moins mon n ne ni non nos notre nous on ont
		ou par pas peut peux plus pour pourquoi pouvez puis puisje qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son
		sont sous suis sur svp t ta te tes toi ton tous tout toute toutes tres tu un une va vers veux voici voila vos votre voudrais vous y`),
	"es": set(`a al algo algun alguna algunas algunos ante antes aqui asi aun aunque cada como con cual cuales cualquier cuando cuanto cuanta
		cuantos de del desde donde dos e el ella ellas ellos en entre era eres es esa esas ese eso esos esta estaba estan estar estas este esto
		estos estoy fue gracias ha hace hacer hacia han hasta hay he hola la las le les lo los mas me mi mis mismo mucho muy nada ni no nos
		nosotros nuestra nuestro o os otra otro para pero por porque porfavor puede puedo que quien quiero quisiera se ser si sin sobre son soy su sus
		tambien tan te tengo tiene tienen tener ti todo todos tu tus un una unas uno unos usted ustedes y ya yo`),
	"it": set(`a ad agli ai al alla alle allo anche ancora avere c che chi ci ciao come con cosa cui da dal dalla dei del della delle dello
		di dopo dove e ed era essere fa fare fra gli grazie ha hai hanno ho i il in io l la le lei lo loro lui ma me mi mia mie miei mio molto
		ne negli nel nella noi non nostro o per perche piu posso pero prima puo qual quale quali quando quanto quella quello questa queste
		questi questo qui se sei si sia siamo sono sopra su sua sue sul sulla suo te ti tra tu tua tuo tutti tutto un una uno vi voglio voi vorrei vostro`),
	"nl": set(`aan al alle als altijd andere ben bij daar dan dat de der deze die dit doen door dus een en er ga geen graag haar had hallo hebben
		hebt heeft hem het hier hij hoe hoeveel hun iemand iets ik in is ja jij jou jouw jullie kan kun kunnen ma maar mag me meer met mij mijn
		moet moeten na naar nee niet niets nog nu of om omdat ons onze ook op over te tegen toch toe tot uit uw van veel voor waar waarom
		wanneer want waren was wat we wel welke werd wie wij wil willen wordt worden ze zelf zich zij zijn zo zonder zou`),
	"pt": set(`a ainda algo alguem algum ao aos apos aquela aquele aqui as ate com como da das de dela dele deles depois do dois dos e ela elas ele
		eles em entre era essa esse esta estao estar estas este estes estou eu faz fazer foi ha isso isto ja la lhe mais mas me mesmo meu minha
		muito na nada nao nas nem no nos nossa nosso num o obrigado ola onde os ou para pela pelo per pode por porque posso qual quais quando quanto que
		quem quero se sem ser seu seus si so sobre sou sua suas tambem te tem tenho ter teu tu tua um uma umas uns voce voces`),
}

func set(words string) map[string]bool {
	of := map[string]bool{}
	for _, w := range strings.Fields(words) {
		of[w] = true
	}
	return of
}

// isStopWord asks the lists of all the languages given.
func isStopWord(form string, languages []string) bool {
	for _, l := range languages {
		if stopWords[l][form] {
			return true
		}
	}
	return false
}
