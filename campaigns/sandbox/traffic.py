"""The traffic page: the last calls with their codes, the last callbacks with their fate."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from campaigns.sandbox.models import Api, Call, Postback, PostbackState
from campaigns.sandbox.schedules import SCHEDULES

MOST_ROWS = 40


@require_GET
def show_traffic(request: HttpRequest) -> HttpResponse:
    number = "".join(filter(str.isdigit, request.GET.get("q", "")))
    state = request.GET.get("state", "")
    calls, callbacks = Call.objects.order_by("-pk"), Postback.objects.order_by("-pk")
    if number:
        calls, callbacks = calls.filter(to=number), callbacks.filter(phone=number)
    if state in PostbackState.values:
        callbacks = callbacks.filter(state=state)
    context = {
        "calls": calls[:MOST_ROWS],
        "callbacks": callbacks[:MOST_ROWS],
        "states": PostbackState,
        "habits": [f"{Api(api).label}: {schedule}" for api, schedule in SCHEDULES.items()],
        "number": number,
        "state": state,
        "is_short": "part" in request.GET,
    }
    return render(request, _template(request), context)


def _template(request: HttpRequest) -> str:
    """The page, what changes on it, or only the callbacks (beside a phone)."""
    if request.headers.get("HX-Request") != "true":
        return "sandbox/traffic.html"
    is_part = request.GET.get("part") == "callbacks"
    return "sandbox/_callbacks.html" if is_part else "sandbox/_traffic.html"
