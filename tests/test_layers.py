"""Checks the source as a whole: the direction of imports, the size of modules, and what start-up loads.

Data flows like this: files -> reader -> Note -> vault -> Book -> writers -> artifacts -> disk. Imports follow the
layers below, and only ever point to a lower layer:

- `document`, `report`, `errors` and `version` are the words that all others share, and `files` opens what others may
  have made. They import nothing.
- `reader` turns the bytes of a note into a tree, `extract` finds timelines and cards in trees, `tools` wraps
  programs and formats of others, `storage` knows folders and object stores. None of them knows another.
- `render` turns trees into markup, `workers` runs tasks, `config` reads settings, `request` describes a run.
- `vault` reads all notes and resolves links and times; `writers` turn a book into artifacts. The two meet in
  `pipeline`, because a writer is a pure function of its book.
- `pipeline` runs a build, `mux` writes chapters into media files, `push` sends decks to Anki, `review` asks about them.
- `api` and `cli` are two ways to call all of this, from Python and from a shell.
"""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import convert
from convert.cli.lazy import COMMANDS
from tests.support.needs import ROOT

PACKAGE = ROOT / "convert"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    ("document", "report", "errors", "version", "files"),
    ("installed", "tools", "storage", "reader", "extract"),
    ("readers", "render", "workers", "config", "request"),
    ("vault", "writers"),
    ("pipeline", "mux", "push", "review"),
    ("api", "cli"),
    ("__init__", "__main__"),
)
"""The parts of the package from the lowest layer to the highest; the module's docstring describes them."""

SEES: dict[str, set[str]] = {
    "document": set(),
    "report": set(),
    "errors": set(),
    "version": set(),
    "files": set(),
    "installed": {"version"},
    "tools": {"errors", "files"},
    "storage": {"document", "report", "errors", "files"},
    "reader": {"document", "report"},
    "extract": {"document", "report"},
    "readers": {"reader"},
    "render": {"document", "tools", "extract"},
    "workers": {"errors", "installed", "storage"},
    "config": {"errors", "files", "storage"},
    "request": {"document", "errors", "storage"},
    "vault": {"document", "report", "errors", "files", "installed", "tools", "storage", "reader", "workers", "request"},
    "writers": {"document", "report", "errors", "files", "version", "tools", "extract", "render"},
    "pipeline": {
        "document", "report", "errors", "files", "installed", "storage", "reader", "workers", "request", "vault",
        "writers",
    },
    "mux": {"document", "report", "errors", "files", "tools", "storage", "extract", "render", "request", "vault"},
    "push": {"document", "errors", "files", "storage", "vault", "writers"},
    "review": {"document", "report", "errors", "tools", "extract", "workers", "vault", "writers"},
    "api": {"errors", "reader", "request", "vault"},
    "cli": {
        "document", "report", "errors", "version", "files", "installed", "tools", "storage", "reader", "extract",
        "render", "workers", "config", "request", "vault", "writers", "pipeline", "mux", "push", "review",
    },
    "__init__": {"version", "request", "vault", "pipeline", "api"},
    "__main__": {"cli"},
}  # fmt: skip
"""What each part of the package may import, besides itself and the package's own `__init__`."""

HEAVY = {
    "av", "dask", "distributed", "ebooklib", "fsspec", "genanki", "latex2mathml", "lxml", "mutagen", "pikepdf",
    "pypandoc", "pysrt", "s3fs", "sqlite3", "tomlkit", "tomllib", "typst", "watchfiles",
}  # fmt: skip
"""Libraries that are loaded only by the commands that need them."""

