"""Each file gets its share, so that all slides together stay under the channel's total."""

import pytest

from campaigns.rules.shares import Part, least_of, say_too_long, share_out, target_beside

PHOTO, LIGHT, FILM = Part("image", 2_400_000), Part("image", 80_000), Part("video", 9e6, 20)
MIB = 1_000_000


@pytest.mark.parametrize(
    ("parts", "fixed", "total", "shares"),
    [
        ([PHOTO, PHOTO], 0, MIB, [300_000, 300_000]),  # the whole is safe everywhere
        ([PHOTO, FILM], 0, MIB, [200_000, 400_000]),  # a film gets twice as much
        ([PHOTO, LIGHT], 0, MIB, [520_000, 80_000]),  # what is light stays
        ([PHOTO, PHOTO], 520_000, MIB, [230_000, 230_000]),  # else what the channel takes
        ([PHOTO, PHOTO], 0, 300_000, [150_000, 150_000]),
        ([PHOTO], 0, 5_000_000, [600_000]),
        ([Part("audio", 3e6, 120), PHOTO], 0, MIB, [480_000, 120_000]),  # its length needs it
        ([PHOTO] * 8, 0, MIB, [120_000] * 8),
        ([], 0, MIB, []),
    ],
)
def test_the_whole_is_shared(parts, fixed, total, shares):
    assert share_out(parts, fixed, total) == shares


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("part", [PHOTO, FILM, Part("audio", 4e6, 60), LIGHT])
@pytest.mark.parametrize("fixed", [0, 1, 333_333, 700_000])
def test_the_shares_stay_under_the_total_unless_each_gets_its_least(part, count, fixed):
    shares = share_out([part] * count, fixed, MIB)
    assert sum(shares) + fixed <= MIB or shares == [least_of(part)] * count


def test_a_film_that_is_too_long_gets_its_least_and_is_named():
    film = Part("video", 50_000_000, 180)
    assert share_out([film, PHOTO], 0, MIB) == [1_800_000, 30_000]
    assert say_too_long("long.mp4", film) == (
        "“long.mp4” runs 3 minutes and needs 1.8 MB. Cut it, or give it an MMS of its own."
    )
    assert "Take some files off" in say_too_long("rose.jpg", PHOTO)


@pytest.mark.parametrize(
    ("target", "others", "share"),
    [
        (600_000, 0, 600_000),
        (600_000, 542_000, 450_000),
        (600_000, 990_000, 100_000),
        (600_000, 2_000_000, 100_000),
        (50_000, 990_000, 50_000),
    ],
)
def test_a_new_file_gets_what_the_others_leave(target, others, share):
    assert target_beside(target, others, MIB) == share
