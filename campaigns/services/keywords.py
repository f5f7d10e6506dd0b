"""The keywords of this portal and what is answered to them."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from campaigns.models import Channel, Keyword, KeywordReply
from campaigns.rules.answers import DEFAULTS, fill, find_problems
from campaigns.rules.keywords import ANSWERS, KNOWN, Kind, Language, Verdict, Words, fold, judge
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.audit import record
from campaigns.services.policy import get_policy


def read_words() -> Words:
    """The words people added: folded → what they mean."""
    rows = Keyword.objects.values_list("folded", "kind", "language")
    return {folded: (Kind(kind), Language(language)) for folded, kind, language in rows}


def judge_reply(text: str) -> Verdict:
    """What a reply asks for, by the built-in words and those of this portal."""
    return judge(text, read_words())


def add_keyword(
    words: str, *, kind: str, language: str, by: AbstractBaseUser, is_sure: bool = False
) -> Keyword:
    """One more word that counts when it is the whole message. `is_sure` also takes a word that
    answers questions."""
    words = " ".join(words.split())
    check(_find_keyword_problems(words, is_sure))
    try:
        with transaction.atomic():
            row = Keyword.objects.create(
                words=words, folded=fold(words), kind=kind, language=language
            )
    except IntegrityError:
        raise RuleBroken(f"“{words}” is there already.") from None
    record("keyword.added", row, by=by, after={"kind": kind, "language": language})
    return row


def _find_keyword_problems(words: str, is_sure: bool) -> list[str]:
    folded = fold(words)
    if not folded:
        return ["Write a word: signs alone are not read."]
    if len(words) > 60 or len(folded) > 60:
        return ["Write at most 60 characters: a keyword is short."]
    if folded in KNOWN:
        return [f"“{words}” is built in: it counts already."]
    if folded in ANSWERS and not is_sure:
        return [
            f"“{words}” is also an answer: whoever says it to a question of yours is taken at this "
            "word. Tick the box to add it all the same."
        ]
    return []


@transaction.atomic
def remove_keyword(keyword: Keyword, *, by: AbstractBaseUser) -> None:
    """Take a word of this portal away again; the built-in ones stay."""
    record("keyword.removed", keyword, by=by, before={"kind": keyword.kind})
    keyword.delete()


# --- Answers -------------------------------------------------------------------------------------


def find_reply(kind: str, language: str, channel: Channel | None = None) -> KeywordReply | None:
    """The words somebody wrote for this: those of the channel go before those for all."""
    rows = KeywordReply.objects.filter(kind=kind, language=language)
    own = rows.filter(channel=channel).first() if channel else None
    return own or rows.filter(channel=None).first()


def word_answer(kind: str, language: str, channel: Channel | None = None) -> str:
    """What is answered, filled in."""
    row = find_reply(kind, language, channel)
    text = row.text if row else DEFAULTS[Kind(kind), Language(language)]
    policy = get_policy()
    return fill(text, brand=policy.brand, contact=policy.contact)


@transaction.atomic
def save_reply(
    kind: str, language: str, channel: Channel | None, text: str, *, by: AbstractBaseUser
) -> None:
    """Answer with these words from now on; with none: with the built-in ones."""
    text = text.replace("\r\n", "\n").strip()
    rows = KeywordReply.objects.filter(kind=kind, language=language, channel=channel)
    is_built_in = channel is None and text == DEFAULTS[Kind(kind), Language(language)]
    if not text or is_built_in:
        if row := rows.first():
            record("keyword_reply.reset", row, by=by, before={"text": row.text})
            row.delete()
        return
    check(find_problems(text, kind))
    row = rows.first() or KeywordReply(kind=kind, language=language, channel=channel)
    before, row.text = row.text, text
    if before != text:
        row.save()
        record("keyword_reply.saved", row, by=by, before={"text": before}, after={"text": text})


def find_help_problem() -> str:
    """Why HELP cannot be answered properly yet; "" when it can."""
    policy = get_policy()
    missing = [
        word
        for word, value in (("the name of your brand", policy.brand), ("a contact", policy.contact))
        if not value.strip()
    ]
    if not missing:
        return ""
    verb = "are" if missing[1:] else "is"
    return f"HELP cannot be answered properly yet: {' and '.join(missing)} {verb} missing."
