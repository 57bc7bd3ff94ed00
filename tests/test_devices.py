"""Tests what devices are said to refuse or spoil of e-books, with the smallest EPUB that each rule is about."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from convert.errors import UsageError
from convert.pipeline.run import build
from convert.request import Request
from convert.writers.epub.devices import DEVICES, RULES, device_faults, named_devices
from tests.support.command import Desk
from tests.support.needs import ROOT
from tests.support.pictures import drawn

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="E/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title>T</title></head>{}</html>"
)
TYPES = {
    "xhtml": "application/xhtml+xml",
    "css": "text/css",
    "png": "image/png",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
}
IS_COVER = ' properties="cover-image"'
COVER = drawn(size=(600, 960))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def book(
    files: Mapping[str, str | bytes] = {},
    language: str = "en",
    cover: str = "c.png",
    packed: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """Return the smallest EPUB with these files beside its page and its cover; they may replace both."""
    all_files = {"p.xhtml": page("<p>Ö</p>"), "c.png": COVER, **files}
    items = "".join(
        f'<item id="i{at}" href="{name}" media-type="{TYPES[name.rpartition(".")[2]]}"'
        f"{IS_COVER if name == cover else ''}/>"
        for at, name in enumerate(all_files)
        if not name.startswith("META-INF")
    )
    named = f"<dc:language>{language}</dc:language>" if language else ""
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f'{named}</metadata><manifest>{items}</manifest><spine><itemref idref="i0"/></spine></package>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("E/book.opf", opf)
        for name, data in all_files.items():
            archive.writestr(name if name.startswith("META-INF") else f"E/{name}", data)
    return made.getvalue()


def page(body: str, attributes: str = "") -> str:
    return PAGE.format(f"<body{attributes}>{body}</body>")


def faults(data: bytes, devices: tuple[str, ...] = DEVICES) -> list[tuple[str, str]]:
    """Return (rule, place) of what is said of a book."""
    rules = {rule.says: name for name, rule in RULES.items()}
    found = []
    for one in device_faults(io.BytesIO(data), "b.epub", devices):
        says = re.sub(r" \(and \d+ more\)$", "", one.message.partition(": ")[2])
        found.append((rules[says], f"{one.note}:{one.line}".removeprefix("b.epub").lstrip("/")))
    return found


def with_page(body: str) -> bytes:
    return book({"p.xhtml": page(body)})


def with_style(css: str) -> bytes:
    return book({"s.css": css})


ENCRYPTED = '<encryption><EncryptedData><CipherReference URI="{}"/></EncryptedData></encryption>'
ROW = "<tr>{}</tr>"
CASES: dict[str, list[tuple[bytes, str]]] = {
    "unreadable": [
        (b"no zip at all", ":0"),
        (book()[:200], ":0"),
        (book().replace(b"META-INF/container", b"META-INF/kontainer"), ":0"),
        (book(packed=zipfile.ZIP_LZMA), ":0"),
    ],
    "locked": [(book({"META-INF/encryption.xml": ENCRYPTED.format("E/p.xhtml")}), "E/p.xhtml:0")],
    "not-xml": [
        (book({"p.xhtml": PAGE.format("<body>\n<!-- a -- b -->\n</body>")}), "E/p.xhtml:3"),
        (book({"p.xhtml": PAGE.format("<body><p>&nbsp;</p></body>")}), "E/p.xhtml:2"),
        (book({"p.xhtml": PAGE.format("<body><p></body>")}), "E/p.xhtml:2"),
        *[
            (book({"p.xhtml": page("<p>x</p>").replace("utf-8", name)}), "E/p.xhtml:1")
            for name in ("shift_jis", "utf-7", "hex", "undefined", "none-such")
        ],
    ],
    "no-language": [
        (book(language=""), "E/book.opf:0"),
        *[(book(language=tag), "E/book.opf:1") for tag in ("C", "us", "und", "english-language", "en_", "xx-US")],
    ],
    "other-language": [(book(language=tag), "E/book.opf:1") for tag in ("ru", "uk-UA", "tlh")],
    "encoding": [
        (book({"p.xhtml": page("<p>Ö</p>").partition("\n")[2]}), "E/p.xhtml:1"),
        (book({"p.xhtml": page("<p>Ö</p>").replace(' encoding="utf-8"', "")}), "E/p.xhtml:1"),
    ],
    "body-link": [
        (book({"p.xhtml": page('<p><a href="#top">up</a></p>', ' id="top"')}), "E/p.xhtml:2"),
        (
            book(
                {"p.xhtml": page("<p><a\nhref='q/r.xhtml#b'>on</a></p>"), "q/r.xhtml": page("<p>x</p>", " id='b'")},
            ),
            "E/p.xhtml:2",
        ),
    ],
    "empty-img": [(with_page("<p><img alt='x'/></p>"), "E/p.xhtml:2")],
    "css-variables": [
        (with_style("p { margin: 0 }\n:root { --gap: 1em }"), "E/s.css:2"),
        (with_style("p { margin: var(--gap) }"), "E/s.css:1"),
        (with_page("\n<p style='--a: 1'>x</p>"), "E/p.xhtml:3"),
    ],
    "css-functions": [
        (with_style("/* one\ntwo */ p { width: calc(1em + 2px) }"), "E/s.css:2"),
        (with_style("p { width: min(1em, 2px) }"), "E/s.css:1"),
        (
            book({"p.xhtml": PAGE.format("<body><style>p { width: clamp(1em, 2px, 3px) }</style></body>")}),
            "E/p.xhtml:2",
        ),
    ],
    "css-layout": [
        (with_style("p { display: flex }"), "E/s.css:1"),
        (with_style("p { display:inline-grid }"), "E/s.css:1"),
        (with_page("<p style='display: grid'>x</p>"), "E/p.xhtml:2"),
    ],
    "css-units": [
        (with_style("p { margin: 50vh 0 0 }"), "E/s.css:1"),
        (with_style("p {border: 1ch solid}"), "E/s.css:1"),
    ],
    "large-page": [(with_page(f"<p>{'word ' * 70_000}</p>"), "E/p.xhtml:0")],
    "no-cover": [(book(cover=""), "E/book.opf:0")],
    "cover-svg": [(book({"c.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"}, cover="c.svg"), "E/c.svg:0")],
    "cover-gif": [(book({"c.gif": b"GIF89a"}, cover="c.gif"), "E/c.gif:0")],
    "cover-large": [(book({"c.png": COVER + bytes(3_000_000)}), "E/c.png:0")],
    "cover-small": [(book({"c.png": drawn(size=(499, 960))}), "E/c.png:0")],
    "picture-kind": [(book({"a.webp": b"RIFF"}), "E/a.webp:0")],
    "picture-large": [(book({"a.png": COVER + bytes(5_000_000)}), "E/a.png:0")],
    "drawing-text": [(book({"a.svg": "<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>"}), "E/a.svg:0")],
    "font-kind": [(book({"f.woff2": b"wOF2"}), "E/f.woff2:0")],
    "active": [
        (with_page(f"<p>x</p><{tag}></{tag}>"), "E/p.xhtml:2")
        for tag in ("script", "iframe", "form", "audio", "video", "object", "canvas")
    ],
    "formula": [
        (with_page("<p><math xmlns='http://www.w3.org/1998/Math/MathML'><mi>x</mi></math></p>"), "E/p.xhtml:2")
    ],
    "nested-table": [(with_page("<table><tr><td><table><tr><td/></tr></table></td></tr></table>"), "E/p.xhtml:2")],
    "wide-table": [
        (with_page(f"<table>{ROW.format('<td/>')}\n{ROW.format('<td/>' * 5)}</table>"), "E/p.xhtml:3"),
        (with_page("<table><tr><th colspan='4'/><td/></tr></table>"), "E/p.xhtml:2"),
    ],
    "file-name": [(book({"a b.css": ""}), "E/a b.css:0"), (book({"ü.css": ""}), "E/ü.css:0")],
}
"""Books that break one rule each, and where: file:line."""


@pytest.mark.parametrize(
    ("rule", "data", "place"), [(rule, *case) for rule, cases in CASES.items() for case in cases], ids=repr
)
def test_a_book_that_breaks_one_rule_is_told_where(rule: str, data: bytes, place: str) -> None:
    assert faults(data) == [(rule, place)]


def test_sizes_are_judged_by_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(book())
    monkeypatch.setattr("convert.writers.epub.devices._MAIL", size - 1)
    assert [rule for rule, _ in faults(book())] == ["size-mail"]
    monkeypatch.setattr("convert.writers.epub.devices._WEB", size - 1)
    assert [rule for rule, _ in faults(book())] == ["size-web", "size-mail"]
    assert faults(book(), ("kobo",)) == []


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() | {"size-web", "size-mail"} == RULES.keys()


@pytest.mark.parametrize(
    "data",
    [
        book(),
        *[book(language=tag) for tag in ("de", "pt-BR", "zh-Hant-TW", "gsw", "en_US")],
        book({"META-INF/encryption.xml": ENCRYPTED.format("E/f.ttf")}),
        with_style("/* calc( var(--x) display: flex */ .a--b:hover, .minmax-x { margin-top: 5vh; max-height: 9vh }"),
        with_style("/* not closed: calc( "),
        with_page("<p><a href='#x'>x</a> <a id='x' href='https://example.org/#p'>--</a></p>"),
        with_page(f"<table>{ROW.format('<td/>' * 4) * 9}</table><table>{ROW.format('<td/>')}</table>"),
        book({"p.xhtml": page("<p>only ASCII</p>").partition("\n")[2]}),
    ],
)
def test_honest_books_pass(data: bytes) -> None:
    assert faults(data) == []


def test_each_device_hears_of_its_own_ways_only() -> None:
    assert faults(with_style("p { width: calc(1em) }"), ("kindle",)) == []
    assert faults(book(language="ru"), ("kobo",)) == []
    (told,) = device_faults(io.BytesIO(with_style("p { display: flex }")), "b.epub", ["kobo"])
    assert "kindle" not in told.message


def test_rules_are_told_once_a_book() -> None:
    style = "p { display: flex } a { display: grid }"
    (told,) = device_faults(io.BytesIO(book({"a.css": style, "b.css": style, "d.css": style})), "b.epub", ["kobo"])
    assert (told.note, told.message[-13:]) == ("b.epub/E/a.css", "es (and 2 more)"[-13:])


def test_archives_that_unpack_to_gigabytes_are_not_unpacked() -> None:
    bomb = book({f"b{at}.xhtml": b"<" * 21_000_000 for at in range(3)})
    assert faults(bomb) == []


BOMB = f"""<!DOCTYPE html [<!ENTITY a "{"x" * 1000}">{
    "".join(f'<!ENTITY {b} "{f"&{a};" * 100}">' for a, b in ("ab", "bc", "cd", "de"))
}]><html><p>&e;</p></html>"""


def test_entities_that_multiply_are_refused() -> None:
    assert faults(book({"p.xhtml": BOMB})) == [("not-xml", "E/p.xhtml:1")]


@pytest.mark.parametrize("body", ["<p>{}</p>", "<p title='{}'/>", "<style>{}</style>"])
def test_files_with_entities_are_not_a_hundred_times_as_large_in_memory(body: str) -> None:
    tracemalloc.start()
    bomb = f'<!DOCTYPE html [<!ENTITY a "{"x" * 270}">]><html>{body.format("&a;" * 95_000)}</html>'
    assert faults(book({"p.xhtml": bomb})) == [("not-xml", "E/p.xhtml:1")]
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_attributes_that_a_page_declares_are_not_repeated() -> None:
    declared = f"<!DOCTYPE html [<!ATTLIST p style CDATA 'display: flex;{'x' * 9_000}'>]>"
    assert faults(book({"p.xhtml": f"{declared}<html>{'<p/>' * 9_000}</html>"})) == []
    assert faults(book({"p.xhtml": "<!DOCTYPE html [<!ENTITY nbsp '&#160;'>]><html>&nbsp;</html>"})) == []


def test_pages_in_utf_16_say_their_encoding() -> None:
    assert faults(book({"p.xhtml": page("<p>Ö</p>").replace("utf-8", "utf-16").encode("utf-16")})) == []


def test_a_cover_without_a_name_is_none() -> None:
    assert faults(book(cover="").replace(b"E/c.png", b"\0/c.png"), ("kindle",)) == [("no-cover", "E/book.opf:0")]


def test_elements_are_counted_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.writers.epub.devices._ELEMENTS", 40)
    assert faults(with_page(f"<table>{ROW.format('<td/>') * 1000}</table><p><img/></p>" + "<table></table>" * 9)) == []


def test_damaged_books_are_told_or_passed_over() -> None:
    data, dice = book({"a.css": "p { margin: 0 }", "t.xhtml": page("<table><tr><td/></tr></table>")}), Random(7)
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        for one in device_faults(io.BytesIO(bytes(broken)), "b.epub", DEVICES):
            assert str(one).isprintable()


def test_a_device_that_is_not_known_is_told() -> None:
    assert named_devices(" Kindle, kobo ") == ("kindle", "kobo")
    with pytest.raises(UsageError, match=r"'nook'.*kindle, kobo"):
        named_devices("nook")


def test_our_own_books_pass(tmp_path: Path) -> None:
    request = Request((ROOT / "seeds",), tmp_path, ("epub",), options={"epub": {"device": "kindle,kobo"}}, jobs=1)
    report = build(request)
    told = [one for one in report.all_diagnostics() if one.code.startswith("device-")]
    assert {one.severity for one in told} == {"info"}  # the formulas of one note
    for path in tmp_path.glob("*.epub"):
        found = [rule for rule, _ in faults(path.read_bytes())]
        assert found in ([], ["formula"])


def test_check_reads_books(desk: Desk) -> None:
    desk.put("good.epub", book())
    done = desk.run("check", "--device", "kindle,kobo", "good.epub")
    assert (done.code, done.out, done.err) == (0, "", "Nothing to remark; books read: 1.\n")
    desk.put("spoiled.epub", with_style("p { display: flex }"))
    assert desk.run("check", "good.epub", "spoiled.epub").code == 0
    assert desk.run("check", "spoiled.epub", "--strict").code == 1
    assert desk.run("check", "--device", "kindle", "spoiled.epub", "--strict").code == 0
    desk.put("refused.epub", book(language=""))
    done = desk.run("check", "--device", "kindle", "refused.epub")
    assert done.code == 1
    assert done.out.startswith("refused.epub/E/book.opf: device-refused kindle (Send to Kindle): ")
    assert desk.run("check", "good.epub", "films").code == 2
    assert "kindle, kobo" in desk.run("check", "--device", "nook", "good.epub").err


def test_check_of_books_refuses_options_of_notes(desk: Desk) -> None:
    desk.put("good.epub", book())
    for typed, named in (
        (["--report", "r.json"], "--report"),
        (["--to", "epub", "--as", "podcasts", "--links", "first"], "--as, --links, --to"),
    ):
        done = desk.run("check", "good.epub", *typed)
        said = f"notebind: good.epub is a finished book, not notes: leave out {named}\n"
        assert (done.code, done.out, done.err) == (2, "", said)
    assert not (desk.folder / "r.json").exists()
    assert desk.run("check", "good.epub", "--strict", "-q", "--debug", "--device", "kobo").code == 0


def test_check_of_notes_judges_the_book_that_would_be_made(desk: Desk) -> None:
    desk.put("own.css", "p { display: grid }")
    done = desk.run("check", "films", "--to", "epub", "--css", "own.css", "--device", "kobo")
    assert "films.epub/EPUB/style.css:" in done.out
    assert "device-spoiled kobo" in done.out


def test_the_page_on_devices_has_every_rule() -> None:
    text = (ROOT / "docs/devices.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    severities = {"device-refused": "refused", "device-spoiled": "spoiled", "device-remark": "remark"}
    assert [(name, result, ways) for name, result, ways, _, _ in rows] == [
        (name, severities[rule.code], ", ".join(f"{device}: {way}" for device, way in rule.ways.items()))
        for name, rule in RULES.items()
    ]
    assert all(source for *_, source in rows)
