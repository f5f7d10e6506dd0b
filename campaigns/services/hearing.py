"""Whether the plain-text replies to a number reach us, by its own channel or by another one."""

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Sender
from campaigns.rules.routes import tell_no_route
from campaigns.services.channel_kinds import kinds_with_sms


def _listening(**fields: object) -> QuerySet[Sender]:
    """Senders on channels whose interface brings SMS, too."""
    return Sender.objects.filter(channel__kind__in=kinds_with_sms(), **fields)


def is_heard(sender: Sender) -> bool:
    """By another route that a person knows of, or by an interface with SMS that has the number."""
    return sender.replies_reach_us or _listening(number=sender.number).exists()


def find_route_warning(sender: Sender | None) -> str:
    """One sentence where a STOP as plain text would not reach us; "" where it does."""
    if sender is None or is_heard(sender):
        return ""
    return tell_no_route(sender.number)


def find_deaf_senders() -> list[Sender]:
    """The numbers whose plain-text replies do not reach us."""
    deaf = Sender.objects.filter(~Exists(_listening(number=OuterRef("number"))))
    return list(deaf.filter(replies_reach_us=False).select_related("channel"))
