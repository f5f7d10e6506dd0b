"""Files made by code, to try things with: a small shop's spring sale."""

import io
import math
import wave
from array import array

import av
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

Sample = tuple[str, bytes]
_SKY, _GROUND = (255, 244, 229), (250, 205, 190)
_INK = (67, 31, 51)
_PETALS = ((233, 92, 119), (246, 152, 96), (250, 193, 76), (124, 160, 114))


def sample_image(headline: str = "Spring sale", line: str = "20 % off until Sunday") -> Sample:
    """A square JPEG of a sale: flowers, a headline and a line."""
    image = _draw_poster(1440, headline, line).resize((720, 720), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=86)
    return _file_name(headline, "jpg"), file.getvalue()


def _file_name(headline: str, extension: str) -> str:
    return f"{headline.lower().replace(' ', '-')}.{extension}"


def _draw_poster(size: int, headline: str, line: str, turn: float = 0) -> Image.Image:
    image = _draw_gradient(size)
    glow = Image.new("RGB", (size, size), _SKY)
    ImageDraw.Draw(glow).ellipse(_box(size * 0.72, size * 0.3, size * 0.26), fill=(255, 221, 158))
    image = Image.blend(image, glow.filter(ImageFilter.GaussianBlur(size / 14)), 0.45)
    draw = ImageDraw.Draw(image)
    flowers = ((0.16, 0.2, 0.11), (0.83, 0.26, 0.14), (0.11, 0.82, 0.15), (0.48, 0.86, 0.09))
    for number, (x, y, radius) in enumerate((*flowers, (0.86, 0.8, 0.12))):
        _draw_flower(draw, (x * size, y * size), radius * size, number, turn)
    _write(draw, size, 0.44, headline, 0.125)
    draw.rounded_rectangle(
        (size * 0.17, size * 0.545, size * 0.83, size * 0.655), size * 0.055, fill=_INK
    )
    _write(draw, size, 0.6, line, 0.056, (255, 246, 236), room=0.58)
    return image


def _draw_gradient(size: int) -> Image.Image:
    column = Image.new("RGB", (1, size))
    for y in range(size):
        share = y / size
        column.putpixel(
            (0, y),
            tuple(round(a + (b - a) * share) for a, b in zip(_SKY, _GROUND, strict=True)),
        )
    return column.resize((size, size))


def _draw_flower(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, number: int, turn: float
) -> None:
    x, y = at
    colour = _PETALS[number % len(_PETALS)]
    for petal in range(8):
        angle = math.tau * petal / 8 + turn + number
        centre = (x + math.cos(angle) * radius * 0.58, y + math.sin(angle) * radius * 0.58)
        shade = tuple(min(255, part + 14 * (petal % 2)) for part in colour)
        draw.ellipse(_box(*centre, radius * 0.36), fill=shade)
    draw.ellipse(_box(x, y, radius * 0.34), fill=(255, 240, 205))


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def _write(
    draw: ImageDraw.ImageDraw,
    size: int,
    y: float,
    words: str,
    height: float,
    colour: tuple[int, int, int] = _INK,
    room: float = 0.86,
) -> None:
    """Words in the middle, made smaller until they fit."""
    font = ImageFont.load_default(size * height)
    while draw.textlength(words, font) > size * room and height > 0.02:
        height *= 0.92
        font = ImageFont.load_default(size * height)
    bold = max(0, round(size * height / 34))
    draw.text(
        (size / 2, size * y), words, colour, font, "mm", stroke_width=bold if height > 0.08 else 0
    )


def sample_video(
    seconds: float = 3, headline: str = "Spring sale", line: str = "20 % off"
) -> Sample:
    """An MP4 of flowers that turn, without sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width = stream.height = 320
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "30", "profile": "baseline"}
        for number in range(round(seconds * 12)):
            picture = _draw_poster(320, headline, line, turn=number / 18)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    return _file_name(headline, "mp4"), file.getvalue()


def sample_audio(seconds: float = 2) -> Sample:
    """A WAV of three soft tones."""
    rate, notes = 8000, (523.25, 659.25, 783.99)
    samples = array("h")
    for number in range(round(seconds * rate)):
        now = number / rate
        at = now / seconds * len(notes)
        fade = math.exp(-2.2 * (at % 1)) * min(1.0, (at % 1) * 40)
        samples.append(round(9000 * fade * math.sin(math.tau * notes[int(at)] * now)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return "chime.wav", file.getvalue()


def sample_vcard() -> Sample:
    """The shop as a contact."""
    lines = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Gardens;Wren;;;",
        "FN:Wren Gardens",
        "ORG:Wren Gardens",
        "TEL;TYPE=WORK,VOICE:+12015550142",
        "EMAIL:hello@wren-gardens.example",
        "END:VCARD",
        "",
    )
    return "wren-gardens.vcf", "\r\n".join(lines).encode()


def sample_calendar() -> Sample:
    """The day of the sale as a calendar entry."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wren Gardens//Spring sale//EN",
        "BEGIN:VEVENT",
        "UID:spring-sale@wren-gardens.example",
        "DTSTAMP:20260301T090000Z",
        "DTSTART:20260411T140000Z",
        "DTEND:20260411T180000Z",
        "SUMMARY:Spring sale at Wren Gardens",
        "LOCATION:12 Orchard Lane",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "spring-sale.ics", "\r\n".join(lines).encode()


def sample_pdf() -> Sample:
    """A one-page price list."""
    writer = PdfWriter()
    page = writer.add_blank_page(420, 595)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    words = DecodedStreamObject()
    words.set_data(
        b"BT /F1 30 Tf 48 500 Td (Spring sale) Tj /F1 14 Tf 0 -40 Td (Tulips, 10 for 8.00) Tj"
        b" 0 -24 Td (Roses, each 4.50) Tj 0 -24 Td (Herbs, each 2.20) Tj ET"
    )
    page[NameObject("/Contents")] = writer._add_object(words)
    file = io.BytesIO()
    writer.write(file)
    return "price-list.pdf", file.getvalue()
