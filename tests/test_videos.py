"""Tests videos of other providers: how notes name them, and links to a second in them."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from convert.document.names import file_stem
from convert.document.note import Video
from convert.document.video import site_of, watch_url
from convert.pipeline.run import build
from convert.reader.video_address import media_file, video_of
from convert.request import Request
from convert.vault.video_files import media_files
from tests.support.pdf_reading import uris
from tests.support.vaults import VIDEO, lay_out, note

TUBE = "video.example.org/w/kkGMgK9ZtnKfYAgnEtQxbv"
BODY = "## Waves [00:12:34]\n\nWaves are water that the wind moves."

FORMS = [
    ("https://youtu.be/aqz-KE-bpKQ", "https://youtu.be/aqz-KE-bpKQ?t=754"),
    ("https://vimeo.com/76979871", "https://vimeo.com/76979871#t=754s"),
    ("https://vimeo.com/76979871/8272103f6e", "https://vimeo.com/76979871/8272103f6e#t=754s"),
    (f"https://{TUBE}", f"https://{TUBE}?start=12m34s"),
    ("https://example.org/a/film.mp4", "https://example.org/a/film.mp4#t=754"),
]


@pytest.mark.parametrize(("address", "second"), FORMS)
def test_an_address_names_a_video_and_its_seconds(address: str, second: str) -> None:
    video = video_of(address)
    assert video
    assert (watch_url(video), watch_url(video, 754_900)) == (address, second)


@pytest.mark.parametrize(
    "address",
    [
        "https://vimeo.com/about",
        "https://vimeo.com/76979871x",
        "https://notvimeo.com/76979871",
        "https://example.org/w/too-short",
        "https://example.org/film.mp4.html",
        "https://example.org/",
        "film.mp4",
        "javascript:alert(1)//vimeo.com/76979871",
    ],
)
def test_other_addresses_name_none(address: str) -> None:
    assert video_of(address) is None


@pytest.mark.parametrize("written", ["film.mp4", "[[film.mp4]]", "![[film.mp4|300]]", "file://film.mp4"])
def test_a_file_of_this_machine_is_a_video_that_no_book_can_link_to(written: str) -> None:
    video = media_file(written)
    assert video == Video("file", "film.mp4")
    assert watch_url(video, 1000) == ""


def test_nothing_is_looked_for_beside_a_path_that_does_not_exist(tmp_path: Path) -> None:
    lay_out(tmp_path, {"notes/a.md": note(BODY), f"film [{VIDEO}].mp4": b"", f"notes/film [{VIDEO}].mp4": b""})
    assert media_files((tmp_path / "missing",)) == []
    beside = [tmp_path / "notes" / f"film [{VIDEO}].mp4"]
    assert media_files((tmp_path / "notes" / "a.md",)) == media_files((tmp_path / "notes",)) == beside


def test_names_of_files_are_safe_whatever_a_note_says() -> None:
    ids = ["../../etc/x.mp4", "a:b*c?.mp4", ".mp4", "https://example.org/" + "a" * 300 + ".mp4", "..\\x.mp4"]
    stems = [file_stem(Video("file", one)) for one in ids]
    assert stems == ["x", "a-b-c-", "video", "a" * 120, "-x"]
    assert file_stem(Video("peertube", TUBE)) == TUBE.replace("/", "-")
    assert [site_of(Video(name, "a.org/w/b")) for name in ("youtube", "vimeo", "peertube", "file")] == [
        "YouTube",
        "Vimeo",
        "a.org",
        "",
    ]


@pytest.mark.parametrize(("address", "second"), FORMS[1:])
def test_every_format_links_to_the_second(address: str, second: str, tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": note(BODY, "Waves", video="", more=f"url: {address}")})
    output = tmp_path / "output"
    writers = ("epub", "pdf", "anki", "html", "chapters")
    report = build(Request((tmp_path / "films",), output, writers, {"anki": {"section_cards": True}}, jobs=1))
    assert not report.failed()
    assert "video-missing" not in {one.code for one in report.all_diagnostics()}
    with zipfile.ZipFile(io.BytesIO((output / "films.epub").read_bytes())) as book:
        pages = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xhtml"))
    assert f'href="{second}"' in pages
    assert second in uris((output / "films.pdf").read_bytes())
    with zipfile.ZipFile(output / "films.apkg") as deck:
        assert second.encode() in deck.read("collection.anki2")
    (page,) = (path.read_text("utf-8") for path in (output / "films.html").glob("*waves*.html"))
    assert f'href="{second}"' in page
    sites = {"vimeo.com": "on Vimeo", "video.example.org": "on video.example.org"}
    assert f"Watch {sites.get(address.split('/')[2], 'the video')}</a>" in page
    (chapters,) = output.glob("films.chapters/*.srt")
    assert re.fullmatch(r"[\w.-]+", chapters.name)
    assert chapters.with_suffix("").name in page


def test_the_site_plays_a_file_that_a_note_names(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": note(BODY, "Waves", video="", more="video: in/film.mp4"), "media/film.mp4": b"x"})
    request = Request((tmp_path / "films",), tmp_path / "output", ("html",), videos=tmp_path / "media", jobs=1)
    assert not build(request).failed()
    (page,) = (path.read_text("utf-8") for path in (tmp_path / "output" / "films.html").glob("*waves*.html"))
    assert 'src="../../media/film.mp4"' in page
    assert 'href="#t=754"' in page
