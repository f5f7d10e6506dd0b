"""The nonces of signed callbacks: the same one in another callback is a replay."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from campaigns.models import SeenNonce, WebhookPost

#: Twice the time window of a signature: what is older is refused for its age.
KEPT = timedelta(minutes=15)


def find_replayed(signed: Sequence[tuple[WebhookPost, str]], now: datetime) -> set[int]:
    """Which of these callbacks carry a nonce that another one brought; the others are remembered.

    One reader at a time asks this. A callback that is read once more is no replay of itself.
    """
    found = SeenNonce.objects.filter(
        channel__in={post.channel_id for post, _ in signed}, nonce__in={n for _, n in signed}
    )
    known = {(row.channel_id, row.nonce): row.post_id for row in found}
    replayed, new = set(), []
    for post, nonce in signed:
        key = post.channel_id, nonce
        if key not in known:
            known[key] = post.pk
            new.append(SeenNonce(channel_id=post.channel_id, nonce=nonce, post=post, seen_at=now))
        elif known[key] != post.pk:
            replayed.add(post.pk)
    SeenNonce.objects.bulk_create(new)
    return replayed


def forget_nonces(now: datetime) -> int:
    """Those that no signature in its time window can carry any more; how many they were."""
    return SeenNonce.objects.filter(seen_at__lt=now - KEPT).delete()[0]