NEEDED_BY_EPUB = {"ebooklib", "lxml", "typst"}
SPARED = (HEAVY - NEEDED_BY_EPUB) | {
    "convert.document.verdict", "convert.vault.verdicts",
    "email.message", "http.client", "importlib.metadata", "importlib.resources",
    "multiprocessing", "PIL", "pydantic", "rich", "ssl", "unittest", "urllib.request", "xml.etree.ElementTree",
    "xml.sax",
}  # fmt: skip
"""What building one EPUB must not load. Most of these were once loaded for a single name: `xml.sax.saxutils.escape`
loads an HTTP client, `importlib.metadata.version` a mail parser, and an option of typer all of pydantic."""


def parts(module: str) -> list[str]:
    """Split `convert.render.xhtml` into `["render", "xhtml"]`; the package itself is `["__init__"]`."""
    return module.split(".")[1:] or ["__init__"]


def module_name(path: Path) -> str:
    names = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" and len(names) > 1 else names)


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield the names of this package that a source imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "convert")
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: 1 - node.level or None]) if node.level else ""
            source = ".".join(filter(None, (base, node.module)))
            if source.split(".")[0] == "convert":
                yield from (f"{source}.{alias.name}" for alias in node.names)


def forbidden(source: str, module: str, is_package: bool = False) -> list[str]:
    """Return the imports of a module that point the wrong way."""
    own = parts(module)
    package = module if is_package else module.rpartition(".")[0]
    return [name for name in imported(ast.parse(source), package) if not may_import(own, parts(name))]


def may_import(own: list[str], other: list[str]) -> bool:
    if own[0] == "writers" == other[0]:
        return other[1:2] in (own[1:2], ["base"]) or len(own) == 1
    if other[0] not in SEES:
        return True  # a name of the package's own __init__, such as __version__
    return other[0] == own[0] or other[0] in SEES[own[0]]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    assert forbidden(path.read_text("utf-8"), module_name(path), path.name == "__init__.py") == []


def test_parts_see_lower_layers_only() -> None:
    layer = {part: number for number, parts_of_layer in enumerate(LAYERS) for part in parts_of_layer}
    assert layer.keys() == SEES.keys()
    assert [(part, seen) for part, all_seen in SEES.items() for seen in all_seen if layer[seen] >= layer[part]] == []


