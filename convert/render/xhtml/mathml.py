"""Converts TeX to presentation MathML with latex2mathml, and checks each result."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from convert.document.nodes import Math
from convert.render.tex import defines_commands, reworded
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

_LENGTH = r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[mx]|in|cm|mm|p[xtc]|%|width|height|depth)?"
_COLOUR = re.compile(
    "#(?:[0-9a-fA-F]{3}){1,2}|aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|purple|red|silver|teal|white"
    "|yellow|transparent"
)
_VALUES = {
    "mathcolor": re.compile(_COLOUR.pattern.removesuffix("|transparent")),
    "mathbackground": _COLOUR,
    "border-color": re.compile("(?!)"),
    "columnspacing": re.compile(f"{_LENGTH}(?: {_LENGTH})*"),
    "width": re.compile(f"{_LENGTH}|(?:negative)?(?:very){{0,2}}(?:thin|medium|thick)mathspace"),
    **dict.fromkeys(["height", "depth"], re.compile(_LENGTH)),
}
"""What attributes may say, of those that say what the note says or that the converter gets wrong."""
_MISREAD = re.compile(r"\\mathchoice|\\begin\{(?:d?r?cases|darray|subarray|[pbBvV]matrix\*)\}(?<!\{cases\})")
"""What the converter takes for something else without a word."""
_MATH_UNITS = re.compile(r"([+-]?(?:[0-9]{1,4}(?:\.[0-9]{0,4})?|\.[0-9]{1,4}))mu")
_TAG = re.compile(r'<[a-z]++(?: [\w:-]++="[^"<]*+")++')
_ATTRIBUTE = re.compile(r' ([\w:-]++)="([^"<]*+)"')
_TEXT = re.compile(r"\\(?:text[a-z]*+|[mh]box)\{(?:[^{}\\]|\\.)*+\}", re.DOTALL)
_SIGN = re.compile(r"\\?([&<%_#$])|\\([{}])")
_SIGNS = {ord(sign): chr(0xE000 + ord(sign)) for sign in "&<%_#${}"}
"""The signs that the converter gets wrong in text, and characters for private use that stand for them meanwhile."""

_XMLNS = "{http://www.w3.org/1998/Math/MathML}"


class Formulas:
    """Makes the formulas of a note, and keeps the TeX of those that it shows as code."""

    def __init__(self) -> None:
        self.plain: list[str] = []

    def __call__(self, node: Math) -> str:
        """Return the expression as `mathml` does."""
        markup = mathml(node)
        if markup.startswith("<code"):
            self.plain.append(node.tex)
        return markup


def mathml(node: Math) -> str:
    """Return the expression as `<math>` with its TeX as `alttext`, or its TeX as code if that fails."""
    return _converted(node.tex, node.display) or tex_as_code(node)


@lru_cache(maxsize=4096)
def _converted(tex: str, display: bool) -> str | None:
    """Return the expression as `<math>`, said in other words if the converter does not know its own."""
    if len(tex) > LONGEST or defines_commands(tex) or r"\begin{CD}" in tex:
        return None
    markup = None if _MISREAD.search(tex) else _sound_markup(tex, display)
    if markup is None and (other := _TEXT.sub(_hidden, reworded(tex, "m"))) != tex:
        markup = _sound_markup(other, display)
        for sign, hidden in _SIGNS.items():
            markup = markup and markup.replace(hidden, f"&#{sign};")
    return markup and markup.replace("<math ", f'<math alttext="{attribute(tex)}" ', 1)


def _sound_markup(tex: str, display: bool) -> str | None:
    from xml.etree import ElementTree

    from latex2mathml.converter import convert

    try:
        markup: str = convert(xml_text(tex), display="block" if display else "inline")
        root = ElementTree.fromstring(markup)
    except Exception:  # the converter raises KeyError, IndexError and others for invalid TeX
        return None
    if "\\" in markup or not _is_sound(root):  # the converter takes a command that it does not know for a name
        return None
    wrong = any(not _is_valid(name, value) for element in root.iter() for name, value in element.items())
    return _TAG.sub(_with_valid_attributes, markup) if wrong else markup


def _is_sound(root: ElementTree.Element) -> bool:
    """Return whether the tree has only known elements, each with as many children as it needs."""
    for element in root.iter():
        wanted = _CHILDREN.get(element.tag.removeprefix(_XMLNS), -1)
        if wanted not in (None, len(element)) or not _OWN_WORDS.isdisjoint(element.attrib):
            return False
    return True


def _is_valid(name: str, value: str) -> bool:
    """Return whether MathML allows this value of an attribute, which may be copied from the note."""
    allowed = _VALUES.get(name)
    return allowed is None or allowed.fullmatch(value) is not None


def _hidden(text: re.Match[str]) -> str:
    """Return text in a formula with other characters for its signs, except a `$` that begins or ends a formula."""
    command, brace, words = text[0].partition("{")
    hidden = _SIGN.sub(lambda sign: sign[0] if sign[0] == "$" else (sign[1] or sign[2]).translate(_SIGNS), words[:-1])
    return f"{command}{brace}{hidden}}}"


def _with_valid_attributes(tag: re.Match[str]) -> str:
    return _ATTRIBUTE.sub(_valid_attribute, tag[0])


def _valid_attribute(found: re.Match[str]) -> str:
    """Return an attribute as markup, "" if MathML has none for its value; a colour by name becomes a number."""
    name, value = found[1], found[2]
    if units := _MATH_UNITS.fullmatch(value):
        value = f"{float(units[1]) / 18:.4g}em"
    if name.endswith("color") and not _is_valid(name, value):
        value = _colour(value)
    return f' {name}="{value}"' if _is_valid(name, value) else ""


def _colour(name: str) -> str:
    """Return the number of a colour, "" for names that nobody knows."""
    from PIL.ImageColor import colormap

    found = colormap.get(name.lower(), "")
    return found if isinstance(found, str) else ""
