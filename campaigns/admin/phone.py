"""How the phone beside the composer is dressed, and what the message weighs."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern

from campaigns.models import Channel, Mms, Sender
from campaigns.rules.carriers import judge_message
from campaigns.rules.counts import count_subject, is_long_fallback
from campaigns.rules.formats import Format
from campaigns.rules.looks import DRESSES, FACES, SHADES, Look, read_look
from campaigns.rules.mergefields import fill_in_for_nobody
from campaigns.rules.slides import FALLBACK_ADVICE
from campaigns.rules.smsparts import LINK_LENGTH, count_parts, name_forcing
from campaigns.rules.weights import draw_meter
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import MmsDraft
from campaigns.templatetags.content import slide_sizes

#: Who else is in the group that the phone shows while nobody is chosen yet: invented numbers.
_SAMPLE_GROUP = ("12025550143", "13035550117", "14045550168")


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return []


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need."""
    capacity = capacity_of(channel)
    verdict = judge_message(draft.size, sender.kind if sender else "", capacity)
    may_link = capacity.adds_link and draft.format == Format.SLIDES
    with_link = draft.has_fallback and draft.fallback_link and may_link
    # A merge field counts as what stands there where nothing is known, as in the check.
    subject, fallback = map(fill_in_for_nobody, (draft.subject, draft.fallback_text))
    sms = count_parts(fallback, with_link=with_link)
    forcing = name_forcing(sms)
    return {
        **_look(request),
        "group": _SAMPLE_GROUP,
        "subject_count": count_subject(subject, capacity.subject),
        "fallback_length": len(fallback),
        "fallback_is_long": is_long_fallback(fallback) if may_link else sms.parts > 1,
        "fallback_advice": FALLBACK_ADVICE if may_link else sms.room // max(sms.parts, 1),
        "link_length": LINK_LENGTH if with_link else 0,
        "sms": sms,
        "forcing": forcing,
        "replaceable": sum(item.plain is not None for item in forcing),
        "meter": draw_meter(slide_sizes(draft), capacity.total, verdict),
    }


def _look(request: HttpRequest) -> dict[str, str]:
    """What is chosen on the page; else what this person chose last time."""
    asked = request.POST or request.GET
    kept = read_look(request.COOKIES.get(Look.cookie, ""))
    return {
        "face": _one_of(FACES, asked.get("face"), FACES[0]),
        "dress": _one_of(DRESSES, asked.get("dress"), kept.dress),
        "shade": _one_of(SHADES, asked.get("shade"), kept.shade),
    }


def _one_of(known: tuple[str, ...], asked: str | None, otherwise: str) -> str:
    return asked if asked in known else otherwise
