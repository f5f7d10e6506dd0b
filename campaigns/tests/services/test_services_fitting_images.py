"""Pictures and GIFs come out under their target, upright, in plain colours, never larger."""

import io

import pytest
from PIL import Image, ImageCms

from campaigns.models import MediaFile
from campaigns.rules.problems import RuleBroken
from campaigns.services.fitting_images import fit_picture
from campaigns.tests import samples


@pytest.fixture
def fit(tmp_path):
    """Make a picture fit; returns its bytes."""

    def make(content, target, tell=lambda share: None):
        return fit_picture(io.BytesIO(content), MediaFile(), target, tmp_path, tell).read_bytes()

    return make


def seen(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def durations(image):
    found = []
    for number in range(image.n_frames):
        image.seek(number)
        found.append(image.info["duration"])
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("target", [150_000, 40_000])
def test_a_heavy_picture_becomes_a_jpeg_under_its_target(fit, kind, target):
    given = samples.noisy_picture(kind)
    result = fit(given, target)
    image = seen(result)
    assert target * 0.4 < len(result) <= target < len(given)
    assert image.format == "JPEG"
    assert image.size[0] / image.size[1] == pytest.approx(1.5, abs=0.02)


def test_a_picture_is_made_poorer_before_it_is_made_smaller(fit):
    given = samples.noisy_picture(size=(300, 200), quality=95)
    assert seen(fit(given, int(len(given) * 0.6))).size == (300, 200)


def test_a_large_picture_gets_within_1280_by_1920_even_where_it_would_fit(fit):
    assert seen(fit(samples.picture(size=(2600, 3900)), 600_000)).size == (1280, 1920)


def test_a_picture_is_never_made_larger(fit):
    assert seen(fit(samples.picture("WEBP", size=(50, 20)), 600_000)).size == (50, 20)


def test_a_photo_taken_sideways_comes_out_upright_and_without_notes(fit):
    image = seen(fit(samples.photo(orientation=6), 600_000))
    assert image.size == (30, 40)
    assert not image.getexif()
    assert "comment" not in image.info
    assert "icc_profile" not in image.info


def test_a_drawing_of_few_colours_becomes_a_png(fit):
    drawing = Image.new("RGB", (600, 400), "white")
    for x in range(0, 600, 6):
        drawing.paste((200, 0, 0), (x, 0, x + 2, 400))
    file = io.BytesIO()
    drawing.save(file, "WEBP", lossless=True)
    image = seen(fit(file.getvalue(), 600_000))
    assert image.format == "PNG"
    assert image.convert("RGB").getpixel((0, 0)) == (200, 0, 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_one_sees_through_becomes_white(fit, mode):
    given = io.BytesIO()
    Image.new(mode, (40, 40)).save(given, "PNG")
    assert seen(fit(given.getvalue(), 600_000)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_palette_with_a_see_through_colour_becomes_white_there(fit):
    given = io.BytesIO()
    image = Image.new("P", (40, 40))
    image.putpalette([10, 20, 30, 200, 100, 0])
    image.save(given, "PNG", transparency=0)
    assert seen(fit(given.getvalue(), 600_000)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_keep_their_shade(fit):
    given = io.BytesIO()
    Image.new("I;16", (40, 40), 0x8000).save(given, "PNG")
    assert seen(fit(given.getvalue(), 600_000)).convert("L").getpixel((5, 5)) in range(126, 131)


def test_inks_become_light(fit):
    given = io.BytesIO()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(given, "JPEG")
    image = seen(fit(given.getvalue(), 600_000))
    red, green, blue = image.convert("RGB").getpixel((5, 5))
    assert red > 200 > 60 > green
    assert blue < 60


@pytest.mark.parametrize("profile", [b"no profile at all", None])
def test_a_profile_true_or_broken_does_no_harm(fit, profile):
    profile = profile or ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = seen(fit(samples.picture(icc_profile=profile), 600_000))
    red, green, blue = image.convert("RGB").getpixel((5, 5))
    assert abs(red - 200) + abs(green - 60) + abs(blue - 90) < 12


def test_a_picture_that_cannot_get_so_small_says_so(fit):
    with pytest.raises(RuleBroken, match="does not get below 900 bytes: crop it first"):
        fit(samples.noisy_picture(), 900)


def test_a_picture_that_is_damaged_says_so(fit):
    with pytest.raises(RuleBroken, match="The picture is damaged"):
        fit(samples.noisy_picture()[:4000], 900)


def test_progress_is_told_and_grows(fit):
    told = []
    fit(samples.noisy_picture(), 20_000, told.append)
    assert told == sorted(told)
    assert len(told) > 2
    assert max(told) <= 1


# --- Pictures that move ------------------------------------------------------------------------


def test_a_heavy_gif_gets_under_its_target_and_still_moves_and_loops(fit):
    given = samples.moving_picture(frames=16, size=(200, 120), noisy=True, loop=0)
    result = fit(given, len(given) // 3)
    image = seen(result)
    assert len(result) <= len(given) // 3
    assert image.format == "GIF"
    assert image.n_frames > 1
    assert image.info["loop"] == 0
    assert sum(durations(image)) == 1600


def test_a_gif_that_plays_once_plays_once(fit):
    image = seen(fit(samples.moving_picture(size=(600, 400)), 600_000))
    assert "loop" not in image.info
    assert image.size == (480, 320)


def test_a_gif_shows_the_same_pictures_in_the_same_order(fit):
    image = seen(fit(samples.moving_picture(frames=6), 600_000))
    for number in range(6):
        image.seek(number)
        bar, ground = number * 5 + 2, 55
        assert image.convert("RGB").getpixel((bar, 20))[0] > 200
        assert image.convert("RGB").getpixel((ground, 20))[0] < 80


def test_frames_without_a_time_get_the_usual_one(fit):
    image = seen(fit(samples.moving_picture(frames=4, duration=0), 600_000))
    assert sum(durations(image)) == 400


def test_a_webp_that_moves_becomes_a_gif(fit):
    image = seen(fit(samples.moving_picture("WEBP", frames=5, duration=80, loop=0), 600_000))
    assert (image.format, image.n_frames, image.info["loop"]) == ("GIF", 5, 0)


def test_a_gif_of_one_frame_becomes_a_still_picture(fit):
    assert seen(fit(samples.noisy_picture("GIF", mode="L"), 60_000)).format == "JPEG"


def test_a_gif_that_cannot_get_so_small_says_what_to_do(fit):
    with pytest.raises(RuleBroken, match="make it shorter, or use a video"):
        fit(samples.moving_picture(frames=4, noisy=True), 300)
