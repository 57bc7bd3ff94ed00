"""Takes stills out of films: the frame that a player shows at a time, or a better one close to it.

A frame is worse than its neighbours if it is (nearly) of one colour, blurred, or the last one before a cut: then it
shows a shot that the note does not speak about any more. Everything is decided by the pictures, so that the same film
gives the same stills. Only here because it wraps PyAV and Pillow.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from convert.tools.media import open_media

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

NEAR_MS = 2000
"""How far from the asked time a better frame may be."""
MOST_PIXELS = 8192 * 8192
"""A frame of more is not decoded: a header can claim any size."""
MOST_PACKETS = 20_000
"""Packets read for one still; a damaged index would have a whole film read for each."""
_EARLIER_S = (0, 10, 60)
"""How far before a time decoding begins: an index may lead behind it."""
_WIDTH = 320
"""Frames are judged at this width."""
_FLAT = 6.0
"""Standard deviation of the luma below which a frame shows nothing: black, white, a fade."""
_SHARP = 3.0
"""Standard deviation of the Laplacian below which nothing in a frame is sharp."""
_CUT = 40.0
"""Mean difference of luma between two frames of two shots."""
_PQ = 16
"""The transfer characteristics of SMPTE ST 2084 in ITU-T H.273."""
_WHITE_NITS = 203
"""The white of HDR pictures (ITU-R BT.2408)."""


class Still(NamedTuple):
    """A frame of a film: the time asked, its own time, both in milliseconds, and the picture, upright."""

    asked_ms: int
    ms: int
    picture: Image


class _Timed(NamedTuple):
    """A frame and its time in units of its film."""

    frame: VideoFrame
    at: int


class _Judged(NamedTuple):
    ms: int
    frame: VideoFrame
    is_good: bool


def stills(path: Path, times_ms: Iterable[int], height: int) -> Iterator[Still]:
    """Yield a still for each time, in ascending order, each time once; none for times behind the film's end.

    Stills are `height` pixels high, or as high as the film if that is less. Raises OSError and FFmpeg's errors for
    files that cannot be opened; damaged parts of a film give none.
    """
    with open_media(path) as container:
        if container.streams.video:
            film = _Film(container, container.streams.video[0])
            for ms in sorted(set(times_ms)):
                if found := film.best(ms):
                    yield Still(ms, found.ms, film.upright(found.frame, height))


class _Film:
    """The first video stream of an open file."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"
        self._container = container
        self._stream = stream
        self._unit_s = stream.time_base or Fraction(1, 1000)
        self._start = stream.start_time or 0

    def best(self, ms: int) -> _Judged | None:
        """Return the frame shown at a time if it is good, else the nearest good one, else the same."""
        exact = next(self._judged(ms), None)
        if exact is None or exact.is_good:
            return exact
        around = itertools.takewhile(lambda one: one.ms <= ms + NEAR_MS, self._judged(max(0, ms - NEAR_MS)))
        return min((one for one in around if one.is_good), key=lambda one: abs(one.ms - ms), default=exact)

    def upright(self, frame: VideoFrame, height: int) -> Image:
        """Return a frame as players show it, its pixels square, turned as its matrix says, at most so high."""
        picture: Image = frame.to_image()  # type: ignore[no-untyped-call]
        if frame.color_trc == _PQ:
            picture = picture.point(_tone_curve() * 3)
        aspect = self._stream.sample_aspect_ratio or Fraction(1)
        if aspect != 1 and Fraction(1, 4) < aspect < 4:
            picture = picture.resize((round(picture.width * aspect), picture.height))
        if frame.rotation:
            picture = picture.rotate(frame.rotation, expand=True)
        picture.thumbnail((height * 8, height))
        return picture

    def _judged(self, ms: int) -> Iterator[_Judged]:
        """Yield the frame shown at a time and those after it: good if neither flat nor blurred nor before a cut."""
        before: tuple[_Timed, Image] | None = None
        for one in self._shown(ms):
            small = _looked_at(one.frame)
            if before:
                yield self._judge(*before, small)
            before = one, small
        if before:
            yield self._judge(*before, None)

    def _judge(self, one: _Timed, small: Image, following: Image | None) -> _Judged:
        from PIL import ImageChops, ImageStat

        cut = following and ImageStat.Stat(ImageChops.difference(small, following)).mean[0] > _CUT
        return _Judged(self._ms(one.at), one.frame, not cut and _shows_something(small))

    def _ms(self, at: int) -> int:
        return round((at - self._start) * self._unit_s * 1000)

    def _shown(self, ms: int) -> Iterator[_Timed]:
        """Yield the frame shown at a time, and those after it; nothing if the film has ended by then."""
        at = self._start + int(Fraction(ms, 1000) / self._unit_s)
        starts = [max(at - int(earlier / self._unit_s), self._start) for earlier in _EARLIER_S]
        for start in dict.fromkeys((*starts, self._start)):
            frames = self._decoded(start, at)
            first = next(frames, None)
            if first and (first.at <= at or start == self._start):
                yield from _from(itertools.chain((first,), frames), at)
                return

    def _decoded(self, start: int, at: int) -> Iterator[_Timed]:
        """Yield frames from the key frame before `start`; of those before `at` only what others refer to is decoded."""
        import av

        context, near = self._stream.codec_context, at - int(1 / self._unit_s)
        with suppress(av.FFmpegError):
            self._container.seek(start, stream=self._stream)
            for packet in itertools.islice(self._container.demux(self._stream), MOST_PACKETS):
                context.skip_frame = "NONREF" if packet.pts is not None and packet.pts < near else "DEFAULT"
                for frame in packet.decode():
                    if frame.pts is not None and 0 < frame.width * frame.height <= MOST_PIXELS:
                        yield _Timed(frame, frame.pts)


def _from(frames: Iterator[_Timed], at: int) -> Iterator[_Timed]:
    """Yield the last frame that starts by `at`, and those after it."""
    one = next(frames, None)
    for following in frames:
        if one and following.at > at:
            yield one
        one = following
    if one and one.at + max(one.frame.duration or 0, 1) > at:
        yield one


def _looked_at(frame: VideoFrame) -> Image:
    """Return a small grey picture of a frame, to judge it by."""
    height = max(1, round(frame.height * _WIDTH / frame.width))
    small: Image = frame.reformat(width=_WIDTH, height=height, format="gray").to_image()  # type: ignore[no-untyped-call]
    return small


def _shows_something(grey: Image) -> bool:
    from PIL import ImageFilter, ImageStat

    edges = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    return ImageStat.Stat(grey).stddev[0] > _FLAT and ImageStat.Stat(grey.filter(edges)).stddev[0] > _SHARP


@cache
def _tone_curve() -> list[int]:
    """Return the SDR value of each of 256 PQ values: Reinhard's extended curve, white at 203 and 4,000 nits.

    Without it HDR films would be grey: their values count up to 10,000 nits.
    """
    return [round(255 * _srgb(_reinhard(_nits(value / 255) / _WHITE_NITS))) for value in range(256)]


def _nits(signal: float) -> float:
    """Return the luminance of a PQ signal from 0 to 1 (SMPTE ST 2084, equation 4.1)."""
    power = signal ** (32 / 2523)
    return float(10_000 * (max(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610))


def _reinhard(luminance: float) -> float:
    brightest = 4000 / _WHITE_NITS
    return min(luminance * (1 + luminance / brightest**2) / (1 + luminance), 1)


def _srgb(linear: float) -> float:
    """Return the value of a linear one (IEC 61966-2-1)."""
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
