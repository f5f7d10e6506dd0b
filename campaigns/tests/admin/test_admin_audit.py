"""The audit trail on its pages: in words, by topic, found by what people would say."""

import pytest
from django.contrib.auth.models import User

from campaigns.models import AuditEntry

LIST = "/admin/campaigns/auditentry/"


@pytest.fixture
def entries(administrator: User) -> list[AuditEntry]:
    return [
        AuditEntry.objects.create(
            actor=administrator,
            verb=verb,
            target_type=target_type,
            target_id="7",
            target=target,
            after={"rows": 3},
        )
        for verb, target_type, target in (
            ("import.done", "contactimport", "people.csv"),
            ("campaign.launched", "campaign", "Spring"),
        )
    ]


@pytest.fixture
def client(sign_in, administrator, entries):
    return sign_in(administrator)


def test_the_list_says_in_words_what_was_done(client):
    html = client.get(LIST).text
    assert "Imported contacts" in html
    assert "Launched a campaign" in html
    assert "import.done" not in html


def test_the_page_of_an_entry_says_it_in_words(client, entries):
    html = client.get(f"{LIST}{entries[0].pk}/change/").text
    assert "Imported contacts" in html
    assert "(Imports, number 7)" in html
    assert "import.done" not in html
    assert "contactimport 7" not in html


@pytest.mark.parametrize("said", ["launched", "campaign.launched", "spring", "Launched a campaign"])
def test_an_entry_is_found_by_what_people_say(client, said):
    html = client.get(LIST, {"q": said}).text
    assert "Spring" in html
    assert "people.csv" not in html


def test_entries_are_filtered_by_topic_in_words(client):
    html = client.get(LIST, {"topic": "contactimport"}).text
    assert ">Imports<" in html
    assert "people.csv" in html
    assert "Launched a campaign" not in html


def test_search_and_topic_hold_together(client):
    html = client.get(LIST, {"topic": "campaign", "q": "imported"}).text
    assert "people.csv" not in html
