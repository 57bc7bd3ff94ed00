"""Tests what the program adds to the words of notes, or sets otherwise: signs and furniture by the book's language."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

from convert.pipeline.run import build
from convert.request import Request
from convert.writers.anki.reading import read_package
from tests.support.needs import needs
from tests.support.pdf_reading import one_line
from tests.support.vaults import lay_out, note

SIGNS = {
    "films/a.md": note(
        '# "So" it\'s -- there...\n\nIt\'s a "proof" -- or so... [00:03:10]\n\n'
        'What\'s "rising" -- here?::It\'s "yeast"...\n\n==Bread\'s "crumb"== is open.\n',
        "Don't \"panic\" - it's fine...",
        more="language: en",
    )
}


def built(folder: Path, **settings: object) -> Path:
    lay_out(folder / "notes", SIGNS)
    writers = ("epub", "pdf", "html", "anki", "chapters")
    request = Request((folder / "notes",), folder / "out", writers, jobs=1, **settings)  # type: ignore[arg-type]
    build(request)
    return folder / "out"


def epub_text(out: Path) -> str:
    with ZipFile(out / "films.epub") as book:
        pages = [book.read(name).decode() for name in book.namelist() if name.endswith((".xhtml", ".opf", ".ncx"))]
    return re.sub(r"<[^<>]*+>", "", "\n".join(pages))


def site_text(out: Path) -> str:
    pages = [page.read_text("utf-8") for page in sorted((out / "films.html").glob("*.html"))]
    return re.sub(r"<[^<>]*+>", "", "\n".join(pages))


def test_signs_change_where_they_are_shown_and_nowhere_else(tmp_path: Path) -> None:
    set_, plain = built(tmp_path / "set"), built(tmp_path / "plain", typography=False)
    for text in (epub_text(set_), site_text(set_)):
        assert "It’s a “proof” – or so…" in text
        assert "Don’t “panic” – it’s fine…" in text
        assert not re.search("[\"']|\\.\\.\\.|--", text)
    for text in (epub_text(plain), site_text(plain)):
        assert 'It\'s a "proof" -- or so...' in text
        assert not re.search("[“”’–…]", text.replace("Loading…", ""))
    for name in ("films.html/search.js", "films.chapters"):
        for one, other in zip(files(set_ / name), files(plain / name), strict=True):
            assert one.name == other.name
            assert one.read_bytes() == other.read_bytes()
    assert [one.name for one in files(set_ / "films.html")] == [one.name for one in files(plain / "films.html")]


def files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.iterdir())


def test_cards_keep_their_identity(tmp_path: Path) -> None:
    set_, plain = (
        read_package((built(tmp_path / name, typography=name == "set") / "films.apkg").read_bytes())
        for name in ("set", "plain")
    )
    assert [card.guid for card in set_] == [card.guid for card in plain]
    assert "What’s “rising” – here?" in {card.fields[0] for card in set_}
    assert 'What\'s "rising" -- here?' in {card.fields[0].replace("&quot;", '"') for card in plain}
    gap = next(card.fields[0] for card in set_ if card.kind == "cloze")
    assert "Bread’s “crumb”" in gap
    assert not any(re.search("(?<!=)[\"'](?!>)|&quot;", re.sub("<[^<>]*>", "", "".join(card.fields))) for card in set_)


@needs("pdftotext")
def test_pdf_has_the_same_signs(tmp_path: Path) -> None:
    text = one_line((built(tmp_path) / "films.pdf").read_bytes())
    for shown in ("It’s a “proof” – or so…", "Don’t “panic” – it’s fine…", "“So” it’s – there…"):
        assert shown in text


def test_a_change_of_the_setting_makes_books_again(tmp_path: Path) -> None:
    first = epub_text(built(tmp_path))
    assert epub_text(built(tmp_path, typography=False)) != first
    assert epub_text(built(tmp_path)) == first
