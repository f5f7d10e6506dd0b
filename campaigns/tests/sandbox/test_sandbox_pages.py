"""The pages of the sandbox: phones, one phone, traffic; each says that it is a pretence."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.sandbox.encoding import TEMPLATE_STORIES
from campaigns.sandbox.models import HandsetMessage

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
PHONE = "/phone/12015550123/"


@pytest.fixture
def arrive(db):
    def make(text="20 % off", phone="12015550123", **fields):
        fields.setdefault("at", timezone.now())
        fields.setdefault("slides", [{"text": text, "media": []}])
        token = f"t{HandsetMessage.objects.count()}"
        return HandsetMessage.objects.create(token=token, phone=phone, other="28444", **fields)

    return make


@pytest.mark.parametrize("path", ["/", PHONE, "/traffic/"])
def test_every_page_says_that_it_is_a_pretence(client, account, path):
    page = client.get(path).content.decode()
    assert "a pretend Sinch; nothing leaves this machine" in page
    assert "style=" not in page
    assert "onclick" not in page


def test_the_index_tells_what_a_channel_to_it_needs(client, account):
    page = client.get("/").content.decode()
    assert account.key in page
    assert f"{settings.SANDBOX_URL}/ep/v2/" in page


def test_the_index_tells_the_stories_of_numbers_and_of_templates(client, account):
    page = client.get("/").content.decode()
    assert "<dt>95</dt>" in page
    for word in TEMPLATE_STORIES:
        assert f"<dt>{word}</dt>" in page


def test_the_index_shows_recent_phones_with_their_last_message(client, arrive):
    arrive("older words")
    arrive("newer words")
    arrive("other", phone="12015550124")
    page = client.get("/").content.decode()
    assert "newer words" in page
    assert "older words" not in page
    assert page.index("12015550124") < page.index("12015550123</span>")


def test_a_whole_number_opens_its_phone(client, account):
    assert client.get("/?q=%2B1 201 555 0123").url == PHONE


def test_part_of_a_number_finds_phones(client, arrive):
    arrive(phone="12015550124")
    arrive(phone="12015559999")
    page = client.get("/?q=0124").content.decode()
    assert "12015550124" in page
    assert "12015559999" not in page


def test_a_phone_shows_what_arrived_and_nothing_that_is_still_on_its_way(client, arrive):
    arrive("here <b>now</b>", subject="Sale")
    arrive("not yet", at=timezone.now() + timedelta(minutes=1))
    page = client.get(PHONE).content.decode()
    assert "here &lt;b&gt;now&lt;/b&gt;" in page
    assert "Sale" in page
    assert "not yet" not in page


def test_a_phone_that_has_nothing_new_is_left_alone(client, arrive):
    last = arrive().token
    headers = {"HX-Request": "true"}
    assert client.get(f"{PHONE}?last={last}", headers=headers).status_code == 204
    arrive("new")
    fragment = client.get(f"{PHONE}?last={last}", headers=headers).content.decode()
    assert "new" in fragment
    assert "<html" not in fragment


def test_media_is_shown_from_the_copy_that_was_fetched(client, call, send_body, host, picture):
    url = host("/a.jpg", "Content-Type: image/jpeg", content=picture)
    call(send_body(slide=[{"image": {"url": url}}]))
    HandsetMessage.objects.update(at=timezone.now())
    name = HandsetMessage.objects.get().slides[0]["media"][0]["name"]
    assert f"/copies/{name}" in client.get(PHONE).content.decode()
    response = client.get(f"/copies/{name}")
    assert b"".join(response.streaming_content) == picture
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_copy_that_is_not_there_is_not_found(client):
    assert client.get(f"/copies/{'0' * 64}.jpg").status_code == 404


def test_the_link_of_a_fallback_shows_the_message(client, call, send_body):
    call(send_body(to="12015550161"))
    path = f"/seen/{HandsetMessage.objects.get().token}/"
    page = client.get(path).content.decode()
    assert "20 % off" in page
    assert "See our offer:" not in page


def test_traffic_shows_calls_with_codes_and_callbacks_with_states(client, call, send_body):
    call(send_body())
    call(send_body(to="12015550180"))
    page = client.get("/traffic/").content.decode()
    for words in ("E110", "success", "N101", "Pending", "sendmms"):
        assert words in page


def test_traffic_says_how_often_each_interface_tries_again(client):
    page = client.get("/traffic/").content.decode()
    for words in (
        "MMS JSON API: up to 5 times more, 5 min apart; only 200 counts as taken</li>",
        "Conversation API: up to 9 times more, after 5 s, then ever later "
        "(assumed: Sinch publishes no schedule)</li>",
        "SMS REST API: up to 15 times more, after 5 s, then ever later; "
        "not after a 4xx other than 429</li>",
    ):
        assert words in page


def test_traffic_can_be_narrowed_to_a_number_and_a_state(client, call, send_body):
    call(send_body())
    call(send_body(to="12015550124"))
    page = client.get("/traffic/?q=12015550124&state=lost").content.decode()
    assert "12015550123" not in page
    assert "No callbacks yet" in page
