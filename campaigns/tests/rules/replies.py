"""Replies as people write them: those that opt out by themselves, and those that must not."""

# ruff: noqa: E501
STOPS = {
    "en": """
STOP|stop|Stop.|STOP!!!|“STOP”|'stop'|«Stop»|(stop)|*STOP*|🛑 STOP 🛑|Stop 👍🏽|stop ❤️|ＳＴＯＰ|S.T.O.P.|s t o p
QUIT|End|revoke|Opt-Out|optout|OPT OUT!|opt–out|opt_out|opt\u00a0out|Un-subscribe|STOP ALL|stopall|Cancel|unsub
Unsubscribe|remove|\u200bstop\u200b|¡Stop!|stop please|Please stop|STOP NOW|stop, thanks|Ok stop|hi, stop pls
stop stop stop|STOP. STOP.|Stop texting me|stop texting me!!|Please stop texting me.|stop messaging me
Stop sending me messages|stop sending these messages|STOP sending me texts please|stop sending me this
stop contacting me|Stop messages|stop all messages|don't text me|Do not text me again|dont text me anymore
Don’t message me|do not contact me|please don't contact us again|Don't send me any more texts
Take me off the list|take me off your list|Please take me off of this list|get me off this list
Can you take me off your mailing list?|remove me|Remove me from your list|please remove my number
remove my number from this list|delete my number|unsubscribe me|opt me out|I want to unsubscribe
I would like to opt out|lose my number|leave me alone|Leave us alone!|no more messages|No more texts, thanks
I don't want any more texts|I do not want these messages|I revoke my consent|take my name off your list
Hello, please take me off of your mailing list. Thank you!|STOP!! Stop texting me!!|Stop. Remove me.
""",
    "es": """
parar|PARE|Alto|cancelar|No más|no mas|NO MÁS MENSAJES|basta|baja|detener|salir|no más, gracias|Por favor, no más
no me escribas más|No me escriban más|no me envíen más mensajes|no me manden mensajes|No quiero más mensajes
no quiero recibir mensajes|Dejen de escribirme|deja de enviarme mensajes|quítenme de la lista|Sáquenme de su lista
darme de baja|quiero darme de baja|denme de baja por favor|Déjenme en paz|cancelar suscripción
""",
    "fr": """
ARRET|Arrêt|ARRÊT.|arrêter|Arrêtez|désabonner|désabonnez-moi|Désabonnez moi svp|ne m'écrivez plus|Ne m’écrivez plus
arrêtez de m'écrire|S'il vous plaît, arrêtez de m'envoyer des messages|arrêtez vos messages|plus de messages
plus de textos|retirez-moi de votre liste|Je ne veux plus de messages|Je veux me désabonner|Laissez-moi tranquille
enlevez-moi de la liste|annuler|fin
""",
}

