"""The pages of the inbox: the list, a conversation, its buttons, and answering in it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import InboundMessage, MediaFile, Message, Mms, OptOut, Thread
from campaigns.rules.formats import Format
from campaigns.rules.statuses import MessageStatus
from campaigns.services.offers import EMPTY
from campaigns.services.replies import REPLY, Wording, send_reply
from campaigns.services.samples import sample_image
from campaigns.services.thread_changes import add_label
from campaigns.tests.conftest import make_reply

LIST = "/admin/campaigns/thread/"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def thread(everything):
    return everything["thread"]


@pytest.fixture
def page(thread):
    return reverse("admin:campaigns_thread_change", args=[thread.pk])


def press(client, thread, do, **form):
    url = reverse("admin:campaigns_thread_do", args=[thread.pk])
    return client.post(url, {"do": do, **form})


def answer(client, thread, text="Thank you", **form):
    url = reverse("admin:campaigns_thread_reply", args=[thread.pk])
    return client.post(url, {"text": text, "token": "a" * 16, "seen": "0", **form})


def html(answered):
    return answered.content.decode()


# --- The list ------------------------------------------------------------------------------------


def test_the_list_says_who_wrote_what_and_masks_the_number(thread, agent, sign_in):
    shown = html(sign_in(agent).get(LIST))
    assert "Ann 0" in shown
    assert "Love it &lt;b&gt;very&lt;/b&gt; much" in shown
    assert thread.phone not in shown


def test_an_empty_inbox_says_what_comes_here(agent, sign_in):
    assert "No replies yet." in html(sign_in(agent).get(LIST))


def test_when_all_is_done_the_list_says_so(thread, agent, sign_in):
    client = sign_in(agent)
    press(client, thread, "done")
    assert "Everything is done." in html(client.get(LIST))
    assert "Nothing matches." in html(client.get(LIST, {"q": "xyzzy"}))


@pytest.mark.parametrize(
    "query", ["view=x", "label=x&channel=-1", "before=x", "q=%00", "label=99999999999999999999"]
)
def test_an_address_that_says_nonsense_is_no_error(thread, agent, sign_in, query):
    assert sign_in(agent).get(f"{LIST}?{query}").status_code == 200


def test_fifty_stand_on_a_page_and_the_next_keeps_the_filter(channel_with_60, agent, sign_in):
    client = sign_in(agent)
    first = client.get(LIST, {"view": "unread"})
    assert len(first.context["lines"]) == 50
    second = client.get(f"{LIST}{first.context['older']}")
    assert len(second.context["lines"]) == 10
    assert second.context["wanted"].view == "unread"
    assert second.context["newest"] == "?view=unread"


@pytest.fixture
def channel_with_60(make_channel):
    channel = make_channel()
    for number in range(60):
        make_reply(
            channel=channel,
            phone=f"120155501{number:02}",
            provider_id=str(number),
            received_at=timezone.now() - timedelta(minutes=number),
        )
    return channel


def test_a_full_page_asks_as_few_questions_as_a_short_one(
    channel_with_60, agent, sign_in, django_assert_max_num_queries
):
    client = sign_in(agent)
    with django_assert_max_num_queries(22):
        client.get(LIST)


def test_ticked_ones_are_changed_together(channel_with_60, agent, sign_in):
    ids = list(Thread.objects.values_list("pk", flat=True)[:3])
    form = {"do": "label", "label": "Late", "thread": ids, "here": f"{LIST}?view=unread"}
    answered = sign_in(agent).post(f"{LIST}many/", form)
    assert answered.url == f"{LIST}?view=unread"
    assert Thread.objects.filter(labels__name="Late").count() == 3


def test_the_way_back_leads_nowhere_else(thread, agent, sign_in):
    form = {"do": "done", "thread": thread.pk, "here": "https://evil.example/"}
    assert sign_in(agent).post(f"{LIST}many/", form).url == LIST


@pytest.mark.parametrize("do", ["read", "unread", "done", "mine", "assign", "label", "nonsense"])
def test_who_only_looks_changes_nothing(thread, approver, sign_in, do):
    client = sign_in(approver)
    assert client.post(f"{LIST}many/", {"do": do, "thread": thread.pk}).status_code == 403
    assert press(client, thread, do).status_code == 403
    assert answer(client, thread).status_code == 403
    assert press(client, thread, "opt_out").status_code == 403


# --- A conversation ------------------------------------------------------------------------------


def test_opening_marks_read_for_who_may(page, thread, agent, sign_in):
    sign_in(agent).get(page)
    thread.refresh_from_db()
    assert (thread.state, thread.unread_count) == (Thread.State.OPEN, 0)
    assert InboundMessage.objects.get().read_at


def test_looking_over_the_shoulder_does_not(page, thread, approver, sign_in):
    shown = html(sign_in(approver).get(page))
    thread.refresh_from_db()
    assert thread.state == Thread.State.UNREAD
    assert "reply-form" not in shown


@pytest.mark.parametrize("name", ["change", "changelist"])
def test_old_addresses_lead_to_the_thread(thread, everything, agent, sign_in, name):
    reply = everything["inboundmessage"]
    args = [reply.pk] if name == "change" else []
    url = reverse(f"admin:campaigns_inboundmessage_{name}", args=args)
    answered = sign_in(agent).get(url, {"read": "no"} if not args else {}, follow=True)
    wanted = f"{LIST}{thread.pk}/change/" if args else LIST
    assert answered.request["PATH_INFO"] == wanted
    assert f'id="{"reply-" if args else "thread-"}{reply.pk if args else thread.pk}"' in html(
        answered
    )


def test_a_reply_far_back_is_shown_where_it_stands(page, thread, everything, agent, sign_in):
    first = everything["inboundmessage"]
    for number in range(40):
        make_reply(
            channel=thread.channel,
            phone=thread.phone,
            text=f"Number {number}",
            provider_id=f"more-{number}",
            received_at=timezone.now(),
        )
    client = sign_in(agent)
    assert f'id="reply-{first.pk}"' not in html(client.get(page))
    url = reverse("admin:campaigns_inboundmessage_change", args=[first.pk])
    shown = html(client.get(url, follow=True))
    assert f'id="reply-{first.pk}"' in shown
    assert "This is an earlier part." in shown


def test_what_strangers_write_is_text_everywhere(page, thread, agent, sign_in):
    InboundMessage.objects.update(text=NASTY, subject=NASTY, operator=NASTY[:60])
    add_label(thread, "<b>x</b>", by=agent)
    thread.contact.first_name = "<i>Eve</i>"
    thread.contact.save()
    client = sign_in(agent)
    for shown in (html(client.get(page)), html(client.get(LIST))):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>x</b>" not in shown
        assert "<i>Eve" not in shown


def test_long_text_is_folded_and_invisible_text_is_told(page, agent, sign_in):
    client = sign_in(agent)
    InboundMessage.objects.update(text="word " * 2000)
    assert "words--long" in html(client.get(page))
    InboundMessage.objects.update(text="\u200b\u200d \u2060")
    assert "only spaces or invisible signs" in html(client.get(page))
    assert "Without words" in html(client.get(LIST))


def test_a_lost_file_says_why_and_how_long_it_is_still_there(page, everything, agent, sign_in):
    reply, client = everything["inboundmessage"], sign_in(agent)
    reason = "The provider answered 500 instead of the file."
    medium = reply.media.create(url="x", status="lost", attempts=11, reason=reason)
    again = reverse("admin:campaigns_inboundmedia_again", args=[medium.pk])
    shown = html(client.get(page))
    assert reason in shown
    assert "The provider keeps it until" in shown
    assert again in shown
    client.post(again)
    medium.refresh_from_db()
    assert medium.status == "waiting"
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(days=8))
    shown = html(client.get(page))
    assert "The provider has deleted it since" in shown
    assert again not in shown


def test_files_stay_blurred_until_asked_for(page, everything, agent, sign_in):
    for mime in ("image/png", "video/mp4", "audio/mpeg"):
        everything["inboundmessage"].media.create(url="x", status="copied", mime=mime)
    everything["inboundmessage"].media.create(url="x", status="copied", mime="image/svg+xml")
    shown = html(sign_in(agent).get(page))
    assert shown.count('<div class="veiled') == shown.count("data-reveal") == 4
    assert "Show the film" in shown
    assert "Show the sound" in shown


def test_a_place_leads_to_a_map_and_asks_it_for_nothing(page, agent, sign_in):
    place = {"title": "Here", "latitude": 52.5163, "longitude": 13.3777, "label": ""}
    InboundMessage.objects.update(place=place)
    shown = html(sign_in(agent).get(page))
    assert 'href="https://www.openstreetmap.org/?mlat=52.51630&amp;mlon=13.37770' in shown
    assert 'src="https://' not in shown


def test_the_name_of_a_place_is_told_once_and_a_network_by_its_word(page, agent, sign_in):
    place = {"title": "Pike Place", "latitude": 47.6, "longitude": -122.3, "label": "85 Pike St"}
    InboundMessage.objects.update(place=place, text="Pike Place", operator="310260")
    shown = html(sign_in(agent).get(page))
    assert shown.count("Pike Place") == 1
    assert "85 Pike St" in shown
    assert "No text and no files" not in shown
    assert "<bdi>network 310260</bdi>" in shown


def test_a_choice_leads_to_the_message_it_was_offered_in(page, everything, agent, sign_in):
    InboundMessage.objects.update(answers=everything["message"])
    shown = html(sign_in(agent).get(page))
    assert "Chosen from" in shown
    assert reverse("admin:campaigns_message_change", args=[everything["message"].pk]) in shown


def test_beside_it_stands_whether_they_may_be_written_to(page, thread, agent, sign_in):
    client = sign_in(agent)
    assert "You can write to them." in html(client.get(page))
    press(client, thread, "opt_out")
    shown = html(client.get(page))
    assert OptOut.objects.get(phone=thread.phone).by == agent
    assert "reply-barrier" in shown
    assert 'id="id_text"' not in shown
    assert "by replying “Love it &lt;b&gt;very&lt;/b&gt; much”, as agent entered." in shown
    assert "No contact has this number" not in shown


def test_who_is_no_contact_can_be_added(page, thread, marketer, sign_in):
    thread.contact.delete()
    assert f"contact/add/?phone=%2B{thread.phone}" in html(sign_in(marketer).get(page))


@pytest.mark.parametrize("part", ["earlier/?before=x", "news/?after=x", "state/1/", "state/999/"])
def test_the_parts_of_a_thread_are_for_who_may_see_it(thread, everything, approver, sign_in, part):
    url = f"{LIST}{thread.pk}/{part}"
    assert sign_in(approver).get(url).status_code in (200, 204, 286)
    assert sign_in(everything["user"]).get(url).status_code == 302


def test_a_thread_that_is_gone_leads_back(agent, sign_in):
    assert sign_in(agent).get(f"{LIST}999/change/").status_code == 302
    assert sign_in(agent).get(f"{LIST}999/news/").status_code == 404


# --- Buttons -------------------------------------------------------------------------------------


def test_a_thread_is_handed_over_labelled_and_finished(thread, agent, marketer, sign_in):
    client = sign_in(agent)
    press(client, thread, "assign", agent=marketer.pk)
    press(client, thread, "label", label="Late")
    thread.refresh_from_db()
    assert thread.assigned_to == marketer
    label = thread.labels.get()
    press(client, thread, f"unlabel-{label.pk}")
    press(client, thread, "mine")
    assert press(client, thread, "done").url == f"{LIST}#thread-{thread.pk}"
    thread.refresh_from_db()
    assert (thread.assigned_to, thread.state, thread.labels.count()) == (
        agent,
        Thread.State.DONE,
        0,
    )


@pytest.mark.parametrize("form", [{"agent": "999"}, {"agent": "x"}])
def test_nobody_unknown_is_given_a_thread(thread, agent, sign_in, form):
    client = sign_in(agent)
    press(client, thread, "assign", **form)
    thread.refresh_from_db()
    assert thread.assigned_to is None
    assert "Choose somebody of the list" in html(client.get(LIST))


# --- Answering -----------------------------------------------------------------------------------


def test_a_reply_stands_in_the_thread_at_once_and_asks_for_its_state(page, thread, agent, sign_in):
    client = sign_in(agent)
    answered = answer(client, thread)
    message = Message.objects.get(purpose=REPLY)
    assert answered.url == f"{page}#message-{message.pk}"
    shown = html(client.get(page))
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


def test_a_reply_after_the_session_ended_leads_back_to_the_thread(page, thread, agent, sign_in):
    url = reverse("admin:campaigns_thread_reply", args=[thread.pk])
    assert sign_in(agent).get(url).url == page


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
