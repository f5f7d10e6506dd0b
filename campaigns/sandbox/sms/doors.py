"""The way in: plan and token, method, content type, JSON; and the way out (§1, §10)."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns.sandbox.answering import give_answer
from campaigns.sandbox.models import Call
from campaigns.sandbox.sms.models import SmsPlan
from campaigns.sandbox.sms.problems import Problem, bad_format
from campaigns.sandbox.stories import Answer
from campaigns.sandbox.writing import writing

REGIONS = {"us", "eu", "au", "br", "ca"}


@dataclass
class Asked:
    """A request whose token fits its plan."""

    plan: SmsPlan
    body: dict
    query: QueryDict
    now: datetime
    call: Call


@dataclass(frozen=True)
class Answered:
    """A status and a body, None for none, and how it leaves."""

    body: Any = None
    status: int = 200
    manner: Answer = Answer.JSON
    headers: dict[str, str] = field(default_factory=dict)


Act = Callable[..., Answered]


def door(**acts: Act) -> Callable[..., HttpResponse]:
    """The view of one address: method → what it does."""

    @csrf_exempt
    def enter(request: HttpRequest, region: str, plan_id: str, **ids: str) -> HttpResponse:
        started = time.perf_counter()
        call = Call(at=timezone.now(), action=_name(request))
        try:
            asked = _read(request, region, plan_id, set(acts), call)
            answered = acts[request.method](asked, **ids)
        except Problem as problem:
            call.code = problem.code or str(problem.status)
            call.info = problem.text[:300]
            answered = Answered(problem.body, problem.status)
        call.milliseconds = round((time.perf_counter() - started) * 1000)
        with writing():
            call.save()
        return _answer(request, answered)

    return enter


@csrf_exempt
def no_such_path(request: HttpRequest, **ids: str) -> HttpResponse:
    return HttpResponse(status=404)


def _name(request: HttpRequest) -> str:
    """For the traffic page: what was asked for, without the ids in between."""
    return f"{request.method} {request.resolver_match.url_name.removeprefix('sms-')}"[:20]


def _read(request: HttpRequest, region: str, plan_id: str, methods: set[str], call: Call) -> Asked:
    if region not in REGIONS:
        raise Problem(404)
    if request.method not in methods:
        raise Problem(405)
    plan = _find_plan(region, plan_id, request.headers.get("Authorization", ""))
    body = _parse(request) if request.method in {"POST", "PUT"} else {}
    return Asked(plan, body, request.GET, call.at, call)


def _find_plan(region: str, plan_id: str, authorization: str) -> SmsPlan:
    plan = SmsPlan.objects.filter(service_plan_id=plan_id, region=region).first()
    kind, _, token = authorization.partition(" ")
    fits = plan and hmac.compare_digest(plan.token.encode(), token.strip().encode())
    if kind.lower() != "bearer" or not fits:
        raise Problem(401)
    return plan


def _parse(request: HttpRequest) -> dict:
    if request.content_type != "application/json":
        raise Problem(415)
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair cannot be kept
    except ValueError as error:
        raise Problem(400, "syntax_invalid_json", "The JSON cannot be parsed") from error
    if not isinstance(body, dict):
        raise bad_format("The body is not an object")
    return body


def _answer(request: HttpRequest, answered: Answered) -> HttpResponse:
    if answered.manner is not Answer.JSON:
        return give_answer(request, answered.body, answered.manner)
    if answered.body is None:
        return HttpResponse(status=answered.status)
    return JsonResponse(answered.body, status=answered.status, safe=False)
