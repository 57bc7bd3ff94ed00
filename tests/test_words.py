"""Tests what the program adds to the words of notes, or sets otherwise: signs and furniture by the book's language."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.render import furniture
from convert.request import Request
from convert.writers.anki.reading import read_package
from tests.support.needs import ROOT, needs
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
    for one, other in zip(files(set_ / "films.chapters"), files(plain / "films.chapters"), strict=True):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()
    assert [one.name for one in files(set_ / "films.html")] == [one.name for one in files(plain / "films.html")]


def files(path: Path) -> list[Path]:
    return sorted(path.iterdir())


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


TONGUES = ("de", "fr", "es", "pt", "it", "nl", "hi", "ja", "ar")


def in_language(folder: Path, language: str) -> Report:
    files = {
        "films/a.md": note(
            "## A\n\n[00:03:10] [[b]] and [[c]] [01:00:00]\n\n"
            "> [!tip]\n> x\n\n> [!summary]\n> x\n\n- [ ] x\n- [x] x\n\n"
            '<details><summary></summary>\n\nx\n\n</details>\n\nSo "it is".\n',
            "One",
            "aqz-KE-bpKQ",
            f"language: {language}",
        ),
        "films/b.md": note("## B\n\n[00:03:10] [[a]]\n\nx::y\n", "Two", "eRsGyueVLvQ"),
        "films/c.md": note("[[a]]", "Three", ""),
    }
    lay_out(folder / "notes", files)
    return build(Request((folder / "notes",), folder / "out", ("epub", "html", "pdf", "anki"), jobs=1))


def test_every_language_has_every_word() -> None:
    assert furniture.LANGUAGES == TONGUES
    for english, said in (furniture.WORDS | furniture.CALLOUTS).items():
        assert len(said) == len(TONGUES), english
        assert {words.count("{}") for words in said} == {english.count("{}")}, english
        assert all(said), english


def test_every_word_of_the_table_is_used() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for path in (ROOT / "convert").rglob("*")
        if path.suffix in (".py", ".js", ".typ") and path.name != "furniture.py"
    )
    joined = re.sub(r'"\n\s*"', "", sources)
    assert [words for words in furniture.WORDS if not re.search(f"[\"'.]{re.escape(words)}[\"'}}]", joined)] == []


def test_furniture_is_in_the_language_of_the_book(tmp_path: Path) -> None:
    english = {"Watch the video", "Linked from", "Contents", "Topics", "Colophon", "Landmarks", "Skip to the text"}
    for language in TONGUES:
        in_language(tmp_path / language, language)
        out = tmp_path / language / "out"
        script = (out / "films.html" / "reading_room.js").read_text("utf-8")
        site = {"Linked from", "Skip to the text"}
        for text, told in ((epub_text(out), english - {"Skip to the text"}), (site_text(out), site)):
            for words in told:
                assert furniture.say(language, words) in text, (language, words)
                assert words == furniture.say(language, words) or f">{words}<" not in text, (language, words)
        with ZipFile(out / "films.epub") as book:
            marked = b"".join([book.read(name) for name in book.namelist() if "/a-" in name]).decode()
        for words in ("to do", "done"):
            assert f'aria-label="{furniture.say(language, words)}"' in marked
        assert furniture.say(language, "at {}", furniture.say(language, "{} hour", 1)) in marked
        titles = {furniture.callout_title(language, kind) for kind in ("tip", "summary", "details")}
        assert all(f">{title}<" in marked for title in titles), language
        assert not re.search("[a-z] (?:hour|minute|second)s?\\b|>(?:Summary|Details)<", marked) or language in (
            "nl",
            "fr",
        )
        assert f'"Close":"{furniture.say(language, "Close")}"' in script
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in (out / "films.html" / "index.html").read_text("utf-8")


def test_a_language_without_words_says_so_once(tmp_path: Path) -> None:
    told = [one for one in in_language(tmp_path, "he").all_diagnostics() if one.code == "words-english"]
    assert [(one.severity, one.note) for one in told] == [("info", "films")]
    with ZipFile(tmp_path / "out" / "films.epub") as book:
        contents = book.read("EPUB/contents.xhtml").decode()
    assert re.search(r'<h1[^>]* lang="en"[^>]* dir="ltr"[^>]*>Contents<', contents)
    assert not [one for one in in_language(tmp_path / "und", "en").all_diagnostics() if one.code == "words-english"]


@needs("pdftotext")
def test_pdf_is_in_the_language_of_the_book(tmp_path: Path) -> None:
    in_language(tmp_path, "de")
    text = one_line((tmp_path / "out" / "films.pdf").read_bytes())
    assert "Inhalt" in text
    assert "Tipp" in text
    assert "Zusammenfassung" in text
    assert "So „it is“." in text
    assert "Themen" in text
    assert "(S. " in text.replace("\xa0", " ")
    assert not re.search(r"Contents|Topics|\(p\.", text)


def test_stamps_in_tables_and_code_in_lines_have_the_size_of_their_text(tmp_path: Path) -> None:
    build(Request((lay_out(tmp_path / "notes", SIGNS),), tmp_path / "out", ("epub",), jobs=1))
    with ZipFile(tmp_path / "out" / "films.epub") as book:
        css = book.read("EPUB/style.css").decode()
    assert re.search(r"\ntable \.stamp \{[^}]*font-size: 0.85em", css)
    assert not re.search(r"\.stamp \{[^}]*vertical-align", css)
    assert re.search(r"\ncode \{[^}]*font-size: 1em", css)


def test_an_author_that_repeats_the_title_is_left_out(tmp_path: Path) -> None:
    for title, told in (("", False), ("FILMS", False), ("Rivers", True)):
        folder = tmp_path / (title or "none")
        build(Request((lay_out(folder / "notes", SIGNS),), folder / "out", ("epub",), title=title, jobs=1))
        with ZipFile(folder / "out" / "films.epub") as book:
            assert (b"<dc:creator" in book.read("EPUB/content.opf")) is told
            assert b"dc:date" not in book.read("EPUB/content.opf")
