"""What a reply asks for: the words of opting out, of help and of coming back, and the verdict.

The whole message counts, or a sure phrase that is the whole message. What merely holds a stop
word, or smells like one, is for a person to judge.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from campaigns.rules.phrases import POLITE, SMELLS, SURE, WEAK


class Language(TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"
    FRENCH = "fr", "French"


class Kind(TextChoices):
    STOP = "stop", "Opts out"
    HELP = "help", "Asks for help"
    START = "start", "Wants messages again"
    DOUBT = "doubt", "A person judges it"
    NONE = "none", "An ordinary reply"


_EN, _ES, _FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH
#: FCC (in force since 11 April 2025), what carriers add, Canada's French words, and Spanish ones.
BUILT_IN: Mapping[Kind, Mapping[Language, tuple[str, ...]]] = {
    Kind.STOP: {
        _EN: (
            "stop",
            "quit",
            "end",
            "revoke",
            "opt out",
            "cancel",
            "unsubscribe",
            "stop all",
            "unsub",
            "remove",
        ),
        _ES: (
            "parar",
            "pare",
            "alto",
            "basta",
            "baja",
            "cancelar",
            "detener",
            "no más",
            "salir",
            "desuscribir",
        ),
        _FR: ("arrêt", "arrêter", "arrêtez", "désabonner", "désabonnement", "annuler", "fin"),
    },
    #: Not "yes": it is also an answer to a question.
    Kind.START: {_EN: ("start", "unstop"), _ES: ("iniciar",), _FR: ("non arrêt",)},
    Kind.HELP: {_EN: ("help", "info"), _ES: ("ayuda",), _FR: ("aide",)},
}
#: Words that answer a question: as a keyword they would take an answer for something else.
ANSWERS = frozenset(
    "yes y yeah yep ok okay no n nope sure 1 2 3 si claro oui non dacord thanks".split()
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply asks for. `words` are those of the reply that say so, as they stand there."""

    kind: Kind
    language: Language = Language.ENGLISH
    words: tuple[str, ...] = ()


#: Folded word → what it means: the words people added, or those built in.
Words = Mapping[str, tuple[Kind, Language]]


def fold(text: str) -> str:
    """Case, accents, spaces and hyphens gone, and every sign around the words.

    Inside, other signs stay: “stop.it” is not one of the words. “S.T.O.P.” is.
    """
    signs = [sign for sign in _plain(text) if not _is_joint(sign)]
    while signs and not signs[0].isalnum():
        del signs[0]
    while signs and not signs[-1].isalnum():
        del signs[-1]
    folded = "".join(signs)
    return folded.replace(".", "") if _SPELLED.fullmatch(folded) else folded


