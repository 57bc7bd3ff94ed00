"""Pictures for tests: small ones of one colour, in the formats that notes show."""

from __future__ import annotations

import io

from PIL import Image


def drawn(kind: str = "PNG", color: str = "teal", mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> bytes:
    """Return a picture of one colour."""
    target = io.BytesIO()
    Image.new(mode, size, color if mode in ("RGB", "RGBA") else 0).save(target, kind)
    return target.getvalue()


SEA, SKY = drawn(), drawn(color="navy")
