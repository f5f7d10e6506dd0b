"""Contacts of a project: who a number is, in the words of the API (§2)."""

from typing import Any

from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import invalid, not_found
from campaigns.sandbox.conversation.messages import check_object, check_text
from campaigns.sandbox.conversation.models import ConversationContact, ConversationProject
from campaigns.sandbox.conversation.orders import check_channel
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.writing import writing

DETAILS = ("display_name", "email", "external_id", "language", "metadata")


def find_or_make(project: ConversationProject, phone: str) -> ConversationContact:
    """The contact with this number, which gets one when it first writes or is written to."""
    contact = project.contacts.filter(phone=phone).first()
    if contact is None:
        identities = [{"channel": name, "identity": phone, "app_id": ""} for name in ("MMS", "SMS")]
        contact = _make(project, identities, {"display_name": "Unknown"})
        with writing():
            contact.save()
    return contact


def list_contacts(asked: Asked) -> dict:
    offset, size = asked.page(default=10, most=20)
    contacts = asked.project.contacts.order_by("pk")
    if identity := asked.request.GET.get("identity", "").lstrip("+"):
        contacts = contacts.filter(phone=identity)
    rows = list(contacts[offset : offset + size + 1])
    token = str(offset + size) if len(rows) > size else ""
    return {"contacts": [describe(row) for row in rows[:size]], "next_page_token": token}


def create_contact(asked: Asked) -> dict:
    entries = asked.body.get("channel_identities")
    if not isinstance(entries, list) or not entries:
        raise invalid("channel_identities", "must be a list that is not empty")
    for number, entry in enumerate(entries):
        check_object(entry, f"channel_identities[{number}]")
        check_channel(entry.get("channel"), f"channel_identities[{number}].channel")
        check_text(entry.get("identity"), f"channel_identities[{number}].identity")
    contact = _make(asked.project, entries, asked.body)
    with writing():
        contact.save()
    return describe(contact)


def get_contact(asked: Asked) -> dict:
    return describe(_find(asked))


def change_contact(asked: Asked) -> dict:
    contact = _find(asked)
    changed = {name: asked.body[name] for name in DETAILS if name in asked.body}
    contact.details = contact.details | changed
    with writing():
        contact.save(update_fields=["details"])
    return describe(contact)


def delete_contact(asked: Asked) -> dict:
    with writing():
        _find(asked).delete()
    return {}


def describe(contact: ConversationContact) -> dict:
    channels = [entry["channel"] for entry in contact.identities]
    return {
        "id": contact.contact_id,
        "channel_identities": contact.identities,
        "channel_priority": channels,
        "language": "UNSPECIFIED",
        **{name: "" for name in DETAILS if name != "language"},
        **contact.details,
    }


def _find(asked: Asked) -> ConversationContact:
    contact = asked.project.contacts.filter(contact_id=asked.names["contact_id"]).first()
    if contact is None:
        raise not_found(f"Contact {asked.names['contact_id']}")
    return contact


def _make(
    project: ConversationProject, identities: list[dict], body: dict[str, Any]
) -> ConversationContact:
    return ConversationContact(
        project=project,
        contact_id=new_ulid(),
        conversation_id=new_ulid(),
        identities=identities,
        phone=identities[0]["identity"].lstrip("+"),
        details={name: body[name] for name in DETAILS if body.get(name)},
    )
