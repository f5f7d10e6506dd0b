"""Pictures as Pillow opens them: upright, in plain colours, on white, and as files again."""

import io
import struct

from PIL import Image, ImageCms, ImageOps

FORMATS = ["JPEG", "PNG", "GIF", "WEBP"]
ORIENTATION = 0x0112
#: What a damaged picture makes of opening or loading it.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    LookupError,
    Image.DecompressionBombError,
)


def find_upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as people see it, whichever way the camera was held."""
    width, height = image.size
    return (height, width) if image.getexif().get(ORIENTATION, 1) >= 5 else (width, height)


def open_small(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """A picture as people see it, within a box, never larger than it is."""
    image.draft("RGB", (max(box), max(box)))  # JPEGs are then not even read any larger
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    image.thumbnail(box, Image.Resampling.LANCZOS)
    return _in_plain_colours(put_on_white(image), profile)


def put_on_white(image: Image.Image) -> Image.Image:
    """Without transparency: a page of paper, whatever colour a phone has."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "CMYK":
        return image  # a profile may know what these inks look like
    if image.has_transparency_data:
        page = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(page, image.convert("RGBA"))
    return image.convert("RGB")


def _in_plain_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB and without its notes: many phones know no profiles."""
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, own, plain, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing
    image = image.convert("RGB")
    image.info.clear()
    return image


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def encode_jpeg(image: Image.Image, quality: int) -> bytes:
    return encode(image, "JPEG", quality=quality, optimize=True, progressive=True)
