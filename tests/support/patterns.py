"""The register of all regular expressions of the package, with the methods by which the code calls each.

A pattern is an argument of a call of `re`, made of what its module holds when it is imported. `BUILT` has examples of
the few that are made of texts; a new one has to be added there.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from convert.render.xhtml.code import PATTERNS
from tests.support.needs import ROOT

BUILT = {
    "convert/extract/cards/features.py:_patterns": [],
    "convert/render/typst_book.py:ARTICLES": [],
    "convert/installed.py:_may_have_entry_points": [rb"\[(notebind\.writers|notebind\.readers)\]"],
    "convert/render/xhtml/code.py:_parts": list(PATTERNS.values()),
    "convert/writers/html/pages.py:_book_downloads": [r"films(?:-([0-9]+))?\.epub"],
}
"""Patterns made of texts, by the function that makes them; [] where a module holds all that the function makes."""

SEARCHING = frozenset(("search", "sub", "subn", "findall", "finditer", "split"))
ANCHORED = frozenset(("match", "fullmatch"))
_FLAGS_AT = {"compile": 1, "sub": 4, "subn": 4, "split": 3}
_PACKAGE = ROOT / "convert"


class Known(NamedTuple):
    """A pattern, where it stands, and the methods that are called on it."""

    where: str
    pattern: str | bytes
    flags: int
    methods: frozenset[str]

    @property
    def searches(self) -> bool:
        """Whether a match may begin anywhere in a text."""
        return not self.methods <= ANCHORED


class Register(NamedTuple):
    """All patterns, and the functions that make patterns of texts."""

    patterns: list[Known]
    built: set[str]


@cache
def register() -> Register:
    """Return all patterns of the package."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(_PACKAGE.rglob("*.py"))}
    methods = _methods_of_names(trees)
    found: dict[tuple[str | bytes, int], list[tuple[str, frozenset[str]]]] = defaultdict(list)
    built = set()
    for path, tree in trees.items():
        calls = list(_calls(tree))
        module = _module(path) if calls else None
        for call, function, name in calls:
            where = f"{path.relative_to(ROOT).as_posix()}:{function or name or call.lineno}"
            try:
                pattern, flags = _evaluated(call, vars(module))
            except NameError:
                built.add(where)
                continue
            method = _method(call)
            used = frozenset(methods.get((path, name), ()) if method == "compile" else (method,))
            found[pattern, flags].append((where, used or frozenset(("search",))))
    for where, samples in BUILT.items():
        held = _held(_module(ROOT / where.partition(":")[0]))
        for pattern, flags in [(sample, 0) for sample in samples] or held:
            found[pattern, flags].append((where, frozenset(("search",))))
    patterns = [
        Known(uses[0][0], pattern, flags, frozenset().union(*(used for _, used in uses)))
        for (pattern, flags), uses in found.items()
    ]
    return Register(sorted(patterns, key=lambda known: known.where), built)


def _module(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def _calls(tree: ast.AST, function: str = "", name: str = "") -> Iterator[tuple[ast.Call, str, str]]:
    """Yield the calls of `re` that take a pattern, with the function around each, or the name that it is given."""
    for node in ast.iter_child_nodes(tree):
        inside, called = function, name
        if isinstance(node, ast.FunctionDef):
            inside = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            called = node.targets[0].id
        elif isinstance(node, ast.Call) and _method(node):
            yield node, function, name
        yield from _calls(node, inside, called)


def _method(call: ast.Call) -> str:
    """Return the function of `re` that is called, "" for other calls."""
    function = call.func
    is_re = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"
    name = function.attr if is_re and isinstance(function, ast.Attribute) else ""
    return name if name in SEARCHING | ANCHORED | {"compile"} else ""


def _evaluated(call: ast.Call, names: dict[str, Any]) -> tuple[str | bytes, int]:
    at = _FLAGS_AT.get(_method(call), 2)
    flags = [*call.args[at : at + 1], *[one.value for one in call.keywords if one.arg == "flags"]]
    pattern, *given = [eval(compile(ast.Expression(one), "", "eval"), names) for one in (call.args[0], *flags)]
    return (pattern.pattern, pattern.flags) if isinstance(pattern, re.Pattern) else (pattern, sum(map(int, given)))


def _methods_of_names(trees: Mapping[Path, ast.AST]) -> dict[tuple[Path, str], set[str]]:
    """Return the methods that are called on each name of each file; a name that is handed on may be searched for."""
    methods: dict[tuple[Path, str], set[str]] = defaultdict(set)
    shared: dict[str, set[str]] = defaultdict(set)
    for path, tree in trees.items():
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called.add(id(node.value))
                if node.attr in SEARCHING | ANCHORED:
                    methods[path, node.value.id].add(node.attr)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                methods[path, node.id].add("handed on")
    for (_, name), used in methods.items():
        shared[name] |= used
    # A name with an underscore is used in its own file alone.
    return {(path, name): shared[name] if name[0] != "_" else used for (path, name), used in methods.items()}


def _held(module: ModuleType) -> Iterator[tuple[str | bytes, int]]:
    """Yield the patterns in the mappings of a module."""
    for value in vars(module).values():
        for one in value.values() if isinstance(value, dict) else ():
            if isinstance(one, re.Pattern):
                yield one.pattern, one.flags
