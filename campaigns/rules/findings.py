"""What was found about an MMS: one thing that is wrong or may disappoint, and what to do."""

from dataclasses import dataclass

_PLACES = {
    "subject": "Subject",
    "fallback_text": "Fallback SMS",
    "channel": "Channel",
    "format": "Format",
    "sender": "Number",
    "choices": "Choices",
    "place": "Place",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what it is, `remedy` what to do. `slide` counts from 1. `field` is the field of
    the composer where it is mended: of that slide ("text"), or of the page ("subject"). `noun` is
    what a slide is called in this format; `is_alone`: there is one only, which has no number."""

    text: str
    remedy: str = ""
    slide: int | None = None
    field: str = ""
    noun: str = "Slide"
    is_alone: bool = False

    @property
    def place(self) -> str:
        """The id of what it is about on the composer's page; "" for the MMS as a whole."""
        slide = f"slide-{self.slide}" if self.slide else ""
        return "-".join(filter(None, (slide, self.field)))

    @property
    def where(self) -> str:
        """What it is about, for people; "" for the MMS as a whole."""
        kind, _, rest = self.field.partition("-")
        if kind == "choice":
            number = rest.partition("-")[0]
            return f"{self._slide}, choice {number}" if self._slide else f"Choice {number}"
        if kind == "slide":
            return self.noun if self.is_alone else f"Last {self.noun.lower()}"
        return self._slide or _PLACES.get(self.field) or _PLACES.get(kind, "")

    @property
    def _slide(self) -> str:
        if not self.slide:
            return ""
        return self.noun if self.is_alone else f"{self.noun} {self.slide}"

    def __str__(self) -> str:
        """The whole sentence, for where there is nothing to point at."""
        is_told = self._slide or self.field.startswith("choice")
        text = f"{self.where}: {self.text}" if is_told else self.text[:1].upper() + self.text[1:]
        return f"{text} {self.remedy}".rstrip()
