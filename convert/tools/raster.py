"""Reads PNG, JPEG, GIF and WebP pictures with Pillow."""

from __future__ import annotations

import io
import warnings

from convert.errors import PictureError

MOST_PIXELS = 50_000_000
"""More than any screen or page shows; a small file can declare billions of pixels."""

_KINDS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}
"""The raster images among the core media types of EPUB 3.3; all other formats here accept them, too."""


def raster(data: bytes, taken: str = "PNG, JPEG, GIF or WebP") -> tuple[str, int, int]:
    """Return a picture's kind, width and height in pixels; raises PictureError if it cannot be decoded completely.

    `taken` are the kinds of pictures that the message names.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=tuple(_KINDS)) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise PictureError(
                        f"{width} by {height} pixels are more than {MOST_PIXELS // 1_000_000} million: scale it"
                    )
                if picture.mode == "CMYK":
                    raise PictureError("in the colours of a printing press (CMYK): save it as RGB")
                picture.load()
                return _KINDS[picture.format or ""], width, height
    except UnidentifiedImageError as error:
        raise PictureError(f"no {taken} picture: convert it to one of these") from error
    except (OSError, ValueError, SyntaxError, KeyError, MemoryError, Image.DecompressionBombError) as error:
        raise PictureError(f"a damaged picture ({' '.join(str(error).split())[:80]}): save it anew") from error
