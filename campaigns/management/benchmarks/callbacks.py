"""`bench callbacks`: keeping posts under gunicorn against a bare INSERT view, alone and while a
campaign sends; reading them; what a signature costs; what a web process holds."""

import hmac
import http.client
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.gateways.events import Seal
from campaigns.gateways.signature import ALGORITHM, NONCE, SIGNATURE, TIMESTAMP, verify
from campaigns.management.benchmarks.events import events_per_second
from campaigns.management.benchmarks.report import Row, more_is_better, over_limit, under_limit
from campaigns.management.benchmarks.rows import make_channel, make_filled_campaign
from campaigns.management.benchmarks.servers import running, stub, wait_until
from campaigns.management.benchmarks.sizes import Sizes
from campaigns.management.benchmarks.web import most_memory, post, server
from campaigns.models import Channel, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.hook_addresses import hash_token
from campaigns.services.journal import keep_post

TIMES = 1000
TOKEN = "a-token-of-the-benchmark"  # noqa: S105
HOOK = f"/hooks/{TOKEN}/"
#: A second: the reports of a campaign that sends half as many messages.
PACE = 200
OURS = "mmsportal.settings"
BARE = "campaigns.management.benchmarks.bare_settings"


def run(sizes: Sizes) -> Iterator[Row]:
    channel = make_channel("https://127.0.0.1/")
    Channel.objects.filter(pk=channel.pk).update(hook_hash=hash_token(TOKEN))
    yield compare_with_insert(channel, sizes)
    yield measure_under_load(sizes)
    rates = [events_per_second(sizes.events) for _ in range(sizes.rounds)]
    yield over_limit("callbacks.events_per_second", rates, 2000, "events/s")
    yield measure_signature(sizes)
    yield measure_web_memory(sizes)


def compare_with_insert(channel: Channel, sizes: Sizes) -> Row:
    ours, bare = [], []
    for _ in range(sizes.rounds):
        for rates, module, path in ((ours, OURS, HOOK), (bare, BARE, f"/bare/{channel.pk}/")):
            with server(module) as (port, _):
                post(port, path, sizes.seconds / 4)  # its processes are awake
                count, _ = post(port, path, sizes.seconds)
                rates.append(count / sizes.seconds)
    note = "a Django view without middleware that does one INSERT, under the same gunicorn"
    return more_is_better("callbacks.vs_insert", ours, bare, "posts/s", least=0.7, note=note)


def measure_under_load(sizes: Sizes) -> Row:
    """With the real lane at work beside it, at the pace to which the callbacks fit."""
    slowest = []
    module = "campaigns.management.benchmarks.worker_memory"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": OURS}
    with stub(Path(settings.DATA_DIR)) as (url, certificate), server(OURS) as (port, _):
        channel = make_channel(url)
        Channel.objects.filter(pk=channel.pk).update(requests_per_second=PACE // 2)
        sender = (sys.executable, "-m", module, str(channel.pk), certificate)
        for _ in range(sizes.rounds):
            campaign = make_filled_campaign(channel, PACE * 10)
            sent = Message.objects.filter(campaign=campaign, status=MessageStatus.ACCEPTED)
            with running(*sender, **environment) as process:
                post(port, HOOK, 1, rate=PACE)  # it is awake
                wait_until(sent.exists, process)
                slowest.append(post(port, HOOK, sizes.seconds, rate=PACE)[1])
                if process.poll() is not None:
                    raise RuntimeError("The campaign was sent before the posts were.")
    note = f"the 99th percentile at {PACE} posts/s, while a campaign sends {PACE // 2} messages/s"
    return under_limit("callbacks.p99_under_load", slowest, 50, "ms", note=note)


def measure_web_memory(sizes: Sizes) -> Row:
    """MB of the larger web process after callbacks and pages."""
    user = User.objects.create_superuser(f"reader-{token_hex(3)}", password=token_hex(20))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    names = (
        "campaign_changelist",
        "message_changelist",
        "contact_changelist",
        "webhookpost_changelist",
    )
    pages = [reverse("admin:index"), *(reverse(f"admin:campaigns_{name}") for name in names)]
    with server(OURS) as (port, pid):
        post(port, HOOK, 300, posts=sizes.posts)
        for number in range(sizes.views):
            look_at(port, pages[number % len(pages)], cookie)
        memory = most_memory(pid)
    at = f"{sizes.posts:,} posts, {sizes.views} pages"
    return under_limit("callbacks.web_memory", memory, 150, "MB", at=at)


def look_at(port: int, page: str, cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", page, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{page} was answered {answer.status}.")


def measure_signature(sizes: Sizes) -> Row:
    """Microseconds to verify a signed post of 2 KB, against a tenth of storing it."""
    channel = make_channel("https://127.0.0.1/", "sinch_conversation")
    secret, nonce, now = "benchmark", token_hex(13), timezone.now()
    body = b'{"app_id":"01BENCH","text":"%s"}' % (b"x" * 2000)
    signed = b".".join((body, nonce.encode(), str(int(now.timestamp())).encode()))
    headers = {
        SIGNATURE: b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode(),
        TIMESTAMP: str(int(now.timestamp())),
        NONCE: nonce,
        ALGORITHM: "HmacSHA256",
    }
    assert verify(headers, body, now, [secret]) == Seal(nonce=nonce)

    def store() -> None:
        keep_post(channel.pk, now, headers, body, now)

    rounds = range(sizes.rounds)
    verifying = [_microseconds(lambda: verify(headers, body, now, [secret])) for _ in rounds]
    storing = min(_microseconds(store) for _ in rounds)
    return under_limit("callbacks.verify", verifying, storing / 10, "µs")


def _microseconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(TIMES):
        step()
    return (time.perf_counter() - started) / TIMES * 1e6
