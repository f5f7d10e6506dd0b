"""What a phone answers is posted as an MO message whose text is a file (§6)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.sandbox.models import HandsetMessage, Postback

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
ANSWER = "/phone/12015550123/answer/"
SENDER = "12015550100"


def path_of(url):
    return url.removeprefix("http://127.0.0.1:8001")


def test_a_written_answer_is_posted_with_its_text_as_a_file(client, account):
    client.post(ANSWER, {"to": SENDER, "text": "Grüße, 北京"})
    body = Postback.objects.get().body
    assert (body["origin"], body["code"]) == ("MMS_MO", "N401")
    assert (body["from"], body["to"]) == ("12015550123", SENDER)
    assert "keyword" not in body
    response = client.get(path_of(body["content"][0]["file"]))
    content = b"".join(response.streaming_content)
    assert content.decode() == "Grüße, 北京"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Length"] == str(len(content))


def test_a_picture_goes_along_as_a_file_of_its_own(client, account, picture):
    upload = SimpleUploadedFile("me.jpg", picture, "image/jpeg")
    client.post(ANSWER, {"to": SENDER, "text": "me", "picture": upload})
    files = [part["file"] for part in Postback.objects.get().body["content"]]
    assert [url.rpartition("/")[2] for url in files] == ["1.jpg", "2.txt"]
    response = client.get(path_of(files[0]))
    assert b"".join(response.streaming_content) == picture
    assert response["Content-Type"] == "image/jpeg"


def test_stop_carries_its_keyword(client, account):
    client.post(ANSWER, {"to": SENDER, "text": "stop please"})
    assert Postback.objects.get().body["keyword"] == "STOP"


def test_the_stop_button_leaves_what_was_being_written(client, account):
    client.post(ANSWER, {"to": SENDER, "text": "half a sent", "stop": "STOP"})
    assert HandsetMessage.objects.get().text == "STOP"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Write something"),
        ({"text": "a", "picture": SimpleUploadedFile("a.jpg", b"no picture")}, "valid image"),
        ({"text": "a", "to": "99999"}, "valid choice"),
    ],
)
def test_an_answer_that_cannot_go_out_is_told_in_words(client, account, fields, words):
    response = client.post(ANSWER, {"to": SENDER, **fields}, follow=True)
    assert words in response.content.decode()
    assert not Postback.objects.exists()


@pytest.mark.parametrize(
    ("ending", "names"), [("95", ["1.txt"]), ("96", ["1.jpg", "2.txt"]), ("97", ["1.txt"])]
)
def test_some_numbers_answer_by_themselves(call, send_body, ending, names):
    call(send_body(to=f"120155501{ending}", to_displayonly="12015550124"))
    reply = Postback.objects.get(code="N401")
    assert reply.due_at > Postback.objects.get(code="N102").due_at
    assert [part["file"].rpartition("/")[2] for part in reply.body["content"]] == names
    assert reply.body["copy-to"] == [{"number": "12015550124"}]
    assert HandsetMessage.objects.get(is_reply=True).at == reply.due_at


@pytest.mark.parametrize("name", ["0.txt", "2.txt", "1.jpg"])
def test_a_file_that_was_not_sent_is_not_there(client, account, name):
    client.post(ANSWER, {"to": SENDER, "text": "a"})
    token = HandsetMessage.objects.get().token
    assert client.get(f"/mo/{token}/{name}").status_code == 404
