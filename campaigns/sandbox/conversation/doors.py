"""The door of every address: who asks, of which project, with what; and the note of it (§14.5)."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns.sandbox.conversation import tokens
from campaigns.sandbox.conversation.errors import ApiProblem, invalid, not_found
from campaigns.sandbox.conversation.models import ConversationApp, ConversationProject
from campaigns.sandbox.conversation.ulids import is_ulid
from campaigns.sandbox.models import Call
from campaigns.sandbox.throttle import SlidingWindow
from campaigns.sandbox.writing import writing

REGIONS = ("us", "eu", "br")
#: Basic credentials are for trials and "heavily rate-limited" (§1); the number is ours.
BASIC_RATE = 5
window = SlidingWindow()


@dataclass
class Asked:
    """A call that passed the door."""

    request: HttpRequest
    project: ConversationProject
    region: str
    body: dict
    now: datetime
    log: Call
    names: dict[str, str] = field(default_factory=dict)  # of the path

    def app(self, app_id: Any, where: str = "app_id") -> ConversationApp:
        if not is_ulid(app_id):
            raise invalid(where, "is not a ULID")
        app = self.project.apps.filter(app_id=app_id, region=self.region).first()
        if app is None:
            raise not_found(f"App {app_id}")
        return app

    def page(self, default: int, most: int) -> tuple[int, int]:
        """Offset and size of the page that is asked for; a token is the offset."""
        size = self.request.GET.get("page_size", str(default))
        offset = self.request.GET.get("page_token", "") or "0"
        if not size.isdecimal() or not 1 <= int(size) <= most:
            raise invalid("page_size", f"must lie between 1 and {most}")
        if not offset.isdecimal():
            raise invalid("page_token", "is not a token of a page")
        return int(offset), int(size)


#: Answers a call: a body for status 200, or a whole response.
Action = Callable[[Asked], dict | HttpResponse]


def door(**actions: Action) -> Callable[..., HttpResponse]:
    """The view of an address: what to do by method, `door(GET=show_app, PATCH=change_app)`."""

    @csrf_exempt
    def view(request: HttpRequest, region: str, project_id: str, **names: str) -> HttpResponse:
        started = time.perf_counter()
        log = Call(at=timezone.now(), action=request.path.rpartition("/")[2][:20])
        try:
            answer = _run(actions, request, log, region, project_id, names)
        except ApiProblem as problem:
            log.code, log.info = f"{problem.code} {problem.status}"[:40], _told(problem)
            answer = problem.response()
        log.milliseconds = round((time.perf_counter() - started) * 1000)
        if request.method != "GET" or log.code:  # who polls would fill the table
            with writing():
                log.save()
        return answer

    return view


def _run(
    actions: dict[str, Action],
    request: HttpRequest,
    log: Call,
    region: str,
    project_id: str,
    names: dict[str, str],
) -> HttpResponse:
    project = _let_in(request)
    if region not in REGIONS:
        raise not_found(f"Region {region}")
    if project_id != project.project_id:
        raise ApiProblem(403, f"The key may do nothing in project {project_id}.")
    if project.is_over_credit:
        raise ApiProblem(403, "The credit is used up.", status="BILLING_CREDIT_LIMIT_BREACHED")
    action = actions.get(request.method or "")
    if action is None:
        raise ApiProblem(501, f"{request.method} is not implemented here.")
    asked = Asked(request, project, region, _read_body(request), log.at, log, names)
    answer = action(asked)
    return answer if isinstance(answer, HttpResponse) else JsonResponse(answer)


def _let_in(request: HttpRequest) -> ConversationProject:
    header = request.headers.get("Authorization", "")
    scheme, _, credentials = header.partition(" ")
    is_basic = scheme.lower() == "basic"
    if is_basic:
        project = tokens.find_by_key(*tokens.read_basic(header))
        if project is None:
            raise ApiProblem(401, "The access key or its secret is not valid.")
    elif scheme.lower() == "bearer":
        project = tokens.read_token(credentials, time.time())
    else:
        raise ApiProblem(401, "No credentials.", headers={"WWW-Authenticate": "Bearer"})
    rate = min(BASIC_RATE, project.rate) if is_basic else project.rate
    manner = "basic" if is_basic else "bearer"
    if not window.lets_through(project.key_id, manner, rate, time.monotonic()):
        raise ApiProblem(429, f"More than {rate:g} requests per second.")
    return project


def _read_body(request: HttpRequest) -> dict:
    if request.method in {"GET", "DELETE"} or not request.body:
        return {}
    if request.content_type != "application/json":
        raise ApiProblem(400, "Content-Type must be application/json.")
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise ApiProblem(400, "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ApiProblem(400, "The body is not a JSON object.")
    return body


def _told(problem: ApiProblem) -> str:
    return f"{problem.field}: {problem.message}"[:300] if problem.field else problem.message[:300]
