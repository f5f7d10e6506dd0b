"""Throughput: so many requests within any second, per key and action (§8)."""

from campaigns.sandbox.throttle import SlidingWindow


def test_within_a_second_only_the_rate_passes():
    window = SlidingWindow()
    passed = [window.lets_through("key", "sendmms", 3, now) for now in (0, 0.1, 0.2, 0.3, 0.9)]
    assert passed == [True, True, True, False, False]


def test_the_window_slides():
    window = SlidingWindow()
    times = (0, 0.5, 0.9, 1.0, 1.1, 1.5)
    passed = [window.lets_through("key", "sendmms", 2, now) for now in times]
    assert passed == [True, True, False, True, False, True]


def test_how_many_are_free_is_what_would_pass():
    window = SlidingWindow()
    assert window.count_free("key", "callbacks", 2.5, 0) == 3
    for now in (0, 0.5):
        window.lets_through("key", "callbacks", 2.5, now)
    assert [window.count_free("key", "callbacks", 2.5, now) for now in (0.9, 1, 1.5)] == [1, 2, 3]


def test_keys_and_actions_are_counted_apart():
    window = SlidingWindow()
    for key, action in (("a", "sendmms"), ("a", "savemms"), ("b", "sendmms")):
        assert window.lets_through(key, action, 1, 0)
    assert not window.lets_through("a", "sendmms", 1, 0)
