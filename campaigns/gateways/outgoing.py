"""What we hand to a gateway: the content all share, each person's own words, one message."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.formats import Choice, Format, Place


@dataclass(frozen=True, slots=True)
class OutgoingMedium:
    """One file of a slide: `kind` is image, audio, video, contact, calendar, pdf or excel."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class OutgoingSlide:
    """A slide; in the formats of `rules.formats` the text, the file, or a card."""

    text: str = ""
    media: tuple[OutgoingMedium, ...] = ()
    title: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What all recipients of one campaign share. Hashable: a gateway may cache its encoding."""

    slides: tuple[OutgoingSlide, ...] = ()
    subject: str = ""
    fallback_text: str = ""
    fallback: bool = True
    fallback_link: bool = True
    fallback_link_expires_at: datetime | None = None
    sender: str = ""
    sender_mask: str = ""
    expires_at: datetime | None = None
    cache_content: bool | None = None
    #: The provider's id of a saved template; the slides then stay at home.
    saved_id: str = ""
    #: The internal name of a template to save.
    name: str = ""
    format: str = Format.SLIDES
    #: Of a question, and those below a carousel.
    choices: tuple[Choice, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What one recipient reads in place of the shared words; None leaves those.

    `texts` holds (1-based number of the slide, its text), `titles` the same of cards."""

    subject: str | None = None
    fallback_text: str | None = None
    texts: tuple[tuple[int, str], ...] = ()
    titles: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)  # not frozen: a million are made, and frozen ones take thrice as long
class OutgoingMms:
    """One message to one recipient. Numbers are digits with country code.

    `batch_reference`: ours, of the request in which it goes with others, where the provider takes
    batches (`Limits.batch`); it comes back with reports.
    """

    to: str
    reference: str
    content: Content
    own: OwnWords | None = None
    #: The other members of a group: displayed, not delivered to.
    shown_to: tuple[str, ...] = ()
    batch_reference: str = ""
