"""Tests settings of one channel: title, formats and options of its book, and of no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from convert.pipeline.run import build
from convert.request import ForChannel, Request
from tests.support.vaults import lay_out, note

FILES = {"Films/a.md": note("## One [00:00:10]\n"), "Plays/a.md": note("## One [00:00:10]\n")}


def test_a_channel_has_its_own_title_formats_and_options(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    films = ForChannel("The films", "Someone", "cs", ("chapters",), {"chapters": {"chapters_formats": "vtt"}})
    request = Request((tmp_path,), tmp_path / "output", ("epub",), title="All", language="en", jobs=1)
    report = build(replace(request, channels={"Films": films}))
    own, other = (book.book for book in report.books)
    assert (own.title, own.author, own.language) == ("The films", "Someone", "cs")
    assert (other.title, other.author, other.language) == ("All", "Plays", "en")
    made = {saved.path for book in report.books for saved in book.artifacts}
    assert made == {"films.chapters/aqz-KE-bpKQ.vtt", "plays.epub"}


def test_only_the_channel_whose_options_change_is_made_again(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    request = Request((tmp_path,), tmp_path / "output", ("chapters",), jobs=1)
    build(request)
    films = ForChannel(writers=("chapters",), options={"chapters": {"chapters_depth": 1}})
    report = build(replace(request, channels={"Films": films}))
    assert [(book.name, book.unchanged) for book in report.books] == [("films", []), ("plays", ["chapters"])]


def test_a_single_file_and_a_merged_book_are_no_channel(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    channels = {name: ForChannel("Not this", writers=("chapters",)) for name in ("a", "Films", "All of it")}
    request = Request((tmp_path / "Films/a.md",), tmp_path / "output", ("chapters",), jobs=1, channels=channels)
    assert [book.title for book in build(request).books] == ["a"]
    merged = replace(request, notes=(tmp_path,), one_book="All of it")
    assert [book.title for book in build(merged).books] == ["All of it"]
