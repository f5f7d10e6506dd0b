"""What a message may be made of: the types of §4 with their limits, each breach named by field."""

from collections.abc import Callable
from typing import Any

from campaigns.sandbox.conversation.errors import invalid

MOST_CHOICES, MOST_CARDS, MOST_OUTER_CHOICES = 10, 10, 3
HEIGHTS = {"UNSPECIFIED_HEIGHT", "SHORT", "MEDIUM", "TALL"}
#: May stand beside the one type of a message.
SIBLINGS = {
    "explicit_channel_message",
    "explicit_channel_omni_message",
    "channel_specific_message",
    "agent",
}

Check = Callable[[Any, str], None]


def check_message(message: Any, field: str = "message") -> None:
    """Exactly one type, whole, and so each of the overrides by channel."""
    check_object(message, field)
    check_one_type(message, field, known=KINDS.keys() | SIBLINGS)
    overrides = message.get("explicit_channel_omni_message", {})
    check_object(overrides, f"{field}.explicit_channel_omni_message")
    for channel, override in overrides.items():
        where = f"{field}.explicit_channel_omni_message[{channel}]"
        check_object(override, where)
        check_one_type(override, where, known=KINDS.keys())


def check_one_type(message: dict, field: str, known: set[str]) -> None:
    if unknown := sorted(message.keys() - known):
        raise invalid(f"{field}.{unknown[0]}", "is not known")
    kinds = [kind for kind in KINDS if message.get(kind) is not None]
    if len(kinds) != 1:
        raise invalid(field, f"must hold exactly one type of message, not {len(kinds)}")
    KINDS[kinds[0]](message[kinds[0]], f"{field}.{kinds[0]}")


def kind_of(message: dict) -> str:
    return next(kind for kind in KINDS if message.get(kind) is not None)


def check_object(value: Any, field: str) -> None:
    if not isinstance(value, dict):
        raise invalid(field, "must be an object")


def check_text(value: Any, field: str, *, is_needed: bool = True) -> None:
    if value is None and not is_needed:
        return
    if not isinstance(value, str) or (is_needed and not value):
        raise invalid(field, "must be a text that is not empty" if is_needed else "must be a text")


def check_url(value: Any, field: str, *, is_needed: bool = True) -> None:
    check_text(value, field, is_needed=is_needed)
    if value and not value.lower().startswith(("http://", "https://")):
        raise invalid(field, "must be an http:// or https:// address")


def _check_list(value: Any, field: str, most: int, check: Check, *, is_needed: bool) -> None:
    if not isinstance(value, list) or (is_needed and not value):
        raise invalid(field, "must be a list that is not empty" if is_needed else "must be a list")
    if len(value) > most:
        raise invalid(field, f"holds more than {most}")
    for number, part in enumerate(value):
        where = f"{field}[{number}]"
        check_object(part, where)
        check(part, where)


def _text(value: Any, field: str) -> None:
    check_object(value, field)
    check_text(value.get("text"), f"{field}.text")


def _media(value: Any, field: str) -> None:
    check_object(value, field)
    check_url(value.get("url"), f"{field}.url")
    check_url(value.get("thumbnail_url"), f"{field}.thumbnail_url", is_needed=False)
    check_text(value.get("filename_override"), f"{field}.filename_override", is_needed=False)


def _card(value: Any, field: str) -> None:
    check_object(value, field)
    check_text(value.get("title"), f"{field}.title", is_needed=False)
    check_text(value.get("description"), f"{field}.description", is_needed=False)
    if value.get("media_message") is not None:
        _media(value["media_message"], f"{field}.media_message")
    if not any(value.get(part) for part in ("title", "description", "media_message")):
        raise invalid(field, "needs a title, a description or media")
    if value.get("height") not in {None, *HEIGHTS}:
        raise invalid(f"{field}.height", "is not known")
    _check_list(
        value.get("choices") or [], f"{field}.choices", MOST_CHOICES, _choice, is_needed=False
    )


def _choices(value: Any, field: str) -> None:
    check_object(value, field)
    if value.get("text_message") is not None:
        _text(value["text_message"], f"{field}.text_message")
    _check_list(value.get("choices"), f"{field}.choices", MOST_CHOICES, _choice, is_needed=True)


def _carousel(value: Any, field: str) -> None:
    check_object(value, field)
    _check_list(value.get("cards"), f"{field}.cards", MOST_CARDS, _card, is_needed=True)
    _check_list(
        value.get("choices") or [], f"{field}.choices", MOST_OUTER_CHOICES, _choice, is_needed=False
    )


def _location(value: Any, field: str) -> None:
    check_object(value, field)
    check_text(value.get("title"), f"{field}.title")
    check_text(value.get("label"), f"{field}.label", is_needed=False)
    coordinates = value.get("coordinates")
    check_object(coordinates, f"{field}.coordinates")
    for name, most in (("latitude", 90), ("longitude", 180)):
        number = coordinates.get(name)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or abs(number) > most:
            raise invalid(f"{field}.coordinates.{name}", f"must lie between -{most} and {most}")


def _list(value: Any, field: str) -> None:
    check_object(value, field)
    check_text(value.get("title"), f"{field}.title")
    _check_list(value.get("sections"), f"{field}.sections", 10, _section, is_needed=True)


def _section(value: Any, field: str) -> None:
    _check_list(value.get("items"), f"{field}.items", 10, lambda *part: None, is_needed=True)


def _template(value: Any, field: str) -> None:
    check_object(value, field)
    omni = value.get("omni_template")
    if omni is None and not value.get("channel_template"):
        raise invalid(field, "needs an omni_template or a channel_template")
    if omni is not None:
        check_text(omni.get("template_id"), f"{field}.omni_template.template_id")
        check_text(omni.get("version"), f"{field}.omni_template.version")


def _contact_info(value: Any, field: str) -> None:
    check_object(value, field)
    check_object(value.get("name"), f"{field}.name")
    check_text(value["name"].get("full_name"), f"{field}.name.full_name")


def _choice(value: Any, field: str) -> None:
    kinds = [kind for kind in CHOICES if value.get(kind) is not None]
    if len(kinds) != 1:
        raise invalid(field, f"must be exactly one kind of choice, not {len(kinds)}")
    CHOICES[kinds[0]](value[kinds[0]], f"{field}.{kinds[0]}")
    check_text(value.get("postback_data"), f"{field}.postback_data", is_needed=False)


def _titled(*parts: str) -> Check:
    def check(value: Any, field: str) -> None:
        check_object(value, field)
        for part in ("title", *parts):
            check_text(value.get(part), f"{field}.{part}")

    return check


CHOICES: dict[str, Check] = {
    "text_message": _text,
    "url_message": _titled("url"),
    "call_message": _titled("phone_number"),
    "location_message": _location,
    "calendar_message": _titled("event_title", "event_start", "event_end", "fallback_url"),
    "share_location_message": _titled("fallback_url"),
}
KINDS: dict[str, Check] = {
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
