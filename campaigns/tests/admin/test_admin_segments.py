"""The pages of segments: rows in, sentence and people out, with and without a script."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import ContactList, Segment

ADD = reverse("admin:campaigns_segment_add")
COUNT, ROWS = reverse("admin:campaigns_segment_count"), reverse("admin:campaigns_segment_rows")


@pytest.fixture
def vip(make_contacts):
    return make_contacts(7, "VIP")


@pytest.fixture
def segment(vip):
    definition = {"all": [{"about": "list", "how": "on", "value": vip.pk}]}
    return Segment.objects.create(name="Silent", definition=definition)


def posted(*rows, do="", name="New Yorkers", **more):
    """A form as the page posts it; a row is a token of `node`, or (about, how, value, takes)."""
    form = {"do": do, "name": name, "node": [], "about": [], "how": [], "value": [], "was": []}
    for row in rows:
        if isinstance(row, str):
            form["node"].append(row)
            continue
        about, how, value, takes = row
        form["node"].append("condition")
        for key, text in {"about": about, "how": how, "value": value}.items():
            form[key].append(text)
        form["was"].append(f"{about} {takes}")
    return {**form, **more}


def in_vip(vip):
    return ("list", "on", f"#{vip.pk}", "LIST")


IN_NY = ("state", "is", "NY", "TEXT")


def test_a_nested_sentence_is_saved_from_its_rows(vip, marketer, sign_in):
    form = posted("all", in_vip(vip), "none", IN_NY, "end", "end", do="save")
    answer = sign_in(marketer).post(ADD, form)
    saved = Segment.objects.get()
    assert answer.url == reverse("admin:campaigns_segment_change", args=[saved.pk])
    assert saved.definition == {
        "all": [
            {"about": "list", "how": "on", "value": vip.pk},
            {"not": {"any": [{"about": "state", "how": "is", "value": "NY"}]}},
        ]
    }


def test_what_cannot_be_saved_stays_on_the_page_with_every_reason(vip, marketer, sign_in):
    form = posted("all", IN_NY, ("list", "on", "", "LIST"), "end", do="save", name="")
    answer = sign_in(marketer).post(ADD, form)
    assert answer.context["refused"] == ("Give the segment a name.", "Choose a list.")
    assert b'value="NY"' in answer.content
    assert not Segment.objects.exists()


def test_the_count_shows_the_sentence_and_masked_people(vip, marketer, sign_in):
    answer = sign_in(marketer).post(COUNT, posted("all", in_vip(vip), "end"))
    page = answer.content.decode()
    assert "in “VIP”" in page
    assert "<strong>7</strong> people" in page
    assert page.count("•••") == 5
    assert "12015550006" not in page


def test_an_unfinished_row_selects_nobody_and_says_why(marketer, sign_in):
    page = sign_in(marketer).post(COUNT, posted("all", ("", "", "", "NOTHING"), "end")).content
    assert "Nobody is selected" in page.decode()
    assert "Choose what a condition is about." in page.decode()


def test_steps_work_without_a_script(vip, marketer, sign_in):
    form = posted("all", in_vip(vip), IN_NY, "end", do="up 1")
    page = sign_in(marketer).post(ADD, form).content.decode()
    assert page.index('value="state TEXT"') < page.index('value="list LIST"')
    assert "Not saved" in page
    form = posted("all", in_vip(vip), "end", do="group ")
    assert sign_in(marketer).post(ADD, form).context["focus"] == "1-0"


def test_another_subject_forgets_the_value(vip, marketer, sign_in):
    form = posted("all", in_vip(vip), "end") | {"about": ["campaign"]}
    page = sign_in(marketer).post(ROWS, form).content.decode()
    assert 'value="campaign CAMPAIGN"' in page
    assert f'value="#{vip.pk}" selected' not in page


def test_many_lists_are_found_by_typing(vip, marketer, sign_in):
    ContactList.objects.bulk_create(ContactList(name=f"List {n}") for n in range(3000))
    page = sign_in(marketer).get(ADD).content.decode()
    assert page.count('<option value="List ') == 3000
    for typed in (f"VIP (#{vip.pk})", "vip", f"#{vip.pk}"):
        form = posted("all", ("list", "on", typed, "LIST"), "end", do="save", name=typed)
        sign_in(marketer).post(ADD, form)
    kept = Segment.objects.values_list("definition", flat=True)
    assert [each["all"][0]["value"] for each in kept] == [vip.pk] * 3
    form = posted("all", ("list", "on", "nowhere", "LIST"), "end")
    assert "There is no list “nowhere”" in sign_in(marketer).post(COUNT, form).content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"node": ["end", "end", "all"]},
        {"node": ["all", "condition"]},
        {"node": ["condition", "all", "any", "x", "end"], "about": ["state"], "how": ["is"]},
        {"node": ["all", "condition", "end"], "about": "x", "how": "y", "value": "z", "was": "q"},
        {"node": ["all", "end"], "do": "remove 4-4"},
        {"node": ["all", "end"], "do": "up -1"},
    ],
)
def test_a_form_out_of_order_is_no_accident(form, marketer, sign_in):
    assert sign_in(marketer).post(COUNT, form).status_code == 200
    assert sign_in(marketer).post(ROWS, form).status_code == 200


def test_a_campaign_leads_to_the_people_who_failed(make_campaign, marketer, sign_in):
    campaign = make_campaign(launched_at=timezone.now())
    page = sign_in(marketer).get(f"{ADD}?campaign={campaign.pk}&how=failed")
    assert page.context["sentence"] == "“Spring” failed"


def test_a_copy_begins_with_the_same_rows(segment, marketer, sign_in):
    page = sign_in(marketer).get(f"{ADD}?copy={segment.pk}")
    assert page.context["name"] == "Silent (copy)"
    assert page.context["sentence"] == "in “VIP”"


def test_who_only_looks_sees_the_sentence_and_the_count_but_nobody(segment, approver, sign_in):
    url = reverse("admin:campaigns_segment_change", args=[segment.pk])
    page = sign_in(approver).get(url).content.decode()
    assert "in “VIP”" in page
    assert "<strong>7</strong>" in page
    assert "•••" not in page
    assert 'name="do"' not in page
    assert sign_in(approver).post(url, posted("all", IN_NY, "end", do="save")).status_code == 403
    form = posted("all", IN_NY, "end", segment=segment.pk)
    assert sign_in(approver).post(COUNT, form).status_code == 403


@pytest.mark.parametrize("url", [COUNT, ROWS])
def test_who_sees_no_segments_counts_none(url, agent, sign_in):
    assert sign_in(agent).post(url, posted("all", IN_NY, "end")).status_code == 403


def test_the_list_says_and_counts_each_segment(segment, marketer, sign_in, make_campaign):
    campaign = make_campaign(contacts=0, name="Autumn")
    campaign.excluded_segments.add(segment)
    page = sign_in(marketer).get(reverse("admin:campaigns_segment_changelist")).content.decode()
    assert "in “VIP”" in page
    assert "Autumn" in page
    count = reverse("admin:campaigns_segment_people", args=[segment.pk])
    assert count in page
    assert sign_in(marketer).get(count).content == b"7"


def test_a_damaged_one_says_in_the_list_that_it_holds_nobody(segment, vip, marketer, sign_in):
    vip.delete()
    url = reverse("admin:campaigns_segment_people", args=[segment.pk])
    assert b"Holds nobody" in sign_in(marketer).get(url).content


def test_a_segment_in_use_is_refused_before_anything_is_asked(
    segment, marketer, sign_in, make_campaign
):
    make_campaign(contacts=0).segments.add(segment)
    url = reverse("admin:campaigns_segment_delete", args=[segment.pk])
    page = sign_in(marketer).get(url, follow=True)
    assert "campaigns need it" in page.content.decode()
    sign_in(marketer).post(url, {"post": "yes"})
    assert Segment.objects.exists()


def test_a_list_is_made_of_those_who_are_in_it(segment, marketer, approver, sign_in):
    url = reverse("admin:campaigns_segment_list", args=[segment.pk])
    assert sign_in(approver).post(url, {"name": "Of today"}).status_code == 403
    answer = sign_in(marketer).post(url, {"name": "Of today"})
    made = ContactList.objects.get(name="Of today")
    assert answer.url == reverse("admin:campaigns_contactlist_change", args=[made.pk])
    assert made.memberships.count() == 7
