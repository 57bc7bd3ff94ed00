"""Says what e-readers refuse or spoil of an EPUB, ours or anybody's; docs/devices.md has the source of each rule.

Kept apart because it knows nothing of notes: it reads a finished archive, as a device would.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any, NamedTuple
from urllib.parse import unquote
from xml.parsers import expat

from convert.document.book import language_tag
from convert.errors import PictureError, unknown
from convert.report import Diagnostic, diagnostic
from convert.tools.raster import raster


class Rule(NamedTuple):
    """What is wrong for which devices, and on which way to them."""

    code: str
    ways: dict[str, str]
    """The way that the rule holds for, by device."""
    says: str


_SENT = {"kindle": "Send to Kindle"}
_CABLE = {"kobo": "an .epub by cable"}
_SHOWN = {"kindle": "Send to Kindle", "kobo": "e-ink"}
REFUSED, SPOILED, REMARK = "device-refused", "device-spoiled", "device-remark"

RULES = {
    "unreadable": Rule(REFUSED, _SHOWN, "this is no EPUB that can be read: make it again"),
    "locked": Rule(REFUSED, _SHOWN, "the file is encrypted (DRM): use one that is not"),
    "size-web": Rule(REFUSED, _SENT, "more than 200 MB: use smaller pictures, or make several books"),
    "size-mail": Rule(SPOILED, {"kindle": "by mail"}, "more than 50 MB: send it in the browser, or as a zip"),
    "not-xml": Rule(REFUSED, _SHOWN, "no well-formed XML: mend it, or make the book again"),
    "no-language": Rule(REFUSED, _SENT, "the book has no valid language: give one, such as --language en"),
    "other-language": Rule(REMARK, _SENT, "not among the languages that Amazon lists: it may be refused"),
    "encoding": Rule(SPOILED, _SENT, "no encoding is declared, so letters are read as Latin-1: declare UTF-8"),
    "body-link": Rule(REFUSED, _SENT, "a link leads to the id of a body: link to the file"),
    "empty-img": Rule(REFUSED, _SENT, "an <img> without src: remove it"),
    "css-variables": Rule(SPOILED, _SENT | _CABLE, "CSS variables: write the values out"),
    "css-functions": Rule(SPOILED, _CABLE, "a CSS function like calc() switches the whole sheet off: write a length"),
    "css-layout": Rule(SPOILED, _CABLE, "flex or grid, which may leave pages blank: use blocks or tables"),
    "css-units": Rule(REFUSED, _CABLE, "vh, vw or ch in a shorthand can crash the reader: write margin-top and so on"),
    "large-page": Rule(SPOILED, _CABLE, "more than 300 kB in one file, which is slow to open: split it"),
    "no-cover": Rule(SPOILED, _SHOWN, "no cover: name a picture with the property cover-image"),
    "cover-svg": Rule(SPOILED, _SENT, "the cover is a drawing (SVG): use JPEG or PNG"),
    "cover-gif": Rule(SPOILED, {"kobo": "library"}, "the cover is a GIF: use JPEG or PNG"),
    "cover-large": Rule(REMARK, {"kobo": "library"}, "the cover has more than 3 MB: make it smaller"),
    "cover-small": Rule(REMARK, _SENT, "the cover has less than 500 pixels on its shorter side: use a larger one"),
    "picture-kind": Rule(SPOILED, _SHOWN, "a picture that is not shown (WebP, AVIF, TIFF): use JPEG or PNG"),
    "picture-large": Rule(REMARK, {"kobo": "all"}, "a picture of more than 5 MB: make it smaller"),
    "drawing-text": Rule(REMARK, _SENT, "text in a drawing (SVG) may be lost: use PNG"),
    "font-kind": Rule(SPOILED, {"kobo": "all"}, "a font that is left out (WOFF2): use TrueType or OpenType"),
    "active": Rule(SPOILED, _SHOWN, "scripts, forms, frames, sound and video do nothing: give text in their place"),
    "formula": Rule(REMARK, _SENT, "formulas (MathML) may be shown as a row of their signs: send a PDF, too"),
    "nested-table": Rule(REMARK, _SENT, "a table within a table: write two tables"),
    "wide-table": Rule(REMARK, {"kobo": "e-ink"}, "a table of more than four columns may not fit: check it there"),
    "file-name": Rule(REMARK, {"kobo": "all"}, "blanks or signs in the name of a file: use letters and digits"),
}
"""All rules by name; the order is that of the report."""
DEVICES = ("kindle", "kobo")

_WEB, _MAIL, _PAGE, _PICTURE, _COVER, _COVER_PIXELS = 200_000_000, 50_000_000, 300_000, 5_000_000, 3_000_000, 500
_LARGEST, _MOST = 20_000_000, 1_000_000_000
"""Bytes of a file in the archive that is looked into, and of all of them."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ways in which the EPUB standard lets a file be packed."""
_ELEMENTS = 300_000
"""Most elements of a file that are looked at."""
_COLUMNS = 4
_TWO_LETTERS = (
    " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en"
    " eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv"
    " ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne"
    " ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss"
    " st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
"""ISO 639-1."""
_KINDLE_LANGUAGES = (
    " af gsw ar eu nb br ca zh kw co da nl stq en fi fr fy gl de gu hi is ga it ja lb mr ml gv frr nn no pl pt oc rm"
    " sco gd es sv ta cy "
)
_SHEETS = {
    "css-variables": re.compile(r"(?<![\w-])--[\w-]++\s*+:|\bvar\("),
    "css-functions": re.compile(r"(?<![\w-])(?:calc|min|max|clamp|env)\("),
    "css-layout": re.compile(r"\bdisplay\s*+:\s*+(?:inline-)?(?:flex|grid)\b"),
    "css-units": re.compile(r"(?<![\w-])(?:margin|padding|border|font)\s*+:[^:;{}]{0,80}[0-9](?:vh|vw|vmin|vmax|ch)\b"),
}
_ACTIVE = {"script", "iframe", "form", "input", "button", "select", "audio", "video", "object", "embed", "canvas"}
_FONTS = {".ttf", ".otf", ".woff", ".woff2", ".ttc"}
_PICTURES = {"image/jpeg", "image/png", "image/gif", "image/svg+xml", "image/bmp"}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PLAIN_NAME = re.compile(r"[\w./-]++", re.ASCII)


def named_devices(text: str) -> tuple[str, ...]:
    """Return the devices that a text names, separated by commas. Raises UsageError for one that is not known."""
    names = tuple(filter(None, map(str.strip, text.lower().split(","))))
    for name in names:
        if name not in DEVICES:
            raise unknown("--device", name, DEVICES)
    return names


def device_faults(file: IO[bytes], name: str, devices: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield what these devices refuse or spoil of an EPUB: a diagnostic for each rule, at the first of its places."""
    wanted = set(devices)
    found: dict[str, list[tuple[str, int]]] = {}
    for rule, inside, line in _Archive(file).faults():
        found.setdefault(rule, []).append((inside, line))
    for key, (code, ways, says) in RULES.items():
        told = [f"{device} ({way})" for device, way in ways.items() if device in wanted]
        if key in found and told:
            (inside, line), *others = found[key]
            more = f" (and {len(others)} more)" if others else ""
            place = f"{name}/{inside}" if inside else name
            yield diagnostic(code, place, line, f"{', '.join(told)}: {says}{more}")


Fault = tuple[str, str, int]
"""A rule, a file in the archive and a line in it."""


class _Archive:
    """The files of an EPUB, as far as they can be read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.left = _MOST
        self.items: dict[str, tuple[str, str]] = {}
        """Media type and properties of the files that the package names."""
        self.bodies = set[str]()
        self.links: dict[str, tuple[str, int]] = {}

    def faults(self) -> Iterator[Fault]:
        """Yield the faults of the archive and of its files."""
        size = self.file.seek(0, 2)
        yield from (("size-web", "", 0),) if size > _WEB else ()
        yield from (("size-mail", "", 0),) if size > _MAIL else ()
        try:
            self.zip = zipfile.ZipFile(self.file)
            container = _elements(self._data("META-INF/container.xml"))
            package = next(one["full-path"] for tag, one, _ in container if tag == "rootfile")
            opf = _elements(self._data(package))
        except (expat.ExpatError, LookupError, StopIteration, *_BROKEN):
            yield "unreadable", "", 0
            return
        yield from self._locks()
        yield from self._package(package, opf)
        for info in self.zip.infolist():
            yield from self._file(info)
        yield from [("body-link", *place) for link, place in self.links.items() if link in self.bodies]

    def _locks(self) -> Iterator[Fault]:
        """Yield a fault if more than fonts is encrypted."""
        name = "META-INF/encryption.xml"
        if name in self.zip.namelist():
            elements = _parsed(self._data(name))
            for tag, attributes, _ in elements if isinstance(elements, list) else ():
                uri = attributes.get("URI", "")
                if tag == "CipherReference" and posixpath.splitext(uri)[1].lower() not in _FONTS:
                    yield "locked", uri, 0
                    return

    def _package(self, package: str, opf: list[_Element]) -> Iterator[Fault]:
        """Yield the faults of the metadata and of the cover."""
        folder = posixpath.dirname(package)
        by_id, cover, spine = {}, "", set()
        for tag, attributes, _ in opf:
            if tag == "item":
                href = posixpath.normpath(posixpath.join(folder, unquote(attributes.get("href", ""))))
                by_id[attributes.get("id", "")] = href
                self.items[href] = attributes.get("media-type", ""), attributes.get("properties", "")
            elif tag == "meta" and attributes.get("name") == "cover":
                cover = attributes.get("content", "")
            elif tag == "itemref":
                spine.add(attributes.get("idref", ""))
        self.spine = {by_id.get(one, "") for one in spine}
        named = [href for href, (_, properties) in self.items.items() if "cover-image" in properties.split()]
        yield from self._cover(package, (named or [by_id.get(cover, "")])[0])
        line, language = next(((at, text.strip()) for tag, _, (at, text) in opf if tag == "language"), (0, ""))
        code = language_tag(language).lower().partition("-")[0]
        if code == "und" or (len(code) == 2 and f" {code} " not in _TWO_LETTERS):
            yield "no-language", package, line
        elif f" {code} " not in _KINDLE_LANGUAGES:
            yield "other-language", package, line

    def _cover(self, package: str, cover: str) -> Iterator[Fault]:
        try:
            info, kind = self.zip.getinfo(cover), self.items[cover][0]
        except KeyError:
            yield "no-cover", package, 0
            return
        if kind in ("image/svg+xml", "image/gif"):
            yield "cover-svg" if kind == "image/svg+xml" else "cover-gif", cover, 0
        if info.file_size > _COVER:
            yield "cover-large", cover, 0
        try:
            _, width, height = raster(self._data(info))
        except PictureError:
            return
        if min(width, height) < _COVER_PIXELS:
            yield "cover-small", cover, 0

    def _data(self, file: zipfile.ZipInfo | str) -> bytes:
        """Return the bytes of a file, none if it is broken or too large to look into; KeyError if there is none."""
        info = self.zip.getinfo(file) if isinstance(file, str) else file
        self.left -= info.file_size
        if info.file_size > _LARGEST or self.left < 0 or info.compress_type not in _PACKED:
            return b""
        try:
            return self.zip.read(info)
        except _BROKEN:
            return b""

    def _file(self, info: zipfile.ZipInfo) -> Iterator[Fault]:
        """Yield the faults of a file by its kind."""
        name = info.filename
        kind = self.items.get(name, ("", ""))[0]
        if not _PLAIN_NAME.fullmatch(name):
            yield "file-name", name, 0
        if kind == "text/css":
            yield from _style(self._data(info).decode(errors="replace"), name, 1)
        elif kind == "application/xhtml+xml":
            yield from self._page(info)
        elif kind.startswith("image/"):
            yield from self._picture(info, kind)
        elif name.lower().endswith(".woff2"):
            yield "font-kind", name, 0
        elif name.endswith((".ncx", ".opf")) and isinstance(line := _parsed(self._data(info)), int):
            yield "not-xml", name, line

    def _picture(self, info: zipfile.ZipInfo, kind: str) -> Iterator[Fault]:
        if kind not in _PICTURES:
            yield "picture-kind", info.filename, 0
        if info.file_size > _PICTURE:
            yield "picture-large", info.filename, 0
        if kind == "image/svg+xml" and b"<text" in self._data(info):
            yield "drawing-text", info.filename, 0

    def _page(self, info: zipfile.ZipInfo) -> Iterator[Fault]:
        """Yield the faults of a page, each rule once; remember the ids of bodies and where links lead."""
        name, data = info.filename, self._data(info)
        if info.file_size and not data:
            return
        if info.file_size > _PAGE and name in self.spine:
            yield "large-page", name, 0
        if not data.isascii() and b"encoding" not in data[:200].partition(b"?>")[0] and not data.startswith(_MARKS):
            yield "encoding", name, 1
        elements = _parsed(data)
        if isinstance(elements, int):
            yield "not-xml", name, elements
            return
        yield from dict.fromkeys([(rule, name, line) for rule, line in self._elements(elements, name)])

    def _elements(self, elements: list[_Element], name: str) -> Iterator[tuple[str, int]]:
        """Yield (rule, line) of the elements of a page, the first of each rule."""
        told = set[str]()
        for rule, line in _element_faults(elements):
            if rule not in told:
                told.add(rule)
                yield rule, line
        for tag, attributes, (line, text) in elements:
            if tag == "style" or "style" in attributes:
                css = text if tag == "style" else f"{{{attributes['style']}}}"
                yield from [(rule, at) for rule, _, at in _style(css, name, line)]
            if tag == "body" and "id" in attributes:
                self.bodies.add(f"{name}#{attributes['id']}")
            path, hash_, fragment = attributes.get("href", "").partition("#")
            if hash_ and ":" not in path:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path))) if path else name
                self.links.setdefault(f"{target}#{fragment}", (name, line))


