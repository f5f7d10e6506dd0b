"""Opt-outs on their pages: entered, looked at line by line, taken back only by those who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Contact,
    Message,
    Mms,
    MmsRevision,
    OptOut,
    Policy,
    Sender,
)
from campaigns.rules.lines import LineKind
from campaigns.services.consent import record_consent
from campaigns.services.optouts import record_optout
from campaigns.tests.conftest import agreeing

PHONE = "12015550123"
ADD, LIST, MANY, LOG = (
    "admin:campaigns_optout_add",
    "admin:campaigns_optout_changelist",
    "admin:campaigns_optout_many",
    "admin:campaigns_optout_log",
)


def many(**fields):
    today = timezone.localdate().isoformat()
    return {"asked_on": today, "evidence": "Former system", "channel": "", **fields}


def test_an_opt_out_has_its_day_and_its_scope(agent, make_channel, sign_in):
    channel = make_channel()
    form = {"phone": PHONE, "evidence": "Called", "channel": channel.pk, "asked_on": "2026-05-03"}
    sign_in(agent).post(reverse(ADD), form)
    optout = OptOut.objects.get()
    assert (optout.channel, optout.asked_at.date().isoformat()) == (channel, "2026-05-03")


def test_a_day_that_has_not_come_is_not_taken(agent, sign_in):
    form = {"phone": PHONE, "evidence": "Called", "asked_on": "2999-01-01"}
    assert b"has not come yet" in sign_in(agent).post(reverse(ADD), form).content
    assert not OptOut.objects.exists()


def test_who_opted_out_already_is_not_entered_twice(agent, sign_in):
    record_optout(PHONE, source=OptOut.Source.REPLY)
    form = {"phone": PHONE, "evidence": "Called"}
    assert b"has opted out already" in sign_in(agent).post(reverse(ADD), form).content


def test_many_are_looked_at_first_and_entered_by_another_button(agent, sign_in):
    client = sign_in(agent)
    lines = f"Phone\n{PHONE}\n<b>nonsense</b>\n2015550124\n{PHONE}"
    page = client.post(reverse(MANY), many(numbers=lines)).content.decode()
    assert "Opt out 2 numbers" in page
    assert "&lt;b&gt;nonsense&lt;/b&gt;" in page
    assert not OptOut.objects.exists()
    answer = client.post(reverse(MANY), many(numbers=lines, confirm="1"), follow=True)
    assert "2 numbers are opted out" in answer.content.decode()
    assert OptOut.objects.filter(source="file", evidence="Former system").count() == 2


def test_a_file_is_looked_at_and_entered_too(agent, sign_in):
    client = sign_in(agent)
    file = SimpleUploadedFile("old.csv", f"name;phone\nZoë;{PHONE}\n".encode("utf-16"))
    page = client.post(reverse(MANY), many(file=file))
    assert page.context["preview"].new == [PHONE]
    text = page.context["form"].cleaned_data["numbers"]
    client.post(reverse(MANY), many(numbers=text, confirm="1"))
    assert OptOut.objects.get().phone == PHONE


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"numbers": ""}, "Paste one number per line"),
        ({"numbers": PHONE, "evidence": ""}, "This field is required"),
        ({"numbers": PHONE, "asked_on": ""}, "This field is required"),
        ({"numbers": PHONE, "asked_on": "2999-01-01"}, "has not come yet"),
        ({"numbers": "\n,\n;"}, "no number in it"),
    ],
)
def test_what_cannot_be_entered_says_why(fields, problem, agent, sign_in):
    page = sign_in(agent).post(reverse(MANY), many(**fields, confirm="1"))
    assert problem in page.content.decode()
    assert not OptOut.objects.exists()


def test_only_an_administrator_takes_one_back_and_only_with_evidence(people, sign_in):
    optout = record_optout(PHONE, source=OptOut.Source.REPLY)
    url = reverse("admin:campaigns_optout_lift", args=[optout.pk])
    said = {
        "reason": "Phoned",
        "method": "phone",
        "wording": "Send me offers",
        "agreed_on": timezone.localdate().isoformat(),
    }
    for role in ("marketer", "approver", "agent"):
        assert sign_in(people[role]).post(url, said).status_code == 403
    client = sign_in(people["administrator"])
    assert client.post(url, {**said, "reason": ""}).status_code == 200
    assert OptOut.objects.exists()
    assert client.post(url, said).status_code == 302
    assert not OptOut.objects.exists()
    assert "Wants messages again" in client.get(reverse(LOG)).content.decode()


def reachable(channel):
    return "You can write to them."


def on_another_channel(channel):
    record_optout(PHONE, source=OptOut.Source.STAFF, channel=channel)
    return f"They opted out of messages from {channel} on"


def a_landline(channel):
    Contact.objects.update(line=LineKind.LANDLINE)
    return "Their number is a landline: an MMS does not arrive there."


def too_often(channel):
    Policy.objects.create(pk=1, cap_count=1, cap_days=7)
    campaign = Campaign.objects.create(name="Spring", key="spring", launched_at=timezone.now())
    revision = MmsRevision.objects.create(mms=Mms.objects.create(name="Spring"))
    Message.objects.create(
        campaign=campaign, channel=channel, revision=revision, phone=PHONE, reference="spring"
    )
    return "They have 1 message in 7 days, and may get 1 at most"


def no_contact(channel):
    Contact.objects.all().delete()
    return "No contact has this number"


@pytest.mark.parametrize(
    "hinder", [reachable, on_another_channel, a_landline, too_often, no_contact]
)
def test_after_taking_one_back_it_says_what_is_true_of_them(
    administrator, make_channel, sign_in, hinder
):
    make_channel()
    agreeing(PHONE).save()
    optout = record_optout(PHONE, source=OptOut.Source.REPLY)
    told = hinder(make_channel("Another"))
    said = {
        "reason": "Phoned",
        "method": "phone",
        "wording": "Send me offers",
        "agreed_on": timezone.localdate().isoformat(),
    }
    url = reverse("admin:campaigns_optout_lift", args=[optout.pk])
    page = sign_in(administrator).post(url, said, follow=True)
    (message,) = page.context["messages"]
    assert told in str(message)
    assert "may be written to again" not in str(message)
    assert PHONE not in str(message)


def test_the_log_is_for_those_who_see_opt_outs(people, everything, sign_in):
    record_optout(PHONE, source=OptOut.Source.REPLY, evidence="Replied “STOP”")
    page = sign_in(people["agent"]).get(reverse(LOG)).content.decode()
    assert "Replied “STOP”" in page
    assert PHONE not in page
    assert sign_in(everything["user"]).get(reverse(LOG)).status_code == 302


def test_the_page_warns_while_a_number_does_not_hear_texts(agent, make_channel, sign_in):
    make_channel()
    client = sign_in(agent)
    assert "will not reach this portal" in client.get(reverse(LIST)).content.decode()
    Sender.objects.update(replies_reach_us=True)
    assert "will not reach this portal" not in client.get(reverse(LIST)).content.decode()


def test_the_page_of_a_channel_warns_too(administrator, everything, sign_in):
    url = reverse("admin:campaigns_channel_change", args=[everything["channel"].pk])
    client = sign_in(administrator)
    assert "will not reach this portal" in client.get(url).content.decode()
    Sender.objects.update(replies_reach_us=True)
    assert "will not reach this portal" not in client.get(url).content.decode()


def test_the_page_of_an_opt_out_of_everything_says_so(agent, sign_in):
    record_optout(PHONE, source=OptOut.Source.REPLY)
    row = OptOut.objects.get()
    page = sign_in(agent).get(reverse("admin:campaigns_optout_change", args=[row.pk]))
    assert "Campaigns send nothing to this number, on any channel." in page.content.decode()


def test_in_which_words_somebody_agreed_is_not_on_the_page_of_an_opt_out(people, sign_in):
    record_consent(PHONE, method="web", wording="I agree to offers", source="The shop")
    optout = record_optout(PHONE, source=OptOut.Source.STAFF, evidence="Called")
    url = reverse("admin:campaigns_optout_change", args=[optout.pk])
    for user in people.values():
        page = sign_in(user).get(url).content.decode()
        assert "Called" in page
        assert "I agree to offers" not in page
        assert "The shop" not in page
