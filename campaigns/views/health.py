"""For load balancers and monitors: is it alive, is it well, and the numbers."""

import hmac
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.rules.health import Health, worst
from campaigns.services import clock, spool
from campaigns.services.health import Check, examine, grade_spool, take_stock
from campaigns.services.metrics import CONTENT_TYPE, write_metrics

View = Callable[[HttpRequest], HttpResponse]
NO_DATABASE = "The database does not answer."


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, with a database: for anybody, so without details."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("bad", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def with_token(view: View) -> View:
    """For who knows MONITOR_TOKEN; without one there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.MONITOR_TOKEN:
            raise Http404
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {settings.MONITOR_TOKEN}".encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            return HttpResponse(status=401, headers=headers, content_type="text/plain")
        return view(request)

    return never_cache(require_safe(guarded))


@with_token
def readyz(request: HttpRequest) -> HttpResponse:
    """Each check with its sentence; 503 when one of them is bad."""
    try:
        now = clock.now()
        checks = examine(take_stock(now))
    except DatabaseError:
        spooled = grade_spool(spool.measure(), spool.find_trouble())
        told = [_tell(Check("database", Health.BAD, NO_DATABASE)), _tell(spooled)]
        answer = {"state": Health.BAD, "at": timezone.now().isoformat(), "checks": told}
        return JsonResponse(answer, status=503)
    state = worst(check.state for check in checks)
    answer = {"state": state, "at": now.isoformat(), "checks": [_tell(check) for check in checks]}
    return JsonResponse(answer, status=503 if state == Health.BAD else 200)


def _tell(check: Check) -> dict[str, str]:
    return {"name": check.name, "state": check.state, "sentence": check.sentence}


@with_token
def metrics(request: HttpRequest) -> HttpResponse:
    try:
        told = write_metrics()
    except DatabaseError:
        return HttpResponse(NO_DATABASE, status=503, content_type="text/plain")
    return HttpResponse(told, content_type=CONTENT_TYPE)
