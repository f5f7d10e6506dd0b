"""Media is fetched for real and judged by how its host serves it (§2.3, §7.1)."""

import socket

import pytest

from campaigns.sandbox.fetch import NotFetched, fetch

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
JPEG = "Content-Type: image/jpeg"
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(40)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(40)


@pytest.fixture
def unanswering():
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/a.jpg"


@pytest.fixture
def code_with(code_of):
    def judge(kind, url, **changes):
        return code_of(slide=[{kind: {"url": url}}], **changes)

    return judge


@pytest.fixture
def words_about(call, send_body):
    """The error-info of a sendmms with this picture."""
    return lambda url: call(send_body(slide=[{"image": {"url": url}}])).get("error-info", "")


def test_a_truthful_picture_is_taken(code_with, host, picture):
    assert code_with("image", host("/a.jpg", JPEG, content=picture)) == ""


@pytest.mark.parametrize(
    ("kind", "declared", "content"),
    [
        ("audio", "audio/mpeg", b"ID3" + bytes(40)),
        ("audio", "audio/x-wav", WAV),
        ("video", "video/mp4", MP4),
        ("contact", "text/vcard; charset=utf-8", b"BEGIN:VCARD\r\nEND:VCARD"),
        ("calendar", "text/calendar", b"\xef\xbb\xbfBEGIN:VCALENDAR"),
        ("pdf", "application/pdf", b"%PDF-1.7"),
        ("excel", "application/vnd.ms-excel", b"\xd0\xcf\x11\xe0" + bytes(40)),
    ],
)
def test_each_kind_has_its_types(code_with, host, kind, declared, content):
    assert code_with(kind, host("/a", f"Content-Type: {declared}", content=content)) == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("image", "E351"),
        ("audio", "E352"),
        ("video", "E353"),
        ("contact", "E355"),
        ("calendar", "E356"),
        ("pdf", "E357"),
        ("excel", "E359"),
    ],
)
def test_what_cannot_be_copied_names_its_kind(code_with, host, kind, code):
    assert code_with(kind, host("/a", status="404 Not Found")) == code


def test_the_refusal_names_the_slide_and_the_reason(call, send_body, host):
    broken = {"image": {"url": host("/a.jpg", status="503 Busy")}}
    answer = call(send_body(slide=[{"message-text": "a"}, broken]))
    assert answer["error-info"] == "The image of slide 2 could not be copied: status 503."


@pytest.mark.parametrize("medium", [{"uri": "x"}, "http://127.0.0.1/a.jpg", {"url": 5}])
def test_a_medium_without_url_cannot_be_copied(code_of, medium):
    assert code_of(slide=[{"image": medium, "message-text": "a"}]) == "E351"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a.jpg", "/a.jpg", "http://[", ""])
def test_an_address_that_is_none_cannot_be_copied(code_with, url):
    assert code_with("image", url) == "E351"


def test_a_chunked_answer_is_refused(words_about, host, picture):
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(picture), picture)
    url = host("/a.jpg", JPEG, "Transfer-Encoding: chunked", content=chunked, length=False)
    assert "chunked" in words_about(url)


def test_an_answer_without_length_is_refused(code_with, host, picture):
    assert code_with("image", host("/a.jpg", JPEG, content=picture, length=False)) == "E351"


def test_an_answer_shorter_than_its_length_is_refused(code_with, host, picture):
    lie = f"Content-Length: {len(picture) + 10}"
    url = host("/a.jpg", JPEG, lie, content=picture, length=False)
    assert code_with("image", url) == "E351"


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
def test_one_redirect_is_followed(code_with, host, picture, status):
    host("/b.jpg", JPEG, content=picture)
    assert code_with("image", host("/a.jpg", "Location: /b.jpg", status=f"{status} Moved")) == ""


def test_a_second_redirect_is_not_followed(words_about, host):
    host("/b.jpg", "Location: /c.jpg", status="302 Found")
    url = host("/a.jpg", "Location: /b.jpg", status="302 Found")
    assert "more than one redirect" in words_about(url)
    assert host.asked == ["/a.jpg", "/b.jpg"]


