"""Groups of the pretend SMS REST API: kept, nested, looked up when a batch leaves (§4.3, §9)."""

from datetime import UTC, datetime

import pytest

from campaigns.sandbox.sms.dispatch import send_due
from campaigns.sandbox.sms.models import SmsGroup, SmsMessage

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
ADA, BEN, EVA = "12015550101", "12015550102", "12015550103"


@pytest.fixture
def group(sms_call):
    def make(**fields):
        return sms_call("POST", "groups", fields).json()["id"]

    return make


def test_duplicates_are_dropped_and_members_are_a_bare_list(sms_call):
    response = sms_call("POST", "groups", {"name": "Few", "members": [f"+{ADA}", BEN, ADA]})
    answer = response.json()
    assert (response.status_code, answer["size"], answer["name"]) == (201, 2, "Few")
    assert sms_call("GET", f"groups/{answer['id']}/members").json() == [ADA, BEN]
    assert sms_call("GET", "groups").json()["groups"] == [answer]


def test_an_update_adds_before_it_removes(sms_call, group):
    other = group(name="Other", members=[EVA])
    path = f"groups/{group(name='Few', members=[ADA])}"
    changes = {"add": [BEN], "remove": [ADA, BEN], "add_from_group": other, "name": None}
    answer = sms_call("POST", path, changes).json()
    assert "name" not in answer
    assert sms_call("GET", f"{path}/members").json() == [EVA]
    sms_call("POST", path, {"remove_from_group": other})
    assert sms_call("GET", f"{path}/members").json() == []


def test_a_replacement_demands_members(sms_call, group):
    path = f"groups/{group(name='Few', members=[ADA])}"
    assert sms_call("PUT", path, {"name": "New"}).status_code == 400
    assert sms_call("PUT", path, {"members": [BEN]}).json()["size"] == 1
    assert SmsGroup.objects.get().members == [BEN]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"name": "x" * 21}, 400, "syntax_constraint_violation"),
        ({"members": ["x"]}, 400, "syntax_invalid_parameter_format"),
        ({"members": [ADA] * 10_001}, 400, "syntax_constraint_violation"),
        ({"child_groups": ["x"] * 11}, 400, "syntax_constraint_violation"),
        ({"child_groups": ["01M7ZD6066EDT3Y7QBVY1P972G"]}, 403, "unknown_group"),
        ({"name": "Taken"}, 403, "conflict_group_name"),
        ({"auto_update": {"to": ADA, "add": {"first_word": "two words"}}}, 400,
         "syntax_constraint_violation"),
    ],
)  # fmt: skip
def test_what_a_group_may_not_be(sms_call, group, fields, status, code):
    group(name="Taken")
    response = sms_call("POST", "groups", fields)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_members_are_looked_up_when_the_batch_leaves(sms_call, text_batch, group):
    child = group(members=[BEN])
    parent = group(members=[ADA], child_groups=[child])
    gone = group(members=[EVA])
    SmsGroup.objects.filter(group_id=child).update(child_groups=[parent])
    sms_call("POST", "batches", text_batch(to=[parent, gone, ADA]))
    sms_call("DELETE", f"groups/{gone}")
    send_due(datetime.now(UTC))
    assert list(SmsMessage.objects.values_list("recipient", flat=True)) == [ADA, BEN]


@pytest.mark.parametrize("ending", ["68", "82", "90"])
def test_the_id_of_a_group_tells_no_story(sms_call, text_batch, group, ending):
    group_id = group(members=[ADA])[:-2] + ending
    SmsGroup.objects.update(group_id=group_id)
    response = sms_call("POST", "batches", text_batch(to=[group_id]))
    assert (response.status_code, response.json()["to"]) == (201, [group_id])
    assert not SmsMessage.objects.exists()


def test_feedback_for_a_group_names_somebody(sms_call, text_batch, group):
    body = text_batch(to=[group(members=[ADA])], feedback_enabled=True)
    path = f"batches/{sms_call('POST', 'batches', body).json()['id']}/delivery_feedback"
    assert sms_call("POST", path, {"recipients": []}).status_code == 400
    assert sms_call("POST", path, {"recipients": [ADA]}).status_code == 202
    assert sms_call("POST", path, {}).status_code == 400
