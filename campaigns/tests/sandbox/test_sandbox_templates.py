"""savemms stores, encodes and reports; sendsavedmms sends what is ready (§3.3, §3.4)."""

from datetime import timedelta

import pytest

from campaigns.sandbox.models import HandsetMessage, Postback, SandboxAccount, SavedTemplate

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def save(call, send_body):
    def make(**changes):
        changes = {"name": "Spring", "action": "savemms", "to": None, "from": None, **changes}
        return call(send_body(**changes))

    return make


@pytest.fixture
def send_saved(call, send_body):
    def make(mms_id, **changes):
        body = {"action": "sendsavedmms", "slide": None, "mms_id": mms_id, **changes}
        return call(send_body(**body))

    return make


@pytest.fixture
def video(host):
    content = b"\x00\x00\x00\x18ftypmp42" + bytes(40)
    return [{"video": {"url": host("/film.mp4", "Content-Type: video/mp4", content=content)}}]


def age(mms_id, seconds):
    template = SavedTemplate.objects.get(mms_id=mms_id)
    template.ready_at -= timedelta(seconds=seconds)
    template.save()


def test_a_saved_text_is_ready_at_once(save):
    answer = save()
    assert answer["status"] == "success"
    assert answer["tracking-id"]
    body = Postback.objects.get().body
    assert body == {
        "origin": "MMS_MT",
        "code": "N003",
        "mms-id": answer["mms-id"],
        "client-reference": "order-1",
    }


def test_a_ready_template_is_sent(save, send_saved):
    mms_id = save(message_subject="Sale")["mms-id"]
    answer = send_saved(mms_id)
    assert (answer["status"], answer["mms-id"]) == ("success", mms_id)
    assert answer["from"] == "12015550100"
    assert HandsetMessage.objects.get().subject == "Sale"


def test_a_video_is_encoded_first_and_then_sent(save, send_saved, video):
    mms_id = save(slide=video)["mms-id"]
    assert send_saved(mms_id)["error-code"] == "E626"
    age(mms_id, seconds=11)
    assert send_saved(mms_id)["status"] == "success"


def test_a_template_called_fails_cannot_be_encoded(save, send_saved, video):
    mms_id = save(slide=video, name="Fails on purpose")["mms-id"]
    body = Postback.objects.get().body
    assert (body["code"], body["mms-id"]) == ("E003", mms_id)
    assert body["video-name"] == video[0]["video"]["url"]
    age(mms_id, seconds=11)
    assert send_saved(mms_id)["error-code"] == "E241"


def test_the_kind_of_file_decides_the_code_of_the_failure(save, host, picture):
    audio = {"url": host("/a.mp3", "Content-Type: audio/mpeg", content=b"ID3" + bytes(9))}
    image = {"url": host("/fails.jpg", "Content-Type: image/jpeg", content=picture)}
    save(slide=[{"image": image}])
    save(slide=[{"image": image, "audio": audio}])
    assert list(Postback.objects.order_by("pk").values_list("code", flat=True)) == ["E004", "E002"]


@pytest.mark.parametrize(
    ("word", "named"), [("E002", set()), ("e003", {"video-name"}), ("E004", set()), ("E011", set())]
)
def test_a_code_in_the_name_is_how_the_encoding_fails(save, send_saved, video, word, named):
    mms_id = save(slide=video, name=f"Spring ({word})")["mms-id"]
    body = Postback.objects.get().body
    assert (body["code"], body["mms-id"]) == (word.upper(), mms_id)
    assert {field for field in body if field.endswith("-name")} == named
    age(mms_id, seconds=11)
    assert send_saved(mms_id)["error-code"] == "E241"


def test_invalid_content_names_only_the_template(save):
    mms_id = save(name="E011")["mms-id"]
    assert Postback.objects.get().body == {"origin": "MMS_MT", "code": "E011", "mms-id": mms_id}


def test_a_slow_template_is_encoded_for_a_minute(save, send_saved):
    mms_id = save(name="A slow one")["mms-id"]
    assert send_saved(mms_id)["error-code"] == "E626"
    age(mms_id, seconds=61)
    assert send_saved(mms_id)["status"] == "success"


def test_a_doubtful_template_gets_no_answer_and_is_not_saved(call, send_body, client, account):
    body = send_body(action="savemms", name="Doubtful", **{"to": None, "from": None})
    response = client.post(
        "/ep/v2/", body, content_type="application/json", headers={"x-api-key": account.key}
    )
    assert response.status_code == 502
    assert not SavedTemplate.objects.exists()
    assert not Postback.objects.exists()


def test_a_forgotten_template_is_gone_until_it_is_saved_again(save, send_saved):
    first = save(name="Forgotten")["mms-id"]
    assert send_saved(first)["error-code"] == "E241"
    second = save(name="Forgotten")["mms-id"]
    assert send_saved(second)["status"] == "success"
    assert send_saved(first)["error-code"] == "E241"


@pytest.mark.parametrize(("mms_id", "code"), [(None, "E620"), ("", "E620"), ("1", "E241")])
def test_an_id_that_is_missing_or_unknown_is_refused(send_saved, mms_id, code):
    assert send_saved(mms_id)["error-code"] == code


def test_the_template_of_another_account_does_not_exist(save, send_saved, account):
    mms_id = save()["mms-id"]
    other = SandboxAccount.objects.create(key="other")
    SavedTemplate.objects.update(account=other)
    assert send_saved(mms_id)["error-code"] == "E241"


def test_the_fallback_text_of_the_template_suffices(save, send_saved):
    mms_id = save()["mms-id"]
    assert send_saved(mms_id, fallback_sms_text=None)["status"] == "success"


def test_without_any_fallback_text_the_send_is_refused(save, send_saved):
    mms_id = save(fallback_sms_text=None, disable_fallback_sms=True)["mms-id"]
    answer = send_saved(mms_id, fallback_sms_text=None, disable_fallback_sms=False)
    assert answer["error-code"] == "E622"


def test_texts_of_slides_and_the_subject_can_be_replaced(save, send_saved):
    mms_id = save(slide=[{"message-text": "one"}, {"message-text": "two"}])["mms-id"]
    custom = [{"slide": 2, "message-text": "zwei"}]
    send_saved(mms_id, custom_slides=custom, message_subject="Neu")
    message = HandsetMessage.objects.get()
    assert [slide["text"] for slide in message.slides] == ["one", "zwei"]
    assert message.subject == "Neu"


@pytest.mark.parametrize(
    ("custom", "code"),
    [
        ({}, "E100"),
        (["x"], "E100"),
        ([{"message-text": "a"}], "E100"),
        ([{"slide": 0, "message-text": "a"}], "E100"),
        ([{"slide": 2, "message-text": "a"}], "E100"),
        ([{"slide": 1}], "E100"),
        ([{"slide": 1, "message-text": "a" * 5001}], "E228"),
    ],
)
def test_custom_slides_that_make_no_sense_are_refused(save, send_saved, custom, code):
    assert send_saved(save()["mms-id"], custom_slides=custom)["error-code"] == code
