"""What a provider needs for a channel and can carry, and what its gateway is given of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from campaigns.rules.formats import Format


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a channel needs from a person. `secret` fields are stored encrypted."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    help: str = ""
    #: After a change the one before is accepted for a while, too: the gateway gets both, new one
    #: first, parted by a space.
    overlaps: bool = False
    #: (value, words) of each answer, where there are only these.
    choices: tuple[tuple[str, str], ...] = ()
    #: It names the account, alone or with others: what has all of them equal is the same one.
    is_account: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider can carry. Sizes in bytes by `rules.media.MediaKind`, "gif" apart.

    `batch`: recipients of one request. `formats`: what people may write for it. `media`: files on
    one slide. `has_sms`: plain-text replies come by the same interface, and texts can go out as
    SMS. `saves`: it keeps templates. `choices`: cards may have some.
    """

    slides: int
    text: int
    subject: int
    sizes: Mapping[str, int]
    sizes_transcoded: Mapping[str, int]
    total: int
    #: MIME types it takes as they are.
    types: frozenset[str]
    batch: int = 1
    formats: frozenset[str] = frozenset({Format.SLIDES})
    media: int = 10
    has_sms: bool = False
    saves: bool = False
    choices: bool = False


class TokenStore(Protocol):
    """Where a gateway keeps the token it was given; threads and processes share it."""

    def read(self) -> str:
        """A token that is good for a minute at least, or ""."""

    def renew(self, refused: str, fetch: Callable[[], tuple[str, float]]) -> str:
        """The token after `refused` ("" for the first): `fetch` gives (token, seconds it lasts)
        and is called by one at a time; who waited gets what was fetched meanwhile."""


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What a gateway knows of a channel: plain values, secrets included, never stored."""

    base_url: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connections: int = 5
    tokens: TokenStore | None = field(default=None, repr=False)