def test_octet_stream_is_told_by_its_extension(code_with, host, picture):
    stream = "Content-Type: application/octet-stream"
    assert code_with("image", host("/a.jpg", stream, content=picture)) == ""
    assert code_with("image", host("/a", stream, content=picture)) == "E629"


@pytest.mark.parametrize(
    ("kind", "declared", "content"),
    [
        ("image", "text/html", b"<html>"),
        ("image", "image/jpeg", b"<html>not found</html>"),
        ("image", "image/jpeg", MP4),
        ("image", "image/bmp", b"BM"),
        ("video", "video/mp4", WAV),
        ("audio", "video/mp4", MP4),
        ("contact", "text/vcard", b"hello"),
        ("pdf", "application/pdf", b"PK\x03\x04"),
    ],
)
def test_a_type_that_is_wrong_or_a_lie_is_refused(code_with, host, kind, declared, content):
    assert code_with(kind, host("/a", f"Content-Type: {declared}", content=content)) == "E629"


def test_a_png_called_jpeg_is_a_lie(code_with, host):
    content = b"\x89PNG\r\n\x1a\n" + bytes(40)
    assert code_with("image", host("/a.jpg", JPEG, content=content)) == "E629"


def test_a_cut_off_picture_is_corrupted(code_with, host, picture):
    assert code_with("image", host("/a.jpg", JPEG, content=picture[: len(picture) // 2])) == "E341"


@pytest.mark.parametrize(
    ("kind", "declared", "head", "transcodes", "kilobytes", "code"),
    [
        ("image", "image/jpeg", b"\xff\xd8\xff", False, 1000, "E331"),
        ("image", "image/gif", b"GIF89a", True, 1024, "E331"),
        ("audio", "audio/mpeg", b"ID3", False, 1000, "E332"),
        ("video", "video/mp4", MP4, False, 1000, "E333"),
        ("contact", "text/vcard", b"BEGIN:VCARD", True, 2048, "E335"),
        ("calendar", "text/calendar", b"BEGIN:VCALENDAR", False, 1000, "E336"),
        ("pdf", "application/pdf", b"%PDF-", False, 1000, "E337"),
        ("excel", "application/vnd.ms-excel", b"\xd0\xcf\x11\xe0", False, 1000, "E339"),
    ],
)
def test_a_byte_too_much_is_too_big(
    account, code_with, host, kind, declared, head, transcodes, kilobytes, code
):
    account.transcodes = transcodes
    account.save()
    limit = kilobytes * 1024
    line = f"Content-Type: {declared}"
    assert code_with(kind, host("/a", line, content=head + bytes(limit + 1 - len(head)))) == code
    fits = code_with(kind, host("/b", line, content=head + bytes(limit - len(head))))
    assert fits in {"", "E341"}  # zeros are no picture, but not too many


def test_limits_can_be_set_for_an_account(account, code_with, host):
    account.limits = {"pdf": 1}
    account.save()
    url = host("/a.pdf", "Content-Type: application/pdf", content=b"%PDF-" + bytes(1024))
    assert code_with("pdf", url) == "E337"


def test_media_is_fetched_for_every_request(code_with, host, picture):
    url = host("/a.jpg", JPEG, content=picture)
    code_with("image", url)
    code_with("image", url)
    assert host.asked == ["/a.jpg", "/a.jpg"]


def test_cache_content_lets_it_be_used_again(code_with, host, picture):
    url = host("/a.jpg", JPEG, content=picture)
    code_with("image", url)
    code_with("image", url, cache_content=True)
    assert host.asked == ["/a.jpg"]


def test_the_query_of_a_video_is_stripped(code_with, host):
    url = host("/a.mp4", "Content-Type: video/mp4", content=MP4)
    assert code_with("video", f"{url}?token=1") == ""
    assert host.asked == ["/a.mp4"]


def test_a_host_that_does_not_answer_in_time_is_given_up(unanswering):
    with pytest.raises(NotFetched, match="no answer within"):
        fetch(unanswering, 1000, seconds=0.05)
