"""Tests the files of the site: no dead links, nothing inline, downloads linked, media copied."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from convert.document.note import NoteHead, Video
from convert.pipeline.run import Report, build
from convert.request import Request
from convert.storage.location import storage_at
from convert.vault.video_files import media_files, media_of
from tests.support.artifacts import deck_view, pdf_view
from tests.support.media import make_media
from tests.support.needs import ROOT
from tests.support.vaults import OTHER, VIDEO, lay_out, note

FILES = {
    "films/one.md": note(
        "## A start [00:00:10]\n\nWords, [[two]] and [[two#Deep down]].\n\n## More [00:00:40]\n", "One"
    ),
    "films/two.md": note("Before.\n\n## Deep down [00:00:20]\n\nBack to [[one]].\n", "Two"),
    "films/three.md": note("## Elsewhere [00:01:00]\n\nSee [[two]].\n", "Three", OTHER),
    "films/loose.md": note("## No film\n\nSee [[three]], at [00:00:30].\n", "Loose", ""),
}


def made(folder: Path, *writers: str, files: Any = None, **settings: Any) -> Report:
    lay_out(folder, FILES if files is None else files)
    options = {"html": settings.pop("options", {})}
    report = build(Request((folder / "films",), folder / "out", writers or ("html",), options, jobs=1, **settings))
    assert [book.failures for book in report.books] == [{}]
    return report


def pages(folder: Path) -> dict[str, ElementTree.Element]:
    """Parse the pages of the site by name."""
    found = sorted((folder / "out" / "films.html").glob("*.html"))
    return {path.name: ElementTree.fromstring(path.read_bytes()) for path in found}


def broken(folder: Path) -> list[str]:
    """Return the links and sources of all pages whose file or anchor is missing."""
    site = folder / "out" / "films.html"
    ids = {name: [e.get("id") for e in page.iter() if e.get("id")] for name, page in pages(folder).items()}
    assert all(len(found) == len(set(found)) for found in ids.values())
    bad = []
    for name, page in pages(folder).items():
        for link in (value for e in page.iter() for key in ("href", "src") if (value := e.get(key))):
            address = urlsplit(link)
            target = unquote(address.path) or name
            if address.scheme or link.startswith("#t="):
                continue
            if not (site / target).exists() or (address.fragment and address.fragment not in ids[target]):
                bad.append(f"{name}: {link}")
    return bad


def hrefs(page: ElementTree.Element) -> list[str]:
    return [found for e in page.iter("a") if (found := e.get("href"))]


def test_every_link_leads_to_a_file_and_a_place_in_it(tmp_path: Path) -> None:
    made(tmp_path, "epub", "anki", "chapters", "html")
    assert broken(tmp_path) == []
    assert len(pages(tmp_path)) == 5


def test_every_link_of_the_seeds(tmp_path: Path) -> None:
    build(Request((ROOT / "seeds" / "open_movies",), tmp_path / "out", ("chapters", "html"), jobs=1))
    (tmp_path / "out" / "open_movies.html").rename(tmp_path / "out" / "films.html")
    assert broken(tmp_path) == []


def test_a_page_of_topics_lists_what_the_notes_link_to(tmp_path: Path) -> None:
    links = "[[boats]] [[The Sea|sea]] [[two\ud800#Oars]] [0:10]"
    files = {f"films/n{number}.md": note(f"[[Ärmel]] {links}", f"Note {number}") for number in range(4)}
    files["films/boats.md"] = note("See [[boats]] and [[42]] [0:30].", "<Boats>")
    made(tmp_path, files={name: text.encode("utf-8", "replace") for name, text in files.items()})
    assert broken(tmp_path) == []
    site = pages(tmp_path)
    topics = site["topics.html"]
    assert [e.text for e in topics.iter("h2")] == ["A", "B", "T", "#"]
    terms = ["".join(e.itertext()).strip() for e in topics.iter("p") if e.get("class") == "term"]
    assert {"Ärmel", "<Boats>", "42"} <= set(terms)
    assert [e.text for e in topics.iter("summary")] == ["4 notes"] * (len(terms) - 1)
    assert all("topics.html" in hrefs(page) for page in site.values())


def test_without_links_there_is_no_page_of_topics(tmp_path: Path) -> None:
    made(tmp_path, files={"films/one.md": note("Words [0:10].", "One")})
    assert sorted(pages(tmp_path))[0] == "index.html"
    assert not [link for page in pages(tmp_path).values() for link in hrefs(page) if "topics" in link]


def test_siblings_share_a_page_and_back_links_name_them(tmp_path: Path) -> None:
    made(tmp_path)
    site = pages(tmp_path)
    (one,) = (page for name, page in site.items() if name.startswith("one-"))
    assert [e.get("id") for e in one.iter("article")] == ["n1", "n2"]
    assert {"#n2", "#n2-s-deep_down", "#n1"} <= set(hrefs(one))
    (three,) = (name for name in site if name.startswith("three-"))
    linked = ["".join(e.itertext()) for e in one.iter("div") if e.get("class") == "linked-from"]
    assert [re.sub(r"\s+", " ", text).strip() for text in linked] == ["Linked from Two", "Linked from One Three"]
    assert f"{three}#n1" in hrefs(next(page for name, page in site.items() if name.startswith("loose-")))


def shelf(page: ElementTree.Element) -> list[tuple[str | None, str | None, bool]]:
    """Return (address, text, whether it is the page itself) of each link of a page's column."""
    links = page.findall(".//nav[@class='shelf']//a")
    return [(link.get("href"), link.text, link.get("aria-current") == "page") for link in links]


