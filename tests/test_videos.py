"""Tests videos of other providers: how notes name them, and links to a second in them."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest

from convert.document.names import file_stem
from convert.document.note import Video
from convert.document.video import site_of, watch_url
from convert.extract.timeline import timeline
from convert.pipeline.run import build
from convert.reader.video_address import media_file, video_of
from convert.request import Request
from convert.vault.vault import open_vault
from convert.vault.video_files import Transcripts, media_files, media_of, video_id, video_lengths
from tests.support.pdf_reading import uris
from tests.support.pictures import SEA
from tests.support.vaults import VIDEO, all_diagnostics, lay_out, note, open_files

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


# Files beside the notes

OTHER = "eRsGyueVLvQ"
INFO = {
    "id": VIDEO,
    "title": "The sea | a film",
    "duration": 596.5,
    "chapters": [{"start_time": 0, "title": "Start"}, {"start_time": 60.5, "title": "Waves"}],
}
DESCRIPTION = "A film.\n\n0:00 Snow\n1:00 Cave\n2:00 Dragon\n\nhttps://example.org\n"
PLAIN = note("A wave [0:30].")


@pytest.mark.parametrize(
    ("name", "id"),
    [
        (f"A film [{VIDEO}].mp4", VIDEO),
        (f"A film-{VIDEO}.mp4", VIDEO),
        (f"A film-{VIDEO}.f137.mp4", VIDEO),
        (f"A film-{VIDEO}.info.json", VIDEO),
        (f"A film [{VIDEO}].description", VIDEO),
        ("some-documentary.mp4", None),
        ("a-talk-episode-001.mp4", None),
        (f"{VIDEO}.mp4", None),
    ],
)
def test_the_id_of_a_video_is_at_the_end_of_a_name(name: str, id: str | None) -> None:
    assert video_id(Path(name)) == id


def chapters_of(folder: Path, files: dict[str, str | bytes]) -> tuple[list[str], list[str]]:
    """Return the titles of the notes, and the chapters of the videos as `second title`."""
    vault = open_files(folder, files)
    markers = [marker for book in vault.books() for part in book.parts for marker in timeline(part).markers]
    return [one.title for one in vault.notes()], [f"{one.start_ms / 1000:g} {one.title}" for one in markers]


def test_what_a_download_says_of_a_video_counts_where_the_note_says_nothing(tmp_path: Path) -> None:
    info = json.dumps(INFO)
    files = {"films/a_b.md": PLAIN, f"films/x [{VIDEO}].info.json": info, f"films/x [{VIDEO}].description": DESCRIPTION}
    assert chapters_of(tmp_path / "both", files) == (["The sea | a film"], ["0 Start", "60.5 Waves"])
    del files[f"films/x [{VIDEO}].info.json"]
    assert chapters_of(tmp_path / "text", files) == (["a b"], ["0 Snow", "60 Cave", "120 Dragon"])
    files = {"films/a_b.md": PLAIN, "films/a_b.info.json": info}
    assert chapters_of(tmp_path / "name", files) == (["The sea | a film"], ["0 Start", "60.5 Waves"])
    files = {"films/a_b.md": PLAIN, "talks/a_b.md": note("Text.", video=OTHER), "talks/a_b.description": DESCRIPTION}
    assert chapters_of(tmp_path / "folder", files)[1] == ["0 a b", "0 Snow", "60 Cave", "120 Dragon"]
    files = {"films/a_b.md": PLAIN, "films/a_b.info.json": info.replace(VIDEO, OTHER)}
    assert chapters_of(tmp_path / "other", files) == (["a b"], ["0 a b"])


def test_the_title_and_the_chapters_of_a_note_win(tmp_path: Path) -> None:
    files = {"films/a.md": note("## Own\n\nA wave [0:30].", "Mine"), f"films/x-{VIDEO}.info.json": json.dumps(INFO)}
    assert chapters_of(tmp_path / "both", files) == (["Mine"], ["0 Mine", "30 Own"])
    files["films/a.md"] = note("# Mine\n\n## Own\n\nA wave [0:30].")
    assert chapters_of(tmp_path / "heading", files) == (["Mine"], ["0 Mine", "30 Own"])
    files["films/a.md"] = note("Nothing is timed.", "Mine")
    assert chapters_of(tmp_path / "untimed", files) == (["Mine"], ["0 Start", "60.5 Waves"])


@pytest.mark.parametrize(
    "info",
    [
        *(b"", b"[]", b"\xff", b'{"chapters": null, "title": null}', b'{"chapters": [{"start_time": "x"}]}'),
        b'{"chapters": [{"start_time": 1e300, "title": "A"}, {"start_time": -1, "title": "B"}, {"start_time": 1}]}',
        b'{"chapters": [{"start_time": 1e999, "title": "A"}]}',
    ],
)
def test_a_download_that_says_nothing_changes_nothing(info: bytes, tmp_path: Path) -> None:
    files = {"films/a.md": PLAIN, f"films/x [{VIDEO}].info.json": info}
    assert chapters_of(tmp_path, files) == (["a"], ["0 a"])


def test_a_book_is_made_again_when_a_download_says_something_else(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": PLAIN, f"films/x [{VIDEO}].info.json": json.dumps(INFO)})
    request = Request((tmp_path / "films",), tmp_path / "output", ("chapters",), jobs=1)
    build(request)
    lay_out(tmp_path, {f"films/x [{VIDEO}].info.json": json.dumps(INFO).replace("Waves", "Foam!")})
    build(request)
    assert "Foam!" in (tmp_path / "output" / "films.chapters" / f"{VIDEO}.srt").read_text("utf-8")


def test_files_are_found_in_any_form_of_unicode(tmp_path: Path) -> None:
    taken, whole = (unicodedata.normalize(form, "Bild ä") for form in ("NFD", "NFC"))
    text = f"## Eins [0:10]\n\n![[{whole}.png]]\n\n![]({whole.replace(' ', '%20')}.png)\n\n[[{taken}]]"
    files: dict[str, str | bytes] = {
        f"films/{taken}.md": note(text, video="", more=f'video: "[[{whole}.mp4]]"'),
        f"films/{taken}.png": SEA,
        f"films/{taken}.srt": "1\n00:00:00,000 --> 00:00:01,000\nA\n",
        f"media/{taken}.mp4": b"x",
    }
    vault = open_files(tmp_path, files)
    assert not all_diagnostics(vault)
    notes = [one for book in vault.books() for one in book.summaries()]
    (found,) = media_of(notes, media_files((), tmp_path / "media")).values()
    assert unicodedata.normalize("NFC", found.name) == f"{whole}.mp4"
    assert len(Transcripts(vault.sources, None).find(vault.book(0))) == 1


def films_of(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """Return the name of the film below `media` of each note that has one, by the note's slug."""
    lay_out(folder, files)
    request = Request((folder / "films",), videos=folder / "media")
    vault = open_vault(request, 1, lambda _: None)
    own = {one.slug: one.video for book in vault.books() for one in book.summaries()}
    assert all(vault.note(f"films/{slug}").video == video for slug, video in own.items())
    return {slug: vault.films[video].name for slug, video in own.items() if video in vault.films}


