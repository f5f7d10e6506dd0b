"""The product's own navigation: our words, in the order of the work, for who may see them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from campaigns.models import Thread
from campaigns.services.reviews import open_reviews

#: Headings with (word, "app.model" whose view permission is asked).
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Send",
        (
            ("Campaigns", "campaigns.campaign"),
            ("MMS", "campaigns.mms"),
            ("Media", "campaigns.mediafile"),
            ("Outbox", "campaigns.message"),
        ),
    ),
    (
        "People",
        (
            ("Contacts", "campaigns.contact"),
            ("Lists", "campaigns.contactlist"),
            ("Segments", "campaigns.segment"),
            ("Imports", "campaigns.contactimport"),
            ("Fields", "campaigns.customfield"),
        ),
    ),
    (
        "Replies",
        (
            ("Inbox", "campaigns.thread"),
            ("To judge", "campaigns.optoutreview"),
        ),
    ),
    (
        "Compliance",
        (
            ("Opt-outs", "campaigns.optout"),
            ("Consent", "campaigns.consent"),
            ("Keywords", "campaigns.keyword"),
            ("Quiet hours", "campaigns.quiethours"),
            ("Limits", "campaigns.policy"),
        ),
    ),
    ("Connection", (("Channels", "campaigns.channel"),)),
    (
        "Administration",
        (
            ("Callbacks", "campaigns.webhookpost"),
            ("Requests", "campaigns.gatewaycall"),
            ("Audit", "campaigns.auditentry"),
            ("Users", "auth.user"),
            ("Roles", "auth.group"),
        ),
    ),
)
#: More than this are not counted.
MANY = 99
#: Entries with a badge: the rows it counts, and what they are.
COUNTED: dict[str, tuple[Callable[[], QuerySet], str]] = {
    "thread": (lambda: Thread.objects.filter(state=Thread.State.UNREAD), "unread"),
    "optoutreview": (open_reviews, "to judge"),
}


@dataclass(frozen=True, slots=True)
class Item:
    word: str
    url: str
    current: bool
    badge: str = ""
    badge_means: str = ""


def build_navigation(site: AdminSite, request: HttpRequest) -> list[tuple[str, list[Item]]]:
    """The groups that hold anything for this person."""
    groups = []
    for heading, entries in GROUPS:
        items = [item for entry in entries if (item := _item(site, request, *entry))]
        if heading == "Administration" and request.user.has_perm("campaigns.view_gatewaycall"):
            items.insert(2, _page(request, "Queue", reverse(f"{site.name}:queue")))
        if items:
            groups.append((heading, items))
    return groups


def find_section(navigation: list[tuple[str, list[Item]]]) -> Item | None:
    """Where we are: pages are called what their entry is called."""
    return next((item for _, items in navigation for item in items if item.current), None)


def _item(site: AdminSite, request: HttpRequest, word: str, model: str) -> Item | None:
    app, name = model.split(".")
    if not request.user.has_perm(f"{app}.view_{name}"):
        return None
    try:
        url = reverse(f"{site.name}:{app}_{name}_changelist")
    except NoReverseMatch:  # the topic has no page
        return None
    counted = COUNTED.get(name)
    return _page(request, word, url, *((_count(counted[0]()), counted[1]) if counted else ()))


def _page(request: HttpRequest, word: str, url: str, badge: str = "", means: str = "") -> Item:
    return Item(word, url, request.path.startswith(url), badge, means)


def _count(rows: QuerySet) -> str:
    count = rows.order_by()[: MANY + 1].count()
    return f"{MANY}+" if count > MANY else str(count or "")