def test_a_small_channel_stands_in_the_column_of_each_page(tmp_path: Path) -> None:
    made(tmp_path)
    found = {name: shelf(page) for name, page in pages(tmp_path).items()}
    assert [name for name, links in found.items() if not links] == ["index.html", "topics.html"]
    (links,) = [links for name, links in found.items() if name.startswith("one-")]
    assert links[0] == ("index.html", "All notes", False)
    assert [text for _, text, _ in links[1:]] == ["One", "One", "Two", "Three", "Loose"]
    assert [text for _, text, here in links if here] == ["One"]
    assert [address for address, *_ in links[2:4]] == ["#n1", "#n2"]


def test_the_column_does_not_grow_with_the_channel(tmp_path: Path) -> None:
    """On each page are the videos around it, and of the notes those of the page."""
    files = {
        f"films/{number:02}_{part}.md": note("Words.\n", f"Note {number:02} {part}", f"video{number:06}")
        for number in range(40)
        for part in "ab"
    }
    made(tmp_path, files=files)
    for name, page in pages(tmp_path).items():
        if name not in ("index.html", "topics.html"):
            links = shelf(page)
            assert len(links) == 1 + 13 + 2, name
            (here,) = [at for at, link in enumerate(links) if link[2]]
            assert [address for address, *_ in links[here + 1 : here + 3]] == ["#n1", "#n2"]
            assert 1 <= here <= 13
    assert broken(tmp_path) == []


@pytest.mark.parametrize(
    ("one", "two", "shown"),
    [
        ("1. A|2. B", "3. C|D", ["1. A", "2. B", "3. C", "D"]),
        ("1. A|3. C", "2. B|D", ["A", "C", "B", "D"]),
        ("1) A|2) B", "1) C|2) D", ["A", "B", "C", "D"]),
        ("2001. A|3.5 B", "1984. C|1. D", ["2001. A", "3.5 B", "1984. C", "1. D"]),
    ],
)
def test_numbers_of_chapters_do_not_mix_orders(tmp_path: Path, one: str, two: str, shown: list[str]) -> None:
    texts = ["", ""]
    for number, titles in enumerate((one, two)):
        for at, title in enumerate(titles.split("|"), 1):
            texts[number] += f"## {title} [{number}:{at}5]\n\nWords.\n\n"
    made(tmp_path, files={f"films/{number}.md": note(text, f"Note {number}") for number, text in enumerate(texts)})
    (page,) = [page for page in pages(tmp_path).values() if page.find(".//details[@class='chapters']") is not None]
    spans = page.findall(".//details[@class='chapters']//a/span[2]")
    assert [span.text for span in spans][-4:] == shown


def test_a_single_note_has_no_column(tmp_path: Path) -> None:
    made(tmp_path, files={"films/one.md": note("Words [0:10].\n", "One")})
    assert [shelf(page) for page in pages(tmp_path).values()] == [[]] * 2


