"""Tests SVG drawings: what is kept, what is left out, and which drawings are refused."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from convert.errors import PictureError
from convert.pipeline.run import build
from convert.request import Request
from convert.vault.pictures import look_at
from tests.support.drawings import FONT, PICTURE, PLAN, svg
from tests.support.vaults import all_diagnostics, lay_out, note, open_files

ENTITIES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
LAUGHS = f'<!DOCTYPE svg [<!ENTITY e0 "ha">{ENTITIES}]>'
USES = "".join(f'<g id="u{n + 1}">{f"""<use href="#u{n}"/>""" * 10}</g>' for n in range(9))
CLASSES = "".join(f'<mask id="m{n + 1}">{f"""<rect class="k{n}"/>""" * 10}</mask>' for n in range(9))
RULES = "".join(f".k{n}{{mask:url(#m{n})}}" for n in range(10))
SCRIPT, OUTWARD, ENTITY, MUCH = "script", "asks for other files", "entities", "of more than 200,000"

HOSTILE = {
    "script": (svg("<script>alert(1)</script>"), SCRIPT),
    "script of another prefix": (svg('<s:script xmlns:s="http://www.w3.org/2000/svg"/>'), SCRIPT),
    "event": (svg('<rect onclick="alert(1)"/>'), "onclick"),
    "event at the root": (b'<svg xmlns="http://www.w3.org/2000/svg" ONLOAD="alert(1)"/>', "ONLOAD"),
    "event by the doctype": (svg('<rect onload="x"/>', "<!DOCTYPE svg [<!ATTLIST rect onload CDATA 'x'>]>"), "onload"),
    "page": (svg('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'), "foreignObject"),
    "page in a switch alone": (svg("<switch><foreignObject/></switch>"), "foreignObject"),
    "frame": (svg('<iframe src="https://example.org"/>'), "iframe"),
    "picture on the web": (svg('<image href="https://example.org/a.png"/>'), OUTWARD),
    "picture on the web, older": (svg('<image xlink:href="//example.org/a.png"/>'), OUTWARD),
    "file": (svg('<image href="file:///etc/hostname"/>'), OUTWARD),
    "file beside": (svg('<image href="secret.png"/>'), OUTWARD),
    "drawing in a drawing": (svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'), OUTWARD),
    "drawing that says PNG": (svg('<image href="data:image/png;base64,PHN2Zy8+"/>'), "picture"),
    "use of another file": (svg('<use href="other.svg#a"/>'), OUTWARD),
    "import": (svg("<style>@import url(https://example.org/a.css);</style>"), OUTWARD),
    "import as a string": (svg("<style>@IMPORT 'a.css';</style>"), OUTWARD),
    "style sheet": (svg("<style>rect { fill: url(https://example.org/#a) }</style>"), OUTWARD),
    "style sheet as characters": (svg("<style><![CDATA[rect { fill: url('a.svg#b') }]]></style>"), OUTWARD),
    "style": (svg('<rect style="fill: URL(https://example.org/)"/>'), OUTWARD),
    "style in escapes": (svg('<rect style="fill: \\75rl(https://example.org/)"/>'), OUTWARD),
    "attribute": (svg('<rect fill="url(&quot;https://example.org/&quot;)"/>'), OUTWARD),
    "attribute in escapes": (svg('<rect mask="\\75 rl(https://example.org/)"/>'), OUTWARD),
    "set of images": (svg("<style>rect { cursor: image-set('a.png' 1x) }</style>"), OUTWARD),
    "entities": (svg("<text>&e9;</text>", LAUGHS), ENTITY),
    "entities in an attribute": (svg('<text x="&e9;"/>', LAUGHS), ENTITY),
    "entity of a file": (svg("<text>&f;</text>", '<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/hostname">]>'), ENTITY),
    "billions of uses": (svg('<g id="u0"><rect/></g>' + USES), MUCH),
    "billions of masks": (svg(f'<style>{RULES}</style><mask id="m0"/>{CLASSES}<rect class="k9"/>'), MUCH),
    "hundreds of blurs": (svg("<g/>" + "<filter><feGaussianBlur/></filter>" * 401), MUCH),
    "circle": (svg('<g id="a"><use href="#a"/></g>'), "refers to itself"),
    "circle of a class": (svg('<style>.m{mask:url(#m)}</style><mask id="m"><rect class="m"/></mask>'), "itself"),
    "circle of a name": (svg('<style>g rect{mask:url(#m)}</style><mask id="m"><rect/></mask>'), "itself"),
    "millions of elements": (svg("<g/>" * 700_000), MUCH),
    "thousands of attributes": (svg("<g " + " ".join(f"a{n}=''" for n in range(5000)) + "/>"), "attributes"),
    "deep": (svg("<g>" * 5000 + "</g>" * 5000), "damaged"),
    "costly filter": (svg("<filter><feTurbulence/></filter>"), "feTurbulence"),
    "torn": (svg("<rect>"), "damaged"),
    "another's": (b"<svg><rect/></svg>", "xmlns"),
    "page with a drawing": (b'<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>', "page"),
    "without end": (b'<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1"/>', "size"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_acts_or_reaches_out_or_costs_hours_is_refused(name: str) -> None:
    data, why = HOSTILE[name]
    with pytest.raises(PictureError, match=re.escape(why)):
        look_at(data)


def test_a_refused_drawing_is_one_line_and_the_rest_of_the_book_stays(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/bad.svg": HOSTILE["script"][0], "films/plan.svg": PLAN})
    vault = open_files(tmp_path, {"films/a.md": note("Words.\n\n![[bad.svg]] ![[plan.svg]]")})
    (said,) = [one for one in all_diagnostics(vault) if one.code.startswith("picture-")]
    assert (said.code, said.line) == ("picture-unfit", 6)
    assert said.note.endswith("films/a.md")
    assert "bad.svg: an SVG drawing with <script> (line 1)" in said.message


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (svg("<?xml-stylesheet href='https://example.org'?><!-- x --><rect/>"), "<rect/>"),
        (svg('<a href="javascript:1"><rect/><set attributeName="href" to="javascript:1"/></a>'), "<g><rect/></g>"),
        (svg('<g xml:base="https://example.org/"/>'), "<g/>"),
        (svg('<text>a<metadata>b</metadata>c</text><x:y xmlns:x="urn:x"><rect/></x:y>'), "<text>ac</text>"),
        (svg('<g id="1 a"/><g id="1 a"/><use href="#1 a"/>'), '<g id="_1_a"/><g/><use href="#_1_a"/>'),
        (svg(f"<style>@font-face{{src:url('{FONT}')}}</style>"), f"<style>@font-face{{src:url('{FONT}')}}</style>"),
        (svg("<style>@font-face{src:url(https://example.org)}g{fill:red}</style>"), "<style>g{fill:red}</style>"),
        (svg(f'<image href="data:image/png;base64,{PICTURE}"/>'), f'<image href="data:image/png;base64,{PICTURE}"/>'),
        (svg("<switch><foreignObject/><text>x</text></switch>"), "<switch><text>x</text></switch>"),
    ],
)
def test_what_shows_nothing_is_left_out(data: bytes, kept: str) -> None:
    made = look_at(data)[1].decode()
    assert re.sub(r"\A<svg [^>]*>|</svg>\Z", "", made) == kept
    assert look_at(made.encode())[1] == made.encode()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 40 20"', (40, 20)),
        ('viewBox="0,0,40,20" width="100%"', (40, 20)),
        ('viewBox="0 0 40 20" width="1in"', (96, 48)),
        ('width="30mm" height="2e1px"', (113, 20)),
        ("", (300, 150)),
        (f'width="{"1" * 1_000_000}x" viewBox="{" 1" * 1_000_000}"', (300, 150)),
    ],
)
def test_a_drawing_has_a_size(attributes: str, size: tuple[int, int]) -> None:
    kind, held, *found = look_at(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())
    assert (kind, tuple(found)) == ("svg", size)
    assert b"viewBox" in held


def test_a_drawing_is_in_all_books_as_it_was_cleaned(tmp_path: Path) -> None:
    cleaned = look_at(PLAN)[1]
    assert b"<!" not in cleaned
    assert b"excalidraw" not in cleaned
    assert b"example.org" not in cleaned
    text = note("## Harbour [00:01:00]\n\nWhat does the plan show?::![[plan.svg|300]]\n", "Ships")
    lay_out(tmp_path, {"films/plan.svg": PLAN, "films/a.md": text})
    report = build(Request((tmp_path,), tmp_path / "output", ("epub", "html", "anki", "pdf"), jobs=1))
    assert not [one for one in report.all_diagnostics() if one.severity != "info"]
    output = tmp_path / "output"
    with zipfile.ZipFile(output / "films.epub") as book:
        (page,) = [name for name in book.namelist() if name.startswith("EPUB/a-")]
        assert b' class="drawing"/>' in book.read(page)
        assert b".drawing { background: #fff; }" in book.read("EPUB/style.css")
        (name,) = [name for name in book.namelist() if name.endswith(".svg")]
        assert book.read(name) == cleaned
        package = next(book.read(one) for one in book.namelist() if one.endswith(".opf"))
        assert b'media-type="image/svg+xml"' in package
    assert [path.read_bytes() for path in (output / "films.html" / "images").iterdir()] == [cleaned]
    with zipfile.ZipFile(io.BytesIO((output / "films.apkg").read_bytes())) as deck:
        assert [deck.read(number) for number in json.loads(deck.read("media"))] == [cleaned]
    again = build(Request((tmp_path,), output, ("epub",), jobs=1))
    assert [book.unchanged for book in again.books] == [["epub"]]
