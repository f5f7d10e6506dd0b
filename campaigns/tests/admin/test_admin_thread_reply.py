"""Answering in a thread: once, with files and templates, and nothing written is lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import MediaFile, Message, Mms
from campaigns.rules.formats import Format
from campaigns.rules.statuses import MessageStatus
from campaigns.services.offers import EMPTY
from campaigns.services.replies import REPLY, Wording, send_reply
from campaigns.services.samples import sample_image
from campaigns.tests.admin.thread_pages import answer, html, press


def test_a_reply_stands_in_the_thread_at_once_and_asks_for_its_state(
    thread_url, thread, agent, sign_in
):
    client = sign_in(agent)
    answered = answer(client, thread)
    message = Message.objects.get(purpose=REPLY)
    assert answered.url == f"{thread_url}#message-{message.pk}"
    shown = html(client.get(thread_url))
    assert "Thank you" in shown
    state = reverse("admin:campaigns_thread_state", args=[thread.pk, message.pk])
    assert f'hx-get="{state}?was=10"' in shown
    assert client.get(f"{state}?was=10").status_code == 204
    assert client.get(f"{state}?was=20").status_code == 200
    Message.objects.filter(pk=message.pk).update(status=MessageStatus.DELIVERED)
    final = client.get(state)
    assert final.status_code == 286
    assert "Delivered" in html(final)
    assert "hx-trigger" not in html(final)


def test_the_same_form_twice_is_one_reply(thread, agent, sign_in):
    client = sign_in(agent)
    answer(client, thread)
    answer(client, thread)
    assert Message.objects.filter(purpose=REPLY).count() == 1


def test_what_was_not_sent_is_kept_with_the_reason(thread, agent, sign_in):
    client = sign_in(agent)
    assert "Write something" in html(answer(client, thread, ""))
    long = "x" * 5001
    shown = html(answer(client, thread, long))
    assert long in shown
    assert "<p>Not sent: " in shown
    assert not Message.objects.filter(purpose=REPLY).exists()


def test_words_written_before_an_opt_out_are_shown_and_told_as_not_sent(thread, agent, sign_in):
    client = sign_in(agent)
    press(client, thread, "opt_out")
    shown = html(answer(client, thread, "See you on Sunday"))
    assert "Not sent: They opted out on" in shown
    assert ">\nSee you on Sunday</textarea>" in shown.replace("readonly>", "readonly>\n")
    assert shown.count("until they ask for messages again") == 1
    assert 'id="reply-form"' not in shown
    assert not Message.objects.filter(purpose=REPLY).exists()


def test_a_reply_after_the_session_ended_leads_back_to_the_thread(
    thread_url, thread, agent, sign_in
):
    url = reverse("admin:campaigns_thread_reply", args=[thread.pk])
    assert sign_in(agent).get(url).url == thread_url


def test_who_answered_meanwhile_is_named_and_the_words_are_kept(thread, agent, marketer, sign_in):
    now = timezone.now()
    first = send_reply(thread, Wording("Mine"), token="b" * 16, seen=0, by=marketer, now=now)
    client = sign_in(agent)
    shown = html(answer(client, thread, "Mine too"))
    assert "Not sent: marketer answered" in shown
    assert "Mine too" in shown
    assert f'name="seen" value="{first.pk}"' in shown
    answer(client, thread, "Mine too", seen=str(first.pk))
    assert Message.objects.filter(purpose=REPLY).count() == 2


def test_a_file_is_uploaded_with_a_reply_and_kept_when_it_fails(thread, agent, sign_in):
    name, picture = sample_image()
    client = sign_in(agent)
    file = SimpleUploadedFile(name, picture, "image/jpeg")
    shown = html(answer(client, thread, "x" * 5000 + "", upload=file, token="c" * 16, mms="999"))
    assert "not there any more" in shown
    file.seek(0)
    answer(client, thread, "Look", upload=file)
    message = Message.objects.get(purpose=REPLY)
    media = message.revision.slides.get().media.get().media_file
    assert media == MediaFile.objects.order_by("-pk").first()


def test_what_is_no_file_for_an_mms_is_told(thread, agent, sign_in):
    file = SimpleUploadedFile("x.exe", b"MZ\x90\x00", "application/octet-stream")
    shown = html(answer(sign_in(agent), thread, "Look", upload=file))
    assert "notice--bad" in shown
    assert "Look" in shown


def test_a_template_is_chosen_and_shown_as_they_would_read_it(thread, agent, sign_in, make_mms):
    mms = make_mms("Hours", text="Hello {{ first_name|there }}, we open at 9")
    client = sign_in(agent)
    url = reverse("admin:campaigns_thread_count", args=[thread.pk])
    assert "Hello Ann 0, we open at 9" in html(client.post(url, {"text": "", "mms": mms.pk}))
    answer(client, thread, "", mms=str(mms.pk))
    assert Message.objects.get(purpose=REPLY).revision.mms == mms


def test_the_length_is_counted_as_what_would_go_out(thread, agent, sign_in):
    client = sign_in(agent)
    url = reverse("admin:campaigns_thread_count", args=[thread.pk])
    assert "3 of 5,000 characters" in html(client.post(url, {"text": "abc"}))
    type(thread.channel).objects.update(kind="sinch_conversation")
    shown = html(client.post(url, {"text": "ok ✓"}))
    assert "4 characters · 1 part · Unicode" in shown
    assert "check mark" in shown


@pytest.mark.parametrize("what", ["file", "mms"])
def test_files_and_templates_are_found_by_name(thread, agent, sign_in, make_mms, what):
    make_mms("Rose sale")
    url = reverse("admin:campaigns_thread_offer", args=[thread.pk])
    client = sign_in(agent)
    assert "Rose" in html(client.get(url, {"what": what, "words": "ros"}))
    assert "is called like that" in html(client.get(url, {"what": what, "words": "xyzzy"}))


def test_what_is_chosen_stays_among_what_is_found(thread, agent, sign_in, make_mms):
    chosen = make_mms("Hours")
    file = MediaFile.objects.order_by("pk").first()
    url, client = reverse("admin:campaigns_thread_offer", args=[thread.pk]), sign_in(agent)
    shown = html(client.get(url, {"what": "mms", "words": "xyzzy", "mms": chosen.pk}))
    assert f'value="{chosen.pk}" checked' in shown
    shown = html(client.get(url, {"what": "file", "words": "xyzzy", "media": file.pk}))
    assert f'value="{file.pk}" checked' in shown


def test_a_template_that_cannot_go_says_why_and_stands_last(thread, agent, sign_in, make_mms):
    make_mms("Fits", text="We are open")
    ask = make_mms("Asks", text="When?", format=Format.CHOICE)
    gap = make_mms("Greets", text="Hello {{ Pet }}")
    bare = Mms.objects.create(name="Bare")
    client = sign_in(agent)
    url = reverse("admin:campaigns_thread_offer", args=[thread.pk])
    answered = client.get(url, {"what": "mms"})
    found = {each.mms.name: each.obstacle for each in answered.context["templates"]}
    assert [not why for why in found.values()] == [True, True, False, False, False]
    assert "carry" in found["Asks"]
    assert "Nothing is known for “Pet”" in found["Greets"]
    assert found["Bare"] == EMPTY
    for mms in (ask, gap, bare):
        assert f'value="{mms.pk}" disabled> <span><bdi>{mms.name}</bdi>' in html(answered)
    assert html(answered).count("Cannot be sent here: ") == 3


def test_twelve_templates_are_judged_in_a_few_questions(
    thread, agent, sign_in, make_mms, django_assert_max_num_queries
):
    for number in range(12):
        make_mms(f"MMS {number}")
    client = sign_in(agent)
    url = reverse("admin:campaigns_thread_offer", args=[thread.pk])
    with django_assert_max_num_queries(20):
        assert html(client.get(url, {"what": "mms"})).count("<bdi>") == 12


def test_a_forged_token_is_no_reference(thread, agent, sign_in):
    answer(sign_in(agent), thread, token="../" * 40)
    assert len(Message.objects.get(purpose=REPLY).reference) < 64
