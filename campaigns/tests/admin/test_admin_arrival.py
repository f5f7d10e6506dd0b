"""The button beside the composer tells everything about what is on the page, saved or not."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Mms
from campaigns.services.media import store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
URL = "/admin/campaigns/mms/arrival/"
TYPED = {
    "name": "Spring",
    "slide-0-text": "20 % off. Reply STOP to opt out.",
    "fallback": "on",
    "fallback_text": "Hi",
}


@pytest.fixture(autouse=True)
def far_away(settings, tmp_path):
    """Nothing is asked of the network: the portal has no public address."""
    settings.MEDIA_ROOT = tmp_path
    settings.SANDBOX = ""
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def ask(client, marketer):
    client.force_login(marketer)

    def ask(url=URL, **fields):
        return client.post(url, {**TYPED, **fields}, headers={"HX-Request": "true"})

    return ask


def picture(number):
    content = samples.picture(size=(40 + number, 40))
    return store_media(samples.upload(f"{number}.jpg", content), by=None)


def url_of(mms):
    return reverse("admin:campaigns_mms_arrival", args=[mms.pk])


def test_an_unsaved_draft_is_checked_and_stays_unsaved(ask, make_channel):
    make_channel()
    response = ask(**{"slide-1-text": ""})
    page = response.content.decode()
    assert "It does not arrive like this" in page
    assert 'href="#slide-2-text">Slide 2</a>' in page
    assert "Add text or media." in page
    assert not Mms.objects.exists()


def test_problems_doubts_and_what_is_fine_stand_apart(ask, make_channel):
    make_channel()
    arrival = ask(subject="WINTER SALE", **{"slide-0-media": [picture(1).pk]}).context["arrival"]
    assert [found.text[:17] for found in arrival.problems] == ["Sinch cannot fetc"]
    assert "in capitals only" in arrival.warnings[1].text
    assert [found.text for found in arrival.fine] == ["The channel “Main” is open."]


def test_everything_well_is_said_in_one_line(ask, make_channel, settings):
    settings.PUBLIC_BASE_URL = "https://mms.example.org"
    make_channel().senders.update(replies_reach_us=True)
    page = ask().content.decode()
    assert "It arrives\n" in page.replace("</h3>", "\n")
    assert "There is no file that Sinch would have to fetch." in page


def test_what_merge_fields_lack_is_told_among_the_rest(ask, make_channel):
    make_channel()
    page = ask(**{"slide-0-text": "Hi {{ first_name"}).content.decode()
    assert "not closed" in page


def test_eight_slides_with_two_files_each_are_told_file_by_file(ask, make_channel):
    make_channel()
    files = [picture(number) for number in range(16)]
    fields = {f"slide-{n}-text": "Hi" for n in range(8)}
    fields |= {f"slide-{n}-media": [files[2 * n].pk, files[2 * n + 1].pk] for n in range(8)}
    response = ask(**fields)
    arrival = response.context["arrival"]
    assert len(arrival.trips) == 16
    assert [found.slide for found in arrival.problems] == [None, *range(1, 9)]
    assert "cannot fetch any of the 16 files" in arrival.problems[0].text
    assert response.content.decode().count('class="trip trip--bad"') == 16


def test_a_saved_mms_is_checked_as_it_stands_on_the_page(ask, make_mms, make_channel):
    make_channel()
    mms = make_mms(text="Saved words")
    response = ask(url_of(mms), **{"slide-0-text": ""})
    assert "it is empty." in [found.text for found in response.context["arrival"].problems]
    mms.refresh_from_db()
    assert mms.head.slides.get().text == "Saved words"


# --- Its age -------------------------------------------------------------------------------------


def typed_after(response, **changes):
    """What the page posts while somebody types on, with what the answer left on it."""
    checked = response.context
    return {
        **TYPED,
        **changes,
        "do": "look",
        "arrival-of": checked["arrival_mark"],
        "arrival-at": str(int(checked["checked_at"].timestamp())),
    }


def look(client, posted):
    return client.post("/admin/campaigns/mms/add/", posted, headers={"HX-Request": "true"})


def test_the_answer_is_marked_once_something_changed(ask, client, make_channel):
    make_channel()
    answer = ask()
    assert "check--answered" in answer.content.decode()
    same = look(client, typed_after(answer)).content.decode()
    assert "check--answered" in same
    assert "check again" not in same
    changed = look(client, typed_after(answer, subject="New")).content.decode()
    assert "check--answered" not in changed
    assert "The answer below is for what you had" in changed


def test_changing_the_name_does_not_age_the_answer(ask, client, make_channel):
    make_channel()
    page = look(client, typed_after(ask(), name="Another")).content.decode()
    assert "check again" not in page


@pytest.mark.parametrize("moment", ["", "soon", "9" * 30, "²"])
def test_a_moment_that_is_none_breaks_nothing(ask, client, make_channel, moment):
    make_channel()
    posted = typed_after(ask(), subject="New") | {"arrival-at": moment}
    assert look(client, posted).status_code == 200


def test_without_a_check_nothing_is_said_about_its_age(client, marketer):
    client.force_login(marketer)
    assert "check again" not in look(client, {**TYPED, "do": "look"}).content.decode()


# --- Who may -------------------------------------------------------------------------------------


def test_it_is_asked_by_post_only(client, marketer):
    client.force_login(marketer)
    assert client.get(URL).status_code == 405


def test_who_may_not_see_an_mms_may_not_check_it(client, agent, make_mms):
    agent.groups.clear()
    client.force_login(agent)
    assert client.post(URL, TYPED).status_code == 403
    assert client.post(url_of(make_mms()), TYPED).status_code == 403


def test_who_may_only_look_checks_what_is_saved(client, approver, make_mms, make_channel):
    make_channel()
    mms = make_mms(text="Saved words")
    client.force_login(approver)
    assert client.post(URL, TYPED).status_code == 403
    response = client.post(url_of(mms), {"slide-0-text": ""})
    assert response.context["arrival"].problems == ()


def test_an_mms_that_is_gone_is_not_found(client, marketer):
    client.force_login(marketer)
    assert client.post("/admin/campaigns/mms/4711/arrival/", TYPED).status_code == 404


def test_the_check_says_when_it_was_made(ask, make_channel):
    make_channel()
    before = timezone.now()
    assert before <= ask().context["checked_at"] <= timezone.now()


def test_a_file_is_checked_from_its_own_page_too(client, marketer):
    client.force_login(marketer)
    url = reverse("admin:campaigns_mediafile_check", args=[picture(1).pk])
    page = client.post(url, follow=True).content.decode()
    assert "Sinch cannot fetch “1.jpg”." in page
    assert "Set PUBLIC_BASE_URL" in page
