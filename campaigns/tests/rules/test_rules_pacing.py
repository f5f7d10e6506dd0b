"""The clock of send slots."""

from campaigns.rules.pacing import Pace


def send_for(pace, seconds, step=0.0005):
    """The times at which a busy sender would send."""
    now, sent = 100.0, []
    while now < 100.0 + seconds:
        while pace.wait(now) <= 0:
            pace.take(now)
            sent.append(now)
        now += step
    return sent


def busiest_second(times):
    return max(sum(1 for other in times if start <= other < start + 1) for start in times)


def test_no_second_holds_more_than_the_rate():
    times = send_for(Pace(rate=100), 3)
    assert 297 <= len(times) <= 303
    assert busiest_second(times) <= 101


def test_an_idle_lane_does_not_save_slots_up():
    pace = Pace(rate=10, next_slot_at=0)
    times = send_for(pace, 1)
    assert len(times) <= 11


def test_throttling_halves_the_rate_once_a_second():
    pace = Pace(rate=100)
    for _ in range(50):
        pace.slow(5.0)
    assert pace.factor == 0.5
    pace.slow(6.0)
    assert pace.factor == 0.25


def test_the_rate_never_falls_to_nothing():
    pace = Pace(rate=100)
    for second in range(100):
        pace.slow(float(second))
    assert pace.factor == 0.02


def test_a_minute_without_throttling_brings_the_rate_back():
    pace = Pace(rate=100)
    for second in range(10):
        pace.slow(float(second))
    for tick in range(120):
        pace.recover(10 + tick / 2)
    assert pace.factor >= 0.9


def test_who_waits_at_a_changed_rate_waits_by_the_new_one():
    pace = Pace(rate=0.1)
    pace.take(100.0)
    assert pace.wait(100.0) > 9
    pace.change_rate(100, 101.0)
    assert pace.wait(101.0) < 0.1
    pace.change_rate(1, 101.0)
    assert pace.rate == 1
