"""Reads a note's page in the EPUB: words, stamps and links, without the parts that belong to the book."""

from __future__ import annotations

from dataclasses import dataclass, field
from zipfile import ZipFile

from lxml import etree

from tests.tools.fidelity.expected import tokens

_X = "{http://www.w3.org/1999/xhtml}"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_FURNITURE = frozenset({"stamp", "box", "mark", "callout-kind"})
_INLINE_NAMES = "a abbr b cite code del em i ins kbd mark s small span strong sub sup u wbr"
_INLINE = frozenset(_INLINE_NAMES.split())


@dataclass
class Found:
    """The visible contents of a page."""

    title: str = ""
    words: list[str] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    """The address of each stamp, or ""."""
    links: list[str] = field(default_factory=list)
    """The address of each link to another note."""
    ids: set[str] = field(default_factory=set)


def read_page(book: ZipFile, name: str) -> Found:
    """Read the page called `name`; raise KeyError when the book does not have it."""
    root = etree.fromstring(book.read(f"EPUB/{name}"), etree.XMLParser(huge_tree=True, resolve_entities=False))
    found = Found(ids={str(value) for value in root.xpath("//@id")})
    found.title = "".join(root.xpath("//*[contains(@class,'note-title')]//text()"))
    for list_ in [*root.iter(f"{_X}dl")]:
        _name_once(list_)
    for text in root.xpath("//*[@class='note-text']"):
        pieces: list[str] = []
        _collect(text, found, pieces)
        found.words = tokens("".join(pieces))
    return found


def _name_once(records: etree._Element) -> None:
    """Put the names of a wide table's columns, which each of its rows repeats, once before the rows."""
    lines = ".//*[(self::h:dt or self::h:p[parent::h:dd]) and not(text()[not(preceding-sibling::*)])]"
    first = f"{lines}/h:em[1][not(preceding-sibling::*)]"
    names = [one for one in records.xpath(first, namespaces={"h": _X[1:-1]}) if "".join(one.itertext()).endswith(":")]
    before = etree.Element(f"{_X}div")
    before.text = " ".join(dict.fromkeys(["".join(one.itertext())[:-1] for one in names]))
    for one in names:
        one.clear(keep_tail=True)
    records.insert(0, before)


def _collect(root: etree._Element, found: Found, pieces: list[str]) -> None:
    """Walk without recursion, because notes can be nested deeply."""
    pending: list[tuple[etree._Element, bool]] = [(root, False)]
    while pending:
        element, done = pending.pop()
        if done:
            pieces.append(_gap(element) + (element.tail or ""))
            continue
        pending.append((element, True))
        pieces.append(_gap(element))
        if _is_text(element, found, pieces):
            pieces.append(element.text or "")
            # The line that names an embedded note is the text of the embed itself.
            own = element[:1] if element.get("class") == "embed" else element
            pending += [(child, False) for child in reversed(own)]


def _gap(element: etree._Element) -> str:
    """Separate words at blocks, line breaks, stamps and formulas."""
    name = str(element.tag).removeprefix(_X)
    return "" if name in _INLINE and not _FURNITURE.intersection(element.get("class", "").split()) else " "


def _is_text(element: etree._Element, found: Found, pieces: list[str]) -> bool:
    """Record stamps and links, and return whether the element contains text of the note."""
    kinds = element.get("class", "").split()
    if "stamp" in kinds:
        found.stamps.append(element.get("href", ""))
        return False
    if element.tag == _MATH:
        pieces.append(element.get("alttext", ""))
        return False
    if element.tag == f"{_X}img":
        pieces.append(element.get("alt", ""))
    if element.tag == f"{_X}a" and "note" in kinds:
        found.links.append(element.get("href", ""))
    return not _FURNITURE.intersection(kinds)
