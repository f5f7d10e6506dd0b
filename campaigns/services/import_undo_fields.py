"""The extra fields that an undone import leaves behind: those that nobody uses may go, too."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from campaigns.models import Contact, ContactImport, CustomField
from campaigns.models.typed import AttributeWords
from campaigns.services.customfields import delete_field, find_uses

Status = ContactImport.Status


def find_unused_fields(contact_import: ContactImport) -> list[CustomField]:
    """Fields of its columns that an undone import made, this one or one before it, and no
    contact, segment, MMS or other import has to do with."""
    undone = ContactImport.objects.filter(status=Status.UNDONE).order_by()
    made = CustomField.objects.filter(made_by_import__in=undone.values("pk"))
    columns = {name.casefold() for name in contact_import.columns}
    fields = [field for field in made if field.name.casefold() in columns]
    if contact_import.status != Status.UNDONE or not fields:
        return []
    filled, awaited = _find_filled([field.name for field in fields]), _find_awaited()
    rest = [field for field in fields if field.name not in filled | awaited]
    return [field for field in rest if not find_uses(field.name)]


def delete_unused_fields(contact_import: ContactImport, *, by: AbstractBaseUser) -> list[str]:
    """Delete those that are unused at this moment; their names."""
    with transaction.atomic():
        fields = find_unused_fields(contact_import)
        for field in fields:
            delete_field(field, by=by)
    return [field.name for field in fields]


def _find_filled(names: list[str]) -> set[str]:
    """Names under which a contact has a value. One walk for all of them is mostly enough."""
    if not _is_any_filled(names):
        return set()
    return {name for name in names if _is_any_filled([name])}


def _is_any_filled(names: list[str]) -> bool:
    words = {f"words_{number}": AttributeWords(name) for number, name in enumerate(names)}
    some = Contact.objects.order_by().exclude(attributes={}).alias(**words)
    return some.exclude(**dict.fromkeys(words, "")).exists()


def _find_awaited() -> set[str]:
    """Columns of imports that are under way: their values are yet to come."""
    columns = ContactImport.objects.filter(status=Status.RUNNING).values_list("columns", flat=True)
    return {name for names in columns for name in names}
