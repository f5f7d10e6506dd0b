"""Who may call the pretend Conversation API: tokens, keys, regions, rates (§1)."""

import base64
import json
import time

import pytest

from campaigns.sandbox.conversation import tokens
from campaigns.sandbox.conversation.buckets import Bucket
from campaigns.sandbox.conversation.models import ConversationProject
from campaigns.sandbox.conversation.tokens import make_token

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
FORM = {"grant_type": "client_credentials"}


def basic(name="pretend-key-id", word="pretend-key-secret"):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()}


@pytest.fixture(autouse=True)
def _full_bucket(monkeypatch):
    monkeypatch.setattr(tokens, "bucket", Bucket(30, 10))


def test_a_token_is_shaped_like_a_jwt_and_lasts_an_hour(client, app):
    body = client.post("/oauth2/token", FORM, headers=basic()).json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 3599, "")
    claims = body["access_token"].split(".")[1]
    expires_at = json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"]
    assert 3590 < expires_at - time.time() < 3601


@pytest.mark.parametrize(
    "headers", [basic(word="wrong"), basic(name="nobody"), {}, {"Authorization": "Basic %%%"}]
)
def test_a_bad_client_is_told_so(client, app, headers):
    answer = client.post("/oauth2/token", FORM, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_another_grant_is_not_known(client, app):
    answer = client.post("/oauth2/token", {"grant_type": "password"}, headers=basic())
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_beyond_the_burst_no_token_is_given_and_none_is_promised(client, app):
    answers = [client.post("/oauth2/token", FORM, headers=basic()) for _ in range(45)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert [answer.status_code for answer in answers[:30]] == [200] * 30
    assert "Retry-After" not in refused[0].headers


def test_a_bucket_fills_again_with_time():
    bucket = Bucket(2, 10)
    assert [bucket.takes("a", 0) for _ in range(3)] == [True, True, False]
    assert [bucket.takes("a", 0.1), bucket.takes("a", 0.1), bucket.takes("b", 0.1)] == [
        True,
        False,
        True,
    ]


def test_an_expired_token_says_so_in_its_challenge(ask, app):
    old = make_token(app.project, time.time() - 3600)
    answer = ask("GET", "apps", token=old)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert answer["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert "expired" in answer["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_a_token_that_is_none_is_refused_without_the_word_expired(ask, token):
    answer = ask("GET", "apps", token=token)
    assert answer.status_code == 401
    assert "expired" not in answer["WWW-Authenticate"]


def test_a_token_signed_by_somebody_else_is_refused(ask, app):
    token = make_token(app.project, time.time())
    assert ask("GET", "apps", token=token[:-2] + "xx").status_code == 401


def test_a_revoked_key_ends_the_tokens_it_gave(ask, client, app):
    token = make_token(app.project, time.time())
    ConversationProject.objects.update(keys_revoked=True)
    assert ask("GET", "apps", token=token).status_code == 401
    assert client.post("/oauth2/token", FORM, headers=basic()).status_code == 401


def test_the_key_itself_is_taken_too_but_not_often(client, app):
    path = "/conversation/us/v1/projects/pretend-project/apps"
    codes = [client.get(path, headers=basic()).status_code for _ in range(8)]
    assert codes[:5] == [200] * 5
    assert 429 in codes
    assert client.get(path, headers=basic(word="wrong")).status_code == 401


def test_a_region_that_is_wrong_does_not_know_the_app(ask, app):
    assert ask("GET", f"apps/{app.app_id}").status_code == 200
    answer = ask("GET", f"apps/{app.app_id}", region="eu")
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_another_project_is_forbidden(client, app):
    token = make_token(app.project, time.time())
    path = "/conversation/us/v1/projects/somebody-else/apps"
    assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_without_credit_everything_is_forbidden(ask, app):
    ConversationProject.objects.update(is_over_credit=True)
    error = ask("GET", "apps").json()["error"]
    assert (error["code"], error["status"]) == (403, "BILLING_CREDIT_LIMIT_BREACHED")


def test_too_many_requests_in_a_second_are_refused(ask, app):
    ConversationProject.objects.update(rate=1)
    app.project.refresh_from_db()
    app.project.key_id = "another-key"  # the window of the other tests is not ours
    app.project.save()
    codes = [ask("GET", "apps").status_code for _ in range(4)]
    assert (codes[0], 429 in codes) == (200, True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")],
)
def test_a_body_must_be_a_json_object_and_say_so(client, app, content, kind):
    token = make_token(app.project, time.time())
    answer = client.generic(
        "POST",
        "/conversation/us/v1/projects/pretend-project/messages:send",
        content,
        content_type=kind,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 400


def test_a_method_that_is_not_there_is_unimplemented(ask):
    assert ask("PUT", "apps", {}).json()["error"]["status"] == "UNIMPLEMENTED"


def test_the_switches_are_set_on_the_page_of_the_phones(client, app, ask):
    page = client.get("/").content.decode()
    assert "The access key is revoked" in page
    fields = {"keys_revoked": "on", "generation": "2020", "media_seconds": "60"}
    fields |= {"token_seconds": "3599", "rate": "10", "webhook_rate": "5"}
    data = {f"pretend-project-{name}": value for name, value in fields.items()}
    assert client.post("/switches/pretend-project/", data).status_code == 302
    project = ConversationProject.objects.get()
    assert (project.keys_revoked, project.generation, project.rate) == (True, "2020", 10)
    assert project.webhook_rate == 5
    assert ask("GET", "apps").status_code == 401
    page = client.post("/switches/pretend-project/", {}, follow=True).content.decode()
    assert "Requests per second: This field is required." in page
