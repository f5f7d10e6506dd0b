"""The editor of a segment: a sentence written from rows, and counted while one writes."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from campaigns.forms.segments import Offered, read_group, show_group
from campaigns.models import Segment
from campaigns.rules.numbers import is_number
from campaigns.rules.segments import Known
from campaigns.rules.segments_editing import Group, definition_of, edit, group_of, start
from campaigns.services import segments as services
from campaigns.services.segments_keeping import name_of_copy

SAMPLES = 5
#: What a link from a campaign may begin with.
STARTS = ("got", "delivered", "failed", "replied", "not_replied", "not_got")


class Editing:
    """One look at the editor: what was posted or stored, after the step that was asked for."""

    def __init__(self, request: HttpRequest, segment: Segment) -> None:
        self.request, self.segment = request, segment
        self.refused: tuple[str, ...] = ()
        step, _, self.focus = request.POST.get("do", "").partition(" ")
        self.step = step
        self.group = self._read()
        if step not in ("", "save", "count"):
            self.focus = edit(self.group, step, self.focus)
        self.definition = definition_of(self.group)
        self.known = services.read_known(self.definition)

    def _read(self) -> Group:
        fields = Known(fields=services.read_fields())
        if self.request.method == "POST" and "node" in self.request.POST:
            return read_group(self.request.POST, fields, self._offered(Known()))
        if self.segment.pk:
            return group_of(self.segment.definition)
        return self._begin()

    def _begin(self) -> Group:
        """A new one: a copy of another, or the people of a campaign."""
        asked = {name: self.request.GET.get(name, "") for name in ("copy", "campaign", "how")}
        numbers = {name: int(text) for name, text in asked.items() if is_number(text)}
        if copied := Segment.objects.filter(pk=numbers.get("copy")).first():
            self.segment.name = name_of_copy(copied.name)
            return group_of(copied.definition)
        if "campaign" in numbers and asked["how"] in STARTS:
            return Group(
                parts=[{"about": "campaign", "how": asked["how"], "value": numbers["campaign"]}]
            )
        return start()

    def _offered(self, known: Known) -> Offered:
        return Offered(*services.read_offered(known, itself=self.segment.pk))

    @property
    def name(self) -> str:
        return self.request.POST.get("name", self.segment.name)

    def context(self) -> dict[str, Any]:
        offered = self._offered(self.known)
        return {
            "segment": self.segment,
            "name": self.name,
            "group": show_group(self.group, self.known, offered),
            "suggestions": offered.suggestions,
            "sentence": services.say(self.definition, self.known),
            "refused": self.refused,
            "focus": self.focus,
            "step": self.step,
        }

    def counted(self) -> dict[str, Any]:
        """How many people, and some of them for who may see people."""
        problems = services.find_segment_problems(self.definition, itself=self.segment.pk)
        if problems:
            return {"problems": problems}
        now = timezone.now()
        may_see = self.request.user.has_perm("campaigns.view_contact")
        return {
            "people_count": services.count_people(self.definition, now),
            "samples": services.sample_people(self.definition, now, SAMPLES) if may_see else None,
        }