def test_each_note_of_a_page_links_to_those_above_and_below(tmp_path: Path) -> None:
    files = {f"films/n{number}.md": note("## Part [00:00:09]\n", f"Note {number}") for number in range(1, 4)}
    made(tmp_path, "html", files=files)
    (page,) = (page for name, page in pages(tmp_path).items() if name not in ("index.html", "topics.html"))
    ways = [place for place in page.iter() if place.get("class") == "onward around"]
    assert [hrefs(way) for way in ways] == [["#n2"], ["#n1", "#n3"], ["#n2"]]
    assert "".join(ways[1].itertext()).split("\n")[1:3] == ["↑ Note 1", "↓ Note 3"]


@pytest.mark.parametrize("name", ["index", "one"])
def test_nothing_is_inline(tmp_path: Path, name: str) -> None:
    made(tmp_path)
    page = next(page for file, page in pages(tmp_path).items() if file.startswith(name))
    assert [e.get("src") for e in page.iter("script")] == ["reading_room.js"]
    assert [e.text for e in page.iter("script") if e.text] == []
    assert list(page.iter("style")) == []
    assert [key for e in page.iter() for key in e.attrib if key == "style" or key.startswith("on")] == []
    policy = next(e.get("content") for e in page.iter("meta") if e.get("http-equiv"))
    assert policy
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy


def test_the_first_page_offers_what_was_made_beside_it(tmp_path: Path) -> None:
    made(tmp_path, "html", "epub", "anki")
    assert hrefs(pages(tmp_path)["index.html"])[3:5] == ["../films.epub", "../films.apkg"]
    made(tmp_path, "html")
    assert [link for link in hrefs(pages(tmp_path)["index.html"]) if link.startswith("../")] == []


def test_a_format_that_failed_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from convert.writers.epub import EpubWriter

    def breaks(*_: object) -> Any:
        raise RuntimeError("out of paper")

    lay_out(tmp_path, FILES)
    monkeypatch.setattr(EpubWriter, "assemble", breaks)
    request = Request((tmp_path / "films",), tmp_path / "out", ("html", "epub", "anki"), jobs=1)
    assert [list(book.failures) for book in build(request).books] == [["epub"]]
    assert [link for link in hrefs(pages(tmp_path)["index.html"]) if ".." in link] == ["../films.apkg"]
    monkeypatch.undo()
    build(request)
    assert [link for link in hrefs(pages(tmp_path)["index.html"]) if ".." in link] == ["../films.epub", "../films.apkg"]


def test_a_book_of_many_notes_knows_its_downloads_too(tmp_path: Path) -> None:
    """The writers of a big book are separate tasks, and the site waits for the others."""
    files = {
        f"films/n{number}.md": note(f"## Part [00:00:{number % 60:02}]\n", f"Note {number}") for number in range(70)
    }
    made(tmp_path, "html", "chapters", "epub", files=files)
    assert broken(tmp_path) == []
    (page,) = (page for name, page in pages(tmp_path).items() if name != "index.html")
    assert f"../films.chapters/{VIDEO}.vtt" in hrefs(page)


def test_it_is_made_again_when_what_lies_around_changes(tmp_path: Path) -> None:
    def unchanged(*writers: str) -> list[str]:
        return [name for book in made(tmp_path, *writers, videos=tmp_path / "videos").books for name in book.unchanged]

    (tmp_path / "videos").mkdir()
    assert unchanged("html", "chapters") == []
    assert sorted(unchanged("html", "chapters")) == ["chapters", "html"]
    assert unchanged("html", "chapters", "anki") == ["chapters"]
    assert sorted(unchanged("html", "chapters", "anki")) == ["anki", "chapters", "html"]
    film = make_media(tmp_path / "videos" / f"a [{VIDEO}].webm")
    assert "html" not in unchanged("html", "chapters", "anki")
    assert sorted(unchanged("html", "chapters", "anki")) == ["anki", "chapters", "html"]
    film.rename(film.with_name(f"b [{VIDEO}].webm"))
    assert "html" not in unchanged("html", "chapters", "anki")


