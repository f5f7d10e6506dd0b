"""Webhooks and apps of the pretend Conversation API, and what a number can receive (§7, §8)."""

import pytest

from campaigns.sandbox.models import Postback

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def make_hook(ask, app):
    def make(**changes):
        body = {
            "app_id": app.app_id,
            "target": "https://portal.example/hooks/",
            "target_type": "HTTP",
            "triggers": ["MESSAGE_INBOUND"],
            "secret": "open",
        }
        return ask("POST", "webhooks", body | changes)

    return make


def field_of(answer):
    return answer.json()["error"]["details"][0]["field_violations"][0]["field"]


def test_a_webhook_is_made_listed_read_changed_and_deleted(ask, app, make_hook):
    made = make_hook().json()
    listed = ask("GET", f"apps/{app.app_id}/webhooks").json()["webhooks"]
    assert listed[-1] == made == ask("GET", f"webhooks/{made['id']}").json()
    changed = ask(
        "PATCH",
        f"webhooks/{made['id']}",
        {"triggers": ["OPT_OUT"], "secret": "other"},
        query="?update_mask=triggers",
    ).json()
    assert (changed["triggers"], changed["secret"]) == (["OPT_OUT"], "open")
    assert ask("DELETE", f"webhooks/{made['id']}").json() == {}
    assert ask("GET", f"webhooks/{made['id']}").status_code == 404


def test_a_webhook_that_names_no_type_delivers_nothing(make_hook, ask, app, make_order):
    app.webhooks.all().delete()
    made = make_hook(target_type=None, triggers=["MESSAGE_DELIVERY"]).json()
    assert made["target_type"] == "DISMISS"
    ask("POST", "messages:send", make_order())
    assert not Postback.objects.exists()


def test_an_app_has_at_most_five(make_hook, app):
    answers = [make_hook(target=f"https://x.example/{n}/").status_code for n in range(5)]
    assert answers == [200] * 4 + [400]  # one was there


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "http://127.0.0.1:9/hooks/"}, "target"),
        ({"target": "portal.example"}, "target"),
        ({"target": "https://x.example/" + "x" * 742}, "target"),
        ({"target_type": "GRPC"}, "target_type"),
        ({"triggers": []}, "triggers"),
        ({"triggers": ["UNSPECIFIED_TRIGGER"]}, "triggers"),
        ({"client_credentials": {"client_id": "a"}}, "client_credentials.client_secret"),
    ],
)
def test_a_bad_webhook_names_its_field(make_hook, change, field):
    answer = make_hook(**change)
    assert (answer.status_code, field_of(answer)) == (400, field)


def test_the_list_of_an_app_takes_no_new_ones(ask, app):
    answer = ask("POST", f"apps/{app.app_id}/webhooks", {})
    assert (answer.status_code, answer.json()["error"]["status"]) == (501, "UNIMPLEMENTED")


def test_only_what_the_mask_names_is_changed_on_an_app(ask, app):
    body = {"display_name": "New", "processing_mode": "CONVERSATION"}
    changed = ask("PATCH", f"apps/{app.app_id}", body, query="?update_mask=display_name").json()
    assert (changed["display_name"], changed["processing_mode"]) == ("New", "DISPATCH")


def test_the_default_sender_is_taken_and_not_shown(ask, app):
    mms = {"account_id": "a", "api_key": "k", "default_sender": "+12015550155"}
    body = {"channel_credentials": [{"channel": "MMS", "mms_credentials": mms}]}
    (shown,) = ask("PATCH", f"apps/{app.app_id}", body).json()["channel_credentials"]
    assert shown["mms_credentials"] == {"account_id": "a", "api_key": "k"}
    app.refresh_from_db()
    assert app.channel_credentials[0]["mms_credentials"] == mms


def test_credentials_without_their_key_are_refused(ask, app):
    body = {"channel_credentials": [{"channel": "MMS", "mms_credentials": {"account_id": "a"}}]}
    answer = ask("PATCH", f"apps/{app.app_id}", body)
    assert field_of(answer) == "channel_credentials[0].mms_credentials.api_key"


@pytest.mark.parametrize(("ending", "status"), [("23", "CAPABILITY_FULL"), ("61", "NO_CAPABILITY")])
def test_what_a_number_can_receive_is_told_by_a_callback(ask, app, ending, status):
    identity = {"channel": "MMS", "identity": f"120155501{ending}"}
    recipient = {"identified_by": {"channel_identities": [identity]}}
    body = {"app_id": app.app_id, "recipient": recipient, "request_id": "ours-1"}
    assert ask("POST", "capability:query", body).json()["request_id"] == "ours-1"
    found = Postback.objects.get(code="CAPABILITY").body["capability_notification"]
    assert (found["capability_status"], found["request_id"]) == (status, "ours-1")
