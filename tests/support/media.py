"""Makes small media files for tests: coloured frames and a tone, with tags and a cover."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av

FRAMES = 5
"""Frames per second."""
RATE = 48_000

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763606060000000040001"
    "2734270a0000000049454e44ae426082"
)

VIDEO = {".mp4": "mpeg4", ".m4v": "mpeg4", ".mov": "mpeg4", ".mkv": "mpeg4", ".webm": "libvpx"}
AUDIO = {".webm": "libopus", ".mp3": "libmp3lame", ".opus": "libopus", ".ogg": "libopus", ".oga": "flac"}


def make_media(path: Path, seconds: int = 60, cover: bool = False) -> Path:
    """Write a file in the format of its suffix, with tags and Swedish audio, and return its path."""
    path.write_bytes(_media(path.suffix, seconds, cover))
    return path


@cache
def _media(kind: str, seconds: int, cover: bool) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film{kind}"
        _encode(path, seconds, cover)
        return path.read_bytes()


def _encode(path: Path, seconds: int, cover: bool) -> None:
    kind = path.suffix
    with av.open(str(path), "w", format={".m4a": "mp4", ".m4b": "mp4"}.get(kind)) as new:
        new.metadata["title"] = "A film"
        video = _video(new, VIDEO[kind]) if kind in VIDEO else None
        audio = new.add_stream(AUDIO.get(kind, "aac"), rate=RATE, layout="mono")
        audio.metadata["language"] = "swe"
        if cover and kind in (".mkv", ".mka"):
            new.add_attachment("cover.png", "image/png", PNG)
        elif cover:
            picture = _cover_stream(new)
            new.mux(_cover_packet(picture))
        for second in range(seconds):
            if video is not None:
                _second_of_frames(new, video, second)
            _second_of_tone(new, audio, second)
        for stream in (video, audio):
            if stream is not None:
                new.mux(stream.encode(None))


def _video(new: Any, codec: str) -> Any:
    stream = new.add_stream(codec, rate=FRAMES)
    stream.width = stream.height = 32
    stream.pix_fmt = "yuv420p"
    return stream


def _second_of_frames(new: Any, stream: Any, second: int) -> None:
    for number in range(FRAMES):
        frame = av.VideoFrame(32, 32, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([(second * 7 + number * 3) % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = second * FRAMES + number, Fraction(1, FRAMES)
        new.mux(stream.encode(frame))


def _second_of_tone(new: Any, stream: Any, second: int) -> None:
    frame = av.AudioFrame(format="s16", layout="mono", samples=RATE)
    size = frame.planes[0].buffer_size
    frame.planes[0].update((bytes([second % 64, 0, 30, 0]) * (size // 4 + 1))[:size])
    frame.sample_rate, frame.pts, frame.time_base = RATE, second * RATE, Fraction(1, RATE)
    resampler = getattr(stream, "_tone", None) or av.AudioResampler(stream.codec_context.format, "mono", RATE)
    for part in resampler.resample(frame):
        new.mux(stream.encode(part))


def _cover_stream(new: Any) -> Any:
    stream = new.add_stream("png", rate=1)
    stream.width = stream.height = 16
    stream.pix_fmt = "rgb24"
    stream.disposition = av.stream.Disposition.attached_pic
    return stream


def _cover_packet(stream: Any) -> Any:
    frame = av.VideoFrame(16, 16, "rgb24")
    frame.planes[0].update(b"\x20" * frame.planes[0].buffer_size)
    frame.pts = 0
    return [*stream.encode(frame), *stream.encode(None)]
