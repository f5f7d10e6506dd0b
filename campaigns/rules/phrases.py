"""What people write instead of STOP: sure phrases, courtesy around them, and what smells of it.

All are matched on plain words: small letters, no accents, no apostrophes (“don’t” is “dont”),
one space between words.
"""

#: Courtesy, greetings and hurry: around a phrase they change nothing.
POLITE = frozenset(
    "please pls plz plse thanks thank you thx ty hi hello hey dear sir madam maam guys ok okay now "
    "immediately kindly asap just "
    "por favor porfavor gracias hola ya ahora buenas buenos dias tardes senor senora "
    "svp stp sil vous plait te merci bonjour salut bonsoir maintenant madame monsieur".split()
)

_ME = r"(?:me|us|my (?:phone|number|cell))"
_MINE = r"(?:me|us|(?:my|this) (?:phone )?(?:number|name|phone|cell))"
_SENDING = (
    r"(?:text|messag|contact|writ|bother|spamm?|send|call|harass|annoy)ing"
    r"|(?:texts|messages|msgs|mms|sms)"
)
_MESSAGES = r"(?:text|texts|message|messages|msgs?|mms|sms|texting|messaging|ads|spam)"
_THESE = r"(?:these |those |your |the |all |all these |all of these |any more )?"
_LIST = r"(?:the|your|this|that|all|any)(?: \w+)? (?:list|lists|database|system)"
_MORE = r"(?: any ?more| again| ever again)?"

#: Language → what opts out when it is all that is said.
SURE: dict[str, tuple[str, ...]] = {
    "en": (
        rf"(?:i said |i asked you to |you need to |you must )?stop (?:{_SENDING})"
        rf"(?: (?:{_ME}|to {_ME}))?(?: {_THESE}{_MESSAGES})?{_MORE}",
        rf"stop (?:sending|all) (?:me )?{_THESE}{_MESSAGES}(?: to {_ME})?{_MORE}",
        rf"stop {_THESE}{_MESSAGES}",
        r"stop contact",
        r"stop sending me (?:this|these|those|stuff|things)",
        rf"(?:dont|do not|never) (?:ever )?(?:text|message|contact|write|write to|msg|bother) "
        rf"{_ME}{_MORE}",
        rf"(?:dont|do not) send {_ME} (?:any(?: more)?|{_THESE}) ?{_MESSAGES}?{_MORE}",
        rf"(?:can you |could you |would you |i want you to |you need to )?(?:take|get) {_MINE} "
        rf"off(?: of)? {_LIST}",
        rf"(?:i want |i would like |id like |i need )?to be (?:removed|taken off)"
        rf"(?: from {_LIST})?",
        rf"(?:can you |could you |would you )?(?:remove|delete|unsubscribe) {_MINE}"
        rf"(?: from {_LIST}| from this)?",
        rf"unsubscribe from {_LIST}",
        r"(?:i (?:want|would like|wish) to |id like to |let me |i )?(?:unsubscribe|opt out)",
        r"opt me out",
        r"lose my number",
        r"leave (?:me|us) alone",
        rf"no more {_MESSAGES}",
        rf"i (?:dont|do not) want {_THESE}(?:any )?(?:more )?{_MESSAGES}{_MORE}",
        r"(?:i )?revoke (?:my )?consent",
        r"stop and (?:unsubscribe|remove me|opt out)",
    ),
    "es": (
        r"no mas (?:mensajes|textos|mms|sms|publicidad)",
        r"no (?:me )?(?:escriban?|escribas|envien?|envies|manden?|mandes|contacten?|contactes|"
        r"molesten?|molestes|texteen?|textees) mas(?: (?:mensajes|textos|mms|sms))?",
        r"no (?:me )?(?:envien?|envies|manden?|mandes) (?:mas )?(?:mensajes|textos|mms|sms)"
        r"(?: mas)?",
        r"no quiero (?:recibir )?(?:mas )?(?:sus |estos )?(?:mensajes|textos|mms|sms)(?: mas)?",
        r"(?:dejen?|deja|dejes) de (?:escribirme|enviarme|mandarme|molestarme|contactarme|"
        r"textearme)(?: (?:mensajes|textos|mms|sms))?",
        r"(?:paren?|para) de (?:escribirme|enviarme|mandarme|molestarme)(?: mensajes)?",
        r"(?:quitenme|quiteme|quitame|saquenme|saqueme|sacame|borrenme|borreme|borrame|"
        r"eliminenme|eliminame|remuevanme) de (?:la|su|tu|esta) lista",
        r"(?:quiero )?dar(?:me|se) de baja",
        r"(?:denme|deme|dame) de baja",
        r"dejenme en paz|dejame en paz|dejeme en paz",
        r"cancelar (?:mi )?(?:la )?suscripcion",
        r"desuscribirme|desuscribanme|desuscribeme",
    ),
    "fr": (
        r"ne (?:mecrivez|mecris|menvoyez|menvoie|me contactez|me contacte|me textez|me derangez) "
        r"plus(?: (?:rien|jamais|de (?:messages|textos|sms|mms)))?",
        r"(?:arretez|arrete|cessez|cesse) de (?:mecrire|menvoyer|me contacter|me texter|"
        r"me deranger)(?: (?:des|vos|ces) (?:messages|textos|sms|mms))?",
        r"arretez (?:vos|ces|les|tous les) (?:messages|textos|sms|mms|envois)",
        r"(?:desabonnez|desinscrivez|retirez|enlevez|supprimez|effacez|desabonne) ?moi"
        r"(?: de (?:votre|la|cette|vos) listes?)?",
        r"(?:je (?:veux|voudrais|souhaite) )?(?:me desabonner|me desinscrire|etre retiree? de "
        r"(?:votre|la) liste)",
        r"(?:je ne veux|je veux) plus (?:recevoir )?(?:de |vos )?(?:messages|textos|sms|mms)"
        r"(?: de vous)?",
        r"plus (?:de|aucun) (?:messages?|textos?|sms|mms)",
        r"(?:laissez|laisse|fichez) ?moi tranquille",
        r"foutez ?moi la paix|fichez ?moi la paix",
    ),
}

