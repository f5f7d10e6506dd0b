"""The bar of weights adds up, shows where the limits are, and names the heaviest slide."""

from campaigns.rules.carriers import judge_carriers
from campaigns.rules.weights import draw_meter, find_heaviest, percent, weigh


def meter(*sizes, total=1_000_000, kind="short_code"):
    return draw_meter(sizes, total, judge_carriers(sum(sizes), kind))


def test_a_slide_weighs_its_bytes_and_its_files():
    assert weigh("é!", [100, 20]) == 123


def test_the_stretches_of_the_slides_follow_one_another():
    parts = meter(100_000, 300_000, 0).parts
    assert [part.number for part in parts] == [1, 2, 3]
    assert parts[0].at == 0
    assert parts[1].at == parts[0].width
    assert parts[1].width == round(3 * parts[0].width, 2)


def test_the_bar_goes_on_beyond_the_limit_and_the_load():
    light, heavy = meter(10_000), meter(3_000_000)
    assert 50 < light.limit_at < 95
    assert heavy.parts[0].width > heavy.limit_at
    assert heavy.parts[0].width < 100
    assert light.limit_at + light.beyond == 100


def test_the_carriers_near_the_limit_are_on_the_bar():
    assert [tick.carrier.name for tick in meter(10_000).ticks] == ["AT&T", "Verizon"]
    ticks = meter(10_000).ticks
    assert meter(10_000).limit_at < ticks[0].at < ticks[1].at < 100


def test_the_heaviest_slide_is_named_where_there_is_one_worth_naming():
    assert meter(10_000, 400_000).heaviest.number == 2
    assert find_heaviest([400_000]) is None
    assert find_heaviest([10_000, 20_000]) is None
    assert find_heaviest([400_000, 400_000]) is None
    assert find_heaviest([]) is None


def test_a_share_stays_between_nothing_and_all():
    assert percent(5, 0) == 0
    assert percent(1, 4) == 25
    assert percent(9, 4) == 100
