"""Files that people should not upload, and harmless ones, made by code."""

import io
import struct
import zipfile
import zlib

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


def vcard_with_remote_photo(url):
    return sample_vcard()[1].replace(b"END:VCARD", f"PHOTO;VALUE=uri:{url}\r\nEND:VCARD".encode())


def truncated_video():
    content = sample_video(1)[1]
    return content[: len(content) * 2 // 3]


def playlist(url):
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n".encode()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40