#: What merely holds a stop word, or smells like one.
DOUBTS = """
we have got to STOP this bill|We have got to stop this bill!|stop by tomorrow|I'll stop by tomorrow at 5|Don't stop
please don't stop|never stop sending these|Is there a bus stop near you?|stop it please|stop.it|Stop it 😂|1 stop
STOP 2|Can't stop smiling|nonstop stop|the last stop is ours|when does the sale stop|stopping by later|I stopped by
he stopped me|full stop and thanks for asking|I won't stop shopping there|Do you ever stop?|yes stop|no stop
should I reply STOP?|what happens if I text STOP|it says reply stop to opt out|how do I stop this
How can I unsubscribe?|do I need to unsubscribe|is unsubscribing free|I tried to unsubscribe twice|my wife unsubscribed
I opted out last week|opting out of the newsletter only|can I opt out of pictures|The end|in the end we came
See you at the end of the month|is it the end of the sale|weekend or week end|cancel my order|Please cancel my order
can I cancel my appointment|I need to cancel for Friday|they cancelled on me|cancelled my card|Quit your job and come
he quit smoking|I quit smoking thanks to you|remove the onions please|can you remove the fee|remove it from my bill
we removed the old one|revoke my booking|I never signed up for this|I didn't sign up for this
I did not subscribe to anything|never agreed to this|I never asked for these|I haven't signed up
I never gave you my number|I didn't give you permission|my lawyer will call you|lawyer|You will hear from my attorney
I'll sue you|this is a lawsuit waiting to happen|legal action will follow|I will report you to the FCC|TCPA violation
this is spam|SPAM|spammer|Scam!|stop spamming and start helping|you are harassing us|this is harassment
I'm blocking you|reporting this|wrong number|Wrong number, sorry|you have the wrong person|how did you get my number
Where did you get my number?|do not call|don't call before noon|please don't write in capitals|dont text while driving
do not contact my office, use this one|not interested|I'm not interested|no longer interested in the red one
no longer want the offer|No more|no more of that soup?|I've had enough cake|go away|Fuck off|get lost|screw you
take me off the hook|keep me off that table|get my car off the lot|Take the picture off your list
leave me alone with the cake|I don't want messages on Sundays|we don't need more texts but thanks
my mother is deceased|He passed away in May|what is your privacy policy|I gave no consent|I need my lawyer's address
STOP, help|Help, stop|start stop|stop and smell the roses|Stop! In the name of love|stop the car
could you stop at the corner shop|delete me? never!|delete this number after lunch|DNC list please|CASL applies here
I'd like these messages to end|end of story|is this the end?|cancel the 5 o'clock and keep the 6|unsubbing from life
🛑|⛔⛔|🖕|🚫 🚫
no me escribas tanto, pero sí los lunes|no me interesa|ya no vivo ahí|No quiero la azul, quiero la roja|número equivocado
está equivocado|mi abogado les va a llamar|esto es acoso|es una estafa|¿cómo cancelo mi cita?|quiero cancelar mi pedido
no autoricé esto|nunca di mi número|¿cómo me doy de baja?|la suscripción de mi hermana|ya no, gracias, mañana
no más tarde de las cinco|dejen en paz a mi madre|los voy a denunciar
je ne veux plus la bleue|arrêtez-vous demain chez nous|l'arrêt de bus est loin|il faut arrêter ce projet de loi
comment me désabonner ?|mon avocat va vous appeler|mauvais numéro|je ne suis pas intéressé|annulez ma commande
je n'ai jamais demandé ça|c'est du harcèlement|je vais porter plainte|ne venez plus le lundi|plus de messages le lundi svp
cessez ce bruit|c'est du pourriel|vie privée ?
"""

#: Ordinary replies: nobody has to judge them.
NONES = """
|yes|YES|no|No thanks|ok|👍|❤️❤️|Thanks!|thank you so much|How much is it?|Is it open on Sunday?|Love it|start tomorrow?
weekend|nonstop fun|unending love|bend it|friends|Brendan|send me more|Please send more|trend|vendor|legend
I need help with my order|helpful|info about the red one?|more information please|when do you start|restart it
The shop is nice|Can I come at 5?|What a picture 😍|See you there|2 tickets|1|C|I'd like two|who is this?|Hola|sí|gracias
¿Cuánto cuesta?|El precio es muy alto|Pare en la esquina|Quiero dos|Nos vemos mañana|baja el precio por favor
la fiesta es alto nivel|Mañana a las cinco|oui|merci beaucoup|C'est combien ?|À demain|enfin !|au fin fond du bois
J'arrive|très joli|Ça m'intéresse|Je viens avec deux amis|plus tard|encore plus|helping hands|my aide is coming
Happy birthday|🎉🎂|???|...|¡!|12015550123|https://example.com/a|1234567|what time|Great offer|is parking free
do you ship to Canada|my code did not work|the link is broken|Got it|On my way|Running late|Same time?|Call me
text me the address|message me later|write me back|I want this|give me a discount|remote control|estop|stopover
quiet please|quite nice|cancer walk|candle|un sub sandwich with fries|subscribe|sign me up|I signed up today
add me to the list|put me on your list|put us on the list|she is on the list|list prices?|reminder for Friday?
"""


def split(table: str) -> list[str]:
    return [said for line in table.strip("\n").split("\n") for said in line.split("|")]
