"""Pages of tables that may hold millions of rows."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from campaigns.models.audience import MANY


class BoundedPaginator(Paginator):
    """Never counts more than `most` rows; what lies beyond is found by searching and filtering."""

    most = MANY

    @cached_property
    def _seen(self) -> int:
        """How many rows there are, or `most` + 1: the database stops looking there."""
        rows = self.object_list
        if not hasattr(rows, "order_by"):
            return len(rows)
        return rows.order_by()[: self.most + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._seen, self.most)

    @property
    def has_more(self) -> bool:
        """Whether `count` is a lower bound: shown as "10,000+"."""
        return self._seen > self.most