def test_media_are_linked_or_copied(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    film = make_media(tmp_path / "videos" / f"50% & more #1 [{VIDEO}].webm")

    def source() -> str:
        (page,) = (page for name, page in pages(tmp_path).items() if name.startswith("one-"))
        return next(e.get("src", "") for e in page.iter("video"))

    made(tmp_path, videos=film.parent)
    assert source() == "../../videos/50%25%20%26%20more%20%231%20%5Baqz-KE-bpKQ%5D.webm"
    assert broken(tmp_path) == []
    report = made(tmp_path, videos=film.parent, options={"copy_videos": True})
    assert source() == f"media/{VIDEO}.webm"
    copied = tmp_path / "out" / "films.html" / "media" / f"{VIDEO}.webm"
    assert copied.read_bytes() == film.read_bytes()
    assert (copied.stat().st_size, f"films.html/media/{VIDEO}.webm") in [
        (saved.bytes, saved.path) for book in report.books for saved in book.artifacts
    ]


def test_tracks_hold_chapters_and_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    make_media(tmp_path / "videos" / f"film [{VIDEO}].webm")
    made(
        tmp_path,
        videos=tmp_path / "videos",
        files={"films/one.md": note("## A [00:00:10]\n\nThe owl [00:00:12].\n", "Owls")},
    )
    (script,) = (tmp_path / "out" / "films.html").glob("*.tracks.js")
    tracks = json.loads(script.read_text("utf-8").removeprefix("readingRoom.tracks(").removesuffix(");\n"))
    assert [row[:3] for row in tracks["chapters"]][1] == [10_000, 60_020, "A"] or tracks["chapters"][1][0] == 10_000
    assert [text for start, end, text in tracks["subtitles"] if start == 12_000] == ["The owl"]


def test_what_browsers_play_comes_first(tmp_path: Path) -> None:
    for suffix in (".mkv", ".mp4", ".avi", ".info.json"):
        (tmp_path / f"film [{VIDEO}]{suffix}").write_bytes(b"")
    (tmp_path / "other [xxxxxxxxxxx].mp4").write_bytes(b"")
    video = Video("youtube", VIDEO)
    head = NoteHead(id="films/a", channel="films", slug="a", path="a.md", title="A", video=video)
    assert media_of([head], media_files((), tmp_path)) == {video: tmp_path / f"film [{VIDEO}].mp4"}
    assert media_of([head], ()) == {}
    assert storage_at(tmp_path / "b" / "out").link_to(tmp_path / "a.mp4") == "../../a.mp4"
    assert storage_at("s3://bucket/out").link_to(tmp_path / "a.mp4") == (tmp_path / "a.mp4").as_uri()


def test_the_search_knows_sections_with_their_times(tmp_path: Path) -> None:
    made(
        tmp_path,
        files={
            "films/one.md": note("Up < here & now [00:00:05].\n\n## A `b` [00:00:10]\n\n|x|y|\n|-|-|\n|p|q|\n", "One")
        },
    )
    text = (tmp_path / "out" / "films.html" / "search.js").read_text("utf-8")
    ((_, title, ((mark, _, passages),)),) = json.loads(text.removeprefix("readingRoom.search(").removesuffix(");\n"))
    assert (title, mark) == ("One", "n1")
    assert passages == [["n1", "", 5, "Up < here & now."], ["n1-s-a_b", "A b", -1, "x y p q"]]


def test_words_of_the_site_are_told_from_another_language(tmp_path: Path) -> None:
    files = {"films/one.md": "---\ntitle: Eins\nvideoId: aqz-KE-bpKQ\nlanguage: he\n---\n\nWorte [00:00:05].\n"}
    made(tmp_path, files=files)
    page = pages(tmp_path)["index.html"]
    assert page.get("lang") == "he"
    facts = next(e for e in page.iter("p") if e.get("class") == "facts")
    assert facts.get("lang") == "en"


def test_names_of_pages_do_not_clash(tmp_path: Path) -> None:
    ids = ["aaaaaaaaaaa", "AAAAAAAAAAA", "aaaaaaaaaa_"]
    made(tmp_path, files={f"films/n{i}.md": note("Words [00:00:05].\n", "Ελλάδα", one) for i, one in enumerate(ids)})
    names = [name for name in pages(tmp_path) if name != "index.html"]
    assert len({name.lower() for name in names}) == 3
    assert all(re.fullmatch(r"[a-z0-9-]+\.html", name) for name in names)


def test_a_heading_that_repeats_the_title_stands_once_in_every_format(tmp_path: Path) -> None:
    text = "# One  river\n\nSee [[two#Two]] and [[#One river]] [0:10].\n\n## Deep\n\nWords [0:40].\n"
    two = "---\nvideoId: aqz-KE-bpKQ\n---\n\n# Two [0:50] [^1]\n\nEnd. See [[two]].\n\n[^1]: A remark.\n"
    files = {"films/a.md": note(text, "One River"), "films/two.md": two, "films/b.md": note("# Other [1:00]", "Third")}
    made(tmp_path, "html", "epub", "pdf", files=files)
    assert broken(tmp_path) == []
    (page,) = [one for name, one in pages(tmp_path).items() if name not in ("index.html", "topics.html")]
    headings = ["".join(e.itertext()).strip() for e in page.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert headings == ["One River", "One River", "Deep", "Third", "Other\N{NO-BREAK SPACE}1:00", "Two"]
    assert "0:50" in ElementTree.tostring(page, "unicode", "text")
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}
    assert not [name for name, text in texts.items() if "s-one_river" in text or "s-two" in text]
    outline = pdf_view((tmp_path / "out/films.pdf").read_bytes()).partition("== page")[0]
    assert outline.count("One River") == 1
    assert not re.search(r"One\s+river", outline)


def test_notes_without_a_video_stand_under_no_part(tmp_path: Path) -> None:
    files = {"films/a.md": note("Words [0:10].", "Boats", ""), "films/b.md": note("Words [0:20].", "Kites", "")}
    made(tmp_path, "html", "epub", "pdf", "anki", files={**files, "films/c.md": note("[0:30]", "Film")})
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xhtml", ".ncx"))}
    assert not [name for name, text in texts.items() if "Untitled" in text]
    assert not [name for name in texts if "part-" in name]
    outline = pdf_view((tmp_path / "out/films.pdf").read_bytes()).partition("== outline\n")[2].partition("== page")[0]
    assert outline.split("\n")[:3] == ["Film", "Boats", "Kites"]
    assert [name for name, page in pages(tmp_path).items() if "Untitled" in ElementTree.tostring(page, "unicode")] == []


SCRIPTS = {
    "he": "מערבבים קמח ומים [0:10] ומחכים שעה, `with code here`.",
    "ar": "نبدأ بالدقيق والماء [0:10]، ثم ننتظر ساعة.",
    "fa": "آرد و آب را با هم مخلوط می‌کنیم [0:10]، گچ و پنجره.",
    "ur": "آٹا اور پانی ملاتے ہیں [0:10]، روٹی بڑی ہے۔",
    "ja": "小麦粉と水を混ぜます [0:10]。API も使う。",
    "zh": "把面粉和水混合 [0:10]，酵母喜欢温暖。",
    "zh-Hant": "把麵粉和水混合 [0:10]，這個時候說過來。",
    "ko": "밀가루와 물을 섞습니다 [0:10].",
    "ru": "Смешиваем муку и воду [0:10] https://example.org/a/very/long/address/in/latin.",
    "uk": "Змішуємо борошно і воду [0:10], їжа є.",
    "el": "Ανακατεύουμε αλεύρι και νερό [0:10].",
    "hi": "आटा और पानी मिलाते हैं [0:10]।",
    "th": "ผสมแป้งกับน้ำ [0:10]",
    "und": "Flour and a π or 漢字 [0:10].",
}
FROM_THE_RIGHT = ("he", "ar", "fa", "ur")


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_script_of_the_text_gives_language_and_direction(language: str, tmp_path: Path) -> None:
    text = f"{SCRIPTS[language]}\n\n{SCRIPTS[language]} :: {SCRIPTS[language]}\n"
    made(tmp_path, "html", "epub", "anki", files={"films/a.md": note(text, "One")})
    wanted = (language, "rtl" if language in FROM_THE_RIGHT else "ltr")
    assert {(page.get("lang"), page.get("dir")) for page in pages(tmp_path).values()} == {wanted}
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        (opf,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".opf")]
    assert f"<dc:language>{language}<" in opf
    assert ('page-progression-direction="rtl"' in opf) == (language in FROM_THE_RIGHT)
    card = deck_view((tmp_path / "out/films.apkg").read_bytes())
    assert (f'<div lang="{language}"' in card) == (language != "und")
    assert ('dir="rtl"' in card) == (language in FROM_THE_RIGHT)


