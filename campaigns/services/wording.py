"""What goes over the wire: the content all share, and each person's own words where a merge field
stands."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.gateways.outgoing import (
    Content,
    OutgoingMedium,
    OutgoingMms,
    OutgoingSlide,
    OwnWords,
)
from campaigns.models import Channel, Message, MmsRevision
from campaigns.rules.choices import settle
from campaigns.rules.mergefields import (
    as_text,
    fill_in,
    fill_in_for_nobody,
    find_fields,
    label_of,
    names_of,
)
from campaigns.rules.problems import RuleBroken
from campaigns.services.drafts import DraftSlide, MmsDraft, as_sms, draft_of
from campaigns.services.media import public_url
from campaigns.services.personal import fields_of, personalise, values_for_phone


def outgoing_content(
    revision: MmsRevision,
    *,
    sender: str,
    channel: Channel,
    expires_at: datetime | None = None,
    saved_id: str = "",
) -> Content:
    """What all recipients of this version get; with a `saved_id` the slides stay at home.
    Merge fields read as their fallbacks: a person's own words replace them.

    What a media URL of ours serves never changes, so the provider may keep it.
    """
    return _content_of(
        draft_of(revision), sender=sender, channel=channel, expires_at=expires_at, saved_id=saved_id
    )


def _content_of(
    draft: MmsDraft,
    *,
    sender: str,
    channel: Channel,
    expires_at: datetime | None,
    saved_id: str,
) -> Content:
    return Content(
        slides=() if saved_id else tuple(_outgoing(slide) for slide in draft.slides),
        subject=fill_in_for_nobody(draft.subject),
        fallback=draft.has_fallback,
        fallback_text=fill_in_for_nobody(draft.fallback_text) if draft.has_fallback else "",
        fallback_link=draft.fallback_link,
        sender=sender,
        sender_mask=channel.settings.get("sender_mask", ""),
        expires_at=expires_at,
        cache_content=True,
        saved_id=saved_id,
        name=draft.name,
        format=draft.format,
        choices=tuple(map(settle, draft.choices)),
        place=draft.place.place,
    )


def _outgoing(slide: DraftSlide) -> OutgoingSlide:
    media = tuple(OutgoingMedium(medium.kind, public_url(medium)) for medium in slide.media)
    return OutgoingSlide(
        fill_in_for_nobody(slide.text),
        media,
        fill_in_for_nobody(slide.title),
        tuple(map(settle, slide.choices)),
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """A version ready to go out to many. What holds no merge field is only in `content`."""

    content: Content
    subject: str | None = None
    fallback_text: str | None = None
    texts: tuple[tuple[int, str], ...] = ()
    titles: tuple[tuple[int, str], ...] = ()

    def to(
        self,
        phone: str,
        reference: str,
        *,
        merge_values: str = "",
        shown_to: str = "",
        batch_reference: str = "",
    ) -> OutgoingMms:
        """The message to one person; raises `MissingValue`. `merge_values` and `shown_to` are as
        the outbox keeps them; `batch_reference` is of the request it goes in with others."""
        return OutgoingMms(
            to=phone,
            reference=reference,
            content=self.content,
            own=self._own_words(merge_values),
            shown_to=tuple(shown_to.split(",")) if shown_to else (),
            batch_reference=batch_reference,
        )

    def _own_words(self, merge_values: str) -> OwnWords | None:
        own = (self.subject, self.fallback_text, self.texts or None, self.titles or None)
        if own == (None,) * len(own):
            return None
        values = read_values(merge_values)
        return OwnWords(
            subject=None if self.subject is None else fill_in(self.subject, values),
            fallback_text=(
                None if self.fallback_text is None else fill_in(self.fallback_text, values)
            ),
            texts=tuple((number, fill_in(text, values)) for number, text in self.texts),
            titles=tuple((number, fill_in(text, values)) for number, text in self.titles),
        )


def letter_of(
    revision: MmsRevision,
    *,
    sender: str,
    channel: Channel,
    expires_at: datetime | None = None,
    saved_id: str = "",
    is_sms: bool = False,
) -> Letter:
    """This version as it goes out from one number; or the SMS instead of it, alone."""
    draft = as_sms(draft_of(revision)) if is_sms else draft_of(revision)
    content = _content_of(
        draft, sender=sender, channel=channel, expires_at=expires_at, saved_id=saved_id
    )
    return Letter(
        content,
        subject=_if_personal(draft.subject),
        fallback_text=_if_personal(draft.fallback_text) if draft.has_fallback else None,
        texts=_personal_ones(slide.text for slide in draft.slides),
        titles=_personal_ones(slide.title for slide in draft.slides),
    )


def _personal_ones(texts: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """Those with merge fields, each with its number."""
    return tuple((number, text) for number, text in enumerate(texts, 1) if find_fields(text))


def _if_personal(text: str) -> str | None:
    return text if find_fields(text) else None


def names_in(revision: MmsRevision) -> tuple[str, ...]:
    """The names of the merge fields of this version, each once."""
    return names_of(fields_of(draft_of(revision)))


def freeze_values(phone: str, revision: MmsRevision) -> str:
    """What is known of the contact with this number, as the outbox keeps it; raises `RuleBroken`
    where the message would have a gap."""
    fields = fields_of(draft_of(revision))
    values = values_for_phone(phone, names_of(fields))
    for field in fields:
        if field.fallback is None and not values[field.name]:
            raise RuleBroken(
                f"Nothing is known for “{label_of(field.name)}” of this number: give the field a "
                "fallback, or test with the number of a contact who has one."
            )
    return json.dumps(values) if values else ""


def draft_as_read(message: Message) -> MmsDraft:
    """What this message says to the person it goes to."""
    draft = draft_of(message.revision)
    draft = as_sms(draft) if message.is_detoured else draft
    return personalise(draft, read_values(message.merge_values))


def read_values(merge_values: str) -> Mapping[str, str]:
    """What the outbox keeps of a person, as texts."""
    known = json.loads(merge_values) if merge_values else {}
    return {name: as_text(value) for name, value in known.items()}
