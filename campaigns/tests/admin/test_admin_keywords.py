"""The page of keywords: fixed words, one's own, answers, and a sentence tried."""

import pytest
from django.urls import reverse

from campaigns.models import Keyword, KeywordReply, Message, OptOut, Policy

LIST, NEW, ANSWER, TRY, COUNT = (
    f"admin:campaigns_keyword_{name}" for name in ("changelist", "new", "answer", "try", "count")
)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Stop texting me", "Opts them out of all channels at once"),
        ("no más", "in Spanish"),
        ("We have got to STOP this bill", "<mark>STOP</mark>"),
        ("Help", "Is answered with your brand"),
        ("START", "Lifts their opt-outs"),
        ("Love it", "Does nothing by itself"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("", "Here stands"),
    ],
)
def test_a_sentence_is_tried_and_nothing_is_done(said, told, marketer, sign_in):
    page = sign_in(marketer).get(reverse(TRY), {"said": said})
    assert told in page.content.decode()
    assert not OptOut.objects.exists()
    assert not Message.objects.exists()


def test_a_word_is_added_and_taken_away(administrator, sign_in):
    client = sign_in(administrator)
    form = {"words": "Enough", "kind": "stop", "language": "en"}
    page = client.post(reverse(NEW), form, follow=True).content.decode()
    assert "Enough" in page
    word = Keyword.objects.get()
    client.post(reverse("admin:campaigns_keyword_remove", args=[word.pk]))
    assert not Keyword.objects.exists()


def test_an_answer_to_a_question_is_warned_about_first(administrator, sign_in):
    client = sign_in(administrator)
    form = {"words": "Yes", "kind": "start", "language": "en"}
    assert "is also an answer" in client.post(reverse(NEW), form).content.decode()
    assert not Keyword.objects.exists()
    client.post(reverse(NEW), {**form, "is_sure": "on"})
    assert Keyword.objects.get().words == "Yes"


def test_built_in_words_have_no_button(administrator, sign_in):
    page = sign_in(administrator).get(reverse(LIST)).content.decode()
    assert ">unsubscribe</li>" in page
    assert "chip__remove" not in page


def test_an_answer_is_written_counted_and_reset(administrator, sign_in):
    client = sign_in(administrator)
    form = {"kind": "stop", "language": "en", "channel": "", "text": "{brand}: bye."}
    client.post(reverse(ANSWER), form)
    assert KeywordReply.objects.get().text == "{brand}: bye."
    Policy.objects.update_or_create(pk=1, defaults={"brand": "Bird"})
    counted = client.get(reverse(COUNT), form).content.decode()
    assert "10 characters, 1 SMS part" in counted
    assert "Bird: bye." in counted
    client.post(reverse(ANSWER), {**form, "text": ""})
    assert not KeywordReply.objects.exists()


def test_an_answer_that_cannot_be_keeps_what_was_written(administrator, sign_in):
    form = {"kind": "help", "language": "fr", "channel": "", "text": "{brand}: demandez-nous."}
    page = sign_in(administrator).post(reverse(ANSWER), form).content.decode()
    assert "how to reach you" in page
    assert "demandez-nous" in page
    assert not KeywordReply.objects.exists()


@pytest.mark.parametrize("name", [NEW, ANSWER])
def test_others_look_and_change_nothing(name, marketer, sign_in):
    client = sign_in(marketer)
    assert client.post(reverse(name), {}).status_code == 403
    assert "Add the word" not in client.get(reverse(LIST)).content.decode()


def test_the_page_says_what_help_still_lacks(administrator, sign_in):
    client = sign_in(administrator)
    assert "HELP cannot be answered properly yet" in client.get(reverse(LIST)).content.decode()
    assert "HELP cannot be" in client.get(reverse("admin:index")).content.decode()
    Policy.objects.update_or_create(pk=1, defaults={"brand": "Bird", "contact": "a@b.ca"})
    assert "HELP cannot be" not in client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("channel", ["²", "9" * 4_301])
def test_a_channel_that_is_no_number_is_none(channel, administrator, sign_in):
    form = {"kind": "stop", "language": "en", "text": "Bye.", "channel": channel}
    assert sign_in(administrator).post(reverse(COUNT), form).status_code == 204
