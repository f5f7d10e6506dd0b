"""The product's own navigation: our words, in the order of the work, for who may see them."""

from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from campaigns.models import InboundMessage

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
            ("Imports", "campaigns.contactimport"),
        ),
    ),
    (
        "Replies",
        (
            ("Inbox", "campaigns.inboundmessage"),
            ("Opt-outs", "campaigns.optout"),
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
#: More unread replies than this are not counted.
MANY = 99


@dataclass(frozen=True, slots=True)
class Item:
    word: str
    url: str
    current: bool
    badge: str = ""


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
    badge = _unread() if name == "inboundmessage" else ""
    return _page(request, word, url, badge)


def _page(request: HttpRequest, word: str, url: str, badge: str = "") -> Item:
    return Item(word, url, request.path.startswith(url), badge)


def _unread() -> str:
    count = InboundMessage.objects.filter(read_at=None).order_by()[: MANY + 1].count()
    return f"{MANY}+" if count > MANY else str(count or "")