#: Language → what makes a reply doubtful, wherever it stands in it.
SMELLS: dict[str, tuple[str, ...]] = {
    "en": (
        r"stop(?!over)\w*|unstoppable",
        r"unsubscrib\w*|unsub\w*",
        r"opt(?:ed|ing|s)? ?(?:me |us )?out",
        r"cancel\w*|revok\w*|remov\w*|quit(?:ting|s)",
        r"(?:never|didnt|did not|havent|dont remember) (?:ever )?(?:sign\w*|subscrib\w*|ask\w*|"
        r"agree\w*|consent\w*|(?:give|gave)\w* (?:you )?(?:my )?(?:number|permission|consent))",
        r"(?:take|get|keep) (?:me|us|my \w+) off",
        r"off (?:of )?(?:the|your|this) list",
        r"leave (?:me|us|my \w+) alone",
        r"(?:dont|do not|never) (?:\w+ )?(?:text|message|contact|call|write|msg|bother)",
        r"(?:dont|do not) (?:want|need|wish|like) (?:\w+ ){0,3}(?:texts?|messages?|mms|sms|ads)",
        r"no more|no longer (?:want|wish|interested)|not interested|had enough",
        r"wrong (?:number|person)|lose (?:my|this) number|delete (?:me|my|this) ?(?:number)?",
        r"(?:how|where) did you (?:get|find) my (?:number|name|info)",
        r"do not (?:call|contact|text)|dnc|tcpa|fcc|ftc|crtc|casl|attorney general",
        r"lawyers?|attorneys?|lawsuit|suing|sue you|legal action|small claims",
        r"spam\w*|scam\w*|harass\w*|report(?:ing|ed)? (?:you|this|it)|block(?:ing|ed)? you",
        r"consent|permission|privacy",
        r"go away|fuck off|piss off|get lost|screw you|fuck you|shut up",
        r"deceased|passed away",
    ),
    "es": (
        r"no (?:me )?(?:escrib\w+|envi\w+|mand\w+|contact\w+|molest\w+)",
        r"(?:dej\w+|par\w+) de \w+(?:me|nos)",
        r"(?:de|la) baja|de su lista|de la lista",
        r"desuscri\w+|suscripcion|cancel(?:ar\w*|e|en|o)",
        r"no quiero|no deseo|ya no|no mas|no me interesa|no autoric\w+",
        r"nunca (?:di|pedi|autoric\w+)",
        r"numero equivocado|equivocad[oa]",
        r"abogad[oa]s?|demand(?:a|ar\w*)|denunci\w+|acoso|estafa|privacidad",
        r"dej\w+ en paz",
    ),
    "fr": (
        r"[ld]?arret\w*",
        r"desabonn\w+|desinscri\w+",
        r"ne (?:\w+ ){0,3}plus",
        r"plus (?:de|aucun) (?:messages?|textos?|sms|mms)",
        r"(?:retir|enlev|supprim|effac)\w+ ?moi|de (?:votre|la) liste",
        r"cess(?:ez|er)|annul(?:er|ez|e)",
        r"mauvais numero|jamais (?:\w+ )?(?:inscrite?|demande|consenti|donne)",
        r"[ld]?avocate?s?|poursui\w+|plainte|harcelement|pourriel|consentement|vie privee",
        r"pas interessee?|tranquille|la paix",
    ),
}

#: Words that opt out when they stand alone, and mean much else in a sentence: “muy alto”.
WEAK = frozenset({"alto", "basta", "pare", "parar", "baja", "salir", "fin", "no más", "detener"})
