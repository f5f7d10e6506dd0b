"""Opt-outs to judge: what somebody said, what it answers, and two buttons."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from campaigns.admin.reading import ReadOnly
from campaigns.models import Message, OptOutReview
from campaigns.rules.businessdays import count_business_days
from campaigns.rules.keywords import Piece, mark_words
from campaigns.rules.numbers import read_number
from campaigns.rules.phones import country_and_line
from campaigns.rules.problems import RuleBroken
from campaigns.services.inbox import find_answered
from campaigns.services.reviews import decide_review, open_reviews
from campaigns.templatetags.portal import masked

#: Judged in this order, so that many at a time are enough.
SHOWN = 25
SHOWN_DECIDED = 10


@dataclass(frozen=True, slots=True)
class Card:
    review: OptOutReview
    pieces: list[Piece]
    answered: Message | None
    days_left: int
    is_overdue: bool

    @property
    def tone(self) -> str:
        return "warn" if self.days_left <= 3 else "wait"


@admin.register(OptOutReview)
class OptOutReviewAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide)
        return [
            path("<int:pk>/decide/", view, name="campaigns_optoutreview_decide"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = _with_replies(open_reviews())
        decided = _with_replies(OptOutReview.objects.exclude(decision="open"))
        return self._render(
            request,
            cards=_cards(rows[:SHOWN]),
            count=rows[: 10 * SHOWN].count(),
            decided=decided.order_by("-decided_at")[:SHOWN_DECIDED],
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One of them, where another page names it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = _with_replies(OptOutReview.objects.filter(pk=read_number(object_id)))
        if not rows.exists():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        is_open = rows.filter(decision="open").exists()
        cards, decided = (_cards(rows), []) if is_open else ([], rows)
        return self._render(request, cards=cards, count=len(cards), decided=decided, is_one=True)

    def _render(self, request: HttpRequest, **context: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "To judge",
            "may_decide": request.user.has_perm("campaigns.change_optoutreview"),
            **context,
        }
        return render(request, "campaigns/optouts/reviews.html", context)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm("campaigns.change_optoutreview"):
            raise PermissionDenied
        review = get_object_or_404(OptOutReview.objects.select_related("reply"), pk=pk)
        is_optout = request.POST.get("decision") == "opted_out"
        try:
            decide_review(review, is_optout=is_optout, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        else:
            told = "is opted out" if is_optout else "is written to as before"
            messages.success(request, f"{masked(review.phone)} {told}.")
        return redirect("admin:campaigns_optoutreview_changelist")


def _with_replies(rows: QuerySet[OptOutReview]) -> QuerySet[OptOutReview]:
    return rows.select_related("reply__contact", "reply__channel", "decided_by")


def _cards(rows: QuerySet[OptOutReview]) -> list[Card]:
    today = timezone.localdate()
    return [_card(review, today) for review in rows]


def _card(review: OptOutReview, today: date) -> Card:
    country, _ = country_and_line(review.phone)
    return Card(
        review,
        mark_words(review.said, review.words.split(" · ")),
        find_answered(review.reply),
        count_business_days(today, review.due_on, country),
        review.due_on < today,
    )
