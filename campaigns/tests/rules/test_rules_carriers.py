"""Each carrier takes what its table says, and the words name those that do not."""

import pytest

from campaigns.rules.carriers import encode_size, judge_carriers, judge_message, limits_of
from campaigns.rules.slides import Capacity


def test_a_message_grows_on_its_way():
    assert encode_size(0) == 814
    assert encode_size(1_000_000) == 1_370_814


@pytest.mark.parametrize(
    ("kind", "carrier", "limit"),
    [
        ("short_code", "AT&T", 1_050_000),
        ("short_code", "T-Mobile", 2_100_000),
        ("short_code", "Verizon", 1_260_000),
        ("short_code", "U.S. Cellular", 5_250_000),
        ("10dlc", "T-Mobile", 2_306_867),
        ("10dlc", "AT&T", 1_530_173),  # its encoded number is the smaller one
        ("10dlc", "Verizon", 1_262_289),
    ],
)
def test_a_carrier_takes_what_both_its_numbers_allow(kind, carrier, limit):
    assert limits_of(kind)[carrier] == limit
    assert [c.carries for c in judge_carriers(limit, kind).carriers if c.name == carrier] == [True]
    over = judge_carriers(limit + 1, kind)
    assert [c.carries for c in over.carriers if c.name == carrier] == [False]


@pytest.mark.parametrize("kind", ["toll_free", ""])
def test_a_sender_without_a_table_is_held_to_the_smaller_number(kind):
    assert limits_of(kind)["AT&T"] == 1_050_000
    assert limits_of(kind)["U.S. Cellular"] == 1_530_173


@pytest.mark.parametrize(
    ("size", "kind", "tone", "words"),
    [
        (412_000, "short_code", "", "412 KB · fine on all carriers"),
        (
            700_000,
            "10dlc",
            "warn",
            "700 KB · fine on all carriers, heavy for some phones",
        ),
        (1_200_000, "short_code", "warn", "1.2 MB · too much for AT&T short codes"),
        (
            1_300_000,
            "toll_free",
            "warn",
            "1.3 MB · too much for AT&T and Verizon toll-free numbers",
        ),
        (1_200_000, "", "warn", "1.2 MB · too much for AT&T"),
        (6_000_000, "10dlc", "bad", "6 MB · too much for every carrier"),
    ],
)
def test_the_verdict_is_said_in_words(size, kind, tone, words):
    verdict = judge_carriers(size, kind)
    assert (verdict.tone, verdict.words) == (tone, words)


def test_the_limit_of_the_channel_goes_first():
    small = Capacity(total=1_000_000)
    assert judge_message(1_020_000, "short_code", small).tone == "bad"
    assert "too heavy for this channel" in judge_message(1_020_000, "short_code", small).words
    assert judge_message(900_000, "short_code", small) == judge_carriers(900_000, "short_code")


def test_a_channel_that_transcodes_makes_it_smaller():
    verdict = judge_message(4_000_000, "10dlc", Capacity(total=1_000_000, transcodes=True))
    assert verdict.tone == "warn"
    assert verdict.words == "4.00 MB of 1.00 MB · made smaller on its way"