def _element_faults(elements: list[_Element]) -> Iterator[tuple[str, int]]:
    """Yield (rule, line) of elements that devices do not know, or show badly."""
    tables: list[int] = []
    for tag, attributes, (line, _) in elements:
        if tag in _ACTIVE:
            yield "active", line
        elif tag == "math":
            yield "formula", line
        elif tag == "img" and not attributes.get("src"):
            yield "empty-img", line
        elif tag == "table":
            tables.append(0)
            if len(tables) > 1:
                yield "nested-table", line
        elif tag == "/table":
            tables.pop()
        elif tag == "tr" and tables:
            tables[-1] = 0
        elif tag in ("td", "th") and tables:
            span = attributes.get("colspan", "")
            tables[-1] += min(int(span), 1000) if span.isdecimal() and len(span) < 5 else 1
            if tables[-1] > _COLUMNS:
                yield "wide-table", line


def _style(css: str, name: str, first: int) -> Iterator[Fault]:
    """Yield the faults of a style sheet that begins on a line: each rule once."""
    start, *rest = css.split("/*")
    pieces = (one.partition("*/") for one in rest)
    code = start + "".join([f"{_newlines(comment)}{after}" for comment, _, after in pieces])
    for rule, pattern in _SHEETS.items():
        if found := pattern.search(code):
            yield rule, name, first + code.count("\n", 0, found.start())


