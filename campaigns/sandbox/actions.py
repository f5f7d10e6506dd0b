"""The three actions of the API, asking their questions in the order of §4.1."""

import secrets
from datetime import datetime
from typing import Any

from campaigns.sandbox import checks, postbacks, throttle
from campaigns.sandbox.accepting import Content, Outcome, accept, new_tracking_id
from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.copying import copy_slides
from campaigns.sandbox.encoding import find_failure, is_gone, ready_at, template_story
from campaigns.sandbox.models import SandboxAccount, SavedTemplate
from campaigns.sandbox.slides import check_slides, check_text
from campaigns.sandbox.stories import Answer, Story, story_of

SAVED = "MMS saved and queued for processing."
first_tries = throttle.FirstTries()


def send_mms(account: SandboxAccount, body: dict, now: datetime) -> Outcome:
    story = _check_send(account, body, now)
    checks.check_fallback(body)
    check_slides(body.get("slide"))
    slides = copy_slides(account, body["slide"], body.get("cache-content", False))
    return accept(account, body, story, _content(body, slides), now)


def save_mms(account: SandboxAccount, body: dict, now: datetime) -> Outcome:
    checks.check_lengths(body)
    checks.check_dates(body, now)
    checks.check_fallback(body)
    checks.check_name(body)
    check_slides(body.get("slide"))
    content = _content(body, copy_slides(account, body["slide"], may_reuse=False))
    files = [file for slide in content.slides for file in slide["media"]]
    story = template_story(body["name"])
    code, failing = find_failure(story, files)
    template = SavedTemplate(
        account=account,
        mms_id=str(10_000_000 + secrets.randbelow(90_000_000)),
        name=body["name"],
        subject=content.subject,
        fallback_text=content.fallback_text,
        without_fallback=content.without_fallback,
        without_link=content.without_link,
        slides=content.slides,
        ready_at=ready_at(story, files, now),
        failed_code=code,
    )
    answer = {"mms-id": template.mms_id, "tracking-id": new_tracking_id(), "status-details": SAVED}
    outcome = Outcome({"status": "success", **answer}, Story(story.tells, answer=story.answer))
    if story.answer is Answer.JSON:
        report = postbacks.plan_template(template, body.get("client-reference", ""), failing)
        outcome.postbacks, outcome.template = [report], template
    return outcome


def send_saved_mms(account: SandboxAccount, body: dict, now: datetime) -> Outcome:
    story = _check_send(account, body, now)
    template = SavedTemplate.objects.filter(
        account=account, mms_id=str(body.get("mms-id", ""))
    ).first()
    if template:
        checks.check_fallback(body, template.fallback_text, template.without_fallback)
    else:
        checks.check_fallback(body)
    custom = _custom_texts(body.get("custom-slides", []))
    if not body.get("mms-id"):
        raise Refusal("E620")
    if template is None or (template.failed_code and not template.is_encoding(now)):
        raise Refusal("E241")
    if is_gone(account, template):
        raise Refusal("E241")
    if template.is_encoding(now):
        raise Refusal("E626")
    outcome = accept(account, body, story, _personal(template, body, custom), now)
    outcome.answer |= {"mms-id": template.mms_id, "from": body["from"]}
    return outcome


ACTIONS = {"sendmms": send_mms, "savemms": save_mms, "sendsavedmms": send_saved_mms}


def _check_send(account: SandboxAccount, body: dict, now: datetime) -> Story:
    checks.check_service(account, body)
    checks.check_numbers(account, body)
    story = story_of(body["to"])
    if story.refused and not story.only_first_try_refused:
        raise Refusal(story.refused)
    if story.only_first_try_refused and first_tries.is_first(account.key, body["to"]):
        raise Refusal(story.refused)
    checks.check_lengths(body)
    checks.check_dates(body, now)
    return story


def _content(body: dict, slides: list[dict]) -> Content:
    return Content(
        slides,
        subject=body.get("message-subject", ""),
        fallback_text=body.get("fallback-sms-text", ""),
        without_fallback=body.get("disable-fallback-sms", False),
        without_link=body.get("disable-fallback-sms-link", False),
    )


def _personal(template: SavedTemplate, body: dict, custom: dict[int, str]) -> Content:
    """The template with what this request replaces."""
    if custom and max(custom) > len(template.slides):
        raise Refusal("E100", f"custom-slides names slide {max(custom)}, which does not exist")
    slides = [
        {**slide, "text": custom.get(number, slide["text"])}
        for number, slide in enumerate(template.slides, 1)
    ]
    return Content(
        slides,
        subject=body.get("message-subject", template.subject),
        fallback_text=body.get("fallback-sms-text", template.fallback_text),
        without_fallback=body.get("disable-fallback-sms", template.without_fallback),
        without_link=body.get("disable-fallback-sms-link", template.without_link),
    )


def _custom_texts(custom: Any) -> dict[int, str]:
    """`[{"slide": 1, "message-text": "…"}]` as number → text (a convention, §2)."""
    if not isinstance(custom, list):
        raise Refusal("E100", "custom-slides is not a list")
    texts = {}
    for part in custom:
        number = part.get("slide") if isinstance(part, dict) else None
        if not isinstance(number, int) or number < 1:
            raise Refusal("E100", "an element of custom-slides names no slide")
        check_text(part.get("message-text"))
        texts[number] = part["message-text"]
    return texts
