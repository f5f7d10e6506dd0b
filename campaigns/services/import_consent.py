"""Where the consent of an import's people comes from: said once, before it begins."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import ContactImport
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.problems import check
from campaigns.services.consent import IN_FUTURE


@dataclass(frozen=True, slots=True)
class Agreed:
    """How, to which words, where and when all of them agreed. Without a method: nobody did."""

    method: str = ""
    wording: str = ""
    source: str = ""
    at: datetime | None = None


#: The honest answer: they become contacts, and are not written to.
NOBODY_AGREED = Agreed()


def find_agreed_problems(agreed: Agreed, now: datetime) -> dict[str, str]:
    """Field of `Agreed` → what is missing or wrong."""
    if agreed == NOBODY_AGREED:
        return {}
    problems = {}
    if agreed.method not in ConsentMethod.values:
        problems["method"] = "Say how they agreed, or that they did not."
    if not agreed.wording.strip():
        problems["wording"] = "Write down the words they agreed to."
    if not agreed.source.strip():
        problems["source"] = "Say where they agreed: the address of the form, the event, the shop."
    if agreed.at is None:
        problems["at"] = "Say since when: the day on which the last of them agreed."
    elif agreed.at > now:
        problems["at"] = IN_FUTURE
    return problems


def note_agreed(contact_import: ContactImport, agreed: Agreed, now: datetime) -> None:
    """Set it on the import (not saved); the ledger refers to it."""
    check(list(find_agreed_problems(agreed, now).values()))
    contact_import.consent_method = agreed.method
    contact_import.consent_wording = agreed.wording.strip()
    contact_import.consent_source = agreed.source.strip()
    contact_import.consented_at = agreed.at
