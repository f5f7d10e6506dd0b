"""Safe fetch: what leads behind our walls is refused before any packet."""

import time

import pytest

from campaigns.gateways.http import (
    FetchRefused,
    NoAnswer,
    NotPublic,
    NotTrusted,
    RedirectsTooOften,
    TooLate,
    fetch,
    probe,
)
from campaigns.gateways.http.networks import find_target, is_public
from campaigns.tests.gateways.servers import (
    always,
    answer,
    drip,
    make_certificate,
    serving,
    then_close,
)

LAPTOP = ["127.0.0.0/8"]
PUBLIC = "93.184.216.34"
FORBIDDEN_ADDRESSES = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3
    168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8
    192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:93.184.216.34
    64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 64:ff9b:1:fffe::7f00:1 100::1 2001::1
    2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1
    2002:c0a8:101::1 3fff::1 4000::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0
    fec0::1 ff02::1 ff0e::1 nonsense
"""
PUBLIC_ADDRESSES = """
    1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
    168.63.129.15 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1 198.17.255.255
    198.20.0.1 203.0.112.255 223.255.255.255 2001:4860:4860::8888 2606:4700:4700::1111
    2a00:1450:4001:81b::200e 2620:fe::fe
"""
#: The system's resolver makes addresses of these itself: it is asked, and the answer is judged.
DISGUISES = """
    http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://0177.0.0.1/ http://0177.1/
    http://127.1/ http://127.0.1/ http://0/ http://00000000/ http://0x0/ http://10.1/
    http://2852039166/ http://0xa9fea9fe/ http://0xA9.0xFE.0xA9.0xFE/ http://3232235521/
    http://127.0.0.1/ http://127.0.0.1:80/ http://127.0.0.1:443/ http://[::1]/ http://[::]/
    http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[64:ff9b::7f00:1]/
    http://[2002:7f00:1::]/ http://[fe80::1]/ http://[fd00:ec2::254]/ http://localhost/
    http://LOCALHOST/ http://localhost./ http://１２７.０.０.１/ http://①②⑦.⓪.⓪.①/
    http://127。0。0。1/ https://169.254.169.254/latest/meta-data/ http://192.168.1.1/
    http://10.0.0.1/x http://172.16.0.1/ http://100.64.0.1/ http://224.0.0.1/
"""
MALFORMED = """
    file:///etc/passwd gopher://127.0.0.1:70/_x ftp://example.org/x data:text/plain,x
    javascript:alert(1) dict://example.org:11211/ ldap://example.org/ //example.org/x /etc/passwd
    example.org http: http:// http:///x https://:443/ http://[::1 http://[127.0.0.1]/
    http://example.org:99999/ http://example.org:-1/ http://example.org:x/
    http://example.org:22/ http://example.org:6379/ http://example.org:8000/
    https://example.org:8443/ http://user@example.org/ http://user:word@example.org/
    http://127.0.0.1@example.org/ http://example.org:80@127.0.0.1/ http://a..b/
    http://.example.org/ http://example.org\\@127.0.0.1/ http:\\\\example.org\\x
"""
WITH_BLANKS = ["http://example.org/a b", "http://exam\tple.org/", "http://example.org/\r\nx: y"]
GOOD = """
    http://example.org http://example.org/ https://example.org/a/1.jpg http://example.org:80/x
    https://example.org:443/x http://example.org:443/x https://example.org:80/ HTTP://EXAMPLE.ORG/
    https://example.org/a%20b.jpg https://example.org/ü.jpg https://müller.example/a
    https://example.org/?a=1&b=2 https://example.org/a#part https://sub.domain.example.org/
    https://example.org./x https://a_b.example.org/ http://93.184.216.34/x
    http://[2606:4700:4700::1111]/x https://example.org/a@b https://example.org//127.0.0.1/
    https://localhost.example.org/ https://127.0.0.1.example.org/
