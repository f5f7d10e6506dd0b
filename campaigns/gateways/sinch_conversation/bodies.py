"""What a request to send says (reference/sinch-conversation-api.md §3–5)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from campaigns.gateways.errors import Refused
from campaigns.gateways.outgoing import Content, OutgoingSlide, OwnWords
from campaigns.rules.formats import Choice, ChoiceKind, Format, Place

#: Made once: `json.dumps` makes its encoder anew for each call.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

MMS, SMS = "MMS", "SMS"
#: A text that was meant as SMS says so in its metadata, or nobody could tell its delivery from
#: that of a fallback.
MEANT_AS_SMS = " SMS"
#: A number of so many digits is no short code.
_LONG = 7
_EMPTY = ("", [], {}, None)


def plus(number: str) -> str:
    """As Sinch writes it: a long number with `+`, a short code or a name as it is."""
    return f"+{number}" if number.isdigit() and len(number) >= _LONG else number


def channels_of(content: Content) -> tuple[str, ...]:
    """The channels to try, in this order."""
    if content.format == Format.TEXT:
        return (SMS,)
    return (MMS, SMS) if _has_fallback(content) else (MMS,)


def _has_fallback(content: Content) -> bool:
    return content.fallback and bool(content.fallback_text.strip())


def recipient_of(to: str, channels: Sequence[str]) -> dict[str, Any]:
    """A person by number."""
    identities = [{"channel": channel, "identity": plus(to)} for channel in channels]
    return {"identified_by": {"channel_identities": identities}}


def recipient_of_contact(contact_id: str) -> dict[str, Any]:
    """A person by Sinch's own id; only apps in conversation mode take it (§3)."""
    return {"contact_id": contact_id}


def shared_fields(
    content: Content,
    *,
    app_id: str,
    sms_sender: str = "",
    max_sms_parts: str = "",
    is_strict: bool = False,
    callback_url: str = "",
    own: OwnWords | None = None,
) -> dict[str, Any]:
    """What every copy of a message says, in one recipient's own words if any."""
    if own:
        content = _in_own_words(content, own)
    channels = channels_of(content)
    properties = {"MMS_SENDER": plus(content.sender)} if MMS in channels else {}
    if MMS in channels and is_strict:
        properties["MMS_STRICT_VALIDATION"] = "true"
    if SMS in channels:
        properties["SMS_SENDER"] = plus(sms_sender or content.sender)
        properties["SMS_MAX_NUMBER_OF_MESSAGE_PARTS"] = max_sms_parts
    return _filled(
        {
            "app_id": app_id,
            "message": message_of(content),
            "channel_priority_order": list(channels),
            "channel_properties": _filled(properties),
            "callback_url": callback_url,
        }
    )


def message_of(content: Content) -> dict[str, Any]:
    """The message in its format; raises `Refused` where the parts do not make one."""
    if content.format not in _MESSAGES:
        raise Refused("This channel does not carry this format.", about_content=True)
    message = _MESSAGES[content.format](content)
    if content.format != Format.TEXT and _has_fallback(content):
        text = {"text_message": {"text": content.fallback_text}}
        message["explicit_channel_omni_message"] = {SMS: text}
    return message


def _in_own_words(content: Content, own: OwnWords) -> Content:
    texts, titles = dict(own.texts), dict(own.titles)
    slides = tuple(
        replace(slide, text=texts.get(n, slide.text), title=titles.get(n, slide.title))
        for n, slide in enumerate(content.slides, 1)
    )
    subject = content.subject if own.subject is None else own.subject
    fallback = content.fallback_text if own.fallback_text is None else own.fallback_text
    return replace(content, slides=slides, subject=subject, fallback_text=fallback)


# --- Formats -----------------------------------------------------------------------------------


def _text(content: Content) -> dict[str, Any]:
    return {"text_message": {"text": _only_slide(content).text}}


def _slide(content: Content) -> dict[str, Any]:
    """The lightest message that carries everything: the subject of an MMS is a card's title."""
    slide = _only_slide(content)
    title = slide.title or content.subject
    if title or slide.choices or (slide.text and slide.media):
        return {"card_message": _card(replace(slide, title=title))}
    if slide.media:
        return {"media_message": _media(slide)}
    return _text(content)


def _question(content: Content) -> dict[str, Any]:
    return {"choice_message": {**_text(content), "choices": _choices(content.choices)}}


def _carousel(content: Content) -> dict[str, Any]:
    cards = {"cards": [_card(slide) for slide in content.slides]}
    return {"carousel_message": _filled({**cards, "choices": _choices(content.choices)})}


def _location(content: Content) -> dict[str, Any]:
    if content.place is None:
        raise Refused("The message has no place: choose one.", about_content=True)
    return {"location_message": _place(content.place)}


_MESSAGES: dict[str, Callable[[Content], dict[str, Any]]] = {
    Format.SLIDES: _slide,
    Format.TEXT: _text,
    Format.MEDIA: _slide,
    Format.CARD: _slide,
    Format.CHOICE: _question,
    Format.CAROUSEL: _carousel,
    Format.LOCATION: _location,
}


# --- Parts -------------------------------------------------------------------------------------


def _only_slide(content: Content) -> OutgoingSlide:
    if len(content.slides) != 1:
        raise Refused(
            f"The message has {len(content.slides)} slides and this channel carries one: "
            "put it all on one.",
            about_content=True,
        )
    return content.slides[0]


def _card(slide: OutgoingSlide) -> dict[str, Any]:
    return _filled(
        {
            "title": slide.title,
            "description": slide.text,
            "media_message": _media(slide),
            "choices": _choices(slide.choices),
        }
    )


def _media(slide: OutgoingSlide) -> dict[str, Any]:
    if len(slide.media) > 1:
        raise Refused(
            "A slide holds several files and this channel carries one: take the others off.",
            about_content=True,
        )
    return {"url": slide.media[0].url} if slide.media else {}


def _choices(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    return [
        _CHOICES[choice.kind](choice) | _filled({"postback_data": choice.postback})
        for choice in choices
    ]


def _place_choice(choice: Choice) -> dict[str, Any]:
    latitude, _, longitude = choice.target.partition(",")
    try:
        place = Place(choice.title, float(latitude), float(longitude))
    except ValueError:
        problem = f"The place of the choice “{choice.title}” cannot be read: correct it."
        raise Refused(problem, about_content=True) from None
    return {"location_message": _place(place)}


_CHOICES: dict[str, Callable[[Choice], dict[str, Any]]] = {
    ChoiceKind.TEXT: lambda choice: {"text_message": {"text": choice.title}},
    ChoiceKind.URL: lambda choice: {"url_message": {"title": choice.title, "url": choice.target}},
    ChoiceKind.CALL: lambda choice: {
        "call_message": {"title": choice.title, "phone_number": plus(choice.target)}
    },
    ChoiceKind.LOCATION: _place_choice,
}


def _place(place: Place) -> dict[str, Any]:
    coordinates = {"latitude": place.latitude, "longitude": place.longitude}
    return _filled({"title": place.title, "label": place.label, "coordinates": coordinates})


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in _EMPTY}
