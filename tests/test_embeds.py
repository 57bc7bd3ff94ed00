"""Tests embedded notes (`![[note]]`): what is shown where, with which ids, links and times, and the limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import inlines
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.reader import block_embeds, read_bytes
from convert.reader.block_embeds import part_of, show_embeds
from convert.request import Request
from tests.support.artifacts import text_view
from tests.support.pages import epub_pages, faults_of_ids, page_of, site_pages
from tests.support.vaults import OTHER, VIDEO, Files, lay_out, note

SEA = """
Before all [00:00:30].

## Waves [00:01:00]

A wave is wind in water[^w] [00:01:10]; see [[#Deep|the deep]] and [[storm|a storm]]. ^wave

### Deep

- dark ^dark
  - darker[^d]
- cold

[^w]: Of the wave, and more[^m].
[^m]: The more.
[^d]: Of the dark.

## Salt

Salty.
"""
HOST = """
Own words [00:09:00] with ![[sea]] in a line.

- ![[sea#Salt]]

## All of it

![[sea]]

## A section

![[sea#Waves|The waves]]

## Blocks

![[sea#^wave]]
![[sea#^dark]]

> ![[sea#Salt]]

![[sea#Gone]]

![[gone]]

![[film.mp4]]

Own footnote[^w].

[^w]: The host's.
"""
FILES: Files = {
    "films/host.md": note(HOST, "Host"),
    "films/sea.md": note(SEA, "The sea", OTHER),
    "films/storm.md": note("Storm [00:00:01].", "Storm", OTHER),
}


def built(
    folder: Path, files: Files, *writers: str, inputs: tuple[str, ...] = ("films",), **settings: object
) -> Report:
    lay_out(folder, files)
    places = tuple(folder / name for name in inputs)
    report = build(Request(places, folder / "out", writers, jobs=1, **settings))  # type: ignore[arg-type]
    assert not any(book.failures for book in report.books)
    return report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a note that embeds another in every way, and return the output folder."""
    folder = tmp_path_factory.mktemp("embeds")
    built(folder, FILES, "epub", "html", "pdf", "chapters", "anki")
    return folder / "out"


@pytest.fixture(scope="module")
def host(made: Path) -> str:
    """Return the page of the embedding note in the EPUB."""
    return page_of(epub_pages(made / "films.epub"), "Own words")


def figures(markup: str) -> list[str]:
    """Return the markup of each outermost embed of a page."""
    return re.findall(r'<figure class="embed">(.*?)</figure>', markup, re.DOTALL)


def test_an_embed_alone_shows_the_note_the_section_the_block(host: str) -> None:
    whole, section, wave, dark, quoted = figures(host)
    assert ("Before all" in whole, "Waves" in whole, "Salty" in whole) == (True, True, True)
    assert ("Before all" in section, "Waves" in section, "darker" in section, "Salty" in section) == (
        False, True, True, False,
    )  # fmt: skip
    assert ("A wave is" in wave, "Waves" in wave, "dark" in wave) == (True, False, False)
    assert re.findall("<li>(cold|darker|dark)", dark) == ["dark", "darker"]
    assert "Salty." in quoted


def test_a_line_names_and_links_the_source(host: str) -> None:
    sources = [re.search(r'<figcaption[^>]*><a class="note" href="([^"]*)">([^<]*)</a>', one) for one in figures(host)]
    found = [(one[1].partition("#")[2], one[2]) for one in sources if one]
    assert found == [
        ("", "The sea"), ("s-waves", "The waves"), ("b-wave", "The sea"), ("b-dark", "The sea"),
        ("s-salt", "The sea &gt; Salt"),
    ]  # fmt: skip


def test_an_embed_in_a_line_or_a_list_stays_a_link(host: str) -> None:
    assert re.search(r'with <a class="note" href="[^"]*">The sea</a> in a line', host)
    assert re.search(r'<li><a class="note" href="[^"]*">The sea &gt; Salt</a></li>', host)


def test_what_is_not_there_is_as_it_was(host: str) -> None:
    assert re.search(r'<p><a class="note" href="[^"#]*">The sea &gt; Gone</a></p>', host)
    assert "<p>gone</p>" in host
    assert "<p>film.mp4</p>" in host


def test_stamps_lead_to_the_video_of_the_note_that_is_shown(host: str) -> None:
    assert set(re.findall(r"youtu\.be/([^?]*)\?", "".join(figures(host)))) == {OTHER}
    assert f"youtu.be/{VIDEO}?t=540" in host


def test_links_lead_where_they_lead_in_the_note_that_is_shown(host: str) -> None:
    (sea,) = set(re.findall(r'href="(sea-[^"#]*)#s-deep">the deep', host))
    assert re.search(r'href="storm-[^"]*">a storm', host)
    assert sea.endswith(".xhtml")


def test_no_id_stands_twice_and_no_link_is_dead(made: Path) -> None:
    assert faults_of_ids(epub_pages(made / "films.epub")) == []
    assert faults_of_ids(site_pages(made / "films.html")) == []


def test_sections_and_blocks_of_embeds_are_no_places(host: str) -> None:
    assert re.findall(r'id="([^"]*)"', "".join(figures(host))) == re.findall(r'id="(e[0-9]+-[fr]-[0-9-]+)"', host)
    assert sorted(re.findall(r'id="(s-[^"]*)"', host)) == ["s-a_section", "s-all_of_it", "s-blocks"]


def test_an_embed_has_the_footnotes_that_it_marks(host: str) -> None:
    whole, section, wave, dark, _ = figures(host)
    counts = [one.count('role="doc-footnote"') for one in (whole, section, wave, dark)]
    assert counts == [3, 3, 2, 1]
    assert host.count('role="doc-footnote"') == sum(counts) + 1
    assert "The host’s." in host.rpartition("</figure>")[2]


def test_headings_of_embeds_stand_below_those_around(host: str) -> None:
    whole, section, *_ = figures(host)
    assert re.findall(r"<h([1-6])>", whole) == ["3", "4", "3"]
    assert re.findall(r"<h([1-6])>", section) == ["3", "4"]


def test_chapters_cues_cards_words_and_topics_are_those_of_the_note_alone(tmp_path: Path) -> None:
    files = {"films/host.md": note(HOST, "Host"), "talks/sea.md": note(SEA, "The sea", OTHER)}
    report = built(tmp_path, files, "chapters", "anki", "html", "epub", vault=tmp_path, videos=tmp_path)
    out = tmp_path / "out"
    made = {path.name: path for path in out.rglob("*") if path.is_file() and path.parent.name != ".notebind"}
    pages = epub_pages(made.pop("films.epub"))
    assert [name for name, page in pages.items() if "a storm" in page] == [
        name for name, page in pages.items() if "Own words" in page
    ]
    texts = {name: text_view(name, path.read_bytes()) for name, path in made.items() if path.suffix != ".html"}
    assert len([name for name in texts if name.startswith(f"{VIDEO}.")]) > 3
    assert not any(word in text for text in texts.values() for word in ("wave is", "Salty", "darker", "Before all"))
    files["talks/sea.md"] = note("Short.\n\n## Waves\n\n## Salt", "The sea", OTHER)
    assert (
        report.books[0].counts["words"] == built(tmp_path, files, "chapters", vault=tmp_path).books[0].counts["words"]
    )


def test_cues_of_the_site_and_its_search_are_those_of_the_note_alone(made: Path) -> None:
    rows = (made / "films.html" / "search.js").read_text("utf-8")
    assert rows.count("A wave is wind in water") == 1
    assert rows.count("Own words") == 1


def test_the_site_shows_what_the_book_shows(made: Path) -> None:
    page = page_of(site_pages(made / "films.html"), "Own words")
    assert [re.sub("<[^>]*>|\\s", "", one)[:9] for one in figures(page)] == [
        "TheseaBef", "Thewavesw"[:8] + "W", "TheseaAwa", "Theseadar", "Thesea&gt",
    ]  # fmt: skip


def test_the_pdf_shows_it_without_headings_of_its_own(made: Path) -> None:
    text = text_view("films.pdf", (made / "films.pdf").read_bytes())
    assert text.count("A wave is wind in water") == 4
    assert text.count("Salty.") == 3


def test_a_note_of_another_book_is_shown_and_named(tmp_path: Path) -> None:
    other = note("Fire [00:02:00] in [[cave]] and [[#Own]].\n\n## Own\n\nMore.", "Dragon", OTHER)
    files = {
        "films/host.md": note("![[dragon]]", "Host"),
        "talks/dragon.md": other,
        "talks/cave.md": note("Dark.", "Cave", OTHER),
    }
    built(tmp_path, files, "epub", "pdf", inputs=("films",), vault=tmp_path)
    pages = epub_pages(tmp_path / "out" / "films.epub")
    (shown,) = figures(page_of(pages, "Fire"))
    assert '<figcaption class="embed-source">Dragon</figcaption>' in shown
    assert f'href="https://youtu.be/{OTHER}?t=120"' in shown
    assert re.findall("<a [^>]*note", shown) == []
    assert faults_of_ids(pages) == []


def test_stamps_of_a_video_that_no_book_can_link_to_are_text(tmp_path: Path) -> None:
    files = {
        "films/host.md": note("![[dragon]] ", "Host"),
        "films/dragon.md": note("Fire [00:02:00].", "Dragon", "", "video: dragon.mp4"),
    }
    built(tmp_path, files, "epub", "html")
    for pages in (epub_pages(tmp_path / "out" / "films.epub"), site_pages(tmp_path / "out" / "films.html")):
        (shown,) = [one for page in pages.values() for one in figures(page)]
        assert '<span class="stamp">2:00</span>' in shown


def test_pictures_of_the_note_that_is_shown_are_in_the_book(tmp_path: Path) -> None:
    from tests.support.pictures import drawn

    files = {
        "films/host.md": note("![[waves]]", "Host"),
        "talks/waves.md": note("![[sea.png]]", "Waves", OTHER),
        "talks/sea.png": drawn(),
    }
    built(tmp_path, files, "epub", "pdf", "html", vault=tmp_path)
    (shown,) = figures(page_of(epub_pages(tmp_path / "out" / "films.epub"), "<figure"))
    assert '<img src="images/' in shown
    assert len(list((tmp_path / "out" / "films.html" / "images").iterdir())) == 1


# Embeds of embeds


def shown_of(texts: Mapping[str, str], most_bytes: int = block_embeds.MOST_BYTES) -> tuple[Note, list[tuple[str, int]]]:
    """Return the first note with its embeds filled in, and the codes and lines of the diagnostics."""
    notes = {f"c/{name}": resolved(name, text) for name, text in texts.items()}
    said: list[tuple[str, int]] = []
    first = next(iter(notes.values()))
    return show_embeds(first, notes.get, lambda code, line, _: said.append((code, line)), most_bytes), said


def resolved(name: str, text: str) -> Note:
    """Return the note with every link resolved to the note that it names."""
    from convert.document.note import Resolution, slug

    def place(fragment: str) -> str:
        return fragment if fragment.startswith("^") else slug(fragment)

    facts = read_bytes(text.encode(), f"{name}.md", "c", name).facts
    to = tuple(n.Destination(f"c/{link.target or name}", place(link.fragment), "T") for link in facts.links)
    return read_bytes(text.encode(), f"{name}.md", "c", name, Resolution(to, ())).note


def tree(blocks: tuple[n.Block, ...]) -> object:
    """Show embeds as targets with their contents, and paragraphs as words."""
    found: list[object] = []
    for block in blocks:
        match block:
            case n.EmbedBlock(embed, shown=n.Excerpt(blocks=inner)):
                found.append({f"{embed.target}#{embed.fragment}".rstrip("#"): tree(inner)})
            case n.EmbedBlock(embed):
                found.append(f"link {embed.target}#{embed.fragment}".rstrip("#"))
            case n.Section(id, children=children):
                found.append([id, tree(children)])
            case n.Quote(children):
                found.append(tree(children))
            case _:
                found.append("".join(node.text for node in inlines((block,)) if isinstance(node, n.Text)))
    return found


def test_two_notes_that_show_each_other_end_in_a_link() -> None:
    note, said = shown_of({"a": "A\n\n![[b]]", "b": "B\n\n![[a]]"})
    assert tree(note.blocks) == ["A", {"b": ["B", "link a"]}]
    assert said == [("embed-nested", 3)]


@pytest.mark.parametrize(
    ("text", "shown", "said"),
    [
        ("A\n\n![[a]]", ["A", "link a"], [("embed-nested", 3)]),
        ("![[#H]]\n\n## H\n\nIn it.", [{"#H": [["h", ["In it."]]]}, ["h", ["In it."]]], []),
        ("## H\n\n![[#H]]", [["h", ["link #H"]]], [("embed-nested", 3)]),
        ("![[#H]]\n\n## H\n\n![[a]]", [{"#H": [["h", ["link a"]]]}, ["h", ["link a"]]],
         [("embed-nested", 1), ("embed-nested", 5)]),
        ("## Q\n\n> ![[#^me-too]]\n\n^me-too", [["q", [["link #^me-too"]]]], [("embed-nested", 3)]),
        ("One ^one\n\n![[#^one]]", ["One", {"#^one": ["One"]}], []),
    ],
)  # fmt: skip
def test_a_note_that_shows_itself(text: str, shown: object, said: object) -> None:
    note, found = shown_of({"a": text})
    assert (tree(note.blocks), found) == (shown, said)


def test_embeds_within_one_another_end_at_a_depth() -> None:
    note, said = shown_of({str(i): f"{i}\n\n![[{i + 1}]]" for i in range(9)})
    assert tree(note.blocks) == ["0", {"1": ["1", {"2": ["2", {"3": ["3", {"4": ["4", "link 5"]}]}]}]}]
    assert said == [("embed-nested", 3)]


def test_embeds_that_multiply_end_at_a_number() -> None:
    names = [f"n{i}" for i in range(12)]
    every = "\n\n".join(f"![[{name}]]" for name in names)
    note, said = shown_of(dict.fromkeys(names, every))
    assert str(tree(note.blocks)).count("{") == block_embeds.MOST
    assert [code for code, _ in said].count("embed-limit") == 1


def test_embeds_of_much_end_at_a_size() -> None:
    note, said = shown_of(
        {"a": "![[big]]\n\n![[big]]\n\n![[big]]\n\n![[small]]", "big": "x" * 5000, "small": "y"}, 12_000
    )
    assert [type(one) for one in tree(note.blocks)] == [dict, dict, str, str]  # type: ignore[attr-defined]
    assert said == [("embed-limit", 5)]


def test_a_note_out_of_reach_is_linked() -> None:
    note, said = shown_of({"a": "![[gone]]"})
    assert (tree(note.blocks), said) == (["link gone"], [("embed-limit", 1)])


def test_an_embed_below_many_quotes_stays_a_link() -> None:
    note, said = shown_of({"a": "> " * 30 + "![[b]]", "b": "B"})
    assert (note.blocks, said) == (resolved("a", "> " * 30 + "![[b]]").blocks, [])


def test_the_place_of_a_block_is_found_wherever_it_stands() -> None:
    sea = resolved(
        "sea", "> in a quote ^quoted\n\n1. one\n2. two ^two\n   - three\n\n[^1]: of note ^noted\n\ntext[^1] ^text"
    )
    (two,) = part_of(sea, "^two")
    assert isinstance(two, n.List)
    assert (two.start, len(two.items), len(two.items[0].children)) == (2, 1, 2)
    assert [len(part_of(sea, place)) for place in ("^quoted", "^noted", "^text", "^UNSET", "^gone", "gone")] == [
        1, 1, 2, 0, 0, 0,
    ]  # fmt: skip


# Builds


def test_a_hostile_vault_gives_bounded_books_and_few_remarks(tmp_path: Path) -> None:
    names = [f"n{i}" for i in range(30)]
    every = "\n\n".join(f"![[{name}]]" for name in names) + "\n\n" + "Words and words. " * 200
    report = built(tmp_path, {f"films/{name}.md": note(every, name) for name in names}, "epub")
    said = [found.code for found in report.all_diagnostics() if found.code == "embed-limit"]
    assert len(said) == 30
    unpacked = sum(map(len, epub_pages(tmp_path / "out" / "films.epub").values()))
    assert unpacked < 30 * 2 * block_embeds.MOST_BYTES


@pytest.mark.parametrize(("hosts", "limited"), [(1, 0), (2, 2)])
def test_the_notes_of_a_book_share_its_room(
    hosts: int, limited: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.pipeline.tasks.BOOK_BYTES", 6000)
    files = {f"films/{number}.md": note("![[big]]", str(number)) for number in range(hosts)}
    report = built(tmp_path, {**files, "films/big.md": note("x" * 4000, "Big")}, "epub")
    assert [found.code for found in report.all_diagnostics()].count("embed-limit") == limited


def test_a_note_takes_only_so_many_others_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.pipeline.tasks.MOST_NOTES", 2)
    texts = {"a": "![[b]]\n\n![[c]]", "b": "B ![[d]]", "c": "C", "d": "D"}
    report = built(tmp_path, {f"films/{name}.md": note(text, name) for name, text in texts.items()}, "epub")
    assert [found.code for found in report.all_diagnostics()].count("embed-limit") == 0
    texts["b"] = "![[d]]"
    report = built(tmp_path, {f"films/{name}.md": note(text, name) for name, text in texts.items()}, "epub")
    assert [Path(one.note).name for one in report.all_diagnostics() if one.code == "embed-limit"] == ["a.md"]


def test_a_note_that_changed_makes_the_books_that_show_it_anew(tmp_path: Path) -> None:
    files = {
        "films/host.md": note("![[middle]]", "Host"),
        "talks/middle.md": note("![[dragon]]", "Middle", OTHER),
        "talks/dragon.md": note("Fire.", "Dragon", OTHER),
        "talks/apart.md": note("Water.", "Apart", OTHER),
    }

    def again() -> list[str]:
        return built(tmp_path, files, "epub", "pdf", vault=tmp_path).books[0].unchanged

    assert again() == []
    assert sorted(again()) == ["epub", "pdf"]
    files["talks/apart.md"] = note("Water and salt.", "Apart", OTHER)
    assert sorted(again()) == ["epub", "pdf"]
    files["talks/dragon.md"] = note("Fire and smoke.", "Dragon", OTHER)
    assert again() == []
    assert "Fire and smoke." in page_of(epub_pages(tmp_path / "out" / "films.epub"), "<figure")


def test_what_was_said_of_embeds_is_said_again_when_nothing_is_made(tmp_path: Path) -> None:
    files = {"films/a.md": note("![[b]]", "A"), "films/b.md": note("![[a]]", "B"), "more/c.md": note("C", "C", OTHER)}

    def said(*writers: str) -> list[tuple[str, str]]:
        report = built(tmp_path, files, *writers, inputs=("films", "more"))
        found = [one for one in report.all_diagnostics() if one.code == "embed-nested"]
        return sorted((Path(one.note).name, one.message) for one in found)

    first = said("epub")
    assert [name for name, _ in first] == ["a.md", "b.md"]
    files["more/c.md"] = note("C changed", "C", OTHER)
    assert said("epub") == first
    assert said("epub", "html") == first


def test_the_same_bytes_where_notes_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(tmp_path / "one", FILES, "epub")
    monkeypatch.setattr("convert.pipeline.make.unpack_tree", lambda tree: None)
    built(tmp_path / "two", FILES, "epub")
    assert (tmp_path / "one/out/films.epub").read_bytes() == (tmp_path / "two/out/films.epub").read_bytes()
