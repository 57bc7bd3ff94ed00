"""Tests hostile media files and killed runs: no other file is opened, none is lost, nothing is left behind."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
import wave
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import av
import pytest

from convert.errors import ToolError
from convert.mux import media_duration_ms, mux, sidecar
from convert.mux.streams import chapters
from convert.render.chapters import FORMATS
from convert.request import Request
from convert.tools import media
from convert.tools.media import LONGEST_MS, duration_ms, open_media
from convert.vault.vault import open_vault
from convert.vault.video_files import media_files, video_lengths
from tests.support.media import make_media
from tests.support.timelines import a_line
from tests.support.vaults import VIDEO, lay_out, note
from tests.tools.hostile.guarded import Box

DASH = (
    b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    b'mediaPresentationDuration="PT10S" minBufferTime="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
    b'<Representation id="1" bandwidth="1"><BaseURL>%s</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
PLAYLISTS = {
    "concat": b"ffconcat version 1.0\nfile 'other.mkv'\n",
    "concat of an address": b"ffconcat version 1.0\nfile 'http://127.0.0.1:9/x.mkv'\n",
    "HLS": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.mkv\n#EXT-X-ENDLIST\n",
    "HLS of an address": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "DASH": DASH % b"other.mkv",
    "DASH of an address": DASH % b"http://127.0.0.1:9/x.mp4",
    "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
    b"a=rtpmap:96 H264/90000\n",
    "RTSP": b"rtsp://127.0.0.1:9/x\n",
    "subtitles": b"1\n00:00:01,000 --> 00:00:02,000\nno film\n",
    "metadata": b";FFMETADATA1\ntitle=no film\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_media(tmp_path / "other.mkv", seconds=10)
    return tmp_path


@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".mp3"])
@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_opens_nothing(name: str, kind: str, folder: Path) -> None:
    film = folder / f"film [{VIDEO}]{kind}"
    film.write_bytes(PLAYLISTS[name])
    with pytest.raises(ToolError, match="is it a media file that plays"):
        mux(film, folder / "out" / film.name, a_line())
    assert not (folder / "out").exists() or not list((folder / "out").iterdir())
    assert video_lengths((), media_files((folder,))) == {}


def test_ffmpeg_left_alone_would_open_it(folder: Path) -> None:
    film = folder / "film.mp4"
    film.write_bytes(PLAYLISTS["concat"])
    with av.open(str(film)) as container:
        assert container.streams
    with pytest.raises(av.FFmpegError):
        open_media(film)


@pytest.mark.parametrize("name", ["concat:other.mkv|other.mkv", "file:other.mkv", "subfile,,start,0,end,0,,:other.mkv"])
def test_a_name_is_no_address(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path(name).write_bytes(b"no film")
    with pytest.raises(ToolError):
        media_duration_ms(Path(name))
    make_media(Path("http:x.mkv"), seconds=9)
    mux(Path("http:x.mkv"), Path("file:y.mkv"), a_line(step_ms=1_000))
    assert chapters(Path("file:y.mkv"))
    assert (folder / "file:y.mkv").exists()


def test_the_command_refuses_a_playlist_in_one_line(tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text(note("## One [00:00:10]\n\n## Two [00:00:40]\n"), "utf-8")
    film = box.vault / f"film [{VIDEO}].mp4"
    film.write_bytes(b"ffconcat version 1.0\nfile '%s'\n" % os.fsencode(box.secrets / "secret.md"))
    ran = box.run("mux", str(film), "--notes", str(box.vault), "--output", str(box.output))
    assert (ran.code, len(ran.err.splitlines()), box.escapes(ran)) == (1, 1, []), ran.err
    assert list(box.output.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs forks and signals")
@pytest.mark.parametrize("place", ["replace", "fsync"])
@pytest.mark.parametrize("kind", [".mp4", ".ogg"])
def test_a_killed_run_leaves_the_file_and_the_next_sweeps(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, line = make_media(tmp_path / f"film{kind}", seconds=20), a_line(step_ms=2_000)
    before = film.read_bytes()
    child = os.fork()
    if not child:
        monkeypatch.setattr(os, place, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        mux(film, film, line)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert film.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2
    sidecar(film, line, [FORMATS["srt"]])
    assert sorted(path.name for path in tmp_path.iterdir()) == [film.name, "film.srt"]
    mux(film, film, line)
    assert chapters(film)


@pytest.mark.parametrize("seconds", [-1e9, -1.0, 0.0, float("nan"), float("inf"), 1e-9, 1e12, 1e300])
def test_a_length_that_cannot_be_is_none(seconds: float, tmp_path: Path) -> None:
    """Matroska has its length as a floating-point number, in an element 0x4489 of eight bytes."""
    film = make_media(tmp_path / "film [aqz-KE-bpKQ].mkv", seconds=10)
    data = film.read_bytes()
    start = data.index(b"\x44\x89\x88") + 3
    film.write_bytes(data[:start] + struct.pack(">d", seconds * 1000) + data[start + 8 :])
    length = duration_ms(film)
    assert length is None or 0 <= length < LONGEST_MS
    lay_out(tmp_path, {"a.md": note("## A [00:01:00]\n\n[01:20:00] x [00:33:00] y [05:00:00] z\n")})
    found = open_vault(Request((tmp_path,), tmp_path / "output"), 1, lambda _: None)
    assert [plan.name for plan in found.plans] != []
    assert all(ms > 0 for ms in found.lengths.values())


def test_films_that_are_slow_to_tell_their_lengths_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one may take seconds, all together a minute."""
    asked: list[str] = []

    def slow(path: Path) -> int:
        clock.value += 4.9
        asked.append(path.name)
        return 1_000

    clock = SimpleNamespace(value=0.0)
    monkeypatch.setattr("convert.vault.video_files.duration_ms", slow)
    monkeypatch.setattr("convert.vault.video_files.time", SimpleNamespace(monotonic=lambda: clock.value))
    ids = [f"slow_{number:06}" for number in range(100, 200)]
    files = {f"{id}.md": note("## A [00:00:10]\n", id, video=id) for id in ids}
    lay_out(tmp_path / "a", files | {f"f [{id}].mp4": b"" for id in ids})
    found = open_vault(Request((tmp_path / "a",), tmp_path / "output"), 1, lambda _: None)
    assert len(asked) == len(found.lengths) == 13
    (said,) = [one for one in found.file_diagnostics if one.code == "video-slow"]
    assert "took 62 s" in said.message


@pytest.mark.skipif(sys.platform != "linux", reason="needs files with holes")
def test_gigabytes_without_a_header_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "LONGEST_S", 0.3)
    film = tmp_path / "film.wav"
    with wave.open(str(film), "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    os.truncate(film, 20_000_000_000)  # each eight zeros are a chunk, to be read one by one
    began = time.monotonic()
    with suppress(av.FFmpegError):
        duration_ms(film)
    assert time.monotonic() - began < 5
