"""What all recipients of a version get: slides, addresses of files, the SMS instead."""

from dataclasses import replace

import pytest

from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.media import public_url, store_media
from campaigns.services.wording import outgoing_content
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return store_media(samples.upload("a.jpg", samples.picture()), by=None)


@pytest.fixture
def draft(picture):
    return MmsDraft(
        name="Spring",
        subject="Sale",
        slides=(DraftSlide("20 % off", (picture,)), DraftSlide("Until Sunday")),
        fallback_text="See our offer:",
    )


def test_what_goes_out_names_public_addresses_in_order(draft, picture, marketer, make_channel):
    channel = make_channel()
    revision = save_draft(None, draft, by=marketer)
    content = outgoing_content(revision, sender="12015550100", channel=channel)
    assert [slide.text for slide in content.slides] == ["20 % off", "Until Sunday"]
    assert [(m.kind, m.url) for m in content.slides[0].media] == [("image", public_url(picture))]
    assert content.cache_content is True
    assert (content.sender, content.subject) == ("12015550100", "Sale")


def test_with_a_saved_template_the_slides_stay_at_home(draft, marketer, make_channel):
    revision = save_draft(None, draft, by=marketer)
    content = outgoing_content(revision, sender="1", channel=make_channel(), saved_id="35674")
    assert (content.saved_id, content.slides) == ("35674", ())


def test_a_fallback_that_is_off_sends_no_text(draft, marketer, make_channel):
    revision = save_draft(None, replace(draft, fallback=False), by=marketer)
    assert outgoing_content(revision, sender="1", channel=make_channel()).fallback_text == ""
