"""What a drawing costs to show: its elements, each as often as it is drawn by references to it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from convert.tools.drawing_words import DRAWN

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MOST = 200_000
"""Elements drawn; a small file of references to references can ask for billions."""
_FILTER = 500
"""A step of a filter, in elements: it is drawn in pixels."""
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_CLASS = re.compile(r"\w*\.([\w-]+)\Z")
_ANY = ""
"""In place of a class, for selectors that are more than one: they may mean every element."""


def too_costly(root: Element) -> str | None:
    """Why a cleaned drawing costs too much, None when it does not. RecursionError at long chains of references."""
    named = {str(one.get("id")): one for one in root.iter() if one.get("id")}
    rules = _rules(root)
    known: dict[Element, int | None] = {}

    def cost(element: Element) -> int:
        if element in known:
            done = known[element]
            if done is None:
                raise _Circle
            return done
        known[element] = None
        own = _FILTER if _local(element).startswith("fe") else 1
        asked = [named[name] for name in _references(element, rules) if name in named]
        known[element] = total = min(MOST + 1, own + sum(map(cost, element)) + sum(map(cost, asked)))
        return total

    try:
        return f"of more than {MOST:,} elements" if cost(root) > MOST else None
    except _Circle:
        return "that refers to itself"


class _Circle(Exception):
    pass


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _references(element: Element, rules: dict[str, set[str]]) -> Iterator[str]:
    for key, written in element.attrib.items():
        value = str(written)
        if key in _HREF and value.startswith("#"):
            yield value[1:]
        elif "url(#" in value:
            yield from _REFERENCE.findall(value)
    if rules and _local(element) in DRAWN:
        for name in (_ANY, *(element.get("class") or "").split()):
            yield from rules.get(name, ())


def _rules(root: Element) -> dict[str, set[str]]:
    """What the rules of style sheets refer to, by class."""
    found: dict[str, set[str]] = defaultdict(set)
    for sheet in root.iter("{*}style"):
        for selectors, body in _RULE.findall(sheet.text or ""):
            for selector in selectors.split(",") if "url(#" in body else ():
                simple = _CLASS.match(selector.strip())
                found[simple[1] if simple else _ANY].update(_REFERENCE.findall(body))
    return found
