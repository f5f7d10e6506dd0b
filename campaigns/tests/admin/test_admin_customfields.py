"""Fields: written on a contact by their type, made, renamed and deleted."""

import pytest
from django.urls import reverse

from campaigns.models import (
    Contact,
    CustomField,
)
from campaigns.rules.customfields import NOT_A_NUMBER
from campaigns.tests.admin.contact_pages import form_of, page_of


def test_the_page_shows_the_values_of_fields(person, marketer, sign_in):
    CustomField.objects.create(name="Points", kind="number", position=1)
    CustomField.objects.create(name="City", kind="text", position=2)
    Contact.objects.update(attributes={"Points": 0, "City": "Rome", "old": "kept"})
    context = sign_in(marketer).get(page_of(person)).context
    assert context["typed"] == [("Points", "0"), ("City", "Rome")]
    assert context["others"] == [("old", "kept")]


@pytest.fixture
def fields(db):
    kinds = {"Points": "number", "Birthday": "date", "Member": "yes_no", "Size": "choice"}
    kinds |= {'He said "3.5"日本': "text"}
    rows = [
        CustomField.objects.create(name=name, kind=kind, choices=["S", "M"] * (kind == "choice"))
        for name, kind in kinds.items()
    ]
    return {row.name: f"field_{row.pk}" for row in rows}


def test_fields_are_written_by_their_type(person, fields, marketer, sign_in):
    values = ("1,200", "2026-03-01", "no", "M", "x")
    form = form_of(person, **dict(zip(fields.values(), values, strict=True)))
    sign_in(marketer).post(page_of(person), form)
    person.refresh_from_db()
    assert person.attributes == {
        "old": "kept",
        "Points": 1200,
        "Birthday": "2026-03-01",
        "Member": False,
        "Size": "M",
        'He said "3.5"日本': "x",
    }


def test_an_emptied_field_is_gone_and_one_not_sent_stays(person, fields, marketer, sign_in):
    Contact.objects.update(attributes={"Points": 5, "Birthday": "2026-03-01"})
    sign_in(marketer).post(page_of(person), form_of(person, **{fields["Points"]: ""}))
    person.refresh_from_db()
    assert person.attributes == {"Birthday": "2026-03-01"}


def test_a_value_that_does_not_fit_is_refused_beside_its_field(person, fields, marketer, sign_in):
    form = form_of(person, **{fields["Points"]: "many"})
    html = sign_in(marketer).post(page_of(person), form).content.decode()
    assert NOT_A_NUMBER in html
    person.refresh_from_db()
    assert person.attributes == {"old": "kept"}


@pytest.mark.parametrize("name", ["Points", "Birthday", "Member", "Size"])
def test_a_value_of_an_older_type_is_shown_and_stays(name, person, fields, marketer, sign_in):
    Contact.objects.update(attributes={name: "odd <one>"})
    client = sign_in(marketer)
    html = client.get(page_of(person)).content.decode()
    assert "odd &lt;one&gt;" in html
    client.post(page_of(person), form_of(person, **{fields[name]: "odd <one>", "last_name": "Lee"}))
    person.refresh_from_db()
    assert (person.last_name, person.attributes) == ("Lee", {name: "odd <one>"})


def test_what_has_no_field_is_shown(person, marketer, sign_in):
    html = sign_in(marketer).get(page_of(person)).content.decode()
    assert "<dt>old</dt><dd><bdi>kept</bdi></dd>" in html


def test_a_field_is_made_with_its_choices(marketer, sign_in):
    form = {"name": "Size", "kind": "choice", "lines": "S\n M \n\nL", "position": 1}
    sign_in(marketer).post(reverse("admin:campaigns_customfield_add"), form)
    assert CustomField.objects.get().choices == ["S", "M", "L"]


def test_what_is_wrong_with_a_field_is_told_and_what_was_typed_stays(person, marketer, sign_in):
    form = {"name": "old", "kind": "number", "lines": "", "position": 0}
    url = reverse("admin:campaigns_customfield_add")
    html = sign_in(marketer).post(url, form).content.decode()
    assert "1 contact has a value that does not fit, such as “kept”" in html
    assert 'value="old"' in html
    assert not CustomField.objects.exists()


def test_deleting_a_field_says_how_many_have_a_value(person, marketer, sign_in):
    field = CustomField.objects.create(name="old")
    url = reverse("admin:campaigns_customfield_delete", args=[field.pk])
    client = sign_in(marketer)
    assert "1 contact has a value. It stays with them" in client.get(url).content.decode()
    client.post(url, {"post": "yes"})
    person.refresh_from_db()
    assert person.attributes == {"old": "kept"}
    assert not CustomField.objects.exists()


def test_a_renamed_field_tells_which_mms_still_have_the_old_name(
    person, make_mms, marketer, sign_in
):
    make_mms("Spring", text="{{ old|x }}")
    field = CustomField.objects.create(name="old")
    url = reverse("admin:campaigns_customfield_change", args=[field.pk])
    form = {"name": "new", "kind": "text", "lines": "", "position": 0}
    html = sign_in(marketer).post(url, form, follow=True).content.decode()
    assert "These MMS still have the field old: “Spring”" in html
    person.refresh_from_db()
    assert person.attributes == {"new": "kept"}