_SPELLED = re.compile(r"\w(?:\.\w){2,}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())


def _is_joint(sign: str) -> bool:
    """Spaces, dashes, accents and invisible signs: they hold words together or apart."""
    return sign.isspace() or sign == "_" or unicodedata.category(sign) in {"Pd", "Mn", "Cf", "Cc"}


KNOWN: Words = {
    fold(word): (kind, language)
    for kind, languages in BUILT_IN.items()
    for language, words in languages.items()
    for word in words
}


# --- The verdict ---------------------------------------------------------------------------------

#: Longer texts are read up to here: who opts out writes less.
LONGEST = 5_000
#: A sentence, or a line, of a reply.
_SENTENCES = re.compile(r"[.!?;,:\n\r…¡¿]+")


def judge(text: str, extra_words: Words | None = None) -> Verdict:
    """What this reply asks for, by the built-in words and those people added."""
    text = text[:LONGEST]
    known: Words = {**(extra_words or {}), **KNOWN}
    return _judge_whole(text, known) or _find_doubt(text) or Verdict(Kind.NONE)


def _judge_whole(text: str, known: Words) -> Verdict | None:
    """When all of it says one thing: as one word or phrase, or sentence by sentence."""
    whole = _judge_sentence(text, known)
    if whole and whole.kind != Kind.NONE:
        return whole
    parts = [part for part in _SENTENCES.split(text) if fold(part)]
    verdicts = [_judge_sentence(part, known) for part in parts]
    if len(parts) < 2 or None in verdicts:
        return None
    said = [verdict for verdict in verdicts if verdict and verdict.kind != Kind.NONE]
    return said[0] if len({verdict.kind for verdict in said}) == 1 else None


def _judge_sentence(text: str, known: Words) -> Verdict | None:
    """A keyword or sure phrase with nothing but courtesy around it; NONE for courtesy alone."""
    if found := known.get(fold(text)):
        return Verdict(*found, (text.strip(),))
    tokens = [token.plain for token in _tokens(text)]
    while tokens and tokens[0] in POLITE:
        del tokens[0]
    while tokens and tokens[-1] in POLITE:
        del tokens[-1]
    if not tokens:
        return Verdict(Kind.NONE)
    found = known.get("".join(tokens)) or _find_repeated(tokens, known) or _find_sure(tokens)
    return Verdict(*found, (text.strip(),)) if found else None


def _find_repeated(tokens: list[str], known: Words) -> tuple[Kind, Language] | None:
    """“Stop stop stop”."""
    return known.get(tokens[0]) if len(set(tokens)) == 1 else None


def _find_sure(tokens: list[str]) -> tuple[Kind, Language] | None:
    said = " ".join(tokens)
    for language, pattern in _SURE.items():
        if pattern.fullmatch(said):
            return Kind.STOP, language
    return None


#: Said without any word, these may be a stop as well.
_SIGNS = frozenset("🛑⛔🚫🖕✋🤬❌")


def _find_doubt(text: str) -> Verdict | None:
    tokens = list(_tokens(text))
    said = " ".join(token.plain for token in tokens)
    hits = sorted(
        (match.start(), match.end(), language)
        for language, pattern in _DOUBTFUL.items()
        for match in pattern.finditer(said)
    )
    if hits:
        return Verdict(Kind.DOUBT, hits[0][2], tuple(dict.fromkeys(_quote(text, tokens, hits))))
    signs = [] if tokens else [sign for sign in text if sign in _SIGNS]
    return Verdict(Kind.DOUBT, words=tuple(dict.fromkeys(signs))) if signs else None


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the text: plain letters, its place there, and its place among the plain words."""

    plain: str
    start: int
    end: int
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    for match in _WORD.finditer(text):
        plain = "".join(sign for sign in _plain(match[0]) if sign.isalnum())
        if plain:
            yield _Token(plain, match.start(), match.end(), at)
            at += len(plain) + 1


#: Letters and digits with the accents that follow them; an apostrophe joins: “don’t”, “m'écrivez”.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060]|['’ʼ`´](?=[^\W_]))*")


def _quote(text: str, tokens: list[_Token], hits: list[tuple[int, int, Language]]) -> Iterator[str]:
    for start, end, _ in hits:
        held = [t for t in tokens if t.at < end and t.at + len(t.plain) > start]
        if held:
            yield text[held[0].start : held[-1].end]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reply; `is_marked` where it made the reply doubtful."""

    text: str
    is_marked: bool


def mark_words(text: str, words: Iterable[str]) -> list[Piece]:
    """The text in pieces, the words in question marked."""
    known = sorted(filter(None, words), key=len, reverse=True)
    if not known:
        return [Piece(text, False)]
    parts = re.split(f"({'|'.join(map(re.escape, known))})", text)
    return [Piece(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


def _held(language: Language) -> tuple[str, ...]:
    """The stop words of a language that make a sentence doubtful: those with one meaning."""
    words = BUILT_IN[Kind.STOP][language]
    return tuple(_plain_words(word) for word in words if word not in WEAK)


def _plain_words(phrase: str) -> str:
    return " ?".join(token.plain for token in _tokens(phrase))


_SURE = {language: re.compile("|".join(SURE[language.value])) for language in Language}
_DOUBTFUL = {
    language: _any((*SURE[language.value], *SMELLS[language.value], *_held(language)))
    for language in Language
}


#: “Reply STOP”, “text END to 12345”, “opt out”, “unsubscribe”, “ARRET”: how people are told.
_TOLD = re.compile(
    r"\b(?i:reply|replying|text|texting|send|sending|txt|respond|type)\W{1,3}"
    r"(?i:(?:with|back|us|the word)\W{1,3})?"
    r"(?i:stop|stopall|end|quit|cancel|unsubscribe|arr[eê]t)\b"
    r"|\b(?:STOP|STOPALL|ARR[EÊ]T)\b"
    r"|(?i:\bopt(?:ing)?[ -]?out\b|\bunsubscrib|\bd[ée]sabonne)"
)


def tells_how_to_stop(text: str) -> bool:
    """Whether a message of ours tells its readers how to get no more."""
    return bool(_TOLD.search(unicodedata.normalize("NFC", text)))