SOUND = "[00:10] A wave.\n\n[01:20] Foam.\n"


def test_a_film_is_found_by_the_name_or_the_title_of_its_note_or_the_id_of_its_episode(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "films/a.md": note("[0:10] a", "Über Käse: ein Film", video=VIDEO),
        "films/ebb_and_flow.md": note("[0:10] b", "Tides", video=""),
        "films/c.md": f"---\ntitle: The Gauge\nepisode_id: 7d2f-11\n---\n{SOUND}",
        "films/d.md": f"# The Well?\n\n{SOUND}",
        "films/e.md": f"# Sand\n\n{SOUND}",
        "films/f.md": note("[0:10] f", "Moon", video="", more="url: https://vimeo.com/76979871"),
    }
    found = {
        "a": unicodedata.normalize("NFD", "über käse_ ein film.mp4"),
        "ebb_and_flow": "Ebb and flow.MP3",
        "c": "x [7d2f-11].m4a",
        "d": "The Well？ [8c1a].mp3",
        "e": "Sand [eRsGyueVLvQ].m4a",
        "f": "Moon and more [76979871].mp4",
    }
    files |= {f"media/{key}/{name}": b"x" for key, name in found.items()}
    files |= {"media/d/The Well？ [8c1a].ogg": b"x", "media/Sand and stones.mp4": b"x", "media/1.mp3": b"x"}
    assert films_of(tmp_path, files) == found


def test_a_film_is_of_no_note_if_it_may_be_of_two_or_is_of_another(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "films/a.md": f"# Intro\n\n{SOUND}",
        "films/b.md": note("[0:10] b", "Intro"),
        "films/c.md": f"# Sand\n\n{SOUND}",
        "films/d.md": note("[0:10] d", "Moon", video=OTHER),
        "films/1.md": f"# 2\n\n{SOUND}",
        "films/e.md": f"# Lecture 11\n\n{SOUND}",
        "films/f.md": f"---\ntitle: Foam\nguid: '12'\n---\n{SOUND}",
        "films/h.md": f"# C\n\n{SOUND}",
        "media/C++.mp4": b"x",
        "films/g.md": f"# Dune\n\n{SOUND}",
        **dict.fromkeys(
            ("media/Intro.mp4", "media/x/Sand.mp3", "media/y/sand.mp3", "media/1.mp3", "media/2.mp3"), b"x"
        ),
        **dict.fromkeys(("media/Moon [abcdefghi-1].mp4", "media/Lecture 1-1.mp3", "media/x [12].mp3"), b"x"),
        **dict.fromkeys(("media/Dunes.mp4", f"media/Dune [{OTHER}].mp4"), b"x"),
    }
    assert films_of(tmp_path, files) == {"d": f"Dune [{OTHER}].mp4"}


def test_a_site_plays_the_sound_of_a_note_without_a_video(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": f"# Tides\n\n{SOUND}", "media/Tides.mp3": b"x"})
    request = Request((tmp_path / "films",), tmp_path / "out", ("html",), videos=tmp_path / "media", jobs=1)
    assert not list(build(request).all_diagnostics())
    (page,) = [path for path in (tmp_path / "out" / "films.html").glob("*.html") if path.name != "index.html"]
    assert 'Tides.mp3"' in page.read_text("utf-8")


def test_a_film_that_a_note_names_gives_its_length(tmp_path: Path) -> None:
    head = next(
        open_files(tmp_path, {"films/a.md": note("[0:10] a", video="", more="video: film.mp4")}).books()
    ).summaries()
    info = tmp_path / "films" / "film.info.json"
    info.write_text(json.dumps(INFO), "utf-8")
    assert video_lengths(head, media_files((tmp_path / "films",))) == {Video("file", "film.mp4"): 596_500}
