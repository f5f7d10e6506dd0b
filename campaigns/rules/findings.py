"""What was found about an MMS: one thing that is wrong or may disappoint, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what it is, `remedy` what to do. `slide` counts from 1. `field` is the field of
    the composer where it is mended: of that slide ("text"), or of the page ("subject")."""

    text: str
    remedy: str = ""
    slide: int | None = None
    field: str = ""

    @property
    def place(self) -> str:
        """The id of what it is about on the composer's page; "" for the MMS as a whole."""
        slide = f"slide-{self.slide}" if self.slide else ""
        return "-".join(filter(None, (slide, self.field)))

    def __str__(self) -> str:
        """The whole sentence, for where there is nothing to point at."""
        where = f"Slide {self.slide}: " if self.slide else ""
        return f"{where}{self.text} {self.remedy}".rstrip()
