"""Which callbacks are posted next: what is due, and of each app of the Conversation API no more in
a second than it is sent (Conversation reference §10)."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from campaigns.sandbox.models import ConversationApp, Postback, PostbackState
from campaigns.sandbox.throttle import SlidingWindow

DUE_STATES = (PostbackState.PENDING, PostbackState.RETRYING)


class Turns:
    """Remembers what went out in the last second; the rest stays due and does not hold up others.

    A retry counts like any other callback.
    """

    def __init__(self) -> None:
        self._window = SlidingWindow()

    def take(self, now: datetime, most: int, flying: Collection[int] = ()) -> list[Postback]:
        """What may be posted now, oldest first, without what is `flying` already."""
        taken = _pick(_due(now).filter(app=None), most, flying)
        for app in ConversationApp.objects.select_related("project"):
            taken += self._take_of(app, now, most, flying)
        return taken

    def _take_of(
        self, app: ConversationApp, now: datetime, most: int, flying: Collection[int]
    ) -> list[Postback]:
        rate = app.project.webhook_rate * settings.SANDBOX_SPEED
        key, at = app.app_id, now.timestamp()
        free = self._window.count_free(key, "callbacks", rate, at)
        if not free:
            return []
        rows = _pick(_due(now).filter(app=app), min(most, free + len(flying)), flying)
        return [row for row in rows if self._window.lets_through(key, "callbacks", rate, at)]


def _due(now: datetime) -> QuerySet[Postback]:
    return Postback.objects.filter(state__in=DUE_STATES, due_at__lte=now).order_by("due_at")


def _pick(rows: QuerySet[Postback], most: int, flying: Collection[int]) -> list[Postback]:
    return [row for row in rows[:most] if row.pk not in flying]
