package extractive

import "strings"

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// stopWords say nothing about what a question is about.
var stopWords = map[string]map[string]bool{
	"en": set(`ago already go goes going help instead last near problem something stuff thing things til till until when's a about after again all also am an and any are as at be because been before being but by can can't cannot could did
		didn't do does doesn't doing don't dont for from get got had has have having he hello her here hers hey hi him his how i
		i'd i'll i'm i've id if im in into is isn't it it's its ive just know like may me might more most much my need no not
		now of off on once one only or other our out over own please possible really s same she should so some still such t tell
		than thank thanks that that's the their them then there there's these they this those through to too u under up us very
		want was we were what what's when where where's wheres which while who why will with won't would yes you your yours`),
	"de": set(`ab aber alle allem allen aller alles als also am an ander andere auch auf aus bei beim bin bis bist bitte da dabei dafür
		damit dann das dass dein deine dem den denn der des die dies diese diesem diesen dieser dieses dir doch dort du durch
		eigentlich ein eine einem einen einer eines er es etwas euch euer eure eurem euren für gegen gibt habe haben hallo hat
		hatte hier hätte ich ihm ihn ihnen ihr ihre ihrem ihren im in ins ist ja jede jedem jeden jeder jedes jetzt kann kannst
		können könnt könnte mal man mehr mein meine meinem meinen meiner mich mir mit muss möchte müssen nach nein nicht noch
		nun nur ob oder ohne per schon sehr sein seine seit sich sie sind so soll sollte sonst um und uns unser unsere unserem
		unseren unter viel vom von vor wann war waren warum was weil welche welchem welchen welcher welches wenn wer werde
		werden wie wieder will wir wird wo wurde würde zu zum zur zwar über`),
	"fr": set(`ai ainsi alors après as au aucun aussi autre aux avec avez avoir avons bien bonjour c c'est car ce cela ces cet cette
		ceux chez combien comme comment d dans de des dois doit donc du elle elles en encore entre est est-ce et eu eux faire
		fait faut fois ici il ils j j'ai je jusqu jusque l la le les leur leurs lui m ma mais me merci mes moi mon même n n'est
		ne nos notre nous on ont ou où par pas peu peut peux plus possible pour pourquoi pouvez puis qu qu'il quand que quel
		quelle quelles quels qui quoi s sa sans se sera serait ses si sont sous sur t ta te tes toi ton tous tout toute toutes
		très tu un une vers veux vos votre voudrais vous y à ça été être`),
	"es": set(`a ahora al algo alguna algunas alguno algunos algún ante antes aquí así aunque aún cada como con cual cuales cuando
		cuanta cuanto cuantos cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo de del desde donde dos dónde el ella ellas
		ellos en entre era es esa esas ese eso esos esta estas este esto estos está están favor fue gracias ha hace hacer hacia
		han hasta hay he hola la las le les lo los me mi mis muy más mí nada ni no nos nosotros nuestra nuestro o os otra otro
		para pero poco por porque posible pueda puede pueden puedo que quiero quién qué se sea según ser si sin sobre solo son
		soy su sus sí sólo también tan te tener tengo ti tiene tienen tu tus un una unas uno unos usted ustedes vosotros y ya yo
		él`),
}

// dangling are words that, at the start of a sentence, point to the one before.
var dangling = map[string]map[string]bool{
	"en": set(`also and but he however instead it it's its or otherwise she so such that them then there therefore these they this
		those`),
	"de": set(`aber allerdings andernfalls auch außerdem dabei dafür daher danach dann darauf darin das davon dazu deshalb dies diese
		dieser dieses ebenso er es hierfür hierzu jedoch oder so sonst stattdessen und`),
	"fr": set(`ainsi aussi c'est ce ceci cela celle-ci celui-ci cependant ces cet cette donc elle elles ensuite et il ils mais ou puis
		sinon toutefois`),
	"es": set(`además así ella ello ellos entonces esa ese eso esta estas este esto estos luego o pero también y él`),
}

// abbreviations end in a full stop that ends no sentence; without the stop.
var abbreviations = set(`mr mrs ms dr prof st jr sr vs e.g i.e inc ltd co dept est
	z.b d.h u.a s.o s.u bzw inkl exkl zzgl ggf evtl gem bspw sog v.a o.ä i.d.r u.u hr
	mme mlle mm p.ex ex env bd réf sra srta ud uds p.ej ej avda dto izq ee.uu ee approx aprox ca mind`)

// numeric are abbreviations only where a number follows.
var numeric = set(`no nos nr art fig abs p pág núm n° n.º str max min std stk tel av mwst ust
	jan jän feb mar mär mrz apr jun jul aug sep sept oct okt nov dec dez janv févr avr juil déc ene abr ago dic
	mon tue wed thu fri sat sun mo di mi do fr sa so lun mar mer jeu ven sam dim`)

var months = set(`january february march april may june july august september october november december
	januar jänner februar märz april mai juni juli august september oktober november dezember
	janvier février mars avril mai juin juillet août septembre octobre novembre décembre
	enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`)

// ordinalNouns follow an ordinal in German: am 3. Tag.
var ordinalNouns = set(`advent etage geburtstag generation jahr klasse lebensjahr mal monat person quartal stock tag tage weihnachtstag werktag
	woche`)

