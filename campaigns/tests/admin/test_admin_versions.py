"""The history of an MMS: read by who may look, brought back by who may change."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.services.content import freeze
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(marketer):
    def write(mms, *texts, **fields):
        slides = tuple(DraftSlide(text) for text in texts)
        draft = MmsDraft(**{"name": "Spring", "fallback_text": "See:", **fields, "slides": slides})
        return freeze(save_draft(mms, draft, by=marketer), timezone.now())

    return write


@pytest.fixture
def mms(write):
    mms = write(None, "Come on Sunday", "Bye").mms
    write(mms, "Come on Monday", "Bye")
    return mms


def page(name, mms, *more):
    return reverse(f"admin:campaigns_mms_{name}", args=[mms.pk, *more])


def pages_of(mms):
    return [
        page("versions", mms),
        page("version", mms, 1),
        page("compare", mms),
        page("compare", mms) + "?before=1&after=2&phone=before",
    ]


def test_who_may_look_reads_the_history_and_restores_nothing(mms, sign_in, approver):
    client = sign_in(approver)
    for url in pages_of(mms):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "Restore" not in answer.content.decode()
    assert client.post(page("restore", mms, 1)).status_code == 403
    assert mms.revisions.count() == 2


def test_who_may_not_look_sees_nothing(mms, sign_in, agent):
    client = sign_in(agent)
    assert [client.get(url).status_code for url in pages_of(mms)] == [403] * 4
    assert client.post(page("restore", mms, 1)).status_code == 403


def test_the_history_tells_what_changed_and_which_version_works(mms, sign_in, marketer):
    text = sign_in(marketer).get(page("versions", mms)).content.decode()
    assert "Slide 1: text." in text
    assert "The first version, with 2 slides." in text
    assert text.count("Working version") == 1
    assert "data-confirm=" in text


def test_the_history_names_campaigns_with_their_states(make_campaign, sign_in, marketer):
    campaign = make_campaign(0, name="First wave")
    text = sign_in(marketer).get(page("versions", campaign.mms)).content.decode()
    assert reverse("admin:campaigns_campaign_change", args=[campaign.pk]) in text
    assert "sends the working version" in text


def test_restoring_comes_back_to_the_composer(mms, sign_in, marketer):
    client = sign_in(marketer)
    answer = client.post(page("restore", mms, 1), follow=True)
    assert answer.redirect_chain == [(page("change", mms), 302)]
    assert "Version 1 is back, as version 3." in answer.content.decode()
    assert draft_of(mms.head).slides[0].text == "Come on Sunday"
    assert "Brought back from version 1." in client.get(page("versions", mms)).content.decode()


def test_restoring_what_is_there_says_so(mms, sign_in, marketer):
    answer = sign_in(marketer).post(page("restore", mms, 2), follow=True)
    assert "already says the same as version 2" in answer.content.decode()


def test_a_link_restores_nothing(mms, sign_in, marketer):
    assert sign_in(marketer).get(page("restore", mms, 1)).status_code == 403
    assert mms.revisions.count() == 2


def test_two_versions_are_compared_word_by_word(mms, sign_in, marketer):
    text = sign_in(marketer).get(page("compare", mms)).content.decode()
    assert 'removed: </span>Sunday</del><ins class="piece">' in text
    assert "added: </span>Monday</ins>" in text
    assert "Come on <del" in text


def test_the_earlier_version_comes_first_however_it_was_asked(mms, sign_in, marketer):
    answer = sign_in(marketer).get(page("compare", mms), {"before": 2, "after": 1})
    assert (answer.context["old"].number, answer.context["new"].number) == (1, 2)


def test_either_version_is_on_the_phone(mms, sign_in, marketer):
    client = sign_in(marketer)
    for shown, text in (("before", "Sunday"), ("after", "Monday")):
        answer = client.get(page("compare", mms), {"before": 1, "after": 2, "phone": shown})
        assert answer.context["on_phone"].slides[0].text == f"Come on {text}"


def test_what_somebody_wrote_is_shown_and_not_run(write, sign_in, marketer):
    mms = write(None, "<script>alert(1)</script> Hello").mms
    write(mms, "<b>Hello</b>")
    client = sign_in(marketer)
    for url in pages_of(mms):
        text = client.get(url).content.decode()
        assert "<script>alert" not in text
        assert "<b>Hello" not in text


@pytest.mark.parametrize("asked", ["before=x", "after=99", "before=0", "after=²", "before=-1"])
def test_versions_that_do_not_exist_are_not_found(mms, sign_in, marketer, asked):
    assert sign_in(marketer).get(f"{page('compare', mms)}?{asked}").status_code == 404
    assert sign_in(marketer).get(page("version", mms, 9)).status_code == 404


def test_an_only_version_has_nothing_to_compare(make_mms, sign_in, marketer):
    mms = make_mms()
    assert "Compare any two" not in sign_in(marketer).get(page("versions", mms)).content.decode()
    assert sign_in(marketer).get(page("compare", mms)).status_code == 404


def test_a_page_of_200_versions_asks_no_more_than_a_page_of_20(
    mms, write, sign_in, marketer, django_assert_max_num_queries
):
    for number in range(60):
        write(mms, f"Words {number}", "Bye")
    client = sign_in(marketer)
    with django_assert_max_num_queries(26):
        text = client.get(page("versions", mms)).content.decode()
    assert "Page 1 of 4" in text
    assert "Version 43" in text
    assert "Version 42<" not in text
    assert "Version 22" in client.get(page("versions", mms) + "?page=3").content.decode()


def test_the_composer_leads_to_the_history(mms, sign_in, marketer):
    assert page("versions", mms) in sign_in(marketer).get(page("change", mms)).content.decode()


@pytest.mark.parametrize(
    ("kinds", "count"),
    [([], 1), (["sinch_mms", "sinch_sms"], 1), (["sinch_conversation", "sinch_sms"], 0)],
)
def test_the_phone_shows_a_link_where_some_channel_adds_one(
    kinds, count, mms, make_channel, sign_in, marketer
):
    for kind in kinds:
        make_channel(kind, kind=kind)
    client = sign_in(marketer)
    for url in pages_of(mms)[1:]:
        assert client.get(url).content.decode().count("Sinch adds the link") == count
