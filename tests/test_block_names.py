"""Tests that links to blocks (`[[note#^name]]`) lead to the block in every format with links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convert.document import nodes as n
from convert.pipeline.run import build
from convert.reader import read_bytes
from convert.request import Request
from convert.writers.anki.deck_cards import blocks_html
from tests.support.artifacts import text_view
from tests.support.needs import needs
from tests.support.pages import epub_pages, faults_of_ids, page_of, site_pages
from tests.support.pdf_reading import faults, opened
from tests.support.vaults import OTHER, lay_out, note

NAMED = """
A calm sea [00:01:00]. ^calm

## Wind

- one
- two ^two
  - three ^three

^both

1. [ ] a task ^task

> quoted

^quoted

> [!tip] Sail
> away

^sail

| a |
| --- |
| b |

^table

```
code
```

^code

Twice. ^two
"""
NAMES = ("both", "calm", "code", "quoted", "sail", "table", "task", "three", "two")
LINKS = (
    "".join(f"- [[sea#^{name}|to {name}]]\n" for name in NAMES) + "- [[sea#^gone|to gone]]\n\nOwn: [[#^own|here]] ^own"
)
FILES = {"films/sea.md": note(NAMED, "The sea"), "films/links.md": note(LINKS, "Links", OTHER)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a note with named blocks and a note that links to them, and return the output folder."""
    folder = lay_out(tmp_path_factory.mktemp("names"), FILES)
    report = build(Request((folder / "films",), folder / "out", ("epub", "pdf", "html", "anki"), jobs=1))
    assert not report.failed()
    assert [one.message for one in report.all_diagnostics() if one.code == "block-missing"] == [
        "'sea' has no block '^gone': the link leads to its start"
    ]
    return folder / "out"


def test_every_named_block_is_a_place_in_the_epub(made: Path) -> None:
    pages = epub_pages(made / "films.epub")
    assert faults_of_ids(pages) == []
    assert sorted(re.findall(r'id="b-([^"]*)"', page_of(pages, "A calm sea"))) == sorted(NAMES)
    assert sorted(re.findall(r'href="[^"]*#b-([^"]*)"', page_of(pages, ">to calm<"))) == sorted((*NAMES, "own"))


@pytest.mark.parametrize(
    "opening",
    [
        '<p id="b-calm">A calm sea', '<ul id="b-both">', '<li id="b-two">two', '<li id="b-three">three',
        '<li id="b-task" class="task">', '<blockquote id="b-quoted">', '<div id="b-sail" class="callout',
        '<table id="b-table">', '<pre id="b-code">', "<p>Twice.</p>",
    ],
)  # fmt: skip
def test_the_block_itself_has_the_id(made: Path, opening: str) -> None:
    assert opening in page_of(epub_pages(made / "films.epub"), "A calm sea")


def test_every_named_block_is_a_place_in_the_site(made: Path) -> None:
    pages = site_pages(made / "films.html")
    assert faults_of_ids(pages) == []
    sea = page_of(pages, "A calm sea")
    assert sorted(re.findall(r'id="n1-b-([^"]*)"', sea)) == sorted(NAMES)
    assert '<div class="wide" role="group" aria-label="Table" tabindex="0"><table id="n1-b-table">' in sea
    assert '<pre tabindex="0" id="n1-b-code">' in sea


def test_every_named_block_is_a_place_in_the_pdf(made: Path) -> None:
    pdf = opened((made / "films.pdf").read_bytes())
    dests = [link.Dest if "/Dest" in link else link.A.D for page in pdf.pages for link in page.get("/Annots", ())
             if "/Dest" in link or "/D" in link.get("/A", {})]  # fmt: skip
    places = {repr(dest) for dest in dests}
    # Contents and other links need their own anchors: at least two notes and a section.
    assert len(places) >= len(NAMES) + 1 + 3


def test_a_block_in_another_volume_is_named_by_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from convert.writers.pdf import volumes

    monkeypatch.setattr(volumes, "NOTES", 1)
    long = "\n\n".join(["Words and words. " * 40] * 40)
    files = {
        "films/a.md": note(f"{long}\n\nThe end. ^end", "A"),
        "films/b.md": note("[[a#^end|To the end]]", "B", OTHER),
    }
    folder = lay_out(tmp_path, files)
    report = build(Request((folder / "films",), folder / "out", ("pdf",), jobs=1))
    assert not report.failed()
    first, second = ((folder / "out" / f"films-{number}.pdf").read_bytes() for number in (1, 2))
    pages = text_view("a.pdf", first).split("== page ")
    (page,) = (text.partition("\n")[0] for text in pages if "The end." in text)
    assert int(page) > 3
    assert f"To the end (vol.\u00a01, p.\u00a0{page})" in text_view("b.pdf", second)


@needs("page-validation")
def test_a_pdf_with_named_blocks_conforms(made: Path) -> None:
    assert faults((made / "films.pdf").read_bytes(), "ua1") == []


def test_the_answer_of_a_card_has_no_ids() -> None:
    words = (n.Text("calm"),)
    assert blocks_html((n.Paragraph(words, 1, "calm"), n.List((n.Item((n.Paragraph(words, 2, "two"),), 2),), 2))) == (
        "<p>calm</p>\n<ul>\n<li>calm</li>\n</ul>"
    )


def test_a_name_belongs_to_the_section_that_holds_it_in_a_list_as_well() -> None:
    """Sections of an item that end together used to give the names of all to the innermost."""
    source = b"- # a\n  one ^one\n  ## b\n  two ^two\n"
    facts = read_bytes(source, "n/a.md", "n", "a").facts
    assert {name: facts.headings[section].text for name, section in facts.block_ids} == {"one": "a", "two": "b"}