def test_code_is_read_from_the_left_in_every_book(tmp_path: Path) -> None:
    text = f"{SCRIPTS['ar']} `code = 1`\n\n```\nx = 1\n```\n"
    made(tmp_path, "html", "epub", "anki", files={"films/a.md": note(text, "One")})
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        page = next(archive.read(name).decode() for name in archive.namelist() if "/a-" in name)
    assert '<code dir="ltr">code = 1</code>' in page
    assert '<pre dir="ltr"><code dir="ltr">x = 1</code></pre>' in page
    assert ":is(pre, code) { direction: ltr;" in (tmp_path / "out/films.html/reading_room.css").read_text("utf-8")


def test_code_is_marked_on_pages_of_book_and_site_alone(tmp_path: Path) -> None:
    text = "- What does the loop *print*? The numbers:\n\n```python\nfor x in y:  # each\n    print(x)\n```\n"
    made(tmp_path, "html", "epub", "anki", files={"films/a.md": note(text, "One")})
    marked = '<code class="language-python"><b>for</b> x <b>in</b> y:  <i># each</i>\n    print(x)</code>'
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        assert any(marked in archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml"))
        style = next(archive.read(name).decode() for name in archive.namelist() if name.endswith(".css"))
        assert not [rule for rule in re.findall("pre [^{}]*{[^{}]*}", style) if "color:" in rule]
    assert any(marked in page.read_text("utf-8") for page in (tmp_path / "out/films.html").glob("*.html"))
    assert "<b>for" not in deck_view((tmp_path / "out/films.apkg").read_bytes())
    found = "".join(path.read_text("utf-8") for path in (tmp_path / "out/films.html").glob("*.js"))
    assert "for x in y: # each print(x)" in found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def test_colours_of_code_hold_against_their_panel_in_light_and_dark() -> None:
    style = (ROOT / "convert/writers/html/assets/reading_room.css").read_text("utf-8")
    for turn in (0, 1):
        panel = luminance(re.findall("--panel: (#[0-9a-f]{6})", style)[turn])
        for name in ("string", "number", "accent", "quiet"):
            dark, light = sorted((panel, luminance(re.findall(f"--{name}: (#[0-9a-f]{{6}})", style)[turn])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name


@pytest.mark.parametrize("side", ["left", "center", "right"])
def test_a_column_stands_at_the_side_that_its_note_says_whatever_the_direction(side: str) -> None:
    rule = f".note-text .{side} {{ text-align: {side};"
    assert rule in (ROOT / "convert/writers/html/assets/reading_room.css").read_text("utf-8")


def test_notes_of_several_scripts_each_have_their_own(tmp_path: Path) -> None:
    files = {
        f"films/{name}.md": note(SCRIPTS[name], name, f"aqz-KE-b{number:03}") for number, name in enumerate(SCRIPTS)
    }
    made(tmp_path, "html", "epub", "pdf", files=files)
    articles = {(e.get("lang"), e.get("dir")) for page in pages(tmp_path).values() for e in page.iter("article")}
    rtl = {(name, "rtl" if name in FROM_THE_RIGHT else "ltr") for name in SCRIPTS if name != "und"}
    assert articles == rtl | {(None, None)}


def test_a_note_in_latin_letters_in_a_book_read_from_the_right_is_read_from_the_left(tmp_path: Path) -> None:
    hebrew = {f"films/he{number}.md": note(SCRIPTS["he"], f"he{number}", f"aqz-KE-b99{number}") for number in range(2)}
    made(tmp_path, "html", "epub", "pdf", files={**hebrew, "films/und.md": note(SCRIPTS["und"], "Latin")})
    told = [(e.get("lang"), e.get("dir")) for page in pages(tmp_path).values() for e in page.iter("article")]
    assert sorted(told, key=str) == [("und-Latn", "ltr"), (None, None), (None, None)]
    with zipfile.ZipFile(tmp_path / "out/films.epub") as archive:
        found = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")]
    assert len([text for text in found if 'xml:lang="und-Latn" dir="ltr"' in text]) == 1


def test_the_player_knows_the_length_of_its_video(tmp_path: Path) -> None:
    timed = note("## A start [00:00:10]\n\nWords.\n", "One").replace("---\n", "---\nduration: 18:24\n", 1)
    made(tmp_path, files={"films/one.md": timed, "films/three.md": note("Words [00:00:10].\n", "Three", OTHER)})
    players = [e for page in pages(tmp_path).values() for e in page.iter() if e.get("class") == "player"]
    assert sorted([e.get("data-length", "") for e in players]) == ["", "18:24"]
