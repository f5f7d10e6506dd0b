"""POST /ep/v2/: one address for all actions; a refusal is a 200 with status "failure" (§1)."""

import json
import time
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns.sandbox import checks, poster
from campaigns.sandbox.accepting import Outcome
from campaigns.sandbox.actions import ACTIONS
from campaigns.sandbox.answering import give_answer
from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.models import Call, HandsetMessage, Postback, SandboxAccount
from campaigns.sandbox.throttle import SlidingWindow
from campaigns.sandbox.writing import writing

KNOWN_FIELDS = {
    "action", "service-id", "to", "to-displayonly", "from", "from-mask", "message-subject",
    "fallback-sms-text", "disable-fallback-sms", "disable-fallback-sms-link",
    "fallback-sms-link-expiration", "mms-expiry-timestamp", "client-reference", "cache-content",
    "name", "mms-id", "slide", "custom-slides",
}  # fmt: skip
window = SlidingWindow()


@csrf_exempt
def call_api(request: HttpRequest) -> HttpResponse:
    started = time.perf_counter()
    call = Call(at=timezone.now())
    try:
        outcome = _run_action(request, call)
    except Refusal as refusal:
        outcome = Outcome(_failure(refusal, call))
    if outcome.story.first_before_answer:
        _post_first(outcome, call.at)
    call.milliseconds = round((time.perf_counter() - started) * 1000)
    _save(call, outcome)
    return give_answer(request, outcome.answer, outcome.story.answer)


def _run_action(request: HttpRequest, call: Call) -> Outcome:
    """Ask in the order of §4.1; what was learned until a refusal stands on the call."""
    if request.method != "POST":
        raise Refusal("E100", "not a POST")
    key = request.headers.get("x-api-key", "")
    account = SandboxAccount.objects.filter(key=key).first() if key else None
    checks.check_account(account, request.META["REMOTE_ADDR"])
    call.account = account
    body = _parse(request.body)
    call.action = str(body.get("action", ""))[:20].lower()
    call.to = str(body.get("to", ""))[:20]
    call.ignored = ", ".join(sorted(body.keys() - KNOWN_FIELDS))[:300]
    action = _find_action(body)
    if not window.lets_through(account.key, call.action, account.rate, time.monotonic()):
        raise Refusal("E113")
    outcome = action(account, body, call.at)
    call.tracking_id = outcome.answer["tracking-id"]
    return outcome


def _parse(content: bytes) -> dict:
    try:
        body = json.loads(content)
    except ValueError as error:
        raise Refusal("E108") from error
    if not isinstance(body, dict):
        raise Refusal("E108")
    return body


def _find_action(body: dict):  # noqa: ANN202 one of ACTIONS
    if not body.get("action"):
        raise Refusal("E100", "action is missing")
    action = ACTIONS.get(str(body["action"]).lower())
    if action is None:
        raise Refusal("E107")
    return action


def _failure(refusal: Refusal, call: Call) -> dict:
    """The answer of §3.5; the two send actions echo the number."""
    call.code, call.info = refusal.code, refusal.info[:300]
    answer = {"status": "failure", "error-code": refusal.code, "error-info": refusal.info}
    if call.to and call.action != "savemms":
        answer["to"] = call.to
    return answer


def _post_first(outcome: Outcome, now: datetime) -> None:
    """The first report arrives while the caller still waits for the answer."""
    first = outcome.postbacks[0]
    if first.url:
        poster.settle(first, poster.post(first), now)


def _save(call: Call, outcome: Outcome) -> None:
    with writing():
        call.save()
        if outcome.template:
            outcome.template.save()
        HandsetMessage.objects.bulk_create(outcome.messages)
        Postback.objects.bulk_create(report for report in outcome.postbacks if report.url)
