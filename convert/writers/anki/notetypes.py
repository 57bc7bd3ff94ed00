"""The four Anki note types. Ids, field names and template names are frozen.

Anki matches a type by its id: another field name under the same id makes every later import "conflicting".
Style and template text may change; `STYLE_DATE` must then rise, or decks in use keep the old look.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

FIELDS = ("Front", "Back", "Context", "Watch", "Source")
"""Names of the fields, in order; all types have the same five."""

IDS = {"basic": 1_763_810_000_101, "cloze": 1_763_810_000_102, "list": 1_763_810_000_103, "section": 1_763_810_000_104}
NAMES = {"basic": "Notebind Basic", "cloze": "Notebind Cloze", "list": "Notebind List", "section": "Notebind Section"}

STYLE_DATE = 1_763_810_000
"""Seconds; the `mod` of the types."""

_CONTEXT = "{{#Context}}<div class=nb-context>{{Context}}</div>{{/Context}}"
_BELOW = (
    "{{#Watch}}<div class=nb-watch>{{Watch}}</div>{{/Watch}}{{#Source}}<div class=nb-source>{{Source}}</div>{{/Source}}"
)
_QUESTION = _CONTEXT + "<div class=nb-front>{{Front}}</div>"
_ANSWER = "{{FrontSide}}<hr id=answer><div class=nb-back>{{Back}}</div>" + _BELOW
_GAP = _CONTEXT + "<div class=nb-front>{{cloze:Front}}</div>"
_FILLED = _GAP + "{{#Back}}<hr id=answer><div class=nb-back>{{Back}}</div>{{/Back}}" + _BELOW
_LATEX_PRE = (
    "\\documentclass[12pt]{article}\n\\special{papersize=3in,5in}\n\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amssymb,amsmath}\n\\pagestyle{empty}\n\\setlength{\\parindent}{0in}\n\\begin{document}\n"
)


@cache
def style() -> str:
    """The CSS of every type."""
    return resources.files(__package__).joinpath("cards.css").read_text("utf-8")


def models() -> dict[str, Any]:
    """The note types as the `models` column of a schema-11 collection holds them."""
    return {str(IDS[kind]): _model(kind) for kind in IDS}


def _model(kind: str) -> dict[str, Any]:
    cloze = kind == "cloze"
    return {
        "id": IDS[kind],
        "name": NAMES[kind],
        "type": int(cloze),
        "mod": STYLE_DATE,
        "usn": -1,
        "sortf": 0,
        "did": 1,
        "tmpls": [_template("Cloze" if cloze else "Card 1", *((_GAP, _FILLED) if cloze else (_QUESTION, _ANSWER)))],
        "flds": [_field(name, order) for order, name in enumerate(FIELDS)],
        "css": style(),
        "latexPre": _LATEX_PRE,
        "latexPost": "\\end{document}",
        "req": [[0, "any", [0]]],
        "tags": [],
        "vers": [],
    }


def _template(name: str, question: str, answer: str) -> dict[str, Any]:
    return {"name": name, "ord": 0, "qfmt": question, "afmt": answer, "did": None, "bqfmt": "", "bafmt": ""}


def _field(name: str, order: int) -> dict[str, Any]:
    return {"name": name, "ord": order, "sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}


def models_json() -> str:
    """The note types as JSON, keys sorted."""
    return json.dumps(models(), sort_keys=True, ensure_ascii=False)
