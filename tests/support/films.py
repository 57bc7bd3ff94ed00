"""Makes small films whose frames carry their numbers, drawn for people and as bits for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageDraw

BITS = 12
SIZE = (320, 180)
RATE = 25


def numbered(number: int) -> Image.Image:
    """Return the picture of a frame: its number, and the bits of the number in squares at the bottom."""
    picture = Image.radial_gradient("L").resize(SIZE).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.text((20, 20), str(number), fill="white", stroke_fill="black", stroke_width=3, font_size=72)
    for bit in range(BITS):
        draw.rectangle((20 + 20 * bit, 140, 36 + 20 * bit, 170), fill="white" if number >> bit & 1 else "black")
    return picture


def number_of(picture: Image.Image) -> int:
    """Return the number in a still of a film made of `numbered`, whatever its size."""
    grey = picture.convert("L").resize(SIZE)
    return sum((grey.getpixel((28 + 20 * bit, 155)) > 127) << bit for bit in range(BITS))  # type: ignore[operator]


def film(path: Path, pictures: Iterable[Image.Image], starts: Iterator[int] | None = None, **options: str) -> Path:
    """Write a film of pictures, 25 a second, or with the starts given in milliseconds. `codec` is an option."""
    codec = options.pop("codec", "libx264")
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=RATE, options={"g": "120", **options})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_image(picture)
            frame.time_base, frame.pts = Fraction(1, 1000), next(starts) if starts else number * 1000 // RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def turned(source: Path, target: Path) -> Path:
    """Write a copy of an mp4 that players turn by 90 degrees, as phones mark it in the matrix of the track header."""
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 4 * 5 + 4 * 4  # version and flags, five times, reserved to volume
    identity = b"".join(number.to_bytes(4, "big") for number in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    assert data[at : at + 36] == identity
    numbers = (0, 0x10000, 0, -0x10000, 0, 0, SIZE[1] << 16, 0, 0x40000000)
    data[at : at + 36] = b"".join(number.to_bytes(4, "big", signed=True) for number in numbers)
    target.write_bytes(data)
    return target