"""


def public(host, port):
    return [PUBLIC]


def loopback(host, port):
    return ["127.0.0.1"]


def address(server, path="/x", scheme="http", host="media.example.org"):
    return f"{scheme}://{host}:{server.port}{path}"


# --- Addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ip", FORBIDDEN_ADDRESSES.split())
def test_an_address_behind_walls_is_not_public(ip):
    assert not is_public(ip)
    with pytest.raises(NotPublic, match="public place"):
        find_target("http://example.org/", (), lambda host, port: [ip])


@pytest.mark.parametrize("ip", PUBLIC_ADDRESSES.split())
def test_an_address_of_the_internet_is_public(ip):
    assert is_public(ip)


@pytest.mark.parametrize("url", DISGUISES.split())
def test_disguises_of_private_addresses_are_refused(url):
    with pytest.raises(FetchRefused):
        fetch(url, max_bytes=10)


@pytest.mark.parametrize("url", [*MALFORMED.split(), *WITH_BLANKS, "http://x/" + "a" * 3000, ""])
def test_what_is_no_plain_web_address_is_refused_unresolved(url):
    def never(host, port):
        raise AssertionError(host)

    with pytest.raises(FetchRefused):
        fetch(url, max_bytes=10, resolve=never)


@pytest.mark.parametrize("url", GOOD.split())
def test_good_addresses_pass(url):
    assert find_target(url, (), public).address == PUBLIC


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(FetchRefused):
        find_target("http://example.org/", (), lambda host, port: [PUBLIC, "10.0.0.1"])


def test_the_name_is_resolved_once_and_the_judged_address_is_used():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    target = find_target("http://example.org/", (), lambda host, port: next(answers))
    assert target.address == PUBLIC
    assert next(answers) == ["127.0.0.1"]


def test_a_refusal_does_not_tell_where_the_name_leads():
    with pytest.raises(FetchRefused) as caught:
        find_target("http://intern.example.org/", (), lambda host, port: ["10.11.12.13"])
    assert "10.11" not in str(caught.value)


def test_an_allowed_network_is_exempt_with_any_port():
    target = find_target("http://x.example:8001/", LAPTOP, loopback)
    assert (target.address, target.port) == ("127.0.0.1", 8001)


def test_an_allowed_network_opens_no_other_door():
    with pytest.raises(FetchRefused):
        find_target("http://x.example:8001/", LAPTOP, public)
    with pytest.raises(FetchRefused):
        find_target("http://x.example/", LAPTOP, lambda host, port: ["10.0.0.1"])


@pytest.mark.parametrize("failure", [OSError("no such host"), UnicodeError("no such name")])
def test_a_name_without_address_is_told(failure):
    def fails(host, port):
        raise failure

    with pytest.raises(NotPublic, match="not found"):
        find_target("http://example.org/", (), fails)


# --- Fetching ----------------------------------------------------------------------------------


def test_a_file_is_fetched_under_its_name_from_the_judged_address():
    said = answer(b"picture", "200 OK", "Content-Type: image/jpeg")
    with serving(always(said)) as server:
        url = address(server, "/a/1.jpg?v=2")
        found = fetch(url, max_bytes=100, allowed_networks=LAPTOP, resolve=loopback)
    assert (found.status, found.body, found.content_type) == (200, b"picture", "image/jpeg")
    assert (found.length, found.chunked, found.redirects) == (7, False, 0)
    assert found.final_url == url
    request = server.requests[0]
    assert request.startswith(b"GET /a/1.jpg?v=2 HTTP/1.1\r\n")
    assert b"Host: media.example.org:%d\r\n" % server.port in request


def test_a_head_request_has_a_length_and_no_body():
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
    with serving(always(said)) as server:
        found = fetch(
            address(server), max_bytes=9, method="HEAD", allowed_networks=LAPTOP, resolve=loopback
        )
    assert (found.body, found.length) == (b"", 7)


def test_tls_is_checked_against_the_name_that_was_asked_for(tmp_path):
    certificate = make_certificate(tmp_path / "own.pem", "media.example.org")
    options = {
        "max_bytes": 9,
        "allowed_networks": LAPTOP,
        "resolve": loopback,
        "verify": certificate,
    }
    with serving(always(answer()), certificate) as server:
        assert fetch(address(server, scheme="https"), **options).body == b"ok"
        with pytest.raises(NotTrusted, match="certificate"):
            fetch(address(server, scheme="https", host="other.example.org"), **options)


def test_a_file_in_chunks_is_told():
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    with serving(always(said)) as server:
        found = probe(address(server), allowed_networks=LAPTOP, resolve=loopback)
    assert (found.body, found.chunked, found.length) == (b"ok", True, None)


def test_one_redirect_is_followed_and_counted():
    with serving(always(answer(b"ok"))) as last:
        moved = answer(b"", "301 Moved", f"Location: {address(last, '/new')}")
        with serving(always(moved)) as first:
            found = probe(address(first), allowed_networks=LAPTOP, resolve=loopback)
    assert (found.body, found.redirects, found.final_url) == (b"ok", 1, address(last, "/new"))


def test_a_second_redirect_is_refused():
    with (
        serving(always(answer(b"", "302 Found", "Location: /again"))) as server,
        pytest.raises(RedirectsTooOften, match="more than once"),
    ):
        probe(address(server), allowed_networks=LAPTOP, resolve=loopback)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/", "file:///etc/passwd", "http://intern.example.org/", "//[::1]/"]
)
def test_a_redirect_behind_walls_is_refused(location):
    places = {"media.example.org": ["127.0.0.1"], "intern.example.org": ["10.0.0.1"]}

    def resolve(host, port):
        return places.get(host, [host])

    with (
        serving(always(answer(b"", "302 Found", f"Location: {location}"))) as server,
        pytest.raises(FetchRefused),
    ):
        fetch(address(server), max_bytes=9, allowed_networks=LAPTOP, resolve=resolve)
    assert len(server.requests) == 1


def test_a_file_beyond_the_limit_is_refused_and_a_probe_reads_a_part():
    with serving(always(answer(b"x" * 500))) as server:
        with pytest.raises(FetchRefused, match="larger than 100 bytes"):
            fetch(address(server), max_bytes=100, allowed_networks=LAPTOP, resolve=loopback)
        found = probe(address(server), max_bytes=100, allowed_networks=LAPTOP, resolve=loopback)
    assert (len(found.body), found.is_complete, found.length) == (100, False, 500)


def test_a_file_that_is_shorter_than_it_says_is_refused():
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"
    with serving(then_close(said)) as server, pytest.raises(NoAnswer, match="broke off"):
        probe(address(server), allowed_networks=LAPTOP, resolve=loopback)


def test_a_dripping_file_is_left_at_the_deadline():
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900
    with serving(drip(said)) as server, pytest.raises(TooLate, match="too long"):
        probe(address(server), timeout=0.3, allowed_networks=LAPTOP, resolve=loopback)


def test_a_redirect_has_only_the_time_that_is_left():
    def stories(connection, server):
        server.take(connection)
        if server.hits == 1:
            server.stopping.wait(0.8)
            connection.sendall(answer(b"", "302 Found", "Location: /next"))
        server.stopping.wait(5)

    started = time.monotonic()
    with serving(stories) as server:
        with pytest.raises(TooLate, match="too long"):
            probe(address(server), timeout=1, allowed_networks=LAPTOP, resolve=loopback)
        assert time.monotonic() - started < 1.6


def test_what_is_not_http_is_refused():
    with serving(then_close(b"hello\r\n")) as server, pytest.raises(NoAnswer, match="HTTP"):
        probe(address(server), allowed_networks=LAPTOP, resolve=loopback)


def test_nothing_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(always(answer())) as server:
        assert probe(address(server), allowed_networks=LAPTOP, resolve=loopback).body == b"ok"