def test_parts_see_no_more_than_they_use() -> None:
    """`SEES` is the exact truth: a part that no longer imports another is not allowed to."""
    used: dict[str, set[str]] = {part: set() for part in SEES}
    for path in MODULES:
        name = module_name(path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = {parts(target)[0] for target in imported(ast.parse(path.read_text("utf-8")), package)}
        used[parts(name)[0]] |= found & SEES.keys() - {parts(name)[0]}
    assert used == SEES


def without_typing_imports(tree: ast.Module) -> ast.Module:
    """Remove the blocks `if TYPE_CHECKING:`, whose imports never run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return tree


def module_graph() -> dict[str, set[str]]:
    """Return the modules of the package that each module imports, at its top or in a function."""
    names = {module_name(path): path for path in MODULES}
    graph = {}
    for name, path in names.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = imported(without_typing_imports(ast.parse(path.read_text("utf-8"))), package)
        homes = (target if target in names else target.rpartition(".")[0] for target in found)
        graph[name] = {home for home in homes if home in names and home != name}
    return graph


def test_imports_have_no_circles() -> None:
    """Imports inside functions count too: they delay a circle and do not break it. CycleError names the circle."""
    TopologicalSorter(module_graph()).prepare()


PLUGS = (
    "convert.render.chapters",
    "convert.reader.formats",
    "convert.writers",
    "convert.cli",
)
"""The packages whose modules are looked up in a table: chapter formats, note formats, writers, commands."""

REASON = re.compile(r"\b(?:because|so that|on first use|must not|need not|knows? no|knows? nothing)\b")
"""Words that give a reason."""

MOST_SINGLES = 50
"""How many modules may have exactly one importer."""


def test_a_module_with_one_importer_is_a_plug_or_gives_its_reason() -> None:
    """Such a module usually belongs into the module that imports it: splitting one idea by length hides it.

    A plug is listed in its package's table. Others give a reason in their docstring: what must not load them, or what
    they need not know.
    """
    graph = module_graph()
    importers = Counter(target for targets in graph.values() for target in targets)
    paths = {module_name(path): path for path in MODULES if path.name != "__init__.py"}
    singles = sorted(name for name in paths if importers[name] == 1)
    assert len(singles) <= MOST_SINGLES, "\n".join(singles)
    others = [name for name in singles if name.rpartition(".")[0] not in PLUGS]
    docstrings = {name: ast.get_docstring(ast.parse(paths[name].read_text("utf-8"))) or "" for name in others}
    assert [name for name, text in docstrings.items() if not REASON.search(" ".join(text.split()))] == []


def test_the_guide_names_what_a_reader_may_import() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    line = re.search(r"^- It imports (.+) and the reader;", guide, re.MULTILINE)
    assert line is not None
    assert set(re.findall(r"`(\w+)`", line[1])) == SEES["reader"]


def test_every_part_is_known() -> None:
    assert {parts(module_name(path))[0] for path in MODULES} <= SEES.keys()


def test_no_module_has_the_name_of_an_exported_function() -> None:
    """`convert.build` is a function: a module of that name would replace it once it is imported."""
    modules = {module.name for module in pkgutil.iter_modules(convert.__path__)}
    assert modules & set(convert.__all__) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("convert.document.walk", "from convert.errors import UsageError"),
        ("convert.extract.timeline", "def f():\n    import convert.reader.tree_builder"),
        ("convert.writers.epub", "from convert.reader import read_bytes"),
        ("convert.writers.epub", "from convert.writers.pdf import x"),
        ("convert.writers.epub.cover", "from ..pdf import x"),
        ("convert.writers.epub", "from convert import pipeline"),
        ("convert.reader.tree_builder", "from ..vault import open_vault"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert forbidden(source, module)


def test_a_right_import_is_not_found() -> None:
    source = "from convert.writers.base import Artifact\nfrom .cover import draw\nfrom convert import __version__"
    assert forbidden(source, "convert.writers.epub.book") == []


LATE = {
    ("convert.cli.build", "convert.cli.push"): "only --push needs an HTTP client",
    (
        "convert.cli.check",
        "convert.writers.epub.devices",
    ): "most checks are of notes, not of finished books",
    ("convert.pipeline.fingerprint", "convert.vault.verdicts"): "only decks obey verdicts",
    ("convert.pipeline.run", "convert.vault.verdicts"): "only decks obey verdicts",
    ("convert.vault.pictures", "convert.tools.svg"): "loads lxml, and few notes have drawings",
    ("convert.workers.pool", "convert.workers.dask"): "loads Dask",
    ("convert.writers.anki", "convert.extract.cards"): "the command line asks for options of all writers",
    ("convert.writers.anki", "convert.writers.anki.deck"): "the command line asks for options of all writers",
    ("convert.writers.anki.deck", "convert.writers.anki.judged"): "few channels have verdicts",
    (
        "convert.writers.anki.deck",
        "convert.writers.anki.reading",
    ): "for decks of an earlier run only",
    ("convert.writers.epub", "convert.writers.epub.devices"): "only --device needs its patterns",
    ("convert.writers.epub", "convert.writers.epub.note_page"): "the command line asks for options of all writers",
    ("convert.writers.epub", "convert.writers.epub.package"): "loads EbookLib",
    ("convert.writers.epub.package", "convert.writers.epub.devices"): "only --device needs its patterns",
    ("convert.writers.html", "convert.writers.html.note_markup"): "the command line asks for options of all writers",
    ("convert.writers.html", "convert.writers.html.site"): "the command line asks for options of all writers",
    ("convert.writers.pdf", "convert.tools.typst_fonts"): "loads fontTools",
    ("convert.writers.pdf", "convert.writers.pdf.notes"): "the command line asks for options of all writers",
    ("convert.cli.progress", "convert.document.timecode"): "help loads what wraps and colours, but not the model",
    ("convert.writers.pdf", "convert.writers.pdf.volumes"): "loads pandoc and Typst",
}
"""Imports inside functions and why: (module, imported module). Commands are loaded by name (`COMMANDS`)."""


def test_modules_import_what_they_need_at_the_top() -> None:
    late = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for name in imported(node, "convert"):
                    late.add((module_name(path), name.rpartition(".")[0]))
    assert late == LATE.keys()


def prints(path: Path) -> list[int]:
    """Return the lines of a module that print. (A `..._child` answers its parent process on standard output.)"""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Name) and node.id == "print")
        or (
            isinstance(node, ast.Attribute)
            and node.attr in ("stdout", "stderr")
            and isinstance(node.value, ast.Name)
            and node.value.id == "sys"
        )
    ]


def test_only_the_command_line_prints() -> None:
    loud = ("cli", "__main__")
    silent = [p for p in MODULES if parts(module_name(p))[0] not in loud and not p.stem.endswith("_child")]
    assert {module_name(path): found for path in silent if (found := prints(path))} == {}


PURE = ("document", "extract", "render", "writers")
IMPURE = {"random", "secrets", "socket", "urllib.request", "http.client"}
CLOCKS = {
    "time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now",
    "date.today", "datetime.date.today", "uuid.uuid1", "uuid.uuid4", "os.urandom",
}  # fmt: skip


def impurities(path: Path) -> list[str]:
    """Return the modules and calls by which a source uses the clock, chance or the network."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in IMPURE]
        elif isinstance(node, ast.ImportFrom) and node.module in IMPURE:
            found.append(node.module or "")
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS:
            found.append(ast.unparse(node))
    return found


def test_writers_know_no_clock_no_chance_no_network() -> None:
    pure = (path for path in MODULES if parts(module_name(path))[0] in PURE)
    assert {module_name(path): found for path in pure if (found := impurities(path))} == {}


def test_files_stay_small() -> None:
    lengths = {module_name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize(
    "module", ["convert", "convert.cli", "convert.cli.build", "convert.cli.watch", "convert.writers"]
)
def test_start_up_loads_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert HEAVY.isdisjoint(run.stdout.split())


def loaded_by_run(*arguments: str) -> set[str]:
    """Run the command line and return the modules that it has loaded at its end."""
    lines = (
        "import sys, atexit",
        "atexit.register(lambda: print(*sys.modules))",
        "from convert.cli import main",
        f"sys.argv = {['notebind', *arguments]!r}",
        "main()",
    )
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


def test_one_epub_loads_only_what_it_needs(tmp_path: Path) -> None:
    note = tmp_path / "talks" / "a.md"
    note.parent.mkdir()
    note.write_text("---\ntitle: A\nvideoId: aaaaaaaaaaa\n---\n# A\n\nOne [00:00:10] and [more](#a).\n", "utf-8")
    loaded = loaded_by_run("build", str(note.parent), "--output", str(tmp_path / "out"), "--to", "epub", "--quiet")
    assert (tmp_path / "out" / "talks.epub").is_file()
    assert loaded >= NEEDED_BY_EPUB
    assert loaded & SPARED == set()


NOT_FOR_HELP = HEAVY | {"pydantic"} | {f"convert.{part}" for part in ("mux", "pipeline", "push", "reader", "vault")}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), *((name, "--help") for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded_by_run(*arguments) & NOT_FOR_HELP == set()


@pytest.mark.parametrize("command", [name for name, (options, *_) in COMMANDS.items() if options == "command_options"])
def test_help_of_small_commands_loads_only_options(command: str) -> None:
    """Commands that take no options of writers do not load them either."""
    rooms = {parts(name)[0] for name in loaded_by_run(command, "--help") if name.startswith("convert.")}
    assert rooms == {"cli", "errors", "files", "report", "storage", "version"}
