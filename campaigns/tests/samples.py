"""Files that people should not upload, and harmless ones, made by code."""

import io
import math
import random
import struct
import zipfile
import zlib
from fractions import Fraction

import av
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from campaigns.services.samples import sample_pdf, sample_vcard, sample_video


def upload(name, content):
    return SimpleUploadedFile(name, content)


def picture(kind="JPEG", size=(40, 30), **options):
    file = io.BytesIO()
    Image.new("RGB", size, (200, 60, 90)).save(file, kind, **options)
    return file.getvalue()


def photo(orientation=1):
    """A JPEG as a phone makes it: with a place, a comment and a way up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "At home"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return picture(exif=exif, comment=b"taken by Ann", icc_profile=b"a colour profile")


def bomb_png():
    """A few bytes that promise 2.5 billion pixels."""

    def chunk(name, content):
        crc = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf_with_a_program():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sample_pdf()[1])))
    program = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert('hello')")}
    action = DictionaryObject({NameObject(key): value for key, value in program.items()})
    writer.root_object[NameObject("/OpenAction")] = action
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def encrypted_pdf():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sample_pdf()[1])))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def workbook(*more):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more):
            archive.writestr(name, "<x/>")
    return file.getvalue()


def vcard_with(line):
    """A contact card with one more line."""
    return sample_vcard()[1].replace(b"END:VCARD", f"{line}\r\nEND:VCARD".encode())


def truncated_video():
    content = sample_video(1)[1]
    return content[: len(content) * 2 // 3]


def playlist(url):
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n".encode()


def noisy_picture(kind="JPEG", size=(900, 600), mode="RGB", **options):
    """A picture that is heavy for its size."""
    noise = random.Random(7).randbytes(size[0] * size[1] * len(mode))
    file = io.BytesIO()
    Image.frombytes(mode, size, noise).save(file, kind, **options)
    return file.getvalue()


def moving_picture(kind="GIF", frames=6, size=(60, 40), noisy=False, duration=100, **options):
    """A GIF or WEBP of a bar that moves, over noise if asked for."""
    chance, pictures = random.Random(3), []
    for number in range(frames):
        if noisy:
            picture = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
        else:
            picture = Image.new("RGB", size, (20, 90, 160))
        picture.paste((250, 200, 40), (number * 5 % size[0], 0, number * 5 % size[0] + 5, size[1]))
        pictures.append(picture)
    file = io.BytesIO()
    pictures[0].save(
        file, kind, save_all=True, append_images=pictures[1:], duration=duration, **options
    )
    return file.getvalue()


#: How each kind of film and sound is made: container, codec of the picture, of the sound.
RECIPES = {
    "mp4": ("mp4", "libx264", "aac"),
    "mov": ("mov", "libx264", "aac"),
    "3gp": ("3gp", "libx264", None),
    "webm": ("webm", "libvpx", "libopus"),
    "mkv": ("matroska", "libx264", "aac"),
    "m4a": ("ipod", None, "aac"),
    "aac": ("adts", None, "aac"),
    "amr": ("amr", None, "libopencore_amrnb"),
    "ogg": ("ogg", None, "libopus"),
    "mp3": ("mp3", None, "libmp3lame"),
}
_SOUND_RATES = {"libopencore_amrnb": 8000, "libopus": 48000}


def film(
    kind,
    seconds=1,
    size=(64, 48),
    rate=12,
    noisy=False,
    dark=0,
    rich=False,
    shape=None,
    begin=0,
    gap=0,
):
    """A film or a sound of that kind; the first `dark` seconds of it are black, and its clock
    begins at `begin` and jumps by `gap` half way."""
    form, picture, sound = RECIPES[kind]
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        shown = picture and _add_picture(container, picture, size, rate, rich)
        if shape:
            shown.codec_context.sample_aspect_ratio = shape
        heard = sound and container.add_stream(sound, rate=_SOUND_RATES.get(sound, 44100))
        if heard:
            heard.layout = "mono"
        for number in range(round(seconds * rate) if shown else 0):
            frame = _frame(size, number, noisy, number < dark * rate)
            late = gap if number > seconds * rate / 2 else 0
            frame.pts, frame.time_base = number + (begin + late) * rate, Fraction(1, rate)
            container.mux(shown.encode(frame))
        for frame in _tone(heard.codec_context.sample_rate, seconds) if heard else ():
            frame.pts += begin * frame.rate
            container.mux(heard.encode(frame))
        for stream in filter(None, (shown, heard)):
            container.mux(stream.encode(None))
    return file.getvalue()


def coloured_film(
    colour, codec="libx264", form="yuv420p", size=(320, 240), matrix="ITU601", options=()
):
    """An MP4 of one colour, counted in that matrix whatever `options` say of it."""
    file, options = io.BytesIO(), dict(options)
    if codec == "libx265":  # on a busy machine its threads once gave a packet that no MP4 takes
        options["x265-params"] += ":pools=1:frame-threads=1:bframes=0"
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=4, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, form
        picture = av.VideoFrame.from_image(Image.new("RGB", size, colour))
        frame = picture.reformat(format=form, dst_colorspace=matrix)
        for number in range(2):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _add_picture(container, codec, size, rate, rich):
    stream = container.add_stream(codec, rate=rate)
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    if rich:
        stream.options = {"crf": "6"}
    return stream


def _frame(size, number, noisy, dark):
    picture = Image.new("RGB", size, "black" if dark else (240, 180, 60))
    if noisy:
        chance = random.Random(number)
        picture = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
    elif not dark:  # the upper half is red, so that one sees which way is up
        picture.paste((220, 20, 20), (0, 0, size[0], size[1] // 2))
    return av.VideoFrame.from_image(picture)


def _tone(rate, seconds):
    for start in range(0, round(rate * seconds), 160):
        frame = av.AudioFrame(format="s16", layout="mono", samples=160)
        frame.rate, frame.pts = rate, start
        waves = (round(8000 * math.sin((start + n) / 10)) for n in range(160))
        frame.planes[0].update(struct.pack("<160h", *waves))
        yield frame


def turned(content, degrees=90):
    """The same MP4 or MOV, to be shown turned by so many degrees clockwise."""
    cos, sin = (round(turn(math.radians(degrees))) << 16 for turn in (math.cos, math.sin))
    level = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    matrix = struct.pack(">9i", cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30)
    at = content.index(level, content.index(b"tkhd"))
    return content[:at] + matrix + content[at + len(matrix) :]


def pointing_film(kind, where):
    """A film whose picture is said to lie elsewhere: `where` is a reference (§ dref)."""
    return _with_reference(film(kind), struct.pack(">II", 0, 1) + where)


_ROUTE = {b"moov", b"trak", b"mdia", b"minf", b"dinf"}


def _with_reference(content, reference):
    result, at = b"", 0
    while at + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        inside = content[at + 8 : at + length]
        if name == b"dref":
            inside = reference
        elif name in _ROUTE:
            inside = _with_reference(inside, reference)
        result += struct.pack(">I4s", 8 + len(inside), name) + inside
        at += length
    return result


def reference_to(url):
    """An entry of `dref` that names an address."""
    return struct.pack(">I4sI", 13 + len(url), b"url ", 0) + url.encode() + b"\0"


def alias_to(path):
    """An entry of `dref` as old Macs wrote it, with an absolute path."""
    name = path.rpartition("/")[2].encode()[:63]
    record = bytes(10) + b"\4Disk".ljust(28, b"\0") + bytes(12)
    record += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    record += struct.pack(">hh", 1, 1) + bytes(16)
    record += struct.pack(">hH", 2, len(path)) + path.encode() + struct.pack(">hH", -1, 0)
    return struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record


def linked_matroska(url):
    """A Matroska that says that it goes on in another file."""
    content = film("mkv")
    name = b"\x3e\x83\xbb" + bytes([0x80 | len(url)]) + url.encode()  # NextFilename
    uid = b"\x3e\xb9\x23\x90" + bytes(range(16))  # NextUID
    at = content.index(b"\x15\x49\xa9\x66") + 4  # Info
    width = 9 - content[at].bit_length()
    size = int.from_bytes(content[at : at + width], "big") & ((1 << 7 * width) - 1)
    more = name + uid
    head = ((1 << 56) | size + len(more)).to_bytes(8, "big")
    inside = content[at + width : at + width + size]
    return content[:at] + head + inside + more + content[at + width + size :]


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40
