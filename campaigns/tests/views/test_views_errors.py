"""What somebody sees whose request broke."""

import pytest
from django.test import Client

from campaigns.views import hooks


@pytest.fixture
def broken(monkeypatch, db):
    def fail(*args):
        raise RuntimeError("a secret of the program")

    monkeypatch.setattr(hooks, "keep_callback", fail)
    return Client(raise_request_exception=False).post("/hooks/x/", b"{}", "application/json")


def test_the_id_that_the_log_has_is_told(broken):
    page = broken.content.decode()
    assert broken.status_code == 500
    assert f'under <span class="mono">{broken["X-Request-ID"]}</span>.' in page
    assert "Something went wrong here" in page
    assert "a secret of the program" not in page
