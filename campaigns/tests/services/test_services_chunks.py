"""Many rows, some at a time."""

import pytest

from campaigns.models import ContactList
from campaigns.services.chunks import delete_in_chunks, in_chunks


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
