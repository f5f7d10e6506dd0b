"""Doorbell of the fields of contacts."""

from campaigns.services import customfields_values


def move_values(field_id: int) -> None:
    """Move the next values to the field's new name or type."""
    customfields_values.move_values(field_id)