def _newlines(text: str) -> str:
    return "\n" * text.count("\n")


_Element = tuple[str, dict[str, Any], tuple[int, str]]
"""Name without a prefix, attributes, line, and the text of a style or a language; `/table` ends a table."""
_BROKEN = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What zipfile raises for archives that are damaged, locked or packed in unknown ways."""


def _parsed(data: bytes) -> list[_Element] | int:
    """Return the elements of a file, or the line where it is no XML."""
    try:
        return _elements(data)
    except expat.ExpatError as error:
        return error.lineno
    except (LookupError, ValueError):
        return 1


def _elements(data: bytes) -> list[_Element]:
    """Return the elements of XML in order; nothing outside the text is ever read.

    Raises ExpatError, LookupError or ValueError for encodings that expat does not know, ValueError for entities that
    could multiply.
    """
    found: list[tuple[str, dict[str, Any], int, list[str]]] = []

    def start(tag: str, attributes: dict[str, Any]) -> None:
        if len(found) < _ELEMENTS:
            found.append((tag.rpartition(":")[2], attributes, parser.CurrentLineNumber, []))

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "table" and len(found) < _ELEMENTS:
            found.append(("/table", {}, parser.CurrentLineNumber, []))

    def text(characters: str) -> None:
        if found and found[-1][0] in ("style", "language"):
            found[-1][3].append(characters)

    parser = expat.ParserCreate()
    parser.buffer_text = parser.specified_attributes = True
    parser.EntityDeclHandler = partial(_judge_entity, len(data))
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(data, True)
    return [(tag, attributes, (line, "".join(pieces))) for tag, attributes, line, pieces in found]


def _judge_entity(size: int, _name: str, _of_dtd: bool, value: str | None, *_: object) -> None:
    """Raise ValueError for an entity that could make a file of this size many times as large."""
    if value and ("&" in value.replace("&#", "") or len(value) * size > _LARGEST):
        raise ValueError("entities that could multiply")
