"""What a message becomes on its way to a phone: words, a subject, files, and choices (§5, §6)."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from campaigns.sandbox.conversation.messages import CHOICES, kind_of

MAP = "https://www.google.com/maps/search/?api=1&query={},{}"


@dataclass(frozen=True)
class Carried:
    """A message as a phone gets it. `files` are addresses; `choices` are those of the message, in
    the words of the API, for who taps instead of writing."""

    text: str = ""
    subject: str = ""
    files: tuple[str, ...] = ()
    choices: tuple[dict, ...] = ()


def transcode(message: dict, channel: str) -> Carried:
    """Takes the override for the channel where there is one."""
    raw = message.get("explicit_channel_message", {}).get(channel)
    if isinstance(raw, str) and raw:
        return Carried(raw)
    message = message.get("explicit_channel_omni_message", {}).get(channel) or message
    kind = kind_of(message)
    return KINDS[kind](message[kind], channel == "MMS")


def preview(message: dict, channel: str) -> str:
    """What `messages:transcode` answers (§6, assumed): the words, with a note of what is no
    word."""
    carried = transcode(message, channel)
    notes = [f"Subject: {carried.subject}"] if carried.subject else []
    return _lines(*notes, *(f"[{url}]" for url in carried.files), carried.text)


def map_link(place: dict) -> str:
    """Coordinates pass through single precision on their way."""
    spot = place["coordinates"]
    return MAP.format(_single(spot["latitude"]), _single(spot["longitude"]))


def label_of(choice: dict) -> str:
    """What a person reads on the choice."""
    kind = next(kind for kind in CHOICES if choice.get(kind))
    return choice[kind].get("text") or choice[kind].get("title", "")


def button_of(choice: dict) -> dict:
    """What a phone offers to tap; only an answer goes back to who asked."""
    href = next((HREFS[kind](choice[kind]) for kind in HREFS if choice.get(kind)), "")
    return {"label": label_of(choice), "href": href}


def _text(message: dict, is_mms: bool) -> Carried:
    return Carried(message["text"])


def _media(message: dict, is_mms: bool) -> Carried:
    return Carried(files=(message["url"],)) if is_mms else Carried(message["url"])


def _card(message: dict, is_mms: bool) -> Carried:
    choices = tuple(message.get("choices") or ())
    url = (message.get("media_message") or {}).get("url", "")
    title, words = message.get("title", ""), message.get("description", "")
    if is_mms:
        text = _lines(words, *map(_line, choices))
        return Carried(text, subject=title, files=(url,) if url else (), choices=choices)
    return Carried(_lines(title, words, url, *map(_line, choices)), choices=choices)


def _choices(message: dict, is_mms: bool) -> Carried:
    question = (message.get("text_message") or {}).get("text", "")
    choices = _lines(*map(_line, message["choices"]))
    between = "\n" if is_mms else "\n\n"
    text = between.join(filter(None, [question, choices]))
    return Carried(text, choices=tuple(message["choices"]))


def _carousel(message: dict, is_mms: bool) -> Carried:
    """Only SMS numbers the cards and leaves a line between them; media is a link on both."""
    cards = [_card(card, is_mms=False) for card in message["cards"]]
    outer = tuple(message.get("choices") or ())
    choices = (*(choice for card in cards for choice in card.choices), *outer)
    texts = [card.text for card in cards]
    if not is_mms:
        texts = [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    below = _lines(*map(_line, outer))
    text = ("\n" if is_mms else "\n\n").join(filter(None, [*texts, below]))
    return Carried(text, choices=choices)


def _location(message: dict, is_mms: bool) -> Carried:
    return Carried(f"{message['title']}: {map_link(message)}")


def _list(message: dict, is_mms: bool) -> Carried:
    lines = [message["title"], message.get("description", "")]
    for section in message["sections"]:
        items = (item.get("choice") or item.get("product") or {} for item in section["items"])
        names = (item.get("title") or item.get("id", "") for item in items)
        lines += [section.get("title", ""), *(f"> {name.upper()}" for name in names if name)]
    return Carried(_lines(*lines))


def _template(message: dict, is_mms: bool) -> Carried:
    return Carried()  # it is never found: the sandbox keeps no templates of this API


def _contact_info(message: dict, is_mms: bool) -> Carried:
    numbers = (number.get("phone_number", "") for number in message.get("phone_numbers") or ())
    return Carried(_lines(message["name"]["full_name"], *numbers))


#: Carries a message of its type; says whether it goes as an MMS.
KINDS: dict[str, Callable[[dict, bool], Carried]] = {
    "text_message": _text,
    "media_message": _media,
    "card_message": _card,
    "choice_message": _choices,
    "carousel_message": _carousel,
    "location_message": _location,
    "list_message": _list,
    "template_message": _template,
    "contact_info_message": _contact_info,
}
#: Kind of choice → what stands behind its title.
BEHIND: dict[str, Callable[[dict], str]] = {
    "url_message": lambda choice: choice["url"],
    "call_message": lambda choice: choice["phone_number"],
    "location_message": map_link,
    "calendar_message": lambda choice: choice["fallback_url"],
    "share_location_message": lambda choice: choice["fallback_url"],
}
#: The same as addresses that a phone opens.
HREFS = {**BEHIND, "call_message": lambda choice: f"tel:{choice['phone_number']}"}


def _line(choice: dict) -> str:
    """One choice as a line: an answer in capitals, anything else with what it leads to."""
    for kind, behind in BEHIND.items():
        if choice.get(kind):
            return f"> {choice[kind]['title']}: {behind(choice[kind])}"
    return f"> {choice['text_message']['text'].upper()}"


def _lines(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def _single(number: float) -> str:
    """The number after a trip through 32 bits, with the digits that such a number has."""
    return f"{struct.unpack('f', struct.pack('f', number))[0]:.8g}"
