"""Reads an SVG drawing with lxml, and writes it again from known harmless parts, or refuses it.

Invisible content is dropped: editors' data, comments, animation, links, web fonts. Anything that could run, read other
files or take hours makes the drawing unfit: a book without it is better than a drawing that lacks a part. `svg-hush`,
the maintained library, keeps paths of other files and silently drops what it refuses.

Kept apart because it wraps lxml, which only books with drawings load.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from convert.errors import PictureError
from convert.tools.raster import raster

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
_MOST_ATTRIBUTES = 200
"""Attributes of an element; lxml's time grows with the square of their number."""
_TEXTS = {"id", "class", "d", "points", "role"}
"""Attributes that are not CSS and contain no references."""
_LENGTH = re.compile(
    r"(?<![\s0-9.])\s*+((?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:e[+-]?[0-9]{1,2})?)\s*+(px|pt|pc|mm|cm|in|em|ex|)\s*+\Z",
    re.I,
)
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96, "em": 16, "ex": 8}
_FONT_FACE = re.compile(r"@font-face\s*+\{[^{}]*+\}", re.IGNORECASE)
_WITHIN = re.compile(r"url\(\s*+(['\"]?)#([^'\"()]*+)\1\s*+\)", re.IGNORECASE)
_FONT = re.compile(
    r"url\(\s*+(['\"]?)data:(?:font/|application/(?:x-)?font)[\w-]*+"
    r"(?:;charset=[\w-]++)?;base64,[A-Za-z0-9+/=\s]*+\1\s*+\)",
    re.IGNORECASE,
)
_OUTWARD = re.compile(r"url\(|@import|image-set\(|\bimage\(|\bsrc\(|\\|javascript:|expression\(|-moz-binding", re.I)
"""CSS that can load files; a backslash could disguise it."""
_IMAGE = re.compile(r"(?<!\s)\s*+data:image/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s]*+)\Z", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[^\w.-]")

MOST = 200_000
"""Elements as drawn: a file may reference elements repeatedly, and nested references multiply to billions."""
_FILTER = 500
"""Cost of a filter primitive, in elements: it is computed for every pixel."""
_REFERENCE = re.compile(r"url\(#([^()]*+)\)")
_RULE = re.compile(r"(?<![^{}])([^{}]*+)\{([^{}]*+)\}")
_CLASS = re.compile(r"(?<!\w)\w*+\.([\w-]++)\Z")
_ANY = ""
"""The class of selectors other than classes: they may match every element."""

_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_PAINTS = {"linearGradient", "radialGradient", "stop", "pattern", "clipPath", "mask", "marker"}
_FILTERS = {"filter", "feBlend", "feColorMatrix", "feComponentTransfer", "feFuncR", "feFuncG", "feFuncB", "feFuncA"}
_FILTERS |= {"feComposite", "feDropShadow", "feFlood", "feGaussianBlur", "feMerge", "feMergeNode", "feOffset"}
"""Filters whose cost is proportional to their pixels."""

DRAWN = frozenset(_SHAPES | {"svg", "g", "switch", "use", "image", "text", "tspan", "textPath"})
"""The visible elements."""

ELEMENTS = frozenset(DRAWN | _PAINTS | _FILTERS | {"defs", "symbol", "title", "desc", "style"})
"""All known elements: no scripts, HTML or other media."""

_MOVEMENT = {"animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "discard"}
_FONTS = {"font", "font-face", "font-face-src", "font-face-uri", "font-face-format", "font-face-name"}
_FONTS |= {"glyph", "missing-glyph", "hkern", "vkern"}

SHOWING_NOTHING = frozenset(_MOVEMENT | _FONTS | {"metadata", "cursor", "view", "color-profile"})
"""Elements to drop: editors' data, animation (its start is shown), fonts that no browser reads."""


def drawing(data: bytes) -> tuple[bytes, int, int]:
    """Return the drawing as static, self-contained SVG 1.1, its width and height in CSS pixels.

    Raises PictureError if that is impossible. The same bytes give the same bytes.
    """
    from lxml import etree

    root = _read(data)
    width, height = _size(root)
    try:
        _sanitise(root)
        if reason := _too_costly(root):
            raise PictureError(f"an SVG drawing {reason}: simplify it, or export it as PNG")
    except RecursionError as error:
        raise PictureError("an SVG drawing nested too deep: simplify it, or export it as PNG") from error
    if not root.get("viewBox"):
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xlink"])
    return bytes(etree.tostring(root, encoding="utf-8")), max(1, round(width)), max(1, round(height))


def _read(data: bytes) -> Element:
    """Return the root element; no other file is read and no entity resolved."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    if data.count(b"<") > 3 * MOST:
        raise PictureError(f"an SVG drawing of more than {MOST:,} elements: simplify it, or export it as PNG")
    if b"<!ENTITY" in data:
        raise PictureError("an SVG drawing that declares entities: save it as plain SVG")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PictureError(f"a damaged SVG drawing ({' '.join(str(error).split())[:80]}): save it anew") from error
    subset: Any = root.getroottree().docinfo.internalDTD
    if subset is not None and any(True for _ in subset.iterentities()):
        raise PictureError("an SVG drawing that declares entities: save it as plain SVG")
    if root.tag != f"{{{SVG}}}svg":
        raise PictureError("no SVG drawing of its own: it lacks xmlns, or is a page that holds one")
    root.getroottree().docinfo.clear()
    return root


def _size(root: Element) -> tuple[float, float]:
    """Return width and height in CSS pixels: as written, else from the view box, else the default of browsers."""
    box = re.split(r"[\s,]+", (root.get("viewBox") or "")[:200].strip())
    try:
        _, _, box_width, box_height = map(float, box)
    except ValueError:
        root.attrib.pop("viewBox", "")
        box_width, box_height = 300.0, 150.0
    width, height = _length(root.get("width")), _length(root.get("height"))
    if width and not height:
        height = width * box_height / (box_width or 1)
    if height and not width:
        width = height * box_width / (box_height or 1)
    width, height = width or box_width, height or box_height
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise PictureError("an SVG drawing without a size: give it a width and a height")
    return width, height


def _length(written: str | None) -> float:
    """Return a length in CSS pixels; 0 if it is invalid or relative to the page."""
    found = _LENGTH.match(written) if written and len(written) < 40 else None
    return float(found[1]) * _PIXELS[found[2].lower()] if found else 0.0


def _sanitise(root: Element) -> None:
    """Remove invisible content; raises PictureError for unknown elements and attributes that could act."""
    taken: set[str] = set()
    tails: dict[Element, list[str]] = defaultdict(list)
    texts: dict[Element, list[str]] = defaultdict(list)
    for element in list(root.iter()):
        if element is not root and element.getparent() is None:
            continue
        space, _, name = str(element.tag).rpartition("}")
        if space != "{" + SVG or name in SHOWING_NOTHING or _has_other(element, name):
            _drop(element, tails, texts)
        elif name == "a":
            element.tag = f"{{{SVG}}}g"
            _attributes(element, "a", taken)
        elif name in ELEMENTS:
            _attributes(element, name, taken)
        else:
            raise PictureError(
                f"an SVG drawing with <{name[:40]}> (line {element.sourceline}): export it without, or as PNG"
            )
    for element, pieces in tails.items():
        element.tail = "".join([element.tail or "", *pieces])
    for element, pieces in texts.items():
        element.text = "".join([element.text or "", *pieces])


def _has_other(element: Element, name: str) -> bool:
    """Return whether an element is HTML that has an SVG alternative."""
    parent: Any = element.getparent()
    if name != "foreignObject" or parent is None or parent.tag != f"{{{SVG}}}switch":
        return False
    return element.getprevious() is not None or element.getnext() is not None


def _drop(element: Element, tails: dict[Element, list[str]], texts: dict[Element, list[str]]) -> None:
    """Remove an element and its content; the text after it is kept for the element before it, or its parent.

    Adding the text at once would copy what was added before it.
    """
    parent = element.getparent()
    if parent is None:
        return
    for one in list(element.iterdescendants()):
        above = one.getparent()
        if above is not None:
            above.remove(one)
    if element.tail:
        before = element.getprevious()
        (texts[parent] if before is None else tails[before]).append(element.tail)
    parent.remove(element)


def _attributes(element: Element, name: str, taken: set[str]) -> None:
    if len(element.attrib) > _MOST_ATTRIBUTES:
        raise PictureError(f"an SVG drawing with <{name}> of more than {_MOST_ATTRIBUTES} attributes: export it as PNG")
    for key, value in list(element.attrib.items()):
        kept = _attribute(element, name, str(key), str(value))
        if kept is None:
            del element.attrib[key]
        elif kept != value:
            element.set(key, kept)
    own = element.get("id")
    if own in taken or own == "":
        del element.attrib["id"]
    elif own:
        taken.add(own)
    if name == "style":
        element.text = _sheet("".join(map(str, element.itertext())), element)
        for child in list(element):
            element.remove(child)


def _attribute(element: Element, name: str, key: str, value: str) -> str | None:
    """Return the value to keep, None to drop the attribute."""
    space, _, word = key.rpartition("}")
    if word == "href" and space in ("", "{" + XLINK):
        return _address(element, name, value)
    if space:
        return value if space == "{" + XML and word in ("space", "lang") else None
    if word.lower().startswith("on"):
        where = f"{word[:40]}, line {element.sourceline}"
        raise PictureError(f"an SVG drawing with a script ({where}): export it without, or as PNG")
    if word == "id":
        return _name(value)
    if word in _TEXTS or word.startswith(("aria-", "data-")):
        return None if word.startswith("data-") else value
    return _css(value, element)


def _address(element: Element, name: str, value: str) -> str | None:
    """Return the address of a part of the drawing or of an embedded picture; None for links."""
    if name == "a":
        return None
    if value.strip().startswith("#"):
        return "#" + _name(value.strip()[1:])
    found = _IMAGE.match(value) if name == "image" else None
    if not found:
        raise _outward(element)
    try:
        raster(base64.b64decode(found[1], validate=False))
    except ValueError as error:
        raise PictureError("an SVG drawing with a damaged picture: save it anew") from error
    except PictureError as error:
        raise PictureError(f"an SVG drawing with a picture (line {element.sourceline}) that is {error}") from error
    return value.strip()


def _sheet(css: str, element: Element) -> str:
    """Return a style sheet without fonts outside the file; embedded fonts stay."""
    css = _FONT_FACE.sub(lambda rule: rule[0] if not _OUTWARD.search(_FONT.sub("", rule[0])) else "", css)
    _css(_FONT.sub("", css), element)
    return _WITHIN.sub(lambda found: f"url(#{_name(found[2])})", css)


def _css(value: str, element: Element) -> str:
    """Return a CSS value that refers only to parts of the drawing."""
    if "(" not in value and "\\" not in value and "@" not in value and ":" not in value:
        return value
    if _OUTWARD.search(_WITHIN.sub("", value)):
        raise _outward(element)
    return _WITHIN.sub(lambda found: f"url(#{_name(found[2])})", value)


def _outward(element: Element) -> PictureError:
    where = f"line {element.sourceline}"
    return PictureError(f"an SVG drawing that asks for other files ({where}): embed them, or export it as PNG")


def _name(written: str) -> str:
    """Return a valid XML id; references are changed in the same way."""
    name = _NOT_IN_NAMES.sub("_", written)
    return name if not name or name[0].isalpha() or name[0] == "_" else "_" + name


def _too_costly(root: Element) -> str | None:
    """Return why a sanitised drawing costs too much, else None; raises RecursionError for long chains of references."""
    named = {str(one.get("id")): one for one in root.iter() if one.get("id")}
    rules = _rules(root)
    known: dict[Element, int | None] = {}
    of_rules: dict[str, int | None] = {}

    def cost(element: Element) -> int:
        if (done := _done(known, element)) is not None:
            return done
        tag = str(element.tag).rpartition("}")[2]
        total = _FILTER if tag.startswith("fe") else 1
        total += sum(map(cost, element)) + sum(cost(named[name]) for name in _references(element) if name in named)
        if rules and tag in DRAWN:
            total += sum(map(cost_of_rules, (_ANY, *(element.get("class") or "").split())))
        known[element] = total = min(MOST + 1, total)
        return total

    def cost_of_rules(name: str) -> int:
        """Return the cost of all that the rules of a class refer to; computed once, for thousands of elements."""
        if (done := _done(of_rules, name)) is not None:
            return done
        of_rules[name] = total = min(MOST + 1, sum(cost(named[one]) for one in rules.get(name, ()) if one in named))
        return total

    try:
        return f"of more than {MOST:,} elements" if cost(root) > MOST else None
    except _CircularReference:
        return "that refers to itself"


def _done(known: dict[Any, int | None], key: object) -> int | None:
    """Return a known cost, else None and mark it as begun. Raises _CircularReference if it was begun before."""
    if key not in known:
        known[key] = None
    elif known[key] is None:
        raise _CircularReference
    return known[key]


class _CircularReference(Exception):
    """An element refers to itself, directly or through others."""


def _references(element: Element) -> list[str]:
    """Return the ids that an element refers to in its attributes."""
    found: list[str] = []
    for key, written in element.attrib.items():
        value = str(written)
        if key in ("href", f"{{{XLINK}}}href") and value.startswith("#"):
            found.append(value[1:])
        elif "url(#" in value:
            found += _REFERENCE.findall(value)
    return found


def _rules(root: Element) -> dict[str, set[str]]:
    """Return the ids that the rules of style sheets refer to, by class; raises PictureError if they are too many."""
    found: dict[str, set[str]] = defaultdict(set)
    pairs = 0
    for sheet in root.iter("{*}style"):
        for selectors, body in _RULE.findall(sheet.text or ""):
            asked = set(_REFERENCE.findall(body)) if "url(#" in body else ()
            names = {_class(selector.strip()) for selector in selectors.split(",")} if asked else ()
            pairs += len(asked) * len(names)
            if pairs > MOST:
                raise PictureError(
                    "an SVG drawing whose style sheet asks for too much: simplify it, or export it as PNG"
                )
            for name in names:
                found[name].update(asked)
    return found


def _class(selector: str) -> str:
    simple = _CLASS.match(selector)
    return simple[1] if simple else _ANY
