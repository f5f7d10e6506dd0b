"""Many rows, some at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import ContactList
from campaigns.services.chunks import delete_in_chunks, delete_older, in_chunks


@pytest.mark.parametrize(
    ("things", "chunks"), [("", []), ("ab", [["a", "b"]]), ("abc", [["a", "b"], ["c"]])]
)
def test_things_come_in_chunks_and_none_is_left_out(things, chunks):
    assert list(in_chunks(things, 2)) == chunks


def test_only_the_chosen_rows_are_deleted_however_many_chunks_they_fill(db):
    ContactList.objects.bulk_create(ContactList(name=f"Old {n}") for n in range(5))
    kept = ContactList.objects.create(name="Kept")
    assert delete_in_chunks(ContactList.objects.filter(name__startswith="Old"), 2) == 5
    assert ContactList.objects.get() == kept


def test_the_old_go_up_to_a_chunk_in_which_all_are_young(db):
    now = timezone.now()
    for name, days in [("a", 9), ("b", 9), ("c", 1), ("d", 9), ("e", 1), ("f", 1), ("late", 9)]:
        ContactList.objects.create(name=name)
        ContactList.objects.filter(name=name).update(created_at=now - timedelta(days=days))
    before = now - timedelta(days=5)
    assert delete_older(ContactList.objects.all(), "created_at", before, 2) == 3
    assert set(ContactList.objects.values_list("name", flat=True)) == {"c", "e", "f", "late"}
