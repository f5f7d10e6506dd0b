"""What is answered to a keyword when nobody wrote words of their own.

`{brand}` and `{contact}` stand for the portal's own; a sentence whose value is not known is left
out. No marketing stands in them.
"""

import re
from collections.abc import Iterator, Mapping

from campaigns.rules.keywords import Kind, Language

BRAND, CONTACT = "{brand}", "{contact}"
#: As long as two parts of an SMS hold: some phones get it as one.
LONGEST = 320
_EN, _ES, _FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH

DEFAULTS: Mapping[tuple[Kind, Language], str] = {
    (Kind.STOP, _EN): "{brand}: You are opted out and will get no more messages from us. "
    "Reply START to get them again.",
    (Kind.STOP, _ES): "{brand}: Se ha dado de baja y no recibirá más mensajes nuestros. "
    "Responda START para recibirlos de nuevo.",
    (Kind.STOP, _FR): "{brand}: Vous êtes désabonné et ne recevrez plus nos messages. "
    "Répondez START pour les recevoir à nouveau.",
    (Kind.HELP, _EN): "{brand}: You get messages from us because you agreed to them. "
    "For help: {contact}. Msg & data rates may apply. Reply STOP to opt out.",
    (Kind.HELP, _ES): "{brand}: Recibe nuestros mensajes porque los aceptó. "
    "Para ayuda: {contact}. Pueden aplicarse tarifas. Responda STOP para darse de baja.",
    (Kind.HELP, _FR): "{brand}: Vous avez accepté de recevoir nos messages. "
    "Pour de l'aide: {contact}. Des frais peuvent s'appliquer. "
    "Répondez ARRET pour vous désabonner.",
    (Kind.START, _EN): "{brand}: You will get our messages again. "
    "Reply HELP for help, STOP to opt out.",
    (Kind.START, _ES): "{brand}: Volverá a recibir nuestros mensajes. "
    "Responda AYUDA para ayuda, STOP para darse de baja.",
    (Kind.START, _FR): "{brand}: Vous recevrez à nouveau nos messages. "
    "Répondez AIDE pour de l'aide, ARRET pour vous désabonner.",
}


def fill(text: str, *, brand: str, contact: str) -> str:
    """The text with its values; what needs one that is missing is left out."""
    if not brand:
        text = text.removeprefix(f"{BRAND}: ")
    values = {BRAND: _plain(brand), CONTACT: _plain(contact)}
    kept = [part for part in _SENTENCE.findall(text) if all(values[n] for n in _names(part))]
    filled = "".join(kept).strip()
    for name, value in values.items():
        filled = filled.replace(name, value)
    return filled


_SENTENCE = re.compile(r".+?(?:[.!?](?=\s)\s+|$)", re.DOTALL)


def _names(text: str) -> list[str]:
    return [name for name in (BRAND, CONTACT) if name in text]


def _plain(value: str) -> str:
    """Never the signs of a merge field: nobody's value would be known for it."""
    return " ".join(value.replace("{{", "").replace("}}", "").split())


def find_problems(text: str, kind: str) -> Iterator[str]:
    """Why these words cannot be the answer."""
    if not text.strip():
        yield "Write what is answered, or leave the built-in words."
    if len(text) > LONGEST:
        yield f"The answer has {len(text)} characters; shorten it to {LONGEST}."
    if "{{" in text or "}}" in text:
        yield "An answer has no merge fields: only {brand} and {contact} are filled in."
    if kind == Kind.HELP and CONTACT not in text:
        yield "Whoever asks for help must learn how to reach you: put {contact} into the answer."
    if kind in (Kind.HELP, Kind.STOP) and BRAND not in text:
        yield "Say who answers: put {brand} into the answer."
