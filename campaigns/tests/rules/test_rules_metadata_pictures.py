"""GIF and WEBP lose their notes and whatever was hung on behind, and keep their pictures."""

import io

import pytest
from PIL import Image

from campaigns.rules.metadata import (
    count_gif_frames,
    count_webp_frames,
    strip_gif,
    strip_webp,
)
from campaigns.tests import samples

SCRIPT = b"<script>alert(document.cookie)</script>"


def frames_of(content):
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(image.convert("RGBA").tobytes())
        return found


def gif_note(kind, content):
    return b"!" + bytes([kind]) + bytes([len(content)]) + content + b"\0"


def noted_gif():
    """A GIF with a comment, a text and a foreign note right behind its head."""
    gif = samples.moving_picture(loop=0)
    at = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    foreign = b"!\xff\x0bXMP DataXMP\x05a XMP\0"
    notes = gif_note(0xFE, SCRIPT) + gif_note(0x01, b"a text on it") + foreign
    return gif[:at] + notes + gif[at:]


def test_a_gif_loses_comments_texts_and_foreign_notes_and_still_loops():
    given = noted_gif()
    kept = strip_gif(given)
    assert b"script" not in kept
    assert b"a text" not in kept
    assert b"XMP" not in kept
    assert b"NETSCAPE2.0" in kept
    assert frames_of(kept) == frames_of(samples.moving_picture(loop=0))


def test_what_hangs_behind_a_gif_is_cut_off():
    gif = samples.moving_picture()
    assert strip_gif(gif + SCRIPT) == strip_gif(gif)
    assert strip_gif(gif).endswith(b";")
    assert strip_gif(gif) == gif


def test_frames_of_a_gif_are_counted_without_looking_at_them():
    assert count_gif_frames(samples.moving_picture(frames=9)) == 9
    assert count_gif_frames(samples.picture("GIF")) == 1


@pytest.mark.parametrize("strip", [strip_gif, count_gif_frames])
@pytest.mark.parametrize("cut", [8, 20, 300, -2])
def test_a_gif_that_ends_too_early_is_told(strip, cut):
    with pytest.raises(ValueError, match="picture"):
        strip(noted_gif()[:cut])


def test_a_gif_without_its_last_byte_is_completed():
    gif = samples.moving_picture()
    assert strip_gif(gif[:-1]) == gif


def webp(**options):
    exif = Image.Exif()
    exif[0x010E] = "At home"
    return samples.picture("WEBP", exif=exif, xmp=b"<x:xmpmeta>Ann</x:xmpmeta>", **options)


def test_a_webp_loses_its_notes_and_what_hangs_behind():
    kept = strip_webp(webp() + SCRIPT)
    for word in (b"At home", b"xmpmeta", b"script", b"EXIF"):
        assert word not in kept
    assert int.from_bytes(kept[4:8], "little") + 8 == len(kept)
    with Image.open(io.BytesIO(kept)) as after:
        assert not after.getexif()
    assert frames_of(kept) == frames_of(webp())


def test_a_webp_that_moves_keeps_all_its_pictures():
    given = samples.moving_picture("WEBP", frames=5)
    assert count_webp_frames(given) == 5
    assert frames_of(strip_webp(given)) == frames_of(given)
    assert count_webp_frames(samples.picture("WEBP")) == 1


def test_a_webp_that_ends_too_early_is_told():
    with pytest.raises(ValueError, match="ends too early"):
        strip_webp(webp()[:-30])
