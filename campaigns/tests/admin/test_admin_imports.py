"""The pages of an import, from the file to the result, and who may see them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Contact, ContactImport, ContactList
from campaigns.rules import phones, rows, workbooks
from campaigns.services import import_rows
from campaigns.services import imports as services

ADD = "/admin/campaigns/contactimport/add/"
PEOPLE = "Phone;First name;City\n12015550101;Zoë;Köln\n12015550102;José;Rome\n12345;Bo;\n"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_marketer(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def contact_import(marketer):
    upload = SimpleUploadedFile("people.csv", PEOPLE.encode())
    return services.start_import(upload, list_name="Spring", by=marketer)


def page(name, contact_import):
    return reverse(f"admin:campaigns_contactimport_{name}", args=[contact_import.pk])


def upload(client, content, **fields):
    file = SimpleUploadedFile("people.csv", content)
    return client.post(
        ADD, {"file": file, "list_name": "Spring", "country": "US"} | fields, follow=True
    )


def layout(contact_import, **changes):
    """What the preview page posts."""
    fields = {
        "encoding": contact_import.encoding,
        "delimiter": contact_import.delimiter,
        "country": contact_import.country,
        "winner": contact_import.winner,
        "method": "nobody",
        **{f"column_{place}": name for place, name in contact_import.mapping.items()},
    }
    if contact_import.has_header:
        fields["has_header"] = "on"
    return fields | changes


def finish(contact_import):
    import_rows.run_import(contact_import.pk, timezone.now())
    contact_import.refresh_from_db()


def test_a_file_is_shown_before_anything_is_imported(as_marketer):
    answer = upload(as_marketer, PEOPLE.encode())
    assert b"Import 2 contacts" in answer.content
    assert phones.SHORT_CODE in answer.text
    assert "Zoë" in answer.text
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"Phone,Name\n", "There are no contacts in this file"),
        (b"PK\x03\x04 a workbook", workbooks.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), rows.BINARY),
    ],
)
def test_a_wrong_file_gets_a_sentence_where_the_person_is(as_marketer, content, sentence):
    answer = upload(as_marketer, content)
    assert answer.status_code == 200
    assert sentence in answer.text


@pytest.mark.parametrize("taken", [True, False])
def test_a_list_is_chosen_or_named_but_not_both(as_marketer, taken):
    contact_list = ContactList.objects.create(name="VIP")
    both = {"contact_list": contact_list.pk} if taken else {"list_name": ""}
    answer = upload(as_marketer, PEOPLE.encode(), **both)
    assert "not both" in answer.text if taken else "Give the new list a name" in answer.text
    assert not ContactImport.objects.exists()


def test_a_name_that_is_taken_is_refused_where_it_was_typed(as_marketer):
    ContactList.objects.create(name="Spring")
    assert "already a list called" in upload(as_marketer, PEOPLE.encode()).text


def test_a_corrected_column_is_shown_at_once(as_marketer, contact_import):
    answer = as_marketer.post(
        page("layout", contact_import),
        layout(contact_import, column_0="attribute", column_1="phone"),
        headers={"HX-Request": "true"},
    )
    assert phones.LETTERS in answer.text
    assert "<html" not in answer.text


def test_a_type_that_some_cells_do_not_fit_is_said_with_the_way_out(as_marketer):
    cells = ["many", *["5"] * 24]
    rows = [f"1201555{number:04},{cell}" for number, cell in enumerate(cells, 100)]
    answer = upload(as_marketer, "\n".join(["Phone,Points", *rows]).encode())
    assert "1 of 25 rows does not fit and would not be imported" in answer.text
    assert "choose “Keep as text” for this column" in answer.text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_brings_nobody_cannot_be_imported_and_says_why(as_marketer, contact_import, headers):
    nobody = layout(contact_import, column_0="attribute", column_1="phone")
    answer = as_marketer.post(page("layout", contact_import), nobody, headers=headers)
    assert 'disabled aria-describedby="import-note"' in answer.text
    assert "No row can be imported as the file is read now" in answer.text
    assert "Import 0 contacts" not in answer.text


def test_another_delimiter_is_read_at_once(as_marketer, contact_import):
    answer = as_marketer.post(
        page("layout", contact_import),
        layout(contact_import, delimiter="|"),
        headers={"HX-Request": "true"},
    )
    assert "Phone;First name;City" in answer.text


@pytest.mark.parametrize("why", ["gone", "started"])
def test_a_preview_that_is_none_any_more_leads_on(as_marketer, contact_import, why):
    if why == "gone":
        contact_import.file.delete(save=False)
    else:
        ContactImport.objects.update(status="running", progress_at=timezone.now())
    answer = as_marketer.post(
        page("layout", contact_import), layout(contact_import), headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"].startswith("/admin/campaigns/contactimport/")


def test_what_was_not_looked_at_is_not_imported(as_marketer, contact_import):
    changed = layout(contact_import, encoding="cp1252")
    answer = as_marketer.post(page("confirm", contact_import), changed, follow=True)
    assert "check it again" in answer.text
    contact_import.refresh_from_db()
    assert contact_import.status == ContactImport.Status.PREVIEW


def test_an_import_from_the_button_to_the_result(
    as_marketer, contact_import, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as rung:
        answer = as_marketer.post(
            page("confirm", contact_import), layout(contact_import), follow=True
        )
    assert len(rung) == 1
    assert "0 of 3 rows read" in answer.text
    assert as_marketer.get(page("progress", contact_import)).status_code == 200
    finish(contact_import)
    ended = as_marketer.get(page("progress", contact_import))
    assert ended.status_code == 286  # htmx stops asking
    assert "2 contacts imported" in ended.text
    assert phones.SHORT_CODE in ended.text
    assert f"?lists={contact_import.contact_list_id}" in ended.text


@pytest.mark.parametrize("waited", [0, 60])
def test_an_import_that_nobody_works_on_says_so_after_a_while(as_marketer, contact_import, waited):
    as_marketer.post(page("confirm", contact_import), layout(contact_import))
    ContactImport.objects.update(progress_at=timezone.now() - timedelta(seconds=waited))
    answer = as_marketer.get(page("progress", contact_import))
    assert ("No worker answers" in answer.text) is bool(waited)


@pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}])
@pytest.mark.parametrize("encoding", rows.ENCODINGS)
def test_every_encoding_may_be_tried_on_every_file(as_marketer, marketer, encoding, headers):
    for n, content in enumerate([PEOPLE.encode(), PEOPLE.encode("utf-16")]):
        upload = SimpleUploadedFile("people.csv", content)
        tried = services.start_import(upload, list_name=f"List {n}", by=marketer)
        fields = layout(tried, encoding=encoding)
        assert as_marketer.post(page("layout", tried), fields, **headers).status_code == 200


def test_an_encoding_that_the_file_has_not_is_refused_in_a_sentence(as_marketer, contact_import):
    answer = as_marketer.post(
        page("layout", contact_import), layout(contact_import, encoding="utf-16")
    )
    assert "This file is not UTF-16: choose another encoding." in answer.text
    contact_import.refresh_from_db()
    assert contact_import.encoding == "utf-8-sig"


def test_a_column_shows_of_which_type_its_field_is(as_marketer, contact_import):
    told = as_marketer.get(f"{ADD[:-4]}{contact_import.pk}/change/").text
    assert told.count('<span class="import-column__kind">Text</span>') == 1


def test_rejected_rows_are_downloaded(as_marketer, contact_import):
    as_marketer.post(page("confirm", contact_import), layout(contact_import))
    finish(contact_import)
    answer = as_marketer.get(page("rejects", contact_import))
    assert answer["Content-Disposition"] == 'attachment; filename="people - not imported.csv"'
    assert b'"12345";"Bo";"";' in b"".join(answer.streaming_content)


def test_a_file_is_discarded_from_its_page(as_marketer, contact_import):
    as_marketer.post(page("discard", contact_import))
    assert not ContactImport.objects.exists()


def test_the_history_lists_every_import(as_marketer, contact_import):
    answer = as_marketer.get("/admin/campaigns/contactimport/")
    assert "people.csv" in answer.text
    assert "To be confirmed" in answer.text
    assert '<td class="field-imported">–</td><td class="field-rejected">–</td>' in answer.text


def test_an_import_that_does_not_exist_leads_back(as_marketer):
    answer = as_marketer.get("/admin/campaigns/contactimport/nonsense/change/")
    assert answer.status_code == 302


# --- Who may -----------------------------------------------------------------------------------

PAGES = ["change", "layout", "confirm", "progress", "rejects", "discard"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["agent", "approver"])
def test_who_may_not_see_imports_sees_none(client, request, contact_import, role, method, name):
    client.force_login(request.getfixturevalue(role))
    answer = getattr(client, method)(page(name, contact_import), layout(contact_import))
    assert answer.status_code == 403
    contact_import.refresh_from_db()
    assert contact_import.status == ContactImport.Status.PREVIEW


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, contact_import, name):
    answer = client.get(page(name, contact_import))
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


@pytest.mark.parametrize("name", ["layout", "confirm", "discard"])
def test_who_may_only_look_changes_nothing(client, agent, contact_import, name):
    from django.contrib.auth.models import Permission

    agent.user_permissions.add(Permission.objects.get(codename="view_contactimport"))
    client.force_login(agent)
    assert "Import 2 contacts" not in client.get(page("change", contact_import)).text
    assert client.post(page(name, contact_import), layout(contact_import)).status_code == 403


@pytest.mark.parametrize("name", ["layout", "confirm", "discard"])
def test_looking_changes_nothing(as_marketer, contact_import, name):
    assert as_marketer.get(page(name, contact_import)).status_code == 302
    contact_import.refresh_from_db()
    assert contact_import.status == ContactImport.Status.PREVIEW


def test_an_agent_may_not_upload(client, agent):
    client.force_login(agent)
    assert client.get(ADD).status_code == 403


# --- A cell that cannot be used ------------------------------------------------------------------

UNUSABLE = "Phone;E-mail\n12015550101;nobody\n12015550102;bo@example.com\n"


@pytest.fixture
def with_bad_cell(marketer):
    upload = SimpleUploadedFile("people.csv", UNUSABLE.encode())
    return services.start_import(upload, list_name="Spring", by=marketer)


def test_the_page_asks_what_becomes_of_an_unusable_cell_and_shows_it_at_once(
    as_marketer, with_bad_cell
):
    asked = as_marketer.get(page("change", with_bad_cell)).text
    assert 'name="unusable"' in asked
    assert "Import 1 contact<" in asked
    chosen = layout(with_bad_cell, unusable="leave_out")
    shown = as_marketer.post(
        page("layout", with_bad_cell), chosen, headers={"HX-Request": "true"}
    ).text
    assert "Import 2 contacts<" in shown
    assert "Left out: The e-mail address is not one" in shown
    assert 'class="is-omitted"' in shown


@pytest.mark.parametrize(("unusable", "count"), [("leave_out", 2), ("refuse", 1), ("", 1)])
def test_what_was_chosen_is_done_and_told_on_the_result(
    as_marketer, with_bad_cell, unusable, count
):
    chosen = layout(with_bad_cell, unusable=unusable)
    as_marketer.post(page("confirm", with_bad_cell), chosen)
    finish(with_bad_cell)
    told = as_marketer.get(page("change", with_bad_cell)).text
    assert f"{count} contact{'s' * (count > 1)} imported" in told
    assert Contact.objects.count() == count
    is_left_out = count == 2
    assert ("1 cell left out" in told) is is_left_out
    assert ("Imported without “E-mail”" in told) is is_left_out
    assert ("1 row not imported" in told) is not is_left_out
    assert told.count("Download these rows") == 1


def test_who_asks_for_something_else_is_refused(as_marketer, with_bad_cell):
    as_marketer.post(page("confirm", with_bad_cell), layout(with_bad_cell, unusable="phone too"))
    with_bad_cell.refresh_from_db()
    assert (with_bad_cell.status, with_bad_cell.unusable) == ("preview", "refuse")
