"""Where the pages of contacts are, and what their form holds."""

from django.urls import reverse

LIST = "admin:campaigns_contact_changelist"
ADD = "admin:campaigns_contact_add"


def page_of(contact):
    return reverse("admin:campaigns_contact_change", args=[contact.pk])


def form_of(contact, **fields):
    names = ("phone", "first_name", "last_name", "email", "state", "postal_code", "time_zone")
    kept = {name: getattr(contact, name) for name in names}
    return {**kept, "lists": [each.pk for each in contact.lists.all()], **fields}