// irregular forms, which a stemmer cannot see.
var irregular = map[string]map[string]string{
	"en": {
		"wore": "wear", "worn": "wear", "sent": "send", "bought": "buy", "paid": "pay", "lost": "lose", "broke": "break",
		"broken": "break", "came": "come", "took": "take", "taken": "take", "gave": "give", "given": "give", "chose": "choose",
		"chosen": "choose", "feet": "foot", "women": "woman", "men": "man", "children": "child", "kids": "child", "kid": "child",
		"kept": "keep", "made": "make", "shrunk": "shrink", "shrank": "shrink", "stolen": "steal", "torn": "tear", "found": "find",
		"thrown": "throw", "threw": "throw", "forgot": "forget", "forgotten": "forget", "earliest": "early", "dearer": "dear",
	},
	"de": {
		"getragen": "tragen", "getragene": "tragen", "getragenen": "tragen", "trug": "tragen", "gekauft": "kaufen", "bestellt": "bestellen",
		"bezahlt": "bezahlen", "geliefert": "liefern", "verloren": "verlieren", "bekam": "bekommen", "zurückgeschickt": "zurückschicken",
		"zurückgegeben": "zurückgeben", "zurückzugeben": "zurückgeben", "zurückzuschicken": "zurückschicken", "schickt": "schicken",
	},
	"fr": {
		"portées": "porter", "porté": "porter", "portés": "porter", "portée": "porter", "reçu": "recevoir", "reçue": "recevoir",
		"reçois": "recevoir", "payé": "payer", "livré": "livrer", "perdu": "perdre", "renvoie": "renvoyer",
	},
	"es": {
		"devuelvo": "devolver", "devuelve": "devolver", "devuelto": "devolver", "devuelta": "devolver", "roto": "romper", "rota": "romper",
		"puesto": "poner", "usado": "usar", "usados": "usar", "usadas": "usar", "cuesta": "costar", "cuestan": "costar",
	},
}

// groups are words that shoppers and shops use for the same thing.
var groups = map[string][]string{
	"en": {
		"deliver delivery deliveries delivered delivering ship ships shipping shipped shipment postage arrive arrives arrived arriving", "refund refunds refunded reimburse reimbursed money",
		"parcel parcels package packages packet", "phone telephone call calls calling hotline", "email mail emails mailed",
		"cost costs price prices priced fee fees charge charges charged pricing", "exchange exchanged exchanges swap swapped swapping",
		"damaged damage damages defective defect faulty fault faults", "voucher vouchers coupon coupons", "human person agent someone",
		"return returns returned returning", "long takes take duration", "sale reduced discounted", "contact reach reached",
		"login log-in signin", "size sizes sizing", "repair repairs repaired mend mended fix", "delete deletes deleted deletion erase remove", "shop shops store stores",
		"wash washing washed washes laundry machine-wash", "card cards",
	},
	"de": {
		"versand versenden versendet verschicken liefern liefert lieferung lieferungen zustellung porto", "versandkosten lieferkosten portokosten",
		"rückgabe zurückgeben retoure retouren rücksendung zurückschicken zurücksenden rückversand zurück", "erstattung erstatten erstattet geld rückerstattung",
		"kosten kostet preis preise gebühr gebühren teuer", "paket pakete päckchen sendung sendungen", "telefon telefonnummer anrufen telefonisch hotline",
		"email mail", "kaputt defekt beschädigt beschädigung schaden fehlerhaft mangel", "gutschein gutscheine gutscheinkarte geschenkkarte",
		"umtausch umtauschen tauschen austausch", "lieferzeit lieferdauer dauert dauer", "erreichen kontakt kontaktieren", "größe größen",
		"reparatur reparieren repariert", "löschen entfernen gelöscht", "ankommen ankommt kommt angekommen",
	},
	"fr": {
		"livraison livrer livré livrez livrons expédition expédier envoi envoyer envoyez port", "retour retourner retournez renvoyer renvoyez renvoi retours",
		"remboursement rembourser remboursé remboursons argent", "coût coûte coûtent coûter prix frais tarif tarifs", "colis paquet paquets",
		"téléphone téléphoner appeler appel", "email courriel mail", "cassé abîmé endommagé défectueux défaut", "carte-cadeau bon cadeau",
		"échange échanger échangez", "délai délais durée", "joindre contacter contact", "taille tailles pointure pointures", "réparer réparation réparations", "supprimer effacer suppression",
	},
	"es": {
		"envío envíos enviar enviamos entrega entregas entregar porte portes llegar llega llegan", "devolución devoluciones devolver devuelto retornar",
		"reembolso reembolsos reembolsar reembolsamos dinero", "coste costes costar precio precios gastos tarifa tarifas", "paquete paquetes",
		"teléfono llamar llamada", "email correo mail", "dañado dañada defectuoso defecto romper", "tarjeta tarjetas vale vales",
		"cambio cambiar cambios", "plazo plazos tarda tardan tardar", "contactar contacto", "talla tallas número", "reparar reparación reparaciones", "borrar eliminar suprimir",
	},
}

// concepts maps each word of a group, without accents, to the group.
var concepts = func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for language, list := range groups {
		out[language] = map[string]string{}
		for _, group := range list {
			words := strings.Fields(group)
			for _, w := range words {
				out[language][fold(w)] = "=" + fold(words[0])
			}
		}
	}
	return out
}()

// The terms of the concepts for which an address or a number speaks, too.
var (
	phoneTerm = map[string]string{"en": "=phone", "de": "=telefon", "fr": "=telephone", "es": "=telefono"}
	emailTerm = "=email"
)

// The few words that are not a passage's own. They hold no fact.
var (
	stepsFollow = map[string]string{
		"en": "These are the steps:", "de": "So geht es:", "fr": "Voici les étapes :", "es": "Estos son los pasos:",
	}
	pagesSay = map[string]string{
		"en": "This is what our help pages say:", "de": "Dazu steht in unseren Hilfeseiten:",
		"fr": "Voici ce que disent nos pages d’aide :", "es": "Esto es lo que dicen nuestras páginas de ayuda:",
	}
)
