"""Who relies on a version: campaigns, templates, tests. A few questions for any number of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from campaigns.models import Campaign, Message, Mms, SavedMms

#: So many campaigns are named beside a version, or an MMS; the others are counted.
MOST_NAMED = 3
MOST_LISTED = 12


@dataclass(slots=True)
class Uses:
    """Who relies on a version, or on any version of an MMS."""

    campaigns: list[Campaign] = field(default_factory=list)
    campaign_count: int = 0
    saved: list[SavedMms] = field(default_factory=list)
    test_count: int = 0

    @property
    def more_campaigns(self) -> int:
        """How many campaigns are not named."""
        return self.campaign_count - len(self.campaigns)

    def __bool__(self) -> bool:
        return bool(self.campaign_count or self.saved or self.test_count)


def find_uses(mms: Mms) -> Uses:
    """Who uses any version of it, the newest campaigns first."""
    campaigns = Campaign.objects.filter(mms=mms).select_related("revision", "channel")
    newest = list(campaigns[: MOST_LISTED + 1])
    count = len(newest) if len(newest) <= MOST_LISTED else campaigns.count()
    return Uses(newest[:MOST_LISTED], count)


def uses_of(revision_ids: Collection[int]) -> dict[int, Uses]:
    """Who uses each of these versions."""
    uses = {pk: Uses() for pk in revision_ids}
    for campaign in _newest_campaigns(revision_ids):
        uses[campaign.revision_id].campaigns.append(campaign)
    campaigns = Campaign.objects.filter(revision__in=revision_ids).order_by()
    for pk, count in campaigns.values_list("revision").annotate(count=Count("pk")):
        uses[pk].campaign_count = count
    rows = SavedMms.objects.filter(revision__in=revision_ids).select_related("channel")
    for row in rows.order_by("channel__name"):
        uses[row.revision_id].saved.append(row)
    for pk, count in _count_tests(revision_ids):
        uses[pk].test_count = count
    return uses


def _newest_campaigns(revision_ids: Collection[int]) -> Iterator[Campaign]:
    place = Window(RowNumber(), partition_by="revision_id", order_by="-id")
    rows = Campaign.objects.filter(revision__in=revision_ids).annotate(place=place)
    yield from rows.filter(place__lte=MOST_NAMED)


def _count_tests(revision_ids: Collection[int]) -> Iterator[tuple[int, int]]:
    """Tests are few: found by having no campaign, not among the millions of their version (the
    sum keeps the database from trying)."""
    tests = Message.objects.filter(campaign=None).annotate(version=F("revision_id") + 0)
    rows = tests.filter(version__in=revision_ids).order_by().values_list("version")
    yield from rows.annotate(count=Count("pk"))
