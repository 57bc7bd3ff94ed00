"""Converts TeX to presentation MathML with latex2mathml, and checks each result."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from convert.document.nodes import Math
from convert.render.tex import defines_commands
from convert.render.xhtml.rendering import tex_as_code
from convert.render.xhtml.text import attribute, xml_text

if TYPE_CHECKING:
    from xml.etree import ElementTree

LONGEST = 4000
"""Characters of TeX beyond which an expression is shown as source: the converter is not linear."""

# MathML Core 1: the number of children of an element; None means any number.
_CHILDREN: dict[str, int | None] = {
    **dict.fromkeys(["math", "mrow", "mstyle", "mpadded", "mphantom", "menclose", "msqrt", "mtable", "mtr", "mtd"]),
    **dict.fromkeys(["mi", "mn", "mo", "ms", "mtext", "mspace"], 0),
    **dict.fromkeys(["mfrac", "mroot", "msub", "msup", "munder", "mover"], 2),
    **dict.fromkeys(["msubsup", "munderover"], 3),
}
_OWN_WORDS = {"class", "id", "href", "style"}
"""Attributes whose values the converter copies from the note unescaped."""

_XMLNS = "{http://www.w3.org/1998/Math/MathML}"


def mathml(node: Math) -> str:
    """Return the expression as `<math>` with its TeX as `alttext`, or its TeX as code if that fails."""
    return _converted(node.tex, node.display) or tex_as_code(node)


@lru_cache(maxsize=4096)
def _converted(tex: str, display: bool) -> str | None:
    from xml.etree import ElementTree

    from latex2mathml.converter import convert

    if len(tex) > LONGEST or defines_commands(tex):
        return None
    try:
        markup: str = convert(xml_text(tex), display="block" if display else "inline")
        sound = _is_sound(ElementTree.fromstring(markup))
    except Exception:  # the converter raises KeyError, IndexError and others for invalid TeX
        return None
    return markup.replace("<math ", f'<math alttext="{attribute(tex)}" ', 1) if sound else None


def _is_sound(root: ElementTree.Element) -> bool:
    """Return whether the tree has only known elements, each with as many children as it needs."""
    for element in root.iter():
        wanted = _CHILDREN.get(element.tag.removeprefix(_XMLNS), -1)
        if wanted not in (None, len(element)) or not _OWN_WORDS.isdisjoint(element.attrib):
            return False
    return True
